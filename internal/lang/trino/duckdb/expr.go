package duckdb

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// expr binds an expression.
func (b *binder) expr(x trino.Expr, sc *scope) (expr, error) {
	leave, err := b.enter(x)
	if err != nil {
		return expr{}, err
	}
	defer leave()
	if sc.group != nil && !sc.lambda {
		if k, ok := b.matchKey(x, sc); ok {
			return k, nil
		}
	}
	switch x := x.(type) {
	case *trino.Ident, *trino.Deref:
		return b.name(x, sc)
	case *trino.Param:
		v, err := b.param(x)
		if err != nil {
			return expr{}, err
		}
		return b.expr(v, sc)
	case *trino.Subscript:
		return b.subscript(x, sc)
	case *trino.Unary:
		return b.unary(x, sc)
	case *trino.Not:
		e, err := b.condition(x.X, sc, "value of logical NOT expression")
		return expr{typ: types.TBoolean, sql: "(NOT " + e.sql + ")", agg: e.agg, window: e.window}, err
	case *trino.Binary:
		return b.binary(x, sc)
	case *trino.Compare:
		return b.compare(x, sc)
	case *trino.Logical:
		return b.logical(x, sc)
	case *trino.Between:
		return b.between(x, sc)
	case *trino.InList:
		return b.inList(x, sc)
	case *trino.Like:
		return b.like(x, sc)
	case *trino.IsNull:
		return b.isNull(x, sc)
	case *trino.InQuery, *trino.Exists, *trino.Subquery, *trino.Quantified:
		return b.subqueryExpr(x, sc)
	case *trino.Case:
		return b.caseExpr(x, sc)
	case *trino.Cast:
		return b.cast(x, sc)
	case *trino.Array:
		return b.array(x, sc)
	case *trino.Row:
		return b.row(x, sc)
	case *trino.Lambda:
		return expr{}, b.fail(x, "TYPE_MISMATCH", "a lambda is only possible as an argument of a function that takes one")
	case *trino.Call:
		return b.call(x, sc)
	case *trino.AtZone:
		return b.special("at_timezone", x, []trino.Expr{x.X, x.Zone}, sc)
	case *trino.JSONCall:
		return b.jsonCall(x, sc)
	case *trino.Grouping:
		return b.groupingCall(x, sc)
	}
	return b.literal(x)
}

// special binds a syntactic form as a call of a function.
func (b *binder) special(name string, n trino.Node, args []trino.Expr, sc *scope) (expr, error) {
	s := n.Pos()
	return b.call(&trino.Call{Span: s, Name: trino.QName{Span: s, Parts: []trino.Name{{Span: s, Text: name, Raw: name}}}, Args: args}, sc)
}

// nameParts is a chain of names: a.b.c.
func nameParts(x trino.Expr) ([]trino.Name, bool) {
	switch x := x.(type) {
	case *trino.Ident:
		return []trino.Name{x.Name}, true
	case *trino.Deref:
		p, ok := nameParts(x.Base)
		return append(p, x.Field), ok
	}
	return nil, false
}

// name binds a column, or a field of a row.
func (b *binder) name(x trino.Expr, sc *scope) (expr, error) {
	parts, ok := nameParts(x)
	if !ok {
		d := x.(*trino.Deref)
		e, err := b.expr(d.Base, sc)
		if err != nil {
			return e, err
		}
		return b.rowField(d, e, d.Field)
	}
	f, err := b.lookup(x, parts, sc)
	if err != nil {
		return expr{}, err
	}
	if f == nil {
		return expr{}, b.unknown(x, parts, sc)
	}
	e, err := b.fieldExpr(x, f)
	for _, p := range parts[f.used:] {
		if err != nil {
			return e, err
		}
		e, err = b.rowField(x, e, p)
	}
	return e, err
}

