// Package types holds Trino's types: how they are spelled, which one coerces
// to which, and what two of them have in common. Values never appear here.
package types

import (
	"fmt"
	"strconv"
	"strings"
)

// Kind is a type without its parameters.
type Kind int

const (
	// Unknown is the type of a bare NULL; it coerces to every type.
	Unknown Kind = iota
	Boolean
	Tinyint
	Smallint
	Integer
	Bigint
	Real
	Double
	Decimal
	Varchar
	Char
	Varbinary
	Date
	Time
	TimeTZ
	Timestamp
	TimestampTZ
	IntervalDay  // day to second
	IntervalYear // year to month
	JSON
	UUID
	IPAddress
	Array
	Map
	Row
	// Lambda is the type of a lambda argument; it never leaves a call.
	Lambda
)

// Unbounded is the length of varchar without one.
const Unbounded = -1

// MaxPrecision is a decimal's largest precision.
const MaxPrecision = 38

// Type is a type with its parameters. Equal types are Equal, not ==.
type Type struct {
	Kind Kind
	// P is a decimal's precision, a varchar's or char's length in code points
	// (Unbounded for plain varchar), the digits of a time's or timestamp's second.
	P int
	// S is a decimal's scale.
	S int
	// Elems are an array's element, a map's key and value, a row's fields.
	Elems []Type
	// Names are a row's field names, "" where a field has none.
	Names []string
}

// Simple types, as values.
var (
	TUnknown   = Type{Kind: Unknown}
	TBoolean   = Type{Kind: Boolean}
	TTinyint   = Type{Kind: Tinyint}
	TSmallint  = Type{Kind: Smallint}
	TInteger   = Type{Kind: Integer}
	TBigint    = Type{Kind: Bigint}
	TReal      = Type{Kind: Real}
	TDouble    = Type{Kind: Double}
	TVarchar   = Type{Kind: Varchar, P: Unbounded}
	TVarbinary = Type{Kind: Varbinary}
	TDate      = Type{Kind: Date}
	TJSON      = Type{Kind: JSON}
	TUUID      = Type{Kind: UUID}
	TIPAddress = Type{Kind: IPAddress}
	TIntervalD = Type{Kind: IntervalDay}
	TIntervalY = Type{Kind: IntervalYear}
)

// DecimalOf is decimal(p, s), p cut to MaxPrecision.
func DecimalOf(p, s int) Type { return Type{Kind: Decimal, P: min(p, MaxPrecision), S: s} }

// VarcharOf is varchar(n).
func VarcharOf(n int) Type { return Type{Kind: Varchar, P: n} }

// CharOf is char(n).
func CharOf(n int) Type { return Type{Kind: Char, P: n} }

// TimestampOf is timestamp(p).
func TimestampOf(p int) Type { return Type{Kind: Timestamp, P: p} }

// TimestampTZOf is timestamp(p) with time zone.
func TimestampTZOf(p int) Type { return Type{Kind: TimestampTZ, P: p} }

// TimeOf is time(p).
func TimeOf(p int) Type { return Type{Kind: Time, P: p} }

// ArrayOf is array(elem).
func ArrayOf(elem Type) Type { return Type{Kind: Array, Elems: []Type{elem}} }

// MapOf is map(key, value).
func MapOf(key, value Type) Type { return Type{Kind: Map, Elems: []Type{key, value}} }

// RowOf is a row of unnamed fields.
func RowOf(elems ...Type) Type {
	return Type{Kind: Row, Elems: elems, Names: make([]string, len(elems))}
}

// Elem is an array's element type.
func (t Type) Elem() Type { return t.Elems[0] }

// Key and Value are a map's.
func (t Type) Key() Type { return t.Elems[0] }

// Value is a map's value type.
func (t Type) Value() Type { return t.Elems[1] }

var names = map[Kind]string{
	Unknown: "unknown", Boolean: "boolean", Tinyint: "tinyint", Smallint: "smallint", Integer: "integer", Bigint: "bigint",
	Real: "real", Double: "double", Varbinary: "varbinary", Date: "date", IntervalDay: "interval day to second",
	IntervalYear: "interval year to month", JSON: "json", UUID: "uuid", IPAddress: "ipaddress", Lambda: "function",
}

