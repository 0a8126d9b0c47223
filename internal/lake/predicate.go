package lake

import (
	"math"
	"math/big"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
)

// prune turns a predicate into a planning filter that is true wherever the
// predicate is, and maybe elsewhere: terms that cannot be said exactly become
// true. Float columns are never used, because NaN lies outside the bounds that
// are kept. nil means no filter.
func prune(p port.Predicate, fields []base.Field) iceberg.BooleanExpression {
	if p == nil {
		return nil
	}
	e := weaken(p, fields)
	if _, all := e.(iceberg.AlwaysTrue); all {
		return nil
	}
	return e
}

// plannable are the columns that planning may use: all but the text columns
// that tables are partitioned by. iceberg-go reads the empty text, as the
// lower end of a manifest's partitions, as "only NULLs" and would leave the
// manifest out; mayHold judges those columns file by file instead.
func plannable(t *table.Table, fields []base.Field) []base.Field {
	skip := map[int]bool{}
	for _, s := range t.Metadata().PartitionSpecs() {
		for _, p := range s.Fields() {
			skip[p.SourceID()] = true
		}
	}
	var out []base.Field
	for _, f := range fields {
		if !skip[f.ID] || f.Type.ID != base.String {
			out = append(out, f)
		}
	}
	return out
}

// mayHold tells whether rows of a partition can match p. values holds what is
// known of the partition, text columns by name; nil is NULL.
func mayHold(p port.Predicate, fields []base.Field, values map[string]*string) bool {
	known := func(name string) (*string, bool) {
		i := findField(fields, name)
		if i < 0 {
			return nil, false
		}
		v, ok := values[fields[i].Name]
		return v, ok
	}
	switch p := p.(type) {
	case port.And:
		for _, q := range p {
			if !mayHold(q, fields, values) {
				return false
			}
		}
	case port.Or:
		for _, q := range p {
			if mayHold(q, fields, values) {
				return true
			}
		}
		return false
	case port.Compare:
		want, text := p.Value.(string)
		if v, ok := known(p.Column); ok && text {
			return v != nil && holds(strings.Compare(*v, want), p.Op)
		}
	case port.In:
		for _, v := range p.Values {
			if mayHold(port.Compare{Column: p.Column, Op: port.Eq, Value: v}, fields, values) {
				return true
			}
		}
		return false
	case port.IsNull:
		if v, ok := known(p.Column); ok {
			return (v == nil) != p.Not
		}
	}
	return true
}

func holds(order int, op port.Op) bool {
	switch op {
	case port.Eq:
		return order == 0
	case port.Ne:
		return order != 0
	case port.Lt:
		return order < 0
	case port.Le:
		return order <= 0
	case port.Gt:
		return order > 0
	case port.Ge:
		return order >= 0
	}
	return true
}

func weaken(p port.Predicate, fields []base.Field) iceberg.BooleanExpression {
	var all, none iceberg.BooleanExpression = iceberg.AlwaysTrue{}, iceberg.AlwaysFalse{}
	switch p := p.(type) {
	case port.And:
		for _, q := range p {
			all = iceberg.NewAnd(all, weaken(q, fields))
		}
		return all
	case port.Or:
		for _, q := range p {
			none = iceberg.NewOr(none, weaken(q, fields))
		}
		return none
	case port.Compare:
		return compare(p, fields)
	case port.In:
		for _, v := range p.Values {
			none = iceberg.NewOr(none, compare(port.Compare{Column: p.Column, Op: port.Eq, Value: v}, fields))
		}
		return none
	case port.IsNull:
		f, ok := column(fields, p.Column)
		if !ok || len(f.Type.Fields) > 0 {
			return all
		}
		if p.Not {
			return iceberg.NotNull(iceberg.Reference(f.Name))
		}
		return iceberg.IsNull(iceberg.Reference(f.Name))
	}
	return all
}

func column(fields []base.Field, name string) (base.Field, bool) {
	i := findField(fields, name)
	if i < 0 || strings.Contains(fields[i].Name, ".") { // a dot would be read as a path
		return base.Field{}, false
	}
	return fields[i], true
}

var operations = map[port.Op]iceberg.Operation{
	port.Eq: iceberg.OpEQ, port.Lt: iceberg.OpLT, port.Le: iceberg.OpLTEQ, port.Gt: iceberg.OpGT, port.Ge: iceberg.OpGTEQ,
}

func compare(c port.Compare, fields []base.Field) iceberg.BooleanExpression {
	op, known := operations[c.Op]
	f, ok := column(fields, c.Column)
	if !known || !ok {
		return iceberg.AlwaysTrue{} // <> hardly ever excludes a file
	}
	lit, ok := literal(f.Type, c.Value)
	if !ok {
		return iceberg.AlwaysTrue{}
	}
	return iceberg.LiteralPredicate(op, iceberg.Reference(f.Name), lit)
}

// literal is v as a value of type t, if it is one exactly.
func literal(t base.Type, v any) (iceberg.Literal, bool) {
	switch t.ID {
	case base.String:
		s, ok := v.(string)
		return iceberg.NewLiteral(s), ok
	case base.Boolean:
		b, ok := v.(bool)
		return iceberg.NewLiteral(b), ok
	case base.Int, base.Long:
		n, ok := unscaled(v, 0)
		if !ok || !n.IsInt64() || t.ID == base.Int && int64(int32(n.Int64())) != n.Int64() {
			return nil, false
		}
		if t.ID == base.Int {
			return iceberg.NewLiteral(int32(n.Int64())), true
		}
		return iceberg.NewLiteral(n.Int64()), true
	case base.Decimal:
		n, ok := unscaled(v, t.Scale)
		if !ok || n.BitLen() > 126 || len(new(big.Int).Abs(n).String()) > t.Precision {
			return nil, false
		}
		return iceberg.NewLiteral(iceberg.Decimal{Val: decimal128.FromBigInt(n), Scale: t.Scale}), true
	case base.Date:
		d, ok := v.(time.Time)
		if !ok || d.UTC().Truncate(24*time.Hour) != d.UTC() {
			return nil, false
		}
		return iceberg.NewLiteral(iceberg.Date(d.Unix() / 86400)), true
	case base.Timestamp, base.TimestampTZ:
		d, ok := v.(time.Time)
		return iceberg.NewLiteral(iceberg.Timestamp(d.UnixMicro())), ok && d.Nanosecond()%1000 == 0
	}
	return nil, false
}

// unscaled is the number v times 10^scale, if that is whole.
func unscaled(v any, scale int) (*big.Int, bool) {
	r := new(big.Rat)
	switch v := v.(type) {
	case int64:
		r.SetInt64(v)
	case int:
		r.SetInt64(int64(v))
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) || math.Abs(v) >= 1<<53 {
			return nil, false
		}
		r.SetFloat64(v)
	case port.Decimal:
		if len(v) > 100 || strings.ContainsAny(string(v), "eE/") {
			return nil, false
		}
		if _, ok := r.SetString(string(v)); !ok {
			return nil, false
		}
	default:
		return nil, false
	}
	r.Mul(r, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)))
	if !r.IsInt() {
		return nil, false
	}
	return new(big.Int).Set(r.Num()), true
}