// fieldExpr is a found column as a value where it is used.
func (b *binder) fieldExpr(n trino.Node, f *found) (expr, error) {
	e := expr{typ: f.typ, sql: f.sql, col: f.col}
	if f.col != nil {
		f.col.scan.Used[f.col.column] = true
	}
	for _, o := range f.at.outputs {
		if o.sql == f.sql && o.name == f.name {
			return e, nil
		}
	}
	if g := f.at.group; g != nil {
		k, ok := g.key(f.sql)
		if !ok {
			return e, b.fail(n, "EXPRESSION_NOT_AGGREGATE", "%q must be an aggregate expression or appear in GROUP BY clause", f.name)
		}
		return k, nil
	}
	return e, nil
}

func (b *binder) rowField(n trino.Node, e expr, name trino.Name) (expr, error) {
	if e.typ.Kind != types.Row {
		return e, b.fail(n, "TYPE_MISMATCH", "expression %s is not of type ROW", e.typ)
	}
	hit := -1
	for i, f := range e.typ.Names {
		if strings.EqualFold(f, name.Text) {
			if hit >= 0 {
				return e, b.fail(name, "AMBIGUOUS_NAME", "ambiguous row field reference: %s", name.Raw)
			}
			hit = i
		}
	}
	if hit < 0 {
		return e, didYouMean(b.fail(n, "COLUMN_NOT_FOUND", "column %q cannot be resolved", name.Raw), name.Text, e.typ.Names)
	}
	return expr{typ: e.typ.Elems[hit], sql: rowGet(e.sql, hit), agg: e.agg, window: e.window}, nil
}

var maxInt64 = big.NewInt(9223372036854775807)

// literal binds constants.
func (b *binder) literal(x trino.Expr) (expr, error) {
	switch x := x.(type) {
	case *trino.NullLit:
		return expr{typ: types.TUnknown, sql: "NULL"}, nil
	case *trino.BoolLit:
		return expr{typ: types.TBoolean, sql: strconv.FormatBool(x.Value), val: x.Value}, nil
	case *trino.IntLit:
		return b.integer(x, x.Text)
	case *trino.DecimalLit:
		return b.decimalLit(x, x.Text)
	case *trino.DoubleLit:
		f, err := strconv.ParseFloat(x.Text, 64)
		if err != nil && !math.IsInf(f, 0) {
			return expr{}, b.fail(x, "INVALID_LITERAL", "invalid double literal: %s", x.Text)
		}
		return expr{typ: types.TDouble, sql: doubleSQL(f), val: f}, nil
	case *trino.StringLit:
		return expr{typ: types.VarcharOf(len([]rune(x.Value))), sql: textSQL(x.Value), val: x.Value}, nil
	case *trino.BinaryLit:
		return expr{typ: types.TVarbinary, sql: blobSQL(x.Value)}, nil
	case *trino.TypedLit:
		return b.typedLit(x)
	case *trino.IntervalLit:
		return b.interval(x)
	}
	return expr{}, b.fail(x, "NOT_SUPPORTED", "this expression is not supported")
}

// integer is a whole number: integer if it fits, else bigint.
func (b *binder) integer(n trino.Node, digits string) (expr, error) {
	v, ok := new(big.Int).SetString(digits, 10)
	if !ok || new(big.Int).Abs(v).Cmp(maxInt64) > 0 && v.String() != "-9223372036854775808" {
		return expr{}, b.fail(n, "SYNTAX_ERROR", "invalid numeric literal: %s", digits)
	}
	t := types.TBigint
	if i := v.Int64(); i >= -2147483648 && i <= 2147483647 {
		t = types.TInteger
	}
	return expr{typ: t, sql: "CAST(" + v.String() + " AS " + physical(t) + ")", val: v.Int64()}, nil
}

