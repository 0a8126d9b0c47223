package lake

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"
	"github.com/google/uuid"

	"github.com/mulgil/mulgil/internal/base"
)

// NewTable is another program's wish for a table, in Iceberg's JSON.
type NewTable struct {
	Name     string            `json:"name"`
	Location string            `json:"location"`
	Schema   json.RawMessage   `json:"schema"`
	Spec     json.RawMessage   `json:"partition-spec"`
	Order    json.RawMessage   `json:"write-order"`
	Stage    bool              `json:"stage-create"`
	Props    map[string]string `json:"properties"`
}

// CreateDoc creates an empty table in a database. Field ids are given anew,
// from 1. A staged table is only described: its first commit creates it.
func (l *Lake) CreateDoc(ctx context.Context, db string, w NewTable) (Doc, error) {
	n := Name{db, w.Name}
	if err := n.check(); err != nil {
		return Doc{}, err
	}
	if !w.Stage {
		defer l.lock([]Name{n})()
	}
	if err := l.vacant(ctx, n); err != nil {
		return Doc{}, err
	}
	meta, err := l.newMetadata(ctx, n, w)
	if err != nil {
		return Doc{}, err
	}
	if w.Stage {
		body, err := json.Marshal(meta)
		return Doc{Name: n, Metadata: body}, err
	}
	commit := table.TableCommit{Identifier: n.ident(), Requirements: []table.Requirement{table.AssertCreate()}, Updates: making(meta)}
	err = l.cat.CommitWith(ctx, []table.TableCommit{commit}, func(tx *sql.Tx) error { return l.alsoNew(ctx, tx, n, meta.Location()) })
	if err != nil {
		return Doc{}, l.outcome(ctx, map[Name]string{n: ""}, fmt.Errorf("create table %s: %w", n, err))
	}
	return l.LoadDoc(ctx, n)
}

// alsoNew checks within the transaction that makes table n, at dir, that its
// name and folder are its own.
func (l *Lake) alsoNew(ctx context.Context, tx *sql.Tx, n Name, dir string) error {
	if err := vacantView(ctx, tx, n); err != nil {
		return err
	}
	ptrs, err := l.cat.Pointers(ctx, tx)
	if err != nil {
		return err
	}
	return l.checkApart(ptrs, []*target{{Target: Target{Table: n}, dir: plainPath(dir)}})
}

// making lists the changes that turn nothing into meta.
func making(meta table.Metadata) []table.Update {
	spec, order := meta.PartitionSpec(), meta.SortOrder()
	return []table.Update{
		table.NewAssignUUIDUpdate(meta.TableUUID()), table.NewUpgradeFormatVersionUpdate(meta.Version()), table.NewSetLocationUpdate(meta.Location()),
		table.NewAddSchemaUpdate(meta.CurrentSchema()), table.NewSetCurrentSchemaUpdate(-1),
		table.NewAddPartitionSpecUpdate(&spec, true), table.NewSetDefaultSpecUpdate(-1),
		table.NewAddSortOrderUpdate(&order), table.NewSetDefaultSortOrderUpdate(-1),
		table.NewSetPropertiesUpdate(meta.Properties()),
	}
}

func (l *Lake) newMetadata(ctx context.Context, n Name, w NewTable) (table.Metadata, error) {
	if v := w.Props[table.PropertyFormatVersion]; v != "" && v != "2" {
		got, _ := strconv.Atoi(v)
		return nil, otherFormat(got)
	}
	f, err := l.newFence(ctx, n, "")
	if err != nil {
		return nil, err
	}
	if err := checkProperties(f, w.Props, nil); err != nil {
		return nil, err
	}
	dir := ""
	if w.Location == "" {
		dir = l.freeFolder(n)
	} else if dir, err = f.location(w.Location); err != nil {
		return nil, err
	}
	schema, spec, order, err := w.decode()
	if err != nil {
		return nil, base.Errorf(base.Invalid, "create table %s: %w", n, err)
	}
	if _, err := FieldsOf(schema); err != nil {
		return nil, err
	}
	meta, err := table.NewMetadata(schema, spec, order, dir, l.newProperties(n, w.Props))
	if err != nil {
		return nil, base.Errorf(base.Invalid, "create table %s: %w", n, err)
	}
	return meta, nil
}

