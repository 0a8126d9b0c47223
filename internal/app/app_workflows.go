package app

import (
	"context"
	"encoding/json"
	"strings"
	"sync"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/keyvalue"
	"github.com/mulgil/mulgil/internal/lang/asl"
	"github.com/mulgil/mulgil/internal/project"
	"github.com/mulgil/mulgil/internal/workflow"
	"github.com/mulgil/mulgil/internal/workflow/task"
)

// WorkflowList implements Backend.
func (a *App) WorkflowList(ctx context.Context, _ WorkflowListRequest) ([]WorkflowInfo, error) {
	out := make([]WorkflowInfo, 0, len(a.p.Workflows))
	for _, w := range a.p.Workflows {
		info := WorkflowInfo{Name: w.Name, File: w.File}
		if m, err := asl.Parse(w.File, []byte(w.Text)); err == nil {
			info.Comment, info.States = m.Comment, len(m.AllStates())
		}
		list, err := a.workflow.List(ctx, workflow.Filter{Workflow: w.Name, Limit: 1})
		if err != nil {
			return nil, err
		}
		if len(list) > 0 {
			last := a.execution(list[0])
			info.Last = &last
		}
		out = append(out, info)
	}
	return out, nil
}

// live are the executions this process works on.
type live struct {
	mu  sync.Mutex // guards ids
	ids map[string]bool
}

func (l *live) add(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ids == nil {
		l.ids = map[string]bool{}
	}
	l.ids[id] = true
}

func (l *live) has(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ids[id]
}

func (a *App) execution(x workflow.Execution) Execution {
	e := Execution{ID: x.ID, Workflow: x.Workflow, Name: x.Name, Status: string(x.Status), StartedAt: x.Started.UTC(), StoppedAt: utc(&x.Stopped),
		Input: x.Input, Output: x.Output, From: x.From}
	if x.Error != nil {
		e.Error = *x.Error
	}
	if x.Cause != nil {
		e.Cause = *x.Cause
	}
	e.Interrupted = x.Status == workflow.Running && !a.live.has(x.ID)
	return e
}

// WorkflowRun implements Backend. Without Detach the execution ends with the
// caller: a cancelled wait stops it.
func (a *App) WorkflowRun(ctx context.Context, req WorkflowRunRequest, report base.Report) (Execution, error) {
	w, err := a.p.Workflow(req.Workflow)
	if err != nil {
		return Execution{}, err
	}
	if err := a.checkWorkflow(w); err != nil {
		return Execution{}, err
	}
	if err := a.diskFloor(); err != nil {
		return Execution{}, err
	}
	name := req.Name
	if name == "" {
		name = newExecutionName()
	}
	id := w.Name + ":" + name
	defer a.watchers.watch(id, report)()
	a.live.add(id)
	in := startInput(w, name, req.Input)
	in.From, in.Express = req.From, w.Express
	if w.Express && !req.Detach {
		x, err := a.workflow.RunExpress(ctx, in)
		return a.execution(x), err
	}
	x, err := a.workflow.Start(ctx, in)
	if err != nil {
		return Execution{}, err
	}
	if req.Detach {
		return a.execution(x), nil
	}
	return a.follow(ctx, x.ID)
}

// startInput starts an execution of w that keeps a history.
func startInput(w *project.Workflow, name string, input json.RawMessage) workflow.StartInput {
	return workflow.StartInput{Workflow: w.Name, Definition: w.Text, File: w.File, Name: name, Input: input}
}

// follow waits for an execution and stops it if the caller goes away.
func (a *App) follow(ctx context.Context, id string) (Execution, error) {
	x, err := a.workflow.Wait(ctx, id)
	if ctx.Err() != nil {
		done := context.WithoutCancel(ctx)
		if err := a.workflow.Stop(done, id, "Mulgil.Stopped", "stopped by the user"); err != nil {
			return Execution{}, err
		}
		x, err = a.workflow.Get(done, id)
	}
	if err != nil {
		return Execution{}, err
	}
	return a.execution(x), nil
}

// checkWorkflow finds the mistakes of a definition that only the project can
// see: resources nobody serves, jobs and crawlers that do not exist.
func (a *App) checkWorkflow(w *project.Workflow) error {
	m, err := a.workflow.Parse(w.File, w.Text, w.Express)
	if err != nil {
		return err
	}
	return checkTasks(a.p, m).Err()
}

