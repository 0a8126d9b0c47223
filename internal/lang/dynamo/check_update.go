package dynamo

import (
	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/base/attribute"
)

// Mistakes of an update, the first told first.
const (
	updateReserved rank = iota
	updateFunction
	updateSection
	updateName
	updateValue
	updateOverlap
	updateConflict
	updateOperand
	updateTypes
)

var typeWords = map[attribute.Type]string{attribute.S: "STRING", attribute.N: "NUMBER", attribute.B: "BINARY", attribute.NULL: "NULL",
	attribute.BOOL: "BOOLEAN", attribute.L: "LIST", attribute.M: "MAP"}

// update reads and checks an UpdateExpression.
func (s *scope) update(src string) (*Update, *base.Error) {
	actions, twice, err := parseUpdate(src)
	if err != nil {
		return nil, err
	}
	f := faults{}
	u := &Update{root: &tree{}}
	if twice != "" {
		f.note(updateSection, `The "%s" section can only be used once in an update expression;`, twice)
	}
	for _, a := range actions {
		s.path(a.path, f, f, updateReserved, updateName)
		if a.value != nil {
			s.assigned(a.value, f)
		}
		if t := typeWords[a.operand()]; t != "" && !(a.section == "ADD" && a.operand() == attribute.N) {
			f.note(updateOperand, "Incorrect operand type for operator or function; operator: %s, operand type: %s", a.section, t)
		}
		u.paths = append(u.paths, a.path)
		u.creates = u.creates || a.section == "SET" || a.section == "ADD"
	}
	clashes(u.paths, f, updateOverlap, updateConflict)
	if err := f.first(); err != nil {
		return nil, err
	}
	for _, a := range actions {
		u.root.add(a.path, a)
	}
	return u, nil
}

// operand is the type of what ADD and DELETE take, "" for the others.
func (a *action) operand() attribute.Type {
	if a.section == "ADD" || a.section == "DELETE" {
		return a.value.val.Type
	}
	return ""
}

// assigned checks the right side of an action.
func (s *scope) assigned(n *node, f faults) {
	for _, a := range n.args {
		s.assigned(a, f)
	}
	switch n.op {
	case "path":
		s.path(n.path, f, f, updateReserved, updateName)
		return
	case "value":
		s.value(n, f, updateValue)
		return
	}
	want := attribute.N
	switch n.name {
	case "+", "-":
	case "list_append":
		want = attribute.L
	case "if_not_exists":
		want = ""
	default:
		f.note(updateFunction, "Invalid function name; function: %s", n.name)
		return
	}
	if len(n.args) != 2 {
		f.note(updateTypes, "Incorrect number of operands for operator or function; operator or function: %s, number of operands: %d", n.name, len(n.args))
		return
	}
	if want == "" {
		if n.args[0].op != "path" {
			f.note(updateTypes, "Operator or function requires a document path; operator or function: %s", n.name)
		}
		return
	}
	for _, a := range n.args {
		if t := a.val.Type; t != "" && t != want {
			f.note(updateTypes, "Incorrect operand type for operator or function; operator or function: %s, operand type: %s", n.name, t)
		}
	}
}
