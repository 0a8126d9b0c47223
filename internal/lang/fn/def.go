package fn

import (
	"fmt"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

// Def is one function as an engine would register it. Types are DuckDB's type
// text; values have the Go forms that port.Function lists (a DATE or TIMESTAMP
// is a time.Time in UTC, a list []any, a MAP [][2]any, a STRUCT []any).
type Def struct {
	Name     string
	Params   []string
	Variadic string
	Returns  string
	Volatile bool
	NullArgs bool
	// Body is safe for concurrent use and keeps nothing of args. Its errors are
	// *base.Error with Trino's error name as Code.
	Body func(args []any) (any, error)
}

// Date is a day, as midnight UTC.
type Date struct{ time.Time }

// Nanos is a timestamp with nanoseconds.
type Nanos struct{ time.Time }

// Zoned is an instant and the id of the zone it is shown in.
type Zoned struct {
	T    time.Time
	Zone string
}

// ZonedNanos is a Zoned with nanoseconds.
type ZonedNanos struct {
	T    time.Time
	Zone string
}

// Pair is an entry of a map; maps keep their order.
type Pair[V any] struct {
	Key   string
	Value V
}

// Pairs is MAP(VARCHAR, V).
type Pairs[V any] []Pair[V]

func invalid(format string, args ...any) error {
	return base.Errorf(base.Invalid, format, args...).WithCode("INVALID_FUNCTION_ARGUMENT")
}

func badCast(format string, args ...any) error {
	return base.Errorf(base.Invalid, format, args...).WithCode("INVALID_CAST_ARGUMENT")
}

func outOfRange(format string, args ...any) error {
	return base.Errorf(base.Invalid, format, args...).WithCode("NUMERIC_VALUE_OUT_OF_RANGE")
}

func notSupported(format string, args ...any) error {
	return base.Errorf(base.Invalid, format, args...).WithCode("NOT_SUPPORTED")
}

// maxText is the most bytes any function returns.
const maxText = 1 << 20

func checkSize(n int) error {
	if n > maxText {
		return invalid("result of %d bytes is larger than %d", n, maxText)
	}
	return nil
}

// cell is a Go type that has a DuckDB type: its text and the way in and out.
type cell[T any] struct {
	text string
	in   func(any) T
	out  func(T) any
}

// same is a cell whose driver form is T itself.
func same[T any](text string) cell[T] {
	return cell[T]{text, func(v any) T { return v.(T) }, func(v T) any { return v }}
}

func listCell[T any](e cell[T]) cell[[]T] {
	return cell[[]T]{e.text + "[]",
		func(v any) []T {
			list := v.([]any)
			out := make([]T, len(list))
			for i, x := range list {
				out[i] = e.in(x)
			}
			return out
		},
		func(v []T) any {
			out := make([]any, len(v))
			for i, x := range v {
				out[i] = e.out(x)
			}
			return out
		}}
}

// nullCell lets T be NULL, as nil.
func nullCell[T any](e cell[T]) cell[*T] {
	return cell[*T]{e.text,
		func(v any) *T {
			if v == nil {
				return nil
			}
			x := e.in(v)
			return &x
		},
		func(v *T) any {
			if v == nil {
				return nil
			}
			return e.out(*v)
		}}
}

func mapCell[V any](e cell[V]) cell[Pairs[V]] {
	return cell[Pairs[V]]{"MAP(VARCHAR, " + e.text + ")",
		func(v any) Pairs[V] {
			entries := v.([][2]any)
			out := make(Pairs[V], len(entries))
			for i, x := range entries {
				out[i] = Pair[V]{x[0].(string), e.in(x[1])}
			}
			return out
		},
		func(v Pairs[V]) any {
			out := make([][2]any, len(v))
			for i, x := range v {
				out[i] = [2]any{x.Key, e.out(x.Value)}
			}
			return out
		}}
}

// cellOf finds how T crosses.
func cellOf[T any]() cell[T] {
	var zero T
	var c any
	switch any(&zero).(type) {
	case *string:
		c = same[string]("VARCHAR")
	case *[]byte:
		c = same[[]byte]("BLOB")
	case *bool:
		c = same[bool]("BOOLEAN")
	case *int32:
		c = same[int32]("INTEGER")
	case *int64:
		c = same[int64]("BIGINT")
	case *float32:
		c = same[float32]("FLOAT")
	case *float64:
		c = same[float64]("DOUBLE")
	case *time.Time:
		c = same[time.Time]("TIMESTAMP")
	case *Nanos:
		c = cell[Nanos]{"TIMESTAMP_NS", func(v any) Nanos { return Nanos{v.(time.Time)} }, func(v Nanos) any { return v.Time }}
	case *Date:
		c = cell[Date]{"DATE", func(v any) Date { return Date{v.(time.Time)} }, func(v Date) any { return v.Time }}
	case *Zoned:
		c = cell[Zoned]{"STRUCT(t TIMESTAMP, z VARCHAR)", func(v any) Zoned { return Zoned{v.([]any)[0].(time.Time), v.([]any)[1].(string)} }, func(v Zoned) any { return []any{v.T, v.Zone} }}
	case *ZonedNanos:
		c = cell[ZonedNanos]{"STRUCT(t TIMESTAMP_NS, z VARCHAR)", func(v any) ZonedNanos { return ZonedNanos{v.([]any)[0].(time.Time), v.([]any)[1].(string)} }, func(v ZonedNanos) any { return []any{v.T, v.Zone} }}
	case **string:
		c = nullCell(same[string]("VARCHAR"))
	case **bool:
		c = nullCell(same[bool]("BOOLEAN"))
	case **int64:
		c = nullCell(same[int64]("BIGINT"))
	case **float64:
		c = nullCell(same[float64]("DOUBLE"))
	case *[]string:
		c = listCell(same[string]("VARCHAR"))
	case *[]*string:
		c = listCell(nullCell(same[string]("VARCHAR")))
	case *[][]*string:
		c = listCell(listCell(nullCell(same[string]("VARCHAR"))))
	case *[]int64:
		c = listCell(same[int64]("BIGINT"))
	case *[][]int64:
		c = listCell(listCell(same[int64]("BIGINT")))
	case *[]float64:
		c = listCell(same[float64]("DOUBLE"))
	case *Pairs[string]:
		c = mapCell(same[string]("VARCHAR"))
	case *Pairs[[]string]:
		c = mapCell(listCell(same[string]("VARCHAR")))
	case *Pairs[*float64]:
		c = mapCell(nullCell(same[float64]("DOUBLE")))
	default:
		panic(fmt.Sprintf("no engine type for %T", zero))
	}
	return c.(cell[T])
}

func def1[A, R any](name string, f func(A) (R, error)) Def {
	a, r := cellOf[A](), cellOf[R]()
	return Def{Name: name, Params: []string{a.text}, Returns: r.text, Body: func(v []any) (any, error) {
		out, err := f(a.in(v[0]))
		if err != nil {
			return nil, err
		}
		return r.out(out), nil
	}}
}

func def2[A, B, R any](name string, f func(A, B) (R, error)) Def {
	a, b, r := cellOf[A](), cellOf[B](), cellOf[R]()
	return Def{Name: name, Params: []string{a.text, b.text}, Returns: r.text, Body: func(v []any) (any, error) {
		out, err := f(a.in(v[0]), b.in(v[1]))
		if err != nil {
			return nil, err
		}
		return r.out(out), nil
	}}
}

func def3[A, B, C, R any](name string, f func(A, B, C) (R, error)) Def {
	a, b, c, r := cellOf[A](), cellOf[B](), cellOf[C](), cellOf[R]()
	return Def{Name: name, Params: []string{a.text, b.text, c.text}, Returns: r.text, Body: func(v []any) (any, error) {
		out, err := f(a.in(v[0]), b.in(v[1]), c.in(v[2]))
		if err != nil {
			return nil, err
		}
		return r.out(out), nil
	}}
}

func def4[A, B, C, D, R any](name string, f func(A, B, C, D) (R, error)) Def {
	a, b, c, d, r := cellOf[A](), cellOf[B](), cellOf[C](), cellOf[D](), cellOf[R]()
	return Def{Name: name, Params: []string{a.text, b.text, c.text, d.text}, Returns: r.text, Body: func(v []any) (any, error) {
		out, err := f(a.in(v[0]), b.in(v[1]), c.in(v[2]), d.in(v[3]))
		if err != nil {
			return nil, err
		}
		return r.out(out), nil
	}}
}

// variadic makes a function of A and any number of VARCHARs.
func variadic[A, R any](name string, f func(A, []*string) (R, error)) Def {
	a, rest, r := cellOf[A](), cellOf[*string](), cellOf[R]()
	return Def{Name: name, Params: []string{a.text}, Variadic: rest.text, Returns: r.text, Body: func(v []any) (any, error) {
		more := make([]*string, len(v)-1)
		for i := range more {
			more[i] = rest.in(v[i+1])
		}
		out, err := f(a.in(v[0]), more)
		if err != nil {
			return nil, err
		}
		return r.out(out), nil
	}}
}

// nulls marks a function that is called with NULLs.
func nulls(d Def) Def { d.NullArgs = true; return d }

// sure wraps a function that cannot go wrong.
func sure[A, R any](f func(A) R) func(A) (R, error) {
	return func(a A) (R, error) { return f(a), nil }
}

func sure2[A, B, R any](f func(A, B) R) func(A, B) (R, error) {
	return func(a A, b B) (R, error) { return f(a, b), nil }
}
