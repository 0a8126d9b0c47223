package hivefile

import (
	"bytes"
	"strings"
)

// skip is the place of a key nobody wants.
const skip = -1

// dotted marks the place of a key that matches only with its dots made underscores.
const dotted = 1 << 20

// names says which key belongs to which column.
type names struct {
	// fold compares without regard to case, dots takes a.b for a_b.
	fold, dots bool
	columns    []string
	// keys are what the columns are called in the text.
	keys []string
	// same is the first column of the same key.
	same []int
}

func newNames(columns []string, mapping map[string]string, fold, dots bool) *names {
	n := &names{fold: fold, dots: dots}
	for i, c := range columns {
		c = strings.ToLower(c)
		key := c
		if m, ok := mapping[c]; ok {
			key = m
		}
		n.columns, n.keys, n.same = append(n.columns, c), append(n.keys, key), append(n.same, i)
		for j := range i {
			if n.equal(n.keys[j], key) {
				n.same[i] = n.same[j]
				break
			}
		}
	}
	return n
}

func (n *names) equal(a, b string) bool {
	return a == b || n.fold && strings.EqualFold(a, b)
}

// find is where the value of a key belongs.
func (n *names) find(key string) int {
	for i, k := range n.keys {
		if n.same[i] == i && n.equal(k, key) {
			return i
		}
	}
	if !n.dots || !strings.Contains(key, ".") {
		return skip
	}
	key = strings.ReplaceAll(key, ".", "_")
	for i, c := range n.columns {
		if strings.Contains(c, "_") && n.equal(c, key) {
			return i | dotted
		}
	}
	return skip
}

// members collects the wanted values of one object at a time. Keys of one
// folder's lines come mostly in one order, so the key expected at each place is
// compared before it is even looked for.
type members struct {
	names *names
	slots []value
	// loose marks slots that a dotted key filled.
	loose []bool
	known map[string]int
	order []expectation
	text  []byte
}

type expectation struct {
	key string
	at  int
}

const (
	maxKnown = 4096
	maxOrder = 256
)

func newMembers(n *names) *members {
	return &members{names: n, slots: make([]value, len(n.columns)), loose: make([]bool, len(n.columns)), known: map[string]int{}}
}

func (o *members) reset() {
	for i := range o.slots {
		o.slots[i].kind = none
	}
	if o.names.dots {
		clear(o.loose)
	}
}

// expected reads the key if it is the one last seen at place n.
func (o *members) expected(s *scanner, n int) (at int, ok bool) {
	if n >= len(o.order) {
		return skip, false
	}
	e := &o.order[n]
	i := s.i
	if i < len(s.s) && s.s[i] == ' ' {
		i++
	}
	end := i + 1 + len(e.key)
	if end >= len(s.s) || s.s[i] != '"' || s.s[end] != '"' || string(s.s[i+1:end]) != e.key {
		return skip, false
	}
	s.i = end + 1
	return e.at, true
}

// find is where the value of a key belongs; the key is remembered for place n.
func (o *members) find(key value, n int) int {
	text := key.text
	if key.escaped {
		o.text = unescape(o.text[:0], key.text)
		text = o.text
	}
	at, ok := o.known[view(text)]
	if !ok {
		at = o.names.find(string(text))
		if len(o.known) < maxKnown {
			o.known[string(text)] = at
		}
	}
	if key.kind == quoted && !key.escaped && n < maxOrder && bytes.IndexByte(text, '"') < 0 {
		for len(o.order) <= n {
			o.order = append(o.order, expectation{at: skip})
		}
		o.order[n] = expectation{string(text), at}
	}
	return at
}

// set keeps the last value of a key; a dotted key yields to an exact one.
func (o *members) set(at int, v value) {
	if at&dotted != 0 {
		if at &^= dotted; o.slots[at].kind != none {
			return
		}
		o.loose[at] = true
	}
	o.slots[at] = v
}

// get is column i's value.
func (o *members) get(i int) value {
	if v := o.slots[o.names.same[i]]; v.kind != none || !o.loose[i] {
		return v
	}
	return o.slots[i]
}
