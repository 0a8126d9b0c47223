package crawl

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake/external"
	"github.com/mulgil/mulgil/internal/port"
)

// Options are what a Service works with. State, Tables and Resolve are required.
type Options struct {
	State  port.Store
	Tables *external.Store
	// Managed knows the lake's own tables; nil means there are none.
	Managed Managed
	// Resolve makes a URI (s3://bucket/…) an absolute local path.
	Resolve func(uri string) (string, error)
	// FS is OS if nil.
	FS FS
	// Clock is the system's if nil.
	Clock base.Clock
	// Log is discarded if nil.
	Log *slog.Logger
	// Definitions are the project's crawlers.
	Definitions []Definition
	// StoppingFor is how long a crawler stays STOPPING after a crawl; 0 means not at all.
	StoppingFor time.Duration
	// Unscheduled tells whether a crawler's schedule is switched off; nil means none is.
	Unscheduled func(ctx context.Context, crawler string) bool
	// SampleFiles bounds the files opened per folder; 0 means 16.
	SampleFiles int
}

// Service runs crawlers. Safe for concurrent use.
type Service struct {
	o     Options
	state state
	quit  chan struct{}
	idle  sync.WaitGroup

	mu     sync.Mutex // guards what follows
	defs   map[string]Definition
	active map[string]*crawl // by crawler
	closed bool
}

// crawl is a run in flight.
type crawl struct {
	id     string
	cancel context.CancelCauseFunc
	worked chan struct{} // closed when the run's end is recorded
	done   chan struct{} // closed when the crawler is READY again
}

var (
	errStopped = errors.New("stopped")
	errClosed  = errors.New("owner stopped")
)

