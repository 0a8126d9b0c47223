package crash

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// TestKilledWorkflowsEndAsIfNothingHappened kills the owner at random moments,
// MULGIL_WORKFLOW_KILLS times (7 by default), while executions of the project in
// testdata/flows and its schedules are at work: Parallel, Maps of both kinds,
// Wait, Retry, a loop, a nested execution, a job, functions, messages and
// counters. All must end as in a project that nobody killed, and the ledger
// that the functions keep outside the program must agree with the histories.
func TestKilledWorkflowsEndAsIfNothingHappened(t *testing.T) {
	kills := number(t, "MULGIL_WORKFLOW_KILLS", 7)
	begun := time.Now()
	calm, f := newFlows(t, 0), newFlows(t, kills)
	for v := range variants {
		calm.wanted = append(calm.wanted, wanted{fmt.Sprint("calm-", v), v})
	}
	quiet := calm.live(context.Background())
	calm.startMissing(quiet)

	random := rand.New(rand.NewPCG(20140101, 11))
	for range kills {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(random.Float64()*float64(3500*time.Millisecond)))
		f.life(ctx)
		cancel()
	}
	up := f.live(context.Background())
	for deadline := time.Now().Add(2 * time.Minute); !f.over(up) || !calm.over(quiet); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("after %d kills not all is over: %v; undisturbed: %v", kills, f.open(), calm.open())
		}
	}
	f.checkSchedules()
	f.checkEffects()
	up.down(t)
	quiet.down(t)
	want := map[int]string{}
	for x, output := range calm.outputs() {
		want[x.variant] = output
	}
	for x, got := range f.outputs() {
		if want[x.variant] != got {
			t.Errorf("%s ended differently\ngot  %s\nwant %s", x.name, got, want[x.variant])
		}
	}
	repeated := f.checkLedger()
	calm.checkLedger()
	t.Logf("%d kills in %.0f s: %d executions, %d calls of functions, %d of them repeated, %d with an unknown outcome, %d fires", kills, time.Since(begun).Seconds(),
		len(f.wanted), len(f.calls()), repeated, f.unknown, f.ticks)
}

// variants is how many different inputs executions have.
const variants = 3

// flows is the project in testdata/flows, at work.
type flows struct {
	*project
	ledger  string // where the functions note their calls
	wanted  []wanted
	began   map[string]bool // executions known to exist
	first   time.Time       // of the schedules
	every   time.Duration
	ticks   int // schedules
	unknown int // calls whose outcome nobody knew
}

// wanted is an execution of the workflow "all".
type wanted struct {
	name    string
	variant int
}

// newFlows makes the project with schedules for a run of so many kills.
func newFlows(t *testing.T, kills int) *flows {
	dir := t.TempDir()
	p := &project{t: t, dir: filepath.Join(dir, "project"), bin: ownBinary(t)}
	check(t, os.CopyFS(p.dir, os.DirFS("testdata/flows")))
	f := &flows{project: p, ledger: filepath.Join(dir, "ledger"), began: map[string]bool{}, every: 1500 * time.Millisecond, ticks: kills}
	check(t, os.WriteFile(f.ledger, nil, 0o644))
	f.first = time.Now().Add(3 * time.Second).Truncate(time.Second)
	var b strings.Builder
	for i := range f.ticks { // two at each moment
		fmt.Fprintf(&b, "tick-%d: {schedule: at(%s), workflow: tick, input: {name: tick-%d}}\n", i, f.due(i).UTC().Format("2006-01-02T15:04:05"), i)
	}
	if kills > 0 {
		p.file("schedules.yaml", b.String())
	}
	return f
}

// due is when schedule i fires.
func (f *flows) due(i int) time.Time { return f.first.Add(time.Duration(i/2*2) * f.every) }

// life starts an owner, gives it work and kills it when ctx ends.
func (f *flows) life(ctx context.Context) {
	f.t.Helper()
	up := f.live(ctx)
	if up == nil {
		return
	}
	if open := f.open(); len(open) < 3 {
		n := len(f.wanted)
		f.wanted = append(f.wanted, wanted{fmt.Sprint("run-", n), n % variants})
	}
	f.startMissing(up)
	<-ctx.Done()
	up.kill()
}

