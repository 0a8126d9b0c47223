package trino

import (
	"encoding/json"

	"github.com/mulgil/mulgil/internal/lang/trino/types"
	"github.com/mulgil/mulgil/internal/query"
)

// column is a result column on the wire.
type column struct {
	Name      string    `json:"name"`
	Type      string    `json:"type"`
	Signature signature `json:"typeSignature"`
}

// signature is a type in the form clients take apart.
type signature struct {
	Raw       string     `json:"rawType"`
	Arguments []argument `json:"arguments"`
}

// argument is a number (LONG), a type (TYPE), or a row's field (NAMED_TYPE).
type argument struct {
	Kind  string `json:"kind"`
	Value any    `json:"value"`
}

type fieldName struct {
	Name string `json:"name"`
}

type field struct {
	Name      *fieldName `json:"fieldName,omitempty"`
	Signature signature  `json:"typeSignature"`
}

// unboundedLength is how clients are told of a varchar without a length.
const unboundedLength = 1<<31 - 1

// columnsJSON is what clients are told of a result's columns, and their types.
// A client that is not parametric is told of "timestamp" rather than timestamp(6).
func columnsJSON(cols []query.Column, parametric bool) ([]byte, []types.Type, error) {
	out, list := make([]column, len(cols)), make([]types.Type, len(cols))
	for i, c := range cols {
		t, err := types.Parse(c.Type)
		if err != nil {
			return nil, nil, err
		}
		list[i] = t
		out[i] = column{Name: c.Name, Type: c.Type, Signature: sign(t, parametric)}
		if !parametric && t.Has(clocks...) {
			out[i].Type = plain(t)
		}
	}
	b, err := json.Marshal(out)
	return b, list, err
}

// clocks are the types whose second has a number of digits.
var clocks = []types.Kind{types.Time, types.TimeTZ, types.Timestamp, types.TimestampTZ}

var rawNames = map[types.Kind]string{
	types.Unknown: "unknown", types.Boolean: "boolean", types.Tinyint: "tinyint", types.Smallint: "smallint", types.Integer: "integer", types.Bigint: "bigint",
	types.Real: "real", types.Double: "double", types.Decimal: "decimal", types.Varchar: "varchar", types.Char: "char", types.Varbinary: "varbinary",
	types.Date: "date", types.Time: "time", types.TimeTZ: "time with time zone", types.Timestamp: "timestamp", types.TimestampTZ: "timestamp with time zone",
	types.IntervalDay: "interval day to second", types.IntervalYear: "interval year to month", types.JSON: "json", types.UUID: "uuid",
	types.IPAddress: "ipaddress", types.Array: "array", types.Map: "map", types.Row: "row",
}

func sign(t types.Type, parametric bool) signature {
	s := signature{Raw: rawNames[t.Kind], Arguments: []argument{}}
	long := func(n int) { s.Arguments = append(s.Arguments, argument{"LONG", n}) }
	switch {
	case t.Kind == types.Decimal:
		long(t.P)
		long(t.S)
	case t.Kind == types.Varchar && t.P == types.Unbounded:
		long(unboundedLength)
	case t.Text(), t.Is(clocks...) && parametric:
		long(t.P)
	case t.Kind == types.Row:
		for i, e := range t.Elems {
			f := field{Signature: sign(e, parametric)}
			if n := t.Names[i]; n != "" {
				f.Name = &fieldName{n}
			}
			s.Arguments = append(s.Arguments, argument{"NAMED_TYPE", f})
		}
	case t.Is(types.Array, types.Map):
		for _, e := range t.Elems {
			s.Arguments = append(s.Arguments, argument{"TYPE", sign(e, parametric)})
		}
	}
	return s
}