// newProperties adds to a client's what the lake wants of every table.
func (l *Lake) newProperties(n Name, theirs map[string]string) iceberg.Properties {
	p := iceberg.Properties{
		table.MetadataDeleteAfterCommitEnabledKey: "true",
		table.MetadataPreviousVersionsMaxKey:      "100",
	}
	maps.Copy(p, theirs)
	p[propTable] = n.String()
	p[propCreated] = strconv.FormatInt(l.clock.Now().UnixMilli(), 10)
	return p
}

// freeFolder is the folder of a new table: the one its name says, or one
// beside it if the files of an earlier table of that name are still there.
func (l *Lake) freeFolder(n Name) string {
	dir := filepath.Join(l.root, n.Database, n.Table)
	if _, err := os.Lstat(dir); err != nil {
		return dir
	}
	return dir + "-" + uuid.NewString()[:8]
}

func (w NewTable) decode() (*iceberg.Schema, *iceberg.PartitionSpec, table.SortOrder, error) {
	order := table.UnsortedSortOrder
	if len(w.Schema) == 0 {
		return nil, nil, order, fmt.Errorf("there is no schema")
	}
	if err := w.fromOne(); err != nil {
		return nil, nil, order, err
	}
	var schema *iceberg.Schema
	if err := json.Unmarshal(w.Schema, &schema); err != nil || schema == nil {
		return nil, nil, order, fmt.Errorf("read schema: %w", err)
	}
	spec := iceberg.UnpartitionedSpec
	if len(w.Spec) > 0 && !isNull(w.Spec) {
		var s iceberg.PartitionSpec
		if err := json.Unmarshal(w.Spec, &s); err != nil {
			return nil, nil, order, fmt.Errorf("read partition spec: %w", err)
		}
		spec = &s
	}
	if len(w.Order) > 0 && !isNull(w.Order) {
		var o table.SortOrder
		if err := json.Unmarshal(w.Order, &o); err != nil {
			return nil, nil, order, fmt.Errorf("read sort order: %w", err)
		}
		order = o
	}
	return schema, spec, order, nil
}

func isNull(b []byte) bool { return bytes.Equal(bytes.TrimSpace(b), []byte("null")) }

// fieldKeys are the members of schema JSON that hold a field's id.
var fieldKeys = map[string]bool{"id": true, "element-id": true, "key-id": true, "value-id": true}

// fromOne adds 1 to every field id if they count from 0, as Java clients do:
// iceberg-go reads 0 as no id.
func (w *NewTable) fromOne() error {
	zero := false
	_, err := mapNumbers(w.Schema, func(key string, v int64) int64 {
		zero = zero || fieldKeys[key] && v == 0
		return v
	})
	if err != nil || !zero {
		return err
	}
	inc := func(key string, v int64) int64 {
		if fieldKeys[key] || key == "source-id" || key == "source-ids" || key == "identifier-field-ids" {
			return v + 1
		}
		return v
	}
	for _, part := range []*json.RawMessage{&w.Schema, &w.Spec, &w.Order} {
		if len(*part) == 0 {
			continue
		}
		if *part, err = mapNumbers(*part, inc); err != nil {
			return err
		}
	}
	return nil
}

// mapNumbers passes every whole number of a JSON text, with the key it stands
// under, through f.
func mapNumbers(text []byte, f func(key string, v int64) int64) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	return json.Marshal(numbers("", v, f))
}

func numbers(key string, v any, f func(string, int64) int64) any {
	switch x := v.(type) {
	case map[string]any:
		for k, c := range x {
			x[k] = numbers(k, c, f)
		}
	case []any:
		for i, c := range x {
			x[i] = numbers(key, c, f)
		}
	case json.Number:
		if i, err := x.Int64(); err == nil {
			return json.Number(strconv.FormatInt(f(key, i), 10))
		}
	}
	return v
}

// pathProperties are table properties that name a folder to write to.
var pathProperties = []string{"write.data.path", "write.metadata.path", "write.object-storage.path", "write.folder-storage.path"}

// checkProperties refuses folders outside the fence and changes to what is the
// lake's own; have are the table's properties now.
func checkProperties(f *fence, set, have map[string]string) error {
	for _, k := range pathProperties {
		if v, ok := set[k]; ok {
			if _, err := f.path(strings.TrimRight(v, "/")); err != nil {
				return base.Errorf(base.Invalid, "property %s: %w", k, err)
			}
		}
	}
	for k, v := range set {
		if was, ok := have[k]; strings.HasPrefix(k, "mulgil.") && k != propTable && k != propCreated && (!ok || was != v) {
			return base.Errorf(base.Invalid, "property %s belongs to mulgil", k)
		}
	}
	return nil
}
