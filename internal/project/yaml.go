package project

import (
	"bytes"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/mulgil/mulgil/internal/base"
)

// maxNodes bounds a document with its aliases written out.
const maxNodes = 100_000

// maxMistakes bounds what is reported of one document's structure.
const maxMistakes = 100

// node is one YAML value with its position. A nil *node is an absent value
// and all of its readers answer with zero, so that decoding goes on after
// validation has reported a wrong type.
type node struct {
	kind    nodeKind
	value   any    // a scalar's: string, bool, *big.Rat or nil
	raw     string // a scalar's text
	written string // the same as the user wrote it, before ${} was expanded; "" if unchanged
	bad     bool   // a variable in it could not be replaced
	plain   bool   // a scalar without quotes
	block   bool   // a | or > scalar: its text begins on the next line
	entries []*entry
	items   []*node

	from           *source
	line, col, len int
	size           int // nodes below, itself included
}

type nodeKind int

const (
	scalarNode nodeKind = iota
	mapNode
	listNode
)

type entry struct {
	key    string
	at     *node // the key itself
	val    *node
	merged bool // came by <<, so that the mapping's own key wins
}

func (n *node) place() *base.Place {
	if n == nil {
		return nil
	}
	return n.from.line(n.line, n.col, n.len)
}

// errorf is a mistake at n.
func (n *node) errorf(format string, args ...any) *base.Error {
	return base.Errorf(base.Invalid, format, args...).At(n.place())
}

func (n *node) entry(key string) *entry {
	if n != nil {
		for _, e := range n.entries {
			if e.key == key {
				return e
			}
		}
	}
	return nil
}

// get returns the first of keys that is present and not null.
func (n *node) get(keys ...string) *node {
	for _, k := range keys {
		if e := n.entry(k); e != nil && !e.val.null() {
			return e.val
		}
	}
	return nil
}

// keyOf is the key under which get found its value, else n.
func (n *node) keyOf(key string) *node {
	if e := n.entry(key); e != nil {
		return e.at
	}
	return n
}

func (n *node) null() bool { return n == nil || n.kind == scalarNode && n.value == nil }

func (n *node) isMap() bool  { return n != nil && n.kind == mapNode }
func (n *node) isList() bool { return n != nil && n.kind == listNode }

// str is a scalar's text; numbers and booleans are as written.
func (n *node) str() string {
	if n == nil || n.kind != scalarNode || n.value == nil {
		return ""
	}
	return n.raw
}

func (n *node) boolean() bool {
	if n == nil {
		return false
	}
	b, _ := n.value.(bool)
	return b
}

func (n *node) integer() int {
	if n == nil {
		return 0
	}
	if r, ok := n.value.(*big.Rat); ok && r.IsInt() && r.Num().IsInt64() {
		return int(r.Num().Int64())
	}
	return 0
}

// list is a list's items, or the value itself as the only item.
func (n *node) list() []*node {
	switch {
	case n.null():
		return nil
	case n.kind == listNode:
		return n.items
	}
	return []*node{n}
}

func (n *node) strings() []string {
	var out []string
	for _, i := range n.list() {
		out = append(out, i.str())
	}
	return out
}

// show is how messages quote the value: as the user wrote it, never an
// expanded variable.
func (n *node) show() string {
	switch {
	case n.kind == mapNode:
		return "a mapping"
	case n.kind == listNode:
		return "a list"
	case n.value == nil:
		return "nothing"
	case n.written != "":
		return strconv.Quote(n.written)
	case n.plain:
		return maskURL(n.raw)
	}
	return strconv.Quote(maskURL(n.raw))
}

// parseYAML reads one document. text is s.src with all that is not YAML
// blanked out, so that lines and columns are those of the file. The node is nil
// if the document is empty or broken.
func parseYAML(s *source, text []byte) (*node, base.Errors) {
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	file, err := parseFile(text)
	if err != nil {
		return nil, base.Errors{syntaxError(s, err)}
	}
	c := &converter{src: s, anchors: map[string]*node{}}
	var root *node
	for _, d := range file.Docs {
		if d.Body == nil {
			continue
		}
		if root != nil {
			c.report(c.make(d.Body), "a second document in one file")
			break
		}
		root = c.convert(d.Body, 0)
	}
	return root, c.errs
}

