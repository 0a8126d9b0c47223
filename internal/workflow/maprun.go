package workflow

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/asl"
)

// MapRun is one run of a distributed Map. Its children are executions of their own.
type MapRun struct {
	ARN string `json:"mapRunArn"`
	// Execution and State say whose it is.
	Execution string    `json:"execution"`
	State     string    `json:"state"`
	Status    Status    `json:"status"`
	Started   time.Time `json:"started"`
	Stopped   time.Time `json:"stopped,omitzero"`
	// Tolerated are how many items may fail, and how many in a hundred.
	ToleratedCount      int64   `json:"toleratedFailureCount"`
	ToleratedPercentage float64 `json:"toleratedFailurePercentage"`
	Concurrency         int64   `json:"maxConcurrency"`
	// Items and Executions count by status; items of one child share its fate.
	Items      Counts `json:"itemCounts"`
	Executions Counts `json:"executionCounts"`
}

// Counts are numbers of items or executions by status.
type Counts struct {
	Total     int64 `json:"total"`
	Running   int64 `json:"running"`
	Succeeded int64 `json:"succeeded"`
	Failed    int64 `json:"failed"`
	Aborted   int64 `json:"aborted"`
	TimedOut  int64 `json:"timedOut"`
}

func (c *Counts) add(s Status, n int64) {
	c.Total += n
	switch s {
	case Succeeded:
		c.Succeeded += n
	case Failed:
		c.Failed += n
	case Aborted:
		c.Aborted += n
	case TimedOut:
		c.TimedOut += n
	default:
		c.Running += n
	}
}

// MapRuns lists the map runs of an execution, oldest first.
func (e *Engine) MapRuns(ctx context.Context, execution string) ([]MapRun, error) {
	return e.queryMapRuns(ctx, "execution = ?", execution)
}

// MapRun reads one map run; base.NotFound if there is none.
func (e *Engine) MapRun(ctx context.Context, arn string) (MapRun, error) {
	list, err := e.queryMapRuns(ctx, "arn = ?", arn)
	if err == nil && len(list) == 0 {
		err = base.Errorf(base.NotFound, "no map run %q", arn).WithCode("ResourceNotFound")
	}
	if err != nil {
		return MapRun{}, err
	}
	return list[0], nil
}

