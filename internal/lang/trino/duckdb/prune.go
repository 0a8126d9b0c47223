package duckdb

import (
	"maps"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// keep narrows the scans to rows that fulfil preds too. It is called where a
// row that does not fulfil them cannot reach the result.
func (b *binder) keep(preds map[*Scan]base.Predicate) {
	for s, p := range preds {
		s.Where = and(s.Where, p)
	}
}

func and(a, b base.Predicate) base.Predicate {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	if l, ok := a.(base.And); ok {
		return append(append(base.And{}, l...), b)
	}
	return base.And{a, b}
}

// allOf holds when every term does.
func allOf(list []expr) map[*Scan]base.Predicate {
	out := map[*Scan]base.Predicate{}
	for _, e := range list {
		for s, p := range e.preds {
			out[s] = and(out[s], p)
		}
	}
	return out
}

// anyOf holds when one term does: only scans that every term limits.
func anyOf(list []expr) map[*Scan]base.Predicate {
	if len(list) == 0 {
		return nil
	}
	out := map[*Scan]base.Predicate{}
	for s := range maps.Keys(list[0].preds) {
		var or base.Or
		for _, e := range list {
			p, ok := e.preds[s]
			if !ok {
				break
			}
			or = append(or, p)
		}
		if len(or) == len(list) {
			out[s] = or
		}
	}
	return out
}

func onScan(o *origin, p base.Predicate) map[*Scan]base.Predicate {
	return map[*Scan]base.Predicate{o.scan: p}
}

// prunable is a constant in the form a base.Predicate takes, for a column of type t.
func prunable(v any, t types.Type) (any, bool) {
	switch v := v.(type) {
	case string:
		return v, t.Kind == types.Varchar
	case int64:
		return v, t.Integral()
	case time.Time:
		return v, t.Is(types.Date, types.Timestamp, types.TimestampTZ)
	case bool:
		return v, t.Kind == types.Boolean
	}
	return nil, false
}

var flipped = map[base.Op]base.Op{base.Eq: base.Eq, base.Ne: base.Ne, base.Lt: base.Gt, base.Le: base.Ge, base.Gt: base.Lt, base.Ge: base.Le}

// comparePreds is what x op y says of a scan.
func comparePreds(op string, x, y expr) map[*Scan]base.Predicate {
	o := base.Op(op)
	if x.col == nil {
		x, y, o = y, x, flipped[o]
	}
	if x.col == nil || o == "" {
		return nil
	}
	v, ok := prunable(y.val, x.typ)
	if !ok {
		return nil
	}
	return onScan(x.col, base.Compare{Column: x.col.column, Op: o, Value: v})
}

// inPreds is what x IN (list) says.
func inPreds(x expr, list []expr) map[*Scan]base.Predicate {
	if x.col == nil {
		return nil
	}
	in := base.In{Column: x.col.column}
	for _, e := range list {
		v, ok := prunable(e.val, x.typ)
		if !ok {
			return nil
		}
		in.Values = append(in.Values, v)
	}
	return onScan(x.col, in)
}

// likePreds is what x LIKE p says if the pattern has no wildcard: clients ask
// for tables by name so. esc is 0 without ESCAPE.
func likePreds(x, p expr, esc rune) map[*Scan]base.Predicate {
	pattern, ok := p.val.(string)
	if !ok {
		return nil
	}
	var plain strings.Builder
	r := []rune(pattern)
	for i := 0; i < len(r); i++ {
		switch {
		case esc != 0 && r[i] == esc && i+1 < len(r):
			i++
		case r[i] == '%' || r[i] == '_':
			return nil
		}
		plain.WriteRune(r[i])
	}
	p.val = plain.String()
	return comparePreds("=", x, p)
}
