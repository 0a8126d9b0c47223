package types

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// Parse reads a type in Trino's spelling, case-insensitively: also "array<T>",
// "int", "string", "double precision", "row(x integer)". Without a precision
// timestamp and time have 3 digits, decimal is (38,0), char is char(1).
func Parse(s string) (Type, error) {
	p := &parser{s: s}
	t, err := p.typ(0)
	if err == nil && p.peek() != "" {
		err = fmt.Errorf("unexpected %q", p.peek())
	}
	if err != nil {
		return Type{}, fmt.Errorf("type %q: %w", s, err)
	}
	return t, nil
}

const maxDepth = 100

type parser struct {
	s   string
	pos int
}

// token returns the next token and where it ends.
func (p *parser) token() (string, int) {
	i := p.pos
	for i < len(p.s) && (p.s[i] == ' ' || p.s[i] == '\t' || p.s[i] == '\n' || p.s[i] == '\r') {
		i++
	}
	if i == len(p.s) {
		return "", i
	}
	if p.s[i] == '"' {
		for j := i + 1; j < len(p.s); j++ {
			if p.s[j] != '"' {
				continue
			}
			if j+1 < len(p.s) && p.s[j+1] == '"' {
				j++
				continue
			}
			return p.s[i : j+1], j + 1
		}
		return p.s[i:], len(p.s)
	}
	j := i
	for j < len(p.s) && word(rune(p.s[j])) {
		j++
	}
	if j == i {
		j++
	}
	return p.s[i:j], j
}

func word(r rune) bool {
	return r == '_' || r == '$' || r >= 0x80 || unicode.IsLetter(r) || unicode.IsDigit(r)
}

func (p *parser) peek() string { t, _ := p.token(); return t }

func (p *parser) next() string {
	t, end := p.token()
	p.pos = end
	return t
}

func (p *parser) accept(words ...string) bool {
	at := p.pos
	for _, w := range words {
		if !strings.EqualFold(p.next(), w) {
			p.pos = at
			return false
		}
	}
	return true
}

func (p *parser) want(t string) error {
	if got := p.next(); got != t {
		return fmt.Errorf("want %q, have %q", t, got)
	}
	return nil
}

var plain = map[string]Type{
	"unknown": TUnknown, "boolean": TBoolean, "tinyint": TTinyint, "smallint": TSmallint, "integer": TInteger, "int": TInteger, "bigint": TBigint,
	"real": TReal, "double": TDouble, "varbinary": TVarbinary, "date": TDate, "json": TJSON, "uuid": TUUID, "ipaddress": TIPAddress, "string": TVarchar,
}

func (p *parser) typ(depth int) (Type, error) {
	if depth > maxDepth {
		return Type{}, fmt.Errorf("nested too deeply")
	}
	w := strings.ToLower(p.next())
	t, err := p.named(w, depth)
	for err == nil && p.accept("array") {
		t = ArrayOf(t)
	}
	return t, err
}

func (p *parser) named(w string, depth int) (Type, error) {
	if t, ok := plain[w]; ok {
		if w == "double" {
			p.accept("precision")
		}
		return t, nil
	}
	switch w {
	case "varchar":
		return p.length(Varchar, Unbounded, 0)
	case "char":
		return p.length(Char, 1, 0)
	case "decimal", "dec", "numeric":
		return p.decimal()
	case "time", "timestamp":
		return p.clock(w)
	case "interval":
		return p.interval()
	case "array", "map", "row", "struct":
		return p.nested(w, depth)
	}
	return Type{}, fmt.Errorf("unknown type %q", w)
}

func (p *parser) numbers() ([]int, error) {
	if !p.accept("(") {
		return nil, nil
	}
	var out []int
	for {
		n, err := strconv.Atoi(p.next())
		if err != nil {
			return nil, fmt.Errorf("want a number in parentheses")
		}
		out = append(out, n)
		if p.accept(")") {
			return out, nil
		}
		if err := p.want(","); err != nil {
			return nil, err
		}
	}
}