func (e *Engine) queryMapRuns(ctx context.Context, where string, arg string) ([]MapRun, error) {
	rows, err := e.opts.Store.Reader().QueryContext(ctx, `SELECT arn, execution, state, status, started, stopped, plan, concurrency
		FROM workflow_map_run WHERE `+where+` ORDER BY started, arn`, arg)
	if err != nil {
		return nil, fmt.Errorf("read map runs: %w", err)
	}
	defer rows.Close()
	var out []MapRun
	for rows.Next() {
		var m MapRun
		var started int64
		var stopped sql.NullInt64
		var text string
		var plan mapPlan
		err := rows.Scan(&m.ARN, &m.Execution, &m.State, &m.Status, &started, &stopped, &text, &m.Concurrency)
		if err == nil {
			err = json.Unmarshal([]byte(text), &plan)
		}
		if err != nil {
			return nil, fmt.Errorf("read map runs: %w", err)
		}
		m.Started, m.ToleratedCount, m.ToleratedPercentage = time.UnixMicro(started).UTC(), plan.ToleratedCount, plan.ToleratedPercentage
		if stopped.Valid {
			m.Stopped = time.UnixMicro(stopped.Int64).UTC()
		}
		out = append(out, m)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i := range out {
		if err := e.countChildren(ctx, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (e *Engine) countChildren(ctx context.Context, m *MapRun) error {
	rows, err := e.opts.Store.Reader().QueryContext(ctx, `SELECT status, count(*), sum(map_items) FROM workflow_execution WHERE map_run = ? GROUP BY status`, m.ARN)
	if err != nil {
		return fmt.Errorf("read map run %s: %w", m.ARN, err)
	}
	defer rows.Close()
	for rows.Next() {
		var s Status
		var n, items int64
		if err := rows.Scan(&s, &n, &items); err != nil {
			return fmt.Errorf("read map run %s: %w", m.ARN, err)
		}
		m.Executions.add(s, n)
		m.Items.add(s, items)
	}
	return rows.Err()
}

// mapJob does the work of one map run beside the runner of its execution.
type mapJob struct {
	e       *Engine
	parent  Execution
	event   int64
	arn     string
	spec    *asl.Map
	state   string
	plan    *mapPlan
	limit   int64
	again   bool // after a redrive: children that failed are redriven
	source  *mapSource
	result  *mapResult
	machine *asl.Machine

	known int64            // children that exist already: those below this index
	open  map[int64]Status // of those, the ones that are not over (or, if again, failed)

	mu     sync.Mutex // guards what follows
	failed int64
	items  int64
	broken error // the first error that is not a child's own
}

// startMapRun begins the work of a map run, or goes on with it.
func (w *runner) startMapRun(f *flow) {
	ctx, cancel := context.WithCancelCause(w.e.ctx)
	w.tasks[f.run.id] = cancel
	event := f.run.id
	end := func(output json.RawMessage, fault *asl.Fault) error {
		return w.send(ctx, func(r *run, now time.Time) (*record, error) {
			f := r.mapFlow(event)
			if f == nil {
				return nil, nil
			}
			return r.bound(r.mapRunEnded(f, output, fault, now)), nil
		})
	}
	source, result, err := w.run.mapWork(f, w.e.opts.Objects)
	if err == nil {
		source.env.Ctx = ctx
	}
	j := &mapJob{e: w.e, parent: w.run.exec, event: event, arn: f.run.arn, spec: f.state.Map, state: f.state.Name,
		limit: f.run.limit, again: f.run.redrives > 0, source: source, result: result, machine: w.run.machine.Sub(f.state.Map.Path)}
	if err == nil {
		j.plan = source.plan
	}
	w.e.idle.Add(1)
	go func() {
		defer w.e.idle.Done()
		var output any
		if err == nil {
			output, err = j.run(ctx)
		}
		if w.e.ctx.Err() != nil {
			return // the engine closes: a resume goes on
		}
		if ctx.Err() != nil { // the Map was stopped
			j.stop(context.WithoutCancel(ctx), Aborted)
			return
		}
		var fault *asl.Fault
		if err != nil && !errors.As(err, &fault) {
			fault = &asl.Fault{Name: "States.Runtime", Cause: "The Map Run failed: " + err.Error()}
		}
		status := Succeeded
		if fault != nil {
			status = Failed
		}
		if err := j.record(ctx, status); err != nil {
			w.e.opts.Log.Error("record map run", "mapRun", j.arn, "error", err)
		}
		_ = end(asl.Encode(output), fault)
	}()
}

func (j *mapJob) run(ctx context.Context) (any, error) {
	if err := j.prepare(ctx); err != nil {
		return nil, err
	}
	limit := int64(j.e.opts.Limits.Children)
	if j.limit > 0 {
		limit = min(limit, j.limit)
	}
	room := make(chan struct{}, limit)
	var working sync.WaitGroup
	index := int64(0)
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	err := j.source.children(inner, func(input any, items int) error {
		i := index
		index++
		j.mu.Lock()
		j.items += int64(items)
		j.mu.Unlock()
		if _, open := j.open[i]; i < j.known && !open {
			return nil
		}
		select {
		case room <- struct{}{}:
		case <-inner.Done():
			return inner.Err()
		}
		if err := j.verdict(0); err != nil {
			return err
		}
		working.Add(1)
		go func() {
			defer working.Done()
			defer func() { <-room }()
			j.child(inner, i, int64(items), input)
		}()
		return nil
	})
	if err != nil {
		cancel() // children at work are stopped below
	}
	working.Wait()
	if err == nil {
		err = j.verdict(j.items)
	}
	if j.e.ctx.Err() != nil || ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		j.stop(ctx, Failed)
		return nil, err
	}
	return j.collect(ctx)
}

// verdict is the error that ends the run early, if there is one; total is the
// number of items once it is known.
func (j *mapJob) verdict(total int64) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.broken != nil {
		return j.broken
	}
	if j.plan.exceeded(j.spec, j.failed, total) {
		return thresholdFault()
	}
	return nil
}

// prepare records the run and finds out what an earlier engine did of it.
func (j *mapJob) prepare(ctx context.Context) error {
	plan, err := json.Marshal(j.plan)
	if err != nil {
		return err
	}
	if err := j.e.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec(`INSERT INTO workflow_map_run (arn, execution, state, status, started, plan, concurrency) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (arn) DO UPDATE SET status = excluded.status, stopped = NULL`,
			j.arn, j.parent.ID, j.state, Running, j.e.opts.Clock.Now().UnixMicro(), string(plan), j.limit)
		return err
	}); err != nil {
		return err
	}
	q := j.e.opts.Store.Reader()
	if err := q.QueryRowContext(ctx, `SELECT coalesce(max(map_index) + 1, 0) FROM workflow_execution WHERE map_run = ?`, j.arn).Scan(&j.known); err != nil {
		return err
	}
	j.open = map[int64]Status{}
	rows, err := q.QueryContext(ctx, `SELECT map_index, status, map_items FROM workflow_execution WHERE map_run = ? AND status <> ?`, j.arn, Succeeded)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var i, items int64
		var s Status
		if err := rows.Scan(&i, &s, &items); err != nil {
			return err
		}
		if s == Running || j.again {
			j.open[i] = s
		} else {
			j.failed += items
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return j.missing(ctx)
}

// missing finds the children below known that left no row: those that begin
// together are recorded in any order, EXPRESS ones at their end.
func (j *mapJob) missing(ctx context.Context) error {
	rows, err := j.e.opts.Store.Reader().QueryContext(ctx, `SELECT map_index FROM workflow_execution WHERE map_run = ? ORDER BY map_index`, j.arn)
	if err != nil {
		return err
	}
	defer rows.Close()
	next := int64(0)
	for rows.Next() {
		var i int64
		if err := rows.Scan(&i); err != nil {
			return err
		}
		for ; next < i; next++ {
			j.open[next] = ""
		}
		next = i + 1
	}
	return rows.Err()
}

// child runs the child at index i to its end.
func (j *mapJob) child(ctx context.Context, i, items int64, input any) {
	x, err := j.runChild(ctx, i, items, input)
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case err != nil:
		if j.broken == nil && ctx.Err() == nil {
			j.broken = err
		}
	case x.Status != Succeeded:
		j.failed += items
	}
}

