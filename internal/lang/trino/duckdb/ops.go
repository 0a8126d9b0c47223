package duckdb

import (
	"fmt"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

func (b *binder) unary(x *trino.Unary, sc *scope) (expr, error) {
	if n, ok := x.X.(*trino.IntLit); ok && x.Op == "-" {
		return b.integer(x, "-"+n.Text)
	}
	e, err := b.expr(x.X, sc)
	if err != nil {
		return e, err
	}
	if !e.typ.Numeric() && !e.typ.Is(types.IntervalDay, types.IntervalYear) {
		return e, b.fail(x, "TYPE_MISMATCH", "unary operator %s is not applicable to %s", x.Op, e.typ)
	}
	if x.Op == "+" {
		if e.typ.Kind == types.Decimal {
			return e, b.fail(x, "TYPE_MISMATCH", "unary + operator cannot be applied to %s", e.typ)
		}
		return e, nil
	}
	out := with(expr{typ: e.typ, sql: "(- " + e.sql + ")"}, e)
	switch v := e.val.(type) {
	case base.DecimalText:
		out.val = base.DecimalText("-" + string(v))
	case float64:
		out.val = -v
	}
	return out, nil
}

// binary binds + - * / % and ||.
func (b *binder) binary(x *trino.Binary, sc *scope) (expr, error) {
	// Chains of one operator lean left: walk down instead of recursing.
	var spine []*trino.Binary
	var left trino.Expr = x
	for {
		n, ok := left.(*trino.Binary)
		if !ok || sc.group != nil && len(spine) > 0 && b.isKey(n, sc) {
			break
		}
		spine = append(spine, n)
		left = n.X
	}
	e, err := b.expr(left, sc)
	for i := len(spine) - 1; i >= 0 && err == nil; i-- {
		n := spine[i]
		var y expr
		if y, err = b.expr(n.Y, sc); err == nil {
			e, err = b.arith(n, e, y)
		}
	}
	return e, err
}

func (b *binder) isKey(x trino.Expr, sc *scope) bool {
	if sc.lambda {
		return false
	}
	_, ok := b.matchKey(x, sc)
	return ok
}

func (b *binder) arith(n *trino.Binary, x, y expr) (expr, error) {
	if n.Op == "||" {
		return b.concat(n, x, y)
	}
	if e, ok := b.clockArith(n.Op, x, y); ok {
		return with(e, x, y), nil
	}
	if x.typ.Kind == types.Unknown || y.typ.Kind == types.Unknown {
		return b.nullArith(n, x, y)
	}
	t, ok := types.Common(x.typ, y.typ)
	if !ok || !t.Numeric() {
		return x, b.cannotApply(n.OpPos, n, n.Op, x, y)
	}
	return b.numberArith(n, x, y, t)
}

// nullArith is an operator with a bare NULL: it takes the one type that the
// other side leaves, and where that leaves several the call is ambiguous.
func (b *binder) nullArith(n *trino.Binary, x, y expr) (expr, error) {
	known := x.typ
	if known.Kind == types.Unknown {
		known = y.typ
	}
	plus := n.Op == "+" || n.Op == "-"
	switch {
	case known.Kind == types.Decimal:
		return b.decimalArith(n, b.coerceNull(x, types.DecimalOf(1, 0)), b.coerceNull(y, types.DecimalOf(1, 0)))
	case n.Op == "-" && x.typ.Kind == types.Unknown && known.Is(types.Time, types.Timestamp, types.TimestampTZ):
		return with(expr{typ: types.TIntervalD, sql: "CAST(NULL AS BIGINT)"}, x, y), nil
	case known.Is(types.Bigint, types.Double) && n.Op == "*", known.Kind == types.Unknown, known.Is(types.IntervalDay, types.IntervalYear) && plus,
		known.Is(types.Timestamp, types.TimestampTZ) && plus && known.P < intervalDigits, known.Is(types.Time, types.Timestamp, types.TimestampTZ) && n.Op == "-":
		return x, b.fail(n, "AMBIGUOUS_FUNCTION_CALL", "could not choose a best candidate operator; explicit type casts must be added")
	case known.Numeric():
		return b.numberArith(n, x, y, known)
	case known.Is(types.Date, types.Time, types.Timestamp, types.TimestampTZ) && plus, known.Is(types.IntervalDay, types.IntervalYear) && n.Op != "%":
		if known.Kind == types.Time {
			known.P = max(known.P, intervalDigits)
		}
		return with(expr{typ: known, sql: "CAST(NULL AS " + physical(known) + ")"}, x, y), nil
	}
	return x, b.cannotApply(n.OpPos, n, n.Op, x, y)
}

// coerceNull is coerce for a bare NULL; anything else stays as it is.
func (b *binder) coerceNull(e expr, t types.Type) expr {
	if e.typ.Kind != types.Unknown {
		return e
	}
	return b.coerce(e, t)
}

// numberArith computes with numbers of the common type t.
func (b *binder) numberArith(n *trino.Binary, x, y expr, t types.Type) (expr, error) {
	if t.Kind == types.Decimal {
		return b.decimalArith(n, x, y)
	}
	x, y = b.coerce(x, t), b.coerce(y, t)
	e := expr{typ: t}
	switch {
	case n.Op == "/" && t.Integral():
		e.sql = b.guarded(t, x, y, fmt.Sprintf("(%s // %s)", x.sql, y.sql))
	case n.Op == "%" && t.Integral():
		e.sql = b.guarded(t, x, y, fmt.Sprintf("(%s %% %s)", x.sql, y.sql))
	case n.Op == "%" && t.Is(types.Real, types.Double):
		e.sql = fmt.Sprintf("CASE WHEN %[2]s = 0 THEN CASE WHEN %[1]s IS NULL THEN NULL ELSE CAST('NaN' AS %[3]s) END ELSE %[1]s %% %[2]s END", x.sql, y.sql, physical(t))
	default:
		e.sql = fmt.Sprintf("(%s %s %s)", x.sql, n.Op, y.sql)
	}
	return with(e, x, y), nil
}

// guarded fails where the divisor is zero, unless the dividend is NULL. A divisor that is a constant other
// than zero needs no guard.
func (b *binder) guarded(t types.Type, x, y expr, sql string) string {
	if v, ok := y.val.(int64); ok && v != 0 {
		return sql
	}
	if v, ok := y.val.(base.DecimalText); ok && strings.Trim(string(v), "-0.") != "" {
		return sql
	}
	if x.val == nil {
		return "CASE WHEN " + y.sql + " = 0 AND " + x.sql + " IS NOT NULL THEN " + b.raise(t, "DIVISION_BY_ZERO", "division by zero") + " ELSE " + sql + " END"
	}
	return "CASE WHEN " + y.sql + " = 0 THEN " + b.raise(t, "DIVISION_BY_ZERO", "division by zero") + " ELSE " + sql + " END"
}

// decimalArith follows Trino's rules for the scale of a result: a sum keeps
// the larger one, a product adds them, a quotient takes the larger one and rounds half up.
func (b *binder) decimalArith(n *trino.Binary, x, y expr) (expr, error) {
	tx, _ := x.typ.AsDecimal()
	ty, _ := y.typ.AsDecimal()
	x, y = b.coerce(x, tx), b.coerce(y, ty)
	s := max(tx.S, ty.S)
	var t types.Type
	var sql string
	switch n.Op {
	case "+", "-":
		t = types.DecimalOf(max(tx.P-tx.S, ty.P-ty.S)+s+1, s)
		sql = fmt.Sprintf("(%s %s %s)", b.coerce(x, t).sql, n.Op, b.coerce(y, t).sql)
	case "*":
		if tx.S+ty.S > types.MaxPrecision {
			return x, b.fail(n, "INVALID_FUNCTION_ARGUMENT", "DECIMAL scale must be in range [0, precision (38)]: %d", tx.S+ty.S)
		}
		t = types.DecimalOf(tx.P+ty.P, tx.S+ty.S)
		sql = fmt.Sprintf("(%s * %s)", x.sql, y.sql)
	case "/":
		t = types.DecimalOf(tx.P+ty.S+max(0, ty.S-tx.S), s)
		sql = b.guarded(t, x, y, quotient(x.sql, tx, y.sql, ty, t))
	default:
		t = types.DecimalOf(min(ty.P-ty.S, tx.P-tx.S)+s, s)
		sql = b.guarded(t, x, y, unscaled(fmt.Sprintf("(%s %% %s)", scaledUp(whole(x.sql, tx), s-tx.S), scaledUp(whole(y.sql, ty), s-ty.S)), t))
	}
	return with(expr{typ: t, sql: "CAST(" + sql + " AS " + physical(t) + ")"}, x, y), nil
}

// quotient divides decimals exactly: whole numbers of the smallest unit,
// rounded half away from zero.
func quotient(x string, tx types.Type, y string, ty types.Type, t types.Type) string {
	up := t.S - tx.S + ty.S
	return unscaled(ratio(scaledUp(whole(x, tx), up), whole(y, ty)), t)
}

// whole is a decimal as the HUGEINT of its digits.
func whole(x string, t types.Type) string {
	if t.S == 0 {
		return "CAST(" + x + " AS HUGEINT)"
	}
	return fmt.Sprintf("CAST(CAST(%s AS DECIMAL(38,%d)) * CAST(1%s AS DECIMAL(38,0)) AS HUGEINT)", x, t.S, strings.Repeat("0", t.S))
}

func scaledUp(x string, digits int) string {
	if digits == 0 {
		return x
	}
	return "(" + x + " * CAST(1" + strings.Repeat("0", digits) + " AS HUGEINT))"
}

// ratio is a/b of HUGEINTs rounded half away from zero.
func ratio(a, b string) string {
	return fmt.Sprintf("((2 * abs(%[1]s) + abs(%[2]s)) // (2 * abs(%[2]s)) * CAST(sign(%[1]s) * sign(%[2]s) AS HUGEINT))", a, b)
}

// unscaled is the decimal whose digits are the HUGEINT x.
func unscaled(x string, t types.Type) string {
	if t.S == 0 {
		return "CAST(" + x + " AS " + physical(t) + ")"
	}
	return fmt.Sprintf("CAST(CAST(%s AS DECIMAL(38,0)) * CAST('0.%s1' AS DECIMAL(%d,%d)) AS %s)", x, strings.Repeat("0", t.S-1), t.S, t.S, physical(t))
}

func (b *binder) cannotApply(pos trino.Span, n trino.Node, op string, x, y expr) error {
	at := pos
	if at == (trino.Span{}) {
		at = n.Pos()
	}
	e := b.fail(at, "TYPE_MISMATCH", "cannot apply operator: %s %s %s", x.typ, op, y.typ)
	if x.typ.Text() != y.typ.Text() && (x.typ.Numeric() || y.typ.Numeric() || x.typ.Kind == types.Date || y.typ.Kind == types.Date) {
		return e.WithHint("Trino compares and computes only values of related types: write CAST(... AS %s), or quote the constant", other(x.typ, y.typ))
	}
	return e
}

func other(a, b types.Type) types.Type {
	if a.Text() {
		return b
	}
	return a
}

func (b *binder) concat(n *trino.Binary, x, y expr) (expr, error) {
	s := n.Pos()
	return b.invoke(&trino.Call{Span: s, Name: trino.QName{Span: s, Parts: []trino.Name{{Span: s, Text: "concat", Raw: "||"}}}}, []expr{x, y})
}

func (b *binder) logical(x *trino.Logical, sc *scope) (expr, error) {
	list := make([]expr, len(x.Terms))
	texts := make([]string, len(x.Terms))
	for i, t := range x.Terms {
		e, err := b.condition(t, sc, "logical "+strings.ToUpper(x.Op)+" term")
		if err != nil {
			return e, err
		}
		list[i], texts[i] = e, e.sql
	}
	out := with(expr{typ: types.TBoolean, sql: "(" + strings.Join(texts, " "+strings.ToUpper(x.Op)+" ") + ")"}, list...)
	if x.Op == "and" {
		out.preds = allOf(list)
	} else {
		out.preds = anyOf(list)
	}
	return out, nil
}

func (b *binder) between(x *trino.Between, sc *scope) (expr, error) {
	v, err := b.exprs([]trino.Expr{x.X, x.Low, x.High}, sc)
	if err != nil {
		return expr{}, err
	}
	lo, err := b.comparison(">=", x.Span, x, v[0], v[1])
	if err != nil {
		return lo, err
	}
	hi, err := b.comparison("<=", x.Span, x, v[0], v[2])
	if err != nil {
		return hi, err
	}
	if x.Not {
		return with(expr{typ: types.TBoolean, sql: "(NOT (" + lo.sql + " AND " + hi.sql + "))"}, lo, hi), nil
	}
	return with(expr{typ: types.TBoolean, sql: "(" + lo.sql + " AND " + hi.sql + ")", preds: allOf([]expr{lo, hi})}, lo, hi), nil
}

func (b *binder) inList(x *trino.InList, sc *scope) (expr, error) {
	v, err := b.expr(x.X, sc)
	if err != nil {
		return v, err
	}
	list, err := b.exprs(x.List, sc)
	if err != nil {
		return v, err
	}
	t := v.typ
	for i, e := range list {
		c, ok := types.Common(t, e.typ)
		if !ok {
			return v, b.fail(x.List[i], "TYPE_MISMATCH", "IN value and list items must be the same type: %s, %s", v.typ, e.typ)
		}
		t = c
	}
	if !t.Comparable() {
		return v, b.fail(x, "TYPE_MISMATCH", "type %s is not comparable", t)
	}
	v = b.coerce(v, t)
	forms := make([]string, len(list))
	one := nested(t)
	for i := range list {
		list[i] = b.coerce(list[i], t)
		forms[i] = cmpForm(list[i])
		one = one || t.Is(types.Real, types.Double) && list[i].val == nil // it may be NaN
	}
	for i := range list {
		if one {
			forms[i] = b.equal(v, list[i])
		}
	}
	not := ""
	if x.Not {
		not = "NOT "
	}
	out := with(expr{typ: types.TBoolean}, append(list, v)...)
	if one {
		out.sql = "(" + not + "(" + strings.Join(forms, " OR ") + "))"
		return out, nil
	}
	out.sql = "(" + cmpForm(v) + " " + not + "IN (" + strings.Join(forms, ", ") + "))"
	if !x.Not {
		out.preds = inPreds(v, list)
	}
	return out, nil
}

func (b *binder) like(x *trino.Like, sc *scope) (expr, error) {
	v, err := b.expr(x.X, sc)
	if err != nil {
		return v, err
	}
	p, err := b.expr(x.Pattern, sc)
	if err != nil {
		return p, err
	}
	if !v.typ.Text() && v.typ.Kind != types.Unknown {
		return v, b.fail(x.X, "TYPE_MISMATCH", "left side of LIKE expression must evaluate to a varchar (actual: %s)", v.typ)
	}
	if !p.typ.Text() && p.typ.Kind != types.Unknown {
		return v, b.fail(x.Pattern, "TYPE_MISMATCH", "pattern for LIKE expression must evaluate to a varchar (actual: %s)", p.typ)
	}
	v = b.coerce(v, types.TVarchar)
	p = b.coerce(p, types.TVarchar)
	not := ""
	if x.Not {
		not = "NOT "
	}
	out := with(expr{typ: types.TBoolean}, v, p)
	if x.Escape == nil {
		// Without ESCAPE a backslash is itself; so it is to the engine.
		out.sql = "(" + v.sql + " " + not + "LIKE " + p.sql + ")"
		if !x.Not {
			out.preds = likePreds(v, p, 0)
		}
		return out, nil
	}
	e, err := b.expr(x.Escape, sc)
	if err != nil {
		return e, err
	}
	if e.typ.Kind == types.Unknown {
		out.sql = "CAST(NULL AS BOOLEAN)"
		return out, nil
	}
	esc, ok := e.val.(string)
	if !ok || len([]rune(esc)) != 1 {
		return e, b.fail(x.Escape, "INVALID_FUNCTION_ARGUMENT", "escape string must be a single character")
	}
	if pat, ok := p.val.(string); ok && !escaped(pat, []rune(esc)[0]) {
		return e, b.fail(x.Pattern, "INVALID_FUNCTION_ARGUMENT", "escape character must be followed by '%%', '_' or the escape character itself")
	}
	out.sql = "(" + v.sql + " " + not + "LIKE " + p.sql + " ESCAPE " + quote(esc) + ")"
	if p.val == nil {
		one := fmt.Sprintf(`\x{%x}`, []rune(esc)[0])
		wrong := quote(strings.ReplaceAll(`(?s)^(?:[^#]|#[%_#])*#(?:[^%_#]|$)`, "#", one))
		bad := b.raise(types.TBoolean, "INVALID_FUNCTION_ARGUMENT", "escape character must be followed by '%', '_' or the escape character itself")
		out.sql = "CASE WHEN regexp_matches(" + p.sql + ", " + wrong + ") THEN " + bad + " ELSE " + out.sql + " END"
	}
	if !x.Not {
		out.preds = likePreds(v, p, []rune(esc)[0])
	}
	return out, nil
}

// escaped tells whether every escape in a pattern is followed by what it may escape.
func escaped(pattern string, esc rune) bool {
	r := []rune(pattern)
	for i := 0; i < len(r); i++ {
		if r[i] != esc {
			continue
		}
		if i++; i == len(r) || r[i] != '%' && r[i] != '_' && r[i] != esc {
			return false
		}
	}
	return true
}

func (b *binder) isNull(x *trino.IsNull, sc *scope) (expr, error) {
	e, err := b.expr(x.X, sc)
	if err != nil {
		return e, err
	}
	out := with(expr{typ: types.TBoolean, sql: "(" + e.sql + " IS NULL)"}, e)
	if x.Not {
		out.sql = "(" + e.sql + " IS NOT NULL)"
	}
	if e.col != nil && (x.Not || !e.col.outer) {
		out.preds = onScan(e.col, base.IsNull{Column: e.col.column, Not: x.Not})
	}
	return out, nil
}

func (b *binder) caseExpr(x *trino.Case, sc *scope) (expr, error) {
	var parts []expr
	var text strings.Builder
	text.WriteString("CASE")
	t := types.TUnknown
	var operand expr
	if x.Operand != nil {
		var err error
		if operand, err = b.expr(x.Operand, sc); err != nil {
			return operand, err
		}
		parts = append(parts, operand)
	}
	conds, thens := make([]string, len(x.Whens)), make([]expr, len(x.Whens))
	for i, w := range x.Whens {
		var c expr
		var err error
		if x.Operand != nil {
			if c, err = b.expr(w.Cond, sc); err == nil {
				c, err = b.comparison("=", w.Cond.Pos(), w.Cond, operand, c)
			}
		} else {
			c, err = b.condition(w.Cond, sc, "CASE WHEN clause")
		}
		if err != nil {
			return c, err
		}
		then, err := b.expr(w.Then, sc)
		if err != nil {
			return then, err
		}
		if t, err = b.branch(w.Then, t, then); err != nil {
			return then, err
		}
		conds[i], thens[i] = c.sql, then
		parts = append(parts, c, then)
	}
	var other expr
	if x.Else != nil {
		var err error
		if other, err = b.expr(x.Else, sc); err != nil {
			return other, err
		}
		if t, err = b.branch(x.Else, t, other); err != nil {
			return other, err
		}
		parts = append(parts, other)
	}
	for i := range conds {
		text.WriteString(" WHEN " + conds[i] + " THEN " + b.coerce(thens[i], t).sql)
	}
	if x.Else != nil {
		text.WriteString(" ELSE " + b.coerce(other, t).sql)
	}
	text.WriteString(" END")
	return with(expr{typ: t, sql: text.String()}, parts...), nil
}

// branch widens t to hold another result of a CASE or IF.
func (b *binder) branch(n trino.Node, t types.Type, e expr) (types.Type, error) {
	c, ok := types.Common(t, e.typ)
	if !ok {
		return t, b.fail(n, "TYPE_MISMATCH", "all CASE results must be the same type or coercible to a common type. Cannot find common type between %s and %s", t, e.typ)
	}
	return c, nil
}
