package iceberg_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	ice "github.com/apache/iceberg-go"
	icebergio "github.com/apache/iceberg-go/io"
	icetable "github.com/apache/iceberg-go/table"

	"github.com/mulgil/mulgil/internal/connector/sqlite"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/server/iceberg"
)

type world struct {
	t      *testing.T
	dir    string // holds the lake's root and things outside it
	root   string
	lake   *lake.Lake
	events []string // what the lake did to files
	hook   func(step string) error
	url    string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir()}
	w.root = filepath.Join(w.dir, "lake")
	observe := func(event, path string) { w.events = append(w.events, event+" "+path) }
	store, err := sqlite.OpenStore(filepath.Join(w.dir, "catalog.db"))
	w.ok(err)
	t.Cleanup(func() { store.Close() })
	cat, err := sqlite.NewCatalog(t.Context(), store, "mulgil", lake.NewIO(observe))
	w.ok(err)
	w.lake, err = lake.Open(t.Context(), lake.Options{Root: w.root, Store: store, Catalog: cat, StartID: "1", Observe: observe,
		Hook: func(step string) error {
			w.events = append(w.events, "step "+step)
			if w.hook != nil {
				return w.hook(step)
			}
			return nil
		}})
	w.ok(err)
	t.Cleanup(func() { w.lake.Close() })
	ts := httptest.NewServer(iceberg.New(iceberg.Options{Lake: w.lake, Project: "가게", Knows: func(s string) bool { return s == "secret" }}))
	t.Cleanup(ts.Close)
	w.url = ts.URL + "/iceberg/v1"
	return w
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

type obj = map[string]any

// do sends a request and returns status and body.
func (w *world) do(method, path string, body any) (int, obj) {
	w.t.Helper()
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		in = strings.NewReader(b)
	default:
		text, err := json.Marshal(b)
		w.ok(err)
		in = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.url+path, in)
	w.ok(err)
	r.Header.Set("Authorization", "Bearer secret")
	resp, err := http.DefaultClient.Do(r)
	w.ok(err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	w.ok(err)
	if len(text) == 0 {
		return resp.StatusCode, nil
	}
	var out obj
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&out); err != nil {
		w.t.Fatalf("%s %s: %s", method, path, text)
	}
	return resp.StatusCode, out
}

// want sends a request that must get a status, and for a failure the type.
func (w *world) want(status int, typ, method, path string, body any) obj {
	w.t.Helper()
	got, out := w.do(method, path, body)
	text, _ := json.Marshal(out)
	if got != status || typ != "" && at(out, "error", "type") != typ {
		w.t.Fatalf("%s %s: %d %s, want %d %s", method, path, got, text, status, typ)
	}
	if typ != "" && (fmt.Sprint(at(out, "error", "code")) != fmt.Sprint(status) || at(out, "error", "message") == "") {
		w.t.Fatalf("%s %s: error model %s", method, path, text)
	}
	return out
}

// at follows keys into objects and lists.
func at(v any, keys ...any) any {
	for _, k := range keys {
		switch k := k.(type) {
		case string:
			m, _ := v.(obj)
			v = m[k]
		case int:
			l, _ := v.([]any)
			if k >= len(l) {
				return nil
			}
			v = l[k]
		}
	}
	return v
}

func (w *world) equal(what string, got, want any) {
	w.t.Helper()
	a, _ := json.Marshal(got)
	b, _ := json.Marshal(want)
	if !bytes.Equal(a, b) {
		w.t.Fatalf("%s: %s, want %s", what, a, b)
	}
}

// schema counts fields from 0, as Java's clients do.
const schema = `{"type":"struct","schema-id":0,"identifier-field-ids":[0],"fields":[{"id":0,"name":"id","required":true,"type":"long"},{"id":1,"name":"지역","required":false,"type":"string","doc":"어디"},
	{"id":2,"name":"tags","required":false,"type":{"type":"list","element-id":3,"element":"string","element-required":false}}]}`

func body(name string, more obj) obj {
	b := obj{"name": name, "schema": json.RawMessage(schema)}
	for k, v := range more {
		b[k] = v
	}
	return b
}

func (w *world) namespace() {
	w.t.Helper()
	w.want(200, "", "POST", "/namespaces", obj{"namespace": []string{"은"}, "properties": obj{"owner": "분석팀"}})
}

