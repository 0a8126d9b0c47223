package workflow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/asl"
)

// Trial runs one execution on a turned clock: waits, retries and time limits
// cost nothing. No task is run, Answer says what each attempt comes to; nothing
// is stored. Equal trials take equal steps.
type Trial struct {
	Machine *asl.Machine
	// Workflow and Name are the machine's and the execution's.
	Workflow, Name string
	// Input is JSON; empty means {}.
	Input json.RawMessage
	// Clock is turned on as the execution waits.
	Clock *base.FakeClock
	// Query evaluates JSONata; nil if no state uses it.
	Query asl.Evaluator
	// Objects may be nil.
	Objects Objects
	// Random feeds the functions that need chance, and jitter.
	Random io.Reader
	// Region and Account stand in ARNs; "local" and "000000000000" if empty.
	Region, Account string
	// Activity tells whether an activity exists; nil: each does.
	Activity func(arn string) bool
	// Answer is asked once for each attempt of a task, in the order they start.
	// Its error ends the trial.
	Answer func(Task) (Answer, error)
}

// Answer is what one attempt of a task comes to.
type Answer struct {
	// Never: there is neither an answer nor a sign of life.
	Never bool
	// After is how long the answer takes.
	After time.Duration
	// Output is JSON; or Error is set.
	Output json.RawMessage
	Error  *TaskError
	// Submitted is what the first call of a .sync or .waitForTaskToken task
	// answers at once; nil: nothing is recorded of it.
	Submitted json.RawMessage
}

// Tried is what came of a trial.
type Tried struct {
	Execution
	// Events is the execution's history; children of distributed Maps have
	// their own, which is not here.
	Events []Event
	// Entered are the names of states in the order they were entered, those
	// of such children included.
	Entered []string
	// Retries counts by state.
	Retries map[string]int
	// Ways are the ways that Choice states took, by state: the number of
	// the choice, asl.ByDefault for Default.
	Ways map[string][]int
}

// trial is one at work: the execution first, then children of its Maps.
type trial struct {
	Trial
	ctx   context.Context
	setup setup
	runs  []*trialRun
	out   Tried
}

// trialRun is one execution.
type trialRun struct {
	r       *run
	answers map[int64]*trialAnswer // by the event that scheduled the task
	maps    map[int64]*trialMap    // by the event that began the map run
	// of a child
	parent *trialMap
	index  int
}

type trialAnswer struct {
	Answer
	due time.Time
}

// trialMap is the run of a distributed Map.
type trialMap struct {
	of     *trialRun
	event  int64
	spec   *asl.Map
	source *mapSource
	result *mapResult
	inputs []trialItem
	limit  int
	begun  int
	over   int
	failed int64
	total  int64
	ended  []Execution
}

type trialItem struct {
	input any
	items int
}

// Run runs the trial to its end. An execution that fails is no error; one that
// would wait for ever is.
func (t Trial) Run(ctx context.Context) (Tried, error) {
	x := &trial{Trial: t, ctx: ctx, out: Tried{Retries: map[string]int{}, Ways: map[string][]int{}}}
	x.setup = setup{region: t.Region, account: t.Account, maxPayload: 256 << 10, maxEvents: 25000, random: t.Random, query: t.Query,
		token: func(execution string, event int64, attempt int) string {
			return fmt.Sprintf("token/%s/%d/%d", execution, event, attempt)
		},
		activity: t.Activity}
	if t.Activity == nil {
		x.setup.activity = func(string) bool { return true }
	}
	if x.setup.region == "" {
		x.setup.region = "local"
	}
	if x.setup.account == "" {
		x.setup.account = "000000000000"
	}
	in := t.Input
	if len(in) == 0 {
		in = json.RawMessage("{}")
	}
	exec := Execution{ID: t.Workflow + ":" + t.Name, Workflow: t.Workflow, Name: t.Name, Status: Running, Started: t.Clock.Now().UTC(), Input: in, Express: t.Machine.Express}
	root, err := x.add(t.Machine, exec)
	if err != nil {
		return x.out, err
	}
	for !root.r.over() {
		if err := x.turn(root); err != nil {
			return x.out, err
		}
	}
	x.out.Execution = root.r.exec
	return x.out, nil
}

func (x *trial) add(m *asl.Machine, exec Execution) (*trialRun, error) {
	r, err := newRun(m, exec, &x.setup)
	if err != nil {
		return nil, err
	}
	if m.Express {
		r.limit = longestExpress
	}
	w := &trialRun{r: r, answers: map[int64]*trialAnswer{}, maps: map[int64]*trialMap{}}
	x.runs = append(x.runs, w)
	return w, nil
}

