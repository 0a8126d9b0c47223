package js

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dop251/goja"
	"github.com/mulgil/mulgil/internal/base"
)

func evalErr(t *testing.T, e *Evaluator, expr string) error {
	t.Helper()
	v, _, err := e.Eval(context.Background(), expr, map[string]any{"s": strings.Repeat("ab", 1000), "f": map[string]any{}})
	if err == nil {
		if text := encode(t, v); len(text) > 100 {
			v = text[:100] + "..."
		}
		t.Errorf("%s = %v, want an error", expr, v)
	}
	return err
}

func TestLimits(t *testing.T) {
	e := evaluator(t, Options{Timeout: time.Minute, Bytes: 1 << 20, Elements: 100_000, Machines: 1})
	for name, c := range map[string]struct {
		expr string
		want *Error
	}{
		"recursion":            {`($f := function($x){ 1 + $f($x+1) }; $f(1))`, errDepth},
		"many terms":           {strings.Repeat("1+", 5000) + "$s", errDepth},
		"doubled text":         {`($p := function($s, $n) { $n = 0 ? $s : $p($s & $s, $n - 1) }; $length($p("x", 40)))`, errMemory},
		"joined text":          {`$join($map([1..2000], function(){$s}))`, errMemory},
		"padded text":          {`$pad("", 100000000)`, errMemory},
		"padded beyond a list": {`$pad("", 4000000000)`, errMemory},
		"text of a list":       {`$length($string($map([1..2000], function(){$s})))`, errMemory},
		"replaced text":        {`$replace($s, "a", $s)`, errMemory},
		"replaced by pattern":  {`$replace($s, /a/, $s)`, errMemory},
		"replaced by group":    {`$replace($s, /(.*)/, "$1$1$1" & $pad("", 1000000))`, errMemory},
		"long range":           {`$count([1..100001])`, errMemory},
		"longest range":        {`$count([1..10000001])`, errMemory},
		"many ranges":          {`$count($map([1..50], function($i){ [1..60000] })[0])`, errMemory},
		"long list":            {`($p := function($s, $n) { $n = 0 ? $s : $p($append($s, $s), $n - 1) }; $count($p([1,2], 40)))`, errMemory},
		"AWS's range":          {`$range(1, 1000000000, 1)`, errMemory},
		"backtracking":         {`$match("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", /^(?=a)(a+)+$/)`, errTime},
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			if err := evalErr(t, e, c.expr); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
			if d := time.Since(start); d > 20*time.Second {
				t.Errorf("took %v", d)
			}
			// the pool has one machine: the next evaluation gets it or its successor
			v, _, err := e.Eval(context.Background(), `$sum([1,2])`, nil)
			if err != nil || encode(t, v) != "3" {
				t.Errorf("afterwards: %v %v", v, err)
			}
		})
	}
}

func TestEndlessLoopIsStopped(t *testing.T) {
	e := evaluator(t, Options{Timeout: 200 * time.Millisecond, Machines: 1})
	if err := evalErr(t, e, `($f := function($x){ $f($x+1) }; $f(1))`); !errors.Is(err, errTime) {
		t.Errorf("%v", err)
	}
}

func TestDeepTextIsRefused(t *testing.T) {
	e := evaluator(t, Options{Timeout: 5 * time.Second})
	for _, expr := range []string{strings.Repeat("(", 100_000), strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)} {
		if err := e.Check(context.Background(), expr); err == nil {
			t.Errorf("%.10s... is accepted", expr)
		}
	}
}

func TestCancel(t *testing.T) {
	e := evaluator(t, Options{Machines: 1})
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(100*time.Millisecond, cancel)
	_, _, err := e.Eval(ctx, `($f := function($x){ $f($x+1) }; $f(1))`, nil)
	var be *base.Error
	if !errors.As(err, &be) || be.Kind != base.Canceled || !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if _, _, err := e.Eval(ctx, `$sum([1])`, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended: %v", err)
	}
}

func TestFunctionIsNoResult(t *testing.T) {
	e := evaluator(t, Options{})
	for _, expr := range []string{`$fn := function($x){$x}`, `$sum`, `{"a": [function($x){$x}]}`, `/a/`} {
		_, _, err := e.Eval(context.Background(), expr, nil)
		var fault *Error
		if !errors.As(err, &fault) || !fault.UnsupportedResult() {
			t.Errorf("%s: %v", expr, err)
		}
	}
}

func TestPanicIsAnError(t *testing.T) {
	p, err := Compile(Source{"none.js", ""})
	if err != nil {
		t.Fatal(err)
	}
	made := 0
	pool := NewPool(p, 1, func(*goja.Runtime) (int, error) { made++; return made, nil })
	err = pool.Do(context.Background(), time.Second, func(*goja.Runtime, int) error { panic("a bug") })
	if err == nil || !strings.Contains(err.Error(), "a bug") {
		t.Errorf("%v", err)
	}
	if err := pool.Do(context.Background(), time.Second, func(_ *goja.Runtime, n int) error {
		if n != 2 {
			return fmt.Errorf("machine %d came back", n)
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}

func TestManyAtOnce(t *testing.T) {
	e := evaluator(t, Options{Machines: 3, Cache: 4})
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			for j := range 20 {
				expr := fmt.Sprintf(`$string($sum([$n, %d])) & $states.input.s`, j)
				bindings := map[string]any{"n": i, "states": map[string]any{"input": map[string]any{"s": "!"}}}
				v, _, err := e.Eval(context.Background(), expr, bindings)
				if want := fmt.Sprint(i+j, "!"); err != nil || v != want {
					t.Errorf("%v %v, want %s", v, err, want)
				}
			}
		})
	}
	wg.Wait()
}

func TestMachinesDoNotShareState(t *testing.T) {
	e := evaluator(t, Options{Machines: 1})
	for _, expr := range []string{`$x := 5`, `($y := 6; $y)`} {
		if _, _, err := e.Eval(context.Background(), expr, nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, expr := range []string{`$x`, `$y`} {
		if v, defined, err := e.Eval(context.Background(), expr, nil); defined || err != nil {
			t.Errorf("%s = %v %v", expr, v, err)
		}
	}
}
