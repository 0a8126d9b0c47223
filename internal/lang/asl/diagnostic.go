package asl

import (
	"errors"
	"fmt"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// Diagnostic is a mistake in the words of ValidateStateMachineDefinition. Every
// *base.Error that Parse reports has one in its chain.
type Diagnostic struct {
	// Code is one of AWS's: SCHEMA_VALIDATION_FAILED, MISSING_TRANSITION_TARGET ...
	Code string
	// Location is a path like "/States/A/Resource"; empty if there is none.
	Location string
	Message  string
	// Severity is ERROR or WARNING.
	Severity string

	cause error
}

func (d *Diagnostic) Error() string {
	if d.Location == "" || strings.HasPrefix(d.Location, "[") {
		return d.Code + ": " + d.Message
	}
	return d.Code + ": " + strings.TrimRight(d.Message, " ") + " at " + d.Location
}

func (d *Diagnostic) Unwrap() error { return d.cause }

// Diagnostics lists what an error of Parse says in AWS's words.
func Diagnostics(err error) []*Diagnostic {
	var list base.Errors
	if !errors.As(err, &list) {
		return nil
	}
	var out []*Diagnostic
	for _, e := range list {
		var d *Diagnostic
		if errors.As(e, &d) {
			out = append(out, d)
		}
	}
	return out
}

// Validate lists what ValidateStateMachineDefinition says about a definition;
// no mistake among them means that the result is OK. Warnings are left out
// unless they are asked for.
func Validate(src []byte, o Options, warnings bool) []*Diagnostic {
	m, err := ParseAs("definition", src, o)
	if err == nil && warnings {
		err = base.Errors(m.warnings).Err()
	}
	return Diagnostics(err)
}

// InvalidDefinition is the message with which CreateStateMachine refuses a
// definition for which Parse gave err.
func InvalidDefinition(err error) string {
	var parts []string
	for _, d := range Diagnostics(err) {
		parts = append(parts, d.Error())
	}
	return "Invalid State Machine Definition: '" + strings.Join(parts, ", ") + "'"
}

const schemaFailed = "SCHEMA_VALIDATION_FAILED"

// aws gives a mistake AWS's words; location "" keeps the place of the mistake.
func (p *parser) aws(e *base.Error, code, location, format string, args ...any) *base.Error {
	if location == "" {
		location = p.locate(e)
	}
	e.Err = &Diagnostic{Code: code, Location: location, Message: fmt.Sprintf(format, args...), Severity: "ERROR", cause: e.Err}
	e.Code = code
	return e
}

// required reports fields that an object at location lacks.
func (p *parser) required(n *node, off, end int, location, what string, fields ...string) bool {
	var missing []string
	for _, f := range fields {
		if n.get(f) == nil {
			missing = append(missing, f)
		}
	}
	if len(missing) == 0 {
		return true
	}
	word := "a " + missing[0] + " field"
	if len(missing) > 1 {
		word = "the fields " + strings.Join(missing, ", ")
	} else if strings.ContainsAny(missing[0][:1], "AEIOU") {
		word = "an " + missing[0] + " field"
	}
	p.aws(p.fail(off, end, "%s needs %s", what, word), schemaFailed, location, "These fields are required: [%s]", strings.Join(missing, ", "))
	return false
}

// locate names the innermost value or key that a mistake stands at.
func (p *parser) locate(e *base.Error) string { return p.locateAt(p.offs[e]) }

func (p *parser) locateAt(off int) string {
	path := ""
	n := p.root
	for n != nil {
		var next *node
		for i := range n.members {
			m := &n.members[i]
			if off >= m.keyOff && off < m.keyEnd || off >= m.value.off && off < m.value.end {
				path += "/" + m.key
				if off >= m.value.off {
					next = m.value
				}
				break
			}
		}
		for i, x := range n.items {
			if off >= x.off && off < x.end {
				path += fmt.Sprintf("[%d]", i)
				next = x
			}
		}
		n = next
	}
	if path == "" {
		return "/"
	}
	return path
}

// InvalidInput is the message with which StartExecution refuses an input that
// is not JSON; empty if it is.
func InvalidInput(text []byte) string {
	_, err := readJSON("input", text)
	var e *base.Error
	if !errors.As(err, &e) {
		return ""
	}
	return "Invalid State Machine Execution Input: '" + jackson(text, e).Message + "'"
}

// jackson words a syntax mistake as the JSON reader of Step Functions does.
func jackson(src []byte, e *base.Error) *Diagnostic {
	text := strings.TrimSpace(string(src))
	if text == "" || e.Place == nil {
		return &Diagnostic{Code: schemaFailed, Message: "Definition must be a valid JSON object", Severity: "ERROR"}
	}
	line, col := e.Place.Line, e.Place.Col
	rest := []rune(lineOf(src, line))
	at := min(max(col-1, 0), len(rest))
	word := at
	for word < len(rest) && (rest[word] == '_' || rest[word] == '$' || rest[word] >= '0' && rest[word] <= '9' || rest[word] >= 'A' && rest[word] <= 'Z' || rest[word] >= 'a' && rest[word] <= 'z') {
		word++
	}
	var what string
	switch {
	case at == len(rest):
		what = "Unexpected end-of-input"
	case strings.Contains(e.Msg, "key in double quotes") || strings.Contains(e.Msg, "comma before }"):
		what = fmt.Sprintf("Unexpected character ('%c' (code %d)): was expecting double-quote to start field name", rest[at], rest[at])
		col++
	case strings.Contains(e.Msg, "expected ,"):
		what = fmt.Sprintf("Unexpected character ('%c' (code %d)): was expecting comma to separate Object entries", rest[at], rest[at])
		col++
	case word > at:
		what = fmt.Sprintf("Unrecognized token '%s': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')", string(rest[at:word]))
		col += word - at
	default:
		what = fmt.Sprintf("Unexpected character ('%c' (code %d)): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')", rest[at], rest[at])
		col++
	}
	shown := string(src)
	if r := []rune(shown); len(r) > 500 {
		shown = string(r[:500]) + fmt.Sprintf(`"[truncated %d chars]`, len(r)-500)
	} else {
		shown += `"`
	}
	location := fmt.Sprintf("[Source: (String)\"%s; line: %d, column: %d]", shown, line, col)
	return &Diagnostic{Code: "INVALID_JSON_DESCRIPTION", Location: location, Message: what + "\n at " + location, Severity: "ERROR"}
}

func lineOf(src []byte, line int) string {
	lines := strings.Split(string(src), "\n")
	if line < 1 || line > len(lines) {
		return ""
	}
	return lines[line-1]
}
