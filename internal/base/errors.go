package base

import (
	"errors"
	"fmt"
	"strings"
)

// Kind sorts errors into the few classes that the server maps to status codes
// and the command line to exit codes.
type Kind int

const (
	// Internal is a fault of ours or of the machine (disk full, broken file).
	Internal Kind = iota
	// Invalid is something the user wrote: a project file, SQL, data refused by a test.
	Invalid
	// Usage is a wrong call: an unknown parameter, a malformed argument.
	Usage
	// NotFound names something that does not exist.
	NotFound
	// Exists names something that exists already.
	Exists
	// Conflict means another run or commit was first; trying again may work.
	Conflict
	// Unavailable means an outside system did not answer or refused us.
	Unavailable
	// Denied means credentials or a sandbox rule forbid it.
	Denied
	// Canceled means the user or a deadline stopped it.
	Canceled
)

var kindNames = [...]string{"internal", "invalid", "usage", "not_found", "exists", "conflict", "unavailable", "denied", "canceled"}

// String returns the kind's stable name, as used in JSON output.
func (k Kind) String() string { return kindNames[k] }

// ParseKind is the inverse of Kind.String; an unknown name is Internal.
func ParseKind(s string) Kind {
	for i, n := range kindNames {
		if n == s {
			return Kind(i)
		}
	}
	return Internal
}

// DiskFull is the Code of a write that found no room on the disk. Nothing of it
// was kept, and once there is room it can be made again.
const DiskFull = "DiskFull"

// Error is an error with what a reader needs to act on it. Every field but
// Kind and Msg is optional.
type Error struct {
	Kind Kind
	// Code is the outside world's name for it, as AWS or SQL spells it:
	// "CrawlerRunningException", "EntityNotFoundException".
	Code string
	// Msg says what was attempted or what is wrong, lower case, no full stop.
	Msg string
	// Place is where in the user's text the fault lies.
	Place *Place
	// Hint is one line telling what to do.
	Hint string
	// Err is the cause.
	Err error
}

// Errorf makes an Error; %w keeps the cause for errors.Is and errors.As.
func Errorf(k Kind, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	e := &Error{Kind: k, Msg: err.Error()}
	if errors.Unwrap(err) != nil {
		e.Err = err
	} else if _, many := err.(interface{ Unwrap() []error }); many {
		e.Err = err
	}
	return e
}

// WithHint sets the hint and returns e.
func (e *Error) WithHint(format string, args ...any) *Error {
	e.Hint = fmt.Sprintf(format, args...)
	return e
}

// WithCode sets the outside name and returns e.
func (e *Error) WithCode(code string) *Error { e.Code = code; return e }

// At sets the place and returns e.
func (e *Error) At(p *Place) *Error { e.Place = p; return e }

// Error returns "file:line:col: message" or the bare message. The caret and
// the hint are added by Render only.
func (e *Error) Error() string {
	if e.Place != nil {
		return e.Place.String() + ": " + e.Msg
	}
	return e.Msg
}

func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of the outermost Error in err's chain, Internal if
// there is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// CodeOf returns the first non-empty Code in err's chain.
func CodeOf(err error) string {
	for err != nil {
		var e *Error
		if !errors.As(err, &e) {
			return ""
		}
		if e.Code != "" {
			return e.Code
		}
		err = e.Err
	}
	return ""
}

// Errors is a list of mistakes reported together, in the order found.
type Errors []*Error

// Error joins the messages with newlines.
func (l Errors) Error() string {
	s := make([]string, len(l))
	for i, e := range l {
		s[i] = e.Error()
	}
	return strings.Join(s, "\n")
}

// Unwrap lets errors.Is and errors.As look into every mistake.
func (l Errors) Unwrap() []error {
	s := make([]error, len(l))
	for i, e := range l {
		s[i] = e
	}
	return s
}

// Err returns l as an error, or nil if it is empty.
func (l Errors) Err() error {
	if len(l) == 0 {
		return nil
	}
	return l
}

// Render writes err for a person: message, source line with the culprit
// underlined, hint.
func Render(err error) string {
	var l Errors
	if errors.As(err, &l) {
		parts := make([]string, len(l))
		for i, e := range l {
			parts[i] = Render(e)
		}
		return strings.Join(parts, "\n")
	}
	var b strings.Builder
	b.WriteString(err.Error())
	var e *Error
	if !errors.As(err, &e) {
		return b.String()
	}
	if e.Place != nil {
		b.WriteString(e.Place.caret())
	}
	for x := e; x != nil; {
		if x.Hint != "" {
			b.WriteString("\nhint: " + x.Hint)
			break
		}
		var inner *Error
		if x.Err == nil || !errors.As(x.Err, &inner) {
			break
		}
		x = inner
	}
	return b.String()
}
