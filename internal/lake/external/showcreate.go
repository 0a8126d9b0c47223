package external

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/hive"
)

// CreateText is the statement that makes the table, line by line as Athena's
// SHOW CREATE TABLE prints it. name is the table as it was asked for: t or db.t.
func (t Table) CreateText(name string) []string {
	var out []string
	out = append(out, "CREATE EXTERNAL TABLE "+hive.Quote(name)+"(")
	out = append(out, t.columnLines(t.Columns, ")")...)
	if t.Comment != "" {
		out = append(out, "COMMENT "+hive.QuoteText(t.Comment))
	}
	if len(t.PartitionKeys) > 0 {
		out = append(out, "PARTITIONED BY ( ")
		out = append(out, t.columnLines(t.PartitionKeys, ")")...)
	}
	if t.Buckets > 0 {
		out = append(out, "CLUSTERED BY ( ")
		out = append(out, lines(t.BucketBy, func(s string) string { return s }, ") ")...)
		out = append(out, fmt.Sprintf("INTO %d BUCKETS", t.Buckets))
	}
	out = append(out, t.rowFormat()...)
	out = append(out, "STORED AS INPUTFORMAT ", "  "+hive.QuoteText(t.InputFormat)+" ", "OUTPUTFORMAT ", "  "+hive.QuoteText(t.OutputFormat))
	out = append(out, "LOCATION", "  "+hive.QuoteText(t.Location))
	return append(out, propertyLines("TBLPROPERTIES (", t.shownProperties(), ")")...)
}

// columnLines declares columns as CREATE TABLE does.
func (t Table) columnLines(fields []base.Field, end string) []string {
	return lines(fields, func(f base.Field) string {
		s := hive.Quote(f.Name) + " " + t.ColumnType(f)
		if f.Comment != "" {
			s += " COMMENT " + hive.QuoteText(f.Comment)
		}
		return s
	}, end)
}

// lines puts items under each other, two blanks in, with a comma between.
func lines[T any](items []T, write func(T) string, end string) []string {
	out := make([]string, len(items))
	for i, v := range items {
		out[i] = "  " + write(v) + ", "
		if i == len(items)-1 {
			out[i] = "  " + write(v) + end
		}
	}
	return out
}

func propertyLines(begin string, props map[string]string, end string) []string {
	if len(props) == 0 {
		return nil
	}
	keys := slices.Sorted(maps.Keys(props))
	return append([]string{begin}, lines(keys, func(k string) string { return hive.QuoteText(k) + "=" + hive.QuoteText(props[k]) }, end)...)
}

// shownProperties are those a CREATE statement sets: EXTERNAL is a word of it.
func (t Table) shownProperties() map[string]string {
	p := maps.Clone(t.Parameters)
	delete(p, "EXTERNAL")
	delete(p, "transient_lastDdlTime")
	return p
}

// textParameters are the words of ROW FORMAT DELIMITED, by parameter.
var textParameters = []struct{ key, words string }{
	{"field.delim", "FIELDS TERMINATED BY"}, {"escape.delim", "ESCAPED BY"}, {"colelction.delim", "COLLECTION ITEMS TERMINATED BY"},
	{"mapkey.delim", "MAP KEYS TERMINATED BY"}, {"line.delim", "LINES TERMINATED BY"}, {"serialization.null.format", "NULL DEFINED AS"},
}

// rowFormat is DELIMITED where that says everything, else SERDE.
func (t Table) rowFormat() []string {
	params := maps.Clone(t.Serde.Parameters)
	if f := params["serialization.format"]; f == "1" || f == params["field.delim"] {
		delete(params, "serialization.format")
	}
	if t.Serde.Library == LazySimple && len(params) > 0 {
		var out []string
		rest := maps.Clone(params)
		for _, p := range textParameters {
			v, ok := params[p.key]
			if !ok {
				continue
			}
			delete(rest, p.key)
			if p.key == "escape.delim" && len(out) > 0 {
				out[0] += p.words + " " + hive.QuoteText(v) + " "
				continue
			}
			out = append(out, "  "+p.words+" "+delimiter(v)+" ")
		}
		_, fields := params["field.delim"]
		_, escaped := params["escape.delim"]
		if len(rest) == 0 && (fields || !escaped) {
			return append([]string{"ROW FORMAT DELIMITED "}, out...)
		}
	}
	out := []string{"ROW FORMAT SERDE ", "  " + hive.QuoteText(t.Serde.Library) + " "}
	return append(out, propertyLines("WITH SERDEPROPERTIES ( ", params, ") ")...)
}

// delimiter is a separator as a literal; control characters as \u0001.
func delimiter(v string) string {
	var b strings.Builder
	for _, r := range v {
		if r < 0x20 && r != '\n' && r != '\t' && r != '\r' {
			fmt.Fprintf(&b, `\u%04X`, r)
			continue
		}
		q := hive.QuoteText(string(r))
		b.WriteString(q[1 : len(q)-1])
	}
	return "'" + b.String() + "'"
}

// CreateText is the statement that makes an Iceberg table of these facts, as
// Athena prints it.
func (f Facts) CreateText(name string) []string {
	out := []string{"CREATE TABLE " + hive.Quote(name) + " ("}
	out = append(out, lines(f.Columns, func(c FactColumn) string {
		s := hive.Quote(c.Name) + " " + c.Type
		if c.Comment != "" {
			s += " COMMENT " + hive.QuoteText(c.Comment)
		}
		return s
	}, ")")...)
	if c := f.Parameters["comment"]; c != "" {
		out = append(out, "COMMENT "+hive.QuoteText(c))
	}
	if len(f.Transforms) > 0 {
		by := make([]string, len(f.Transforms))
		for i, t := range f.Transforms {
			by[i] = t.text()
		}
		out = append(out, "PARTITIONED BY ("+strings.Join(by, ", ")+")")
	}
	if f.Location != "" {
		out = append(out, "LOCATION "+hive.QuoteText(f.Location))
	}
	props := map[string]string{"table_type": "iceberg"}
	for k, v := range f.Parameters {
		if k != "comment" && k != "table_type" && !strings.HasPrefix(k, "mulgil.") && !strings.HasPrefix(k, "write.metadata.") {
			props[k] = v
		}
	}
	return append(out, propertyLines("TBLPROPERTIES (", props, ")")...)
}

// text is the transform as CREATE TABLE takes it: bucket(16, `id`).
func (t Transform) text() string {
	name, rest, args := strings.Cut(t.Transform, "[")
	switch {
	case t.Transform == "identity":
		return hive.Quote(t.Column)
	case args:
		return name + "(" + strings.TrimSuffix(rest, "]") + ", " + hive.Quote(t.Column) + ")"
	}
	return name + "(" + hive.Quote(t.Column) + ")"
}