// String is the type as typeof() and error messages print it: "decimal(12,1)".
func (t Type) String() string { return t.text(",") }

// Signature is the type as result columns print it: "decimal(12, 1)", and
// intervals in capitals.
func (t Type) Signature() string {
	switch t.Kind {
	case IntervalDay:
		return "INTERVAL DAY TO SECOND"
	case IntervalYear:
		return "INTERVAL YEAR TO MONTH"
	}
	return t.text(", ")
}

func (t Type) text(comma string) string {
	switch t.Kind {
	case Decimal:
		return fmt.Sprintf("decimal(%d%s%d)", t.P, comma, t.S)
	case Varchar:
		if t.P == Unbounded {
			return "varchar"
		}
		return "varchar(" + strconv.Itoa(t.P) + ")"
	case Char:
		return "char(" + strconv.Itoa(t.P) + ")"
	case Time:
		return "time(" + strconv.Itoa(t.P) + ")"
	case TimeTZ:
		return "time(" + strconv.Itoa(t.P) + ") with time zone"
	case Timestamp:
		return "timestamp(" + strconv.Itoa(t.P) + ")"
	case TimestampTZ:
		return "timestamp(" + strconv.Itoa(t.P) + ") with time zone"
	case Array:
		return "array(" + t.Elems[0].text(comma) + ")"
	case Map:
		return "map(" + t.Elems[0].text(comma) + ", " + t.Elems[1].text(comma) + ")"
	case Row:
		return "row(" + strings.Join(t.fields(comma), ", ") + ")"
	}
	return names[t.Kind]
}

func (t Type) fields(comma string) []string {
	out := make([]string, len(t.Elems))
	for i, e := range t.Elems {
		out[i] = e.text(comma)
		if n := t.Names[i]; n != "" {
			out[i] = fieldName(n) + " " + out[i]
		}
	}
	return out
}

func fieldName(n string) string {
	for i, r := range n {
		if !(r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || i > 0 && r >= '0' && r <= '9') {
			return `"` + strings.ReplaceAll(n, `"`, `""`) + `"`
		}
	}
	return n
}

// Equal compares types with all parameters; row field names count.
func (t Type) Equal(o Type) bool {
	if t.Kind != o.Kind || t.P != o.P || t.S != o.S || len(t.Elems) != len(o.Elems) {
		return false
	}
	for i := range t.Elems {
		if !t.Elems[i].Equal(o.Elems[i]) || t.Kind == Row && t.Names[i] != o.Names[i] {
			return false
		}
	}
	return true
}

// Is tells whether t's kind is one of kinds.
func (t Type) Is(kinds ...Kind) bool {
	for _, k := range kinds {
		if t.Kind == k {
			return true
		}
	}
	return false
}

// Integral tells whether t is tinyint to bigint.
func (t Type) Integral() bool { return t.Kind >= Tinyint && t.Kind <= Bigint }

// Numeric tells whether t is a number.
func (t Type) Numeric() bool { return t.Kind >= Tinyint && t.Kind <= Decimal }

// Text tells whether t is varchar or char.
func (t Type) Text() bool { return t.Kind == Varchar || t.Kind == Char }

// Orderable tells whether values can be ordered by < and ORDER BY.
func (t Type) Orderable() bool {
	switch t.Kind {
	case Map, JSON, Lambda:
		return false
	case Array, Row:
		for _, e := range t.Elems {
			if !e.Orderable() {
				return false
			}
		}
	}
	return true
}

// Comparable tells whether values can be tested for equality.
func (t Type) Comparable() bool {
	if t.Kind == Lambda {
		return false
	}
	for _, e := range t.Elems {
		if !e.Comparable() {
			return false
		}
	}
	return true
}

// Has tells whether t or a part of it is of one of kinds.
func (t Type) Has(kinds ...Kind) bool {
	if t.Is(kinds...) {
		return true
	}
	for _, e := range t.Elems {
		if e.Has(kinds...) {
			return true
		}
	}
	return false
}
