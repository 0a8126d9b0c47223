package asl

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/mulgil/mulgil/internal/base"
)

// node is a JSON value that knows where it stands in the source (byte offsets).
type node struct {
	kind    byte // one of { [ " 0 t n: object, array, string, number, bool, null
	off     int
	end     int
	text    string // of a string (decoded) or a number (as written)
	truth   bool
	members []member
	items   []*node
}

type member struct {
	key    string
	keyOff int
	keyEnd int
	value  *node
}

// get returns the member called key, nil if there is none.
func (n *node) get(key string) *member {
	for i := range n.members {
		if n.members[i].key == key {
			return &n.members[i]
		}
	}
	return nil
}

// value converts to the form encoding/json gives.
func (n *node) value() any {
	switch n.kind {
	case '{':
		m := make(map[string]any, len(n.members))
		for _, x := range n.members {
			m[x.key] = x.value.value()
		}
		return m
	case '[':
		l := make([]any, len(n.items))
		for i, x := range n.items {
			l[i] = x.value()
		}
		return l
	case '"':
		return n.text
	case '0':
		return json.Number(n.text)
	case 't':
		return n.truth
	}
	return nil
}

// maxDepth bounds nesting, so that hostile text cannot exhaust the stack.
const maxDepth = 500

type jsonReader struct {
	file  string
	src   []byte
	pos   int
	depth int
}

// readJSON parses src as one JSON value. Its error is a *base.Error with the
// place of the first fault.
func readJSON(file string, src []byte) (*node, error) {
	if !utf8.Valid(src) {
		i := 0
		for i < len(src) {
			r, n := utf8.DecodeRune(src[i:])
			if r == utf8.RuneError && n <= 1 {
				break
			}
			i += n
		}
		return nil, base.Errorf(base.Invalid, "the definition is not UTF-8 text").At(base.PlaceAt(file, src, i, 1))
	}
	r := &jsonReader{file: file, src: src}
	if bytes.HasPrefix(src, []byte("\ufeff")) {
		r.pos = 3
	}
	r.space()
	n, err := r.readValue()
	if err != nil {
		return nil, err
	}
	r.space()
	if r.pos < len(src) {
		return nil, r.fail(r.pos, 1, "unexpected text after the end of the definition")
	}
	return n, nil
}

func (r *jsonReader) fail(off, length int, format string, args ...any) *base.Error {
	e := base.Errorf(base.Invalid, format, args...).At(base.PlaceAt(r.file, r.src, off, length))
	rest := r.src[min(off, len(r.src)):]
	switch {
	case bytes.HasPrefix(rest, []byte("//")), bytes.HasPrefix(rest, []byte("/*")), bytes.HasPrefix(rest, []byte("#")):
		e.Msg = "comments are not allowed in a state machine definition"
		e.Hint = `put the text into a "Comment" field`
	case bytes.HasPrefix(rest, []byte("'")):
		e.Hint = `JSON strings stand in double quotes`
	}
	return e
}

func (r *jsonReader) space() {
	for r.pos < len(r.src) && strings.IndexByte(" \t\r\n", r.src[r.pos]) >= 0 {
		r.pos++
	}
}

func (r *jsonReader) peek() byte {
	if r.pos < len(r.src) {
		return r.src[r.pos]
	}
	return 0
}

func (r *jsonReader) readValue() (*node, error) {
	if r.depth++; r.depth > maxDepth {
		return nil, r.fail(r.pos, 1, "nested deeper than %d levels", maxDepth)
	}
	defer func() { r.depth-- }()
	start := r.pos
	switch c := r.peek(); {
	case c == '{':
		return r.readObject()
	case c == '[':
		return r.readArray()
	case c == '"':
		s, err := r.readString()
		return &node{kind: '"', off: start, end: r.pos, text: s}, err
	case c == '-' || c >= '0' && c <= '9':
		return r.readNumber()
	case r.pos >= len(r.src):
		return nil, r.fail(r.pos, 0, "the definition ends too early: a value is missing")
	}
	for word, n := range map[string]node{"true": {kind: 't', truth: true}, "false": {kind: 't'}, "null": {kind: 'n'}} {
		if bytes.HasPrefix(r.src[r.pos:], []byte(word)) {
			r.pos += len(word)
			n.off, n.end = start, r.pos
			return &n, nil
		}
	}
	return nil, r.fail(r.pos, 1, "expected a JSON value")
}