// New records the definitions and makes READY what a dead owner left running.
// Only the project's owner may call it. Close ends running crawls.
func New(ctx context.Context, o Options) (*Service, error) {
	if o.Managed == nil {
		o.Managed = noManaged{}
	}
	if o.FS == nil {
		o.FS = OS{}
	}
	if o.Clock == nil {
		o.Clock = base.SystemClock{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.SampleFiles <= 0 {
		o.SampleFiles = 16
	}
	s := &Service{o: o, state: state{o.State}, quit: make(chan struct{}), active: map[string]*crawl{}}
	if err := o.State.Migrate(ctx, "crawler", migrations); err != nil {
		return nil, fmt.Errorf("crawlers: %w", err)
	}
	if err := s.state.recover(ctx, o.Clock.Now()); err != nil {
		return nil, fmt.Errorf("recover crawlers: %w", err)
	}
	return s, s.Define(ctx, o.Definitions)
}

type noManaged struct{}

func (noManaged) Under(context.Context, string) ([]ManagedTable, error) { return nil, nil }

// Define replaces the definitions; a changed one gets a new version. Crawls in
// flight go on with the definition they began with. All mistakes are reported
// at once, and then nothing changes.
func (s *Service) Define(ctx context.Context, defs []Definition) error {
	var bad base.Errors
	next := map[string]Definition{}
	for _, d := range defs {
		d = d.withDefaults()
		var e *base.Error
		if err := d.check(); errors.As(err, &e) {
			bad = append(bad, e)
		}
		if _, twice := next[d.Name]; twice {
			bad = append(bad, base.Errorf(base.Invalid, "crawler %q is defined twice", d.Name))
		}
		next[d.Name] = d
	}
	if err := bad.Err(); err != nil {
		return err
	}
	for _, d := range next {
		if err := s.state.define(ctx, d, s.o.Clock.Now()); err != nil {
			return fmt.Errorf("define crawler %s: %w", d.Name, err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.defs = next
	return nil
}

func (s *Service) definition(name string) (Definition, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, ok := s.defs[name]
	if !ok {
		return d, unknown(name)
	}
	return d, nil
}

// Start begins a crawl and returns its id at once. Errors: code
// CrawlerRunningException (base.Conflict) unless READY, EntityNotFoundException
// (base.NotFound) if unknown. The crawl outlives ctx.
func (s *Service) Start(ctx context.Context, name string) (string, error) {
	return s.StartAnd(ctx, name, func(*sql.Tx, string) error { return nil })
}

// StartAnd is Start, with also done in the transaction that records the run;
// its error undoes the record.
func (s *Service) StartAnd(ctx context.Context, name string, also func(tx *sql.Tx, run string) error) (string, error) {
	def, err := s.definition(name)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return "", base.Errorf(base.Unavailable, "start crawler %q: %w", name, errClosed)
	case s.active[name] != nil:
		return "", running(name)
	}
	r := Run{ID: uuid.NewString(), Crawler: name, Started: s.o.Clock.Now().UTC(), Status: Running, Log: []string{}}
	if err := s.state.begin(ctx, r, also); err != nil {
		return "", fmt.Errorf("start crawler %s: %w", name, err)
	}
	runCtx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	c := &crawl{id: r.ID, cancel: cancel, worked: make(chan struct{}), done: make(chan struct{})}
	s.active[name] = c
	s.idle.Add(1)
	go s.run(runCtx, c, def, r)
	return r.ID, nil
}

// Stop asks a running crawler to end; it is STOPPING and then READY with its
// last crawl CANCELLED. Errors: codes CrawlerNotRunningException,
// CrawlerStoppingException, EntityNotFoundException.
func (s *Service) Stop(ctx context.Context, name string) error {
	if _, err := s.definition(name); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.active[name]
	if c == nil {
		return base.Errorf(base.Conflict, "crawler %q is not running", name).WithCode("CrawlerNotRunningException")
	}
	r, err := s.state.get(s.o.State.Reader(), name)
	if err != nil {
		return err
	}
	if r.state == Stopping {
		return base.Errorf(base.Conflict, "crawler %q is stopping already", name).WithCode("CrawlerStoppingException")
	}
	if err := s.state.set(ctx, name, c.id, Stopping); err != nil {
		return fmt.Errorf("stop crawler %s: %w", name, err)
	}
	c.cancel(errStopped)
	return nil
}

// Get describes one crawler; EntityNotFoundException if it is unknown.
func (s *Service) Get(ctx context.Context, name string) (Crawler, error) {
	def, err := s.definition(name)
	if err != nil {
		return Crawler{}, err
	}
	for {
		before, err := s.state.get(s.o.State.Reader(), name)
		if err != nil {
			return Crawler{}, err
		}
		runs, err := s.state.runs(ctx, name, 2)
		if err != nil {
			return Crawler{}, err
		}
		after, err := s.state.get(s.o.State.Reader(), name)
		if err != nil {
			return Crawler{}, err
		}
		if before == after { // else a crawl moved on in between, and the parts would not belong together
			c := describe(def, after, runs, s.o.Clock.Now())
			if c.Schedule != nil && s.o.Unscheduled != nil && s.o.Unscheduled(ctx, name) {
				c.Schedule.State = "NOT_SCHEDULED"
			}
			return c, nil
		}
	}
}

// List describes every crawler, by name.
func (s *Service) List(ctx context.Context) ([]Crawler, error) {
	s.mu.Lock()
	var names []string
	for name := range s.defs {
		names = append(names, name)
	}
	s.mu.Unlock()
	slices.Sort(names)
	out := make([]Crawler, 0, len(names))
	for _, name := range names {
		c, err := s.Get(ctx, name)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// Runs returns a crawler's newest 100 runs, newest first.
func (s *Service) Runs(ctx context.Context, name string) ([]Run, error) {
	if _, err := s.definition(name); err != nil {
		return nil, err
	}
	return s.state.runs(ctx, name, 100)
}

// Expire removes the runs that ended before t, except each crawler's newest.
func (s *Service) Expire(ctx context.Context, t time.Time) error { return s.state.expire(ctx, t) }

// Plan tells what a crawl would do, without doing it.
func (s *Service) Plan(ctx context.Context, name string) (Diff, error) {
	def, err := s.definition(name)
	if err != nil {
		return Diff{}, err
	}
	p, err := s.plan(ctx, def)
	if err != nil {
		return Diff{}, fmt.Errorf("crawler %s: %w", name, err)
	}
	return p.diff, nil
}

// Wait returns a run once its crawler is READY again, or with ctx's error.
func (s *Service) Wait(ctx context.Context, runID string) (Run, error) {
	s.mu.Lock()
	var done chan struct{}
	for _, c := range s.active {
		if c.id == runID {
			done = c.done
		}
	}
	s.mu.Unlock()
	if done != nil {
		select {
		case <-done:
		case <-ctx.Done():
			return Run{}, ctx.Err()
		}
	}
	return s.state.run(ctx, runID)
}

// Drain waits until the crawls running now have done their work, or for ctx to
// end. It does not wait for them to be READY.
func (s *Service) Drain(ctx context.Context) error {
	s.mu.Lock()
	var all []*crawl
	for _, c := range s.active {
		all = append(all, c)
	}
	s.mu.Unlock()
	for _, c := range all {
		select {
		case <-c.worked:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// Close cancels running crawls (FAILED, "owner stopped") and waits for them. Safe to call twice.
func (s *Service) Close() error {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.quit)
		for _, c := range s.active {
			c.cancel(errClosed)
		}
	}
	s.mu.Unlock()
	s.idle.Wait()
	return nil
}

// run is a crawl's goroutine: RUNNING, STOPPING, READY.
func (s *Service) run(ctx context.Context, c *crawl, def Definition, r Run) {
	defer s.idle.Done()
	s.o.Log.Info("crawl started", "crawler", def.Name, "run", r.ID)
	keep := context.WithoutCancel(ctx)
	p, err := s.crawl(ctx, def, &r)
	if err == nil {
		err = s.state.remember(keep, def.Name, p.seen, def.Recrawl == CrawlEverything)
	}
	conclude(&r, p, err, context.Cause(ctx), s.o.Clock.Now())
	if err := s.state.finish(keep, r); err != nil {
		s.o.Log.Error("crawl's end not recorded", "crawler", def.Name, "run", r.ID, "error", err)
	}
	close(c.worked)
	s.o.Log.Info("crawl ended", "crawler", def.Name, "run", r.ID, "status", r.Status, "error", r.Error)
	if s.o.StoppingFor > 0 {
		select {
		case <-s.o.Clock.After(s.o.StoppingFor):
		case <-s.quit:
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.state.set(keep, def.Name, r.ID, Ready); err != nil {
		s.o.Log.Error("crawler's state not recorded", "crawler", def.Name, "run", r.ID, "error", err)
	}
	delete(s.active, def.Name)
	c.cancel(nil)
	close(c.done)
}

// crawl plans and applies. A panic is a failed crawl, not a dead process.
func (s *Service) crawl(ctx context.Context, def Definition, r *Run) (p *plan, err error) {
	defer func() {
		if x := recover(); x != nil {
			err = base.Errorf(base.Internal, "crawl: panic: %v", x)
		}
	}()
	if p, err = s.plan(ctx, def); err != nil {
		r.Log = append(r.Log, p.notes.lines...)
		return nil, err
	}
	return p, s.apply(ctx, p, r)
}

// conclude fills in a run's end.
func conclude(r *Run, p *plan, err, cause error, now time.Time) {
	end := now.UTC()
	r.Ended, r.Status = &end, Succeeded
	if p != nil {
		r.Diff, r.FilesSeen = &p.diff, p.diff.Files
		r.Log = append(r.Log, p.notes.lines...)
		r.Log = append(r.Log, strings.Split(strings.TrimRight(p.diff.String(), "\n"), "\n")...)
	}
	switch {
	case err == nil:
	case errors.Is(cause, errStopped):
		r.Status = Cancelled
	case errors.Is(cause, errClosed):
		r.Status, r.Error = Failed, errClosed.Error()
	default:
		r.Status, r.Error = Failed, err.Error()
	}
	if r.Error != "" {
		r.Log = append(r.Log, "ERROR "+r.Error)
	}
}
