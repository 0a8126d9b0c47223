package query

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/duckdb"
)

// show answers SHOW and DESCRIBE in Trino's grammar.
func (a *athena) show(ctx context.Context, st *trino.Show) (*Outcome, error) {
	match, err := a.pattern(st)
	if err != nil {
		return nil, err
	}
	dir := a.s.directory(ctx)
	defer dir.close()
	switch st.What {
	case "catalogs":
		return a.list("Catalog", dir.catalogs(), match)
	case "schemas":
		return a.showSchemas(dir, st, match)
	case "tables":
		return a.showTables(dir, st, match)
	case "columns":
		return a.showColumns(dir, st, match)
	case "functions":
		return a.showFunctions(match)
	case "session":
		return a.showSession(match)
	case "create view", "create table":
		return a.showCreate(ctx, st)
	}
	return nil, a.at(st, "NOT_SUPPORTED", "SHOW %s is not supported", strings.ToUpper(st.What))
}

// pattern is the LIKE of a SHOW as a test of names.
func (a *athena) pattern(st *trino.Show) (func(string) bool, error) {
	if !st.HasLike {
		return func(string) bool { return true }, nil
	}
	var re strings.Builder
	re.WriteString("(?s)^")
	esc := []rune(st.Escape)
	runes := []rune(st.Like)
	for i := 0; i < len(runes); i++ {
		switch r := runes[i]; {
		case len(esc) == 1 && r == esc[0] && i+1 < len(runes):
			i++
			re.WriteString(regexp.QuoteMeta(string(runes[i])))
		case r == '%':
			re.WriteString(".*")
		case r == '_':
			re.WriteString(".")
		default:
			re.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	c, err := regexp.Compile(re.String() + "$")
	if err != nil {
		return nil, a.at(st, "INVALID_FUNCTION_ARGUMENT", "pattern %q cannot be read", st.Like)
	}
	return c.MatchString, nil
}

func (a *athena) list(column string, names []string, match func(string) bool) (*Outcome, error) {
	var rows [][]any
	for _, n := range names {
		if match(n) {
			rows = append(rows, []any{n})
		}
	}
	return a.table(rows, Column{column, "varchar"})
}

func (a *athena) showSchemas(dir *directory, st *trino.Show, match func(string) bool) (*Outcome, error) {
	catalog := a.catalog()
	if len(st.Name.Parts) > 0 {
		catalog = st.Name.Parts[0].Text
	}
	if len(st.Name.Parts) > 1 {
		return nil, a.at(st.Name, "SYNTAX_ERROR", "too many parts in catalog name: %s", st.Name)
	}
	if err := a.knownCatalog(dir, st.Name, catalog); err != nil {
		return nil, err
	}
	schemas, err := dir.schemas(catalog)
	if err != nil {
		return nil, err
	}
	return a.list("Schema", schemas, match)
}

// knownCatalog is nil for a catalog that there is.
func (a *athena) knownCatalog(dir *directory, at trino.QName, catalog string) error {
	if slices.Contains(dir.catalogs(), catalog) {
		return nil
	}
	err := a.s.noCatalog(catalog)
	if len(at.Parts) == 0 {
		return err
	}
	return a.placed(at, err)
}

// schemaOf is the catalog and schema a SHOW names, or the session's.
func (a *athena) schemaOf(dir *directory, q trino.QName) (catalog, schema string, err error) {
	catalog, schema = a.catalog(), a.schema()
	if n := len(q.Parts); n > 0 {
		schema = q.Parts[n-1].Text
		if n > 1 {
			catalog = q.Parts[n-2].Text
		}
	}
	if err := a.knownCatalog(dir, q, catalog); err != nil {
		return "", "", err
	}
	schemas, err := dir.schemas(catalog)
	if err != nil {
		return "", "", err
	}
	if slices.Contains(schemas, schema) {
		return catalog, schema, nil
	}
	e := base.Errorf(base.NotFound, "schema %q does not exist", schema).WithCode("SCHEMA_NOT_FOUND")
	if near := lake.Near(schema, schemas); len(near) > 0 {
		e.WithHint("did you mean %q?", near[0])
	}
	if len(q.Parts) > 0 {
		return "", "", a.placed(q, e)
	}
	return "", "", e
}

// catalog is the session's.
func (a *athena) catalog() string {
	if a.req.Session.Catalog != "" {
		return strings.ToLower(a.req.Session.Catalog)
	}
	return strings.ToLower(Catalog)
}

func (a *athena) schema() string {
	if a.req.Session.Schema != "" {
		return strings.ToLower(a.req.Session.Schema)
	}
	return strings.ToLower(a.s.o.Database)
}

func (a *athena) showTables(dir *directory, st *trino.Show, match func(string) bool) (*Outcome, error) {
	catalog, schema, err := a.schemaOf(dir, st.Name)
	if err != nil {
		return nil, err
	}
	list, err := dir.objects(catalog, schema)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(list))
	for i, o := range list {
		names[i] = o.name
	}
	return a.list("Table", names, match)
}

// full is an object's name with catalog and schema.
func (a *athena) full(q trino.QName) ([]string, error) {
	parts := make([]string, len(q.Parts))
	for i, p := range q.Parts {
		parts[i] = p.Text
	}
	full, err := qualify(parts, a.catalog(), a.schema())
	return full, a.placed(q, err)
}

func (a *athena) showColumns(dir *directory, st *trino.Show, match func(string) bool) (*Outcome, error) {
	full, err := a.full(st.Name)
	if err != nil {
		return nil, err
	}
	if err := a.knownCatalog(dir, st.Name, full[0]); err != nil {
		return nil, err
	}
	cols, err := dir.describe(full[0], full[1], full[2])
	if err != nil {
		if base.KindOf(err) != base.NotFound {
			return nil, err
		}
		if full[0] != strings.ToLower(Catalog) {
			return nil, a.placed(st.Name, err)
		}
		c := &pinned{s: a.s, ctx: dir.ctx}
		return nil, a.placed(st.Name, c.missing(lake.Name{Database: full[1], Table: full[2]}, err))
	}
	var rows [][]any
	for _, c := range cols {
		if match(c.Name) {
			rows = append(rows, []any{c.Name, c.Type.String(), c.Extra, c.Comment})
		}
	}
	return a.table(rows, Column{"Column", "varchar"}, Column{"Type", "varchar"}, Column{"Extra", "varchar"}, Column{"Comment", "varchar"})
}

func (a *athena) showFunctions(match func(string) bool) (*Outcome, error) {
	var rows [][]any
	for _, f := range duckdb.Functions() {
		if !match(f.Name) {
			continue
		}
		args, ret := f.Parts()
		rows = append(rows, []any{f.Name, ret, args, f.Kind, true, ""})
	}
	return a.table(rows, Column{"Function", "varchar"}, Column{"Return Type", "varchar"}, Column{"Argument Types", "varchar"}, Column{"Function Type", "varchar"}, Column{"Deterministic", "boolean"}, Column{"Description", "varchar"})
}

func (a *athena) showSession(match func(string) bool) (*Outcome, error) {
	var rows [][]any
	for _, n := range slices.Sorted(maps.Keys(properties)) {
		if !match(n) {
			continue
		}
		p := properties[n]
		v, ok := a.req.Session.Properties[n]
		if !ok {
			v = p.def
		}
		rows = append(rows, []any{n, v, p.def, p.kind, p.about})
	}
	return a.table(rows, Column{"Name", "varchar"}, Column{"Value", "varchar"}, Column{"Default", "varchar"}, Column{"Type", "varchar"}, Column{"Description", "varchar"})
}

// showCreate prints a view's or an Iceberg table's definition in Trino's grammar.
func (a *athena) showCreate(ctx context.Context, st *trino.Show) (*Outcome, error) {
	full, err := a.full(st.Name)
	if err != nil {
		return nil, err
	}
	name := lake.Name{Database: full[1], Table: full[2]}
	if st.What == "create view" {
		v, err := a.s.o.Lake.View(ctx, name)
		if err != nil {
			return nil, a.placed(st.Name, err)
		}
		return a.table([][]any{{fmt.Sprintf("CREATE VIEW %s AS\n%s", quotedName(full), v.SQL)}}, Column{"Create View", "varchar"})
	}
	cols, err := a.s.describe(ctx, full)
	if err != nil {
		return nil, a.placed(st.Name, err)
	}
	lines := make([]string, len(cols))
	for i, c := range cols {
		lines[i] = "   " + trinoName(c.Name) + " " + c.Type.String()
		if c.Comment != "" {
			lines[i] += " COMMENT " + text(c.Comment)
		}
	}
	return a.table([][]any{{fmt.Sprintf("CREATE TABLE %s (\n%s\n)", quotedName(full), strings.Join(lines, ",\n"))}}, Column{"Create Table", "varchar"})
}

var plainName = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

func trinoName(n string) string {
	if plainName.MatchString(n) {
		return n
	}
	return `"` + strings.ReplaceAll(n, `"`, `""`) + `"`
}

func quotedName(parts []string) string {
	out := make([]string, len(parts))
	for i, p := range parts {
		out[i] = trinoName(p)
	}
	return strings.Join(out, ".")
}