// childOf is the child at index i of a map run, named so that it is met again
// after a resume. It belongs to the machine parent/label.
func childOf(parent Execution, arn string, i int64) Execution {
	label, _, _ := strings.Cut(arn[strings.LastIndexByte(arn, '/')+1:], ":")
	x := Execution{Workflow: parent.Workflow + "/" + label, Name: uuid.NewSHA1(uuid.NameSpaceURL, fmt.Appendf(nil, "%s/%d", arn, i)).String(),
		Status: Running, Definition: parent.Definition, MapRun: arn, Index: i}
	x.ID = x.Workflow + ":" + x.Name
	return x
}

func (j *mapJob) runChild(ctx context.Context, i, items int64, input any) (Execution, error) {
	machine := *j.machine
	machine.Express = j.spec.Express
	x := childOf(j.parent, j.arn, i)
	x.Started, x.Input, x.Flow, x.Express, x.Items = j.e.opts.Clock.Now().UTC(), asl.Encode(input), j.spec.Path, j.spec.Express, items
	var w *runner
	var err error
	switch status, exists := j.open[i]; {
	case x.Express:
		w, err = j.e.launch(x, &machine, nil)
	case !exists, status == "": // or it left no row
		if err = j.e.update(ctx, func(tx *sql.Tx) error { return insertExecution(tx, x) }); err == nil {
			w, err = j.e.launch(x, &machine, nil)
		}
	case status == Running:
		if err = j.e.Resume(ctx, x.ID); err == nil {
			w = j.e.runner(x.ID)
		}
	default:
		var old Execution
		if old, err = j.e.Get(ctx, x.ID); err == nil {
			w, err = j.e.redrive(ctx, old)
		}
	}
	if err != nil {
		return x, err
	}
	if w == nil { // it was over already
		return j.e.Get(ctx, x.ID)
	}
	select {
	case <-w.done:
	case <-ctx.Done():
		if x.Express {
			_ = w.stop(context.WithoutCancel(ctx), Details{})
		}
		return x, ctx.Err()
	}
	if w.err != nil {
		return x, w.err
	}
	x = w.run.exec
	if x.Express {
		err = j.e.update(ctx, func(tx *sql.Tx) error {
			if _, err := tx.Exec(`DELETE FROM workflow_execution WHERE id = ?`, x.ID); err != nil {
				return err
			}
			return insertExecution(tx, x)
		})
	}
	return x, err
}

// collect puts the results together, one child after the other.
func (j *mapJob) collect(ctx context.Context) (any, error) {
	rows, err := j.e.opts.Store.Reader().QueryContext(ctx, executionColumns+"WHERE e.map_run = ? ORDER BY e.map_index", j.arn)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		x, err := scanExecution(rows)
		if err != nil {
			return nil, err
		}
		if err := j.result.add(ctx, x); err != nil {
			return nil, err
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return j.result.finish(ctx)
}

// stop ends the children that are at work and records how the run ended.
func (j *mapJob) stop(ctx context.Context, status Status) {
	err := j.e.stopChildren(ctx, j.arn)
	if status == Aborted {
		err = errors.Join(err, j.record(ctx, status))
	}
	if err != nil {
		j.e.opts.Log.Error("stop map run", "mapRun", j.arn, "error", err)
	}
}

func (j *mapJob) record(ctx context.Context, status Status) error {
	return j.e.recordMapRun(ctx, j.arn, status)
}

func (e *Engine) recordMapRun(ctx context.Context, arn string, status Status) error {
	return e.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec(`UPDATE workflow_map_run SET status = ?, stopped = ? WHERE arn = ?`, status, e.opts.Clock.Now().UnixMicro(), arn)
		return err
	})
}

func (e *Engine) stopChildren(ctx context.Context, arn string) error {
	list, err := e.List(ctx, Filter{MapRun: arn, Status: Running})
	for _, x := range list {
		err = errors.Join(err, e.Stop(ctx, x.ID, "", "The Map Run was stopped."))
	}
	return err
}

// stopOrphans ends the map runs whose execution is over, as a process that died
// just then may leave them.
func (e *Engine) stopOrphans(ctx context.Context) error {
	arns, err := texts(ctx, e.opts.Store.Reader(), `SELECT m.arn FROM workflow_map_run m JOIN workflow_execution e ON e.id = m.execution
		WHERE m.status = ? AND e.status <> ?`, Running, Running)
	if err != nil {
		return err
	}
	for _, arn := range arns {
		err = errors.Join(err, e.stopChildren(ctx, arn), e.recordMapRun(ctx, arn, Aborted))
	}
	return err
}
