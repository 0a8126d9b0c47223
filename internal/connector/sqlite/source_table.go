package sqlite

import (
	"strconv"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
	"github.com/mulgil/mulgil/internal/port/extract"
)

// sourceTable is what Read needs to know beyond Describe.
type sourceTable struct {
	port.SourceTable
	name  string // in the file
	rowid string // the name the row id goes by, "" if there is none
	utf16 bool
}

func (t *sourceTable) String() string { return t.name }

// table finds a table: under its dotted name, or in the schema main.
func (s *snapshot) table(name port.TableName) (*sourceTable, error) {
	t := &sourceTable{name: name.String(), utf16: s.utf16}
	ok, err := s.has(t.name)
	if err == nil && !ok && name.Schema == "main" {
		t.name = name.Name
		ok, err = s.has(t.name)
	}
	if err != nil {
		return nil, err
	}
	if !ok {
		names, err := s.names()
		if err != nil {
			return nil, err
		}
		return nil, base.Errorf(base.NotFound, "connection %s: there is no table %s", s.src.cfg.Name, name).WithHint("%s", extract.Hint(name.String(), names))
	}
	t.Name = name
	if err := s.describe(t); err != nil {
		return nil, err
	}
	return t, nil
}

func (s *snapshot) describe(t *sourceTable) error {
	comments, err := s.comments(t.name)
	if err != nil {
		return err
	}
	t.Comment = comments[""]
	plain, withoutRowID := false, false
	err = s.query("describe "+t.name, "SELECT type, wr FROM pragma_table_list WHERE schema = 'main' AND name = "+sqlText(t.name), func(r *rawStmt) {
		plain, withoutRowID = r.text(0) == "table", r.int64(1) != 0
	})
	if err != nil {
		return err
	}
	keys := map[int64]string{}
	decl := map[string]string{}
	err = s.query("describe "+t.name, `SELECT name, type, "notnull", pk FROM pragma_table_xinfo(`+sqlText(t.name)+`) WHERE hidden <> 1`, func(r *rawStmt) {
		f := base.Field{Name: r.text(0), Type: typeOf(r.text(1)), Required: r.int64(2) != 0}
		f.Comment = comments[f.Name]
		decl[f.Name] = r.text(1)
		if pk := r.int64(3); pk > 0 {
			keys[pk] = f.Name
			f.Required = f.Required || withoutRowID
		}
		t.Fields = append(t.Fields, f)
	})
	if err != nil {
		return err
	}
	for i := range len(keys) {
		t.Key = append(t.Key, keys[int64(i+1)])
	}
	if plain && !withoutRowID {
		t.rowid = freeRowID(t.Fields)
	}
	if len(t.Key) == 1 && t.rowid != "" && strings.EqualFold(decl[t.Key[0]], "integer") {
		for i := range t.Fields {
			t.Fields[i].Required = t.Fields[i].Required || t.Fields[i].Name == t.Key[0]
		}
	}
	t.Rows, err = s.estimate(t.name)
	return err
}

// freeRowID is a name of the row id that no column hides.
func freeRowID(fields []base.Field) string {
	for _, alias := range []string{"rowid", "_rowid_", "oid"} {
		hidden := false
		for _, f := range fields {
			hidden = hidden || strings.EqualFold(f.Name, alias)
		}
		if !hidden {
			return alias
		}
	}
	return ""
}

// estimate is the row count ANALYZE left, 0 if it never ran.
func (s *snapshot) estimate(name string) (n int64, err error) {
	found := false
	err = s.query("look up statistics", "SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'", func(*rawStmt) { found = true })
	if err != nil || !found {
		return 0, err
	}
	err = s.query("read statistics", "SELECT stat FROM sqlite_stat1 WHERE tbl = "+sqlText(name), func(r *rawStmt) {
		first, _, _ := strings.Cut(r.text(0), " ")
		if v, err := strconv.ParseInt(first, 10, 64); err == nil {
			n = max(n, v)
		}
	})
	return n, err
}

func (t *sourceTable) field(name string) (base.Field, *base.Error) {
	names := make([]string, len(t.Fields))
	for i, f := range t.Fields {
		if f.Name == name {
			return f, nil
		}
		names[i] = f.Name
	}
	return base.Field{}, base.Errorf(base.NotFound, "table %s has no column %q", t, name).WithHint("%s", extract.Hint(name, names))
}

// choose picks the columns wanted and refuses what cannot be held.
func (t *sourceTable) choose(want []string) ([]base.Field, error) {
	var out []base.Field
	var bad base.Errors
	if want == nil {
		out = append(out, t.Fields...)
	}
	for _, name := range want {
		f, err := t.field(name)
		if err != nil {
			bad = append(bad, err)
			continue
		}
		out = append(out, f)
	}
	for _, f := range out {
		if err := refuse(t.name, f); err != nil {
			bad = append(bad, err)
		}
	}
	if len(bad) == 1 {
		return nil, bad[0]
	}
	if len(bad) == 0 && len(out) == 0 {
		return nil, base.Errorf(base.Invalid, "table %s: no columns to read", t)
	}
	return out, bad.Err()
}
