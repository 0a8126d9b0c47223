package query

import (
	"cmp"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake/external"
)

// mayHold tells whether rows of a partition can satisfy a predicate that was
// fitted to the partition keys. A value that is none of its key's type cannot
// be judged and may hold anything: reading it then says what is wrong.
func mayHold(p base.Predicate, keys []base.Field, values []string) bool {
	return base.MayHold(p, func(c base.Compare) bool {
		v, known := partitionValue(keys, values, c.Column)
		return !known || v != nil && holds(v, c.Op, c.Value)
	}, func(n base.IsNull) bool {
		v, known := partitionValue(keys, values, n.Column)
		return !known || (v == nil) != n.Not
	})
}

// partitionValue is a key's value in a predicate's terms, nil for NULL.
func partitionValue(keys []base.Field, values []string, column string) (v any, known bool) {
	for i, k := range keys {
		if !strings.EqualFold(k.Name, column) {
			continue
		}
		if values[i] == external.NullPartition {
			return nil, true
		}
		return typed(k.Type, values[i])
	}
	return nil, false
}

func typed(t base.Type, s string) (any, bool) {
	switch t.ID {
	case base.String:
		return s, true
	case base.Int, base.Long:
		n, err := strconv.ParseInt(s, 10, 64)
		return n, err == nil
	case base.Double:
		f, err := strconv.ParseFloat(s, 64)
		return f, err == nil
	case base.Decimal:
		r, ok := new(big.Rat).SetString(s)
		return r, ok
	case base.Boolean:
		b := strings.EqualFold(s, "true")
		return b, b || strings.EqualFold(s, "false")
	case base.Date:
		d, err := time.Parse(time.DateOnly, s)
		return d, err == nil
	case base.Timestamp:
		d, err := time.Parse("2006-01-02 15:04:05.999999999", s)
		return d, err == nil
	}
	return nil, false
}

// holds compares a value with a constant of its type.
func holds(v any, op base.Op, with any) bool {
	c, ok := compare(v, with)
	return !ok || op.Holds(c)
}

func compare(v, with any) (int, bool) {
	switch a := v.(type) {
	case string:
		b, ok := with.(string)
		return strings.Compare(a, b), ok
	case int64:
		b, ok := with.(int64)
		return cmp.Compare(a, b), ok
	case float64:
		b, ok := with.(float64)
		return cmp.Compare(a, b), ok && a == a
	case bool:
		b, ok := with.(bool)
		return order(a) - order(b), ok
	case time.Time:
		b, ok := with.(time.Time)
		return a.Compare(b), ok
	case *big.Rat:
		switch b := with.(type) {
		case int64:
			return a.Cmp(new(big.Rat).SetInt64(b)), true
		case base.DecimalText:
			r, ok := new(big.Rat).SetString(string(b))
			if !ok {
				return 0, false
			}
			return a.Cmp(r), true
		}
	}
	return 0, false
}

func order(b bool) int {
	if b {
		return 1
	}
	return 0
}
