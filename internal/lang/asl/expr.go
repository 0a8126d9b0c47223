package asl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Fault is an error a running state meets, named as the States Language names
// it ("States.Runtime", "States.IntrinsicFailure", or a task's own name).
type Fault struct {
	Name  string
	Cause string
	// Evaluation says that a JSONata expression failed, Location in which field.
	Evaluation bool
	Location   string
}

func (f *Fault) Error() string { return f.Name + ": " + f.Cause }

func runtimeFault(format string, args ...any) *Fault {
	return &Fault{Name: "States.Runtime", Cause: fmt.Sprintf(format, args...)}
}

// Env is what expressions see.
type Env struct {
	// Input is what $ names, Context what $$ names.
	Input   any
	Context any
	// Random feeds States.UUID and States.MathRandom without a seed.
	Random io.Reader
	// Vars are the variables in scope, by name without $.
	Vars map[string]any
	// Query evaluates JSONata, which also sees Result ($states.result) if
	// HasResult and ErrorOutput if it is not nil.
	Query       Evaluator
	Ctx         context.Context
	Result      any
	HasResult   bool
	ErrorOutput any
}

// Location is a path in the input ($...), the context object ($$...) or a
// variable ($name...).
type Location struct {
	text     string
	path     *Path
	context  bool
	variable string
}

// ParseLocation compiles "$...", "$$..." or "$name...".
func ParseLocation(s string) (*Location, error) {
	l := &Location{text: s}
	switch {
	case strings.HasPrefix(s, "$$"):
		l.context = true
		s = s[1:]
	case len(s) > 1 && s[0] == '$' && s[1] != '.' && s[1] != '[':
		n := 1
		for n < len(s) && s[n] != '.' && s[n] != '[' {
			n++
		}
		l.variable = s[1:n]
		if err := checkVariable(l.variable); err != nil {
			return nil, err
		}
		s = "$" + s[n:]
	}
	var err error
	l.path, err = ParsePath(s)
	return l, err
}

// checkVariable holds a variable's name to AWS's rules: up to 80 letters,
// digits and underscores, the first no digit.
func checkVariable(name string) error {
	for i, r := range name {
		if !unicode.IsLetter(r) && r != '_' && (i == 0 || !unicode.IsDigit(r) && !unicode.IsMark(r)) {
			return fmt.Errorf("%q cannot be the name of a variable: letters, digits and _ only, no digit first", name)
		}
	}
	switch n := utf8.RuneCountInString(name); {
	case n == 0 || n > 80:
		return fmt.Errorf("a variable's name has 1 to 80 characters, %q has %d", name, n)
	case name == "states":
		return fmt.Errorf("$states is reserved: it cannot be a variable")
	}
	return nil
}

// String is the text as written.
func (l *Location) String() string { return l.text }

// Eval finds the value; a missing one is a *PathError.
func (l *Location) Eval(env Env) (any, error) {
	switch {
	case l.context:
		return l.path.Eval(env.Context)
	case l.variable != "":
		v, ok := env.Vars[l.variable]
		if !ok {
			return nil, &PathError{fmt.Sprintf("there is no variable $%s", l.variable)}
		}
		return l.path.Eval(v)
	}
	return l.path.Eval(env.Input)
}

// Expr is the value of a field whose name ends in ".$": a path or an intrinsic
// function. Safe for concurrent use.
type Expr struct {
	text string
	loc  *Location
	call *call
}

// ParseExpr compiles s.
func ParseExpr(s string) (*Expr, error) {
	if strings.HasPrefix(s, "$") {
		l, err := ParseLocation(s)
		return &Expr{text: s, loc: l}, err
	}
	c, err := parseCall(s)
	return &Expr{text: s, call: c}, err
}

// String is the text as written.
func (e *Expr) String() string { return e.text }

// Eval computes the value; field is the name used in messages. Errors are *Fault.
func (e *Expr) Eval(env Env, field string) (any, error) {
	if e.call != nil {
		return e.call.eval(env, field)
	}
	return evalField(e.loc, env, field)
}

func evalField(l *Location, env Env, field string) (any, error) {
	v, err := l.Eval(env)
	var missing *PathError
	if errors.As(err, &missing) {
		return nil, runtimeFault("The JSONPath '%s' specified for the field '%s' could not be found in the input '%s'", l.text, field, Encode(env.Input))
	}
	return v, err
}

// Template is a payload template: JSON in which members named "x.$" are computed.
type Template struct {
	// exactly one is set, unless the template is the constant null
	members []templateMember
	object  bool
	items   []*Template
	list    bool
	value   any
}

type templateMember struct {
	name string
	expr *Expr
	sub  *Template
}

// Eval fills the template in. Errors are *Fault.
func (t *Template) Eval(env Env) (any, error) {
	switch {
	case t.object:
		out := make(map[string]any, len(t.members))
		for _, m := range t.members {
			var v any
			var err error
			if m.expr != nil {
				v, err = m.expr.Eval(env, m.name+".$")
			} else {
				v, err = m.sub.Eval(env)
			}
			if err != nil {
				return nil, err
			}
			out[m.name] = v
		}
		return out, nil
	case t.list:
		out := make([]any, len(t.items))
		for i, x := range t.items {
			v, err := x.Eval(env)
			if err != nil {
				return nil, err
			}
			out[i] = v
		}
		return out, nil
	}
	return t.value, nil
}

// Static returns the value of a member given literally at the top of the
// template ("JobName": "x"), false if it is absent or computed.
func (t *Template) Static(name string) (any, bool) {
	for _, m := range t.members {
		if m.name == name && m.sub != nil && m.sub.constant() {
			v, err := m.sub.Eval(Env{})
			return v, err == nil
		}
	}
	return nil, false
}

func (t *Template) constant() bool {
	for _, m := range t.members {
		if m.expr != nil || !m.sub.constant() {
			return false
		}
	}
	for _, x := range t.items {
		if !x.constant() {
			return false
		}
	}
	return true
}
