package query

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake/external"
	"github.com/mulgil/mulgil/internal/lang/ducksql"
	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/duckdb"
)

// fileFormat is how files of a Hive folder are written.
type fileFormat struct {
	// name is external's: Parquet, JSON, or CSV for delimited text.
	name string
	// delimiter and null are those of delimited text.
	delimiter, null string
	compression     string
}

// defaultDelimiter is what Hive puts between the fields of a line.
const defaultDelimiter = "\x01"

var formatNames = map[string]string{"": external.Parquet, "PARQUET": external.Parquet, "JSON": external.JSON, "TEXTFILE": external.CSV}

// compressions are the words of each format and what the engine calls them.
var compressions = map[string]map[string]string{
	external.Parquet: {"": "zstd", "GZIP": "gzip", "SNAPPY": "snappy", "ZSTD": "zstd", "LZ4": "lz4_raw", "NONE": "uncompressed"},
	external.JSON:    {"": "gzip", "GZIP": "gzip", "ZSTD": "zstd", "NONE": "none"},
	external.CSV:     {"": "gzip", "GZIP": "gzip", "ZSTD": "zstd", "NONE": "none"},
}

// fileFormat takes the properties that say how files are written; words are
// the names of the one for compression.
func (g *given) fileFormat(words ...string) (fileFormat, error) {
	text, at, err := g.text("format")
	if err != nil {
		return fileFormat{}, err
	}
	name, ok := formatNames[strings.ToUpper(text)]
	if !ok {
		return fileFormat{}, g.a.at(at, "NOT_SUPPORTED", "files of format %s cannot be written", strings.ToUpper(text)).WithHint("formats are PARQUET, JSON and TEXTFILE")
	}
	f := fileFormat{name: name, delimiter: defaultDelimiter, null: `\N`}
	for _, w := range words {
		c, at, err := g.text(w)
		if err != nil {
			return f, err
		}
		if at == nil {
			continue
		}
		if _, ok := compressions[name][strings.ToUpper(c)]; !ok {
			return f, g.a.at(at, "NOT_SUPPORTED", "compression %s is not supported for this format", c)
		}
		f.compression = strings.ToUpper(c)
	}
	d, at, err := g.text("field_delimiter")
	if err != nil || at == nil {
		return f, err
	}
	if name != external.CSV {
		return f, g.bad(at, "field_delimiter is for TEXTFILE")
	}
	if d == "" || strings.ContainsAny(d, "\r\n") || len([]rune(d)) != 1 {
		return f, g.bad(at, "field_delimiter is one character, not %q", d)
	}
	f.delimiter = d
	return f, nil
}

// formatOf is how files of an external table are written.
func (a *athena) formatOf(n trino.Node, t external.Table) (fileFormat, error) {
	f := fileFormat{name: t.Format, delimiter: defaultDelimiter, null: `\N`}
	s := serde(t)
	refuse := func(format string, args ...any) (fileFormat, error) {
		return f, a.at(n, "NOT_SUPPORTED", "table %s.%s cannot be written: %s", t.Database, t.Name, fmt.Sprintf(format, args...))
	}
	switch {
	case t.Buckets > 0:
		return refuse("it is bucketed")
	case t.Format != external.CSV:
		return f, nil
	case s.Library != external.LazySimple:
		return refuse("files of %s are only read", s.Library[strings.LastIndexByte(s.Library, '.')+1:])
	}
	if n, err := strconv.Atoi(t.Parameters["skip.header.line.count"]); err == nil && n > 0 {
		return refuse("its files have header lines")
	}
	for _, k := range []string{"escape.delim", "quote.delim", "line.delim"} {
		if v := s.Parameters[k]; v != "" && !(k == "line.delim" && v == "\n") {
			return refuse("it has %s", k)
		}
	}
	if v, ok := s.Parameters["serialization.null.format"]; ok {
		f.null = v
	}
	for _, k := range []string{"serialization.format", "field.delim"} {
		if v := s.Parameters[k]; v != "" {
			f.delimiter = delimiterOf(v)
		}
	}
	if len(f.delimiter) == 0 {
		return refuse("it has no field delimiter")
	}
	return f, nil
}

// delimiterOf is a delimiter that Hive allows to be a byte's number.
func delimiterOf(v string) string {
	if n, err := strconv.Atoi(v); err == nil && n >= 0 && n < 128 {
		return string(rune(n))
	}
	return v
}