// checkTasks looks up the jobs, crawlers and key-value tables that a definition names literally.
func checkTasks(p *project.Project, m *asl.Machine) base.Errors {
	var out base.Errors
	for _, t := range m.Tasks() {
		find := func(param string, lookup func(string) error) {
			name, ok := t.Params[param].(string)
			if !ok {
				return
			}
			if err := lookup(name); err != nil {
				e := base.Errorf(base.KindOf(err), "state %q: %w", t.State, err).At(t.ParamPlaces[param]).WithCode(base.CodeOf(err))
				e.Hint = hintOf(err)
				out = append(out, e)
			}
		}
		switch {
		case strings.Contains(t.Resource, ":glue:startJobRun"):
			find("JobName", func(n string) error { _, err := p.Job(n); return err })
		case strings.HasSuffix(t.Resource, ":lambda:invoke"), strings.Contains(t.Resource, ":lambda:invoke."):
			find("FunctionName", func(n string) error { return checkFunction(p, n) })
		case strings.HasPrefix(t.Resource, task.FunctionARN):
			if err := checkFunction(p, t.Resource); err != nil {
				out = append(out, base.Errorf(base.NotFound, "state %q: %w", t.State, err).At(t.Place))
			}
		case strings.Contains(t.Resource, ":states:startExecution"), strings.Contains(t.Resource, ":sfn:startExecution"):
			find("StateMachineArn", func(n string) error { _, err := p.Workflow(executions{}.machineName(n)); return err })
		case strings.Contains(t.Resource, ":aws-sdk:glue:"):
			find("Name", func(n string) error { _, err := p.Crawler(n); return err })
		case strings.Contains(t.Resource, ":dynamodb:"):
			find("TableName", func(n string) error { _, err := p.KeyTable(keyvalue.TableName(n)); return err })
		}
	}
	return out
}

// checkFunction looks up a function by name or ARN.
func checkFunction(p *project.Project, ref string) error {
	name := task.FunctionName(ref)
	if _, ok := p.Functions[name]; ok {
		return nil
	}
	return base.Errorf(base.NotFound, "no function %q", name).WithHint("functions are named under functions: in mulgil.yaml")
}

// WorkflowExecutions implements Backend.
func (a *App) WorkflowExecutions(ctx context.Context, req WorkflowExecutionsRequest) ([]Execution, error) {
	limit := req.Limit
	if limit <= 0 {
		limit = 20
	}
	if req.Workflow != "" {
		if _, err := a.p.Workflow(req.Workflow); err != nil {
			return nil, err
		}
	}
	list, err := a.workflow.List(ctx, workflow.Filter{Workflow: req.Workflow, Limit: limit})
	out := make([]Execution, 0, len(list))
	for _, x := range list {
		out = append(out, a.execution(x))
	}
	return out, err
}

// find turns an execution's id or bare name into its id.
func (a *App) find(ctx context.Context, s string) (string, error) {
	if _, err := a.workflow.Get(ctx, s); err == nil {
		return s, nil
	}
	list, err := a.workflow.List(ctx, workflow.Filter{})
	if err != nil {
		return "", err
	}
	for _, x := range list {
		if x.Name == s {
			return x.ID, nil
		}
	}
	return "", base.Errorf(base.NotFound, "no execution %q", s).WithCode("ExecutionDoesNotExist").WithHint("mulgil workflow executions lists them")
}

// WorkflowHistory implements Backend.
func (a *App) WorkflowHistory(ctx context.Context, req WorkflowHistoryRequest) ([]Event, error) {
	id, err := a.find(ctx, req.Execution)
	if err != nil {
		return nil, err
	}
	events, err := a.workflow.History(ctx, id)
	if err != nil {
		return nil, err
	}
	out := make([]Event, 0, len(events))
	for _, e := range events {
		d, err := json.Marshal(e.Details)
		if err != nil {
			return nil, err
		}
		out = append(out, Event{ID: e.ID, PreviousID: e.PreviousID, Type: e.Type, Time: e.Time.UTC(), State: e.State, Details: d})
	}
	return out, nil
}

// WorkflowStop implements Backend.
func (a *App) WorkflowStop(ctx context.Context, req WorkflowStopRequest) (Execution, error) {
	id, err := a.find(ctx, req.Execution)
	if err != nil {
		return Execution{}, err
	}
	if err := a.workflow.Stop(ctx, id, req.Error, req.Cause); err != nil {
		return Execution{}, err
	}
	x, err := a.workflow.Get(ctx, id)
	return a.execution(x), err
}

// WorkflowResume implements Backend.
func (a *App) WorkflowResume(ctx context.Context, req WorkflowResumeRequest, report base.Report) ([]Execution, error) {
	var ids []string
	if req.Execution != "" {
		id, err := a.find(ctx, req.Execution)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	} else if !req.All {
		return nil, base.Errorf(base.Usage, "name an execution, or resume all")
	}
	if req.All {
		list, err := a.workflow.List(ctx, workflow.Filter{Status: workflow.Running})
		if err != nil {
			return nil, err
		}
		for _, x := range list {
			ids = append(ids, x.ID)
		}
	}
	for _, id := range ids {
		defer a.watchers.watch(id, report)()
		a.live.add(id)
		if err := a.workflow.Resume(ctx, id); err != nil {
			return nil, err
		}
	}
	out := make([]Execution, 0, len(ids))
	for _, id := range ids {
		x, err := a.workflow.Get(ctx, id)
		if err != nil {
			return nil, err
		}
		e := a.execution(x)
		if !req.Detach {
			if e, err = a.follow(ctx, id); err != nil {
				return nil, err
			}
		}
		out = append(out, e)
	}
	return out, nil
}

// ResumeAll carries on every execution a dead owner left.
func (a *App) ResumeAll(ctx context.Context) error {
	list, err := a.workflow.List(ctx, workflow.Filter{Status: workflow.Running})
	if err != nil {
		return err
	}
	for _, x := range list {
		a.live.add(x.ID)
	}
	_, err = a.workflow.ResumeAll(ctx)
	return err
}
