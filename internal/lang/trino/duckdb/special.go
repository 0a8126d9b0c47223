package duckdb

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// specialForms are calls whose arguments are not just values of fixed types.
var specialForms map[string]func(b *binder, x *trino.Call, sc *scope) (expr, error)

func init() {
	specialForms = map[string]func(b *binder, x *trino.Call, sc *scope) (expr, error){
		"if": (*binder).ifCall, "coalesce": (*binder).coalesce, "nullif": (*binder).nullif, "try": (*binder).tryCall, "typeof": (*binder).typeOf, "format": (*binder).format,
		"greatest": (*binder).extreme, "least": (*binder).extreme, "extract": (*binder).extract,
		"current_date": (*binder).now, "current_timestamp": (*binder).now, "now": (*binder).now, "localtimestamp": (*binder).now, "localtime": (*binder).now, "current_time": (*binder).now,
		"current_user": (*binder).who, "current_catalog": (*binder).who, "current_schema": (*binder).who, "current_timezone": (*binder).who, "version": (*binder).who, "count": (*binder).count1,
	}
}

// syntaxForms are calls whose number of arguments is a matter of grammar to Trino.
var syntaxForms = map[string]bool{"if": true, "coalesce": true, "nullif": true, "try": true, "format": true}

func (b *binder) wantArgs(x *trino.Call, least, most int) error {
	if n := len(x.Args); n < least || n > most {
		code := "FUNCTION_NOT_FOUND"
		if syntaxForms[x.Name.String()] {
			code = "SYNTAX_ERROR"
		}
		return b.fail(x, code, "function %s takes %s arguments, not %d", x.Name, countRange(least, most), n)
	}
	return nil
}

func countRange(least, most int) string {
	if least == most {
		return strconv.Itoa(least)
	}
	if most > 100 {
		return "at least " + strconv.Itoa(least)
	}
	return fmt.Sprintf("%d to %d", least, most)
}

func (b *binder) ifCall(x *trino.Call, sc *scope) (expr, error) {
	if err := b.wantArgs(x, 2, 3); err != nil {
		return expr{}, err
	}
	c := &trino.Case{Span: x.Span, Whens: []trino.When{{Cond: x.Args[0], Then: x.Args[1]}}}
	if len(x.Args) == 3 {
		c.Else = x.Args[2]
	}
	return b.caseExpr(c, sc)
}

// unify binds arguments and brings them to their common type.
func (b *binder) unify(x *trino.Call, sc *scope) ([]expr, types.Type, error) {
	list, err := b.exprs(x.Args, sc)
	if err != nil {
		return nil, types.Type{}, err
	}
	t := types.TUnknown
	for i, e := range list {
		c, ok := types.Common(t, e.typ)
		if !ok {
			return nil, t, b.fail(x.Args[i], "TYPE_MISMATCH", "all %s operands must be the same type or coercible to a common type. Cannot find common type between %s and %s", strings.ToUpper(x.Name.String()), t, e.typ)
		}
		t = c
	}
	for i := range list {
		list[i] = b.coerce(list[i], t)
	}
	return list, t, nil
}

func (b *binder) coalesce(x *trino.Call, sc *scope) (expr, error) {
	if err := b.wantArgs(x, 2, 1000); err != nil {
		return expr{}, err
	}
	list, t, err := b.unify(x, sc)
	return with(expr{typ: t, sql: "coalesce(" + sqls(list) + ")"}, list...), err
}

func (b *binder) nullif(x *trino.Call, sc *scope) (expr, error) {
	if err := b.wantArgs(x, 2, 2); err != nil {
		return expr{}, err
	}
	list, err := b.exprs(x.Args, sc)
	if err != nil {
		return expr{}, err
	}
	var fault error
	sql := b.let([]string{typedNull(list[0])}, func(v []string) string {
		var c expr
		named := list[0]
		named.sql = v[0]
		c, fault = b.comparison("=", x.Span, x, named, list[1])
		return "CASE WHEN " + c.sql + " THEN NULL ELSE " + v[0] + " END"
	})
	return with(expr{typ: list[0].typ, sql: sql}, list...), fault
}

// tryCall is TRY(x): errors of values become NULL.
func (b *binder) tryCall(x *trino.Call, sc *scope) (expr, error) {
	if err := b.wantArgs(x, 1, 1); err != nil {
		return expr{}, err
	}
	if sc.inLambda() { // the engine's TRY does not see a lambda's arguments
		return b.tryStrict(x, sc)
	}
	b.try++
	e, err := b.expr(x.Args[0], sc)
	b.try--
	if err != nil {
		return e, err
	}
	if e.window || indexOutside(e.sql, "SELECT ") >= 0 {
		return e, b.fail(x, "NOT_SUPPORTED", "TRY around a window function or a subquery is not supported by the embedded engine")
	}
	return with(expr{typ: e.typ, sql: b.engineTry(e.sql)}, e), nil
}

