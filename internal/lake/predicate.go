package lake

import (
	"encoding/binary"
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

// plannable are the columns that planning may use: all but those whose type
// was widened, whose older bounds iceberg-go cannot read, and text columns the
// table is partitioned by whose summaries it would misread (hollow). mayHold
// judges these file by file instead.
func plannable(t *table.Table, m moment, fields []base.Field) ([]base.Field, error) {
	bad, err := hollow(t, m)
	if err != nil {
		return nil, err
	}
	var out []base.Field
	for _, f := range fields {
		if !bad[f.ID] && !widened(t, f) {
			out = append(out, f)
		}
	}
	return out, nil
}

// hollow are the text columns for which some manifest's summary of a partition
// field begins with the empty text. iceberg-go takes that for "only NULLs" and
// would leave the manifest out.
func hollow(t *table.Table, m moment) (map[int]bool, error) {
	out, texts := map[int]bool{}, false
	for _, s := range t.Metadata().PartitionSpecs() {
		for _, p := range s.Fields() {
			f, ok := t.Schema().FindFieldByID(p.SourceID())
			texts = texts || !ok || f.Type.Equals(iceberg.PrimitiveTypes.String)
		}
	}
	if !texts || m.snapshot == nil {
		return out, nil
	}
	list, err := manifests(m.snapshot, newFS(t.Location(), nil))
	if err != nil {
		return nil, err
	}
	specs := specsOf(t)
	for _, x := range list {
		spec, summaries, i := specs[int(x.PartitionSpecID())], x.Partitions(), 0
		for _, p := range spec.Fields() {
			if i >= len(summaries) || summaries[i].LowerBound == nil || len(*summaries[i].LowerBound) == 0 {
				out[p.SourceID()] = true
			}
			i++
		}
	}
	return out, nil
}

// widened tells whether a column ever had another type.
func widened(t *table.Table, f base.Field) bool {
	for _, s := range t.Metadata().Schemas() {
		was, ok := s.FindFieldByID(f.ID)
		if !ok {
			continue
		}
		if b, err := baseType(was.Type); err != nil || !b.Equal(f.Type) {
			return true
		}
	}
	return false
}

// facts is what is known of all rows of a file that planning does not look at.
type facts struct {
	// text holds the partition's text columns by name; nil is NULL.
	text map[string]*string
	// whole holds lower and upper bound of widened whole numbers by name; of
	// a column with NULLs only the lower is the greatest number there is.
	whole map[string][2]int64
}

// mayHold tells whether rows of a file can match p.
func mayHold(p port.Predicate, fields []base.Field, known facts) bool {
	return base.MayHold(p, func(c port.Compare) bool { return known.compare(c, fields) }, func(n port.IsNull) bool {
		i := findField(fields, n.Column)
		if i < 0 {
			return true
		}
		v, ok := known.text[fields[i].Name]
		return !ok || (v == nil) != n.Not
	})
}

func (k facts) compare(p port.Compare, fields []base.Field) bool {
	i := findField(fields, p.Column)
	if i < 0 {
		return true
	}
	want, text := p.Value.(string)
	if v, ok := k.text[fields[i].Name]; ok && text {
		return v != nil && p.Op.Holds(strings.Compare(*v, want))
	}
	r, ok := k.whole[fields[i].Name]
	if n, exact := unscaled(p.Value, 0); ok && exact && n.IsInt64() {
		return overlaps(r, n.Int64(), p.Op)
	}
	return true
}

// overlaps tells whether some number between r's ends can compare so with v.
func overlaps(r [2]int64, v int64, op port.Op) bool {
	switch op {
	case port.Eq:
		return r[0] <= v && v <= r[1]
	case port.Lt:
		return r[0] < v
	case port.Le:
		return r[0] <= v
	case port.Gt:
		return r[1] > v
	case port.Ge:
		return r[1] >= v
	}
	return true
}

// widenedLongs are the columns that were int and now are long.
func widenedLongs(t *table.Table, fields []base.Field) []base.Field {
	var out []base.Field
	for _, f := range fields {
		if f.Type.ID == base.Long && widened(t, f) {
			out = append(out, f)
		}
	}
	return out
}

// wholeBounds are a file's bounds of widened columns.
func wholeBounds(columns []base.Field, f iceberg.DataFile) map[string][2]int64 {
	if len(columns) == 0 {
		return nil
	}
	out := map[string][2]int64{}
	lower, upper := f.LowerBoundValues(), f.UpperBoundValues()
	for _, c := range columns {
		if values := f.ValueCounts()[c.ID]; values > 0 && values == f.NullValueCounts()[c.ID] {
			out[c.Name] = [2]int64{math.MaxInt64, math.MinInt64}
			continue
		}
		lo, ok := wholeOf(lower[c.ID])
		hi, also := wholeOf(upper[c.ID])
		if ok && also {
			out[c.Name] = [2]int64{lo, hi}
		}
	}
	return out
}

func wholeOf(b []byte) (int64, bool) {
	switch len(b) {
	case 4:
		return int64(int32(binary.LittleEndian.Uint32(b))), true
	case 8:
		return int64(binary.LittleEndian.Uint64(b)), true
	}
	return 0, false
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
