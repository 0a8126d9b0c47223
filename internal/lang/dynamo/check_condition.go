package dynamo

import (
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/base/attribute"
)

// Mistakes of a condition, the first told first.
const (
	redundantParens rank = iota
	unknownFunction
	misusedFunction
	reservedName
	wrongCondition // the first comparison or function with one of those below
)

// Mistakes within one comparison or function.
const (
	undefinedName rank = iota
	operandCount
	sameOperands
	operandType
)

// arity is how many operands the functions of conditions take.
var arity = map[string]int{"attribute_exists": 1, "attribute_not_exists": 1, "attribute_type": 2, "begins_with": 2, "contains": 2, "size": 1}

// condition reads and checks a ConditionExpression.
func (s *scope) condition(src string) (*node, *base.Error) {
	n, err := parseCondition(src)
	if err != nil {
		return nil, err
	}
	f := faults{}
	s.checkCondition(n, f)
	return n, f.first()
}

func (s *scope) checkCondition(n *node, f faults) {
	if n.parens > 1 {
		f.note(redundantParens, "The expression has redundant parentheses;")
	}
	if n.op == "AND" || n.op == "OR" || n.op == "NOT" {
		for _, a := range n.args {
			s.checkCondition(a, f)
		}
		return
	}
	if n.op == "function" && n.name == "size" {
		f.note(misusedFunction, "The function is not allowed to be used this way in an expression; function: size")
	}
	own := faults{}
	s.operands(n, f, own)
	if err := own.first(); err != nil {
		f.note(wrongCondition, "%s", err.Msg)
	}
}

// operands checks a comparison or function and what it works on.
func (s *scope) operands(n *node, f, own faults) {
	for _, a := range n.args {
		if a.parens > 1 {
			f.note(redundantParens, "The expression has redundant parentheses;")
		}
		switch a.op {
		case "path":
			s.path(a.path, f, own, reservedName, undefinedName)
		case "value":
			s.value(a, own, undefinedName)
		default:
			if a.name != "size" && arity[a.name] > 0 {
				f.note(misusedFunction, "The function is not allowed to be used this way in an expression; function: %s", a.name)
			}
			s.operands(a, f, own)
		}
	}
	if n.op == "function" {
		checkFunction(n, f, own)
	} else {
		checkOperator(n, own)
	}
}

func checkFunction(n *node, f, own faults) {
	want, known := arity[n.name]
	if !known {
		f.note(unknownFunction, "Invalid function name; function: %s", n.name)
		return
	}
	if len(n.args) != want {
		own.note(operandCount, "Incorrect number of operands for operator or function; operator or function: %s, number of operands: %d", n.name, len(n.args))
		return
	}
	distinct(n.name, n.args, own)
	switch n.name {
	case "attribute_exists", "attribute_not_exists":
		if n.args[0].op != "path" {
			own.note(operandType, "Operator or function requires a document path; operator or function: %s", n.name)
		}
	case "begins_with":
		for _, a := range n.args {
			if t := a.typed(); t != "" && t != attribute.S && t != attribute.B {
				wrongType(own, n.name, t)
			}
		}
	case "attribute_type":
		checkTypeName(n.args[1], own)
	case "size":
		if t := n.args[0].typed(); t == attribute.N || t == attribute.BOOL || t == attribute.NULL {
			wrongType(own, n.name, t)
		}
	}
}

var typeNames = []string{"B", "NULL", "SS", "BOOL", "L", "BS", "N", "NS", "S", "M"}

func checkTypeName(n *node, own faults) {
	switch t := n.typed(); {
	case t == "":
		wrongType(own, "attribute_type", "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}")
	case t != attribute.S:
		wrongType(own, "attribute_type", t)
	case !slices.Contains(typeNames, n.val.Text):
		own.note(operandType, "Invalid attribute type name found; type: %s, valid types: {%s}", n.val.Text, strings.Join(typeNames, ","))
	}
}

func checkOperator(n *node, own faults) {
	switch n.op {
	case "BETWEEN":
		checkBounds(n.args[1], n.args[2], own)
	case "IN":
	default:
		distinct(n.op, n.args, own)
	}
	if n.op == "=" || n.op == "<>" || n.op == "IN" {
		return
	}
	for _, a := range n.args {
		if t := a.typed(); a.op == "value" && t != "" && t != attribute.S && t != attribute.N && t != attribute.B {
			own.note(operandType, "Incorrect operand type for operator or function; operator: %s, operand type: %s", n.op, t)
		}
	}
}

func checkBounds(low, high *node, own faults) {
	if low.op != "value" || high.op != "value" || low.typed() == "" || high.typed() == "" {
		return
	}
	show := func(n *node) string { return "AttributeValue: {" + string(n.val.Type) + ":" + n.val.Text + "}" }
	order, ok := low.val.Compare(high.val)
	switch {
	case low.val.Type != high.val.Type:
		own.note(operandType, "The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: %s, upper bound operand: %s", show(low), show(high))
	case ok && order > 0:
		own.note(operandType, "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: %s, upper bound operand: %s", show(low), show(high))
	}
}

// distinct refuses a path compared with itself.
func distinct(name string, args []*node, own faults) {
	if len(args) == 2 && args[0].op == "path" && args[1].op == "path" && slices.Equal(args[0].path, args[1].path) {
		own.note(sameOperands, "The first operand must be distinct from the remaining operands for this operator or function; operator: %s, first operand: %s", name, args[0].path)
	}
}

func wrongType(own faults, name string, t attribute.Type) {
	own.note(operandType, "Incorrect operand type for operator or function; operator or function: %s, operand type: %s", name, t)
}

// typed is the type an operand is known to have, "" if it depends on the item.
func (n *node) typed() attribute.Type {
	switch {
	case n.op == "value":
		return n.val.Type
	case n.op == "function" && n.name == "size":
		return attribute.N
	case n.op == "function":
		return attribute.BOOL
	}
	return ""
}
