package trino

import (
	"errors"

	"github.com/mulgil/mulgil/internal/base"
)

// queryError is why a statement failed, as clients read it.
type queryError struct {
	Message   string    `json:"message"`
	ErrorCode int       `json:"errorCode"`
	ErrorName string    `json:"errorName"`
	ErrorType string    `json:"errorType"`
	Location  *location `json:"errorLocation,omitempty"`
	Failure   failure   `json:"failureInfo"`
}

// location counts from 1.
type location struct {
	Line   int `json:"lineNumber"`
	Column int `json:"columnNumber"`
}

// failure is the exception a Trino would have thrown.
type failure struct {
	Type       string    `json:"type"`
	Message    string    `json:"message"`
	Suppressed []failure `json:"suppressed"`
	Stack      []string  `json:"stack"`
	Location   *location `json:"errorLocation,omitempty"`
}

// kinds name the errors that have no code of their own.
var kinds = map[base.Kind]string{
	base.Internal: "GENERIC_INTERNAL_ERROR", base.Invalid: "GENERIC_USER_ERROR", base.Usage: "GENERIC_USER_ERROR", base.NotFound: "NOT_FOUND",
	base.Exists: "ALREADY_EXISTS", base.Conflict: "TRANSACTION_CONFLICT", base.Unavailable: "JDBC_ERROR", base.Denied: "PERMISSION_DENIED", base.Canceled: "USER_CANCELED",
}

func (h *handler) failure(err error) *queryError {
	c := h.codeOf(err)
	out := &queryError{
		Message: text(err), ErrorCode: c.number, ErrorName: c.name, ErrorType: c.typ,
		Failure: failure{Type: "io.trino.spi.TrinoException", Message: text(err), Suppressed: []failure{}, Stack: []string{}},
	}
	var e *base.Error
	if errors.As(err, &e) && e.Place != nil && e.Place.Line > 0 {
		out.Location = &location{e.Place.Line, e.Place.Col}
		out.Failure.Location = out.Location
	}
	return out
}

// codeOf is an error's number and name. A name that Trino has no number for is
// told as it is, under the number of its kind.
func (h *handler) codeOf(err error) code {
	name := base.CodeOf(err)
	if c, ok := h.codes[name]; ok {
		return c
	}
	c := h.codes[kinds[base.KindOf(err)]]
	if name != "" {
		c.name = name
	}
	return c
}