// live starts an owner and returns it once it serves; nil if ctx ended before,
// and the owner with it.
func (f *flows) live(ctx context.Context) *process {
	f.t.Helper()
	up := f.start("up", "--port", "0")
	for !up.ended(5 * time.Millisecond) {
		if ctx.Err() != nil {
			up.kill()
			return nil
		}
		if o := f.owner(); o.PID == up.Process.Pid && o.Address != "" {
			return up
		}
	}
	f.t.Fatalf("mulgil up: exit code %d\n%s%s", up.code(), &up.out, &up.errs)
	return nil
}

// startMissing starts what is wanted and not known to exist. Names make it safe to ask
// again where an answer was lost.
func (f *flows) startMissing(up *process) {
	f.t.Helper()
	for _, w := range f.wanted {
		if f.began[w.name] {
			continue
		}
		input := fmt.Sprintf(`{"name": %q, "turn": %d, "items": %s}`, w.name, w.variant, []string{"[1, 2, 3]", "[4, 5]", "[6]"}[w.variant])
		status, text := f.post("/api/workflows/all/executions", fmt.Sprintf(`{"name": %q, "detach": true, "input": %s}`, w.name, input))
		switch {
		case status == 200:
			f.began[w.name] = true
		case status != 0:
			f.t.Fatalf("start %s: %d %s\n%s", w.name, status, text, &up.errs)
		}
	}
}

// post asks the owner; the status is 0 if there was no answer.
func (f *flows) post(path, body string) (int, string) {
	f.t.Helper()
	d := door{f.t.(*testing.T), f.owner()}
	res, err := d.request(f.t.Context(), "POST", "http://"+d.Address+path, body, "application/json")
	if err != nil {
		return 0, ""
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, ""
	}
	return res.StatusCode, string(text)
}

// state reads the state database beside the owner.
func (f *flows) state(read func(*sql.Rows) error, query string, args ...any) {
	f.t.Helper()
	db, err := sql.Open("sqlite", "file:"+f.data("state.db")+"?_pragma=query_only(1)&_pragma=busy_timeout(10000)")
	check(f.t, err)
	defer db.Close()
	rows, err := db.Query(query, args...)
	check(f.t, err)
	defer rows.Close()
	for rows.Next() {
		check(f.t, read(rows))
	}
	check(f.t, rows.Err())
}

// open lists the executions that are not over, as far as is known.
func (f *flows) open() []string {
	ended := map[string]bool{}
	if len(f.began) > 0 {
		f.state(func(r *sql.Rows) error {
			var name string
			defer func() { ended[name] = true }()
			return r.Scan(&name)
		}, "SELECT name FROM workflow_execution WHERE workflow = 'all' AND status <> 'RUNNING'")
	}
	var out []string
	for _, w := range f.wanted {
		if !ended[w.name] {
			out = append(out, w.name)
		}
	}
	return out
}

// over tells whether everything has ended: what is wanted, what that started
// and what the schedules started.
func (f *flows) over(up *process) bool {
	f.t.Helper()
	f.startMissing(up)
	if len(f.open()) > 0 {
		return false
	}
	var running, ticks int
	f.state(func(r *sql.Rows) error { return r.Scan(&running, &ticks) },
		"SELECT count(*) FILTER (WHERE status = 'RUNNING'), count(*) FILTER (WHERE workflow = 'tick') FROM workflow_execution")
	return running == 0 && ticks >= f.ticks
}

// outputs are those of all executions, without their names.
func (f *flows) outputs() map[wanted]string {
	f.t.Helper()
	got := map[string]string{}
	f.state(func(r *sql.Rows) error {
		var id, workflow, name, status, input string
		var output, cause sql.NullString
		if err := r.Scan(&id, &workflow, &name, &status, &input, &output, &cause); err != nil {
			return err
		}
		if status != "SUCCEEDED" {
			f.t.Errorf("%s ended %s: %s", id, status, cause.String)
		}
		if workflow == "all" {
			got[name] = strings.ReplaceAll(output.String, name, "NAME")
		}
		return nil
	}, "SELECT id, workflow, name, status, input, output, cause FROM workflow_execution")
	out := map[wanted]string{}
	for _, w := range f.wanted {
		out[w] = got[w.name]
	}
	return out
}