// parseFile guards against a parser that panics on broken text.
func parseFile(text []byte) (f *ast.File, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("not readable as YAML: %v", r)
		}
	}()
	return parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey())
}

func syntaxError(s *source, err error) *base.Error {
	var ye yaml.Error
	if !errors.As(err, &ye) {
		return base.Errorf(base.Invalid, "YAML: %w", err).At(s.line(1, 1, 1))
	}
	if ye.GetToken() == nil || ye.GetToken().Position == nil {
		return base.Errorf(base.Invalid, "YAML: %s", ye.GetMessage()).At(s.line(1, 1, 1))
	}
	tk := ye.GetToken()
	e := base.Errorf(base.Invalid, "YAML: %s", ye.GetMessage()).
		At(s.line(tk.Position.Line, tk.Position.Column, runes(strings.TrimSpace(firstLine(tk.Origin)))))
	switch {
	case strings.Contains(e.Place.Text, "${") && strings.ContainsAny(e.Place.Text, "[,"):
		e.Hint = "put a value with ${...} in quotes inside [ ] and { }"
	case strings.Contains(e.Place.Text, "{{"):
		e.Hint = "put a value with {{ }} in quotes"
	case strings.Contains(e.Msg, "tab "), strings.Contains(e.Msg, "'\t'"):
		e.Hint = "indent with spaces"
	case strings.Contains(e.Msg, "mapping value is not allowed"):
		e.Hint = "put a value that contains \": \" in quotes"
	case strings.Contains(e.Msg, "reserved character"), strings.Contains(e.Msg, "directive"):
		e.Hint = "put the value in quotes"
	}
	return e
}

func firstLine(s string) string { s, _, _ = strings.Cut(s, "\n"); return s }
func runes(s string) int        { return utf8.RuneCountInString(s) }

type converter struct {
	src     *source
	anchors map[string]*node
	errs    base.Errors
	nodes   int
}

func (c *converter) report(n *node, format string, args ...any) *base.Error {
	if len(c.errs) >= maxMistakes {
		return &base.Error{}
	}
	e := n.errorf(format, args...)
	c.errs = append(c.errs, e)
	return e
}

// make is a node with a's position only.
func (c *converter) make(a ast.Node) *node {
	n := &node{from: c.src, size: 1, len: 1}
	if m, ok := a.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		return c.make(m.Values[0].Key)
	}
	if m, ok := a.(*ast.MappingValueNode); ok {
		return c.make(m.Key)
	}
	tk := a.GetToken()
	if tk == nil || tk.Position == nil {
		n.line, n.col = 1, 1
		return n
	}
	n.line, n.col = tk.Position.Line, max(tk.Position.Column, 1)
	if _, scalar := a.(ast.ScalarNode); scalar {
		n.len = max(1, runes(firstLine(strings.TrimSpace(tk.Origin))))
	}
	return n
}

func (c *converter) convert(a ast.Node, depth int) *node {
	n := c.make(a)
	if c.nodes++; c.nodes > maxNodes || depth > 100 {
		if c.nodes != maxNodes+2 {
			c.report(n, "the document is too large or nested too deeply")
		}
		c.nodes = maxNodes + 1
		return n
	}
	switch x := a.(type) {
	case *ast.MappingNode:
		n.kind = mapNode
		for _, v := range x.Values {
			c.addEntry(n, v, depth)
		}
	case *ast.MappingValueNode:
		n.kind = mapNode
		c.addEntry(n, x, depth)
	case *ast.SequenceNode:
		n.kind = listNode
		for _, v := range x.Values {
			i := c.convert(v, depth+1)
			n.items, n.size = append(n.items, i), n.size+i.size
		}
	case *ast.AnchorNode:
		n = c.convert(x.Value, depth+1)
		c.anchors[x.Name.GetToken().Value] = n
	case *ast.AliasNode:
		return c.alias(n, x)
	case *ast.TagNode:
		c.report(n, "YAML tags such as %s are not used here", x.Start.Value).WithHint("leave the tag out; quote a value that must be text")
	default:
		c.scalar(n, a)
	}
	return n
}

