package fn

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

var namedClasses = map[string]string{"alpha": `\p{L}\p{M}\p{Nl}`, "alnum": `\p{L}\p{M}\p{N}`, "digit": `\p{Nd}`, "lower": `\p{Ll}`, "upper": `\p{Lu}`, "punct": `\p{P}`,
	"space": "\t\n\v\f\r \u0085\u00a0\u2028\u2029\u3000", "blank": "\t ", "cntrl": `\p{Cc}`, "xdigit": "0-9A-Fa-f", "word": `\p{L}\p{M}\p{N}_`, "ascii": "\x00-\x7f"}

// setEscapes are the classes that a backslash names, as ranges of characters
// because the engines disagree on them; upper case is the complement.
var setEscapes = map[byte]string{
	'd': "0-9", 'D': "\x00-/:-\U0010ffff", 'w': "0-9A-Z_a-z", 'W': "\x00-/:-@\\[-\\^`{-\U0010ffff",
	's': "\t-\r ", 'S': "\x00-\x08\x0e-\x1f!-\U0010ffff", 'h': "0-9A-Fa-f", 'H': "\x00-/:-@G-`g-\U0010ffff",
}

// property is the body of a class for \p{NAME}.
func (tr *translator) property() (string, bool, error) {
	negated := tr.src[tr.at] == 'P'
	rest := tr.src[tr.at+1:]
	name := ""
	switch {
	case strings.HasPrefix(rest, "{"):
		i := strings.IndexByte(rest, '}')
		if i < 0 {
			return "", false, badPattern(tr.src, "invalid character property name")
		}
		name = rest[1:i]
		tr.at += i + 2
	case rest != "":
		name = rest[:1]
		tr.at += 2
	}
	if s, ok := namedClasses[strings.ToLower(name)]; ok {
		return s, negated, nil
	}
	if unicode.Categories[name] == nil && unicode.Scripts[name] == nil {
		return "", false, badPattern(tr.src, "invalid character property name {"+name+"}")
	}
	return `\p{` + name + `}`, negated, nil
}

func (tr *translator) escape() error {
	tr.at++
	if tr.at >= len(tr.src) {
		return badPattern(tr.src, "end of pattern at escape")
	}
	c := tr.src[tr.at]
	if s, ok := setEscapes[c]; ok {
		tr.at++
		tr.put("[" + s + "]")
		return nil
	}
	switch c {
	case 'p', 'P':
		s, negated, err := tr.property()
		if negated {
			s = "^" + s
		}
		tr.put("[" + s + "]")
		return err
	case 'b', 'B':
		tr.t.boundary, tr.t.context = true, true
	case 'A', 'z':
		tr.t.context = true
	case 'Z', 'G':
		tr.t.back, tr.t.context = true, true
	case 'Q':
		return tr.quoted()
	case 'k':
		return tr.backName()
	case 'R', 'X', 'N', 'K', 'g':
		return badPattern(tr.src, `\`+string(c)+" is not supported")
	default:
		if c >= '1' && c <= '9' {
			return tr.backNumber()
		}
		r, err := tr.character()
		tr.put(regexp.QuoteMeta(string(r)))
		return err
	}
	tr.at++
	tr.put(`\` + string(c))
	return nil
}

func (tr *translator) quoted() error {
	rest := tr.src[tr.at+1:]
	text, _, found := strings.Cut(rest, `\E`)
	tr.at += 1 + len(text)
	if found {
		tr.at += 2
	}
	for _, r := range text {
		tr.put(regexp.QuoteMeta(string(r)))
	}
	return nil
}

func (tr *translator) backName() error {
	m := nameForm.FindStringSubmatch("?" + tr.src[tr.at+1:])
	if m == nil || tr.t.names[m[1]] == 0 {
		return badPattern(tr.src, "undefined name reference")
	}
	tr.at += len(m[0])
	tr.t.back = true
	tr.put(`(?:\` + strconv.Itoa(tr.t.names[m[1]]) + `)`)
	return nil
}

// backNumber reads \1, or \141 as a character when there are not so many groups.
func (tr *translator) backNumber() error {
	n := 0
	for n < 3 && tr.at+n < len(tr.src) && tr.src[tr.at+n] >= '0' && tr.src[tr.at+n] <= '9' {
		n++
	}
	for ; n > 0; n-- {
		v, _ := strconv.Atoi(tr.src[tr.at : tr.at+n])
		if v <= tr.total {
			tr.at += n
			tr.t.back = true
			tr.put(`(?:\` + strconv.Itoa(v) + `)`)
			return nil
		}
		if n == 3 {
			if o, err := strconv.ParseInt(tr.src[tr.at:tr.at+n], 8, 32); err == nil {
				tr.at += n
				tr.put(regexp.QuoteMeta(string(rune(o))))
				return nil
			}
		}
	}
	return badPattern(tr.src, "invalid back reference")
}

var letterEscapes = map[byte]rune{'t': '\t', 'n': '\n', 'r': '\r', 'f': '\f', 'v': '\v', 'a': '\a', 'e': 0x1b}

// character reads what follows a backslash as one character.
func (tr *translator) character() (rune, error) {
	r, n := utf8.DecodeRuneInString(tr.src[tr.at:])
	c := tr.src[tr.at]
	if l, ok := letterEscapes[c]; ok {
		tr.at++
		return l, nil
	}
	switch c {
	case 'x', 'u':
		return tr.hex(c)
	case '0':
		k := 1
		for k < 3 && tr.at+k < len(tr.src) && tr.src[tr.at+k] >= '0' && tr.src[tr.at+k] <= '7' {
			k++
		}
		o, _ := strconv.ParseInt(tr.src[tr.at:tr.at+k], 8, 32)
		tr.at += k
		return rune(o), nil
	case 'c':
		if tr.at+1 >= len(tr.src) {
			return 0, badPattern(tr.src, "end of pattern at control")
		}
		tr.at += 2
		return rune(tr.src[tr.at-1] & 0x1f), nil
	}
	tr.at += n
	return r, nil
}

func (tr *translator) hex(c byte) (rune, error) {
	rest := tr.src[tr.at+1:]
	text, used := "", 0
	if i := strings.IndexByte(rest, '}'); c == 'x' && strings.HasPrefix(rest, "{") && i > 0 {
		text, used = rest[1:i], i+1
	} else {
		most := 2
		if c == 'u' {
			most = 4
		}
		for used < most && used < len(rest) && strings.IndexByte("0123456789abcdefABCDEF", rest[used]) >= 0 {
			used++
		}
		text = rest[:used]
	}
	v, err := strconv.ParseInt(text, 16, 32)
	if err != nil || !utf8.ValidRune(rune(v)) || c == 'u' && used < 4 {
		return 0, badPattern(tr.src, "invalid character code")
	}
	tr.at += 1 + used
	return rune(v), nil
}