// checkSchedules expects each to have fired once.
func (f *flows) checkSchedules() {
	f.t.Helper()
	type fire struct {
		Schedule, State, Run string
	}
	var fires []fire
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(200 * time.Millisecond) {
		f.ask(&fires, "schedule", "history", "--limit", "10000")
		if !slices.ContainsFunc(fires, func(x fire) bool { return x.State == "STARTED" || x.State == "WAITING" }) {
			break
		}
		if time.Now().After(deadline) {
			f.t.Fatalf("fires do not settle: %+v", fires)
		}
	}
	seen, runs := map[string]bool{}, map[string]bool{}
	for _, x := range fires {
		if x.State != "SUCCEEDED" || seen[x.Schedule] || runs[x.Run] {
			f.t.Errorf("fire %+v", x)
		}
		seen[x.Schedule], runs[x.Run] = true, true
	}
	if len(fires) != f.ticks {
		f.t.Errorf("%d fires of %d schedules", len(fires), f.ticks)
	}
}

// checkEffects expects each execution and fire to have had each effect once:
// a message, a row, and one in the counter of all.
func (f *flows) checkEffects() {
	f.t.Helper()
	var fired []string
	f.state(func(r *sql.Rows) error {
		var input string
		if err := r.Scan(&input); err != nil {
			return err
		}
		var in struct{ Name string }
		err := json.Unmarshal([]byte(input), &in)
		fired = append(fired, in.Name)
		return err
	}, "SELECT input FROM workflow_execution WHERE workflow = 'tick' AND status = 'SUCCEEDED'")
	messages := map[string]int{}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		clear(messages)
		files, err := filepath.Glob(filepath.Join(f.dir, "messages", "*.json"))
		check(f.t, err)
		for _, file := range files {
			text, err := os.ReadFile(file)
			check(f.t, err)
			var m struct{ Message string }
			check(f.t, json.Unmarshal(text, &m))
			messages[m.Message]++
		}
		if len(messages) >= len(f.wanted)+len(fired) || time.Now().After(deadline) {
			break
		}
	}
	var notes struct{ Rows [][]any }
	f.ask(&notes, "query", "--limit", "0", "SELECT who, count(*) FROM notes GROUP BY who")
	rows := map[string]string{}
	for _, r := range notes.Rows {
		rows[fmt.Sprint(r[0])] = fmt.Sprint(r[1])
	}
	for _, w := range f.wanted {
		if messages[w.name] != 1 || rows[w.name] != "1" {
			f.t.Errorf("%s sent %d messages and wrote %s rows", w.name, messages[w.name], rows[w.name])
		}
	}
	for _, name := range fired {
		if messages[name] != 1 {
			f.t.Errorf("%s sent %d messages", name, messages[name])
		}
	}
	if all := len(f.wanted) + len(fired); len(messages) != all || len(rows) != len(f.wanted) {
		f.t.Errorf("%d messages and %d rows of %d executions and %d fires", len(messages), len(rows), len(f.wanted), len(fired))
	}
	text := f.must("kv", "get", "counters", "all", "--json", "-q")
	if want := fmt.Sprintf(`"n":{"N":"%d"}`, len(f.wanted)+len(fired)); !strings.Contains(strings.Join(strings.Fields(text), ""), want) {
		f.t.Errorf("the counter of all, %s, is not %s", text, want)
	}
}

// called is one call of a function.
type called struct {
	who, token string
	owner      string // its process
	begin, end time.Time
}

// calls reads the ledger.
func (f *flows) calls() []called {
	f.t.Helper()
	text, err := os.ReadFile(f.ledger)
	check(f.t, err)
	var out []called
	for line := range bytes.Lines(text) {
		w := strings.Fields(string(line))
		if len(w) != 5 {
			f.t.Fatalf("the ledger has the line %q", line)
		}
		ns, err := strconv.ParseInt(w[4], 10, 64)
		check(f.t, err)
		if w[0] == "begin" {
			out = append(out, called{who: w[1], token: w[2], owner: w[3], begin: time.Unix(0, ns)})
			continue
		}
		i := slices.IndexFunc(out, func(c called) bool { return c.token == w[2] && c.owner == w[3] && c.end.IsZero() })
		if i < 0 {
			f.t.Fatalf("the ledger ends what has not begun: %s", line)
		}
		out[i].end = time.Unix(0, ns)
	}
	return out
}

// attempt is one attempt of a function's task, as the history has it.
type attempt struct {
	scheduled, ended time.Time
	outcome, cause   string // Succeeded, Failed
	who              string
}

