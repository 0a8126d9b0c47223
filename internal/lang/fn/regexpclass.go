package fn

import (
	"strings"
	"unicode/utf8"
)

// operand is one side of && in a class: what a plain class can hold, and nested
// classes that it cannot.
type operand struct {
	body strings.Builder
	alts []string
}

func (o *operand) text() string {
	if o.body.Len() > 0 {
		o.alts = append(o.alts, "["+o.body.String()+"]")
	}
	if len(o.alts) == 1 {
		return o.alts[0]
	}
	return "(?:" + strings.Join(o.alts, "|") + ")"
}

// class reads a class behind its [ and returns a pattern of one character.
func (tr *translator) class() (string, error) {
	o, negated, all, err := tr.classParts()
	if err != nil {
		return "", err
	}
	if len(all) == 1 && len(o.alts) == 0 {
		if negated {
			return "[^" + o.body.String() + "]", nil
		}
		return "[" + o.body.String() + "]", nil
	}
	tr.t.back = true
	s := ""
	for _, x := range all[1:] {
		s += "(?=" + x.text() + ")"
	}
	s += all[0].text()
	if negated {
		return "(?:(?!" + s + ")(?s:.))", nil
	}
	return "(?:" + s + ")", nil
}

func (tr *translator) classParts() (first *operand, negated bool, all []*operand, err error) {
	if tr.depth++; tr.depth > maxPatternDepth {
		return nil, false, nil, badPattern(tr.src, "it is nested too deeply")
	}
	defer func() { tr.depth-- }()
	if tr.at < len(tr.src) && tr.src[tr.at] == '^' {
		negated = true
		tr.at++
	}
	o := &operand{}
	all = []*operand{o}
	single, start := false, tr.at // single: the last element was one character, which a range may begin with
	for {
		if tr.at >= len(tr.src) {
			return nil, false, nil, badPattern(tr.src, "premature end of char-class")
		}
		c := tr.src[tr.at]
		switch {
		case c == ']' && tr.at > start:
			tr.at++
			for _, x := range all {
				if x.body.Len() == 0 && len(x.alts) == 0 {
					return nil, false, nil, badPattern(tr.src, "empty char-class")
				}
			}
			return all[0], negated, all, nil
		case strings.HasPrefix(tr.src[tr.at:], "&&"):
			tr.at += 2
			o = &operand{}
			all = append(all, o)
			single = false
		case c == '[':
			if err := tr.nested(o); err != nil {
				return nil, false, nil, err
			}
			single = false
		case c == '-' && single && tr.at+1 < len(tr.src) && tr.src[tr.at+1] != ']' && tr.src[tr.at+1] != '[' && !strings.HasPrefix(tr.src[tr.at+1:], "&&"):
			tr.at++
			if err := tr.rangeEnd(o); err != nil {
				return nil, false, nil, err
			}
			single = false
		default:
			if single, err = tr.member(o); err != nil {
				return nil, false, nil, err
			}
		}
	}
}

// rangeEnd writes the end of a range, or a plain hyphen before a class.
func (tr *translator) rangeEnd(o *operand) error {
	var probe operand
	one, err := tr.member(&probe)
	if err != nil {
		return err
	}
	if !one {
		o.body.WriteString(`\-`)
	} else {
		o.body.WriteByte('-')
	}
	o.body.WriteString(probe.body.String())
	o.alts = append(o.alts, probe.alts...)
	return nil
}

// member reads one character or class escape.
func (tr *translator) member(o *operand) (single bool, err error) {
	r, n := utf8.DecodeRuneInString(tr.src[tr.at:])
	tr.at += n
	if r != '\\' {
		o.body.WriteString(classQuote(r))
		return true, nil
	}
	if tr.at >= len(tr.src) {
		return false, badPattern(tr.src, "end of pattern at escape")
	}
	c := tr.src[tr.at]
	if s, ok := setEscapes[c]; ok {
		tr.at++
		o.body.WriteString(s)
		return false, nil
	}
	switch c {
	case 'p', 'P':
		s, negated, err := tr.property()
		if negated {
			o.alts = append(o.alts, "[^"+s+"]")
		} else {
			o.body.WriteString(s)
		}
		return false, err
	case 'b':
		tr.at++
		o.body.WriteByte('\b')
		return true, nil
	}
	r, err = tr.character()
	o.body.WriteString(classQuote(r))
	return true, err
}

func classQuote(r rune) string {
	if strings.ContainsRune(`\[]^-&`, r) {
		return `\` + string(r)
	}
	return string(r)
}

// nested reads [:alpha:] or a class within a class.
func (tr *translator) nested(o *operand) error {
	if rest := tr.src[tr.at:]; strings.HasPrefix(rest, "[:") {
		if name, _, ok := strings.Cut(rest[2:], ":]"); ok {
			plain := strings.TrimPrefix(name, "^")
			if s, known := namedClasses[plain]; known {
				tr.at += len(name) + 4
				if plain != name {
					o.alts = append(o.alts, "[^"+s+"]")
				} else {
					o.body.WriteString(s)
				}
				return nil
			}
		}
	}
	tr.at++
	before := tr.at
	in, negated, all, err := tr.classParts()
	if err != nil {
		return err
	}
	if !negated && len(all) == 1 {
		o.body.WriteString(in.body.String())
		o.alts = append(o.alts, in.alts...)
		return nil
	}
	tr.at = before
	s, err := tr.class()
	o.alts = append(o.alts, s)
	return err
}
