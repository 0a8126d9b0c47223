package asl

import (
	"errors"
	"testing"
)

func TestIntrinsicFunctions(t *testing.T) {
	root, _ := Decode([]byte(`{"s": "a{}b", "n": null, "o": {"b": 1.50, "a": [true]}, "l": [1, 1.0, "1"], "back": "x\\{y", "k": {"a, b": 7}}`))
	env := Env{Input: root, Context: map[string]any{"Name": "실행"}, Random: zeros{}}
	for expr, want := range map[string]string{
		`States.Format('{} \{\} {} \'{}\'', 'x', $.n, $.o)`:            `"x {} null '{a=[true], b=1.50}'"`,
		`States.Format('{}', $.s)`:                                     `"a{}b"`,
		`States.Format('{}{}', $.back, '\\')`:                          `"x\\{y\\"`,
		`States.Array(1, 'a\'b', true, null, $.k['a, b'])`:             `[1,"a'b",true,null,7]`,
		`States.Array($$.Name)`:                                        `["실행"]`,
		`States.ArrayUnique($.l)`:                                      `[1,"1"]`,
		`States.ArrayContains($.l, 1)`:                                 `true`,
		`States.ArrayRange(5, 1, -2)`:                                  `[5,3,1]`,
		`States.ArrayPartition(States.ArrayRange(1, 5, 1), 2)`:         `[[1,2],[3,4],[5]]`,
		`States.ArrayGetItem($.l, 2)`:                                  `"1"`,
		`States.MathAdd(-1.5, 1)`:                                      `0`,
		`States.MathAdd(2.5, 0)`:                                       `3`,
		`States.StringSplit('a,b;;c', ',;')`:                           `["a","b","c"]`,
		`States.StringToJson('{"a": 1.50}')`:                           `{"a":1.50}`,
		`States.JsonToString($.o)`:                                     `"{\"a\":[true],\"b\":1.50}"`,
		`States.JsonMerge($.o, States.StringToJson('{"b":2}'), false)`: `{"a":[true],"b":2}`,
		`States.Hash('abc', 'SHA-256')`:                                `"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"`,
		`States.Base64Decode(States.Base64Encode('한글'))`:               `"한글"`,
		`States.UUID()`:                                                `"00000000-0000-4000-8000-000000000000"`,
	} {
		e, err := ParseExpr(expr)
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		v, err := e.Eval(env, "x.$")
		if got := string(Encode(v)); got != want || err != nil {
			t.Errorf("%s gives %s %v, want %s", expr, got, err, want)
		}
	}
}

func TestIntrinsicFailuresAreNamed(t *testing.T) {
	env := Env{Input: map[string]any{"s": "x"}, Random: zeros{}}
	for expr, want := range map[string]string{
		`States.Format('{}{}', 1)`:                "States.IntrinsicFailure: States.Format: there are more {} than arguments (1)",
		`States.ArrayGetItem(States.Array(1), 1)`: "States.IntrinsicFailure: States.ArrayGetItem: index 1 is outside an array of 1",
		`States.ArrayRange(1, 9999, 1)`:           "States.IntrinsicFailure: States.ArrayRange: more than 1000 elements",
		`States.JsonMerge($, $, true)`:            "States.IntrinsicFailure: States.JsonMerge: deep merging is not supported: the third argument must be false",
		`States.MathAdd($.s, 1)`:                  `States.IntrinsicFailure: States.MathAdd: "x" is not a number`,
		`States.Array($.none)`:                    `States.Runtime: The JSONPath '$.none' specified for the field 'f.$' could not be found in the input '{"s":"x"}'`,
	} {
		e, err := ParseExpr(expr)
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		_, err = e.Eval(env, "f.$")
		var f *Fault
		if !errors.As(err, &f) || err.Error() != want {
			t.Errorf("%s\n got %v\nwant %s", expr, err, want)
		}
	}
}

func TestArgumentsThatAreNoValues(t *testing.T) {
	for _, word := range []string{`"d"`, `{}`, `[1]`, `01`, `abc`, ``} {
		if _, err := ParseExpr("States.Array(1, " + word + ")"); err == nil {
			t.Errorf("%q is taken as an argument", word)
		}
	}
}

func TestWildcards(t *testing.T) {
	for _, c := range []struct {
		pattern, s string
		want       bool
	}{
		{"log-*.txt", "log-2026.txt", true}, {"log-*.txt", "log-.txt", true}, {"log-*.txt", "log.txt", false},
		{`a\*b`, "a*b", true}, {`a\*b`, "axb", false}, {"*", "", true}, {"", "", true}, {"", "x", false},
		{"a*a", "a", false}, {"*가*", "나가다", true}, {`\\*`, `\x`, true}, {"a*b*c", "abc", true}, {"a*b*c", "acb", false},
	} {
		if got := Wildcard(c.pattern, c.s); got != c.want {
			t.Errorf("%q against %q: %v", c.s, c.pattern, got)
		}
	}
}

func TestChoiceRules(t *testing.T) {
	m, err := Parse("w", []byte(`{"StartAt": "C", "States": {"C": {"Type": "Choice", "Choices": [
		{"And": [{"Variable": "$.n", "NumericGreaterThan": 1}, {"Not": {"Variable": "$.n", "NumericGreaterThanEqualsPath": "$.max"}}], "Next": "between"},
		{"Or": [{"Variable": "$.x", "IsPresent": true}, {"Variable": "$.s", "StringMatches": "ab*"}], "Next": "present"},
		{"Variable": "$.t", "TimestampLessThan": "2026-01-01T00:00:00+09:00", "Next": "before"}]},
		"between": {"Type": "Succeed"}, "present": {"Type": "Succeed"}, "before": {"Type": "Succeed"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		`{"n": 2, "max": 2.5}`:                                         "between",
		`{"n": 9, "max": 3, "x": 0}`:                                   "present",
		`{"n": 9007199254740993, "max": 9007199254740992, "s": "abc"}`: "present",
		`{"n": "2", "s": "", "t": "2025-12-31T14:59:59.999Z"}`:         "before",
		`{"n": 0, "s": 1, "t": "2025-12-31T15:00:00Z"}`:                "States.NoChoiceMatched: Failed to transition out of the state. The state does not point to a next state.",
		`{"n": 2}`: "States.Runtime: Invalid path '$.max': The choice state's condition path references an invalid value.",
		`{}`:       "States.Runtime: Invalid path '$.n': The choice state's condition path references an invalid value.",
	} {
		v, _ := Decode([]byte(in))
		got := ""
		if way, err := m.States["C"].Choose(Env{Input: v}); err != nil {
			got = err.Error()
		} else {
			got = way.Next
		}
		if got != want {
			t.Errorf("%s goes to %s, want %s", in, got, want)
		}
	}
}

func TestInputIsRefusedInTheServicesWords(t *testing.T) {
	for in, want := range map[string]string{
		`{"a": 1}`: "",
		`nothing`:  "Invalid State Machine Execution Input: 'Unrecognized token 'nothing': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n at [Source: (String)\"nothing\"; line: 1, column: 8]'",
		`{"a":1,}`: "Invalid State Machine Execution Input: 'Unexpected character ('}' (code 125)): was expecting double-quote to start field name\n at [Source: (String)\"{\"a\":1,}\"; line: 1, column: 9]'",
	} {
		if got := InvalidInput([]byte(in)); got != want {
			t.Errorf("%s\n got %s\nwant %s", in, got, want)
		}
	}
}