func (p *parser) length(k Kind, def, least int) (Type, error) {
	n, err := p.numbers()
	switch {
	case err != nil:
		return Type{}, err
	case len(n) == 0:
		return Type{Kind: k, P: def}, nil
	case len(n) > 1 || n[0] < least || k == Char && n[0] > 65536:
		return Type{}, fmt.Errorf("length out of range")
	case k == Varchar && n[0] == 2147483647:
		return TVarchar, nil
	}
	return Type{Kind: k, P: n[0]}, nil
}

func (p *parser) decimal() (Type, error) {
	n, err := p.numbers()
	switch {
	case err != nil:
		return Type{}, err
	case len(n) == 0:
		return DecimalOf(38, 0), nil
	case len(n) == 1:
		n = append(n, 0)
	}
	if len(n) > 2 || n[0] < 1 || n[0] > MaxPrecision || n[1] < 0 || n[1] > n[0] {
		return Type{}, fmt.Errorf("decimal precision and scale out of range")
	}
	return DecimalOf(n[0], n[1]), nil
}

func (p *parser) clock(w string) (Type, error) {
	n, err := p.numbers()
	if err != nil {
		return Type{}, err
	}
	digits := 3
	if len(n) > 0 {
		digits = n[0]
	}
	if len(n) > 1 || digits < 0 || digits > 12 {
		return Type{}, fmt.Errorf("%s precision must be between 0 and 12", w)
	}
	zone := p.accept("with", "time", "zone")
	if !zone {
		p.accept("without", "time", "zone")
	}
	kinds := map[string][2]Kind{"time": {Time, TimeTZ}, "timestamp": {Timestamp, TimestampTZ}}[w]
	if zone {
		return Type{Kind: kinds[1], P: digits}, nil
	}
	return Type{Kind: kinds[0], P: digits}, nil
}

func (p *parser) interval() (Type, error) {
	switch {
	case p.accept("day", "to", "second"):
		return TIntervalD, nil
	case p.accept("year", "to", "month"):
		return TIntervalY, nil
	}
	return Type{}, fmt.Errorf("interval is day to second or year to month")
}

func (p *parser) nested(w string, depth int) (Type, error) {
	closer := map[string]string{"(": ")", "<": ">"}[p.next()]
	if closer == "" {
		return Type{}, fmt.Errorf("%s needs its types in parentheses", w)
	}
	out := Type{Kind: map[string]Kind{"array": Array, "map": Map, "row": Row, "struct": Row}[w]}
	for {
		name := ""
		if out.Kind == Row {
			name = p.rowName()
		}
		t, err := p.typ(depth + 1)
		if err != nil {
			return Type{}, err
		}
		out.Elems = append(out.Elems, t)
		if out.Kind == Row {
			out.Names = append(out.Names, name)
		}
		if p.accept(closer) {
			break
		}
		if err := p.want(","); err != nil {
			return Type{}, err
		}
	}
	if want := map[Kind]int{Array: 1, Map: 2}[out.Kind]; want != 0 && len(out.Elems) != want {
		return Type{}, fmt.Errorf("%s takes %d types", w, want)
	}
	return out, nil
}

// rowName reads a field's name if there is one: a word that another type follows.
func (p *parser) rowName() string {
	at := p.pos
	t := p.next()
	if strings.HasPrefix(t, `"`) {
		p.accept(":")
		return strings.ReplaceAll(strings.Trim(t, `"`), `""`, `"`)
	}
	after := p.peek()
	switch {
	case after == ":":
		p.next()
		return strings.ToLower(t)
	case after == "" || !word(rune(after[0])) && after[0] != '"':
		p.pos = at
		return ""
	case strings.EqualFold(after, "precision") && strings.EqualFold(t, "double"),
		(strings.EqualFold(after, "with") || strings.EqualFold(after, "without")) && (strings.EqualFold(t, "time") || strings.EqualFold(t, "timestamp")),
		strings.EqualFold(after, "array") && p.isType(at):
		p.pos = at
		return ""
	case strings.EqualFold(t, "interval") && (strings.EqualFold(after, "day") || strings.EqualFold(after, "year")):
		p.pos = at
		return ""
	}
	return strings.ToLower(t)
}

// isType tells whether "word ARRAY" at at is a type and not a field called word of an array type.
func (p *parser) isType(at int) bool {
	q := &parser{s: p.s, pos: at}
	q.next()
	q.next()
	return q.peek() != "("
}
