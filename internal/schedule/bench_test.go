package schedule

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/connector/sqlite"
	"github.com/mulgil/mulgil/internal/lang/cron"
	"github.com/mulgil/mulgil/internal/lang/dates"
)

// bench is a project's state with a clock the test turns and a starter that
// keeps its runs in the same store.
type bench struct {
	t     *testing.T
	store *sqlite.Store
	clock *base.FakeClock
	list  []*Schedule
	*Service
	stop func() // ends Run and waits for it

	mu     sync.Mutex // guards what follows
	refuse error      // what Start answers
	before func(context.Context) error
	after  func(context.Context) error
	ends   map[string]chan Outcome // by run; nil: runs succeed at once
	hold   bool                    // runs end when the test says so
	left   Outcome                 // how runs of an earlier process ended
	inputs []string
	passed time.Duration            // what the clock was advanced by
	wakes  map[string]time.Duration // when each runner looks again
}

func newBench(t *testing.T, now string, list ...*Schedule) *bench {
	t.Helper()
	store, err := sqlite.OpenStore(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	b := &bench{t: t, store: store, clock: base.NewFakeClock(at(t, now)), list: list, ends: map[string]chan Outcome{}}
	err = store.Update(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.Exec(`CREATE TABLE run (id TEXT PRIMARY KEY, name TEXT NOT NULL)`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func at(t testing.TB, text string) time.Time {
	t.Helper()
	x, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// every is a schedule of a workflow in a zone.
func every(t testing.TB, name, expression, zone string) *Schedule {
	t.Helper()
	e, err := cron.Parse(expression)
	if err != nil {
		t.Fatal(err)
	}
	z, err := cron.LoadZone(zone)
	if err != nil {
		t.Fatal(err)
	}
	return &Schedule{Name: name, Expression: e, Zone: z, Target: Target{Workflow, "flow"}, Retries: 185, Age: 24 * time.Hour, CatchUp: Last, Enabled: true}
}

func template(t testing.TB, text string) dates.Template {
	t.Helper()
	tpl, err := dates.ParseTemplate(text)
	if err != nil {
		t.Fatal(err)
	}
	return tpl
}

// up starts the scheduler as a new process would.
func (b *bench) up() {
	b.t.Helper()
	s, err := Open(b.t.Context(), Options{Store: b.store, Clock: b.clock, Starter: b, Schedules: b.list})
	if err != nil {
		b.t.Fatal(err)
	}
	b.Service = s
	s.looked = func(name string, wait time.Duration) { b.set(func() { b.wakes[name] = b.passed + wait }) }
	b.set(func() { b.wakes = map[string]time.Duration{} })
	ctx, cancel := context.WithCancel(b.t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	b.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			b.t.Error(err)
		}
	})
	b.t.Cleanup(b.stop)
	b.allWait()
}

// allWait returns when every runner has done what is due.
func (b *bench) allWait() {
	b.t.Helper()
	b.eventually("every runner waits", func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		n := 0
		for _, at := range b.wakes {
			if at > b.passed {
				n++
			}
		}
		return n == len(b.list)
	})
}

// down ends it as a process that dies does: nothing is told to anyone.
func (b *bench) down() { b.stop() }

func (b *bench) eventually(what string, ok func() bool) {
	b.t.Helper()
	for end := time.Now().Add(10 * time.Second); !ok(); time.Sleep(100 * time.Microsecond) {
		if time.Now().After(end) {
			b.t.Fatalf("never: %s; runs are\n%s\nfires are\n%s", what, b.runs(), b.fires())
		}
	}
}

// turn advances the clock by d in steps no longer than step, each once the
// runners have done what was due.
func (b *bench) turn(d, step time.Duration) {
	b.t.Helper()
	for ; d > 0; d -= step {
		b.set(func() {
			b.passed += min(d, step)
			b.clock.Advance(min(d, step))
		})
		b.allWait()
	}
}

// want waits until the runs are those named, and no others.
func (b *bench) want(names ...string) {
	b.t.Helper()
	want := strings.Join(names, "\n")
	b.eventually("runs\n"+want, func() bool { return b.runs() == want })
}

// runs are the names of all runs ever started, in order of their names.
func (b *bench) runs() string {
	rows, err := b.store.Reader().Query(`SELECT name FROM run ORDER BY name`)
	if err != nil {
		b.t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			b.t.Fatal(err)
		}
		out = append(out, name)
	}
	return strings.Join(out, "\n")
}

// fires are all fires, oldest first: time, state, attempts, what was missed.
func (b *bench) fires() string {
	list, err := queryFires(b.t.Context(), b.store.Reader(), `ORDER BY nominal, schedule, manual`)
	if err != nil {
		b.t.Fatal(err)
	}
	var out []string
	for _, f := range list {
		s := fmt.Sprintf("%s %s %s", f.Schedule, f.Nominal.Format(time.RFC3339), f.State)
		if f.CatchUp {
			s += " catch-up"
		}
		if f.Attempts > 1 {
			s += fmt.Sprintf(" %d attempts", f.Attempts)
		}
		if f.Missed > 0 {
			s += fmt.Sprintf(" %d missed", f.Missed)
		}
		out = append(out, s)
	}
	return strings.Join(out, "\n")
}

func (b *bench) wantFires(lines ...string) {
	b.t.Helper()
	want := strings.Join(lines, "\n")
	b.eventually("fires\n"+want, func() bool { return b.fires() == want })
}

func (b *bench) set(change func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change()
}

// Start implements Starter.
func (b *bench) Start(ctx context.Context, c Call, record func(tx *sql.Tx, run string) error) (string, error) {
	b.mu.Lock()
	refuse, before, after := b.refuse, b.before, b.after
	b.inputs = append(b.inputs, string(c.Input))
	if b.hold {
		b.ends[c.ID] = make(chan Outcome, 1)
	}
	b.mu.Unlock()
	if refuse != nil {
		return "", refuse
	}
	if before != nil {
		if err := before(ctx); err != nil {
			return "", err
		}
	}
	err := b.store.Update(ctx, func(tx *sql.Tx) error {
		if r, err := tx.Exec(`INSERT INTO run VALUES (?, ?) ON CONFLICT DO NOTHING`, c.ID, c.RunName); err != nil {
			return err
		} else if n, err := r.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return record(tx, c.ID)
	})
	if err == nil && after != nil {
		err = after(ctx)
	}
	return c.ID, err
}

// Wait implements Starter.
func (b *bench) Wait(ctx context.Context, t Target, run string, left bool) (Outcome, string, error) {
	b.mu.Lock()
	end, outcome := b.ends[run], b.left
	b.mu.Unlock()
	if left {
		return outcome, "", nil
	}
	if end == nil {
		return RunSucceeded, "", nil
	}
	select {
	case o := <-end:
		return o, "because", nil
	case <-ctx.Done():
		return 0, "", ctx.Err()
	}
}

// end ends a held run.
func (b *bench) end(run string, o Outcome) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ends[run] <- o
}

func (b *bench) allInputs() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.inputs)
}
