package app

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/asl"
	"github.com/mulgil/mulgil/internal/lang/dates"
	"github.com/mulgil/mulgil/internal/project"
	"github.com/mulgil/mulgil/internal/schedule"
	"github.com/mulgil/mulgil/internal/workflow"
)

// planned is the status of an interval that was not started.
const planned = "PLANNED"

// maxParallel bounds the executions of a backfill that run at once.
const maxParallel = 64

// defaultInput is a backfill's input where none is given.
var defaultInput = map[string]string{
	schedule.Daily:   `{"from": "{{ date }}", "to": "{{ date }}"}`,
	schedule.Monthly: `{"from": "{{ month first }}", "to": "{{ month last }}"}`,
}

// WorkflowBackfill implements Backend. An interval is part of its execution's
// name, so that asking again starts only what has not succeeded; a cancelled
// wait stops what runs.
func (a *App) WorkflowBackfill(ctx context.Context, req WorkflowBackfillRequest, report base.Report) ([]BackfillInterval, error) {
	w, err := a.p.Workflow(req.Workflow)
	if err != nil {
		return nil, err
	}
	if err := a.checkWorkflow(w); err != nil {
		return nil, err
	}
	if req.Parallel < 0 || req.Parallel > maxParallel {
		return nil, base.Errorf(base.Usage, "%d executions at once are too many: 1 to %d", req.Parallel, maxParallel)
	}
	tasks, err := a.backfillTasks(ctx, w, req)
	if err != nil {
		return nil, err
	}
	out := make([]BackfillInterval, len(tasks))
	for i, t := range tasks {
		out[i] = t.BackfillInterval
	}
	if req.DryRun {
		return out, nil
	}
	if err := a.diskFloor(); err != nil {
		return nil, err
	}
	var mu sync.Mutex // guards failed
	failed := false
	var g errgroup.Group
	g.SetLimit(cmp.Or(req.Parallel, 1))
	for i, t := range tasks {
		if t.Kept {
			continue
		}
		g.Go(func() error {
			mu.Lock()
			stop := failed && !req.KeepGoing || ctx.Err() != nil
			mu.Unlock()
			if stop {
				return nil
			}
			x, err := a.backfillOne(ctx, w, t, report)
			if err != nil {
				x = Execution{Status: string(workflow.Failed), Error: base.Render(err)}
			}
			mu.Lock()
			failed = failed || x.Status != string(workflow.Succeeded)
			mu.Unlock()
			out[i].Status, out[i].Error, out[i].Cause = x.Status, x.Error, x.Cause
			return nil
		})
	}
	return out, g.Wait()
}

// backfillTask is an interval with what there is of it.
type backfillTask struct {
	BackfillInterval
	resume string // the id of an execution that is running
}

// backfillTasks looks up each interval and decides what is left to do.
func (a *App) backfillTasks(ctx context.Context, w *project.Workflow, req WorkflowBackfillRequest) ([]backfillTask, error) {
	list, err := schedule.Intervals(req.From, req.To, req.Every)
	if err != nil {
		return nil, err
	}
	fill, err := a.backfillInput(w, req)
	if err != nil {
		return nil, err
	}
	var out []backfillTask
	var errs base.Errors
	for _, i := range list {
		t, err := a.backfillTask(ctx, w, i, fill, req.Redo)
		if err != nil {
			errs = append(errs, err)
		}
		out = append(out, t)
	}
	return out, errs.Err()
}

// backfillInput gives what writes an interval's input for one attempt.
func (a *App) backfillInput(w *project.Workflow, req WorkflowBackfillRequest) (func(i schedule.Interval, attempt int) (json.RawMessage, error), error) {
	var input dates.Template
	zone, begin := a.p.Timezone, schedule.Interval.Begin
	switch {
	case req.Schedule != "" && len(req.Input) > 0:
		return nil, base.Errorf(base.Usage, "the input is given twice, and by schedule %s", req.Schedule).WithHint("leave one out")
	case req.Schedule != "":
		s, err := a.p.Schedule(req.Schedule)
		if err != nil {
			return nil, err
		}
		if s.Kind != schedule.Workflow || s.Target != w.Name {
			return nil, base.Errorf(base.Usage, "schedule %s starts %s %s, not workflow %s", s.Name, s.Kind, s.Target, w.Name)
		}
		input, zone, begin = s.Input, scheduleOf(s).Location(), schedule.Interval.End
	default:
		text := string(req.Input)
		if text == "" {
			text = defaultInput[req.Every]
		}
		var err error
		if input, err = dates.ParseTemplate(text); err != nil {
			return nil, fmt.Errorf("input: %w", err)
		}
	}
	return func(i schedule.Interval, attempt int) (json.RawMessage, error) {
		text := input.Fill(dates.Moment{Time: begin(i, zone), Zone: zone, Attempt: attempt, ExecutionID: backfillName(i, attempt), ScheduleARN: schedule.ARN(req.Schedule)})
		v, err := asl.Decode([]byte(cmp.Or(text, "{}")))
		if err != nil {
			return nil, base.Errorf(base.Usage, "the input is not JSON: %w", err)
		}
		return asl.Encode(v), nil
	}, nil
}

// backfillName is the execution's name for an attempt at an interval.
func backfillName(i schedule.Interval, attempt int) string {
	name := "backfill-" + i.Name()
	if attempt > 1 {
		name += fmt.Sprintf("-%d", attempt)
	}
	return name
}

// backfillTask finds the newest attempt at an interval and what follows from it.
func (a *App) backfillTask(ctx context.Context, w *project.Workflow, i schedule.Interval, fill func(schedule.Interval, int) (json.RawMessage, error), redo bool) (backfillTask, *base.Error) {
	t := backfillTask{BackfillInterval: BackfillInterval{From: i.First.Format(time.DateOnly), To: i.Last.Format(time.DateOnly), Status: planned}}
	var newest workflow.Execution
	attempt := 1
	for ; ; attempt++ {
		x, err := a.workflow.Get(ctx, w.Name+":"+backfillName(i, attempt))
		if base.KindOf(err) == base.NotFound {
			break
		}
		if err != nil {
			return t, base.Errorf(base.KindOf(err), "%w", err)
		}
		newest = x
	}
	if newest.Status == workflow.Running || newest.Status == workflow.Succeeded && !redo {
		attempt--
	}
	t.Execution = backfillName(i, attempt)
	input, err := fill(i, attempt)
	if err != nil {
		return t, base.Errorf(base.KindOf(err), "%s: %w", i.Name(), err)
	}
	t.Input = input
	switch {
	case newest.Status == workflow.Running:
		t.resume = newest.ID
	case newest.Status == workflow.Succeeded && !redo:
		t.Kept, t.Status = true, string(workflow.Succeeded)
		if !bytes.Equal(newest.Input, input) {
			return t, base.Errorf(base.Exists, "%s has succeeded with another input: %s", i.Name(), newest.Input).WithHint("--redo runs it again with the new one")
		}
	}
	return t, nil
}

// backfillOne runs one interval to its end.
func (a *App) backfillOne(ctx context.Context, w *project.Workflow, t backfillTask, report base.Report) (Execution, error) {
	id := w.Name + ":" + t.Execution
	defer a.watchers.watch(id, report)()
	a.live.add(id)
	if t.resume != "" {
		if err := a.workflow.Resume(ctx, id); err != nil {
			return Execution{}, err
		}
		return a.follow(ctx, id)
	}
	if _, err := a.workflow.Start(ctx, startInput(w, t.Execution, t.Input)); err != nil {
		return Execution{}, err
	}
	return a.follow(ctx, id)
}
