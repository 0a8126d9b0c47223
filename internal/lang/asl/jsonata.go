package asl

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Evaluator evaluates JSONata, with the functions that Step Functions adds
// ($partition, $range, $hash, $random, $uuid, $parse) and without $eval.
// Safe for concurrent use.
type Evaluator interface {
	// Eval evaluates an expression; bindings are the variables it sees, by name
	// without $. Values are those of Decode. defined is false if the result is
	// undefined. An error that has a method UnsupportedResult() bool giving true
	// means that the result is no JSON value.
	Eval(ctx context.Context, expr string, bindings map[string]any) (value any, defined bool, err error)
	// Check tells what is wrong with an expression's syntax.
	Check(ctx context.Context, expr string) error
}

// Query is JSON in which text like "{% expression %}" is computed by JSONata.
// Safe for concurrent use.
type Query struct {
	field string // from the state on: "Arguments/FunctionName", "Choices[0]/Condition"
	expr  string // without the marks; empty: not an expression
	// of what is no expression exactly one counts
	members []queryMember
	object  bool
	items   []*Query
	list    bool
	value   any
}

type queryMember struct {
	name string
	sub  *Query
}

// isExpression tells whether text is marked as JSONata.
func isExpression(s string) bool {
	return strings.HasPrefix(s, "{%") && strings.HasSuffix(s, "%}") && len(s) >= 4
}

// query compiles a field's value, checking the expressions in it.
func (p *parser) query(n *node, field string) *Query {
	q := &Query{field: field}
	switch {
	case n.kind == '"' && isExpression(n.text):
		q.expr = strings.TrimSpace(n.text[2 : len(n.text)-2])
		if q.expr == "" {
			p.atValue(n, "%s: the JSONata expression is empty", field)
		} else if p.check != nil {
			if err := p.check(q.expr); err != nil {
				p.atValue(n, "%s: invalid JSONata: %w", field, err)
			}
		}
	case n.kind == '"' && strings.HasPrefix(n.text, "{%"):
		p.atValue(n, "%s: a JSONata expression stands between {%% and %%}, with nothing behind them", field)
	case n.kind == '{':
		q.object = true
		for _, m := range n.members {
			q.members = append(q.members, queryMember{m.key, p.query(m.value, field+"/"+m.key)})
		}
	case n.kind == '[':
		q.list = true
		for i, x := range n.items {
			q.items = append(q.items, p.query(x, fmt.Sprintf("%s[%d]", field, i)))
		}
	default:
		q.value = n.value()
	}
	return q
}

// Constant tells whether nothing is computed.
func (q *Query) constant() bool {
	if q.expr != "" {
		return false
	}
	for _, m := range q.members {
		if !m.sub.constant() {
			return false
		}
	}
	for _, x := range q.items {
		if !x.constant() {
			return false
		}
	}
	return true
}

// Eval computes the value. Errors are *Fault, States.QueryEvaluationError.
func (q *Query) Eval(env Env) (any, error) {
	switch {
	case q.expr != "":
		return q.evaluate(env)
	case q.object:
		out := make(map[string]any, len(q.members))
		for _, m := range q.members {
			v, err := m.sub.Eval(env)
			if err != nil {
				return nil, err
			}
			out[m.name] = v
		}
		return out, nil
	case q.list:
		out := make([]any, len(q.items))
		for i, x := range q.items {
			v, err := x.Eval(env)
			if err != nil {
				return nil, err
			}
			out[i] = v
		}
		return out, nil
	}
	return q.value, nil
}

func (q *Query) evaluate(env Env) (any, error) {
	if env.Query == nil {
		return nil, q.fault("cannot be evaluated: there is no JSONata evaluator.")
	}
	ctx := env.Ctx
	if ctx == nil {
		ctx = context.Background()
	}
	v, ok, err := env.Query.Eval(ctx, q.expr, env.bindings())
	var odd interface{ UnsupportedResult() bool }
	switch {
	case errors.As(err, &odd) && odd.UnsupportedResult():
		return nil, q.fault("returned an unsupported result type.")
	case err != nil:
		return nil, q.fault("threw an error during evaluation%s%s", separator(err), err)
	case !ok:
		return nil, q.fault("returned nothing (undefined).")
	}
	return v, nil
}

// separator stands before the library's text: AWS sets a full stop before those
// that have a code, a colon before those that have none, its limits.
func separator(err error) string {
	var coded interface{ ErrorCode() string }
	if errors.As(err, &coded) && coded.ErrorCode() == "" {
		return ": "
	}
	return ". "
}

// fault is the error of an expression; the end of its text is given.
// The field is named from the state on, as AWS names it: Output/a/b[0],
// Choices[1]/Condition, Catch[0]/Output, ItemReader/Arguments/Key.
func (q *Query) fault(format string, args ...any) *Fault {
	return &Fault{Name: "States.QueryEvaluationError", Evaluation: true, Location: q.field,
		Cause: fmt.Sprintf("The JSONata expression '%s' specified for the field '%s' ", q.expr, q.field) + fmt.Sprintf(format, args...)}
}

// wrongType is the error of an expression that gave a value of another type than wanted.
func (q *Query) wrongType(want string, v any) *Fault {
	return q.fault("returned an unexpected result type. Expected '%s', but was '%s' for value: %s", want, typeName(v), Encode(v))
}

func typeName(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case json.Number:
		return "number"
	case string:
		return "string"
	case []any:
		return "array"
	}
	return "object"
}

// bindings are what expressions see: $states and the variables.
func (e Env) bindings() map[string]any {
	out := make(map[string]any, len(e.Vars)+1)
	for k, v := range e.Vars {
		out[k] = v
	}
	states := map[string]any{"input": e.Input, "context": e.Context}
	if e.HasResult {
		states["result"] = e.Result
	}
	if e.ErrorOutput != nil {
		states["errorOutput"] = e.ErrorOutput
	}
	out["states"] = states
	return out
}

// Payload is JSON with computed parts, in either language; nil stands for an
// absent field.
type Payload struct {
	template *Template // JSONPath
	query    *Query    // JSONata
}

// Eval computes the value. Errors are *Fault.
func (p *Payload) Eval(env Env) (any, error) {
	if p.query != nil {
		return p.query.Eval(env)
	}
	return p.template.Eval(env)
}

// payload compiles a field's value in the language of s.
func (p *parser) payload(n *node, field string, jsonata bool) *Payload {
	if jsonata {
		return &Payload{query: p.query(n, field)}
	}
	return &Payload{template: p.template(n)}
}

// Static returns the value of a member given literally at the top ("JobName":
// "x"), false if it is absent or computed.
func (p *Payload) Static(name string) (any, bool) {
	if p.template != nil {
		return p.template.Static(name)
	}
	for _, m := range p.query.members {
		if m.name == name && m.sub.constant() {
			v, err := m.sub.Eval(Env{})
			return v, err == nil
		}
	}
	return nil, false
}
