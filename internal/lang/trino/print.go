package trino

import (
	"encoding/hex"
	"strings"
)

// Print gives Trino text for any node, on one line. Parsing it again gives the
// same tree but for spans: parentheses stand where they are needed, words are
// upper case, names and types as they were written.
func Print(n Node) string {
	var p printer
	p.node(n)
	return p.b.String()
}

// FormatExpr is Print for an expression.
func FormatExpr(e Expr) string {
	var p printer
	p.expr(e, lowest)
	return p.b.String()
}

// FormatName is a name as Trino reads it, in double quotes if it needs them.
func FormatName(n Name) string {
	raw := n.Raw
	if raw == "" {
		raw = n.Text
	}
	if n.Quoted || !bare(raw) {
		return `"` + strings.ReplaceAll(raw, `"`, `""`) + `"`
	}
	return raw
}

// bare says whether a name needs no quotes, in any letter case. ALL is not
// reserved, but in front of a list it would be taken for the quantifier.
func bare(s string) bool {
	if strings.EqualFold(s, "all") {
		return false
	}
	for i := range len(s) {
		if !letter(s[i]) && (i == 0 || !digit(s[i])) {
			return false
		}
	}
	return s != "" && !Reserved(s)
}

// FormatString is a string literal.
func FormatString(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

type printer struct{ b strings.Builder }

func (p *printer) put(parts ...string) {
	for _, s := range parts {
		p.b.WriteString(s)
	}
}

// putIf writes s if the condition holds.
func (p *printer) putIf(cond bool, s string) {
	if cond {
		p.b.WriteString(s)
	}
}

func (p *printer) node(n Node) {
	switch x := n.(type) {
	case Expr:
		p.expr(x, lowest)
	case *Query:
		p.query(x)
	case Body:
		p.body(x)
	case TableRef:
		p.table(x)
	case Statement:
		p.statement(x)
	}
}

// joined writes items with commas between them.
func joined[T any](p *printer, l []T, item func(T)) {
	for i, x := range l {
		p.putIf(i > 0, ", ")
		item(x)
	}
}

func (p *printer) name(n Name) { p.put(FormatName(n)) }

func (p *printer) qname(q QName) {
	for i, n := range q.Parts {
		p.putIf(i > 0, ".")
		p.name(n)
	}
}

// columns writes (a, b), nothing for an empty list.
func (p *printer) columns(l []Name) {
	if len(l) == 0 {
		return
	}
	p.put("(")
	joined(p, l, p.name)
	p.put(")")
}

func (p *printer) exprs(l []Expr) {
	joined(p, l, func(x Expr) { p.expr(x, lowest) })
}

// clause writes a word and an expression, nothing for nil.
func (p *printer) clause(word string, x Expr) {
	if x != nil {
		p.put(" ", word, " ")
		p.expr(x, lowest)
	}
}

func (p *printer) literal(x Expr) bool {
	switch x := x.(type) {
	case *NullLit:
		p.put("NULL")
	case *BoolLit:
		if x.Value {
			p.put("true")
		} else {
			p.put("false")
		}
	case *IntLit:
		p.put(x.Text)
	case *DecimalLit:
		p.put(x.Text)
	case *DoubleLit:
		p.put(x.Text)
	case *StringLit:
		p.put(FormatString(x.Value))
	case *BinaryLit:
		p.put("X'", strings.ToUpper(hex.EncodeToString(x.Value)), "'")
	case *TypedLit:
		p.typed(x)
	case *IntervalLit:
		p.interval(x)
	case *Param:
		if x.Name != "" {
			p.put("$", x.Name)
		} else {
			p.put("?")
		}
	default:
		return false
	}
	return true
}

func (p *printer) typed(x *TypedLit) {
	text := x.Type.Text
	if text == "all" {
		text = `"all"` // or it would be taken for the quantifier
	}
	p.put(text, " ", FormatString(x.Value))
}

func (p *printer) interval(x *IntervalLit) {
	p.put("INTERVAL ")
	p.putIf(x.Negative, "-")
	p.put(FormatString(x.Value), " ", strings.ToUpper(x.From))
	if x.To != "" {
		p.put(" TO ", strings.ToUpper(x.To))
	}
}
