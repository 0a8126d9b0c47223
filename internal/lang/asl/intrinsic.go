package asl

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// call is a compiled intrinsic function: States.Name(argument, ...).
type call struct {
	name string
	fn   function
	args []argument
}

// argument is a literal, a path or a nested call.
type argument struct {
	literal any
	loc     *Location
	call    *call
}

// function is an intrinsic; args are checked in number before it is called.
type function struct {
	min, max int // number of arguments; max -1: any
	run      func(env Env, args []any) (any, error)
}

func (c *call) eval(env Env, field string) (any, error) {
	args := make([]any, len(c.args))
	for i, a := range c.args {
		var err error
		switch {
		case a.call != nil:
			args[i], err = a.call.eval(env, field)
		case a.loc != nil:
			args[i], err = evalField(a.loc, env, field)
		default:
			args[i] = a.literal
		}
		if err != nil {
			return nil, err
		}
	}
	v, err := c.fn.run(env, args)
	if err != nil {
		return nil, &Fault{Name: "States.IntrinsicFailure", Cause: fmt.Sprintf("%s: %v", c.name, err)}
	}
	return v, nil
}

func parseCall(s string) (*call, error) {
	p := &callParser{s: s}
	c, err := p.call()
	if err == nil {
		p.space()
		if p.pos < len(p.s) {
			err = fmt.Errorf("unexpected %q after the function", p.s[p.pos:])
		}
	}
	return c, err
}

type callParser struct {
	s     string
	pos   int
	depth int
}

func (p *callParser) peek() byte {
	if p.pos < len(p.s) {
		return p.s[p.pos]
	}
	return 0
}

func (p *callParser) space() {
	for c := p.peek(); c == ' ' || c == '\t' || c == '\n' || c == '\r'; c = p.peek() {
		p.pos++
	}
}

func (p *callParser) call() (*call, error) {
	if p.depth++; p.depth > 10 {
		return nil, fmt.Errorf("functions are nested deeper than 10 levels")
	}
	defer func() { p.depth-- }()
	p.space()
	open := strings.IndexByte(p.s[p.pos:], '(')
	if open < 0 {
		return nil, fmt.Errorf("%q is neither a path ($...) nor a function (States.Name(...))", p.s[p.pos:])
	}
	c := &call{name: strings.TrimSpace(p.s[p.pos : p.pos+open])}
	fns := functions()
	var ok bool
	if c.fn, ok = fns[c.name]; !ok {
		names := make([]string, 0, len(fns))
		for n := range fns {
			names = append(names, n)
		}
		err := base.Errorf(base.Invalid, "unknown function %q", c.name)
		if near := Nearest(c.name, names); near != "" {
			err.Hint = fmt.Sprintf("did you mean %q?", near)
		}
		return nil, err
	}
	p.pos += open + 1
	if err := p.arguments(c); err != nil {
		return nil, err
	}
	if len(c.args) < c.fn.min || c.fn.max >= 0 && len(c.args) > c.fn.max {
		return nil, fmt.Errorf("%s takes %s, not %d", c.name, c.fn.count(), len(c.args))
	}
	for i, a := range c.args {
		if s, ok := a.literal.(string); ok && (i > 0 || c.name != "States.Format") {
			c.args[i].literal = unescape(s)
		}
	}
	return c, nil
}

func (f function) count() string {
	switch {
	case f.max < 0:
		return fmt.Sprintf("at least %d arguments", f.min)
	case f.min == f.max && f.min == 1:
		return "1 argument"
	case f.min == f.max:
		return fmt.Sprintf("%d arguments", f.min)
	}
	return fmt.Sprintf("%d to %d arguments", f.min, f.max)
}

func (p *callParser) arguments(c *call) error {
	p.space()
	if p.peek() == ')' {
		p.pos++
		return nil
	}
	for {
		a, err := p.argument()
		if err != nil {
			return err
		}
		c.args = append(c.args, a)
		p.space()
		switch p.peek() {
		case ',':
			p.pos++
		case ')':
			p.pos++
			return nil
		default:
			return fmt.Errorf("expected , or ) at character %d of %s", p.pos+1, p.s)
		}
	}
}

func (p *callParser) argument() (argument, error) {
	p.space()
	switch c := p.peek(); {
	case c == '\'':
		s, err := p.literal()
		return argument{literal: s}, err
	case c == '$':
		l, err := ParseLocation(p.pathText())
		return argument{loc: l}, err
	case strings.HasPrefix(p.s[p.pos:], "States."):
		inner, err := p.call()
		return argument{call: inner}, err
	}
	start := p.pos
	for p.pos < len(p.s) && strings.IndexByte(" ,)\t\n", p.s[p.pos]) < 0 {
		p.pos++
	}
	switch word := p.s[start:p.pos]; word {
	case "true", "false":
		return argument{literal: word == "true"}, nil
	case "null":
		return argument{}, nil
	default:
		v, err := Decode([]byte(word))
		if n, ok := v.(json.Number); err == nil && ok {
			return argument{literal: n}, nil
		}
		return argument{}, fmt.Errorf("%q is not a value: text stands in single quotes", word)
	}
}

// literal reads 'text'. A backslash may stand before ' { } and \ only; \{ and
// \} keep their backslash, which States.Format needs; unescape removes it.
func (p *callParser) literal() (string, error) {
	var b strings.Builder
	for i := p.pos + 1; i < len(p.s); i++ {
		switch c := p.s[i]; {
		case c == '\\' && i+1 < len(p.s):
			i++
			switch n := p.s[i]; n {
			case '\'':
				b.WriteByte(n)
			case '{', '}', '\\':
				b.WriteByte('\\')
				b.WriteByte(n)
			default:
				return "", fmt.Errorf(`\%c is not an escape: only \' \{ \} and \\ are`, n)
			}
		case c == '\'':
			p.pos = i + 1
			return b.String(), nil
		default:
			b.WriteByte(c)
		}
	}
	return "", fmt.Errorf("the text that starts at character %d is not closed", p.pos+1)
}

// pathText takes everything up to the comma or bracket that ends the argument.
func (p *callParser) pathText() string {
	start, depth, quote := p.pos, 0, byte(0)
	for ; p.pos < len(p.s); p.pos++ {
		c := p.s[p.pos]
		switch {
		case quote != 0:
			if c == '\\' {
				p.pos++
			} else if c == quote {
				quote = 0
			}
		case depth > 0 && (c == '\'' || c == '"'):
			quote = c
		case c == '[' || c == '(':
			depth++
		case c == ']' || c == ')' && depth > 0:
			depth--
		case depth == 0 && (c == ',' || c == ')'):
			return strings.TrimSpace(p.s[start:p.pos])
		}
	}
	p.pos = min(p.pos, len(p.s))
	return strings.TrimSpace(p.s[start:p.pos])
}

// unescape removes the backslashes that literal keeps for States.Format.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	return strings.NewReplacer(`\{`, "{", `\}`, "}", `\\`, `\`).Replace(s)
}

// plain writes a value as States.Format shows it: text bare, objects as {a=1, b=2}.
func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return v
	case []any:
		w := make([]string, len(v))
		for i, x := range v {
			w[i] = plain(x)
		}
		return "[" + strings.Join(w, ", ") + "]"
	case map[string]any:
		keys := slices.Sorted(maps.Keys(v))
		for i, k := range keys {
			keys[i] = k + "=" + plain(v[k])
		}
		return "{" + strings.Join(keys, ", ") + "}"
	}
	return fmt.Sprint(v)
}
