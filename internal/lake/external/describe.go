package external

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/hive"
)

// Facts are what DESCRIBE tells of a table of any kind, or of a view.
type Facts struct {
	Database, Name string
	// Columns are the columns without Keys, which are the partition keys of an
	// external table; Types gives each its Hive spelling.
	Columns, Keys []FactColumn
	// Transforms are an Iceberg table's partition fields: "day(ts)".
	Transforms []Transform
	// Kind is EXTERNAL_TABLE or VIRTUAL_VIEW. Iceberg marks a table of the lake.
	Kind         string
	Iceberg      bool
	Owner        string
	Created      time.Time
	Location     string
	Parameters   map[string]string
	Serde        Serde
	InputFormat  string
	OutputFormat string
	Buckets      int
	BucketBy     []string
	// ViewText is a view's statement.
	ViewText string
	// Partition is set to describe one partition.
	Partition *Partition
}

// FactColumn is a column with its type in Hive's spelling.
type FactColumn struct{ Name, Type, Comment string }

// Transform is a partition field of an Iceberg table: Field is its name,
// Transform how it is made, Column from what.
type Transform struct{ Field, Transform, Column string }

// Facts are what DESCRIBE tells of the table.
func (t Table) Facts() Facts {
	return Facts{Database: t.Database, Name: t.Name, Columns: t.factColumns(t.Columns), Keys: t.factColumns(t.PartitionKeys), Kind: "EXTERNAL_TABLE",
		Created: t.Created, Location: t.Location, Parameters: t.Parameters, Serde: t.Serde, InputFormat: t.InputFormat, OutputFormat: t.OutputFormat,
		Buckets: t.Buckets, BucketBy: t.BucketBy}
}

func (t Table) factColumns(fields []base.Field) []FactColumn {
	out := make([]FactColumn, len(fields))
	for i, f := range fields {
		out[i] = FactColumn{f.Name, t.ColumnType(f), f.Comment}
	}
	return out
}

// width is the least width of a cell.
const width = 20

func cell(s string) string {
	n := 0
	for range s {
		n++
	}
	return s + strings.Repeat(" ", max(0, width-n))
}

func columnLine(c FactColumn) string {
	return cell(c.Name) + "\t" + cell(c.Type) + "\t" + cell(c.Comment)
}

const blankLine = "\t \t "

func head() string { return "# " + columnLine(FactColumn{"col_name", "data_type", "comment"}) }

// Lines are what DESCRIBE prints, in Hive's padded form: three cells a line
// with tabs between.
func (f Facts) Lines() []string {
	var out []string
	if f.Iceberg {
		out = append(out, "# Table schema:"+blankLine, head())
	}
	for _, c := range slices.Concat(f.Columns, f.Keys) {
		out = append(out, columnLine(c))
	}
	return append(out, f.partitioning()...)
}

func (f Facts) partitioning() []string {
	if len(f.Transforms) > 0 {
		out := []string{blankLine, "# Partition spec:" + blankLine, "# " + cell("field_name") + "\t" + cell("field_transform") + "\t" + cell("column_name")}
		for _, t := range f.Transforms {
			out = append(out, cell(t.Field)+"\t"+cell(t.Transform)+"\t"+cell(t.Column))
		}
		return out
	}
	if len(f.Keys) == 0 {
		return nil
	}
	out := []string{blankLine, "# Partition Information" + blankLine, head(), blankLine}
	for _, c := range f.Keys {
		out = append(out, columnLine(c))
	}
	return out
}

// FormattedLines are what DESCRIBE FORMATTED prints.
func (f Facts) FormattedLines() []string {
	out := []string{head(), blankLine}
	for _, c := range f.Columns {
		out = append(out, columnLine(c))
	}
	out = append(out, f.partitioning()...)
	out = append(out, blankLine)
	if f.Partition != nil {
		out = append(out, "# Detailed Partition Information"+blankLine, pair("Partition Value:", "["+strings.Join(f.Partition.Values, ", ")+"]"),
			pair("Database:", f.Database), pair("Table:", f.Name), pair("CreateTime:", shown(f.Partition.Created)), pair("Location:", f.Partition.Location))
	} else {
		out = append(out, f.detail()...)
	}
	return append(out, f.storage()...)
}

func (f Facts) detail() []string {
	out := []string{"# Detailed Table Information" + blankLine, pair("Database:", f.Database), pair("Owner:", f.Owner), pair("CreateTime:", shown(f.Created)),
		pair("LastAccessTime:", "UNKNOWN"), pair("Protect Mode:", "None"), pair("Retention:", "0")}
	if f.Location != "" {
		out = append(out, pair("Location:", f.Location))
	}
	out = append(out, pair("Table Type:", f.Kind))
	return append(out, parameterLines("Table Parameters:", f.Parameters)...)
}