// turn lets every execution go as far as it can, then turns the clock.
func (x *trial) turn(root *trialRun) error {
	moved := false
	for i := 0; i < len(x.runs); i++ { // children join while it runs
		for {
			ok, err := x.advance(x.runs[i])
			if err != nil {
				return err
			}
			if !ok {
				break
			}
			moved = true
		}
	}
	x.runs = slices.DeleteFunc(x.runs, func(w *trialRun) bool { return w != root && (w.r.over() || !w.parent.live()) })
	if moved || root.r.over() {
		return nil
	}
	next := x.nextDue()
	if next.IsZero() {
		return x.stuck()
	}
	x.Clock.Set(next)
	return nil
}

// advance takes one step of an execution; false if it waits.
func (x *trial) advance(w *trialRun) (bool, error) {
	if err := x.ctx.Err(); err != nil {
		return false, err
	}
	if w.r.over() || w.parent != nil && !w.parent.live() {
		return false, nil
	}
	rec := w.r.decide(x.Clock.Now())
	if rec == nil {
		var err error
		if rec, err = x.outside(w); rec == nil || err != nil {
			return false, err
		}
	}
	if err := w.r.apply(rec); err != nil {
		return false, err
	}
	x.note(w, rec)
	if w.r.over() && w.parent != nil {
		w.parent.take(w)
	}
	return true, nil
}

func (x *trial) note(w *trialRun, rec *record) {
	if w.parent == nil && rec.ID > 0 {
		x.out.Events = append(x.out.Events, rec.Event)
	}
	switch {
	case strings.HasSuffix(rec.Type, "StateEntered"):
		x.out.Entered = append(x.out.Entered, rec.State)
	case rec.Type == retryScheduled:
		x.out.Retries[rec.State]++
	case rec.way != nil:
		x.out.Ways[rec.State] = append(x.out.Ways[rec.State], rec.way.Index)
	}
}

// outside is the first record that something outside of an execution brings:
// an answer, or the end of a map run.
func (x *trial) outside(w *trialRun) (rec *record, err error) {
	w.r.flows(func(f *flow) {
		if rec != nil || err != nil {
			return
		}
		switch {
		case f.phase == mapping:
			rec, err = x.mapRun(w, f)
		case f.phase == scheduled:
			rec = w.r.activityStarted(f, "", x.Clock.Now())
		case f.phase == started:
			rec, err = x.answer(w, f)
		}
	})
	return rec, err
}

func (x *trial) answer(w *trialRun, f *flow) (*record, error) {
	now := x.Clock.Now()
	a := w.answers[f.task.id]
	if a == nil {
		got, err := x.Answer(w.r.task(f))
		if err != nil {
			return nil, err
		}
		a = &trialAnswer{Answer: got, due: now.Add(got.After)}
		w.answers[f.task.id] = a
	}
	switch {
	case a.Submitted != nil && f.task.submitted == nil:
		return w.r.taskSubmitted(f.task.id, a.Submitted, now)
	case a.Never || a.due.After(now):
		return nil, nil
	case a.Error != nil:
		return w.r.taskEnded(f.task.id, nil, a.Error, now), nil
	}
	return w.r.taskEnded(f.task.id, a.Output, nil, now), nil
}

