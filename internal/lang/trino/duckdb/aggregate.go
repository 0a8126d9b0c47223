package duckdb

import (
	"fmt"
	"strings"

	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// aggregation is a call of an aggregate or window function being lowered.
type aggregation struct {
	invocation
	distinct bool
	order    string // "ORDER BY ..." inside the call
	filter   string // "FILTER (WHERE ...)"
	over     string // "OVER (...)"
	nulls    string // "IGNORE NULLS"
	// step, if set, has partial results made and merges them.
	step *partial
}

// call is an engine aggregate over args with all that the statement says of
// this call: DISTINCT, ORDER BY, FILTER, OVER. It may be used several times in
// one lowering.
func (a *aggregation) call(name string, args ...string) string {
	return a.render(name, a.distinct, a.order, args)
}

// plain is call without DISTINCT and ORDER BY.
func (a *aggregation) plain(name string, args ...string) string {
	return a.render(name, false, "", args)
}

func (a *aggregation) render(name string, distinct bool, order string, args []string) string {
	if a.step != nil {
		return a.step.merge(a, name, distinct, order, args)
	}
	return a.text(name, distinct, order, args)
}

func (a *aggregation) text(name string, distinct bool, order string, args []string) string {
	var s strings.Builder
	s.WriteString(name + "(")
	if distinct {
		s.WriteString("DISTINCT ")
	}
	s.WriteString(strings.Join(args, ", "))
	if order != "" {
		s.WriteString(" " + order)
	}
	if a.nulls != "" {
		s.WriteString(" " + a.nulls)
	}
	s.WriteString(")")
	if a.filter != "" {
		s.WriteString(" " + a.filter)
	}
	if a.over != "" {
		s.WriteString(" " + a.over)
	}
	return s.String()
}

// aggregateCall binds an aggregate or window call.
func (b *binder) aggregateCall(x *trino.Call, list []*overload, sc *scope) (expr, error) {
	name := list[0].sig.name
	window := x.Over != nil
	if !window && list[0].window != nil && list[0].aggregate == nil {
		return expr{}, b.fail(x, "MISSING_OVER", "window function %s requires an OVER clause", name)
	}
	if window && sc.noWindow && (sc.what == inAggregate || sc.what == inWindow) {
		return expr{}, b.fail(x, "NESTED_WINDOW", "cannot nest window functions inside %s: %s", sc.what, name)
	}
	if window && sc.noWindow {
		return expr{}, b.fail(x, "EXPRESSION_NOT_SCALAR", "%s cannot contain aggregations, window functions or grouping operations: %s", sc.what, name)
	}
	if !window && sc.noAgg && sc.what == inAggregate {
		return expr{}, b.fail(x, "NESTED_AGGREGATION", "cannot nest aggregations inside %s: %s", sc.what, name)
	}
	if !window && sc.noAgg {
		return expr{}, b.fail(x, "EXPRESSION_NOT_SCALAR", "%s cannot contain aggregations, window functions or grouping operations: %s", sc.what, name)
	}
	in := sc
	if !window {
		g := sc.plain().group
		if g == nil {
			return expr{}, b.fail(x, "NESTED_AGGREGATION", "cannot nest aggregations: %s", name)
		}
		in = (&scope{parent: g.raw.parent, fields: g.raw.fields}).clause(inAggregate, true, true)
	} else {
		if err := b.windowOnly(x); err != nil {
			return expr{}, err
		}
		in = sc.clause(inWindow, sc.noAgg, true)
		in.outputs = nil
	}
	a := &aggregation{invocation: invocation{b: b, n: x}, distinct: x.Distinct}
	args, err := b.arguments(x, in)
	if err != nil {
		return expr{}, err
	}
	f, args, err := b.fitting(x, list, args, in)
	if err != nil {
		return expr{}, err
	}
	if keyed[name] && args[0].typ.Kind == types.Map { // equal maps have one form as keys
		args[0].sql = cmpForm(args[0])
	}
	a.args, a.m, a.ret = args, f.m, f.m.apply(f.s.ret, nil)
	if f.f.returns != nil {
		a.ret = f.f.returns(&a.invocation)
	}
	if err := b.aggregateClauses(a, x, in, sc); err != nil {
		return expr{}, err
	}
	lower := f.f.aggregate
	if lower == nil {
		lower = f.f.window
	}
	sql, err := lower(a)
	if err != nil {
		return expr{}, b.placed(x, err)
	}
	b.note(sql)
	if window {
		return expr{typ: a.ret, sql: sql, window: true}, nil
	}
	return sc.plain().group.aggregate(aggregated{sql, a, lower}, a.ret), nil
}

// keyed are the aggregates whose first argument becomes the key of a map.
var keyed = map[string]bool{"histogram": true, "map_agg": true, "multimap_agg": true}

// inAggregate and inWindow are what a call's arguments stand in.
const inAggregate, inWindow = "aggregate", "window function"

// windowOnly refuses what Trino's window functions cannot have.
func (b *binder) windowOnly(x *trino.Call) error {
	switch {
	case x.Filter != nil:
		return b.fail(x, "NOT_SUPPORTED", "FILTER is not yet supported for window functions")
	case x.Distinct:
		return b.fail(x, "NOT_SUPPORTED", "DISTINCT in window function parameters not yet supported")
	case len(x.OrderBy) > 0:
		return b.fail(x, "EXPRESSION_NOT_AGGREGATE", "ORDER BY in window function parameters is not supported")
	}
	return nil
}

// aggregateClauses lowers what stands around a call's arguments.
func (b *binder) aggregateClauses(a *aggregation, x *trino.Call, in, sc *scope) error {
	for _, e := range a.args {
		if x.Distinct && !e.typ.Comparable() {
			return b.fail(x, "TYPE_MISMATCH", "DISTINCT can only be applied to comparable types (actual: %s)", e.typ)
		}
		if x.Distinct && formed(e.typ) && !orderless[x.Name.Parts[len(x.Name.Parts)-1].Text] {
			return b.fail(x, "NOT_SUPPORTED", "DISTINCT of %s in this function is not supported by the embedded engine", e.typ)
		}
	}
	if len(x.OrderBy) > 0 {
		keys, err := b.sortItems(x.OrderBy, in)
		if err != nil {
			return err
		}
		a.order = "ORDER BY " + keys
	}
	if x.Filter != nil {
		f, err := b.condition(x.Filter, in, "FILTER")
		if err != nil {
			return err
		}
		a.filter = "FILTER (WHERE " + f.sql + ")"
	}
	if x.IgnoreNulls {
		a.nulls = "IGNORE NULLS"
	}
	if x.Over == nil {
		return nil
	}
	over, err := b.over(x.Over, sc.clause(inWindow, sc.noAgg, true))
	a.over = over
	return err
}

func (b *binder) sortItems(items []trino.SortItem, sc *scope) (string, error) {
	out := make([]string, len(items))
	for i, it := range items {
		e, err := b.expr(it.X, sc)
		if err != nil {
			return "", err
		}
		if !e.typ.Orderable() {
			return "", b.fail(it.X, "TYPE_MISMATCH", "ORDER BY can only be applied to orderable types (actual: %s)", e.typ)
		}
		out[i] = b.sortForm(e) + direction(it)
	}
	return strings.Join(out, ", "), nil
}

// over lowers OVER name and OVER (...); named windows are written out.
func (b *binder) over(o *trino.Over, sc *scope) (string, error) {
	spec, err := b.windowSpec(o, 0)
	if err != nil {
		return "", err
	}
	var parts []string
	if len(spec.PartitionBy) > 0 {
		list, err := b.exprs(spec.PartitionBy, sc)
		if err != nil {
			return "", err
		}
		for i, e := range list {
			if !e.typ.Comparable() {
				return "", b.fail(spec.PartitionBy[i], "TYPE_MISMATCH", "%s is not comparable, and therefore cannot be used in window function PARTITION BY", e.typ)
			}
		}
		parts = append(parts, "PARTITION BY "+join(list, groupForm))
	}
	var key types.Type
	if len(spec.OrderBy) > 0 {
		keys, err := b.sortItems(spec.OrderBy, sc)
		if err != nil {
			return "", err
		}
		if len(spec.OrderBy) == 1 {
			e, err := b.expr(spec.OrderBy[0].X, sc)
			if err != nil {
				return "", err
			}
			key = e.typ
		}
		parts = append(parts, "ORDER BY "+keys)
	}
	if spec.Frame != nil {
		f, err := b.frame(spec.Frame, key, len(spec.OrderBy), sc)
		if err != nil {
			return "", err
		}
		parts = append(parts, f)
	}
	return "OVER (" + strings.Join(parts, " ") + ")", nil
}

// windowSpec merges a window with the named one it builds on.
func (b *binder) windowSpec(o *trino.Over, depth int) (*trino.Over, error) {
	if o.Ref == "" {
		return o, nil
	}
	if depth < 64 && len(b.windows) > 0 {
		for _, w := range b.windows[len(b.windows)-1] {
			if w.Name.Text != o.Ref {
				continue
			}
			base, err := b.windowSpec(&w.Spec, depth+1)
			if err != nil {
				return nil, err
			}
			return b.merged(o, base)
		}
	}
	return nil, b.fail(o, "INVALID_WINDOW_REFERENCE", "cannot resolve WINDOW name %s", o.Ref)
}

func (b *binder) merged(o, base *trino.Over) (*trino.Over, error) {
	switch {
	case len(o.PartitionBy) > 0:
		return nil, b.fail(o, "INVALID_PARTITION_BY", "WINDOW specification with a named WINDOW reference cannot specify PARTITION BY")
	case len(o.OrderBy) > 0 && len(base.OrderBy) > 0:
		return nil, b.fail(o, "INVALID_ORDER_BY", "cannot specify ORDER BY if referenced named WINDOW specifies ORDER BY")
	case base.Frame != nil && !o.Bare:
		return nil, b.fail(o, "INVALID_WINDOW_REFERENCE", "cannot reference named WINDOW containing frame specification")
	}
	out := *base
	if len(o.OrderBy) > 0 {
		out.OrderBy = o.OrderBy
	}
	if o.Frame != nil {
		out.Frame = o.Frame
	}
	return &out, nil
}

// frameOrder is the order of a frame's bounds; a frame's start must not lie behind its end.
var frameOrder = map[string]int{"unbounded preceding": 1, "preceding": 2, "current row": 3, "following": 4, "unbounded following": 5}

func (b *binder) frame(f *trino.Frame, key types.Type, keys int, sc *scope) (string, error) {
	from, to := strings.ToLower(f.Start.Kind), strings.ToLower(f.End.Kind)
	if to == "" {
		to = "current row"
	}
	if from == "unbounded following" || to == "unbounded preceding" || frameOrder[from] > frameOrder[to] {
		return "", b.fail(f, "INVALID_WINDOW_FRAME", "window frame starting from %s cannot end with %s", strings.ToUpper(from), strings.ToUpper(to))
	}
	start, err := b.bound(f, f.Start, key, keys, sc)
	if err != nil {
		return "", err
	}
	end := "CURRENT ROW"
	if f.End.Kind != "" {
		if end, err = b.bound(f, f.End, key, keys, sc); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%s BETWEEN %s AND %s", strings.ToUpper(f.Mode), start, end), nil
}

func (b *binder) bound(f *trino.Frame, x trino.Bound, key types.Type, keys int, sc *scope) (string, error) {
	if x.Value == nil {
		return strings.ToUpper(x.Kind), nil
	}
	e, err := b.expr(x.Value, sc)
	if err != nil {
		return "", err
	}
	if f.Mode == "groups" && keys == 0 {
		return "", b.fail(f, "MISSING_ORDER_BY", "window frame of type GROUPS PRECEDING or FOLLOWING requires ORDER BY")
	}
	if f.Mode != "range" {
		if !e.typ.Integral() {
			return "", b.fail(x, "TYPE_MISMATCH", "window frame %s offset must be a whole number, not %s", f.Mode, e.typ)
		}
		if v, ok := e.val.(int64); ok && v < 0 {
			return "", b.fail(x, "INVALID_WINDOW_FRAME", "window frame offset value must not be negative")
		}
		return b.offset(e).sql + " " + strings.ToUpper(x.Kind), nil
	}
	if keys > 1 {
		return "", b.fail(f, "INVALID_ORDER_BY", "window frame of type RANGE PRECEDING or FOLLOWING requires single sort item in ORDER BY (actual: %d)", keys)
	}
	if keys != 1 {
		return "", b.fail(f, "MISSING_ORDER_BY", "window frame of type RANGE PRECEDING or FOLLOWING requires single sort item in ORDER BY")
	}
	switch {
	case key.Numeric() && e.typ.Numeric():
		return b.offset(e).sql + " " + strings.ToUpper(x.Kind), nil
	case key.Is(types.Date, types.Timestamp) && e.typ.Is(types.IntervalDay, types.IntervalYear):
		return engineInterval(b.offset(e)) + " " + strings.ToUpper(x.Kind), nil
	}
	return "", b.fail(x, "TYPE_MISMATCH", "window frame RANGE value type %s does not fit sort item type %s", e.typ, key)
}

// offset is a frame's offset, which fails where it is NULL or negative.
func (b *binder) offset(e expr) expr {
	if e.val == nil {
		bad := b.raise(e.typ, "INVALID_WINDOW_FRAME", "window frame offset value must not be negative or null")
		e.sql = "CASE WHEN " + e.sql + " IS NULL OR " + e.sql + " < 0 THEN " + bad + " ELSE " + e.sql + " END"
	}
	return e
}

// engineInterval is an interval as the engine's own type.
func engineInterval(e expr) string {
	if e.typ.Kind == types.IntervalYear {
		return "to_months(" + e.sql + ")"
	}
	return "to_milliseconds(" + e.sql + ")"
}

// groupingCall binds GROUPING(a, b).
func (b *binder) groupingCall(x *trino.Grouping, sc *scope) (expr, error) {
	if sc.noAgg {
		return expr{}, b.fail(x, "EXPRESSION_NOT_SCALAR", "%s cannot contain aggregations, window functions or grouping operations: GROUPING", sc.what)
	}
	g := sc.plain().group
	if g == nil || len(g.keys) == 0 {
		return expr{}, b.fail(x, "MISSING_GROUP_BY", "a GROUPING() operation can only be used with a corresponding GROUPING SET/CUBE/ROLLUP/GROUP BY clause")
	}
	parts := make([]string, len(x.Args))
	for i, a := range x.Args {
		e, err := b.expr(a, g.raw.clause("GROUPING", true, true))
		if err != nil {
			return e, err
		}
		if _, ok := g.key(e.sql); !ok {
			return e, b.fail(a, "INVALID_ARGUMENTS", "the arguments to GROUPING() must be expressions referenced by the GROUP BY at the associated query level")
		}
		parts[i] = e.sql
	}
	sql := "CAST(0 AS INTEGER)"
	if g.sets != nil {
		sql = "CAST(grouping(" + strings.Join(parts, ", ") + ") AS INTEGER)"
	}
	return g.aggregate(aggregated{sql: sql}, types.TInteger), nil
}

// aggregates tells whether an expression calls an aggregate at its own query's level.
func aggregates(x trino.Expr) bool {
	hit := false
	trino.Walk(x, func(n trino.Node) bool {
		switch n := n.(type) {
		case *trino.Query:
			return false
		case *trino.Grouping:
			hit = true
		case *trino.Call:
			if n.Over == nil && isAggregate(n) {
				hit = true
			}
		}
		return !hit
	})
	return hit
}

func isAggregate(x *trino.Call) bool {
	list := functions()[x.Name.Parts[len(x.Name.Parts)-1].Text]
	return len(list) > 0 && list[0].aggregate != nil
}
