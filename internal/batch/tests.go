package batch

import (
	"fmt"
	"strings"

	"github.com/mulgil/mulgil/internal/lang/ducksql"
	"github.com/mulgil/mulgil/internal/port"
	"github.com/mulgil/mulgil/internal/query"
	"github.com/mulgil/mulgil/internal/query/worker"
)

// checks writes an output's tests as queries that count failures and show one.
func checks(o Output, all []Output) []worker.Check {
	var out []worker.Check
	for _, t := range o.Tests {
		base := worker.Check{Name: t.Name, Output: o.Name, Severity: t.Severity, Min: t.Min, Max: t.Max}
		from := "memory.main." + ducksql.Ident(o.Name)
		switch t.Kind {
		case NotNull:
			for _, c := range t.Columns {
				k := base
				if len(t.Columns) > 1 {
					k.Name = "not_null " + c
				}
				k.SQL = fmt.Sprintf("SELECT count(*), 'column ' || %s FROM %s WHERE %s IS NULL", ducksql.Quote(c), from, ducksql.Ident(c))
				out = append(out, k)
			}
			continue
		case Unique:
			cols := ducksql.Idents(t.Columns)
			base.SQL = fmt.Sprintf("SELECT count(*), any_value(v) FROM (SELECT concat_ws(', ', %s) AS v FROM %s GROUP BY %s HAVING count(*) > 1)", texts(t.Columns), from, cols)
		case AcceptedValues:
			base.SQL = fmt.Sprintf("SELECT count(*), any_value(CAST(%[1]s AS VARCHAR)) FROM %[2]s WHERE %[1]s NOT IN (%[3]s)", ducksql.Ident(t.Columns[0]), from, values(t.Values))
		case Relationships:
			base.SQL = relationship(t, from, all)
		}
		out = append(out, base)
	}
	return out
}

func texts(cols []string) string {
	out := make([]string, len(cols))
	for i, c := range cols {
		out[i] = "CAST(" + ducksql.Ident(c) + " AS VARCHAR)"
	}
	return strings.Join(out, ", ")
}

// relationship counts rows whose value has no counterpart; NULLs need none.
func relationship(t Test, from string, all []Output) string {
	to := ducksql.Ident(query.Catalog) + "." + ducksql.Ident(t.To.Database) + "." + ducksql.Ident(t.To.Table)
	for _, o := range all {
		if o.Target == t.To {
			to = "memory.main." + ducksql.Ident(o.Name)
		}
	}
	fields := t.Fields
	if len(fields) == 0 {
		fields = t.Columns
	}
	var same, set []string
	for i, c := range t.Columns {
		same = append(same, "r."+ducksql.Ident(fields[i])+" = n."+ducksql.Ident(c))
		set = append(set, "n."+ducksql.Ident(c)+" IS NOT NULL")
	}
	return fmt.Sprintf("SELECT count(*), any_value(concat_ws(', ', %s)) FROM %s AS n WHERE %s AND NOT EXISTS (SELECT 1 FROM %s AS r WHERE %s)",
		texts(t.Columns), from, strings.Join(set, " AND "), to, strings.Join(same, " AND "))
}

func values(vs []any) string {
	out := make([]string, len(vs))
	for i, v := range vs {
		switch x := v.(type) {
		case string:
			out[i] = ducksql.Quote(x)
		case port.Decimal:
			out[i] = string(x)
		case nil:
			out[i] = "NULL"
		default:
			out[i] = fmt.Sprint(x)
		}
	}
	return strings.Join(out, ", ")
}
