package js

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
)

func decode(t testing.TB, text string) any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

func encode(t testing.TB, v any) string {
	t.Helper()
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(b.String())
}

func evaluator(t testing.TB, o Options) *Evaluator {
	t.Helper()
	e, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

var sample = `{"states":{"input":{"n":3,"big":12345678901234567890,"money":1.10,"list":[1,2.0,3],"one":[7],"none":[],"a":{"b":[{"c":1},{"c":2}]},"s":"text","null":null},"context":{"id":"x"}},"v":{"x":[{"y":"first"}]}}`

func TestEval(t *testing.T) {
	e := evaluator(t, Options{})
	bindings := decode(t, sample).(map[string]any)
	for _, c := range [][2]string{
		{`$states.input.n + 1`, `4`},
		{`$states.input.big`, `12345678901234567890`},
		{`{"k": $states.input.big, "m": $states.input.money}`, `{"k":12345678901234567890,"m":1.1}`},
		{`$states.input.list`, `[1,2.0,3]`},
		{`{"k": $states.input.list}`, `{"k":[1,2.0,3]}`},
		{`$states.input.money`, `1.10`},
		{`$map($states.input.list, function($v){$v})`, `[1,2,3]`},
		{`$states.input.a.b.c`, `[1,2]`},
		{`$sum($states.input.list) * 2`, `12`},
		{`$states.input`, encode(t, bindings["states"].(map[string]any)["input"])},
		{`$v.x[0].y`, `"first"`},
		{`$partition([1,2,3], 2)`, `[[1,2],[3]]`},
		{`$range(0, 6, 2)`, `[0,2,4,6]`},
		{`$hash("input", "SHA-1")`, `"140f86aae51ab9e1cda9b4254fe98a74eb54c1a1"`},
		{`$random(42)`, `0.7275636800328681`},
		{`$parse('{"b":1,"a":[1.0]}')`, `{"a":[1],"b":1}`},
		{`$keys($parse('{"b":1,"a":2}'))`, `["b","a"]`},
		{`1/0`, `"Infinity"`},
		{`$doesNotExist`, ``},
		{`$states.input.toString`, ``},
		{`$states.input.constructor.name`, ``},
	} {
		v, defined, err := e.Eval(context.Background(), c[0], bindings)
		got := ""
		if defined {
			got = encode(t, v)
		}
		if err != nil || got != c[1] {
			t.Errorf("%s = %s (%v), want %s", c[0], got, err, c[1])
		}
	}
}

func TestErrorsAreAWSs(t *testing.T) {
	e := evaluator(t, Options{})
	for _, c := range [][2]string{
		{`$abs("a")`, `T0410: Argument 1 of function "abs" does not match function signature`},
		{`$sum(["a"])`, `T0412: Argument 1 of function "sum" must be an array of "numbers"`},
		{`$eval("1+1")`, `T1006: Attempted to invoke a non-function`},
		{`$nosuch(1)`, `T1006: Attempted to invoke a non-function`},
		{`1 + "a"`, `T2002: The right side of the "+" operator must evaluate to a number`},
		{`a[1,2)`, `S0202: Expected "]", got ","`},
		{`"unterminated`, `S0101: String literal must be terminated by a matching quote`},
		{`1 +`, `S0207: Unexpected end of expression`},
		{`{"a":}`, `S0211: The symbol "}" cannot be used as a unary operator`},
		{`$match("a", /abc`, `S0302: No terminating / in regular expression`},
		{`$error("mine")`, `D3137: mine`},
	} {
		_, _, err := e.Eval(context.Background(), c[0], nil)
		if err == nil || err.Error() != c[1] {
			t.Errorf("%s: %v, want %s", c[0], err, c[1])
		}
	}
}
