package server

import (
	"context"
	"mime"
	"net/http"
	"reflect"
	"runtime/debug"
	"strings"

	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/base"
)

// operation answers one entry of the table.
func (s *Server) operation(op app.Operation) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		done := s.metrics.begin(op.Name, s.opt.Clock.Now)
		req, err := decode(op, w, r)
		if err != nil {
			failKind(w, err)
			done(http.StatusBadRequest)
			return
		}
		ctx, stop := s.workContext(r, req)
		defer stop()
		defer s.calls.add(r.Header.Get(callHeader), stop)()
		if op.Streams && acceptsLines(r) {
			done(s.stream(ctx, stop, w, op, req, r.Header.Get(app.RowsHeader) == "stream"))
			return
		}
		result, err := s.do(ctx, op, req, nil)
		if err != nil {
			s.logFailure(op, err)
			failKind(w, err)
			done(statusOf(kind(err)))
			return
		}
		reply(w, http.StatusOK, noNull(result))
		done(http.StatusOK)
	})
}

// workContext ends with the caller's connection and with the server; a
// detached operation's ends with the server only.
func (s *Server) workContext(r *http.Request, req any) (context.Context, context.CancelFunc) {
	if d, ok := req.(interface{ Detached() bool }); ok && d.Detached() {
		return s.life, func() {}
	}
	ctx, cancel := context.WithCancel(r.Context())
	unhook := context.AfterFunc(s.life, cancel)
	return ctx, func() { unhook(); cancel() }
}

// do runs op; a panic becomes an error, so that a fault in one operation does
// not end the others.
func (s *Server) do(ctx context.Context, op app.Operation, req any, report base.Report) (result any, err error) {
	defer func() {
		if p := recover(); p != nil {
			s.opt.Log.Error("operation panicked", "operation", op.Name, "panic", p, "stack", string(debug.Stack()))
			err = base.Errorf(base.Internal, "a fault in mulgil ended %s: %v", op.Name, p)
		}
	}()
	return op.Do(ctx, s.opt.Backend, req, report)
}

func acceptsLines(r *http.Request) bool {
	for _, part := range strings.Split(r.Header.Get("Accept"), ",") {
		if t, _, err := mime.ParseMediaType(part); err == nil && t == "application/x-ndjson" {
			return true
		}
	}
	return false
}

// noNull turns a nil list into an empty one, so that callers may loop over it.
func noNull(v any) any {
	if r := reflect.ValueOf(v); r.Kind() == reflect.Slice && r.IsNil() {
		return []struct{}{}
	}
	return v
}