// engineTry is the engine's TRY. Its COALESCE leaves values unset there, once
// an earlier row has failed: a CASE over a named value stands in its place.
func (b *binder) engineTry(sql string) string {
	return "TRY(" + b.withoutCoalesce(sql) + ")"
}

func (b *binder) withoutCoalesce(sql string) string {
	const name = "coalesce("
	from := 0
	for {
		i := indexOutside(sql[from:], name)
		if i < 0 {
			return sql
		}
		i += from
		if from = i + len(name); i > 0 && wordByte(sql[i-1]) {
			continue
		}
		args, end := splitArgs(sql, from)
		text := args[len(args)-1]
		for j := len(args) - 2; j >= 0; j-- {
			v := b.fresh("v")
			text = "list_extract(list_transform([struct_pack(f1 := " + args[j] + ")], lambda " + v + ": CASE WHEN " + v + ".f1 IS NOT NULL THEN " + v + ".f1 ELSE " + text + " END), 1)"
		}
		sql, from = sql[:i]+text+sql[end:], i
	}
}

// tryStrict is TRY without the engine's: where every part is NULL as soon as
// what is in it is, an error can be NULL at its place.
func (b *binder) tryStrict(x *trino.Call, sc *scope) (expr, error) {
	if !strictForm(x.Args[0]) {
		return expr{}, b.fail(x, "NOT_SUPPORTED", "TRY inside a lambda is supported by the embedded engine for operators, subscripts and CAST only")
	}
	b.nulls++
	b.noGo = true
	e, err := b.expr(x.Args[0], sc)
	b.nulls--
	b.noGo = false
	if err == nil && raises(e.sql) {
		return expr{}, b.fail(x, "NOT_SUPPORTED", "TRY of this expression inside a lambda is not supported by the embedded engine")
	}
	return e, err
}

// raises tells whether SQL may fail by one of the Go functions.
func raises(sql string) bool { return strings.Contains(sql, "mg_") }

func strictForm(x trino.Expr) bool {
	switch x := x.(type) {
	case *trino.Ident, *trino.Deref, *trino.IntLit, *trino.DecimalLit, *trino.DoubleLit, *trino.StringLit, *trino.NullLit:
		return true
	case *trino.Binary:
		return strictForm(x.X) && strictForm(x.Y)
	case *trino.Unary:
		return strictForm(x.X)
	case *trino.Compare:
		return strictForm(x.X) && strictForm(x.Y)
	case *trino.Subscript:
		return strictForm(x.Base) && strictForm(x.Index)
	case *trino.Cast:
		return strictForm(x.X)
	}
	return false
}

func (b *binder) typeOf(x *trino.Call, sc *scope) (expr, error) {
	if err := b.wantArgs(x, 1, 1); err != nil {
		return expr{}, err
	}
	e, err := b.expr(x.Args[0], sc)
	if err != nil {
		return e, err
	}
	s := e.typ.String()
	return with(expr{typ: types.TVarchar, sql: textSQL(s), val: s}, e), nil
}

// extreme is GREATEST and LEAST: NULL if any argument is.
func (b *binder) extreme(x *trino.Call, sc *scope) (expr, error) {
	if err := b.wantArgs(x, 1, 1000); err != nil {
		return expr{}, err
	}
	list, t, err := b.unify(x, sc)
	if e, ok := err.(*base.Error); ok && e.Code == "TYPE_MISMATCH" {
		return expr{}, e.WithCode("FUNCTION_NOT_FOUND")
	}
	if err != nil {
		return expr{}, err
	}
	if !t.Orderable() {
		return expr{}, b.fail(x, "FUNCTION_NOT_FOUND", "%s is not orderable", t)
	}
	name := x.Name.Parts[0].Text
	if t.Kind == types.TimestampTZ {
		best := list[0].sql
		op := map[string]string{"greatest": ">=", "least": "<="}[name]
		for _, e := range list[1:] {
			best = fmt.Sprintf("CASE WHEN %s IS NULL OR %s IS NULL THEN NULL WHEN %s %s %s THEN %s ELSE %s END", instant(best), instant(e.sql), instant(best), op, instant(e.sql), best, e.sql)
		}
		return with(expr{typ: t, sql: best}, list...), nil
	}
	if nested(t) {
		return with(expr{typ: t, sql: b.extremeNested(name, list)}, list...), nil
	}
	nulls := make([]string, len(list))
	for i, e := range list {
		nulls[i] = e.sql + " IS NULL"
	}
	best := name + "(" + sqls(list) + ")"
	if t.Is(types.Real, types.Double) && name == "greatest" { // NaN is never the greatest, as to the engine it is
		numbers := join(list, func(e expr) string {
			if _, ok := e.val.(float64); ok {
				return e.sql
			}
			return "CASE WHEN isnan(" + e.sql + ") THEN NULL ELSE " + e.sql + " END"
		})
		best = "coalesce(greatest(" + numbers + "), " + nanSQL + ")"
	}
	return with(expr{typ: t, sql: "CASE WHEN " + strings.Join(nulls, " OR ") + " THEN NULL ELSE " + best + " END"}, list...), nil
}