// nextDue is when the next wait is over or the next answer comes; zero: never.
func (x *trial) nextDue() time.Time {
	var next time.Time
	earlier := func(at time.Time) {
		if !at.IsZero() && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	for _, w := range x.runs {
		earlier(w.r.nextDue())
		w.r.flows(func(f *flow) {
			if a := w.answers[f.task.id]; f.phase == started && a != nil && !a.Never {
				earlier(a.due)
			}
		})
	}
	return next
}

// stuck says which states would wait for ever.
func (x *trial) stuck() error {
	var waiting []string
	for _, w := range x.runs {
		w.r.flows(func(f *flow) {
			if f.phase == started {
				waiting = append(waiting, fmt.Sprintf("%q", f.state.Name))
			}
		})
	}
	return base.Errorf(base.Invalid, "the execution waits for ever: no answer comes to %s, and no time limit ends that", strings.Join(waiting, ", ")).
		WithHint("give the state TimeoutSeconds, or an answer")
}

// mapRun begins children of a map run while there is room; the record of its
// end once they are over.
func (x *trial) mapRun(w *trialRun, f *flow) (*record, error) {
	m := w.maps[f.run.id]
	var err error
	if m == nil {
		if m, err = x.startMap(w, f); err != nil {
			return x.endMap(m, f, err)
		}
	}
	if m.source.plan.exceeded(m.spec, m.failed, 0) {
		return x.endMap(m, f, thresholdFault())
	}
	for ; m.begun < len(m.inputs) && m.begun-m.over < m.limit; m.begun++ {
		if err := x.startChild(m, f); err != nil {
			return nil, err
		}
	}
	if m.over < len(m.inputs) {
		return nil, nil
	}
	if m.source.plan.exceeded(m.spec, m.failed, m.total) {
		return x.endMap(m, f, thresholdFault())
	}
	return x.endMap(m, f, nil)
}

func (x *trial) startMap(w *trialRun, f *flow) (*trialMap, error) {
	m := &trialMap{of: w, event: f.run.id, spec: f.state.Map, limit: 1000}
	w.maps[f.run.id] = m
	if f.run.limit > 0 {
		m.limit = int(min(f.run.limit, 1000))
	}
	var err error
	if m.source, m.result, err = w.r.mapWork(f, x.Objects); err != nil {
		return m, err
	}
	m.source.env.Ctx = x.ctx
	err = m.source.children(x.ctx, func(input any, items int) error {
		m.inputs, m.total = append(m.inputs, trialItem{input, items}), m.total+int64(items)
		return nil
	})
	m.ended = make([]Execution, len(m.inputs))
	return m, err
}

func (x *trial) startChild(m *trialMap, f *flow) error {
	machine := *m.of.r.machine.Sub(m.spec.Path)
	machine.Express = m.spec.Express
	exec := childOf(m.of.r.exec, f.run.arn, int64(m.begun))
	exec.Started, exec.Input, exec.Express = x.Clock.Now().UTC(), asl.Encode(m.inputs[m.begun].input), m.spec.Express
	child, err := x.add(&machine, exec)
	if err != nil {
		return err
	}
	child.parent, child.index = m, m.begun
	return nil
}

// endMap is the record of a map run's end, with a fault if err is one.
func (x *trial) endMap(m *trialMap, f *flow, err error) (*record, error) {
	var output any
	if err == nil {
		for _, e := range m.ended {
			if err = m.result.add(x.ctx, e); err != nil {
				break
			}
		}
	}
	if err == nil {
		output, err = m.result.finish(x.ctx)
	}
	var fault *asl.Fault
	if err != nil && !errors.As(err, &fault) {
		return nil, err
	}
	return m.of.r.bound(m.of.r.mapRunEnded(f, asl.Encode(output), fault, x.Clock.Now())), nil
}

// live tells whether the execution that a map run belongs to still waits for it.
func (m *trialMap) live() bool {
	for w := m.of; ; w = w.parent.of {
		if w.r.mapFlow(m.event) == nil {
			return false
		}
		if w.parent == nil {
			return true
		}
		m = w.parent
	}
}

// take keeps how a child ended.
func (m *trialMap) take(w *trialRun) {
	m.over++
	m.ended[w.index] = w.r.exec
	if w.r.exec.Status != Succeeded {
		m.failed += int64(m.inputs[w.index].items)
	}
}

// MemoryObjects are objects kept in memory, by "bucket/key". Not safe for
// concurrent use.
type MemoryObjects map[string]string

// Open implements Objects.
func (o MemoryObjects) Open(_ context.Context, bucket, key string) (io.ReadCloser, error) {
	text, ok := o[bucket+"/"+key]
	if !ok {
		return nil, base.Errorf(base.NotFound, "no object %s in %s", key, bucket)
	}
	return io.NopCloser(strings.NewReader(text)), nil
}

// List implements Objects.
func (o MemoryObjects) List(_ context.Context, bucket, prefix string, each func(Object) error) error {
	var keys []string
	for name := range o {
		if key, ok := strings.CutPrefix(name, bucket+"/"); ok && strings.HasPrefix(key, prefix) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		if err := each(Object{Key: key, Size: int64(len(o[bucket+"/"+key]))}); err != nil {
			return err
		}
	}
	return nil
}

// Write implements Objects.
func (o MemoryObjects) Write(_ context.Context, bucket, key string, content []byte) error {
	o[bucket+"/"+key] = string(content)
	return nil
}