func (f Facts) storage() []string {
	if f.Kind == "VIRTUAL_VIEW" {
		return []string{blankLine, "# View Information" + blankLine, pair("View Original Text:", oneLine(f.ViewText)), pair("View Expanded Text:", oneLine(f.ViewText))}
	}
	buckets := -1
	if f.Buckets > 0 {
		buckets = f.Buckets
	}
	out := []string{blankLine, "# Storage Information" + blankLine, pair("SerDe Library:", f.Serde.Library), pair("InputFormat:", f.InputFormat),
		pair("OutputFormat:", f.OutputFormat), pair("Compressed:", "No"), pair("Num Buckets:", fmt.Sprint(buckets)),
		pair("Bucket Columns:", "["+strings.Join(f.BucketBy, ", ")+"]"), pair("Sort Columns:", "[]")}
	if len(f.Serde.Parameters) > 0 {
		out = append(out, parameterLines("Storage Desc Params:", f.Serde.Parameters)...)
	}
	return out
}

func pair(name, value string) string { return cell(name) + "\t" + cell(value) + "\t " }

func parameterLines(title string, props map[string]string) []string {
	out := []string{title + blankLine}
	for _, k := range slices.Sorted(maps.Keys(props)) {
		out = append(out, "\t"+cell(escapeLine(k))+"\t"+cell(escapeLine(props[k])))
	}
	return out
}

// escapeLine keeps a value in its cell.
func escapeLine(s string) string {
	q := hive.QuoteText(s)
	return strings.NewReplacer(`\\`, `\`, `\'`, `'`).Replace(q[1 : len(q)-1])
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func shown(t time.Time) string { return t.UTC().Format("Mon Jan 02 15:04:05 UTC 2006") }

// ExtendedLines are what DESCRIBE EXTENDED prints: the columns and one line of
// everything else.
func (f Facts) ExtendedLines() []string {
	var params []string
	for _, k := range slices.Sorted(maps.Keys(f.Parameters)) {
		params = append(params, k+"="+escapeLine(f.Parameters[k]))
	}
	return append(f.Lines(), blankLine, fmt.Sprintf("Detailed Table Information\tTable(tableName:%s, dbName:%s, owner:%s, createTime:%d, location:%s, inputFormat:%s, outputFormat:%s, serializationLib:%s, parameters:{%s}, tableType:%s)\t ",
		f.Name, f.Database, f.Owner, f.Created.Unix(), f.Location, f.InputFormat, f.OutputFormat, f.Serde.Library, strings.Join(params, ", "), f.Kind))
}

// Inner describes a column, or what lies inside it: a struct's field, an
// array's '$elem$', a map's '$key$' and '$value$'. base.NotFound if the path
// leads nowhere.
func (f Facts) Inner(path []string) ([]string, error) {
	all := slices.Concat(f.Columns, f.Keys)
	i := slices.IndexFunc(all, func(c FactColumn) bool { return strings.EqualFold(c.Name, path[0]) })
	if i < 0 {
		return nil, noColumn(path[0], all)
	}
	at := all[i]
	for _, name := range path[1:] {
		t, err := hive.ParseType(at.Type)
		if err != nil {
			return nil, err
		}
		inner, ok := member(t, name)
		if !ok {
			return nil, base.Errorf(base.NotFound, "%s of type %s has no %q inside", at.Name, at.Type, name).WithCode("COLUMN_NOT_FOUND")
		}
		at = FactColumn{Name: name, Type: inner.Type.String(), Comment: inner.Comment}
	}
	if at.Comment == "" && len(path) > 1 {
		at.Comment = "from deserializer"
	}
	return []string{columnLine(at)}, nil
}

func member(t hive.Type, name string) (hive.TypeField, bool) {
	switch {
	case t.Name == "array" && name == "$elem$", t.Name == "map" && name == "$key$":
		return t.Fields[0], true
	case t.Name == "map" && name == "$value$":
		return t.Fields[1], true
	case t.Name == "struct":
		for _, f := range t.Fields {
			if strings.EqualFold(f.Name, name) {
				return f, true
			}
		}
	}
	return hive.TypeField{}, false
}

func noColumn(name string, have []FactColumn) *base.Error {
	e := base.Errorf(base.NotFound, "column %q does not exist", name).WithCode("COLUMN_NOT_FOUND")
	best, far := "", max(2, len([]rune(name))/3)+1
	for _, c := range have {
		if d := base.Distance(strings.ToLower(name), strings.ToLower(c.Name)); d < far {
			best, far = c.Name, d
		}
	}
	if best != "" {
		return e.WithHint("did you mean %q?", best)
	}
	return e
}
