package js

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"
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
		{`$states.input.{"k": %.context.id}`, `{"k":"x"}`},
		{`$keys($states)`, `["context","input"]`},
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
		{`$hash("a", "CRC")`, `D3137: Hash algorithm 'CRC' must be one of SHA-1, SHA-384, SHA-256, SHA-512, MD5`},
		{`$hash(1, "MD5")`, `T0410: Argument 1 of function "hash" does not match function signature`},
		{`$partition("a", 1)`, `T0412: Argument 1 of function "partition" must be an array of undefined`},
		{`$partition([1], -1)`, `D3137: Second argument must be zero or greater`},
		{`$partition([1], 1, 1)`, `T0410: Argument 3 of function "partition" does not match function signature`},
		{`$range(1, null, 1)`, `T0410: Argument 2 of function "range" does not match function signature`},
		{`$parse("{")`, `D3137: Invalid JSON`},
		{`$parse("1 2")`, `D3137: Invalid JSON`},
		{`$base64decode("%")`, `$base64decode cannot read its argument: illegal base64 data at input byte 0`},
		{`$error("mine")`, `D3137: mine`},
	} {
		_, _, err := e.Eval(context.Background(), c[0], nil)
		if err == nil || err.Error() != c[1] {
			t.Errorf("%s: %v, want %s", c[0], err, c[1])
		}
	}
}

// functionNames is the reference of https://docs.jsonata.org and AWS's six.
const functionNames = `abs append assert average base64decode base64encode boolean ceil clone contains count decodeUrl
decodeUrlComponent distinct each encodeUrl encodeUrlComponent error eval exists filter floor formatBase formatInteger
formatNumber fromMillis join keys length lookup lowercase map match max merge millis min not now number pad
parseInteger power random reduce replace reverse round shuffle sift single sort split spread sqrt string substring
substringAfter substringBefore sum toMillis trim type uppercase zip hash parse partition range uuid`

// TestEveryFunction runs testdata/functions.txt: expression => value, as the
// library gives it in Node (AWS's own: as AWS gives it), nothing, or !error.
func TestEveryFunction(t *testing.T) {
	text, err := os.ReadFile("testdata/functions.txt")
	if err != nil {
		t.Fatal(err)
	}
	e := evaluator(t, Options{})
	for line := range strings.Lines(string(text)) {
		expr, want, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " => ")
		v, defined, err := e.Eval(context.Background(), expr, nil)
		got := ""
		switch {
		case err != nil:
			got = "!" + err.Error()
		case defined:
			got = encode(t, v)
		}
		if got != want && !(err == nil && defined && want != "" && want[0] != '!' && same(v, decode(t, want))) {
			t.Errorf("%s = %s, want %s", expr, got, want)
		}
	}
	for _, name := range strings.Fields(functionNames) {
		if !strings.Contains(string(text), "$"+name+"(") {
			t.Errorf("no line has $%s", name)
		}
	}
}

func TestTimeAndChanceAreHandedIn(t *testing.T) {
	now := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	e := evaluator(t, Options{Now: func() time.Time { return now }, Random: zeros{}})
	for expr, want := range map[string]string{
		`$now()`:    `"2024-02-29T12:00:00.000Z"`,
		`$millis()`: `1709208000000`,
		`$random()`: `0`,
		`$uuid()`:   `"00000000-0000-4000-8000-000000000000"`,
	} {
		v, _, err := e.Eval(context.Background(), expr, nil)
		if err != nil || encode(t, v) != want {
			t.Errorf("%s = %v (%v), want %s", expr, v, err, want)
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// TestInputIsNotChanged: what was bound is only read, even by expressions that
// look like changes.
func TestInputIsNotChanged(t *testing.T) {
	e := evaluator(t, Options{})
	bindings := decode(t, sample).(map[string]any)
	before := encode(t, bindings)
	for _, expr := range []string{
		`$states.input ~> |a.b|{"c": 9}|`, `$append($states.input.list, 4)`, `$sort($states.input.list)`,
		`$states.input.list[]`, `$merge([$states.input, {"n": 4}])`, `$reverse($states.input.list)`,
	} {
		if _, _, err := e.Eval(context.Background(), expr, bindings); err != nil {
			t.Errorf("%s: %v", expr, err)
		}
	}
	if after := encode(t, bindings); after != before {
		t.Errorf("changed to %s", after)
	}
}
