package duckdb

import (
	"strconv"
	"strings"

	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

type callNode = *trino.Call

// functionName is a call's name: plain, or qualified by the built-in schema.
func (b *binder) functionName(x *trino.Call) (string, error) {
	p := x.Name.Parts
	if len(p) == 1 || len(p) == 3 && p[0].Text == "system" && p[1].Text == "builtin" {
		return p[len(p)-1].Text, nil
	}
	return "", b.fail(x.Name, "FUNCTION_NOT_FOUND", "function %s not registered", x.Name)
}

// call binds a function call of any kind.
func (b *binder) call(x *trino.Call, sc *scope) (expr, error) {
	name, err := b.functionName(x)
	if err != nil {
		return expr{}, err
	}
	if x.ArgNames != nil {
		return expr{}, b.fail(x, "NOT_SUPPORTED", "function %s takes no named arguments", name)
	}
	if special, ok := specialForms[name]; ok && (x.Over == nil || name == "count") {
		return special(b, x, sc)
	}
	list := functions()[name]
	if len(list) == 0 {
		if unsupported[name] {
			return expr{}, b.fail(x.Name, "NOT_SUPPORTED", "function %s is not supported by the embedded engine", name)
		}
		return expr{}, didYouMean(b.fail(x.Name, "FUNCTION_NOT_FOUND", "function %q not registered", name), name, functionNames())
	}
	if list[0].aggregate != nil || list[0].window != nil {
		return b.aggregateCall(x, list, sc)
	}
	switch {
	case x.Over != nil:
		return expr{}, b.fail(x, "FUNCTION_NOT_WINDOW", "%s is not a window function", name)
	case x.Filter != nil || x.Distinct || len(x.OrderBy) > 0:
		return expr{}, b.fail(x, "FUNCTION_NOT_AGGREGATE", "DISTINCT, ORDER BY and FILTER are only for aggregate functions, and %s is none", name)
	}
	args, err := b.arguments(x, sc)
	if err != nil {
		return expr{}, err
	}
	return b.resolved(x, list, args, sc)
}

// arguments binds what is no lambda; lambdas wait for their parameters' types.
func (b *binder) arguments(x *trino.Call, sc *scope) ([]expr, error) {
	args := make([]expr, len(x.Args))
	for i, a := range x.Args {
		if _, ok := a.(*trino.Lambda); ok {
			args[i] = expr{typ: types.Type{Kind: types.Lambda}}
			continue
		}
		e, err := b.expr(a, sc)
		if err != nil {
			return nil, err
		}
		args[i] = e
	}
	return args, nil
}

// invoke calls a function with bound arguments, none of them a lambda.
func (b *binder) invoke(x *trino.Call, args []expr) (expr, error) {
	name := x.Name.Parts[len(x.Name.Parts)-1].Text
	return b.resolved(x, functions()[name], args, nil)
}

// resolved picks the overload and lowers the call.
func (b *binder) resolved(x *trino.Call, list []*overload, args []expr, sc *scope) (expr, error) {
	f, args, err := b.fitting(x, list, args, sc)
	if err != nil {
		return expr{}, err
	}
	c := &invocation{b: b, n: x, args: args, m: f.m}
	c.ret = f.m.apply(f.s.ret, nil)
	if f.f.returns != nil {
		c.ret = f.f.returns(c)
	}
	c.oneForm()
	b.volatile = b.volatile || f.f.volatile
	sql, err := f.f.scalar(c)
	if err != nil {
		return expr{}, b.placed(x, err)
	}
	sql = c.oneZone(sql)
	b.note(sql)
	return with(expr{typ: c.ret, sql: keepType(sql, c.ret)}, args...), nil
}

// keepType casts what a constant NULL takes part in: the engine computes it at
// once and forgets its type.
func keepType(sql string, t types.Type) string {
	if t.Kind == types.Unknown || !strings.Contains(sql, "CAST(NULL AS ") || strings.HasPrefix(sql, "CAST(") {
		return sql
	}
	return "CAST(" + sql + " AS " + physical(t) + ")"
}

// fitting chooses the overload and gives its arguments the parameters' types.
func (b *binder) fitting(x *trino.Call, list []*overload, args []expr, sc *scope) (*fit, []expr, error) {
	ts := make([]types.Type, len(args))
	for i, a := range args {
		ts[i] = a.typ
	}
	var fits []*fit
	for _, o := range list {
		if f, ok := fitOf(o, ts); ok {
			fits = append(fits, f)
		}
	}
	if len(fits) == 0 {
		return nil, nil, b.wrongArguments(x, list, ts)
	}
	f, err := choose(fits, ts)
	if err != nil {
		return nil, nil, b.fail(x, "AMBIGUOUS_FUNCTION_CALL", "%s: %w", list[0].sig.name, err)
	}
	out := make([]expr, len(args))
	for i := range args {
		if args[i].typ.Kind != types.Lambda {
			out[i] = b.coerce(args[i], f.params[i])
		}
	}
	for i := range args {
		if args[i].typ.Kind == types.Lambda {
			if out[i], err = b.lambdaArg(x, f, i, sc); err != nil {
				return nil, nil, err
			}
		}
	}
	// A lambda may have widened a variable other arguments share.
	for i := range out {
		if args[i].typ.Kind != types.Lambda {
			out[i] = b.coerce(args[i], f.m.apply(f.s.param(i), &args[i].typ))
		}
	}
	return f, out, nil
}

func (b *binder) wrongArguments(x *trino.Call, list []*overload, ts []types.Type) error {
	forms := make([]string, 0, len(list))
	for _, o := range list {
		forms = append(forms, o.sig.text)
	}
	hint := strings.Join(forms[:min(len(forms), 6)], "; ")
	return b.fail(x, "FUNCTION_NOT_FOUND", "unexpected parameters (%s) for function %s", typeNames(ts), list[0].sig.name).WithHint("there is %s", hint)
}

// lambdaArg binds a lambda once its parameters' types are known. Its result
// decides a variable, or widens one that is known (a state of reduce).
func (b *binder) lambdaArg(x *trino.Call, f *fit, i int, sc *scope) (expr, error) {
	l := x.Args[i].(*trino.Lambda)
	p := f.s.param(i)
	if len(l.Params) != len(p.elems)-1 {
		return expr{}, b.fail(l, "INVALID_PARAMETER_USAGE", "expected a lambda that takes %d argument(s) but got %d", len(p.elems)-1, len(l.Params))
	}
	for range 3 {
		e, err := b.lambdaBody(l, p, f.m, sc)
		if err != nil {
			return e, err
		}
		ret := p.elems[len(p.elems)-1]
		before := f.m.apply(ret, nil)
		known := ret.v == "" || f.m.types[ret.v].Kind != types.Unknown
		if known && e.typ.Kind == types.Unknown && before.Kind != types.Unknown {
			return e, b.fail(l.Body, "FUNCTION_NOT_FOUND", "expected lambda to return %s, not %s", before, e.typ)
		}
		if known && types.Coercible(e.typ, before) {
			c := b.coerce(e, before)
			c.lambda = e.lambda
			return c, nil
		}
		if ret.v == "" || !f.m.learn(ret, e.typ) {
			return e, b.fail(l.Body, "FUNCTION_NOT_FOUND", "expected lambda to return %s, not %s", before, e.typ)
		}
		if !known {
			return e, nil
		}
	}
	return expr{}, b.fail(l, "TYPE_MISMATCH", "cannot decide the type of this lambda")
}

func (b *binder) lambdaBody(l *trino.Lambda, p pattern, m *binding, sc *scope) (expr, error) {
	in := &scope{parent: sc, lambda: true, what: "lambda", noAgg: true, noWindow: true}
	depth := 0
	for s := sc; s != nil && s.lambda; s = s.parent {
		depth++
	}
	names := make([]string, len(l.Params))
	for i, n := range l.Params {
		names[i] = "l" + strconv.Itoa(depth) + "_" + strconv.Itoa(i)
		in.fields = append(in.fields, field{name: n.Text, typ: m.apply(p.elems[i], nil), sql: names[i]})
	}
	e, err := b.expr(l.Body, in)
	e.lambda = names
	return e, err
}
