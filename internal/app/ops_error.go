package app

import (
	"context"
	"errors"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// ErrorInfo is an error as JSON: what the API sends, `--json` prints and run
// records keep.
type ErrorInfo struct {
	// Kind is base.Kind's name.
	Kind string `json:"kind"`
	// Code is the outside world's name for it, if it has one.
	Code    string      `json:"code,omitempty"`
	Message string      `json:"message"`
	Hint    string      `json:"hint,omitempty"`
	Place   *ErrorPlace `json:"place,omitempty"`
	// Errors lists each mistake when several are reported together.
	Errors []*ErrorInfo `json:"errors,omitempty"`
}

// ErrorPlace is base.Place as JSON; line and column count characters from 1.
type ErrorPlace struct {
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	Length int    `json:"length,omitempty"`
	// Text is the source line.
	Text string `json:"text,omitempty"`
}

// NewErrorInfo describes err; nil for nil.
func NewErrorInfo(err error) *ErrorInfo {
	if err == nil {
		return nil
	}
	var list base.Errors
	if errors.As(err, &list) {
		if len(list) == 1 && err.Error() == list.Error() {
			return NewErrorInfo(list[0])
		}
		return listInfo(err, list)
	}
	info := &ErrorInfo{Kind: kindOf(err).String(), Code: base.CodeOf(err), Message: err.Error(), Hint: hintOf(err)}
	var e *base.Error
	if !errors.As(err, &e) || e.Place == nil {
		return info
	}
	p := e.Place
	info.Place = &ErrorPlace{File: p.File, Line: p.Line, Column: p.Col, Length: p.Len, Text: p.Text}
	if direct, ok := err.(*base.Error); ok {
		info.Message = direct.Msg
	}
	return info
}

func listInfo(err error, list base.Errors) *ErrorInfo {
	info := &ErrorInfo{Kind: kindOf(err).String(), Message: err.Error()}
	for _, e := range list {
		info.Errors = append(info.Errors, NewErrorInfo(e))
	}
	return info
}

func kindOf(err error) base.Kind {
	k := base.KindOf(err)
	if k == base.Internal && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)) {
		return base.Canceled
	}
	return k
}

func hintOf(err error) string {
	var e *base.Error
	for errors.As(err, &e) {
		if e.Hint != "" {
			return e.Hint
		}
		err = e.Err
	}
	return ""
}

// Err is the inverse of NewErrorInfo, as far as kind, code, message, hint and
// place go; causes are flattened into the message.
func (i *ErrorInfo) Err() error {
	if i == nil {
		return nil
	}
	if len(i.Errors) > 0 {
		var list base.Errors
		for _, m := range i.Errors {
			list = append(list, m.single())
		}
		return list
	}
	e := i.single()
	if e.Place != nil && strings.Contains(e.Msg, e.Place.String()) {
		return &located{text: e.Msg, err: e}
	}
	return e
}

func (i *ErrorInfo) single() *base.Error {
	e := &base.Error{Kind: base.ParseKind(i.Kind), Code: i.Code, Msg: i.Message, Hint: i.Hint}
	if p := i.Place; p != nil {
		e.Place = &base.Place{File: p.File, Line: p.Line, Col: p.Column, Len: p.Length, Text: p.Text}
	}
	return e
}

// located is an error whose message names its place already.
type located struct {
	text string
	err  *base.Error
}

func (l *located) Error() string { return l.text }
func (l *located) Unwrap() error { return l.err }
