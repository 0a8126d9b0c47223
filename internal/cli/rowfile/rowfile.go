// Package rowfile writes the rows of an answer as text or as files that other
// programs read: CSV, TSV, JSON, NDJSON, Markdown, Parquet, Arrow, XLSX.
//
// A Writer gets the columns once, then rows as they come, and holds no more of
// them than one batch of its format. Values are those of an answer decoded from
// JSON: nil, bool, string, json.Number, []any and map[string]any; the columns'
// types say what they are. What a format cannot hold is an error that names the
// column, never another value.
package rowfile

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// Column is a column of an answer.
type Column struct {
	Name string
	Type types.Type
}

// Writer writes one answer. Columns comes first and once; Close ends the text
// or file and must be called after the last row, but does not close what is
// written to.
type Writer interface {
	Columns([]Column) error
	Row([]any) error
	Close() error
}

// Options change how values are written.
type Options struct {
	// Null is the text of NULL where a format has none of its own; nil means
	// the format's: nothing in CSV, \N in TSV, NULL in Markdown.
	Null *string
	// Formulas leaves text that a spreadsheet would take for a formula as it
	// is; else CSV puts an apostrophe before it.
	Formulas bool
	// NoHead leaves the line of column names out, BOM begins CSV with a byte
	// order mark, which Excel needs to see UTF-8.
	NoHead, BOM bool
}

// Formats lists what New takes, in the order shown to users.
func Formats() []string {
	return []string{"csv", "tsv", "json", "ndjson", "markdown", "parquet", "arrow", "xlsx"}
}

// Binary tells of a format that is no text for a terminal.
func Binary(format string) bool { return slices.Contains([]string{"parquet", "arrow", "xlsx"}, format) }

// OfName is the format that a file's name asks for, "" if none.
func OfName(name string) string {
	i := strings.LastIndexByte(name, '.')
	ext := strings.ToLower(name[i+1:])
	switch {
	case i < 0:
		return ""
	case ext == "md":
		return "markdown"
	case ext == "jsonl":
		return "ndjson"
	case ext == "ipc":
		return "arrow"
	case slices.Contains(Formats(), ext):
		return ext
	}
	return ""
}

// New makes a writer of a format of Formats.
func New(format string, w io.Writer, o Options) (Writer, error) {
	switch format {
	case "csv":
		return newCSV(w, o), nil
	case "tsv":
		return newTSV(w, o), nil
	case "markdown":
		return newMarkdown(w, o), nil
	case "json":
		return newJSON(w, false), nil
	case "ndjson":
		return newJSON(w, true), nil
	case "parquet":
		return &columnar{open: openParquet(w)}, nil
	case "arrow":
		return &columnar{open: openArrow(w)}, nil
	case "xlsx":
		return &xlsx{w: w}, nil
	}
	return nil, base.Errorf(base.Usage, "format %q is not known", format).WithHint("formats: %s", strings.Join(Formats(), ", "))
}

// TypeOf is the type an answer's column announces: sql in Trino's spelling,
// else hive in Hive's; text where neither says.
func TypeOf(sql, hive string) types.Type {
	if t, err := types.Parse(sql); sql != "" && err == nil {
		return t
	}
	t, err := base.ParseType(hive)
	if err != nil {
		return types.TVarchar
	}
	return ofBase(t)
}

func ofBase(t base.Type) types.Type {
	switch t.ID {
	case base.Boolean:
		return types.TBoolean
	case base.Int:
		return types.TInteger
	case base.Long:
		return types.TBigint
	case base.Float:
		return types.TReal
	case base.Double:
		return types.TDouble
	case base.Decimal:
		return types.DecimalOf(t.Precision, t.Scale)
	case base.Binary:
		return types.TVarbinary
	case base.Date:
		return types.TDate
	case base.Time:
		return types.TimeOf(6)
	case base.Timestamp:
		return types.TimestampOf(6)
	case base.TimestampTZ:
		return types.TimestampTZOf(6)
	case base.List:
		return types.ArrayOf(ofBase(t.Fields[0].Type))
	case base.Map:
		return types.MapOf(ofBase(t.Fields[0].Type), ofBase(t.Fields[1].Type))
	case base.Struct:
		out := types.Type{Kind: types.Row}
		for _, f := range t.Fields {
			out.Elems, out.Names = append(out.Elems, ofBase(f.Type)), append(out.Names, f.Name)
		}
		return out
	}
	return types.TVarchar
}

// Text is a value as one text; null tells NULL from an empty text.
func Text(v any) (text string, null bool) {
	switch x := v.(type) {
	case nil:
		return "", true
	case string:
		return x, false
	case json.Number:
		return string(x), false
	case bool:
		return fmt.Sprint(x), false
	}
	b, err := appendJSON(nil, v)
	if err != nil {
		return fmt.Sprint(v), false
	}
	return string(b), false
}

// unique refuses names that occur twice, for formats that tell columns apart by name.
func unique(cols []Column) error {
	seen := map[string]bool{}
	for _, c := range cols {
		if seen[c.Name] {
			return base.Errorf(base.Invalid, "column %q occurs twice: this format tells columns apart by their names", c.Name).WithHint("name one of them with AS")
		}
		seen[c.Name] = true
	}
	return nil
}