// extremeNested is greatest or least of arrays or rows.
func (b *binder) extremeNested(name string, list []expr) string {
	op := map[string]string{"greatest": ">", "least": "<"}[name]
	best := list[0]
	for _, e := range list[1:] {
		best.sql = b.let([]string{best.sql, e.sql}, func(v []string) string {
			x, y := expr{typ: e.typ, sql: v[0]}, expr{typ: e.typ, sql: v[1]}
			return "CASE WHEN " + v[0] + " IS NULL OR " + v[1] + " IS NULL THEN NULL WHEN " + b.ranked(op, y, x) + " THEN " + v[1] + " ELSE " + v[0] + " END"
		})
	}
	return best.sql
}

// extract is EXTRACT(field FROM x): the function of the field's name.
func (b *binder) extract(x *trino.Call, sc *scope) (expr, error) {
	name := strings.ToLower(x.Unit)
	switch name {
	case "year", "quarter", "month", "week", "day", "day_of_month", "day_of_week", "dow", "day_of_year", "doy", "year_of_week", "yow", "hour", "minute", "second", "timezone_hour", "timezone_minute":
	default:
		return expr{}, b.fail(x, "SYNTAX_ERROR", "invalid EXTRACT field: %s", x.Unit)
	}
	if len(x.Args) == 1 {
		e, err := b.expr(x.Args[0], sc)
		if err != nil {
			return e, err
		}
		clock := e.typ.Is(types.Date, types.Time, types.TimeTZ, types.Timestamp, types.TimestampTZ, types.IntervalDay, types.IntervalYear, types.Unknown)
		within := map[string]bool{"hour": true, "minute": true, "second": true}[name]
		if !clock || e.typ.Kind == types.Date && within || strings.HasPrefix(name, "timezone") && !e.typ.Is(types.TimestampTZ, types.TimeTZ) {
			return e, b.fail(x, "TYPE_MISMATCH", "cannot extract %s from %s", x.Unit, e.typ)
		}
	}
	return b.special(name, x, x.Args, sc)
}

// now is the statement's own time: the same in all of it.
func (b *binder) now(x *trino.Call, sc *scope) (expr, error) {
	p := 3
	if len(x.Args) == 1 && x.Name.Parts[0].Text != "now" && x.Name.Parts[0].Text != "current_date" {
		n, ok := x.Args[0].(*trino.IntLit)
		digits, err := 0, error(nil)
		if ok {
			digits, err = strconv.Atoi(n.Text)
		}
		if !ok || err != nil || digits > 9 {
			return expr{}, b.fail(x, "INVALID_FUNCTION_ARGUMENT", "precision must be a number from 0 to 9")
		}
		p = digits
	} else if len(x.Args) > 0 {
		return expr{}, b.fail(x, "FUNCTION_NOT_FOUND", "%s takes no arguments", x.Name)
	}
	b.volatile = true
	t := b.o.Now.UTC().Truncate(time.Duration(pow10(9 - p)))
	switch x.Name.Parts[0].Text {
	case "current_date":
		d := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
		return expr{typ: types.TDate, sql: "DATE '" + dateText(d) + "'", val: d}, nil
	case "localtimestamp":
		return expr{typ: types.TimestampOf(p), sql: clockSQL(t, p), val: t}, nil
	case "localtime":
		p = min(p, 6)
		return expr{typ: types.TimeOf(p), sql: "TIME '" + t.Format("15:04:05.999999") + "'"}, nil
	case "current_time":
		return expr{}, b.fail(x, "NOT_SUPPORTED", "time with time zone is not supported by the embedded engine")
	}
	return expr{typ: types.TimestampTZOf(p), sql: zoned(clockSQL(t, p), "'UTC'"), val: t}, nil
}

// who answers what is known of the session.
func (b *binder) who(x *trino.Call, sc *scope) (expr, error) {
	if err := b.wantArgs(x, 0, 0); err != nil {
		return expr{}, err
	}
	s := map[string]string{"current_user": b.o.User, "current_catalog": b.o.CatalogName, "current_schema": b.o.Schema, "current_timezone": "UTC", "version": "Mulgil"}[x.Name.Parts[0].Text]
	return expr{typ: types.TVarchar, sql: textSQL(s), val: s}, nil
}

// count1 is count(*) and count(), else the aggregate of the table.
func (b *binder) count1(x *trino.Call, sc *scope) (expr, error) {
	if !x.Star && len(x.Args) > 0 {
		return b.aggregateCall(x, functions()["count"], sc)
	}
	c := *x
	c.Star, c.Args = false, nil
	return b.aggregateCall(&c, functions()["count"], sc)
}
