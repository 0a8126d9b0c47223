package duckdb

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// Storage is a kind of table that rows are written to.
type Storage int

const (
	// Iceberg is a table of the lake.
	Iceberg Storage = iota
	// Hive is a folder of files.
	Hive
)

// Stored is a query whose columns a file can hold: they have the plan's names,
// and values as they are stored instead of their physical forms.
type Stored struct {
	SQL string
	// Fields are the columns in the words of stored tables. For Hive, Declared
	// holds their types in Hive's spelling.
	Fields    []base.Field
	Declared  []string
	Functions []string
}

// Stored makes p's rows storable. Columns need names, each once, and types
// that the storage has; the error names the column.
func (p *Plan) Stored(s Storage) (*Stored, error) {
	if err := p.Named(); err != nil {
		return nil, err
	}
	st := &storer{b: newBinder("", Options{}), to: s}
	out := &Stored{}
	cols := make([]string, len(p.Columns))
	for i, c := range p.Columns {
		name := strings.ToLower(c.Name)
		sql, t, err := st.value("q."+cname(i), c.Type, 0)
		if err != nil {
			err.Msg = fmt.Sprintf("column %q: %s", name, err.Msg)
			return nil, err
		}
		out.Fields = append(out.Fields, base.Field{Name: name, Type: t})
		if s == Hive {
			out.Declared = append(out.Declared, HiveType(c.Type))
		}
		cols[i] = sql + " AS " + ident(name)
	}
	out.SQL = "SELECT " + strings.Join(cols, ", ") + " FROM (" + p.SQL + ") q"
	out.Functions = union(p.Functions, st.b.funcs)
	return out, nil
}

