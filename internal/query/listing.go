package query

import (
	"fmt"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/trino/duckdb"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// listing is a relation that the catalog answers itself, such as
// information_schema.tables: what there is, as rows of texts.
type listing struct {
	columns []duckdb.Column
	// where is what the statement wants; rows that cannot match may be left out.
	where base.Predicate
	rows  [][]string
}

// null stands for NULL in a listing; no name has it.
const null = "\x00"

// newListing has columns "name type, name type", blanks within a type written
// as _; varchar if there is no type.
func newListing(columns string) *listing {
	l := &listing{}
	for _, c := range strings.Split(columns, ", ") {
		name, typ, ok := strings.Cut(c, " ")
		t := types.TVarchar
		if ok {
			t, _ = types.Parse(strings.ReplaceAll(typ, "_", " ")) // the texts are below
		}
		l.columns = append(l.columns, duckdb.Column{Name: name, Type: t})
	}
	return l
}

// add adds a row; columns that are not given are NULL.
func (l *listing) add(values ...string) {
	for len(values) < len(l.columns) {
		values = append(values, null)
	}
	l.rows = append(l.rows, values)
}

// admits tells whether a row with these values, in the columns' order, may be
// wanted. Columns beyond them may have any value.
func (l *listing) admits(values ...string) bool {
	known := make(map[string]string, len(values))
	for i, v := range values {
		known[l.columns[i].Name] = v
	}
	return may(l.where, known)
}

// may is false only if a row whose texts are known cannot fulfil p.
func may(p base.Predicate, known map[string]string) bool {
	switch p := p.(type) {
	case base.And:
		for _, t := range p {
			if !may(t, known) {
				return false
			}
		}
	case base.Or:
		for _, t := range p {
			if may(t, known) {
				return true
			}
		}
		return false
	case base.In:
		v, ok := known[p.Column]
		for _, w := range p.Values {
			if s, text := w.(string); !text || s == v {
				return true
			}
		}
		return !ok
	case base.Compare:
		v, ok := known[p.Column]
		w, text := p.Value.(string)
		switch {
		case !ok || !text:
		case p.Op == base.Eq:
			return v == w
		case p.Op == base.Ne:
			return v != w
		}
	}
	return true
}

// Signs that part rows and cells in the text that the engine takes apart.
const (
	rowSign  = "\x1e"
	cellSign = "\x1f"
)

// from is the listing as an item of a FROM clause: one text that the engine
// takes apart, which costs it less than thousands of constants.
func (l *listing) from() string {
	var b strings.Builder
	clean := strings.NewReplacer(rowSign, "\ufffd", cellSign, "\ufffd")
	for i, r := range l.rows {
		if i > 0 {
			b.WriteString(rowSign)
		}
		for k, v := range r {
			if k > 0 {
				b.WriteString(cellSign)
			}
			if v == null {
				v = nullCell
			} else {
				v = clean.Replace(strings.ReplaceAll(v, "\x00", "\ufffd"))
			}
			b.WriteString(v)
		}
	}
	cells := make([]string, len(l.columns))
	for i, c := range l.columns {
		form := duckdb.Physical(c.Type)
		if c.Type.Kind == types.TimestampTZ {
			form = "TIMESTAMP" // as instants are stored; the scan adds the zone
		}
		cells[i] = fmt.Sprintf(`CAST(nullif(r[%d], %s) AS %s) AS "%s"`, i+1, text(nullCell), form, c.Name)
	}
	some := ""
	if len(l.rows) == 0 {
		some = " WHERE false"
	}
	return "(SELECT " + strings.Join(cells, ", ") + " FROM (SELECT string_split(unnest(string_split(" + text(b.String()) + ", chr(30))), chr(31)) AS r" + some + "))"
}

// nullCell is NULL within the text.
const nullCell = "\x1d"

// orNull is a text, NULL if it is empty.
func orNull(s string) string {
	if s == "" {
		return null
	}
	return s
}