func (r *jsonReader) readObject() (*node, error) {
	n := &node{kind: '{', off: r.pos}
	seen := map[string]bool{}
	r.pos++
	for {
		r.space()
		if r.peek() == '}' && len(n.members) == 0 {
			break
		}
		if r.peek() != '"' {
			e := r.fail(r.pos, 1, "expected a key in double quotes")
			if r.peek() == '}' {
				e.Msg, e.Hint = "a comma before }", "remove the comma after the last member"
			}
			return nil, e
		}
		m := member{keyOff: r.pos}
		var err error
		if m.key, err = r.readString(); err != nil {
			return nil, err
		}
		m.keyEnd = r.pos
		if seen[m.key] {
			return nil, r.fail(m.keyOff, m.keyEnd-m.keyOff, "the key %q appears twice in one object", m.key)
		}
		seen[m.key] = true
		r.space()
		if r.peek() != ':' {
			return nil, r.fail(r.pos, 1, "expected : after the key %q", m.key)
		}
		r.pos++
		r.space()
		if m.value, err = r.readValue(); err != nil {
			return nil, err
		}
		n.members = append(n.members, m)
		more, err := r.separator('}')
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
	}
	r.pos++
	n.end = r.pos
	return n, nil
}

func (r *jsonReader) readArray() (*node, error) {
	n := &node{kind: '[', off: r.pos}
	r.pos++
	for {
		r.space()
		if r.peek() == ']' {
			if len(n.items) > 0 {
				return nil, r.fail(r.pos, 1, "a comma before ]").WithHint("remove the comma after the last element")
			}
			break
		}
		v, err := r.readValue()
		if err != nil {
			return nil, err
		}
		n.items = append(n.items, v)
		more, err := r.separator(']')
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
	}
	r.pos++
	n.end = r.pos
	return n, nil
}

// separator reads a comma (true) or stops before the closing mark (false).
func (r *jsonReader) separator(closing byte) (bool, error) {
	r.space()
	switch r.peek() {
	case ',':
		r.pos++
		return true, nil
	case closing:
		return false, nil
	}
	if r.pos >= len(r.src) {
		return false, r.fail(r.pos, 0, "the definition ends too early: %c is missing", closing)
	}
	return false, r.fail(r.pos, 1, "expected , or %c", closing)
}

func (r *jsonReader) readString() (string, error) {
	start := r.pos
	for i := r.pos + 1; i < len(r.src); i++ {
		switch c := r.src[i]; {
		case c == '\\':
			i++
		case c < 0x20:
			return "", r.fail(i, 1, "a control character stands in a string").WithHint(`write \n for a line break and \t for a tab`)
		case c == '"':
			r.pos = i + 1
			var s string
			if err := json.Unmarshal(r.src[start:r.pos], &s); err != nil {
				return "", r.fail(start, r.pos-start, "malformed string: %w", err)
			}
			return s, nil
		}
	}
	return "", r.fail(start, 1, "the string is not closed")
}

func (r *jsonReader) readNumber() (*node, error) {
	start := r.pos
	for r.pos < len(r.src) && strings.IndexByte("+-.eE0123456789", r.src[r.pos]) >= 0 {
		r.pos++
	}
	text := r.src[start:r.pos]
	if !json.Valid(text) {
		return nil, r.fail(start, len(text), "malformed number %s", text)
	}
	return &node{kind: '0', off: start, end: r.pos, text: string(text)}, nil
}

// Decode reads one JSON value, keeping numbers as they are written.
func Decode(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, base.Errorf(base.Invalid, "unexpected text after the JSON value")
	}
	return v, nil
}

// Encode writes v as compact JSON, object keys sorted, nothing escaped for HTML.
func Encode(v any) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return json.RawMessage("null") // values come from Decode: cannot happen
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}