const ns = "/namespaces/%EC%9D%80" // 은

// create makes a table and returns its location.
func (w *world) create(name string, more obj) string {
	w.t.Helper()
	return at(w.want(200, "", "POST", ns+"/tables", body(name, more)), "metadata", "location").(string)
}

// append is a client's append of one file with the given ids.
func (w *world) append(name string, ids ...int64) (path string, commit obj) {
	w.t.Helper()
	doc := w.want(200, "", "GET", ns+"/tables/"+url.PathEscape(name), nil)
	path = filepath.Join(at(doc, "metadata", "location").(string), "data", fmt.Sprintf("f%d.parquet", ids[0]))
	w.writeFile(path, ids)
	return path, w.appendNamed(name, path)
}

// appendNamed is a client's append of the file at path, wherever that is.
func (w *world) appendNamed(name, path string) obj {
	w.t.Helper()
	doc := w.want(200, "", "GET", ns+"/tables/"+url.PathEscape(name), nil)
	text, err := json.Marshal(doc["metadata"])
	w.ok(err)
	meta, err := icetable.ParseMetadataBytes(text)
	w.ok(err)
	b, err := ice.NewDataFileBuilder(meta.PartitionSpec(), ice.EntryContentData, path, ice.ParquetFile, nil, nil, nil, 1, 1000)
	w.ok(err)
	return w.transaction(meta, doc["metadata-location"].(string), func(tx *icetable.Transaction) error {
		return tx.AddDataFiles(context.Background(), []ice.DataFile{b.Build()}, nil, icetable.WithoutAutoNameMapping())
	})
}

// transaction makes the commit of a change as a client's library does.
func (w *world) transaction(meta icetable.Metadata, location string, change func(*icetable.Transaction) error) obj {
	w.t.Helper()
	fs := lake.NewIO(nil)(meta.Location())
	tx := icetable.New([]string{"은", "t"}, meta, location, func(context.Context) (icebergio.IO, error) { return fs, nil }, nil).NewTransaction()
	w.ok(change(tx))
	c, err := tx.TableCommit()
	w.ok(err)
	return obj{"requirements": c.Requirements, "updates": c.Updates}
}

func (w *world) writeFile(path string, ids []int64) {
	w.t.Helper()
	w.ok(os.MkdirAll(filepath.Dir(path), 0o755))
	sc := arrow.NewSchema([]arrow.Field{{Name: "id", Type: arrow.PrimitiveTypes.Int64, Metadata: arrow.NewMetadata([]string{"PARQUET:field_id"}, []string{"1"})}}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, sc)
	b.Field(0).(*array.Int64Builder).AppendValues(ids, nil)
	rec := b.NewRecord()
	defer rec.Release()
	f, err := os.Create(path)
	w.ok(err)
	pw, err := pqarrow.NewFileWriter(sc, f, parquet.NewWriterProperties(), pqarrow.NewArrowWriterProperties())
	w.ok(err)
	w.ok(pw.Write(rec))
	w.ok(pw.Close())
}

// planned are the files a query would read.
func (w *world) planned(name string) []string {
	w.t.Helper()
	n := lake.Name{Database: "은", Table: name}
	v, err := w.lake.Pin(w.t.Context(), []lake.Name{n})
	w.ok(err)
	defer v.Release()
	s, err := v.Scan(w.t.Context(), n, nil)
	w.ok(err)
	var out []string
	for _, f := range s.Files {
		out = append(out, filepath.Base(f.Path))
	}
	return out
}

