package duckdb

import (
	"slices"
	"strconv"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// binder binds one statement.
type binder struct {
	src   string
	o     Options
	scans []*Scan
	seq   int
	shown map[string]Shown
	funcs map[string]bool
	// ctes are the WITH names in sight, innermost last.
	ctes []*cte
	// try is the depth of TRY around what is bound: errors must be catchable there.
	try int
	// nulls is set where an error may be NULL at once, since all around it is NULL then.
	nulls int
	// noGo is set where only the engine's own functions can give NULL for a bad value.
	noGo     bool
	volatile bool
	// shared is set once a query that several references read is written out.
	shared bool
	// windows are the WINDOW clauses in sight, innermost last.
	windows [][]trino.NamedWindow
	// targets are tables that a statement changes: known beforehand.
	targets map[*trino.Table]*Relation
	// views being expanded, to refuse cycles.
	views []string
	depth int
	// unordered is set while a FROM is bound whose rows' order does not matter,
	// loose for the next query to be bound, if its own does not.
	unordered, loose bool
	// twoSteps are the places of the text that have two forms.
	twoSteps []twoSteps
}

func newBinder(src string, o Options) *binder {
	if o.MaxRecursion == 0 {
		o.MaxRecursion = 10
	}
	return &binder{src: src, o: o, seq: o.Seq, funcs: map[string]bool{}, shown: map[string]Shown{}}
}

func (b *binder) plan(r *result) *Plan {
	sql, alternative := b.forms(r.sql)
	p := &Plan{SQL: sql, Alternative: alternative, Scans: b.scans, Volatile: b.volatile, Once: len(b.scans) == 1 && !b.shared, Seq: b.seq, Shown: b.shown}
	for i, c := range r.cols {
		name := c.shown
		if name == "" {
			name = c.name
		}
		if name == "" {
			name = "_col" + strconv.Itoa(i)
		}
		p.Columns = append(p.Columns, Column{Name: name, Type: c.typ, Unnamed: c.shown == "" && c.name == ""})
	}
	for f := range b.funcs {
		p.Functions = append(p.Functions, f)
	}
	slices.Sort(p.Functions)
	return p
}

// fresh is a name nothing else in the text has.
func (b *binder) fresh(prefix string) string {
	b.seq++
	return prefix + strconv.Itoa(b.seq)
}

// show notes what the user calls a relation of the text.
func (b *binder) show(alias, name string, cols []outCol) {
	s := Shown{Name: name}
	for _, c := range cols {
		s.Columns = append(s.Columns, c.name)
	}
	b.shown[alias] = s
}

// fail is a mistake at a node.
func (b *binder) fail(n trino.Node, code, format string, args ...any) *base.Error {
	s := n.Pos()
	return base.Errorf(base.Invalid, format, args...).WithCode(code).At(base.PlaceAt("", []byte(b.src), s.Start, s.End-s.Start))
}

// placed gives err n's place if it has none.
func (b *binder) placed(n trino.Node, err error) error {
	e, ok := err.(*base.Error)
	if !ok || e.Place != nil {
		return err
	}
	c := *e
	s := n.Pos()
	return c.At(base.PlaceAt("", []byte(b.src), s.Start, s.End-s.Start))
}

// fn is a call of a Go function, which the engine will be given.
func (b *binder) fn(name string, args ...string) string {
	b.funcs[name] = true
	return name + "(" + strings.Join(args, ", ") + ")"
}

// raise is SQL that fails with Trino's error when it is evaluated; t is the
// physical type it stands for.
func (b *binder) raise(t types.Type, code, message string) string {
	return b.raiseWith(t, code, quote(message))
}

// raiseWith is raise with a message computed by SQL.
func (b *binder) raiseWith(t types.Type, code, message string) string {
	text := quote("[["+code+"]] ") + " || " + message
	if b.nulls > 0 {
		return "CAST(NULL AS " + physical(t) + ")"
	}
	if b.try > 0 {
		// No two are alike: what stands twice the engine computes once, and outside of TRY.
		return "CAST(" + b.fn("mg_raise", text, quote(b.fresh("t"))) + " AS " + physical(t) + ")"
	}
	return "CAST(error(" + text + ") AS " + physical(t) + ")"
}

// expr is a bound expression: SQL that stands alone in any place, and what is
// known of its value.
type expr struct {
	typ types.Type
	sql string
	// val is the value if it is a constant: string, int64, float64, bool, a
	// base.DecimalText or a time.Time; nil if not known.
	val any
	// col is set while the value is exactly a scan's column.
	col *origin
	// preds are filters that hold on a scan whenever a boolean is true.
	preds map[*Scan]base.Predicate
	// lambda is the parameter list of a bound lambda.
	lambda []string
	// agg and window tell that the expression holds such a call.
	agg, window bool
}

// origin is a column of a scan, seen through joins and subqueries.
type origin struct {
	scan   *Scan
	column string
	// outer is set if an outer join may have put NULL in its place.
	outer bool
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func ident(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

func join[T any](list []T, f func(T) string) string {
	s := make([]string, len(list))
	for i, x := range list {
		s[i] = f(x)
	}
	return strings.Join(s, ", ")
}

func sqls(list []expr) string { return join(list, func(e expr) string { return e.sql }) }

// enter guards against nesting that would exhaust the stack.
func (b *binder) enter(n trino.Node) (func(), error) {
	b.depth++
	if b.depth > 2000 {
		return nil, b.fail(n, "STACK_OVERFLOW", "statement is nested too deeply")
	}
	return func() { b.depth-- }, nil
}

func typeNames(list []types.Type) string {
	return join(list, func(t types.Type) string { return t.String() })
}
