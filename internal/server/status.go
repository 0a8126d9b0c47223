package server

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"

	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/base"
)

// statusOf is the one table from kinds of errors to HTTP status codes.
func statusOf(k base.Kind) int {
	switch k {
	case base.Invalid:
		return http.StatusUnprocessableEntity
	case base.Usage:
		return http.StatusBadRequest
	case base.NotFound:
		return http.StatusNotFound
	case base.Exists, base.Conflict:
		return http.StatusConflict
	case base.Unavailable:
		return http.StatusServiceUnavailable
	case base.Denied:
		return http.StatusForbidden
	case base.Canceled:
		return 499 // client closed request, as proxies log it
	}
	return http.StatusInternalServerError
}

// failure is an error as a body or a line.
type failure struct {
	Error *app.ErrorInfo `json:"error"`
}

func failKind(w http.ResponseWriter, err error) {
	info := app.NewErrorInfo(err)
	reply(w, statusOf(base.ParseKind(info.Kind)), failure{info})
}

func fail(w http.ResponseWriter, status int, err error) {
	reply(w, status, failure{app.NewErrorInfo(err)})
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	encoder(w).Encode(v) // a caller that is gone cannot be told
}

// encoder writes JSON as it is; nothing here is ever read as HTML.
func encoder(w io.Writer) *json.Encoder {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e
}

// marshal is json.Marshal that leaves <, > and & as the user wrote them.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	err := encoder(&b).Encode(v)
	return b.Bytes(), err
}
