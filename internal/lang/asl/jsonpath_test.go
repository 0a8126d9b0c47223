package asl

import (
	"encoding/json"
	"errors"
	"testing"
)

const sample = `{"a": {"b": [0, 1, {"c": "x"}, 3], "k-dash": 1, "키": "값", "n": null}, "k": 2,
	"items": [{"id": 1, "tag": "가", "on": true}, {"id": 2, "tag": "나"}, {"id": 3, "tag": "다", "on": false}], "empty": [], "text": "abc"}`

func TestPathsFollowJayway(t *testing.T) {
	root, err := Decode([]byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"$.k":                                "2",
		"$.a.b[1]":                           "1",
		"$.a.b[-1]":                          "3",
		"$['a']['k-dash']":                   "1",
		`$["a"].k-dash`:                      "1",
		"$.a.키":                              `"값"`,
		"$.a.n":                              "null",
		"$['k','text']":                      `{"k":2,"text":"abc"}`,
		"$.a.b[0,1]":                         "[0,1]",
		"$.a.b[1:3]":                         `[1,{"c":"x"}]`,
		"$.a.b[:2]":                          "[0,1]",
		"$.a.b[-2:]":                         `[{"c":"x"},3]`,
		"$.items[*].id":                      "[1,2,3]",
		"$..c":                               `["x"]`,
		"$..id":                              "[1,2,3]",
		"$.items[?(@.id > 1)].tag":           `["나","다"]`,
		"$.items[?(@.on)].id":                "[1,3]",
		"$.items[?(!@.on)].id":               "[2]",
		"$.items[?(@.id == $.k)].tag":        `["나"]`,
		"$.items[?(@.tag == '가')].id":        "[1]",
		"$.items[?(@.id in [1, 3])].id":      "[1,3]",
		"$.items[?(@.id<2 || @.on==false)]":  `[{"id":1,"on":true,"tag":"가"},{"id":3,"on":false,"tag":"다"}]`,
		"$.items[?(@.tag =~ /[가-깋]/)].id":    "[1]",
		"$.items[?(@.id>=1 && (@.id<2))].id": "[1]",
		"$.items.length()":                   "3",
		"$.items[*].id.sum()":                "6.0",
		"$.items[*].id.max()":                "3.0",
		"$.a.b.length()":                     "4",
		"$.none[*]":                          "[]",
		"$.none.more[0:2].x":                 "[]",
		"$.empty[*]":                         "[]",
		"$.none":                             "No results for path: $['none']",
		"$.none.more":                        "Missing property in path $['none']",
		"$.a.b[9]":                           "No results for path: $['a']['b'][9]",
		"$.text.x":                           "No results for path: $['text']['x']",
	} {
		p, err := ParsePath(path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		v, err := p.Eval(root)
		got := string(Encode(v))
		var missing *PathError
		if errors.As(err, &missing) {
			got = missing.Reason
		}
		if got != want {
			t.Errorf("%s gives %s, want %s", path, got, want)
		}
	}
}

func TestMalformedPathsAreRefused(t *testing.T) {
	for _, s := range []string{"", "a", "$.", "$..", "$[", "$[]", "$['a", "$.a[1", "$.a[x]", "$.a[?(@.b]", "$.a[?()]", "$.a.f()", "$.a b", "$a", "$[0:5:2]", "$[?(@.a =~ /(/)]"} {
		if p, err := ParsePath(s); err == nil {
			t.Errorf("%q is accepted as %+v", s, p)
		}
	}
}

func FuzzPath(f *testing.F) {
	f.Add("$.a.b[?(@.c == 'x' && !(@.d))]..e[0:1].length()", sample)
	f.Add("States.Format('{}', $.a['b,c'], States.Array(1, 'x\\''))", sample)
	f.Fuzz(func(t *testing.T, path, doc string) {
		root, err := Decode([]byte(doc))
		if err != nil {
			root = map[string]any{}
		}
		if p, err := ParsePath(path); err == nil {
			v, err := p.Eval(root)
			if err == nil && !p.Definite() && p.function == "" {
				if _, ok := v.([]any); !ok {
					t.Errorf("%q is indefinite but gives %v", path, v)
				}
			}
		}
		if e, err := ParseExpr(path); err == nil {
			if v, err := e.Eval(Env{Input: root, Random: zeros{}}, "f"); err == nil && !json.Valid(Encode(v)) {
				t.Errorf("%q gives %v", path, v)
			}
		}
	})
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }
