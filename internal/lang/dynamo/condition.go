package dynamo

import (
	"slices"
	"strconv"
	"strings"

	"github.com/mulgil/mulgil/internal/base/attribute"
)

// Condition is a checked ConditionExpression.
type Condition struct{ root *node }

// Holds tells whether the item meets the condition; nil is an item that is not
// there. What is missing or of another type makes a comparison false.
func (c *Condition) Holds(item attribute.Item) bool { return c.root.holds(item) }

func (n *node) holds(item attribute.Item) bool {
	switch n.op {
	case "AND":
		return n.args[0].holds(item) && n.args[1].holds(item)
	case "OR":
		return n.args[0].holds(item) || n.args[1].holds(item)
	case "NOT":
		return !n.args[0].holds(item)
	case "function":
		return n.call(item)
	}
	v, ok := n.args[0].of(item)
	if n.op == "<>" {
		w, there := n.args[1].of(item)
		return !ok || !there || !v.Equal(w)
	}
	if !ok {
		return false
	}
	if n.op == "BETWEEN" {
		return compare(">=", v, n.args[1], item) && compare("<=", v, n.args[2], item)
	}
	return slices.ContainsFunc(n.args[1:], func(a *node) bool { return compare(n.op, v, a, item) })
}

// compare compares v with an operand; IN is equality.
func compare(op string, v attribute.Value, with *node, item attribute.Item) bool {
	w, ok := with.of(item)
	if !ok {
		return false
	}
	if op == "=" || op == "IN" {
		return v.Equal(w)
	}
	order, ok := v.Compare(w)
	switch op {
	case "<":
		return ok && order < 0
	case "<=":
		return ok && order <= 0
	case ">":
		return ok && order > 0
	}
	return ok && order >= 0
}

// of is the operand's value for the item.
func (n *node) of(item attribute.Item) (attribute.Value, bool) {
	switch n.op {
	case "path":
		return n.path.get(item)
	case "value":
		return n.val, true
	}
	v, ok := n.args[0].of(item) // size
	if !ok {
		return v, false
	}
	return size(v)
}

// size counts bytes of text and binary, elements of what has elements.
func size(v attribute.Value) (attribute.Value, bool) {
	n := 0
	switch v.Type {
	case attribute.S, attribute.B:
		n = len(v.Text)
	case attribute.SS, attribute.NS, attribute.BS:
		n = len(v.Texts)
	case attribute.L:
		n = len(v.List)
	case attribute.M:
		n = len(v.Map)
	default:
		return v, false
	}
	return attribute.Value{Type: attribute.N, Text: strconv.Itoa(n)}, true
}

func (n *node) call(item attribute.Item) bool {
	v, ok := n.args[0].of(item)
	switch n.name {
	case "attribute_exists":
		return ok
	case "attribute_not_exists":
		return !ok
	}
	w, there := n.args[1].of(item)
	if !ok || !there {
		return false
	}
	switch n.name {
	case "attribute_type":
		return string(v.Type) == w.Text
	case "begins_with":
		return v.Type == w.Type && (v.Type == attribute.S || v.Type == attribute.B) && strings.HasPrefix(v.Text, w.Text)
	}
	return contains(v, w)
}

// contains finds a part of a text, or an element.
func contains(v, w attribute.Value) bool {
	switch v.Type {
	case attribute.S, attribute.B:
		return v.Type == w.Type && strings.Contains(v.Text, w.Text)
	case attribute.SS, attribute.NS, attribute.BS:
		return v.Type == w.Type+"S" && slices.Contains(v.Texts, w.Text)
	case attribute.L:
		return slices.ContainsFunc(v.List, w.Equal)
	}
	return false
}