func TestOnlyTheTokenOpensTheCatalog(t *testing.T) {
	w := newWorld(t)
	for _, header := range []string{"", "Bearer wrong", "Basic c2VjcmV0"} {
		r, _ := http.NewRequest("GET", w.url+"/config", nil)
		r.Header.Set("Authorization", header)
		resp, err := http.DefaultClient.Do(r)
		w.ok(err)
		text, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != 401 || !strings.Contains(string(text), "NotAuthorizedException") {
			t.Errorf("%q: %d %s", header, resp.StatusCode, text)
		}
	}
	form := func(v url.Values) (int, string) {
		resp, err := http.PostForm(w.url+"/oauth/tokens", v)
		w.ok(err)
		defer resp.Body.Close()
		text, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(text)
	}
	if code, text := form(url.Values{"grant_type": {"client_credentials"}, "client_id": {"x"}, "client_secret": {"secret"}}); code != 200 || !strings.Contains(text, `"access_token":"secret"`) {
		t.Errorf("login: %d %s", code, text)
	}
	if code, text := form(url.Values{"grant_type": {"client_credentials"}, "client_secret": {"wrong"}}); code != 401 || !strings.Contains(text, "invalid_client") {
		t.Errorf("wrong login: %d %s", code, text)
	}
	if code, text := form(url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:token-exchange"}, "subject_token": {"secret"}}); code != 200 {
		t.Errorf("exchange: %d %s", code, text)
	}
	if code, text := form(url.Values{"grant_type": {"password"}}); code != 400 || !strings.Contains(text, "unsupported_grant_type") {
		t.Errorf("other grant: %d %s", code, text)
	}
}

func TestConfigNamesTheWarehouseAndEndpoints(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"", "mulgil", "가게", "AwsDataCatalog", w.root, "file://" + w.root + "/"} {
		out := w.want(200, "", "GET", "/config?warehouse="+url.QueryEscape(name), nil)
		if list, _ := out["endpoints"].([]any); len(list) < 20 {
			t.Fatalf("endpoints %v", list)
		}
	}
	w.want(404, "NoSuchWarehouseException", "GET", "/config?warehouse=other", nil)
	w.want(404, "UnsupportedOperationException", "GET", "/nothing", nil)
	w.want(200, "", "GET", "/mulgil/namespaces", nil) // with a prefix
}

func TestNamespaces(t *testing.T) {
	w := newWorld(t)
	w.namespace()
	w.want(409, "AlreadyExistsException", "POST", "/namespaces", obj{"namespace": []string{"은"}})
	w.want(400, "BadRequestException", "POST", "/namespaces", obj{"namespace": []string{"a", "b"}})
	w.want(400, "BadRequestException", "POST", "/namespaces", obj{"namespace": []string{"a/../b"}})
	w.want(400, "BadRequestException", "POST", "/namespaces", obj{"namespace": []string{"c"}, "properties": obj{"location": "/etc"}})
	w.want(400, "BadRequestException", "POST", "/namespaces", "not JSON")
	out := w.want(200, "", "GET", ns, nil)
	w.equal("namespace", out, obj{"namespace": []string{"은"}, "properties": obj{"owner": "분석팀"}})
	w.want(204, "", "HEAD", ns, nil)
	w.want(404, "NoSuchNamespaceException", "GET", "/namespaces/none", nil)
	w.want(404, "NoSuchNamespaceException", "GET", "/namespaces/a%1Fb", nil)
	w.want(404, "", "HEAD", "/namespaces/none", nil)
	out = w.want(200, "", "POST", ns+"/properties", obj{"removals": []string{"owner", "none"}, "updates": obj{"단계": "은"}})
	w.equal("changed", out, obj{"updated": []string{"단계"}, "removed": []string{"owner"}, "missing": []string{"none"}})
	w.want(422, "UnprocessableEntityException", "POST", ns+"/properties", obj{"removals": []string{"k"}, "updates": obj{"k": "v"}})
	w.want(400, "BadRequestException", "POST", ns+"/properties", obj{"updates": obj{"location": w.root + "/../x"}})
	w.want(404, "NoSuchNamespaceException", "POST", "/namespaces/none/properties", obj{"updates": obj{"k": "v"}})
	w.create("t", nil)
	w.want(409, "NamespaceNotEmptyException", "DELETE", ns, nil)
	w.want(204, "", "DELETE", ns+"/tables/t", nil)
	w.want(204, "", "DELETE", ns, nil)
	w.want(404, "NoSuchNamespaceException", "DELETE", ns, nil)
}

