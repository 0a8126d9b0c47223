package dynamo_test

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/base/attribute"
	"github.com/mulgil/mulgil/internal/lang/dynamo"
)

func item(t testing.TB, text string) attribute.Item {
	t.Helper()
	i, err := attribute.ParseItem([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return i
}

// mistakes reads a file of expressions and the words below each.
func mistakes(t testing.TB, name string) [][2]string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out [][2]string
	for s := bufio.NewScanner(f); s.Scan(); {
		line := s.Text()
		switch {
		case line == "" || strings.HasPrefix(line, "# "):
		case strings.HasPrefix(line, "    "):
			out[len(out)-1][1] = strings.TrimSpace(line)
		default:
			out = append(out, [2]string{line, ""})
		}
	}
	if len(out) < 30 {
		t.Fatalf("%s has only %d cases", name, len(out))
	}
	return out
}

// request is one expression with the names and values of the test files.
func request(t testing.TB, kind, line string) dynamo.Request {
	t.Helper()
	expression, values, _ := strings.Cut(line, " with ")
	r := dynamo.Request{Names: map[string]string{"#a": "a", "#b": "b", "#d": "[3]"}}
	if values != "" {
		r.Values = item(t, values)
	}
	switch kind {
	case "Condition":
		r.Condition = &expression
	case "Update":
		r.Update = &expression
	}
	return r
}

func TestMistakesAreToldInDynamoDBsWords(t *testing.T) {
	for kind, file := range map[string]string{"Condition": "conditions.txt", "Update": "updates.txt"} {
		for _, c := range mistakes(t, file) {
			_, err := dynamo.Parse(request(t, kind, c[0]))
			want := "Invalid " + kind + "Expression: " + c[1]
			if err == nil || err.Error() != want || base.CodeOf(err) != "ValidationException" {
				t.Errorf("%s\ngot  %v\nwant %s", c[0], err, want)
			}
		}
	}
}

func TestNamesAndValuesMustBeGoodAndUsed(t *testing.T) {
	text := func(s string) *string { return &s }
	one := map[string]attribute.Value{":v": attribute.Text("x")}
	for want, r := range map[string]dynamo.Request{
		"ExpressionAttributeNames must not be empty":                                                                                                             {Condition: text("x"), Names: map[string]string{}},
		`ExpressionAttributeNames contains invalid key: Syntax error; key: "a"`:                                                                                  {Condition: text("x"), Names: map[string]string{"a": "b"}},
		"ExpressionAttributeValues must not be empty":                                                                                                            {Condition: text("x"), Values: map[string]attribute.Value{}},
		`ExpressionAttributeValues contains invalid key: Syntax error; key: ":a-b"`:                                                                              {Condition: text("x"), Values: map[string]attribute.Value{":a-b": {}}},
		"Value provided in ExpressionAttributeNames unused in expressions: keys: {#x, #y}":                                                                       {Update: text("set #z = b"), Names: map[string]string{"#x": "a", "#y": "b", "#z": "c"}},
		"Value provided in ExpressionAttributeValues unused in expressions: keys: {:v}":                                                                          {Condition: text("a = b"), Values: one},
		"Invalid UpdateExpression: The expression can not be empty;":                                                                                             {Update: text(""), Condition: text("")},
		"Invalid ConditionExpression: The expression can not be empty;":                                                                                          {Condition: text("")},
		"Invalid ProjectionExpression: Attribute name is a reserved keyword; reserved keyword: Name":                                                             {Projection: text("a, b.Name")},
		`Invalid ProjectionExpression: Syntax error; token: ":v", near: ", :v"`:                                                                                  {Projection: text("a, :v"), Values: one},
		"Invalid ProjectionExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a, [1]]": {Projection: text("a, a[1]")},
		"Invalid ConditionExpression: Expression size has exceeded the maximum allowed size; expression size: 4097":                                              {Condition: text(strings.Repeat("(", 4097))},
	} {
		if _, err := dynamo.Parse(r); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
	_, err := dynamo.Parse(dynamo.Request{Update: text("set a = :v"), Condition: text("b = :v and c.d = #n"), Names: map[string]string{"#n": "name"}, Values: one})
	if err != nil {
		t.Error(err)
	}
}

const sample = `{"id":{"S":"x"},"n":{"N":"10"},"t":{"S":"가나다"},"f":{"BOOL":false},"b":{"B":"AQID"},"z":{"NULL":true},
	"ss":{"SS":["a","b"]},"ns":{"NS":["1","2.0"]},"l":{"L":[{"N":"1"},{"S":"two"},{"M":{"k":{"N":"3"}}}]},"m":{"M":{"x":{"N":"1"},"y":{"M":{"z":{"S":"deep"}}}}}}`

const values = `{":n":{"N":"10.0"},":one":{"N":"1"},":two":{"N":"2"},":nine":{"N":"9"},":t":{"S":"가"},":S":{"S":"S"},":N":{"S":"N"},":f":{"BOOL":false},":a":{"S":"a"},
	":b12":{"B":"AQI="},":ss":{"SS":["b","a"]},":m":{"M":{"k":{"N":"3.0"}}},":three":{"N":"3"},":deep":{"S":"deep"},":nul":{"NULL":true}}`

// uses keeps the values that an expression has, since others are an error.
func uses(t testing.TB, expression string) map[string]attribute.Value {
	out := map[string]attribute.Value{}
	for k, v := range item(t, values) {
		for _, w := range strings.FieldsFunc(expression, func(r rune) bool { return strings.ContainsRune(" (),", r) }) {
			if w == k {
				out[k] = v
			}
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

func TestConditions(t *testing.T) {
	for expression, want := range map[string]bool{
		"n = :n":                            true,
		"n <> :n":                           false,
		"n <> t":                            true,
		"gone <> more":                      true,
		"gone <> :n":                        true,
		"gone = more":                       false,
		"NOT gone = :n":                     true,
		"n > :nine AND n >= :n AND n <= :n": true,
		"n < :t":                            false,
		"NOT n < :t":                        true,
		"n between :nine and :n":            true,
		"t between :t and :t":               false,
		"n in (:one, :two, :n)":             true,
		"gone in (:one)":                    false,
		"ss = :ss":                          true,
		"l[2] = :m":                         true,
		"l[3] = :m":                         false,
		"n[0] = :one":                       false,
		"l[2].k = :three":                   true,
		"m.y.z = :deep":                     true,
		"(m).y.z = :deep":                   true,
		"m.y.z.w = :deep":                   false,
		"attribute_exists(m.y) AND attribute_not_exists(m.q)": true,
		"attribute_type(t, :S)":                               true,
		"attribute_type(t, :N)":                               false,
		"begins_with(t, :t)":                                  true,
		"begins_with(b, :b12)":                                true,
		"begins_with(n, :t)":                                  false,
		"contains(t, :t)":                                     true,
		"contains(ss, :a)":                                    true,
		"contains(ns, :two)":                                  true,
		"contains(ns, :a)":                                    false,
		"contains(l, :m)":                                     true,
		"contains(m, :a)":                                     false,
		"size(t) = :nine":                                     true,
		"size(b) = :three":                                    true,
		"size(l) = :three AND size(ss) = size(m)":             true,
		"size(n) > :one":                                      false,
		"size(gone) < :one":                                   false,
		"f = :f AND z = :nul":                                 true,
		"n = :one OR n = :two OR n = :n":                      true,
		"n = :one OR n = :two AND n = :n":                     false,
		"n = :n OR n = :two AND n = :one":                     true,
		"NOT (n = :one OR n = :n)":                            false,
		"not not n = :n":                                      true,
		"NOT n = :one AND n = :n":                             true,
		":n = n":                                              true,
		"(n) = (:n)":                                          true,
	} {
		e, err := dynamo.Parse(dynamo.Request{Condition: &expression, Values: uses(t, expression)})
		if err != nil {
			t.Errorf("%s: %v", expression, err)
			continue
		}
		if got := e.Condition.Holds(item(t, sample)); got != want {
			t.Errorf("%s: got %v", expression, got)
		}
	}
}

func TestUpdates(t *testing.T) {
	for _, c := range [][3]string{
		{`{}`, "set a = :n", `{"a":{"N":"10"}}`},
		{`{"a":{"N":"1"}}`, "set a = a + :one, b = a, c = :two - a", `{"a":{"N":"2"},"b":{"N":"1"},"c":{"N":"1"}}`},
		{`{"a":{"N":"1"}}`, "set b = (a) + (:one), c = (a - :one)", `{"a":{"N":"1"},"b":{"N":"2"},"c":{"N":"0"}}`},
		{`{"a":{"N":"1"}}`, "REMOVE a SET b = a", `{"b":{"N":"1"}}`},
		{`{"a":{"N":"1"},"b":{"N":"2"}}`, "set a = b, b = a", `{"a":{"N":"2"},"b":{"N":"1"}}`},
		{`{}`, "set a = if_not_exists(a, :one) + :one", `{"a":{"N":"2"}}`},
		{`{"a":{"N":"5"}}`, "set a = if_not_exists(a, b)", `{"a":{"N":"5"}}`},
		{`{"l":{"L":[{"N":"1"}]}}`, "set l = list_append(l, l)", `{"l":{"L":[{"N":"1"},{"N":"1"}]}}`},
		{`{"l":{"L":[{"S":"0"},{"S":"1"},{"S":"2"}]}}`, "remove l[0], l[2], l[9]", `{"l":{"L":[{"S":"1"}]}}`},
		{`{"l":{"L":[{"S":"0"},{"S":"1"}]}}`, "set l[9] = :nine, l[7] = :one, l[1] = :two remove l[0]", `{"l":{"L":[{"N":"2"},{"N":"1"},{"N":"9"}]}}`},
		{`{"m":{"M":{"x":{"N":"1"},"y":{"N":"2"}}}}`, "set m.z = :one remove m.x", `{"m":{"M":{"y":{"N":"2"},"z":{"N":"1"}}}}`},
		{`{"l":{"L":[{"M":{"k":{"N":"1"}}}]}}`, "set l[0].k = :two", `{"l":{"L":[{"M":{"k":{"N":"2"}}}]}}`},
		{`{}`, "add c :one", `{"c":{"N":"1"}}`},
		{`{"c":{"N":"9"}}`, "add c :one, s :ss", `{"c":{"N":"10"},"s":{"SS":["b","a"]}}`},
		{`{"s":{"SS":["c","a"]}}`, "add s :ss", `{"s":{"SS":["c","a","b"]}}`},
		{`{"s":{"SS":["c","a"]}}`, "delete s :ss", `{"s":{"SS":["c"]}}`},
		{`{"s":{"SS":["a"]},"k":{"N":"1"}}`, "delete s :ss", `{"k":{"N":"1"}}`},
		{`{"k":{"N":"1"}}`, "delete s :ss remove gone", `{"k":{"N":"1"}}`},
	} {
		e, err := dynamo.Parse(dynamo.Request{Update: &c[1], Values: uses(t, c[1])})
		if err != nil {
			t.Errorf("%s: %v", c[1], err)
			continue
		}
		old := item(t, c[0])
		got, err := e.Update.Apply(old)
		if err != nil || string(attribute.Encode(got.JSON(attribute.Wire))) != c[2] {
			t.Errorf("%s of %s:\ngot  %s, %v\nwant %s", c[1], c[0], attribute.Encode(got.JSON(attribute.Wire)), err, c[2])
		}
		if !old.Equal(item(t, c[0])) {
			t.Errorf("%s changed the item it was given", c[1])
		}
	}
}

func TestUpdatesThatDoNotFitTheItem(t *testing.T) {
	const (
		path    = "The document path provided in the update expression is invalid for update"
		operand = "An operand in the update expression has an incorrect data type"
		absent  = "The provided expression refers to an attribute that does not exist in the item"
	)
	for expression, want := range map[string]string{
		"set q.a = :one":    path,
		"remove q.a":        path,
		"set n.a = :one":    path,
		"set l.a = :one":    path,
		"set m[0] = :one":   path,
		"set l[7].k = :one": path,
		"delete ns :ss":     operand,
		"delete n :ss":      operand,
		"add ss :one":       operand,
		"add n :ss":         operand,
		"set x = t + :one":  operand,
		"set x = list_append(ss, if_not_exists(l, n))": operand,
		"set x = gone":                           absent,
		"set x = list_append(l, gone)":           absent,
		"set x = l[9]":                           absent,
		"set x = if_not_exists(gone, gone.more)": absent,
	} {
		e, err := dynamo.Parse(dynamo.Request{Update: &expression, Values: uses(t, expression)})
		if err != nil {
			t.Errorf("%s: %v", expression, err)
			continue
		}
		if _, err := e.Update.Apply(item(t, sample)); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", expression, err, want)
		}
	}
}

func TestProjections(t *testing.T) {
	for expression, want := range map[string]string{
		"n":                       `{"n":{"N":"10"}}`,
		"gone":                    `{}`,
		"m.y.z, n":                `{"m":{"M":{"y":{"M":{"z":{"S":"deep"}}}}},"n":{"N":"10"}}`,
		"l[2].k, l[0], l[8]":      `{"l":{"L":[{"N":"1"},{"M":{"k":{"N":"3"}}}]}}`,
		"l[1].k, n.x, m[0], l[9]": `{}`,
	} {
		e, err := dynamo.Parse(dynamo.Request{Projection: &expression})
		if err != nil {
			t.Errorf("%s: %v", expression, err)
			continue
		}
		if got := string(attribute.Encode(e.Projection.Of(item(t, sample)).JSON(attribute.Wire))); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", expression, got, want)
		}
	}
}

func TestTouchedIsWhatAnUpdateChanges(t *testing.T) {
	expression := "set m.x = :one, l[0] = :one remove n, gone"
	e, err := dynamo.Parse(dynamo.Request{Update: &expression, Values: uses(t, expression)})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"l":{"L":[{"N":"1"}]},"m":{"M":{"x":{"N":"1"}}},"n":{"N":"10"}}`
	if got := string(attribute.Encode(e.Update.Touched(item(t, sample)).JSON(attribute.Wire))); got != want {
		t.Errorf("got %s", got)
	}
}

// FuzzExpressions: no expression makes it panic, and an accepted one applies to
// any item without one.
func FuzzExpressions(f *testing.F) {
	for _, file := range []string{"conditions.txt", "updates.txt"} {
		for _, c := range mistakes(f, file) {
			e, _, _ := strings.Cut(c[0], " with ")
			f.Add(e)
		}
	}
	for _, e := range []string{"n = :n AND (size(l[2].k) > :one or not begins_with(t, :t))", "set l[9] = list_append(l, :l), m.x = if_not_exists(q, n) - :n remove t add ss :ss delete ns :ns", "a, b[1].c"} {
		f.Add(e)
	}
	vals := item(f, values)
	whole := item(f, sample)
	f.Fuzz(func(t *testing.T, e string) {
		var used map[string]attribute.Value
		for range 40 { // values that are not used are an error: find those that are
			p, err := dynamo.Parse(dynamo.Request{Condition: &e, Values: used})
			if err == nil {
				p.Condition.Holds(whole)
				p.Condition.Holds(nil)
			}
			p, err2 := dynamo.Parse(dynamo.Request{Update: &e, Values: used})
			if err2 == nil {
				for _, i := range []attribute.Item{whole, nil} {
					if got, err := p.Update.Apply(i); err == nil {
						p.Update.Touched(got)
					}
				}
			}
			if p, err := dynamo.Parse(dynamo.Request{Projection: &e}); err == nil {
				p.Projection.Of(whole)
			}
			more := false
			for _, err := range []error{err, err2} {
				if err == nil {
					continue
				}
				_, name, ok := strings.Cut(err.Error(), "attribute value: ")
				if v, known := vals[name]; ok && known {
					if used == nil {
						used = map[string]attribute.Value{}
					}
					used[name], more = v, true
				}
			}
			if !more {
				return
			}
		}
	})
}
