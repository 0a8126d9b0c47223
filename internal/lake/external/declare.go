package external

import (
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/hive"
)

// Declare is the table that a CREATE EXTERNAL TABLE describes, in database
// unless its name says another. What Athena refuses is refused here, with the
// place in sql, the text n was read from; nothing is looked up.
func Declare(sql string, n *hive.CreateExternalTable, database string) (Table, error) {
	d := declarer{sql}
	t := Table{Database: strings.ToLower(database), Name: strings.ToLower(n.Name.Table), Comment: n.Comment, Location: n.Location, HiveTypes: map[string]string{}, Parameters: map[string]string{}}
	if n.Name.Database != "" {
		t.Database = strings.ToLower(n.Name.Database)
	}
	if len(n.Columns) == 0 {
		return Table{}, d.at(n.Name.At, base.Errorf(base.Invalid, "external table %s has no columns", n.Name)).WithHint("list them after the name: (name type, ...)")
	}
	if err := d.columns(&t, n); err != nil {
		return Table{}, err
	}
	if err := d.storage(&t, n); err != nil {
		return Table{}, err
	}
	if err := d.location(n); err != nil {
		return Table{}, err
	}
	for _, p := range n.Properties {
		t.Parameters[p.Key] = p.Value
	}
	t.Parameters["EXTERNAL"] = "TRUE"
	return t, checkProjection(t)
}

// declarer puts places on what is refused.
type declarer struct{ sql string }

func (d declarer) at(s hive.Span, e *base.Error) *base.Error {
	return e.At(base.PlaceAt("", []byte(d.sql), s.From, s.To-s.From))
}

func (d declarer) columns(t *Table, n *hive.CreateExternalTable) error {
	for _, c := range n.Columns {
		if fieldAt(t.Columns, c.Name) >= 0 {
			return d.at(c.At, base.Errorf(base.Invalid, "duplicate column name: %s", strings.ToLower(c.Name)).WithCode("DUPLICATE_COLUMN_NAME"))
		}
		t.Columns = append(t.Columns, t.Declare(c))
	}
	for _, c := range n.PartitionKeys {
		switch {
		case fieldAt(t.Columns, c.Name) >= 0:
			return d.at(c.At, base.Errorf(base.Invalid, "column repeated in partitioning columns: %s", strings.ToLower(c.Name)).WithCode("DUPLICATE_COLUMN_NAME")).
				WithHint("a partition key is made from folder names; take it out of the column list")
		case fieldAt(t.PartitionKeys, c.Name) >= 0:
			return d.at(c.At, base.Errorf(base.Invalid, "duplicate partition key: %s", strings.ToLower(c.Name)).WithCode("DUPLICATE_COLUMN_NAME"))
		case len(c.Type.Fields) > 0 || c.Type.Name == "binary":
			return d.at(c.At, base.Errorf(base.Invalid, "partition key %s cannot have type %s", strings.ToLower(c.Name), c.Type).WithCode("INVALID_TABLE_PROPERTY"))
		}
		t.PartitionKeys = append(t.PartitionKeys, t.Declare(c))
	}
	if b := n.Buckets; b != nil {
		for _, c := range b.Columns {
			if fieldAt(t.Columns, c) < 0 {
				return d.at(b.At, base.Errorf(base.Invalid, "bucket column %s is not among the columns", c).WithCode("COLUMN_NOT_FOUND"))
			}
			t.BucketBy = append(t.BucketBy, strings.ToLower(c))
		}
		t.Buckets = b.Count
	}
	return nil
}

// Declare adds a column's declared type to t's and returns the column, for one
// of t's lists.
func (t *Table) Declare(c hive.Column) base.Field {
	f := base.Field{Name: strings.ToLower(c.Name), Type: c.Type.Base(), Comment: c.Comment}
	delete(t.HiveTypes, f.Name)
	if text := c.Type.String(); text != HiveType(f.Type) {
		if t.HiveTypes == nil {
			t.HiveTypes = map[string]string{}
		}
		t.HiveTypes[f.Name] = text
	}
	return f
}