// decimalLit is digits with a point: decimal of just these digits.
func (b *binder) decimalLit(n trino.Node, text string) (expr, error) {
	t, digits, ok := decimalOf(text)
	if !ok {
		return expr{}, b.fail(n, "INVALID_LITERAL", "invalid decimal literal: %s", text)
	}
	return expr{typ: t, sql: "CAST('" + digits + "' AS " + physical(t) + ")", val: base.DecimalText(digits)}, nil
}

// decimalOf is the type of a decimal literal and its canonical text.
func decimalOf(text string) (types.Type, string, bool) {
	sign := ""
	t := strings.ReplaceAll(text, "_", "")
	if strings.HasPrefix(t, "-") || strings.HasPrefix(t, "+") {
		sign, t = strings.TrimPrefix(t[:1], "+"), t[1:]
	}
	whole, frac, _ := strings.Cut(t, ".")
	if whole+frac == "" || strings.Trim(whole+frac, "0123456789") != "" {
		return types.Type{}, "", false
	}
	whole = strings.TrimLeft(whole, "0")
	p := len(whole) + len(frac)
	if p == 0 {
		p = 1
	}
	if p > types.MaxPrecision {
		return types.Type{}, "", false
	}
	if whole == "" {
		whole = "0"
	}
	out := sign + whole
	if frac != "" {
		out += "." + frac
	}
	return types.DecimalOf(p, len(frac)), out, true
}

func doubleSQL(f float64) string {
	return "CAST('" + strconv.FormatFloat(f, 'g', -1, 64) + "' AS DOUBLE)"
}

// textSQL is a text constant of type VARCHAR. NUL, which literals cannot hold, is spliced in.
func textSQL(s string) string {
	if !strings.Contains(s, "\x00") {
		return "CAST(" + quote(s) + " AS VARCHAR)"
	}
	parts := strings.Split(s, "\x00")
	for i, p := range parts {
		parts[i] = quote(p)
	}
	return "(" + strings.Join(parts, " || chr(0) || ") + ")"
}

func blobSQL(v []byte) string { return fmt.Sprintf("from_hex('%X')", v) }

// array binds ARRAY[...].
func (b *binder) array(x *trino.Array, sc *scope) (expr, error) {
	list, err := b.exprs(x.Elems, sc)
	if err != nil {
		return expr{}, err
	}
	t := types.TUnknown
	for i, e := range list {
		c, ok := types.Common(t, e.typ)
		if !ok {
			return expr{}, b.fail(x.Elems[i], "TYPE_MISMATCH", "all ARRAY elements must be the same type: %s, %s", t, e.typ)
		}
		t = c
	}
	for i := range list {
		list[i] = b.coerce(list[i], t)
	}
	return with(expr{typ: types.ArrayOf(t), sql: "CAST([" + sqls(list) + "] AS " + physical(types.ArrayOf(t)) + ")"}, list...), nil
}

// row binds ROW(...).
func (b *binder) row(x *trino.Row, sc *scope) (expr, error) {
	list, err := b.exprs(x.Elems, sc)
	if err != nil {
		return expr{}, err
	}
	t := make([]types.Type, len(list))
	for i, e := range list {
		t[i] = e.typ
	}
	return with(expr{typ: types.RowOf(t...), sql: packRow(list)}, list...), nil
}

func packRow(list []expr) string {
	f := make([]string, len(list))
	for i, e := range list {
		f[i] = rowField(i) + " := " + typedNull(e)
	}
	return "struct_pack(" + strings.Join(f, ", ") + ")"
}

// typedNull gives a bare NULL a type where the engine asks for one.
func typedNull(e expr) string {
	if e.sql == "NULL" {
		return "CAST(NULL AS " + physical(e.typ) + ")"
	}
	return e.sql
}

func (b *binder) exprs(list []trino.Expr, sc *scope) ([]expr, error) {
	out := make([]expr, len(list))
	for i, x := range list {
		e, err := b.expr(x, sc)
		if err != nil {
			return nil, err
		}
		out[i] = e
	}
	return out, nil
}

