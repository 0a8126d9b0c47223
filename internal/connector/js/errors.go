package js

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/dop251/goja"
	"github.com/mulgil/mulgil/internal/base"
)

// Error is what JSONata says about an expression. Its texts are those of the
// library, which are AWS's too.
type Error struct {
	// Code is JSONata's: S0... of syntax, T... of types, D... of values. Empty for
	// a limit and for a result that is not JSON.
	Code string
	Msg  string
	// Offset is the byte of the expression where the fault was met, -1 if unknown.
	Offset int
	// NotJSON says that the expression worked but gave a function.
	NotJSON bool
}

// Error is "CODE: text", as AWS writes it after the words "threw an error
// during evaluation".
func (e *Error) Error() string {
	if e.Code == "" {
		return e.Msg
	}
	return e.Code + ": " + e.Msg
}

// ErrorCode is Code, for callers that do not import this package.
func (e *Error) ErrorCode() string { return e.Code }

// UnsupportedResult is NotJSON, for callers that do not import this package.
func (e *Error) UnsupportedResult() bool { return e.NotJSON }

// The limits in AWS's words, which have no code.
var (
	errTime   = &Error{Msg: "Expression evaluation timeout: Check for infinite loop", Offset: -1}
	errDepth  = &Error{Msg: "Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive", Offset: -1}
	errMemory = &Error{Msg: "Expression evaluation memory limit exceeded: Check for excessive memory usage", Offset: -1}
)

// limitCodes are the library's codes of what AWS calls a limit.
var limitCodes = map[string]*Error{"D1011": errDepth, "D1012": errTime, "D2014": errMemory, "D2015": errMemory}

// fault turns what a machine reported into an Error, or into the end of ctx.
func fault(ctx context.Context, text string, err error) error {
	var thrown *goja.Exception
	var deep *goja.StackOverflowError
	var known *Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return known
	case errors.As(err, &deep):
		return errDepth
	case errors.As(err, &thrown):
		return thrownError(text, thrown.Value())
	case ctx.Err() != nil:
		return base.Errorf(base.Canceled, "evaluate the JSONata expression: %w", context.Cause(ctx))
	case errors.Is(err, ErrTimeout):
		return errTime
	}
	return fmt.Errorf("evaluate the JSONata expression: %w", err)
}

// thrownError reads the library's {code, message, position}, or a plain
// JavaScript error.
func thrownError(text string, v goja.Value) error {
	o, ok := v.(*goja.Object)
	if !ok {
		return &Error{Msg: v.String(), Offset: -1}
	}
	if e, ok := o.Export().(*Error); ok {
		return e
	}
	e := &Error{Code: member(o, "code"), Msg: member(o, "message"), Offset: -1}
	if limit := limitCodes[e.Code]; limit != nil {
		return limit
	}
	if e.Msg == "" {
		e.Msg = v.String()
	}
	if p := o.Get("position"); p != nil && !goja.IsUndefined(p) {
		e.Offset = tokenStart(text, int(p.ToInteger()), member(o, "token"))
	}
	return e
}

func member(o *goja.Object, name string) string {
	v := o.Get(name)
	if v == nil || goja.IsUndefined(v) || goja.IsNull(v) {
		return ""
	}
	return v.String()
}

// tokenStart finds the byte where a token begins; the library counts UTF-16
// units and gives the end of the token.
func tokenStart(text string, units int, token string) int {
	end := byteOffset(text, units)
	if token != "" && strings.HasSuffix(text[:end], token) {
		return end - len(token)
	}
	return end
}

func byteOffset(text string, units int) int {
	off := 0
	for off < len(text) && units > 0 {
		r, n := utf8.DecodeRuneInString(text[off:])
		units -= max(1, utf16.RuneLen(r))
		off += n
	}
	return off
}
