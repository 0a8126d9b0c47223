package query

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/duckdb"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// viewTypes is the property that keeps a view's column types in Trino's words:
// the catalog's own cannot tell varchar(3) from varchar.
const viewTypes = "mulgil.column-types"

// createView binds the query first: a view that cannot be read is not made.
func (a *athena) createView(ctx context.Context, st *trino.CreateView) (*Outcome, error) {
	if trino.Params(st.Query) > 0 {
		return nil, a.at(st, "NOT_SUPPORTED", "a view cannot have parameters")
	}
	name, taken, err := a.newName(ctx, st.Name)
	if err != nil {
		return nil, err
	}
	if taken != nil {
		if taken.view == nil || !st.OrReplace {
			return nil, a.exists(st.Name, taken)
		}
		name = taken.view.Name
	}
	def, err := a.viewDef(ctx, st, name)
	if err != nil {
		return nil, a.placed(st.Query, err)
	}
	err = a.s.o.Lake.PutView(ctx, def, st.OrReplace)
	if base.KindOf(err) == base.Exists {
		err = a.at(st.Name, "TABLE_ALREADY_EXISTS", "table or view already exists: %s", name)
	}
	a.w.running()
	return a.done("CREATE VIEW", err)
}

func (a *athena) viewDef(ctx context.Context, st *trino.CreateView, name lake.Name) (lake.ViewDef, error) {
	c, err := a.s.catalogFor(ctx, a.req.Session, st.Query)
	if err != nil {
		return lake.ViewDef{}, err
	}
	defer c.release()
	p, err := duckdb.Bind(a.sql, st.Query, c.options(athenaText{session: a.req.Session, user: a.req.Session.User}))
	if err != nil {
		return lake.ViewDef{}, err
	}
	for key := range c.found {
		if strings.EqualFold(key, strings.Join([]string{strings.ToLower(Catalog), name.Database, name.Table}, "\x00")) {
			return lake.ViewDef{}, a.at(st.Name, "VIEW_IS_RECURSIVE", "statement would create a recursive view")
		}
	}
	def := lake.ViewDef{Name: name, SQL: st.Text, Catalog: c.catalog, Schema: c.schema, Comment: st.Comment, Properties: map[string]string{}}
	if err := p.Named(); err != nil {
		return def, err
	}
	var names []string
	for _, col := range p.Columns {
		def.Fields = append(def.Fields, base.Field{Name: strings.ToLower(col.Name), Type: shownType(col.Type)})
		names = append(names, col.Type.String())
	}
	text, err := json.Marshal(names)
	def.Properties[viewTypes] = string(text)
	return def, err
}

// shownType is a view's column type in the catalog's words, text where it has none.
func shownType(t types.Type) base.Type {
	if bt, err := duckdb.BaseType(t, duckdb.Iceberg); err == nil {
		return bt
	}
	return base.Type{ID: base.String}
}

// viewColumns are a view's columns as they were when it was made.
func viewColumns(v lake.ViewDef) []duckdb.Column {
	var names []string
	if json.Unmarshal([]byte(v.Properties[viewTypes]), &names) != nil || len(names) != len(v.Fields) {
		return icebergColumns(v.Fields)
	}
	out := icebergColumns(v.Fields)
	for i, n := range names {
		if t, err := types.Parse(n); err == nil {
			out[i].Type = t
		}
	}
	return out
}

// dropView removes a view.
func (a *athena) dropView(ctx context.Context, st *trino.Drop) (*Outcome, error) {
	f, err := a.target(ctx, st.Name)
	switch {
	case err != nil && st.IfExists && base.KindOf(err) == base.NotFound:
		return a.done("DROP VIEW", nil)
	case err != nil:
		if base.CodeOf(err) == "TABLE_NOT_FOUND" {
			return nil, a.at(st.Name, "TABLE_NOT_FOUND", "view does not exist: %s", st.Name).WithHint("%s", hint(err))
		}
		return nil, err
	case f.view == nil:
		return nil, a.at(st.Name, "NOT_SUPPORTED", "%s is a table, not a view", f.name).WithHint("write DROP TABLE")
	}
	return a.done("DROP VIEW", a.s.o.Lake.DropView(ctx, f.view.Name))
}
