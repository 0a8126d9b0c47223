package external

import (
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

// Allowed says which values of a partition key a statement can want: those In
// (nil is any), from Low to High, both included. It may allow more than the
// statement does, never less.
type Allowed struct {
	In        []string
	Low, High *string
}

// Narrow reads from a predicate what it says about each partition key, by name
// in lower case; keys it does not bind are absent. Values are text, as folder
// names have it: dates as 2006-01-02.
func Narrow(where base.Predicate, keys []base.Field) map[string]Allowed {
	out := map[string]Allowed{}
	for _, k := range keys {
		if a, bound := narrow(where, k); bound {
			out[strings.ToLower(k.Name)] = a
		}
	}
	return out
}

// narrow is what p says about key; false if it says nothing that helps.
func narrow(p base.Predicate, key base.Field) (Allowed, bool) {
	switch p := p.(type) {
	case base.And:
		return narrowAll(p, key)
	case base.Or:
		return narrowAny(p, key)
	case base.In:
		if !strings.EqualFold(p.Column, key.Name) {
			return Allowed{}, false
		}
		in := []string{}
		for _, v := range p.Values {
			s, ok := valueText(v, key.Type)
			if !ok {
				return Allowed{}, false
			}
			in = append(in, s)
		}
		return Allowed{In: in}, true
	case base.Compare:
		return narrowCompare(p, key)
	}
	return Allowed{}, false
}

func narrowCompare(p base.Compare, key base.Field) (Allowed, bool) {
	s, ok := valueText(p.Value, key.Type)
	if !ok || !strings.EqualFold(p.Column, key.Name) {
		return Allowed{}, false
	}
	switch p.Op {
	case base.Eq:
		return Allowed{In: []string{s}}, true
	case base.Lt, base.Le:
		return Allowed{High: &s}, true
	case base.Gt, base.Ge:
		return Allowed{Low: &s}, true
	}
	return Allowed{}, false
}

func narrowAll(p base.And, key base.Field) (out Allowed, bound bool) {
	for _, term := range p {
		a, ok := narrow(term, key)
		if !ok {
			continue
		}
		bound = true
		out = both(out, a, key.Type)
	}
	return out, bound
}

// both allows what a and b allow.
func both(a, b Allowed, t base.Type) Allowed {
	switch {
	case a.In == nil:
		a.In = b.In
	case b.In != nil:
		a.In = slices.DeleteFunc(slices.Clone(a.In), func(v string) bool {
			return !slices.ContainsFunc(b.In, func(o string) bool { return CompareValues(v, o, t) == 0 })
		})
	}
	if a.Low == nil || b.Low != nil && CompareValues(*b.Low, *a.Low, t) > 0 {
		a.Low = b.Low
	}
	if a.High == nil || b.High != nil && CompareValues(*b.High, *a.High, t) < 0 {
		a.High = b.High
	}
	return a
}

// narrowAny joins the values of terms that all name values of key.
func narrowAny(p base.Or, key base.Field) (Allowed, bool) {
	in := []string{}
	for _, term := range p {
		a, ok := narrow(term, key)
		if !ok || a.In == nil {
			return Allowed{}, false
		}
		in = append(in, a.In...)
	}
	return Allowed{In: in}, true
}

// valueText is a constant as a partition value of type t; false if the types do
// not go together.
func valueText(v any, t base.Type) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, t.ID == base.String || t.ID == base.Date || t.ID == base.Timestamp
	case int64:
		return strconv.FormatInt(v, 10), t.ID == base.Int || t.ID == base.Long
	case bool:
		return strconv.FormatBool(v), t.ID == base.Boolean
	case base.DecimalText:
		return string(v), t.ID == base.Decimal
	case time.Time:
		if t.ID == base.Date && v.Equal(v.Truncate(24*time.Hour)) {
			return v.UTC().Format(time.DateOnly), true
		}
		return v.UTC().Format("2006-01-02 15:04:05.999999"), t.ID == base.Timestamp
	}
	return "", false
}

// CompareValues orders partition values as values of their type; text that is no
// value of it is ordered as text.
func CompareValues(a, b string, t base.Type) int {
	switch t.ID {
	case base.Int, base.Long, base.Decimal, base.Float, base.Double:
		x, ok := new(big.Rat).SetString(plainNumber(a))
		y, also := new(big.Rat).SetString(plainNumber(b))
		if ok && also {
			return x.Cmp(y)
		}
	case base.Date, base.Timestamp:
		x, err := parseTime(a)
		y, also := parseTime(b)
		if err == nil && also == nil {
			return x.Compare(y)
		}
	case base.Boolean:
		a, b = strings.ToLower(a), strings.ToLower(b)
	}
	return strings.Compare(a, b)
}

// plainNumber is s if it can be read as a number at little cost.
func plainNumber(s string) string {
	if len(s) > 60 || strings.ContainsAny(s, "eE/_xXpPbBoO") {
		return "-"
	}
	return s
}

func parseTime(s string) (time.Time, error) {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t, nil
	}
	return time.Parse("2006-01-02 15:04:05.999999999", s)
}

// admits tells whether a stored value can be wanted.
func (a Allowed) admits(v string, t base.Type) bool {
	if v == NullPartition {
		return false // a comparison with NULL is not true
	}
	if CheckPartitionValue(base.Field{Type: t}, "", v) != nil {
		return true // whoever reads it tells the mistake
	}
	if a.In != nil && !slices.ContainsFunc(a.In, func(o string) bool { return CompareValues(v, o, t) == 0 }) {
		return false
	}
	return (a.Low == nil || CompareValues(v, *a.Low, t) >= 0) && (a.High == nil || CompareValues(v, *a.High, t) <= 0)
}

// Prune keeps the partitions whose values are allowed.
func Prune(t Table, parts []Partition, want map[string]Allowed) []Partition {
	if len(want) == 0 {
		return parts
	}
	return slices.DeleteFunc(slices.Clone(parts), func(p Partition) bool {
		for i, k := range t.PartitionKeys {
			if a, ok := want[strings.ToLower(k.Name)]; ok && !a.admits(p.Values[i], k.Type) {
				return true
			}
		}
		return false
	})
}