func union(list []string, more map[string]bool) []string {
	out := slices.Clone(list)
	for f := range more {
		out = append(out, f)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Named checks that every column has a name of its own.
func (p *Plan) Named() error {
	seen := map[string]bool{}
	for i, c := range p.Columns {
		name := strings.ToLower(c.Name)
		switch {
		case c.Unnamed:
			return base.Errorf(base.Invalid, "column name not specified at position %d", i+1).WithCode("MISSING_COLUMN_NAME").WithHint("give the expression a name with AS")
		case seen[name]:
			return base.Errorf(base.Invalid, "column name %q specified more than once", name).WithCode("DUPLICATE_COLUMN_NAME")
		}
		seen[name] = true
	}
	return nil
}

// storer turns physical forms into stored ones.
type storer struct {
	b  *binder
	to Storage
}

var plainTypes = map[types.Kind]base.TypeID{
	types.Boolean: base.Boolean, types.Integer: base.Int, types.Bigint: base.Long, types.Real: base.Float, types.Double: base.Double,
	types.Varchar: base.String, types.Varbinary: base.Binary, types.Date: base.Date,
}

// value is a value of type t as it is stored, and its stored type.
func (s *storer) value(sql string, t types.Type, depth int) (string, base.Type, *base.Error) {
	if id, ok := plainTypes[t.Kind]; ok {
		return sql, base.Type{ID: id}, nil
	}
	switch t.Kind {
	case types.Tinyint, types.Smallint:
		return "CAST(" + sql + " AS INTEGER)", base.Type{ID: base.Int}, nil
	case types.Decimal:
		return sql, base.DecimalOf(t.P, t.S), nil
	case types.Array, types.Map, types.Row:
		return s.nested(sql, t, depth)
	case types.Unknown:
		return "", base.Type{}, base.Errorf(base.Invalid, "its type is unknown, it is always NULL").WithCode("COLUMN_TYPE_UNKNOWN").WithHint("write CAST(NULL AS varchar)")
	case types.Char:
		if s.to == Hive {
			return sql, base.Type{ID: base.String}, nil
		}
	case types.Timestamp, types.TimestampTZ, types.Time, types.UUID:
		if sql, bt, ok := s.moment(sql, t); ok {
			return sql, bt, nil
		}
	}
	return "", base.Type{}, s.refuse(t)
}

func (s *storer) refuse(t types.Type) *base.Error {
	kind := "Iceberg"
	if s.to == Hive {
		kind = "Hive"
	}
	if s.to == Hive && t.Kind == types.Timestamp {
		return base.Errorf(base.Invalid, "incorrect timestamp precision for %s; the configured precision is MILLISECONDS", t).WithCode("NOT_SUPPORTED").
			WithHint("write CAST(x AS timestamp(3))")
	}
	e := base.Errorf(base.Invalid, "unsupported %s type: %s", kind, t).WithCode("NOT_SUPPORTED")
	switch t.Kind {
	case types.TimestampTZ:
		return e.WithHint("write CAST(x AS timestamp(3))")
	case types.JSON:
		return e.WithHint("write json_format(x), or cast its parts")
	}
	return e.WithHint("write CAST(x AS varchar)")
}

// moment stores times; ok is false where the storage has no such type.
func (s *storer) moment(sql string, t types.Type) (string, base.Type, bool) {
	if s.to == Hive {
		return sql, base.Type{ID: base.Timestamp}, t.Kind == types.Timestamp && t.P <= 3
	}
	if t.Kind == types.UUID {
		return sql, base.Type{ID: base.UUID}, true
	}
	if t.P > 6 { // Iceberg has microseconds
		six := types.Type{Kind: t.Kind, P: 6}
		rounded, err := s.b.converted(trino.Span{}, expr{typ: t, sql: sql}, six)
		if err != nil {
			return "", base.Type{}, false
		}
		sql = rounded
	}
	switch t.Kind {
	case types.TimestampTZ:
		return "CAST(" + instant(sql) + " AS TIMESTAMP WITH TIME ZONE)", base.Type{ID: base.TimestampTZ}, true
	case types.Time:
		return sql, base.Type{ID: base.Time}, true
	}
	return sql, base.Type{ID: base.Timestamp}, true
}

func (s *storer) nested(sql string, t types.Type, depth int) (string, base.Type, *base.Error) {
	v := fmt.Sprintf("s%d", depth)
	switch t.Kind {
	case types.Array:
		e, bt, err := s.value(v, t.Elem(), depth+1)
		if err != nil || e == v {
			return sql, base.ListOf(bt), err
		}
		return "list_transform(" + sql + ", lambda " + v + ": " + e + ")", base.ListOf(bt), nil
	case types.Map:
		k, kt, err := s.value(v+".key", t.Key(), depth+1)
		if err != nil {
			return "", base.Type{}, err
		}
		e, et, err := s.value(v+".value", t.Value(), depth+1)
		if err != nil || k == v+".key" && e == v+".value" {
			return sql, base.MapOf(kt, et), err
		}
		return "map_from_entries(list_transform(map_entries(" + sql + "), lambda " + v + ": struct_pack(key := " + k + ", value := " + e + ")))", base.MapOf(kt, et), nil
	}
	return s.row(sql, t, depth)
}

// row gives a row's fields their names.
func (s *storer) row(sql string, t types.Type, depth int) (string, base.Type, *base.Error) {
	parts := make([]string, len(t.Elems))
	fields := make([]base.Field, len(t.Elems))
	seen := map[string]bool{}
	for i, e := range t.Elems {
		name := strings.ToLower(t.Names[i])
		if name == "" || seen[name] {
			return "", base.Type{}, base.Errorf(base.Invalid, "row type field does not have a name of its own: %s", t).WithCode("NOT_SUPPORTED").
				WithHint("write CAST(x AS row(a integer, b varchar))")
		}
		seen[name] = true
		v, bt, err := s.value(rowGet(sql, i), e, depth)
		if err != nil {
			return "", base.Type{}, err
		}
		parts[i], fields[i] = ident(name)+" := "+v, base.Field{Name: name, Type: bt}
	}
	return "CASE WHEN " + sql + " IS NULL THEN NULL ELSE struct_pack(" + strings.Join(parts, ", ") + ") END", base.StructOf(fields...), nil
}

// HiveType is a type in Hive's spelling: "string", "array<int>", "varchar(3)".
func HiveType(t types.Type) string {
	switch t.Kind {
	case types.Integer:
		return "int"
	case types.Real:
		return "float"
	case types.Varchar:
		if t.P == types.Unbounded {
			return "string"
		}
		return fmt.Sprintf("varchar(%d)", t.P)
	case types.Varbinary:
		return "binary"
	case types.Timestamp, types.TimestampTZ:
		return "timestamp"
	case types.Array:
		return "array<" + HiveType(t.Elem()) + ">"
	case types.Map:
		return "map<" + HiveType(t.Key()) + "," + HiveType(t.Value()) + ">"
	case types.Row:
		f := make([]string, len(t.Elems))
		for i, e := range t.Elems {
			f[i] = strings.ToLower(t.Names[i]) + ":" + HiveType(e)
		}
		return "struct<" + strings.Join(f, ",") + ">"
	}
	return t.String()
}

// BaseType is the stored type of t, for tables that are declared.
func BaseType(t types.Type, s Storage) (base.Type, error) {
	_, bt, err := (&storer{b: newBinder("", Options{}), to: s}).value("x", t, 0)
	if err != nil {
		return base.Type{}, err
	}
	return bt, nil
}

// Into makes p's columns fit those of a table, one by one, as INSERT does: by
// coercion, and text that is too long for its column is an error when it runs.
// It returns nil if a column does not fit.
func (p *Plan) Into(columns []Column) *Plan {
	b := newBinder("", Options{})
	if len(columns) != len(p.Columns) {
		return nil
	}
	out := *p
	out.Columns = nil
	cols := make([]string, len(columns))
	for i, c := range columns {
		e, ok := b.assign(expr{typ: p.Columns[i].Type, sql: "q." + cname(i)}, c.Type)
		if !ok {
			return nil
		}
		cols[i] = e + " AS " + cname(i)
		out.Columns = append(out.Columns, Column{Name: c.Name, Type: c.Type})
	}
	out.SQL = "SELECT " + strings.Join(cols, ", ") + " FROM (" + p.SQL + ") q"
	out.Functions = union(p.Functions, b.funcs)
	return &out
}

// Arranged is p with other columns: at[i] is the place in p of the i-th, or -1
// for NULL.
func (p *Plan) Arranged(columns []Column, at []int) *Plan {
	out := *p
	out.Columns = columns
	cols := make([]string, len(columns))
	for i, c := range columns {
		if at[i] < 0 {
			cols[i] = "CAST(NULL AS " + physical(c.Type) + ") AS " + cname(i)
		} else {
			cols[i] = "q." + cname(at[i]) + " AS " + cname(i)
		}
	}
	out.SQL = "SELECT " + strings.Join(cols, ", ") + " FROM (" + p.SQL + ") q"
	return &out
}

// assign is e as a value of a column of type t; ok is false if it does not fit.
func (b *binder) assign(e expr, t types.Type) (sql string, ok bool) {
	if e.typ.Text() && t.Text() && t.P != types.Unbounded && (e.typ.P == types.Unbounded || e.typ.P > t.P) {
		return b.cutBlanks(e, t), true
	}
	if !types.Coercible(e.typ, t) {
		return "", false
	}
	return b.coerce(e, t).sql, true
}

// cutBlanks shortens text to a column's length; only blanks may go.
func (b *binder) cutBlanks(e expr, t types.Type) string {
	msg := fmt.Sprintf("cannot truncate non-space characters when casting from %s to %s on INSERT", e.typ, t)
	cut := "substr(" + e.sql + ", 1, " + fmt.Sprint(t.P) + ")"
	if t.Kind == types.Char {
		cut = "rtrim(" + cut + ", ' ')"
	}
	return fmt.Sprintf("CASE WHEN length(rtrim(%s, ' ')) > %d THEN %s ELSE %s END", e.sql, t.P, b.raise(t, "INVALID_CAST_ARGUMENT", msg), cut)
}
