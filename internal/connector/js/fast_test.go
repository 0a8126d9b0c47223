package js

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestFastPathTakesWhatMachinesWrite(t *testing.T) {
	for expr, fast := range map[string]bool{
		`$states.input.a.b`: true,
		`$var.x[0].y`:       true,
		`'literal'`:         true,
		`"a" & $v.b & 3`:    true,
		`$states.input.value >= 20 and $states.input.value < 30`: true,
		`($n + 1) - 2 = 3 or $b`:                                 true,
		`true`:                                                   true,
		`-1`:                                                     false,
		`"a\n"`:                                                  false,
		`$sum($x)`:                                               false,
		`$x.*`:                                                   false,
		`$x[a=1]`:                                                false,
		`$x.and`:                                                 false,
		`a.b`:                                                    false,
		`[1]`:                                                    false,
		`$x /* comment */`:                                       false,
		`$x.$y`:                                                  false,
		`$x.y.`:                                                  false,
		`$x y`:                                                   false,
		``:                                                       false,
		`(1`:                                                     false,
		`$x := 1`:                                                false,
		`1 in $x`:                                                false,
		`$x[0][0]`:                                               false,
		`"a".b`:                                                  false,
	} {
		if got := parseFast(expr) != nil; got != fast {
			t.Errorf("%s: fast %v", expr, got)
		}
	}
}

// dice makes random values and expressions over them.
type dice struct{ *rand.Rand }

func (d dice) value(depth int) any {
	n := d.IntN(12)
	if depth == 0 {
		n = d.IntN(8)
	}
	switch n {
	case 0:
		return nil
	case 1:
		return d.IntN(2) == 0
	case 2, 3:
		return []string{"", "a", "b", "ab", "1", "한글", "\U0001F600", "\uFB01"}[d.IntN(8)]
	case 4, 5, 6, 7:
		return json.Number([]string{"0", "1", "2", "-1", "1.0", "0.1", "1e2", "-0", "12345678901234567890", "1e400", "999999999999999", "3.14"}[d.IntN(12)])
	case 8, 9:
		list := make([]any, d.IntN(4))
		for i := range list {
			list[i] = d.value(depth - 1)
		}
		return list
	}
	m := map[string]any{}
	for range d.IntN(4) {
		m[string(rune('a'+d.IntN(4)))] = d.value(depth - 1)
	}
	return m
}

func (d dice) expr(depth int) string {
	switch n := d.IntN(8); {
	case depth == 0 && n < 2:
		return []string{`"a"`, `'1'`, `0`, `2`, `1.5`, `true`, `false`, `null`, `""`, `1.0`}[d.IntN(10)]
	case depth == 0:
		var b strings.Builder
		b.WriteString([]string{"$v", "$w", "$states"}[d.IntN(3)])
		for range d.IntN(4) {
			fmt.Fprintf(&b, ".%c", 'a'+d.IntN(4))
			if d.IntN(4) == 0 {
				fmt.Fprintf(&b, "[%d]", d.IntN(3))
			}
		}
		return b.String()
	case n == 0:
		return "(" + d.expr(depth-1) + ")"
	}
	op := []string{"=", "!=", "<", "<=", ">", ">=", "&", "&", "+", "-", "and", "or"}[d.IntN(12)]
	return d.expr(depth-1) + " " + op + " " + d.expr(d.IntN(depth))
}

// TestFastPathAgreesWithTheLibrary compares the two over random data. A number
// read alone keeps its spelling on the fast path, so values are compared.
func TestFastPathAgreesWithTheLibrary(t *testing.T) {
	e := evaluator(t, Options{Cache: 1 << 16})
	d := dice{rand.New(rand.NewPCG(7, 11))}
	answered, rounds := 0, 2500
	for range rounds {
		bindings := map[string]any{"v": d.value(3), "w": d.value(2), "states": map[string]any{"a": d.value(3), "b": d.value(2)}}
		expr := d.expr(d.IntN(3))
		v, defined, ok := e.fast.eval(expr, bindings)
		if !ok {
			continue
		}
		answered++
		w, wdefined, err := e.slow(context.Background(), expr, bindings)
		if err != nil || defined != wdefined || defined && !same(v, w) {
			t.Fatalf("%s over %s\nfast: %s\nlibrary: %s", expr, encode(t, bindings), show(t, v, defined, nil), show(t, w, wdefined, err))
		}
	}
	t.Logf("the fast path answered %d of %d", answered, rounds)
	if answered < rounds/4 {
		t.Errorf("the fast path answered only %d of %d", answered, rounds)
	}
}

var benchExprs = []struct{ name, expr string }{
	{"path", `$states.input.a.b`},
	{"condition", `$states.input.n >= 20 and $states.input.n < 30`},
	{"text", `"order-" & $states.input.s`},
}

func benchBindings(b *testing.B) map[string]any {
	return decode(b, `{"states":{"input":{"a":{"b":1},"n":25,"s":"x","list":[{"p":1,"q":2},{"p":3,"q":4}]},"context":{}}}`).(map[string]any)
}

func BenchmarkFast(b *testing.B) {
	e := evaluator(b, Options{})
	bindings := benchBindings(b)
	for _, x := range benchExprs {
		b.Run(x.name, func(b *testing.B) {
			for b.Loop() {
				if _, _, ok := e.fast.eval(x.expr, bindings); !ok {
					b.Fatal("not on the fast path")
				}
			}
		})
	}
}

func BenchmarkLibrary(b *testing.B) {
	e := evaluator(b, Options{})
	bindings := benchBindings(b)
	for _, x := range append(benchExprs, struct{ name, expr string }{"sum", `$sum($states.input.list.(p * q))`}) {
		b.Run(x.name, func(b *testing.B) {
			for b.Loop() {
				if _, _, err := e.slow(context.Background(), x.expr, bindings); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
