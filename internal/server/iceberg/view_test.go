package iceberg_test

import (
	"encoding/json"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
)

func viewBody(name, sql string, more obj) obj {
	b := obj{"name": name, "schema": json.RawMessage(`{"type":"struct","schema-id":0,"fields":[{"id":1,"name":"n","required":false,"type":"long"}]}`), "properties": obj{"comment": "보기"},
		"view-version": obj{"version-id": 1, "timestamp-ms": 1, "schema-id": 0, "summary": obj{"engine-name": "spark"}, "default-namespace": []string{"은"},
			"representations": []obj{{"type": "sql", "sql": sql, "dialect": "spark"}}}}
	for k, v := range more {
		b[k] = v
	}
	return b
}

func TestViews(t *testing.T) {
	w := newWorld(t)
	w.namespace()
	w.create("t", nil)
	out := w.want(200, "", "POST", ns+"/views", viewBody("v", "SELECT 1 AS n", nil))
	meta := out["metadata"]
	w.equal("sql", at(meta, "versions", 0, "representations", 0, "sql"), "SELECT 1 AS n")
	w.equal("location", at(meta, "location"), w.root+"/은/v")
	w.want(409, "AlreadyExistsException", "POST", ns+"/views", viewBody("v", "SELECT 2 AS n", nil))
	w.want(409, "AlreadyExistsException", "POST", ns+"/views", viewBody("T", "SELECT 2 AS n", nil)) // a table, in SQL
	w.want(409, "AlreadyExistsException", "POST", ns+"/tables", body("v", nil))
	w.want(404, "NoSuchNamespaceException", "POST", "/namespaces/none/views", viewBody("v", "SELECT 1", nil))
	w.want(400, "BadRequestException", "POST", ns+"/views", viewBody("w", "SELECT 1", obj{"location": "/etc"}))
	w.want(400, "BadRequestException", "POST", ns+"/views", obj{"name": "w"})
	w.equal("views", w.want(200, "", "GET", ns+"/views", nil)["identifiers"], []obj{{"namespace": []string{"은"}, "name": "v"}})
	w.equal("tables", w.want(200, "", "GET", ns+"/tables", nil)["identifiers"], []obj{{"namespace": []string{"은"}, "name": "t"}})
	w.want(204, "", "HEAD", ns+"/views/v", nil)
	w.want(404, "", "HEAD", ns+"/views/t", nil)
	w.want(404, "NoSuchViewException", "GET", ns+"/views/t", nil)
	w.want(404, "NoSuchTableException", "GET", ns+"/tables/v", nil)

	replace := obj{"requirements": []obj{{"type": "assert-view-uuid", "uuid": at(meta, "view-uuid")}},
		"updates": []obj{{"action": "add-view-version", "view-version": obj{"version-id": 2, "timestamp-ms": 2, "schema-id": 0, "summary": obj{"engine-name": "spark"}, "default-namespace": []string{"은"},
			"representations": []obj{{"type": "sql", "sql": "SELECT 3 AS n", "dialect": "spark"}}}}, {"action": "set-current-view-version", "view-version-id": -1}}}
	out = w.want(200, "", "POST", ns+"/views/v", replace)
	w.equal("version", at(out, "metadata", "current-version-id"), 2)
	replace["requirements"] = []obj{{"type": "assert-view-uuid", "uuid": "9c12d441-03fe-4693-9a96-a0705ddf69c1"}}
	w.want(409, "CommitFailedException", "POST", ns+"/views/v", replace)
	w.want(400, "BadRequestException", "POST", ns+"/views/v", obj{"updates": []obj{{"action": "set-location", "location": "/etc"}}})
	w.want(404, "NoSuchViewException", "POST", ns+"/views/none", replace)

	rename := func(from, to string) obj {
		return obj{"source": obj{"namespace": []string{"은"}, "name": from}, "destination": obj{"namespace": []string{"은"}, "name": to}}
	}
	w.want(409, "AlreadyExistsException", "POST", "/views/rename", rename("v", "t"))
	w.want(404, "NoSuchViewException", "POST", "/views/rename", rename("none", "x"))
	w.want(204, "", "POST", "/views/rename", rename("v", "본"))
	w.want(204, "", "DELETE", ns+"/tables/t", nil)
	w.want(409, "NamespaceNotEmptyException", "DELETE", ns, nil)
	w.want(204, "", "DELETE", ns+"/views/%EB%B3%B8", nil)
	w.want(404, "NoSuchViewException", "DELETE", ns+"/views/%EB%B3%B8", nil)
	w.want(204, "", "DELETE", ns, nil)
}

func TestViewsOfBothSidesAreOne(t *testing.T) {
	w := newWorld(t)
	w.namespace()
	ctx := t.Context()
	d := lake.ViewDef{Name: lake.Name{Database: "은", Table: "합계"}, SQL: "SELECT 1 AS n", Comment: "설명", Catalog: "awsdatacatalog", Schema: "은",
		Fields: []base.Field{{Name: "n", Type: base.Type{ID: base.Long}}}}
	w.ok(w.lake.PutView(ctx, d, false))
	if err := w.lake.PutView(ctx, d, false); base.KindOf(err) != base.Exists {
		t.Fatal(err)
	}
	d.SQL = "SELECT 2 AS n"
	w.ok(w.lake.PutView(ctx, d, true))
	out := w.want(200, "", "GET", ns+"/views/%ED%95%A9%EA%B3%84", nil)
	w.equal("versions", len(at(out, "metadata", "versions").([]any)), 2)
	got, err := w.lake.View(ctx, lake.Name{Database: "은", Table: "합계"})
	w.ok(err)
	w.equal("view", []any{got.SQL, got.Comment, got.Schema, got.Catalog, got.Fields[0].Name, got.Dialects}, []any{"SELECT 2 AS n", "설명", "은", "awsdatacatalog", "n", []string{"trino"}})
	w.want(200, "", "POST", ns+"/views", viewBody("Spark", "SELECT 1 AS n", nil))
	got, err = w.lake.View(ctx, lake.Name{Database: "은", Table: "spark"}) // any case
	w.ok(err)
	w.equal("a view of Spark's only", []any{got.SQL, got.Dialects}, []any{"", []string{"spark"}})
	if _, err := w.lake.View(ctx, lake.Name{Database: "은", Table: "Sprak"}); base.KindOf(err) != base.NotFound {
		t.Fatal(err)
	}
	w.ok(w.lake.DropView(ctx, d.Name))
}