func (d declarer) storage(t *Table, n *hive.CreateExternalTable) error {
	s := n.Storage
	class := s.Serde
	var e *base.Error
	switch {
	case s.Format != "":
		byWord, err := storedAs(s.Format)
		if err != nil {
			return d.at(s.FormatAt, err)
		}
		if class == "" {
			class = byWord
		}
	case class == "" && s.InputFormat == parquetInput:
		class = ParquetSerde
	case class == "":
		class = LazySimple
	}
	if t.Format, e = readSerde(class); e != nil {
		return d.at(cmpSpan(s.SerdeAt, n.Name.At), e)
	}
	t.Serde = Serde{Library: class, Parameters: map[string]string{}}
	t.InputFormat, t.OutputFormat = classes(t.Format)
	if s.InputFormat != "" {
		t.InputFormat, t.OutputFormat = s.InputFormat, s.OutputFormat
	} else if s.Format == "TEXTFILE" || s.Format == "JSONFILE" || s.Format == "" {
		t.InputFormat, t.OutputFormat = textInput, textOutput
	}
	if err := d.agree(t, n); err != nil {
		return err
	}
	return d.serdeProperties(t, n)
}

func cmpSpan(a, b hive.Span) hive.Span {
	if a == (hive.Span{}) {
		return b
	}
	return a
}

// agree refuses a SerDe over files it cannot read.
func (d declarer) agree(t *Table, n *hive.CreateExternalTable) error {
	parquet, e := readInput(t.InputFormat)
	if e == nil && parquet != (t.Format == Parquet) {
		e = base.Errorf(base.Invalid, "SerDe %s cannot read files of input format %s", t.Serde.Library, t.InputFormat).WithCode("INVALID_TABLE_PROPERTY").
			WithHint("leave the SerDe out and write STORED AS PARQUET, or STORED AS TEXTFILE for text")
	}
	if e != nil {
		return d.at(cmpSpan(n.Storage.SerdeAt, n.Name.At), e)
	}
	return nil
}

func (d declarer) serdeProperties(t *Table, n *hive.CreateExternalTable) error {
	for _, p := range n.Storage.SerdeProperties {
		t.Serde.Parameters[p.Key] = p.Value
	}
	r := n.Storage.Delimited
	if r == nil {
		if t.Serde.Parameters["serialization.format"] == "" {
			t.Serde.Parameters["serialization.format"] = "1"
		}
		return nil
	}
	if t.Serde.Library != LazySimple {
		return d.at(n.Name.At, base.Errorf(base.Invalid, "ROW FORMAT DELIMITED is for text files, not for %s", t.Format).WithCode("INVALID_TABLE_PROPERTY"))
	}
	set := func(key string, v *string) {
		if v != nil {
			t.Serde.Parameters[key] = *v
		}
	}
	set("field.delim", r.Fields)
	set("serialization.format", r.Fields)
	set("escape.delim", r.Escaped)
	set("colelction.delim", r.Items) // Hive's own spelling
	set("mapkey.delim", r.MapKeys)
	set("line.delim", r.Lines)
	set("serialization.null.format", r.Null)
	if r.Lines != nil && *r.Lines != "\n" {
		return d.at(n.Name.At, base.Errorf(base.Invalid, "LINES TERMINATED BY only supports newline '\\n' right now: %q", *r.Lines).WithCode("NOT_SUPPORTED"))
	}
	return nil
}

func (d declarer) location(n *hive.CreateExternalTable) error {
	if e := CheckLocation(n.Location); e != nil {
		return d.at(n.LocationAt, e)
	}
	return nil
}

// CheckLocation refuses addresses that cannot be a folder.
func CheckLocation(location string) *base.Error {
	scheme, rest, ok := strings.Cut(location, "://")
	reason := ""
	switch {
	case strings.TrimSpace(location) == "":
		reason = "is empty"
	case strings.ContainsAny(location, "*?"):
		reason = "has a wildcard"
	case strings.ContainsRune(location, 0):
		reason = "contains a NUL byte"
	case ok && slices.Contains([]string{"s3", "s3a", "s3n"}, strings.ToLower(scheme)) && strings.Trim(rest, "/") == "":
		reason = "names no bucket"
	default:
		return nil
	}
	return base.Errorf(base.Invalid, "location %q %s", location, reason).WithCode("INVALID_TABLE_PROPERTY").WithHint("write 's3://bucket/folder/'")
}
