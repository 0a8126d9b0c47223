package query

import (
	"cmp"
	"context"
	"errors"
	"runtime/debug"
	"time"

	"github.com/google/uuid"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/query/history"
)

// work is one statement under way.
type work struct {
	s         *Service
	id        string
	session   Session
	recv      Receiver
	submitted time.Time
	// started is when it stopped waiting; zero until then.
	started time.Time
	stats   Stats
	key     string // of the kept result
}

// record runs a statement of any kind: it gets an id, a place in the history,
// a deadline and a way to be stopped from outside. do does the statement's own
// work under a ctx that ends with any of these, and calls w.running (execute
// does so itself) once the statement waits no longer. The error is do's, or
// says why the statement was stopped.
func (s *Service) record(ctx context.Context, req Request, recv Receiver, do func(ctx context.Context, w *work) (*Outcome, error)) (*Outcome, error) {
	w := &work{s: s, id: cmp.Or(req.ID, uuid.NewString()), session: req.Session, recv: recv, submitted: s.o.Clock.Now()}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	limits := s.limits.within(req.Session)
	deadline, cancel := context.WithTimeoutCause(ctx, limits.Timeout, limits.overtime())
	defer cancel()
	w.begin(req, stop)
	recv.Queued(w.id)
	out, err := s.guarded(deadline, w, do)
	if err != nil {
		err = ended(deadline, err)
	}
	if out == nil {
		out = &Outcome{}
	}
	out.ID = w.id
	w.end(out, err)
	out.Stats = w.stats
	if err != nil {
		return nil, err
	}
	return out, nil
}

// guarded runs do; a panic becomes that statement's error, and no other's.
func (s *Service) guarded(ctx context.Context, w *work, do func(ctx context.Context, w *work) (*Outcome, error)) (out *Outcome, err error) {
	defer func() {
		if p := recover(); p != nil {
			s.o.Log.Error("statement panicked", "statement", w.id, "panic", p, "stack", string(debug.Stack()))
			out, err = nil, base.Errorf(base.Internal, "a fault in mulgil ended the statement: %v", p).WithCode("GENERIC_INTERNAL_ERROR").
				WithHint("the log has where; please report the statement")
		}
	}()
	return do(ctx, w)
}

// Codes of statements that were stopped, as Trino names them.
const (
	userCanceled = "USER_CANCELED"
	abandoned    = "ABANDONED_QUERY"
)

// Why statements are stopped from outside: through the history, and with the
// project.
var (
	errStopped = base.Errorf(base.Canceled, "query was canceled by request").WithCode(userCanceled)
	errClosing = base.Errorf(base.Canceled, "query was canceled: the project is closing").WithCode(userCanceled)
)

// Stop ends a statement, waits for its end and returns its record.
func (s *Service) Stop(ctx context.Context, id string) (history.Record, error) {
	return s.o.History.Stop(ctx, id, errStopped)
}

// ended prefers the reason why ctx ended to what came of it.
func ended(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	cause := context.Cause(ctx)
	var e *base.Error
	if errors.As(cause, &e) {
		return e
	}
	return base.Errorf(base.Canceled, "query was canceled: %w", cause).WithCode(userCanceled)
}

// running tells that the statement waits no longer.
func (w *work) running() {
	if !w.started.IsZero() {
		return
	}
	w.started = w.s.o.Clock.Now()
	w.update(func(r *history.Record) {
		at := w.started.UTC()
		r.State, r.StartedAt, r.QueuedMS = history.Running, &at, w.stats.Queued.Milliseconds()
	})
	w.recv.Running()
}

// named tells what kind of statement it is: "SELECT", "CREATE TABLE".
func (w *work) named(kind string) { w.update(func(r *history.Record) { r.Kind = kind }) }

// planned tells what the statement will read.
func (w *work) planned(b *Bound) {
	if b == nil {
		return
	}
	w.stats.ScanBytes, w.stats.ScanFiles, w.stats.TotalFiles = b.ScanBytes, b.ScanFiles, b.TotalFiles
	w.stats.ChargedBytes, w.stats.PriceUSD = Charge(b.ScanBytes)
}

func (w *work) update(change func(*history.Record)) {
	if w.s.o.History != nil {
		w.s.o.History.Update(w.id, change)
	}
}

func (w *work) begin(req Request, stop context.CancelCauseFunc) {
	if w.s.o.History == nil {
		return
	}
	w.s.o.History.Begin(history.Record{
		ID: w.id, SQL: cmp.Or(req.Shown, req.SQL), State: history.Queued, User: req.Session.User, Source: req.Session.Source,
		Catalog: req.Session.Catalog, Schema: req.Session.Schema, SubmittedAt: w.submitted.UTC(),
	}, stop)
}

func (w *work) end(out *Outcome, err error) {
	now := w.s.o.Clock.Now()
	w.stats.Elapsed = now.Sub(w.submitted)
	if err != nil {
		w.stats.ChargedBytes, w.stats.PriceUSD = 0, 0
	}
	if w.s.o.History == nil {
		return
	}
	w.s.o.History.End(w.id, func(r *history.Record) {
		at, st := now.UTC(), w.stats
		r.State, r.Error, r.EndedAt = stateOf(err), historyError(err), &at
		if out.UpdateType != "" {
			r.Kind = out.UpdateType
		}
		r.QueuedMS, r.ElapsedMS, r.CPUSeconds, r.PeakMemory = st.Queued.Milliseconds(), st.Elapsed.Milliseconds(), st.CPUSeconds, st.PeakMemory
		r.Rows, r.ScanBytes, r.ScanFiles, r.TotalFiles = st.Rows, st.ScanBytes, int64(st.ScanFiles), int64(st.TotalFiles)
		r.ChargedBytes, r.PriceUSD, r.Cached, r.ResultKey = st.ChargedBytes, st.PriceUSD, st.Cached, w.key
	})
}

func stateOf(err error) history.State {
	switch {
	case err == nil:
		return history.Succeeded
	case base.KindOf(err) == base.Canceled:
		return history.Cancelled
	}
	return history.Failed
}

func historyError(err error) *history.Error {
	if err == nil {
		return nil
	}
	out := &history.Error{Kind: base.KindOf(err).String(), Code: base.CodeOf(err), Message: err.Error(), Hint: hint(err)}
	var e *base.Error
	if errors.As(err, &e) && e.Place != nil {
		out.Line, out.Column = e.Place.Line, e.Place.Col
		if err == error(e) {
			out.Message = e.Msg
		}
	}
	return out
}
