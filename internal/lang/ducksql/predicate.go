package ducksql

import (
	"encoding/json"
	"math/big"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

// predicate translates the part of a WHERE clause that speaks of one table
// alone. single says that unqualified columns can only be that table's (or
// names of the select list, which Fit drops as unknown). Terms it cannot
// translate are left out of an AND and spoil an OR: what remains refuses no
// row that the whole clause would keep.
func (w *walker) predicate(e Node, alias string, single bool) base.Predicate {
	if e == nil {
		return nil
	}
	switch e.str("type") {
	case "CONJUNCTION_AND":
		var and base.And
		for _, c := range e.nodes("children") {
			if p := w.predicate(c, alias, single); p != nil {
				and = append(and, p)
			}
		}
		if len(and) == 0 {
			return nil
		}
		return and
	case "CONJUNCTION_OR":
		var or base.Or
		for _, c := range e.nodes("children") {
			p := w.predicate(c, alias, single)
			if p == nil {
				return nil
			}
			or = append(or, p)
		}
		return or
	case "COMPARE_BETWEEN":
		col := w.column(e.node("input"), alias, single)
		lo, ok1 := w.constant(e.node("lower"))
		hi, ok2 := w.constant(e.node("upper"))
		if col == "" || !ok1 || !ok2 {
			return nil
		}
		return base.And{base.Compare{Column: col, Op: base.Ge, Value: lo}, base.Compare{Column: col, Op: base.Le, Value: hi}}
	case "COMPARE_IN":
		return w.in(e.nodes("children"), alias, single)
	case "OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL":
		c := e.nodes("children")
		if len(c) != 1 {
			return nil
		}
		if col := w.column(c[0], alias, single); col != "" {
			return base.IsNull{Column: col, Not: e.str("type") == "OPERATOR_IS_NOT_NULL"}
		}
	}
	return w.comparison(e, alias, single)
}

var compareOps = map[string]base.Op{
	"COMPARE_EQUAL": base.Eq, "COMPARE_NOTEQUAL": base.Ne, "COMPARE_LESSTHAN": base.Lt,
	"COMPARE_LESSTHANOREQUALTO": base.Le, "COMPARE_GREATERTHAN": base.Gt, "COMPARE_GREATERTHANOREQUALTO": base.Ge,
}

var flipped = map[base.Op]base.Op{base.Eq: base.Eq, base.Ne: base.Ne, base.Lt: base.Gt, base.Le: base.Ge, base.Gt: base.Lt, base.Ge: base.Le}

func (w *walker) comparison(e Node, alias string, single bool) base.Predicate {
	op, ok := compareOps[e.str("type")]
	if !ok {
		return nil
	}
	l, r := e.node("left"), e.node("right")
	col := w.column(l, alias, single)
	if col == "" {
		l, r, op = r, l, flipped[op]
		col = w.column(l, alias, single)
	}
	v, isConst := w.constant(r)
	if col == "" || !isConst {
		return nil
	}
	return base.Compare{Column: col, Op: op, Value: v}
}

func (w *walker) in(c []Node, alias string, single bool) base.Predicate {
	if len(c) < 2 {
		return nil
	}
	in := base.In{Column: w.column(c[0], alias, single)}
	if in.Column == "" {
		return nil
	}
	for _, x := range c[1:] {
		v, ok := w.constant(x)
		if !ok {
			return nil
		}
		in.Values = append(in.Values, v)
	}
	return in
}

func (w *walker) column(e Node, alias string, single bool) string {
	if e.str("class") != "COLUMN_REF" {
		return ""
	}
	switch p := e.strs("column_names"); {
	case len(p) == 1 && single:
		return p[0]
	case len(p) == 2 && strings.EqualFold(p[0], alias):
		return p[1]
	}
	return ""
}

// constant evaluates literals, parameters and casts of either. NULL is not a
// constant here: nothing compares with it.
func (w *walker) constant(e Node) (any, bool) {
	switch e.str("class") {
	case "CONSTANT":
		return literal(e.node("value"))
	case "PARAMETER":
		v, ok := w.params[e.str("identifier")]
		return v, ok && v != nil
	case "CAST":
		v, ok := w.constant(e.node("child"))
		if !ok {
			return nil, false
		}
		return cast(v, e.node("cast_type").str("id"))
	}
	return nil, false
}

func literal(v Node) (any, bool) {
	if null, _ := v["is_null"].(bool); null {
		return nil, false
	}
	t := v.node("type")
	switch t.str("id") {
	case "VARCHAR":
		s, ok := v["value"].(string)
		return s, ok
	case "INTEGER", "BIGINT", "SMALLINT", "TINYINT":
		n, ok := v["value"].(json.Number)
		if !ok {
			return nil, false
		}
		i, err := n.Int64()
		return i, err == nil
	case "DECIMAL":
		n, ok := v["value"].(json.Number)
		scale, err := t.node("type_info")["scale"].(json.Number)
		if !ok || !err {
			return nil, false
		}
		return decimal(n.String(), scale)
	case "DOUBLE":
		n, ok := v["value"].(json.Number)
		if !ok {
			return nil, false
		}
		f, err := n.Float64()
		return f, err == nil
	case "BOOLEAN":
		b, ok := v["value"].(bool)
		return b, ok
	}
	return nil, false
}

func decimal(digits string, scale json.Number) (any, bool) {
	n, err := scale.Int64()
	i, ok := new(big.Int).SetString(digits, 10)
	if err != nil || !ok || n < 0 || n > 38 {
		return nil, false
	}
	d := new(big.Rat).SetFrac(i, new(big.Int).Exp(big.NewInt(10), big.NewInt(n), nil))
	return base.DecimalText(d.FloatString(int(n))), true
}

func cast(v any, to string) (any, bool) {
	s, isText := v.(string)
	switch to {
	case "DATE":
		if t, err := time.Parse(time.DateOnly, s); isText && err == nil {
			return t, true
		}
	case "TIMESTAMP":
		for _, f := range []string{time.DateTime, time.DateOnly, "2006-01-02T15:04:05"} {
			if t, err := time.Parse(f, s); isText && err == nil {
				return t, t.Nanosecond()%1000 == 0 // the engine cuts what is finer
			}
		}
	case "BOOLEAN":
		if s == "t" || s == "true" {
			return true, true
		}
		if s == "f" || s == "false" {
			return false, true
		}
	case "VARCHAR":
		return v, isText
	case "INTEGER", "BIGINT":
		_, isInt := v.(int64)
		return v, isInt
	}
	return nil, false
}

// Fit keeps of p what a table with these fields can answer with the engine's
// own meaning: unknown columns and values of another type class than the
// column's are left out, by the same rule as in Analyze. Values are turned
// into the column's type; nil is no filter.
func Fit(p base.Predicate, fields []base.Field) base.Predicate {
	switch x := p.(type) {
	case base.And:
		var and base.And
		for _, c := range x {
			if f := Fit(c, fields); f != nil {
				and = append(and, f)
			}
		}
		if len(and) == 0 {
			return nil
		}
		return and
	case base.Or:
		or := make(base.Or, 0, len(x))
		for _, c := range x {
			f := Fit(c, fields)
			if f == nil {
				return nil
			}
			or = append(or, f)
		}
		return or
	case base.Compare:
		f, ok := find(fields, x.Column)
		v, fits := fitValue(x.Value, f.Type)
		if !ok || !fits {
			return nil
		}
		return base.Compare{Column: f.Name, Op: x.Op, Value: v}
	case base.In:
		f, ok := find(fields, x.Column)
		out := base.In{Column: f.Name}
		for _, v := range x.Values {
			v, fits := fitValue(v, f.Type)
			if !ok || !fits {
				return nil
			}
			out.Values = append(out.Values, v)
		}
		return out
	case base.IsNull:
		if f, ok := find(fields, x.Column); ok {
			return base.IsNull{Column: f.Name, Not: x.Not}
		}
	}
	return nil
}

func find(fields []base.Field, name string) (base.Field, bool) {
	for _, f := range fields {
		if strings.EqualFold(f.Name, name) {
			return f, true
		}
	}
	return base.Field{}, false
}

func fitValue(v any, t base.Type) (any, bool) {
	switch t.ID {
	case base.String:
		_, ok := v.(string)
		return v, ok
	case base.Int, base.Long:
		_, ok := v.(int64)
		return v, ok
	case base.Decimal:
		_, isInt := v.(int64)
		_, isDec := v.(base.DecimalText)
		return v, isInt || isDec
	case base.Double:
		switch x := v.(type) {
		case float64:
			return x, true
		case int64:
			return float64(x), x > -1<<53 && x < 1<<53
		}
	case base.Boolean:
		_, ok := v.(bool)
		return v, ok
	case base.Date:
		if s, ok := v.(string); ok {
			t, err := time.Parse(time.DateOnly, s)
			return t, err == nil
		}
		d, ok := v.(time.Time)
		return v, ok && d.Equal(d.Truncate(24*time.Hour))
	case base.Timestamp:
		d, ok := v.(time.Time)
		return d, ok
	}
	return nil, false
}

// AnyOf joins what several references ask of one table: a file or row is
// needed if any of them needs it.
func AnyOf(preds []base.Predicate) base.Predicate {
	for _, p := range preds {
		if p == nil {
			return nil
		}
	}
	if len(preds) == 1 {
		return preds[0]
	}
	return base.Or(preds)
}
