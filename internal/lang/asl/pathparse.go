package asl

import (
	"fmt"
	"strconv"
	"strings"
)

// ParsePath compiles a JSONPath that starts with $. The caller takes a
// leading second $ (context object) off first.
func ParsePath(s string) (*Path, error) {
	if !strings.HasPrefix(s, "$") {
		return nil, fmt.Errorf("path %q must start with $", s)
	}
	p := &pathParser{s: s, pos: 1}
	steps, fn, err := p.steps(false)
	if err != nil {
		return nil, fmt.Errorf("path %q: %w", s, err)
	}
	if p.pos < len(s) {
		return nil, fmt.Errorf("path %q: unexpected %q", s, s[p.pos:])
	}
	return &Path{text: s, steps: steps, function: fn}, nil
}

type pathParser struct {
	s     string
	pos   int
	depth int
}

func (p *pathParser) peek() byte {
	if p.pos < len(p.s) {
		return p.s[p.pos]
	}
	return 0
}

func (p *pathParser) space() {
	for p.peek() == ' ' {
		p.pos++
	}
}

// steps reads what follows $ or @. Inside a filter names end at more characters.
func (p *pathParser) steps(inFilter bool) (out []step, fn string, err error) {
	for p.pos < len(p.s) {
		var s step
		switch {
		case strings.HasPrefix(p.s[p.pos:], ".."):
			p.pos += 2
			out = append(out, step{kind: descendStep})
			if p.peek() == '[' {
				s, err = p.bracket()
			} else {
				s, fn, err = p.dotted(inFilter)
			}
		case p.peek() == '.':
			p.pos++
			s, fn, err = p.dotted(inFilter)
		case p.peek() == '[':
			s, err = p.bracket()
		default:
			return out, "", nil
		}
		if err != nil || fn != "" {
			return out, fn, err
		}
		out = append(out, s)
	}
	return out, "", nil
}

func (p *pathParser) dotted(inFilter bool) (step, string, error) {
	if p.peek() == '*' {
		p.pos++
		return step{kind: wildcardStep}, "", nil
	}
	stop := ".[( ]\t\n\r"
	if inFilter {
		stop = ".[( ]\t\n\r)=!<>&|,~"
	}
	start := p.pos
	for p.pos < len(p.s) && strings.IndexByte(stop, p.s[p.pos]) < 0 {
		p.pos++
	}
	name := p.s[start:p.pos]
	if name == "" {
		return step{}, "", fmt.Errorf("a name is missing at character %d", start+1)
	}
	if p.peek() == '(' {
		if !aggregates[name] || !strings.HasPrefix(p.s[p.pos:], "()") {
			return step{}, "", fmt.Errorf("unknown function %s()", name)
		}
		p.pos += 2
		return step{}, name, nil
	}
	return step{kind: propertyStep, names: []string{name}}, "", nil
}

func (p *pathParser) bracket() (step, error) {
	p.pos++
	p.space()
	switch c := p.peek(); {
	case c == '*':
		p.pos++
		return step{kind: wildcardStep}, p.expect(']')
	case c == '\'' || c == '"':
		return p.nameList()
	case c == '?':
		p.pos++
		p.space()
		if err := p.expect('('); err != nil {
			return step{}, err
		}
		c, err := p.or()
		if err == nil {
			err = p.expect(')')
		}
		if err == nil {
			err = p.expect(']')
		}
		return step{kind: filterStep, filter: c}, err
	}
	return p.numbers()
}

func (p *pathParser) expect(c byte) error {
	p.space()
	if p.peek() != c {
		return fmt.Errorf("expected %c at character %d", c, p.pos+1)
	}
	p.pos++
	return nil
}

func (p *pathParser) nameList() (step, error) {
	s := step{kind: propertyStep}
	for {
		p.space()
		name, err := p.quoted()
		if err != nil {
			return s, err
		}
		s.names = append(s.names, name)
		p.space()
		if p.peek() != ',' {
			return s, p.expect(']')
		}
		p.pos++
	}
}

// quoted reads a string in either kind of quotes. A backslash before that
// quote or a backslash takes it literally; elsewhere it stands for itself.
func (p *pathParser) quoted() (string, error) {
	q := p.peek()
	if q != '\'' && q != '"' {
		return "", fmt.Errorf("expected a quoted name at character %d", p.pos+1)
	}
	var b strings.Builder
	for i := p.pos + 1; i < len(p.s); i++ {
		switch c := p.s[i]; {
		case c == '\\' && i+1 < len(p.s) && (p.s[i+1] == q || p.s[i+1] == '\\'):
			i++
			b.WriteByte(p.s[i])
		case c == q:
			p.pos = i + 1
			return b.String(), nil
		default:
			b.WriteByte(c)
		}
	}
	return "", fmt.Errorf("the quote at character %d is not closed", p.pos+1)
}

func (p *pathParser) numbers() (step, error) {
	first, err := p.integer()
	if err != nil {
		return step{}, err
	}
	p.space()
	if p.peek() == ':' {
		p.pos++
		p.space()
		last, err := p.integer()
		if err != nil {
			return step{}, err
		}
		return step{kind: sliceStep, from: first, to: last}, p.expect(']')
	}
	s := step{kind: indexStep}
	for {
		if first == nil {
			return s, fmt.Errorf("expected a number at character %d", p.pos+1)
		}
		s.indexes = append(s.indexes, *first)
		p.space()
		if p.peek() != ',' {
			return s, p.expect(']')
		}
		p.pos++
		p.space()
		if first, err = p.integer(); err != nil {
			return s, err
		}
	}
}

// integer reads a whole number, nil if none stands here.
func (p *pathParser) integer() (*int, error) {
	start := p.pos
	if p.peek() == '-' {
		p.pos++
	}
	for c := p.peek(); c >= '0' && c <= '9'; c = p.peek() {
		p.pos++
	}
	if p.pos == start {
		return nil, nil
	}
	n, err := strconv.Atoi(p.s[start:p.pos])
	if err != nil {
		return nil, fmt.Errorf("%q is not a number", p.s[start:p.pos])
	}
	return &n, nil
}
