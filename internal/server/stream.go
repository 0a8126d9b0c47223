package server

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/base"
)

// line is one line of a stream. A result or an error is the last.
type line struct {
	Progress *base.Progress `json:"progress,omitempty"`
	// Heartbeat is the time, when there was nothing else to say.
	Heartbeat *time.Time     `json:"heartbeat,omitempty"`
	Batch     *app.RowBatch  `json:"batch,omitempty"`
	Result    any            `json:"result,omitempty"`
	Error     *app.ErrorInfo `json:"error,omitempty"`
}

// lines writes a stream. Progress comes from any goroutine and must not wait
// for a slow reader: per run and stage only the newest is kept until the next
// line goes out.
type lines struct {
	mu      sync.Mutex // guards pending and order
	pending map[[2]string]base.Progress
	order   [][2]string
	wake    chan struct{}
}

func (l *lines) report(p base.Progress) {
	key := [2]string{p.Run, p.Stage}
	l.mu.Lock()
	if _, waiting := l.pending[key]; !waiting {
		l.order = append(l.order, key)
	}
	l.pending[key] = p
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

func (l *lines) take() []base.Progress {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]base.Progress, len(l.order))
	for i, k := range l.order {
		out[i] = l.pending[k]
	}
	l.order = nil
	clear(l.pending)
	return out
}

// writer sends lines; a caller that stops reading is taken for gone.
type writer struct {
	mu   sync.Mutex // guards out
	out  *json.Encoder
	ctl  *http.ResponseController
	gone func()
}

// writeLimit is how long one line may take to leave.
const writeLimit = 30 * time.Second

func (w *writer) send(l line) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ctl.SetWriteDeadline(time.Now().Add(writeLimit)) // not every connection can; then there is none
	if w.out.Encode(l) != nil || w.ctl.Flush() != nil {
		w.gone()
	}
}

// stream runs op and writes its lines; it returns the status to count. gone
// cancels ctx.
func (s *Server) stream(ctx context.Context, gone func(), rw http.ResponseWriter, op app.Operation, req any, rows bool) int {
	rw.Header().Set("Content-Type", "application/x-ndjson")
	rw.WriteHeader(http.StatusOK)
	w := &writer{out: encoder(rw), ctl: http.NewResponseController(rw), gone: gone}
	w.ctl.Flush()
	if s, ok := req.(interface {
		SendRows(func(app.RowBatch) error)
	}); ok && rows {
		s.SendRows(func(b app.RowBatch) error {
			w.send(line{Batch: &b})
			return ctx.Err()
		})
	}

	l := &lines{pending: map[[2]string]base.Progress{}, wake: make(chan struct{}, 1)}
	var result any
	var err error
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		result, err = s.do(ctx, op, req, l.report)
	}()
	// do stops soon after ctx ends, and ctx ends when the caller goes.
	for running := true; running; {
		select {
		case <-l.wake:
		case <-ended:
			running = false
		case <-s.opt.Clock.After(s.opt.Heartbeat):
			now := s.opt.Clock.Now().UTC()
			w.send(line{Heartbeat: &now})
		}
		for _, p := range l.take() {
			w.send(line{Progress: &p})
		}
	}
	if err != nil {
		s.logFailure(op, err)
		w.send(line{Error: app.NewErrorInfo(err)})
		return statusOf(kind(err))
	}
	w.send(line{Result: noNull(result)})
	return http.StatusOK
}

func (s *Server) logFailure(op app.Operation, err error) {
	if kind(err) == base.Internal {
		s.opt.Log.Error("operation failed", "operation", op.Name, "error", err)
		return
	}
	s.opt.Log.Debug("operation failed", "operation", op.Name, "error", err)
}

func kind(err error) base.Kind { return base.ParseKind(app.NewErrorInfo(err).Kind) }
