package workflow

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
	"syscall"
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
// every event is durable before the next thing happens. Then SQLite alone
// writes the same rows, many in a transaction.
func BenchmarkTransitions(b *testing.B) {
	const executions, states = 1000, 10
	var def strings.Builder
	def.WriteString(`{"StartAt": "S0", "States": {`)
	for i := range states {
		fmt.Fprintf(&def, `"S%d": {"Type": "Task", "Resource": %q, "Next": "S%d"}, `, i, job, i+1)
	}
	fmt.Fprintf(&def, `"S%d": {"Type": "Succeed"}}}`, states)
	for b.Loop() {
		dir := b.TempDir()
		e := benchEngine(b, dir, Options{Tasks: map[string]TaskFunc{job: nothing}})
		start, cpu := time.Now(), cpuTime()
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
		const entered, events = executions * (states + 1), executions * (5*states + 4)
		b.ReportMetric(entered/took.Seconds(), "states/s")
		b.ReportMetric(events/took.Seconds(), "events/s")
		b.ReportMetric(float64((cpuTime()-cpu).Microseconds())/entered, "cpu-µs/state")
		e.Close()
		b.ReportMetric(rawInserts(b, dir), "raw-rows/s")
	}
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// rawInserts writes the events of dir's store into a new database beside it as
// fast as SQLite takes them with synchronous=FULL: 1,280 rows a transaction,
// about what 256 executions write together, by one prepared statement.
func rawInserts(b *testing.B, dir string) (rowsPerSecond float64) {
	b.Helper()
	must := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	from, err := sqlite.OpenStore(dir + "/state.db")
	must(err)
	defer from.Close()
	rows, err := from.Reader().Query(`SELECT * FROM workflow_event ORDER BY seq, execution`)
	must(err)
	defer rows.Close()
	var list [][]any
	for rows.Next() {
		row, to := make([]any, 10), make([]any, 10)
		for i := range row {
			to[i] = &row[i]
		}
		must(rows.Scan(to...))
		list = append(list, row)
	}
	must(rows.Err())
	var table string
	must(from.Reader().QueryRow(`SELECT sql FROM sqlite_schema WHERE name = 'workflow_event'`).Scan(&table))
	db, err := sql.Open("sqlite", sqlite.DSN(dir+"/raw.db", "journal_mode(WAL)", "synchronous(FULL)"))
	must(err)
	defer db.Close()
	db.SetMaxOpenConns(1)
	_, err = db.Exec(strings.Replace(table, "REFERENCES workflow_execution", "", 1))
	must(err)
	start := time.Now()
	for part := range slices.Chunk(list, 1280) {
		tx, err := db.Begin()
		must(err)
		st, err := tx.Prepare(`INSERT INTO workflow_event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
		must(err)
		for _, row := range part {
			_, err = st.Exec(row...)
			must(err)
		}
		must(st.Close())
		must(tx.Commit())
	}
	return float64(len(list)) / time.Since(start).Seconds()
}

// BenchmarkExpress runs EXPRESS executions of five states, two at a time.
func BenchmarkExpress(b *testing.B) {
	definition := `{"StartAt": "S0", "States": {` + chain(4) + `"S4": {"Type": "Succeed"}}}`
	e := benchEngine(b, b.TempDir(), Options{})
	b.SetParallelism(1)
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			x, err := e.RunExpress(b.Context(), StartInput{Workflow: "w", Definition: definition, Input: json.RawMessage(`{"a": 1}`)})
			if err != nil || x.Status != Succeeded {
				b.Error(x.Status, str(x.Cause), err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "executions/s")
}

// chain is n Pass states, the last leading to the state Sn.
func chain(n int) string {
	var def strings.Builder
	for i := range n {
		fmt.Fprintf(&def, `"S%d": {"Type": "Pass", "Next": "S%d"}, `, i, i+1)
	}
	return def.String()
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

// generated is an object storage with one file, the numbers to n; what is
// written goes nowhere.
type generated int

func (n generated) Open(context.Context, string, string) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader(numbersTo(int(n)))), nil
}
func (generated) List(context.Context, string, string, func(Object) error) error { return nil }
func (generated) Write(context.Context, string, string, []byte) error            { return nil }

// BenchmarkMap works through Maps of many items: inline ones from the input,
// distributed ones from a file to files. Time and memory of an item must not
// grow with their number. Each case wants a process of its own, since the
// resident size is the greatest there ever was.
func BenchmarkMap(b *testing.B) {
	for _, c := range []struct {
		mode, config, input string
		items               int
	}{
		{"INLINE", `"MaxConcurrency": 40, `, numbersTo(1000), 1000},
		{"INLINE", `"MaxConcurrency": 40, `, numbersTo(10_000), 10_000},
		{"DISTRIBUTED", fromFileToFiles, "{}", 1000},
		{"DISTRIBUTED", fromFileToFiles, "{}", 10_000},
		{"DISTRIBUTED", fromFileToFiles, "{}", 100_000},
	} {
		b.Run(fmt.Sprintf("%s/%d", c.mode, c.items), func(b *testing.B) {
			definition := strings.Replace(distributed(c.config), "DISTRIBUTED", c.mode, 1)
			for b.Loop() {
				e := benchEngine(b, b.TempDir(), Options{Tasks: map[string]TaskFunc{job: nothing}, Objects: generated(c.items), Limits: Limits{Events: -1}})
				live := mostLive()
				start := time.Now()
				x, err := e.Start(b.Context(), StartInput{Workflow: "w", Definition: definition, Input: json.RawMessage(c.input)})
				if err == nil {
					x, err = e.Wait(b.Context(), x.ID)
				}
				if err != nil || x.Status != Succeeded {
					b.Fatal(x.Status, str(x.Cause), err)
				}
				b.ReportMetric(float64(c.items)/time.Since(start).Seconds(), "items/s")
				b.ReportMetric(live()/1e6, "MB-live")
				b.ReportMetric(mostResident(b)/1e6, "MB-resident")
				e.Close()
			}
		})
	}
}

const fromFileToFiles = `"MaxConcurrency": 400, "ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSON"}, "Parameters": {"Bucket": "b", "Key": "in.json"}},
	"ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b", "Prefix": "out"}}, `

// mostLive watches the live heap; the returned function ends that and tells the
// most there was, in bytes.
func mostLive() func() float64 {
	stop, most := make(chan struct{}), make(chan float64)
	go func() {
		sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		peak := uint64(0)
		for ticks := time.Tick(20 * time.Millisecond); ; {
			metrics.Read(sample)
			peak = max(peak, sample[0].Value.Uint64())
			select {
			case <-stop:
				most <- float64(peak)
				return
			case <-ticks:
			}
		}
	}()
	return func() float64 {
		close(stop)
		return <-most
	}
}

// mostResident is the process's greatest resident size so far, in bytes.
func mostResident(b *testing.B) float64 {
	b.Helper()
	text, err := os.ReadFile("/proc/self/status") // getrusage tells of the process before exec, too
	if err != nil {
		b.Skip(err)
	}
	_, after, _ := strings.Cut(string(text), "VmHWM:")
	kilobytes, err := strconv.ParseFloat(strings.Fields(after)[0], 64)
	if err != nil {
		b.Fatal(err)
	}
	return kilobytes * 1024
}
