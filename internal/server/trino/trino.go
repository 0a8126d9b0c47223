// Package trino speaks Trino's client protocol, so that trino-cli, Trino's
// JDBC driver, the Python client and SQLAlchemy work with the project as they
// do with a Trino.
//
// A client posts a statement to /v1/statement and is given an address to ask
// for the answer, page by page: each page names the next one. The statement
// runs meanwhile (statement.go) and hands over its rows as JSON bytes, which
// go to the client as they are (page.go). What is not fetched yet is bounded:
// a statement waits for its reader. The page last given can be asked for
// again, an answer that got lost on its way. A statement nobody asks for is
// stopped (registry.go): within a second if its client's connection breaks while
// it waits for a page, which it does nearly always; after half a minute if it
// says nothing before it has heard of the answer's columns; and after five
// minutes if it says nothing later, since it may be busy with rows it has.
//
// Who may do what: read-only statements are free for everyone who can reach
// the port, everything else needs the project's token, as a bearer token, as
// the password of basic authentication, or as the extra credential "token",
// which trino-cli and JDBC also send over plain http.
package trino

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/query"
)

// Path is where the protocol is served.
const Path = "/v1/"

// Version is the Trino release whose clients this is tested with.
const Version = "476"

// Runner runs statements: *query.Service.
type Runner interface {
	Execute(ctx context.Context, req query.Request, recv query.Receiver) (*query.Outcome, error)
}

// Options say what is served and to whom.
type Options struct {
	Query Runner
	// Knows tells whether a token is the project's.
	Knows func(token string) bool
	// Log hears of faults; nil means none.
	Log   *slog.Logger
	Clock base.Clock
	// Abandoned is how long a statement runs on without being asked for once its
	// columns are told; 0 means 5 minutes.
	Abandoned time.Duration
	// Unread bounds the bytes of a statement's rows that wait for their
	// reader; 0 means 4 MB.
	Unread int
}

// handler is the protocol's server.
type handler struct {
	Options
	// life ends when the server does: statements run under it.
	life     context.Context
	started  time.Time
	registry *registry
	codes    map[string]code
}

// New returns the protocol as a handler for everything under Path. Statements
// and the watch over them end when ctx does.
func New(ctx context.Context, o Options) http.Handler {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Clock == nil {
		o.Clock = base.SystemClock{}
	}
	if o.Abandoned == 0 {
		o.Abandoned = 5 * time.Minute
	}
	if o.Unread == 0 {
		o.Unread = 4 << 20
	}
	h := &handler{Options: o, life: ctx, started: o.Clock.Now(), codes: standardCodes()}
	h.registry = newRegistry(ctx, o.Clock, o.Abandoned)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/statement", h.begin)
	for _, at := range []string{"/v1/statement/queued/{id}/{slug}/{token}", "/v1/statement/executing/{id}/{slug}/{token}"} {
		mux.HandleFunc("GET "+at, h.next)
		mux.HandleFunc("DELETE "+at, h.cancel)
	}
	mux.HandleFunc("GET /v1/info", h.info)
	mux.HandleFunc("GET /v1/info/state", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, "ACTIVE") })
	mux.HandleFunc("HEAD /v1/info", h.info)
	mux.HandleFunc("GET /v1/query/{id}", h.private(h.describe))
	mux.HandleFunc("DELETE /v1/query/{id}", h.private(h.kill))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, http.StatusNotFound, r.Method+" "+r.URL.Path+" is not served")
	})
	return mux
}

// info answers clients that ask who is there.
func (h *handler) info(w http.ResponseWriter, _ *http.Request) {
	up := h.Clock.Now().Sub(h.started)
	writeJSON(w, map[string]any{
		"nodeVersion": map[string]string{"version": Version}, "environment": "mulgil", "coordinator": true, "starting": false,
		"uptime": duration(up),
	})
}

// private asks for the token.
func (h *handler) private(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		a, err := decode(r.Header)
		if err != nil {
			refuse(w, http.StatusBadRequest, text(err))
			return
		}
		if known, _ := h.token(a); !known {
			unauthorized(w, "the project's token is missing or wrong")
			return
		}
		next(w, r)
	}
}

// token tells whether a request carries the project's token, and whether all
// it carries is wrong.
func (h *handler) token(a asked) (known, wrong bool) {
	for _, t := range a.tokens {
		known = known || h.Knows(t)
	}
	return known, len(a.tokens) > 0 && !known
}

func unauthorized(w http.ResponseWriter, why string) {
	w.Header().Add("WWW-Authenticate", `Basic realm="Mulgil"`)
	w.Header().Add("WWW-Authenticate", "Bearer")
	refuse(w, http.StatusUnauthorized, why)
}

// refuse answers what never became a statement; clients show the text.
func refuse(w http.ResponseWriter, status int, why string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(why))
}

func writeJSON(w http.ResponseWriter, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		refuse(w, http.StatusInternalServerError, "the answer cannot be encoded")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(b)
}

// duration is a time span as Trino writes it.
func duration(d time.Duration) string {
	switch {
	case d >= time.Hour:
		return strings.TrimSpace(decimal(d.Hours())) + "h"
	case d >= time.Minute:
		return decimal(d.Minutes()) + "m"
	case d >= time.Second:
		return decimal(d.Seconds()) + "s"
	}
	return decimal(float64(d)/1e6) + "ms"
}