func (c *converter) alias(n *node, x *ast.AliasNode) *node {
	name := x.Value.GetToken().Value
	target, ok := c.anchors[name]
	if !ok {
		c.report(n, "no anchor &%s before this alias", name)
		return n
	}
	c.nodes += target.size
	return target
}

func (c *converter) addEntry(n *node, v *ast.MappingValueNode, depth int) {
	val := c.convert(v.Value, depth+1)
	n.size += val.size
	if _, merge := v.Key.(*ast.MergeKeyNode); merge {
		for _, m := range val.list() {
			for _, e := range m.entries {
				if n.entry(e.key) == nil {
					n.entries = append(n.entries, &entry{e.key, e.at, e.val, true})
				}
			}
		}
		return
	}
	key := c.make(v.Key)
	name := v.Key.GetToken().Value
	if _, complex := v.Key.(*ast.MappingKeyNode); complex {
		c.report(key, "a key must be a plain name")
		return
	}
	switch old := n.entry(name); {
	case old == nil:
		n.entries = append(n.entries, &entry{key: name, at: key, val: val})
	case old.merged:
		*old = entry{key: name, at: key, val: val}
	default:
		c.report(key, "duplicate key %q", name).WithHint("it is already given on line %d", old.at.line)
	}
}

func (c *converter) scalar(n *node, a ast.Node) {
	switch x := a.(type) {
	case *ast.NullNode:
	case *ast.BoolNode:
		n.value, n.raw, n.plain = x.Value, x.GetToken().Value, true
	case *ast.LiteralNode:
		n.value, n.raw, n.block = x.Value.Value, x.Value.Value, true
	case *ast.StringNode:
		q := strings.TrimSpace(x.GetToken().Origin)
		n.value, n.raw = x.Value, x.Value
		n.plain = !strings.HasPrefix(q, `"`) && !strings.HasPrefix(q, "'")
	case ast.ScalarNode:
		n.raw, n.plain = x.GetToken().Value, true
		n.value = n.raw
		if r := number(n.raw); r != nil {
			n.value = r
		}
	default:
		c.report(n, "this kind of YAML value is not used here")
	}
}

// number reads a YAML number; nil for infinities and what is no number.
func number(s string) *big.Rat {
	if len(s) > 60 || strings.ContainsAny(s, "/pP") {
		return nil
	}
	t := strings.ReplaceAll(s, "_", "")
	if len(t) > 1 && (t[0] == '0' || t[:1] == "-") {
		if i, err := strconv.ParseInt(t, 0, 64); err == nil && strings.ContainsAny(t, "xob") {
			return big.NewRat(i, 1)
		}
	}
	if i := strings.IndexAny(t, "eE"); i >= 0 && len(t)-i > 5 {
		return nil
	}
	r, ok := new(big.Rat).SetString(t)
	if !ok {
		return nil
	}
	return r
}

// json is the value as the schema validator wants it.
func (n *node) json() any { return n.tree((*node).scalar) }

// tree is n as maps and lists of what leaf makes of its scalars.
func (n *node) tree(leaf func(*node) any) any {
	switch n.kind {
	case mapNode:
		m := make(map[string]any, len(n.entries))
		for _, e := range n.entries {
			m[e.key] = e.val.tree(leaf)
		}
		return m
	case listNode:
		l := make([]any, len(n.items))
		for i, v := range n.items {
			l[i] = v.tree(leaf)
		}
		return l
	}
	return leaf(n)
}

// scalar is json of a scalar.
func (n *node) scalar() any {
	if r, ok := n.value.(*big.Rat); ok {
		if r.IsInt() && r.Num().IsInt64() {
			return r.Num().Int64()
		}
		f, _ := r.Float64()
		return f
	}
	return n.value
}
