package dynamo

import "github.com/mulgil/mulgil/internal/base/attribute"

// KeyCondition is what a KeyConditionExpression asks of one attribute: Op is
// =, <, <=, >, >=, BETWEEN (two values) or begins_with.
type KeyCondition struct {
	Op     string
	Values []attribute.Value
}

// mirrored is an operator with its operands exchanged.
var mirrored = map[string]string{"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

// keyConditions takes a checked condition apart by attribute.
func keyConditions(n *node, out map[string]KeyCondition) error {
	name := n.op
	if n.op == "function" {
		name = n.name
	}
	switch name {
	case "AND":
		for _, a := range n.args {
			if err := keyConditions(a, out); err != nil {
				return err
			}
		}
		return nil
	case "OR", "NOT", "IN", "<>", "attribute_exists", "attribute_not_exists", "attribute_type", "contains":
		return attribute.Invalid("Invalid operator used in KeyConditionExpression: %s", name)
	case "BETWEEN", "begins_with":
		if n.args[0].op != "path" {
			return attribute.Invalid("Invalid condition in KeyConditionExpression: %s operator must have the key attribute as its first operand", name)
		}
	}
	var path Path
	c := KeyCondition{Op: name}
	for i, a := range n.args {
		switch {
		case a.op == "function":
			return attribute.Invalid("KeyConditionExpressions cannot contain nested operations")
		case a.op == "value":
			c.Values = append(c.Values, a.val)
		case path != nil:
			return attribute.Invalid("Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition")
		case len(a.path) > 1:
			return attribute.Invalid("KeyConditionExpressions cannot have conditions on nested attributes")
		default:
			path = a.path
			if i > 0 {
				c.Op = mirrored[name]
			}
		}
	}
	if path == nil {
		return attribute.Invalid("Invalid condition in KeyConditionExpression: No key attribute specified")
	}
	if _, twice := out[path.Attribute()]; twice {
		return attribute.Invalid("KeyConditionExpressions must only contain one condition per key")
	}
	out[path.Attribute()] = c
	return nil
}
