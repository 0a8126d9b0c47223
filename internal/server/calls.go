package server

import (
	"context"
	"net/http"
	"sync"

	"github.com/mulgil/mulgil/internal/base"
)

// callHeader names a call, so that its caller can stop it and still hear how
// it ended; closing the connection would stop it too, but leave the end untold.
const callHeader = "Mulgil-Call"

// calls are the named operations in progress.
type calls struct {
	mu   sync.Mutex // guards stop
	stop map[string]context.CancelFunc
}

// add enters a call; the returned function takes it out. A call without a name
// is not entered.
func (c *calls) add(name string, stop context.CancelFunc) func() {
	if name == "" {
		return func() {}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stop == nil {
		c.stop = map[string]context.CancelFunc{}
	}
	c.stop[name] = stop
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.stop, name)
	}
}

// stopCall answers POST /api/calls/{call}/stop.
func (s *Server) stopCall(w http.ResponseWriter, r *http.Request) {
	s.calls.mu.Lock()
	stop, ok := s.calls.stop[r.PathValue("call")]
	s.calls.mu.Unlock()
	if !ok {
		failKind(w, base.Errorf(base.NotFound, "no call %q is in progress", r.PathValue("call")))
		return
	}
	stop()
	reply(w, http.StatusOK, map[string]bool{"stopping": true})
}
