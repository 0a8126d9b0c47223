package postgres

import (
	"fmt"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port/extract"
)

// column is a table's column as pg_catalog has it, domains resolved.
type column struct {
	field base.Field
	// typ is the type's name as PostgreSQL prints it: "numeric(10,2)", "geometry".
	typ string
	// wire says how the decoder reads a value; wireNone if it cannot.
	wire wire
	elem wire // a list's elements
	// asText has the server cast the value to text.
	asText bool
	// loose is set for collations under which different texts can be equal.
	loose bool
}

// wire is a type's binary form.
type wire uint8

const (
	wireNone wire = iota
	wireBool
	wireInt2
	wireInt4
	wireInt8
	wireOID
	wireFloat4
	wireFloat8
	wireNumeric
	wireDate
	wireTime
	wireTimestamp
	wireText
	wireBytes
	wireUUID
	wireJSONB
	wireArray
)

// scalars are PostgreSQL's built-in types we read, by pg_type.typname.
var scalars = map[string]struct {
	wire wire
	id   base.TypeID
}{
	"bool": {wireBool, base.Boolean}, "int2": {wireInt2, base.Int}, "int4": {wireInt4, base.Int}, "int8": {wireInt8, base.Long},
	"oid": {wireOID, base.Long}, "float4": {wireFloat4, base.Float}, "float8": {wireFloat8, base.Double},
	"numeric": {wireNumeric, base.Decimal}, "date": {wireDate, base.Date}, "time": {wireTime, base.Time},
	"timestamp": {wireTimestamp, base.Timestamp}, "timestamptz": {wireTimestamp, base.TimestampTZ},
	"text": {wireText, base.String}, "varchar": {wireText, base.String}, "bpchar": {wireText, base.String}, "name": {wireText, base.String},
	"citext": {wireText, base.String}, "bytea": {wireBytes, base.Binary}, "uuid": {wireUUID, base.UUID},
	"json": {wireText, base.String}, "jsonb": {wireJSONB, base.String},
}

// rawType is one row of pg_type.
type rawType struct {
	name   string
	kind   string // typtype: b, e, c, d, r, m, p
	base   uint32 // a domain's
	mod    int32  // a domain's typmod
	elem   uint32 // a true array's, else 0
	system bool   // of pg_catalog or a well-known extension
}

// catalogTypes resolves type ids.
type catalogTypes map[uint32]rawType

// resolve fills c's type from a type id and modifier; an unknown type stays
// wireNone with its PostgreSQL name as type id, for Describe to show.
func (ts catalogTypes) resolve(c *column, oid uint32, mod int32, numericAsText bool) {
	t, m := ts.base(oid, mod)
	if t.elem != 0 {
		et, em := ts.base(t.elem, m)
		var e column
		e.typ = c.typ
		scalar(&e, et, em, numericAsText)
		if e.wire != wireNone && !e.asText {
			c.wire, c.elem = wireArray, e.wire
			c.field.Type = base.ListOf(e.field.Type)
			return
		}
		if e.asText {
			c.wire, c.elem, c.asText = wireArray, wireText, true
			c.field.Type = base.ListOf(base.Type{ID: base.String})
			return
		}
		c.field.Type = base.Type{ID: base.TypeID(c.typ)}
		return
	}
	scalar(c, t, m, numericAsText)
}

// base follows domains to the type they are made of.
func (ts catalogTypes) base(oid uint32, mod int32) (rawType, int32) {
	t := ts[oid]
	for i := 0; t.kind == "d" && i < 32; i++ {
		if t.mod >= 0 {
			mod = t.mod
		}
		t = ts[t.base]
	}
	return t, mod
}

func scalar(c *column, t rawType, mod int32, numericAsText bool) {
	known, ok := scalars[t.name]
	switch {
	case t.kind == "e":
		c.wire, c.field.Type = wireText, base.Type{ID: base.String}
	case !ok || !t.system:
		c.field.Type = base.Type{ID: base.TypeID(c.typ)}
	case known.wire == wireNumeric:
		numeric(c, mod, numericAsText)
	default:
		c.wire, c.field.Type = known.wire, base.Type{ID: known.id}
	}
}

// numeric maps numeric(p,s). A negative scale has whole numbers with more
// digits, a scale above p only decimals.
func numeric(c *column, mod int32, asText bool) {
	if mod >= 4 {
		p := int((mod - 4) >> 16 & 0xffff)
		s := int(((mod - 4) & 0x7ff) ^ 1024 - 1024)
		if s < 0 {
			p, s = p-s, 0
		}
		if p = max(p, s); p <= extract.MaxPrecision {
			c.wire, c.field.Type = wireNumeric, base.DecimalOf(p, s)
			return
		}
	}
	if asText {
		c.wire, c.asText, c.field.Type = wireText, true, base.Type{ID: base.String}
		return
	}
	c.field.Type = base.Type{ID: base.TypeID(c.typ)}
}

// refusal explains why a column cannot be extracted.
func (c *column) refusal(table string) *base.Error {
	e := base.Errorf(base.Invalid, "table %s column %q: type %s cannot be held exactly", table, c.field.Name, c.typ)
	switch c.typ {
	case "numeric", "numeric[]":
		e.Msg = fmt.Sprintf("table %s column %q: %s without precision can hold more digits than a decimal", table, c.field.Name, c.typ)
		return e.WithHint("read a view that casts it, such as %s::numeric(38,9), leave it out by listing columns, or ask for numerics as text", quote(c.field.Name))
	}
	return e.WithHint("leave it out by listing columns, or read a view that casts it, such as %s::text", quote(c.field.Name))
}