// with marks e as holding what its parts hold.
func with(e expr, parts ...expr) expr {
	for _, p := range parts {
		e.agg = e.agg || p.agg
		e.window = e.window || p.window
	}
	return e
}

// subscript binds array[i], map[k] and row[i]: what is not there is an error.
func (b *binder) subscript(x *trino.Subscript, sc *scope) (expr, error) {
	e, err := b.expr(x.Base, sc)
	if err != nil {
		return e, err
	}
	i, err := b.expr(x.Index, sc)
	if err != nil {
		return e, err
	}
	switch e.typ.Kind {
	case types.Row:
		n, ok := i.val.(int64)
		if !ok {
			return e, b.fail(x.Index, "TYPE_MISMATCH", "subscript expression on ROW requires a constant integer")
		}
		if n < 1 || int(n) > len(e.typ.Elems) {
			return e, b.fail(x.Index, "INVALID_FUNCTION_ARGUMENT", "invalid subscript index: %d; ROW has %d fields", n, len(e.typ.Elems))
		}
		return with(expr{typ: e.typ.Elems[n-1], sql: rowGet(e.sql, int(n-1))}, e), nil
	case types.Array:
		if !types.Coercible(i.typ, types.TBigint) {
			return e, b.fail(x, "TYPE_MISMATCH", "cannot use %s for subscript of %s", i.typ, e.typ)
		}
		return with(expr{typ: e.typ.Elem(), sql: b.arrayGet(e, b.coerce(i, types.TBigint))}, e, i), nil
	case types.Map:
		k, ok := types.Common(i.typ, e.typ.Key())
		if !ok {
			return e, b.fail(x, "TYPE_MISMATCH", "cannot use %s for subscript of %s", i.typ, e.typ)
		}
		e = b.coerce(e, types.MapOf(k, e.typ.Value()))
		return with(expr{typ: e.typ.Value(), sql: b.mapGet(e, b.coerce(i, k))}, e, i), nil
	}
	return e, b.fail(x, "TYPE_MISMATCH", "cannot use subscript on %s", e.typ)
}

func (b *binder) arrayGet(a, i expr) string {
	t := a.typ.Elem()
	beyond := b.raise(t, "INVALID_FUNCTION_ARGUMENT", "array subscript must be less than or equal to array length")
	return b.let([]string{a.sql, i.sql}, func(v []string) string {
		if n, ok := i.val.(int64); ok && n > 0 {
			return fmt.Sprintf("CASE WHEN %[2]s > len(%[1]s) THEN %[3]s ELSE list_extract(%[1]s, %[2]s) END", v[0], v[1], beyond)
		}
		return fmt.Sprintf("CASE WHEN %[1]s IS NULL THEN NULL WHEN %[2]s = 0 THEN %[3]s WHEN %[2]s < 0 THEN %[4]s WHEN %[2]s > len(%[1]s) THEN %[5]s ELSE list_extract(%[1]s, %[2]s) END", v[0], v[1],
			b.raise(t, "INVALID_FUNCTION_ARGUMENT", "SQL array indices start at 1"),
			b.raise(t, "INVALID_FUNCTION_ARGUMENT", "array subscript is negative"), beyond)
	})
}

func (b *binder) mapGet(m, k expr) string {
	return b.let([]string{m.sql, k.sql}, func(v []string) string {
		absent := "NOT map_contains(" + v[0] + ", " + v[1] + ")"
		if k.typ.Is(types.Real, types.Double) && k.val == nil { // NaN is no key's equal
			absent = "isnan(" + v[1] + ") OR " + absent
		}
		return fmt.Sprintf("CASE WHEN %[1]s IS NULL OR %[2]s IS NULL THEN NULL WHEN "+absent+" THEN %[3]s ELSE map_extract_value(%[1]s, %[2]s) END", v[0], v[1],
			b.raise(m.typ.Value(), "INVALID_FUNCTION_ARGUMENT", "key not present in map"))
	})
}
