package project

import (
	"math/big"
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/port"
)

var testKinds = []string{NotNull, Unique, AcceptedValues, Relationships, RowCount}

// tests decodes a tests: list and gives each test to its output.
func (r *reader) tests(n *node, outputs []*Output) {
	for _, item := range n.list() {
		if !item.isMap() {
			continue // reported by the schema
		}
		t, ok := r.test(item)
		if !ok {
			continue
		}
		if o := r.testOutput(item, outputs); o != nil {
			o.Tests = append(o.Tests, t)
		}
	}
}

func (r *reader) testOutput(item *node, outputs []*Output) *Output {
	want := item.get("output")
	var names []string
	for _, o := range outputs {
		if want != nil && strings.EqualFold(o.Name, want.str()) {
			return o
		}
		names = append(names, o.Name)
	}
	switch {
	case want != nil:
		r.add(want.errorf("no output is called %s", want.show()).WithHint("%s", didYouMean(want.str(), names)))
	case len(outputs) == 1:
		return outputs[0]
	case len(outputs) > 1:
		r.add(item.errorf("the test does not say which output it is for").WithHint("write output: NAME, or move the test below its output"))
	}
	return nil
}

func (r *reader) test(n *node) (Test, bool) {
	modifiers := []string{"name", "output", "severity"}
	t := Test{Severity: Fail, Place: n.place(), Name: n.get("name").str()}
	var kinds []string
	for _, e := range n.entries {
		if slices.Contains(testKinds, e.key) && !e.val.null() {
			kinds = append(kinds, e.key)
		}
	}
	if len(kinds) != 1 {
		if len(kinds) > 1 {
			r.add(n.keyOf(kinds[1]).errorf("a test is of one kind, this has %s", strings.Join(kinds, " and ")).WithHint("begin another list item with -"))
		} else if !slices.ContainsFunc(n.entries, func(e *entry) bool { return !slices.Contains(modifiers, e.key) }) {
			r.add(n.errorf("the test names no condition").WithHint("one of: %s", strings.Join(testKinds, ", ")))
		}
		return t, false
	}
	if s := n.get("severity"); s != nil {
		t.Severity = Policy(s.str())
	}
	t.Kind = kinds[0]
	v := n.get(t.Kind)
	switch t.Kind {
	case NotNull, Unique:
		t.Columns = v.strings()
		if len(t.Columns) == 0 {
			r.add(v.errorf("%s names no column", t.Kind))
		}
	case AcceptedValues:
		t.Columns = []string{v.get("column").str()}
		for _, x := range v.get("values").list() {
			t.Values = append(t.Values, literal(x))
		}
	case Relationships:
		r.relationship(v, &t)
	case RowCount:
		t.Min, t.Max = bound(v.get("min")), bound(v.get("max"))
		if t.Min != nil && t.Max != nil && *t.Min > *t.Max {
			r.add(v.get("max").errorf("max %d is below min %d", *t.Max, *t.Min))
		}
	}
	if t.Name == "" {
		t.Name = strings.Join(append([]string{t.Kind}, t.Columns...), " ")
	}
	return t, true
}

func (r *reader) relationship(v *node, t *Test) {
	for _, k := range [][2]string{{"column", "columns"}, {"field", "fields"}} {
		if v.get(k[0]) != nil && v.get(k[1]) != nil {
			r.add(v.keyOf(k[1]).errorf("%s: and %s: are the same; keep one", k[0], k[1]))
		}
	}
	t.Columns, t.Fields = v.get("columns", "column").strings(), v.get("fields", "field").strings()
	if to := v.get("to"); to != nil {
		t.To = r.table(to)
	}
	if len(t.Fields) == 0 {
		t.Fields = t.Columns
	}
	switch {
	case len(t.Columns) == 0 && v.isMap():
		r.add(v.errorf("relationships names no column").WithHint("write columns: [column, ...]"))
	case len(t.Columns) != len(t.Fields):
		r.add(v.errorf("relationships has %d columns and %d fields", len(t.Columns), len(t.Fields)).WithHint("name as many of one as of the other"))
	}
}

func bound(n *node) *int64 {
	if n.null() {
		return nil
	}
	i := int64(n.integer())
	return &i
}

// literal is a value as port.Compare takes it, nil for null.
func literal(n *node) any {
	switch v := n.value.(type) {
	case *big.Rat:
		if v.IsInt() && v.Num().IsInt64() {
			return v.Num().Int64()
		}
		return port.Decimal(n.raw)
	case nil:
		return nil
	case bool:
		return v
	}
	return n.str()
}
