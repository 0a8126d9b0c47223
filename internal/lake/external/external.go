// Package external keeps the catalog's external tables: Hive folders of
// Parquet, CSV or JSON files that somebody else writes and Mulgil only reads.
// Their definitions and partitions are rows in catalog.db, beside the managed
// (Iceberg) tables; the files themselves are never touched.
//
// A table's columns are the ones inside its files; its partition keys come
// from folder names and are kept apart, as Glue and Hive keep them. Partition
// values are text exactly as written ("01" stays "01"), percent-encoding
// removed.
//
// A Link is a name in one database for a managed table of the same or another
// database, left by a crawler that met the table's folder.
package external

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/hive"
)

// The formats a table can have.
const (
	Parquet = "parquet"
	CSV     = "csv"
	JSON    = "json"
)

// NullPartition is the folder value, and the partition value, that stands for
// NULL. The empty string is a value of its own.
const NullPartition = "__HIVE_DEFAULT_PARTITION__"

// MaxValueBytes bounds a partition value in its encoded form: folder names
// cannot be longer on common file systems.
const MaxValueBytes = 255

// Table is an external table. Names are unique in their database without
// regard to case and are kept in lower case.
type Table struct {
	Database string `json:"database"`
	Name     string `json:"name"`
	Comment  string `json:"comment,omitempty"`
	// Columns are those inside the files, without partition keys.
	Columns       []base.Field `json:"columns"`
	PartitionKeys []base.Field `json:"partition_keys"`
	// HiveTypes are the types as declared, by column or key in lower case, where
	// they say more than the logical type: "tinyint", "varchar(10)". ColumnType reads them.
	HiveTypes map[string]string `json:"hive_types,omitempty"`
	// Format is Parquet, CSV or JSON.
	Format string `json:"format"`
	// InputFormat and OutputFormat are Hive's classes for the files.
	InputFormat  string `json:"input_format,omitempty"`
	OutputFormat string `json:"output_format,omitempty"`
	// BucketBy names columns and Buckets is the number of files by their hash;
	// kept for the catalog's sake, a reader reads all files.
	BucketBy []string `json:"bucket_by,omitempty"`
	Buckets  int      `json:"buckets,omitempty"`
	// Serde holds the reader's parameters as Hive names them: "field.delim".
	Serde Serde `json:"serde"`
	// Parameters are table properties: "classification", "projection.enabled", "skip.header.line.count".
	Parameters map[string]string `json:"parameters,omitempty"`
	// Location is the folder as its author wrote it, with or without a slash at
	// its end: "s3://bucket/glue/data/customer/".
	Location string `json:"location"`
	// Deprecated marks a table whose files are gone but whose definition is kept.
	Deprecated bool `json:"deprecated,omitempty"`
	// Version starts at 1 and grows with each change of the definition.
	Version int64     `json:"version"`
	Created time.Time `json:"created"`
	Updated time.Time `json:"updated"`
	// Crawler is the crawler that made the table, empty for DDL.
	Crawler string `json:"crawler,omitempty"`
}

// Serde names the class that reads a format in Hive and its parameters.
type Serde struct {
	Library    string            `json:"library,omitempty"`
	Parameters map[string]string `json:"parameters,omitempty"`
}

// Partition is one folder of a partitioned table.
type Partition struct {
	// Values are in the order of the table's partition keys; NullPartition is NULL.
	Values   []string  `json:"values"`
	Location string    `json:"location"`
	Created  time.Time `json:"created"`
}

// Link is a crawler's record of a managed table. If Database and Name differ
// from the target's, it is a second name for the target.
type Link struct {
	Database       string `json:"database"`
	Name           string `json:"name"`
	TargetDatabase string `json:"target_database"`
	TargetName     string `json:"target_name"`
	// Columns and PartitionKeys are the target's as last recorded.
	Columns       []base.Field `json:"columns"`
	PartitionKeys []base.Field `json:"partition_keys"`
	Location      string       `json:"location"`
	Crawler       string       `json:"crawler"`
	Deprecated    bool         `json:"deprecated,omitempty"`
	Version       int64        `json:"version"`
	Created       time.Time    `json:"created"`
	Updated       time.Time    `json:"updated"`
}

// HiveType is the type's name in the catalog as Hive and Glue spell it. Types
// Hive does not have appear as the one that can hold them: timestamptz as
// timestamp, uuid and time as string.
func HiveType(t base.Type) string {
	switch t.ID {
	case base.TimestampTZ:
		return "timestamp"
	case base.UUID, base.Time:
		return "string"
	case base.List:
		return "array<" + HiveType(t.Fields[0].Type) + ">"
	case base.Map:
		return "map<" + HiveType(t.Fields[0].Type) + "," + HiveType(t.Fields[1].Type) + ">"
	case base.Struct:
		s := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			s[i] = f.Name + ":" + HiveType(f.Type)
		}
		return "struct<" + strings.Join(s, ",") + ">"
	}
	return t.String()
}

// ColumnType is the type of a column or partition key as declared, in Hive's
// spelling. f is one of t's fields.
func (t Table) ColumnType(f base.Field) string {
	text := t.HiveTypes[strings.ToLower(f.Name)]
	if text != "" {
		if d, err := hive.ParseType(text); err == nil && d.Base().Equal(f.Type) {
			return text
		}
	}
	return HiveType(f.Type) // nothing declared, or changed since
}

// Fields are all columns as a query sees them: those of the files, then the
// partition keys, each in declared order.
func (t Table) Fields() []base.Field { return slices.Concat(t.Columns, t.PartitionKeys) }

// Key is the position of a partition key, without regard to case; -1 if there
// is none of that name.
func (t Table) Key(name string) int { return fieldAt(t.PartitionKeys, name) }

func fieldAt(fields []base.Field, name string) int {
	return slices.IndexFunc(fields, func(f base.Field) bool { return strings.EqualFold(f.Name, name) })
}

// CheckValue tells whether v can be a partition value: at most MaxValueBytes
// once encoded, no NUL, not "." or "..". count is the number of rows or files
// that carry it, for the message.
func CheckValue(key, v string, count int64) error {
	reason := ""
	switch {
	case v == "." || v == "..":
		reason = "is a path, not a folder name"
	case strings.ContainsRune(v, 0):
		reason = "contains a NUL byte"
	case len(EscapeValue(v)) > MaxValueBytes:
		reason = fmt.Sprintf("is longer than %d bytes once encoded", MaxValueBytes)
	default:
		return nil
	}
	shown := []rune(v)
	if len(shown) > 60 {
		shown = append(shown[:60:60], '…')
	}
	return base.Errorf(base.Invalid, "partition value %s=%q (%d times) %s", key, string(shown), count, reason).
		WithHint("partition by another column, or shorten the value before it is written")
}

// EscapeValue writes a partition value as Hive writes it into a folder name:
// separators and control characters as %XX, everything else (Korean too) as it is.
func EscapeValue(v string) string {
	var b strings.Builder
	for i := range len(v) {
		c := v[i]
		if c < 0x20 || c == 0x7f || strings.IndexByte("\"#%'*/:=?\\{[]^", c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// UnescapeValue is the inverse of EscapeValue; text that is not a proper
// encoding of UTF-8 stands for itself.
func UnescapeValue(s string) string {
	if v, err := url.PathUnescape(s); err == nil && utf8.ValidString(v) {
		return v
	}
	return s
}
