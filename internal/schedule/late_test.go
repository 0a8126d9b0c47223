package schedule

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"database/sql"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/connector/sqlite"
	"github.com/mulgil/mulgil/internal/lang/cron"
)

// recorder starts nothing: it only makes the record durable.
type recorder struct{ store *sqlite.Store }

func (r recorder) Start(ctx context.Context, c Call, record func(tx *sql.Tx, run string) error) (string, error) {
	return c.ID, r.store.Update(ctx, func(tx *sql.Tx) error { return record(tx, c.ID) })
}

func (recorder) Wait(context.Context, Target, string, bool) (Outcome, string, error) {
	return RunSucceeded, "", nil
}

// BenchmarkLateness measures, by the machine's clock, how long after its
// nominal time a fire's run is recorded: 200 schedules over four seconds, 50 of
// them at each instant.
func BenchmarkLateness(b *testing.B) {
	store, err := sqlite.OpenStore(filepath.Join(b.TempDir(), "state.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	var late []time.Duration
	for range b.N {
		o := Options{Store: store, Clock: base.SystemClock{}, Starter: recorder{store}}
		start := time.Now().Add(2 * time.Second).Truncate(time.Second)
		for i := range 200 {
			e, err := cron.Parse(start.Add(time.Duration(i%4) * time.Second).UTC().Format("at(2006-01-02T15:04:05)"))
			if err != nil {
				b.Fatal(err)
			}
			o.Schedules = append(o.Schedules, &Schedule{Name: fmt.Sprint("s", i), Expression: e, Zone: time.UTC, CatchUp: Last, Enabled: true})
		}
		s, err := Open(b.Context(), o)
		if err != nil {
			b.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(b.Context(), 6*time.Second)
		err = s.Run(ctx)
		cancel()
		if err != nil {
			b.Fatal(err)
		}
		fires, err := s.Fires(b.Context(), "", 0)
		if err != nil {
			b.Fatal(err)
		}
		for _, f := range fires {
			late = append(late, f.Started.Sub(f.Nominal))
		}
	}
	if len(late) < 200 {
		b.Fatalf("only %d fires", len(late))
	}
	slices.Sort(late)
	b.ReportMetric(float64(late[len(late)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(late[len(late)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(late[len(late)-1].Microseconds())/1000, "max-ms")
}
