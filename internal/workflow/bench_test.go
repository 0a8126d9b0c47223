package workflow

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/connector/sqlite"
)

func benchEngine(b *testing.B, dir string, o Options) *Engine {
	b.Helper()
	s, err := sqlite.OpenStore(dir + "/state.db")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	o.Store, o.Clock = s, base.SystemClock{}
	e, err := Open(b.Context(), o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(e.Close)
	return e
}

func nothing(context.Context, Task) (json.RawMessage, error) { return json.RawMessage(`{}`), nil }

// BenchmarkTransitions has 1,000 executions at once, each a chain of tasks;
// every event is durable before the next thing happens.
func BenchmarkTransitions(b *testing.B) {
	const executions, states = 1000, 10
	var def strings.Builder
	def.WriteString(`{"StartAt": "S0", "States": {`)
	for i := range states {
		fmt.Fprintf(&def, `"S%d": {"Type": "Task", "Resource": %q, "Next": "S%d"}, `, i, job, i+1)
	}
	fmt.Fprintf(&def, `"S%d": {"Type": "Succeed"}}}`, states)
	for b.Loop() {
		e := benchEngine(b, b.TempDir(), Options{Tasks: map[string]TaskFunc{job: nothing}})
		start := time.Now()
		errs := make(chan error, executions)
		for i := range executions {
			go func() {
				x, err := e.Start(b.Context(), StartInput{Workflow: "w", Name: fmt.Sprint(i), Definition: def.String()})
				if err == nil {
					x, err = e.Wait(b.Context(), x.ID)
				}
				if err == nil && x.Status != Succeeded {
					err = fmt.Errorf("%s %s", x.Status, str(x.Cause))
				}
				errs <- err
			}()
		}
		for range executions {
			if err := <-errs; err != nil {
				b.Fatal(err)
			}
		}
		took := time.Since(start)
		b.ReportMetric(executions*(states+1)/took.Seconds(), "states/s")
		b.ReportMetric(executions*(5*states+4)/took.Seconds(), "events/s")
		e.Close()
	}
}

// BenchmarkRecovery resumes 10,000 executions that were waiting.
func BenchmarkRecovery(b *testing.B) {
	const executions = 10_000
	dir := b.TempDir()
	definition := `{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Task", "Resource": "` + job + `", "Next": "W"}, "W": {"Type": "Wait", "Seconds": 86400, "End": true}}}`
	o := Options{Tasks: map[string]TaskFunc{job: nothing}}
	e := benchEngine(b, dir, o)
	errs := make(chan error, executions)
	for i := range executions {
		go func() {
			_, err := e.Start(b.Context(), StartInput{Workflow: "w", Name: fmt.Sprint(i), Definition: definition})
			errs <- err
		}()
	}
	for range executions {
		if err := <-errs; err != nil {
			b.Fatal(err)
		}
	}
	for waiting := 0; waiting < executions; {
		err := e.opts.Store.Reader().QueryRow(`SELECT count(*) FROM workflow_event WHERE type = 'WaitStateEntered'`).Scan(&waiting)
		if err != nil {
			b.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond)
	}
	e.Close()
	for b.Loop() {
		e := benchEngine(b, dir, o)
		start := time.Now()
		if n, err := e.ResumeAll(b.Context()); n != executions || err != nil {
			b.Fatal(n, err)
		}
		b.ReportMetric(time.Since(start).Seconds(), "s/recovery")
		e.Close()
	}
}

// BenchmarkMap works through Maps of 1,000 and 10,000 items; time and memory of
// an item must not grow with their number.
func BenchmarkMap(b *testing.B) {
	for _, mode := range []string{"INLINE", "DISTRIBUTED"} {
		for _, n := range []int{1000, 10_000} {
			b.Run(fmt.Sprintf("%s/%d", mode, n), func(b *testing.B) {
				definition := strings.Replace(distributed(`"MaxConcurrency": 40, `), "DISTRIBUTED", mode, 1)
				for b.Loop() {
					e := benchEngine(b, b.TempDir(), Options{Tasks: map[string]TaskFunc{job: nothing}, Limits: Limits{Events: -1}})
					start := time.Now()
					x, err := e.Start(b.Context(), StartInput{Workflow: "w", Definition: definition, Input: json.RawMessage(numbersTo(n))})
					if err != nil {
						b.Fatal(err)
					}
					most := uint64(0)
					done := make(chan struct{})
					go func() {
						defer close(done)
						x, err = e.Wait(b.Context(), x.ID)
					}()
					for running := true; running; {
						select {
						case <-done:
							running = false
						case <-time.After(100 * time.Millisecond):
							var m runtime.MemStats
							runtime.ReadMemStats(&m)
							most = max(most, m.HeapAlloc)
						}
					}
					if err != nil || x.Status != Succeeded {
						b.Fatal(x.Status, str(x.Cause), err)
					}
					b.ReportMetric(float64(n)/time.Since(start).Seconds(), "items/s")
					b.ReportMetric(float64(most)/float64(1<<20), "MB-heap")
					e.Close()
				}
			})
		}
	}
}
