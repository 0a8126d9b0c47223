package js

import (
	"sync"
)

// The fast path answers the expressions most state machines are made of without
// a machine: paths from a variable, literals, comparisons, and, or, &, and adding
// small integers. Where JSONata does something of its own (a list in the middle
// of a path, a number that JavaScript spells differently, a type error) it steps
// aside, so that the library decides and words the error.

// fastCache keeps parsed expressions; those that are not for the fast path are
// kept as nil.
type fastCache struct {
	mu    sync.RWMutex
	limit int
	known *bounded[fastNode] // guarded by mu
}

// eval answers expr; ok is false when the library must.
func (c *fastCache) eval(expr string, bindings map[string]any) (value any, defined, ok bool) {
	n := c.node(expr)
	if n == nil {
		return nil, false, false
	}
	v := n.eval(bindings)
	return v.json, v.kind == fastValue, v.kind != fastUnsure
}

func (c *fastCache) node(expr string) fastNode {
	c.mu.RLock()
	n, ok := c.lookup(expr)
	c.mu.RUnlock()
	if ok {
		return n
	}
	n = parseFast(expr)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil {
		c.known = newBounded[fastNode](c.limit)
	}
	c.known.put(expr, n)
	return n
}

func (c *fastCache) lookup(expr string) (fastNode, bool) {
	if c.known == nil {
		return nil, false
	}
	return c.known.get(expr)
}

// fastNode is part of an expression.
type fastNode interface {
	eval(bindings map[string]any) fastResult
}

type fastKind byte

const (
	fastUnsure    fastKind = iota // the library must decide
	fastUndefined                 // nothing
	fastValue
)

type fastResult struct {
	kind fastKind
	json any
}

var (
	unsure  = fastResult{}
	nothing = fastResult{kind: fastUndefined}
)

func sure(v any) fastResult { return fastResult{fastValue, v} }