// attempts reads the histories: attempts by their token, in order.
func (f *flows) attempts() map[string]*attempt {
	f.t.Helper()
	out := map[string]*attempt{}
	now, retries := map[string]*attempt{}, map[string]int{}
	f.state(func(r *sql.Rows) error {
		var execution, kind, flow, details string
		var id, at int64
		if err := r.Scan(&execution, &id, &kind, &at, &flow, &details); err != nil {
			return err
		}
		var d struct{ Parameters, Input, Resource, Cause string }
		if err := json.Unmarshal([]byte(details), &d); err != nil {
			return err
		}
		place := execution + " " + flow
		switch kind {
		case "TaskStateEntered":
			retries[place] = 0
		case "RetryScheduled":
			retries[place]++
		case "TaskScheduled", "LambdaFunctionScheduled":
			if kind == "TaskScheduled" && d.Resource != "invoke" {
				delete(now, place)
				return nil
			}
			var in struct {
				Who     string
				Payload struct{ Who string }
			}
			if err := json.Unmarshal([]byte(d.Parameters+d.Input), &in); err != nil {
				return err
			}
			token := uuid.NewSHA1(uuid.NameSpaceURL, fmt.Appendf(nil, "%s/%d/%d", execution, id, retries[place])).String()
			now[place] = &attempt{scheduled: time.UnixMicro(at), who: in.Who + in.Payload.Who}
			out[token] = now[place]
		case "TaskSucceeded", "TaskFailed", "LambdaFunctionSucceeded", "LambdaFunctionFailed":
			if a := now[place]; a != nil {
				a.ended, a.cause = time.UnixMicro(at), d.Cause
				a.outcome = strings.TrimPrefix(strings.TrimPrefix(kind, "Task"), "LambdaFunction")
			}
		}
		return nil
	}, "SELECT execution, id, type, at, flow, details FROM workflow_event ORDER BY execution, seq")
	return out
}

// failures is how many attempts of a function fail before it succeeds.
func failures(who string) int {
	_, what, _ := strings.Cut(who, "/")
	switch {
	case what == "flaky":
		return 2
	case what == "child", strings.HasPrefix(what, "distributed-"):
		return 1
	}
	return 0
}

// checkLedger holds the ledger against the histories and returns how many
// calls repeat one that an earlier process had begun.
func (f *flows) checkLedger() (repeated int) {
	f.t.Helper()
	attempts := f.attempts()
	times, in := map[string]int{}, map[string]bool{}
	for _, c := range f.calls() {
		a := attempts[c.token]
		switch key := fmt.Sprint(c.token, " ", c.owner); {
		case a == nil || a.who != c.who:
			f.t.Errorf("nobody asked for the call %+v", c)
			continue
		case c.begin.Before(a.scheduled):
			f.t.Errorf("%s was called before its task was scheduled", c.who)
		case c.begin.After(a.ended):
			f.t.Errorf("%s was called again %v after its task had %s", c.who, c.begin.Sub(a.ended), a.outcome)
		case in[key]:
			f.t.Errorf("%s was called twice for one attempt by one process", c.who)
		default:
			in[key] = true
		}
		if times[c.token]++; times[c.token] > 1 {
			repeated++
			if strings.HasSuffix(c.who, "/fragile") {
				f.t.Errorf("%s, which must not be repeated, was called %d times for one attempt", c.who, times[c.token])
			}
		}
	}
	succeeded, failed := map[string]int{}, map[string]int{}
	for token, a := range attempts {
		switch {
		case a.outcome == "Succeeded":
			succeeded[a.who]++
			if times[token] == 0 {
				f.t.Errorf("%s succeeded and was never called", a.who)
			}
		case a.outcome == "Failed" && a.cause == "OutcomeUnknown" && strings.HasSuffix(a.who, "/fragile"):
			f.unknown++
		case a.outcome == "Failed" && strings.Contains(a.cause, "try again"):
			failed[a.who]++
		default:
			f.t.Errorf("an attempt of %s ended %q %s", a.who, a.outcome, a.cause)
		}
	}
	for who, n := range succeeded {
		if n != 1 || failed[who] != failures(who) {
			f.t.Errorf("%s succeeded %d times and failed %d times, want 1 and %d", who, n, failed[who], failures(who))
		}
	}
	return repeated
}