// serde is what a new table of the format records.
func (f fileFormat) serde() external.Serde {
	switch f.name {
	case external.JSON:
		return external.Serde{Library: external.HiveJSON, Parameters: map[string]string{"serialization.format": "1"}}
	case external.CSV:
		d := f.delimiter
		return external.Serde{Library: external.LazySimple, Parameters: map[string]string{"field.delim": d, "serialization.format": d}}
	}
	return external.DefaultSerde(f.name)
}

func (f fileFormat) options() string {
	c := compressions[f.name][f.compression]
	switch f.name {
	case external.JSON:
		return "FORMAT json, COMPRESSION " + c
	case external.CSV:
		return "FORMAT csv, HEADER false, DELIMITER " + ducksql.Quote("\x01") + ", QUOTE '', ESCAPE '', COMPRESSION " + c
	}
	return "FORMAT parquet, COMPRESSION " + c
}

// suffix is how the files' names end: readers know the compression by it.
func (f fileFormat) suffix() string {
	s := "." + f.name
	if f.name == external.CSV {
		s = ".txt"
	}
	switch {
	case f.name == external.Parquet:
	case compressions[f.name][f.compression] == "gzip":
		s += ".gz"
	case compressions[f.name][f.compression] == "zstd":
		s += ".zst"
	}
	return s
}

// fits is an error for a column that the format cannot hold.
func (f fileFormat) fits(c base.Field) *base.Error {
	nested := len(c.Type.Fields) > 0
	if f.name == external.CSV && nested || f.name != external.Parquet && hasType(c.Type, base.Binary) {
		return base.Errorf(base.Invalid, "column %q: values of %s cannot be written as %s", c.Name, c.Type, map[string]string{external.CSV: "TEXTFILE", external.JSON: "JSON"}[f.name]).
			WithCode("NOT_SUPPORTED").WithHint("use format PARQUET, or cast it to varchar")
	}
	return nil
}

func hasType(t base.Type, id base.TypeID) bool {
	for _, f := range t.Fields {
		if hasType(f.Type, id) {
			return true
		}
	}
	return t.ID == id
}

// line is the expression that writes a row of delimited text. What would be
// read back as something else is an error.
func (f fileFormat) line(columns []base.Field) string {
	parts := make([]string, len(columns))
	for i, c := range columns {
		v := ducksql.Ident(c.Name)
		if c.Type.ID != base.String {
			parts[i] = "coalesce(CAST(" + v + " AS VARCHAR), " + ducksql.Quote(f.null) + ")"
			continue
		}
		bad := fmt.Sprintf("contains(%[1]s, %[2]s) OR contains(%[1]s, chr(10)) OR contains(%[1]s, chr(13)) OR %[1]s = %[3]s", v, ducksql.Quote(f.delimiter), ducksql.Quote(f.null))
		msg := ducksql.Quote("[[HIVE_WRITER_DATA_ERROR]] column " + c.Name + " has a value that delimited text cannot hold: it has the delimiter or a line end in it, or reads as NULL")
		parts[i] = fmt.Sprintf("CASE WHEN %[1]s IS NULL THEN %[2]s WHEN %[3]s THEN CAST(error(%[4]s) AS VARCHAR) ELSE %[1]s END", v, ducksql.Quote(f.null), bad, msg)
	}
	return strings.Join(parts, " || "+ducksql.Quote(f.delimiter)+" || ")
}

// hiveRows are a plan's rows for files of the format; keys of the last columns
// become folders.
func (f fileFormat) hiveRows(p *duckdb.Plan, keys int) (*duckdb.Stored, error) {
	rows, err := p.Stored(duckdb.Hive)
	if err != nil {
		return nil, err
	}
	for _, c := range rows.Fields[:len(rows.Fields)-keys] {
		if err := f.fits(c); err != nil {
			return nil, err
		}
	}
	for _, c := range rows.Fields[len(rows.Fields)-keys:] {
		switch c.Type.ID {
		case base.String, base.Int, base.Long, base.Date, base.Boolean, base.Decimal:
		default:
			return nil, base.Errorf(base.Invalid, "column %q of type %s cannot be a partition column", c.Name, c.Type).WithCode("NOT_SUPPORTED")
		}
	}
	return rows, nil
}
