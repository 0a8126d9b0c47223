package external

import (
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// The classes that read rows, as Hive names them.
const (
	OpenXJSON    = "org.openx.data.jsonserde.JsonSerDe"
	HiveJSON     = "org.apache.hive.hcatalog.data.JsonSerDe"
	Hive4JSON    = "org.apache.hadoop.hive.serde2.JsonSerDe" // HiveJSON by its later name
	OpenCSV      = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
	LazySimple   = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
	ParquetSerde = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
)

const (
	textInput     = "org.apache.hadoop.mapred.TextInputFormat"
	textOutput    = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
	parquetInput  = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
	parquetOutput = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"
)

// DefaultSerde is the class and parameters Glue gives a format.
func DefaultSerde(format string) Serde {
	switch format {
	case Parquet:
		return Serde{ParquetSerde, map[string]string{"serialization.format": "1"}}
	case JSON:
		return Serde{OpenXJSON, map[string]string{"serialization.format": "1"}}
	case CSV:
		return Serde{LazySimple, map[string]string{"field.delim": ","}}
	}
	return Serde{}
}

func classes(format string) (input, output string) {
	if format == Parquet {
		return parquetInput, parquetOutput
	}
	return textInput, textOutput
}

// serdes are the classes that can be read, with the format they read.
var serdes = []struct{ class, format string }{
	{OpenXJSON, JSON}, {HiveJSON, JSON}, {Hive4JSON, JSON}, {OpenCSV, CSV}, {LazySimple, CSV}, {ParquetSerde, Parquet},
}

// formatOf is the format a class reads; ok is false for one that is not here.
func formatOf(class string) (format string, ok bool) {
	for _, s := range serdes {
		if s.class == class {
			return s.format, true
		}
	}
	return "", false
}

// unreadable are formats Athena reads and we do not, by a word in the names
// of their classes.
var unreadable = []struct{ word, format string }{
	{"orc", "ORC"}, {"avro", "Avro"}, {"rcfile", "RCFile"}, {"columnar", "RCFile"}, {"sequencefile", "SequenceFile"}, {"regex", "RegexSerDe"},
	{"grok", "GrokSerDe"}, {"cloudtrail", "CloudTrail"}, {"ion", "Ion"}, {"lzo", "LZO"}, {"symlink", "symlink"}, {"iceberg", "Iceberg"},
}

// noReader is the error for a class or a STORED AS word that cannot be read.
func noReader(kind, name string) *base.Error {
	words := strings.ToLower(name)
	words = words[strings.LastIndexByte(words, '.')+1:]
	for _, u := range unreadable {
		if strings.HasPrefix(words, u.word) || len(u.word) > 3 && strings.Contains(words, u.word) {
			return base.Errorf(base.Invalid, "%s files cannot be read: %s %s is not supported", u.format, kind, name).WithCode("NOT_SUPPORTED").
				WithHint("external tables are Parquet, JSON or delimited text")
		}
	}
	return nil
}

// readSerde finds the format that a SerDe class reads.
func readSerde(class string) (string, *base.Error) {
	if format, ok := formatOf(class); ok {
		return format, nil
	}
	if e := noReader("SerDe", class); e != nil {
		return "", e
	}
	var known []string
	best, far := "", 6
	for _, s := range serdes {
		known = append(known, s.class)
		if d := base.Distance(strings.ToLower(class), strings.ToLower(s.class)); d < far {
			best, far = s.class, d
		}
	}
	e := base.Errorf(base.Invalid, "SerDe does not exist: %s", class).WithCode("INVALID_TABLE_PROPERTY")
	if best != "" {
		return "", e.WithHint("did you mean %s?", best)
	}
	return "", e.WithHint("supported are %s", strings.Join(known, ", "))
}

// readInput finds whether an input format is of text or of Parquet files.
func readInput(class string) (parquet bool, err *base.Error) {
	switch class {
	case textInput:
		return false, nil
	case parquetInput:
		return true, nil
	}
	if e := noReader("input format", class); e != nil {
		return false, e
	}
	return false, base.Errorf(base.Invalid, "input format %s is not supported", class).WithCode("NOT_SUPPORTED").
		WithHint("supported are %s and %s", textInput, parquetInput)
}

// storedAs is the SerDe of a STORED AS word.
func storedAs(word string) (string, *base.Error) {
	switch strings.ToUpper(word) {
	case "PARQUET":
		return ParquetSerde, nil
	case "TEXTFILE":
		return LazySimple, nil
	case "JSONFILE":
		return HiveJSON, nil
	}
	if e := noReader("STORED AS", word); e != nil {
		return "", e
	}
	known := []string{"PARQUET", "TEXTFILE", "JSONFILE"}
	e := base.Errorf(base.Invalid, "unknown file format %s", word).WithCode("NOT_SUPPORTED")
	i := slices.IndexFunc(known, func(k string) bool { return base.Distance(k, strings.ToUpper(word)) <= 2 })
	if i >= 0 {
		return "", e.WithHint("did you mean %s?", known[i])
	}
	return "", e.WithHint("supported are %s", strings.Join(known, ", "))
}
