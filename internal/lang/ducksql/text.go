// Package ducksql speaks DuckDB's SQL without DuckDB: it writes the text of
// literals, types and statements, and reads the engine's own parse tree
// (json_serialize_sql) to learn which tables a statement reads, what part of
// its WHERE clause belongs to which table, and how its joins are keyed.
package ducksql

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// Quote is a string literal.
func Quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// Ident is a quoted identifier.
func Ident(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// Idents is a comma separated list of quoted identifiers.
func Idents(names []string) string {
	q := make([]string, len(names))
	for i, n := range names {
		q[i] = Ident(n)
	}
	return strings.Join(q, ", ")
}

// List is a list literal of strings; an empty one is typed.
func List(values []string) string {
	if len(values) == 0 {
		return "[]::VARCHAR[]"
	}
	q := make([]string, len(values))
	for i, v := range values {
		q[i] = Quote(v)
	}
	return "[" + strings.Join(q, ", ") + "]"
}

// Type is DuckDB's name of a lake type.
func Type(t base.Type) string {
	switch t.ID {
	case base.Int:
		return "INTEGER"
	case base.Long:
		return "BIGINT"
	case base.String:
		return "VARCHAR"
	case base.Binary:
		return "BLOB"
	case base.TimestampTZ:
		return "TIMESTAMP WITH TIME ZONE"
	case base.Decimal:
		return fmt.Sprintf("DECIMAL(%d,%d)", t.Precision, t.Scale)
	case base.List:
		return Type(t.Fields[0].Type) + "[]"
	case base.Map:
		return "MAP(" + Type(t.Fields[0].Type) + ", " + Type(t.Fields[1].Type) + ")"
	case base.Struct:
		parts := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			parts[i] = Ident(f.Name) + " " + Type(f.Type)
		}
		return "STRUCT(" + strings.Join(parts, ", ") + ")"
	}
	return strings.ToUpper(string(t.ID))
}

// FieldIDs is the value of COPY's FIELD_IDS option for a schema.
func FieldIDs(fields []base.Field) string {
	parts := make([]string, len(fields))
	for i, f := range fields {
		parts[i] = Ident(f.Name) + ": " + fieldID(f)
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func fieldID(f base.Field) string {
	if len(f.Type.Fields) == 0 {
		return strconv.Itoa(f.ID)
	}
	parts := []string{"__duckdb_field_id: " + strconv.Itoa(f.ID)}
	for _, c := range f.Type.Fields {
		parts = append(parts, Ident(c.Name)+": "+fieldID(c))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// ReadParquet is a relation over data files whose columns are found by field
// id, in the schema's order; a column a file lacks is NULL. With no file left
// it is a typed empty relation, which DuckDB cannot make from an empty list.
func ReadParquet(files []string, fields []base.Field) string {
	if len(files) == 0 {
		cols := make([]string, len(fields))
		for i, f := range fields {
			cols[i] = "CAST(NULL AS " + Type(f.Type) + ") AS " + Ident(f.Name)
		}
		return "(SELECT " + strings.Join(cols, ", ") + " WHERE false)"
	}
	return "read_parquet(" + List(files) + ", hive_partitioning = false, " + schemaOption(fields) + ")"
}

// schemaOption makes read_parquet find columns by field id.
func schemaOption(fields []base.Field) string {
	cols := make([]string, len(fields))
	for i, f := range fields {
		cols[i] = fmt.Sprintf("%d: {name: %s, type: %s, default_value: NULL}", f.ID, Quote(f.Name), Quote(Type(f.Type)))
	}
	return "schema = MAP {" + strings.Join(cols, ", ") + "}"
}

// Casts is a select list that turns a query's columns, found by name, into a
// table's columns and types. A table column the query lacks is NULL.
func Casts(table, query []base.Field) string {
	have := make(map[string]string, len(query))
	for _, f := range query {
		have[strings.ToLower(f.Name)] = f.Name
	}
	cols := make([]string, len(table))
	for i, f := range table {
		src := "NULL"
		if name, ok := have[strings.ToLower(f.Name)]; ok {
			src = Ident(name)
		}
		cols[i] = "CAST(" + src + " AS " + Type(f.Type) + ") AS " + Ident(f.Name)
	}
	return strings.Join(cols, ", ")
}
