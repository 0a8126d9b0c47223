package schedule

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
)

// Options are what a Service works with.
type Options struct {
	// Store is state.db.
	Store port.Store
	// Clock is the system's if nil.
	Clock base.Clock
	// Log is discarded if nil.
	Log     *slog.Logger
	Starter Starter
	// Schedules are the project's. Names are unique.
	Schedules []*Schedule
	// Told, if set, hears of every occasion that a Notify can name.
	Told func(ctx context.Context, occasion string, f Fire)
}

// Service keeps schedules and, while Run runs, fires them. Safe for concurrent use.
type Service struct {
	o    Options
	idle sync.WaitGroup // runs waited for
	// looked hears when a runner has done what was due and how long it waits.
	looked func(name string, wait time.Duration)

	mu      sync.Mutex // guards runners and running
	runners map[string]*runner
	running bool
}

// Open prepares the tables. Nothing fires before Run.
func Open(ctx context.Context, o Options) (*Service, error) {
	if o.Clock == nil {
		o.Clock = base.SystemClock{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if err := o.Store.Migrate(ctx, "schedule", migrations); err != nil {
		return nil, err
	}
	return &Service{o: o, runners: map[string]*runner{}, looked: func(string, time.Duration) {}}, nil
}

// now is the wall clock, in whole microseconds as it is stored.
func (s *Service) now() time.Time { return s.o.Clock.Now().UTC().Truncate(time.Microsecond) }

// Run fires the schedules until ctx ends and returns once all it began has
// been handed over. Only the project's owner may call it, and only once at a time.
func (s *Service) Run(ctx context.Context) error {
	s.mu.Lock()
	if s.running {
		s.mu.Unlock()
		return base.Errorf(base.Conflict, "the schedules run already")
	}
	s.running = true
	s.mu.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	defer func() {
		cancel()
		s.idle.Wait()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.running, s.runners = false, map[string]*runner{}
	}()
	if err := s.settle(ctx); err != nil {
		return err
	}
	var all []*runner
	for _, d := range s.o.Schedules {
		r, err := s.runner(ctx, d)
		if err != nil {
			return err
		}
		all = append(all, r)
	}
	for _, r := range all {
		s.idle.Go(func() { r.loop(ctx) })
	}
	<-ctx.Done()
	return nil
}

// settle gives up waiting fires whose schedule is gone.
func (s *Service) settle(ctx context.Context) error {
	open, err := queryFires(ctx, s.o.Store.Reader(), `WHERE state = ?`, Waiting)
	if err != nil {
		return err
	}
	for _, f := range open {
		if s.find(f.Schedule) != nil {
			continue
		}
		f.State, f.Error, f.Ended = Dropped, "the schedule is not in the project any more", s.now()
		if err := s.o.Store.Update(ctx, func(tx *sql.Tx) error { return updateFire(tx, &f, Waiting) }); err != nil {
			return err
		}
	}
	return nil
}

// Expire removes settled fires of nominal times before t, in small transactions.
func (s *Service) Expire(ctx context.Context, t time.Time) error {
	return port.Prune(ctx, s.o.Store, `schedule_fire WHERE (schedule, nominal, manual) IN (SELECT schedule, nominal, manual FROM schedule_fire
		WHERE nominal < ? AND state NOT IN ('WAITING', 'STARTED') LIMIT ?)`, micros(t))
}

func (s *Service) find(name string) *Schedule {
	for _, d := range s.o.Schedules {
		if d.Name == name {
			return d
		}
	}
	return nil
}

// get finds a schedule by name; base.NotFound if there is none.
func (s *Service) get(name string) (*Schedule, error) {
	if d := s.find(name); d != nil {
		return d, nil
	}
	return nil, base.Errorf(base.NotFound, "no schedule %q in this project", name).WithCode("ResourceNotFoundException").
		WithHint("mulgil schedule list lists them")
}

// Info is a schedule with where it stands.
type Info struct {
	*Schedule
	// Enabled is whether it fires: as declared, or as switched by hand.
	Enabled bool
	// Next is the nominal time to come, zero if there is none or it is disabled.
	Next time.Time
	// Last is its newest fire, nil if there is none.
	Last *Fire
}

// List tells of every schedule, in the project's order.
func (s *Service) List(ctx context.Context) ([]Info, error) {
	var out []Info
	for _, d := range s.o.Schedules {
		i, err := s.info(ctx, d)
		if err != nil {
			return nil, err
		}
		out = append(out, i)
	}
	return out, nil
}

// Get tells of one schedule.
func (s *Service) Get(ctx context.Context, name string) (Info, error) {
	d, err := s.get(name)
	if err != nil {
		return Info{}, err
	}
	return s.info(ctx, d)
}

func (s *Service) info(ctx context.Context, d *Schedule) (Info, error) {
	e, known, err := readEntry(ctx, s.o.Store.Reader(), d)
	if err != nil {
		return Info{}, err
	}
	i := Info{Schedule: d, Enabled: e.enabled}
	if e.enabled {
		i.Next, _ = d.next(s.now(), s.anchor(e, known))
	}
	last, err := queryFires(ctx, s.o.Store.Reader(), `WHERE schedule = ? ORDER BY nominal DESC, manual DESC LIMIT 1`, d.Name)
	if len(last) > 0 {
		i.Last = &last[0]
	}
	return i, err
}

// anchor is where a rate counts from; of a schedule not yet seen, now.
func (s *Service) anchor(e entry, known bool) time.Time {
	if known {
		return e.anchor
	}
	return s.now()
}

// Upcoming is a nominal time to come.
type Upcoming struct {
	Schedule string
	Time     time.Time
	// Zone is the one the schedule's expression is read in.
	Zone *time.Location
}

// Next tells the n first nominal times to come, of one schedule or, if name is
// empty, of all that are enabled.
func (s *Service) Next(ctx context.Context, name string, n int) ([]Upcoming, error) {
	list := s.o.Schedules
	if name != "" {
		d, err := s.get(name)
		if err != nil {
			return nil, err
		}
		list = []*Schedule{d}
	}
	now := s.now()
	var out []Upcoming
	for _, d := range list {
		e, known, err := readEntry(ctx, s.o.Store.Reader(), d)
		if err != nil {
			return nil, err
		}
		if !e.enabled && name == "" {
			continue
		}
		anchor := s.anchor(e, known)
		t, ok := d.next(now, anchor)
		for i := 0; ok && i < n; i++ {
			out = append(out, Upcoming{d.Name, t, d.Location()})
			t, ok = d.next(t, anchor)
		}
	}
	slices.SortStableFunc(out, func(a, b Upcoming) int { return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Schedule, b.Schedule)) })
	return out[:min(n, len(out))], nil
}