func TestListsComeInPages(t *testing.T) {
	w := newWorld(t)
	w.namespace()
	for i := range 5 {
		w.want(200, "", "POST", "/namespaces", obj{"namespace": []string{fmt.Sprint("n", i)}})
		w.create(fmt.Sprint("t", i), nil)
	}
	w.equal("all", len(w.want(200, "", "GET", "/namespaces", nil)["namespaces"].([]any)), 6)
	w.equal("children", w.want(200, "", "GET", "/namespaces?parent=n1", nil)["namespaces"], []string{})
	w.want(404, "NoSuchNamespaceException", "GET", "/namespaces?parent=none", nil)
	var names []string
	for path, token := ns+"/tables?pageSize=2&pageToken=", ""; ; {
		out := w.want(200, "", "GET", path+token, nil)
		list := out["identifiers"].([]any)
		for _, x := range list {
			names = append(names, at(x, "name").(string))
		}
		if len(names) == 2 { // what comes and goes before the next page moves nothing
			w.want(204, "", "DELETE", ns+"/tables/t1", nil)
			w.create("a", nil)
		}
		next, more := out["next-page-token"].(string)
		if !more {
			break
		}
		token = next
	}
	w.equal("pages", names, []string{"t0", "t1", "t2", "t3", "t4"})
	w.want(400, "BadRequestException", "GET", "/namespaces?pageToken=%21", nil)
	w.want(400, "BadRequestException", "GET", "/namespaces?pageSize=0&pageToken=", nil)
	w.want(404, "NoSuchNamespaceException", "GET", "/namespaces/none/tables", nil)
}

func TestTableIsCreatedWithIDsFromOne(t *testing.T) {
	w := newWorld(t)
	w.namespace()
	out := w.want(200, "", "POST", ns+"/tables", body("주문", obj{"properties": obj{"k": "v"},
		"partition-spec": obj{"spec-id": 0, "fields": []obj{{"source-id": 1, "field-id": 1000, "transform": "identity", "name": "region"}, {"source-id": 0, "field-id": 1001, "transform": "bucket[4]", "name": "id_bucket"}}},
		"write-order":    obj{"order-id": 1, "fields": []obj{{"source-id": 0, "transform": "identity", "direction": "asc", "null-order": "nulls-first"}}}}))
	meta := out["metadata"]
	w.equal("location", at(meta, "location"), w.root+"/은/주문")
	w.equal("ids", []any{at(meta, "schemas", 0, "fields", 0, "id"), at(meta, "schemas", 0, "fields", 1, "id"), at(meta, "schemas", 0, "identifier-field-ids", 0)}, []int{1, 2, 1})
	w.equal("sources", []any{at(meta, "partition-specs", 0, "fields", 0, "source-id"), at(meta, "partition-specs", 0, "fields", 1, "source-id"), at(meta, "sort-orders", 0, "fields", 0, "source-id")}, []int{2, 1, 1})
	w.equal("one of each", []int{len(at(meta, "schemas").([]any)), len(at(meta, "partition-specs").([]any)), len(at(meta, "sort-orders").([]any))}, []int{1, 1, 1})
	w.equal("property", at(meta, "properties", "k"), "v")
	if loc := out["metadata-location"].(string); !strings.HasPrefix(loc, w.root+"/은/주문/metadata/00000-") {
		t.Fatal(loc)
	} else if _, err := os.Stat(loc); err != nil {
		t.Fatal(err)
	}
	path := ns + "/tables/" + url.PathEscape("주문")
	w.equal("loaded", w.want(200, "", "GET", path, nil)["metadata"], meta)
	w.want(204, "", "HEAD", path, nil)
	w.want(404, "", "HEAD", ns+"/tables/none", nil)
	w.want(404, "NoSuchTableException", "GET", ns+"/tables/none", nil)
	w.want(404, "NoSuchTableException", "GET", "/namespaces/a%1Fb/tables/snapshots", nil) // Spark means a metadata table
	w.want(409, "AlreadyExistsException", "POST", ns+"/tables", body("주문", nil))
	w.want(404, "NoSuchNamespaceException", "POST", "/namespaces/none/tables", body("t", nil))
	w.want(400, "BadRequestException", "POST", ns+"/tables", body("a.b", nil))
	w.want(400, "BadRequestException", "POST", ns+"/tables", obj{"name": "t"})
	w.want(400, "BadRequestException", "POST", ns+"/tables", body("t", obj{"properties": obj{"format-version": "3"}}))
	w.want(400, "BadRequestException", "POST", ns+"/tables", body("t", obj{"partition-spec": obj{"spec-id": 0, "fields": []obj{{"source-id": 77, "transform": "identity", "name": "x"}}}}))
	w.want(204, "", "POST", path+"/metrics", obj{"report-type": "scan-report"})
}
