package trino

import "strings"

// How tight an expression binds: where something tighter is wanted, it stands
// in parentheses.
const (
	lowest = iota
	orLevel
	andLevel
	notLevel
	predicateLevel
	valueLevel // || ; + - and * / % follow
	sumLevel
	productLevel
	signLevel
	zoneLevel
	primaryLevel
)

func level(x Expr) int {
	switch x := x.(type) {
	case *Lambda:
		return lowest
	case *Logical:
		if x.Op == "or" {
			return orLevel
		}
		return andLevel
	case *Not:
		return notLevel
	case *Compare, *Quantified, *Between, *InList, *InQuery, *Like, *IsNull:
		return predicateLevel
	case *Binary:
		return binaryLevel(x.Op)
	case *Unary:
		return signLevel
	case *AtZone:
		return zoneLevel
	}
	return primaryLevel
}

func binaryLevel(op string) int {
	switch op {
	case "||":
		return valueLevel
	case "+", "-":
		return sumLevel
	}
	return productLevel
}

// expr writes x where something at least as tight as least must stand.
func (p *printer) expr(x Expr, least int) {
	if x == nil {
		return
	}
	if level(x) < least {
		p.put("(")
		p.bareExpr(x)
		p.put(")")
		return
	}
	p.bareExpr(x)
}

func (p *printer) bareExpr(x Expr) {
	if p.literal(x) || p.condition(x) {
		return
	}
	switch x := x.(type) {
	case *Ident:
		p.column(x)
	case *Deref:
		p.base(x.Base)
		p.put(".")
		p.name(x.Field)
	case *Subscript:
		p.base(x.Base)
		p.put("[")
		p.expr(x.Index, valueLevel)
		p.put("]")
	case *Unary:
		p.sign(x)
	case *Binary:
		l := binaryLevel(x.Op)
		p.expr(x.X, l)
		p.put(" ", x.Op, " ")
		p.expr(x.Y, l+1)
	case *AtZone:
		p.expr(x.X, zoneLevel)
		p.put(" AT TIME ZONE ")
		p.expr(x.Zone, primaryLevel)
	case *Array:
		p.put("ARRAY[")
		p.exprs(x.Elems)
		p.put("]")
	case *Row:
		p.put("ROW(")
		p.exprs(x.Elems)
		p.put(")")
	case *Lambda:
		p.lambda(x)
	case *Call:
		p.call(x)
	default:
		p.form(x)
	}
}

// form writes what words and parentheses hold together.
func (p *printer) form(x Expr) {
	switch x := x.(type) {
	case *Cast:
		p.putIf(x.Try, "TRY_")
		p.put("CAST(")
		p.expr(x.X, lowest)
		p.put(" AS ", x.Type.Text, ")")
	case *Case:
		p.caseOf(x)
	case *Subquery:
		p.parenQuery(x.Query)
	case *Exists:
		p.put("EXISTS ")
		p.parenQuery(x.Query)
	case *Grouping:
		p.put("GROUPING(")
		p.exprs(x.Args)
		p.put(")")
	case *JSONCall:
		p.json(x)
	case *TableArg:
		p.tableArg(x)
	case *Descriptor:
		p.put("DESCRIPTOR")
		p.columns(x.Columns)
	}
}

// column writes a name. array[1] would be an array of one element, and
// interval - '1' the start of a literal.
func (p *printer) column(x *Ident) {
	n := x.Name
	n.Quoted = n.Quoted || n.Text == "array" || n.Text == "interval"
	p.name(n)
}

// base writes what a field or subscript is taken of.
func (p *printer) base(x Expr) {
	paren := false
	switch x.(type) {
	case *IntLit, *DecimalLit, *DoubleLit:
		paren = true
	}
	p.putIf(paren, "(")
	p.expr(x, primaryLevel)
	p.putIf(paren, ")")
}

// sign writes a sign; two minus signs in a row would start a comment.
func (p *printer) sign(x *Unary) {
	p.put(x.Op)
	if u, ok := x.X.(*Unary); ok && u.Op == x.Op {
		p.put(" ")
	}
	p.expr(x.X, signLevel)
}

func (p *printer) lambda(x *Lambda) {
	if len(x.Params) == 1 {
		p.name(x.Params[0])
	} else {
		p.put("(")
		joined(p, x.Params, p.name)
		p.put(")")
	}
	p.put(" -> ")
	p.expr(x.Body, lowest)
}

func (p *printer) caseOf(x *Case) {
	p.put("CASE")
	if x.Operand != nil {
		p.put(" ")
		p.expr(x.Operand, lowest)
	}
	for _, w := range x.Whens {
		p.clause("WHEN", w.Cond)
		p.clause("THEN", w.Then)
	}
	p.clause("ELSE", x.Else)
	p.put(" END")
}

// condition writes what gives a boolean.
func (p *printer) condition(x Expr) bool {
	switch x := x.(type) {
	case *Logical:
		for i, t := range x.Terms {
			p.putIf(i > 0, " "+strings.ToUpper(x.Op)+" ")
			p.expr(t, level(x)+1)
		}
	case *Not:
		p.put("NOT ")
		p.expr(x.X, notLevel)
	case *Compare:
		p.expr(x.X, valueLevel)
		p.put(" ", strings.ToUpper(x.Op), " ")
		p.expr(x.Y, valueLevel)
	case *Quantified:
		p.expr(x.X, valueLevel)
		word := " ANY "
		if x.All {
			word = " ALL "
		}
		p.put(" ", x.Op, word)
		p.parenQuery(x.Query)
	case *Between:
		p.test(x.X, x.Not, "BETWEEN ")
		p.expr(x.Low, valueLevel)
		p.put(" AND ")
		p.expr(x.High, valueLevel)
	case *IsNull:
		p.expr(x.X, valueLevel)
		p.put(" IS ")
		p.putIf(x.Not, "NOT ")
		p.put("NULL")
	default:
		return p.membership(x)
	}
	return true
}

func (p *printer) membership(x Expr) bool {
	switch x := x.(type) {
	case *InList:
		p.test(x.X, x.Not, "IN (")
		p.exprs(x.List)
		p.put(")")
	case *InQuery:
		p.test(x.X, x.Not, "IN ")
		p.parenQuery(x.Query)
	case *Like:
		p.test(x.X, x.Not, "LIKE ")
		p.expr(x.Pattern, valueLevel)
		if x.Escape != nil {
			p.put(" ESCAPE ")
			p.expr(x.Escape, valueLevel)
		}
	default:
		return false
	}
	return true
}

func (p *printer) test(x Expr, not bool, word string) {
	p.expr(x, valueLevel)
	p.put(" ")
	p.putIf(not, "NOT ")
	p.put(word)
}