// Fires reads fires, the newest nominal time first: of one schedule, or of all
// if name is empty. limit 0 means all.
func (s *Service) Fires(ctx context.Context, name string, limit int) ([]Fire, error) {
	if limit <= 0 {
		limit = -1
	}
	return queryFires(ctx, s.o.Store.Reader(), `WHERE ?1 = '' OR schedule = ?1 ORDER BY nominal DESC, manual DESC, schedule LIMIT ?2`, name, limit)
}

// SetEnabled switches a schedule on or off until the project's file says
// otherwise. Times that pass while it is off are not made up for.
func (s *Service) SetEnabled(ctx context.Context, name string, on bool) (Info, error) {
	d, err := s.get(name)
	if err != nil {
		return Info{}, err
	}
	if _, err := s.register(ctx, d); err != nil {
		return Info{}, err
	}
	now := s.now()
	err = s.o.Store.Update(ctx, func(tx *sql.Tx) error {
		e, _, err := readEntry(ctx, tx, d)
		if err != nil || e.enabled == on {
			return err
		}
		if _, err := tx.Exec(`UPDATE schedule SET declared = ?, switched = ? WHERE name = ?`, d.Enabled, on, name); err != nil || !on {
			return err
		}
		return moveCursor(tx, name, now)
	})
	if err != nil {
		return Info{}, fmt.Errorf("switch schedule %s: %w", name, err)
	}
	s.mu.Lock()
	if r := s.runners[name]; r != nil {
		r.reload()
	}
	s.mu.Unlock()
	return s.info(ctx, d)
}

// Call starts a schedule's target by hand, as if it had fired at nominal; zero
// means now. A start that fails is not tried again. The fire is returned once its run is durable;
// Wait tells how it ended.
func (s *Service) Call(ctx context.Context, name string, nominal time.Time) (Fire, error) {
	d, err := s.get(name)
	if err != nil {
		return Fire{}, err
	}
	now := s.now()
	if nominal.IsZero() {
		nominal = now.Truncate(time.Second)
	}
	f := Fire{Schedule: name, Nominal: nominal.UTC(), Manual: now, Target: d.Target, Attempts: 1, First: now}
	err = s.start(ctx, d, &f, "", func(*sql.Tx) error { return nil })
	return f, err
}

// Wait returns a fire when its run is over.
func (s *Service) Wait(ctx context.Context, f Fire) (Fire, error) {
	outcome, reason, err := s.o.Starter.Wait(ctx, f.Target, f.Run, false)
	if err != nil {
		return f, err
	}
	return f, s.end(ctx, &f, outcome, reason)
}

// end records how a started fire's run ended.
func (s *Service) end(ctx context.Context, f *Fire, o Outcome, reason string) error {
	f.State, f.Ended, f.Error = Succeeded, s.now(), reason
	if o != RunSucceeded {
		f.State = Failed
	}
	err := s.o.Store.Update(ctx, func(tx *sql.Tx) error { return updateFire(tx, f, Started) })
	if errors.Is(err, errTaken) { // recorded by whoever waited too
		err = nil
	}
	return err
}
