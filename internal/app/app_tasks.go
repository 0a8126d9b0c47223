package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/batch"
	"github.com/mulgil/mulgil/internal/lake/crawl"
	"github.com/mulgil/mulgil/internal/workflow"
	"github.com/mulgil/mulgil/internal/workflow/task"
)

func newExecutionName() string { return uuid.NewString() }

// tasks is the table of what a Task state can ask for.
func (a *App) tasks() task.Table {
	clock := a.cfg.Clock
	return task.Merge(a.glue(), task.Lambda(a.function, a.behind.run, clock), task.HTTP(a.endpoint), task.Messaging(messages{a}, clock),
		task.Nested(executions{a}, clock), task.Athena(statements{a}, clock), task.DynamoDB(a.item, clock))
}

// item serves state machines from the key-value store.
func (a *App) item(ctx context.Context, operation string, input []byte, id string) (task.ItemAnswer, error) {
	return a.kv.Call(ctx, operation, input, id)
}

// glue serves jobs and crawlers.
func (a *App) glue() task.Table {
	return task.Table{
		"arn:aws:states:::glue:startJobRun.sync":     a.runJob,
		"arn:aws:states:::glue:startJobRun":          a.startJobRun,
		"arn:aws:states:::aws-sdk:glue:startJobRun":  a.startJobRun,
		"arn:aws:states:::aws-sdk:glue:getJobRun":    a.getJobRun,
		"arn:aws:states:::aws-sdk:glue:getJob":       a.getJob,
		"arn:aws:states:::aws-sdk:glue:startCrawler": a.startCrawler,
		"arn:aws:states:::aws-sdk:glue:getCrawler":   a.getCrawler,
		"arn:aws:states:::aws-sdk:glue:stopCrawler":  a.stopCrawler,
	}
}

// TaskResources lists what workflows may use, for validation without an App.
func TaskResources() []string {
	var a App
	var out []string
	for r := range a.tasks() {
		out = append(out, r)
	}
	return out
}

// glueJobRun is a job run as Glue's GetJobRun describes it, the part that
// state machines look at.
type glueJobRun struct {
	ID            string            `json:"Id"`
	JobName       string            `json:"JobName"`
	JobRunState   string            `json:"JobRunState"`
	Attempt       int               `json:"Attempt"`
	StartedOn     int64             `json:"StartedOn"`
	CompletedOn   int64             `json:"CompletedOn,omitempty"`
	LastModified  int64             `json:"LastModifiedOn"`
	ExecutionTime int64             `json:"ExecutionTime"`
	Arguments     map[string]string `json:"Arguments,omitempty"`
	ErrorMessage  string            `json:"ErrorMessage,omitempty"`
	Timeout       int               `json:"Timeout"`
	GlueVersion   string            `json:"GlueVersion"`
}

// jobRequest reads the parameters of startJobRun. The task's identity is the
// run's, so that a resumed task meets the run it started.
func (a *App) jobRequest(t workflow.Task) (batch.Request, error) {
	var in struct {
		JobName   string
		Arguments map[string]string
	}
	if err := json.Unmarshal(t.Input, &in); err != nil {
		return batch.Request{}, &workflow.TaskError{Name: "Glue.InvalidInputException", Cause: "Parameters of startJobRun: " + err.Error()}
	}
	j, err := a.p.Job(in.JobName)
	if err != nil {
		return batch.Request{}, &workflow.TaskError{Name: "Glue.EntityNotFoundException", Cause: "Failed to start job run due to missing metadata: " + err.Error()}
	}
	r, err := a.request(j, in.Arguments)
	if err != nil {
		return batch.Request{}, &workflow.TaskError{Name: "Glue.InvalidInputException", Cause: base.Render(err)}
	}
	r.Task = t.ID
	r.Report = func(p base.Progress) {
		p.Run, p.Stage = t.Execution, t.State+": "+p.Stage
		a.watchers.report(p)
	}
	return r, nil
}

// runJob is glue:startJobRun.sync: it runs the job and waits.
func (a *App) runJob(ctx context.Context, t workflow.Task) (json.RawMessage, error) {
	r, err := a.jobRequest(t)
	if err != nil {
		return nil, err
	}
	if t.Submitted == nil && t.Submit != nil {
		if err := t.Submit(json.RawMessage(fmt.Sprintf(`{"JobRunId":%q}`, batch.RunID(t.ID)))); err != nil {
			return nil, err
		}
	}
	run, err := a.batch.Run(ctx, r)
	if err != nil {
		return nil, refusedRun(err)
	}
	for _, w := range run.Warnings {
		a.watchers.report(base.Progress{Run: t.Execution, Stage: t.State + ": warning", Note: w, Done: true})
	}
	out, err := json.Marshal(glueRun(run))
	if err != nil {
		return nil, err
	}
	if run.State != batch.Succeeded {
		return nil, &workflow.TaskError{Name: "States.TaskFailed", Cause: string(out)}
	}
	return out, nil
}

// startJobRun starts the job and does not wait. The run goes on by itself and
// outlives the execution, as in AWS, but not this process.
func (a *App) startJobRun(ctx context.Context, t workflow.Task) (json.RawMessage, error) {
	r, err := a.jobRequest(t)
	if err != nil {
		return nil, err
	}
	id := batch.RunID(t.ID)
	if _, err := a.batch.Get(ctx, id); base.KindOf(err) != base.NotFound || err == nil {
		return json.RawMessage(fmt.Sprintf(`{"JobRunId":%q}`, id)), err
	}
	if err := a.begin(ctx, a.behind.run, r); err != nil {
		return nil, refusedRun(err)
	}
	return json.RawMessage(fmt.Sprintf(`{"JobRunId":%q}`, id)), nil
}

// refusedRun names the error of a job that did not start.
func refusedRun(err error) error {
	if base.CodeOf(err) == "ConcurrentRunsExceededException" {
		return &workflow.TaskError{Name: "Glue.ConcurrentRunsExceededException", Cause: base.Render(err)}
	}
	return err
}

// begin has spawn run a job in the background, and returns once the run is
// recorded, or was there already, or with why there is none.
func (a *App) begin(ctx context.Context, spawn func(func(ctx context.Context)), r batch.Request) error {
	started, ended := make(chan struct{}), make(chan error, 1)
	r.Started = func() { close(started) }
	spawn(func(ctx context.Context) {
		_, err := a.batch.Run(ctx, r)
		ended <- err
	})
	select {
	case <-started:
		return nil
	case err := <-ended:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (a *App) getJobRun(ctx context.Context, t workflow.Task) (json.RawMessage, error) {
	var in struct{ JobName, RunId string }
	if err := json.Unmarshal(t.Input, &in); err != nil || in.RunId == "" {
		return nil, &workflow.TaskError{Name: "Glue.InvalidInputException", Cause: "Parameters need JobName and RunId"}
	}
	run, err := a.batch.Get(ctx, in.RunId)
	if base.KindOf(err) == base.NotFound && err != nil {
		return nil, &workflow.TaskError{Name: "Glue.EntityNotFoundException", Cause: "Job run not found: " + in.RunId + " (Service: Glue, Status Code: 400)"}
	}
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string]any{"JobRun": glueRun(run)})
}

func (a *App) getJob(_ context.Context, t workflow.Task) (json.RawMessage, error) {
	var in struct{ JobName string }
	if err := json.Unmarshal(t.Input, &in); err != nil || in.JobName == "" {
		return nil, &workflow.TaskError{Name: "Glue.InvalidInputException", Cause: "Parameters need the JobName"}
	}
	j, err := a.p.Job(in.JobName)
	if err != nil {
		return nil, &workflow.TaskError{Name: "Glue.EntityNotFoundException", Cause: "Entity not found: " + in.JobName + " (Service: Glue, Status Code: 400)"}
	}
	defaults := map[string]string{}
	for _, p := range j.Params {
		if p.Default != nil {
			defaults["--"+p.Name] = *p.Default
		}
	}
	return json.Marshal(map[string]any{"Job": map[string]any{
		"Name": j.Name, "Description": j.Description, "DefaultArguments": defaults, "MaxRetries": j.Retries,
		"Command": map[string]any{"Name": "glueetl", "ScriptLocation": j.File}, "GlueVersion": "mulgil",
	}})
}

func glueRun(run *batch.Run) glueJobRun {
	g := glueJobRun{ID: run.ID, JobName: run.Job, JobRunState: string(run.State), StartedOn: run.StartedAt.UnixMilli(), LastModified: run.StartedAt.UnixMilli(),
		Timeout: 2880, GlueVersion: "mulgil"}
	if run.EndedAt != nil {
		g.CompletedOn, g.LastModified = run.EndedAt.UnixMilli(), run.EndedAt.UnixMilli()
		g.ExecutionTime = int64(run.EndedAt.Sub(run.StartedAt) / time.Second)
	}
	if run.Error != nil {
		g.ErrorMessage = base.Render(run.Error.Err())
	}
	for k, v := range run.Args {
		if g.Arguments == nil {
			g.Arguments = map[string]string{}
		}
		g.Arguments["--"+k] = v
	}
	return g
}

// crawlerName reads the Name of a crawler task's parameters.
func crawlerName(t workflow.Task) (string, error) {
	var in struct{ Name string }
	if err := json.Unmarshal(t.Input, &in); err != nil || in.Name == "" {
		return "", &workflow.TaskError{Name: "Glue.InvalidInputException", Cause: "Parameters need the crawler's Name"}
	}
	return in.Name, nil
}

// glueError names an error as the aws-sdk integration does.
func glueError(err error) error {
	if err == nil {
		return nil
	}
	code := base.CodeOf(err)
	if code == "" {
		return err
	}
	var e *base.Error
	msg := err.Error()
	if errors.As(err, &e) {
		msg = e.Msg
	}
	return &workflow.TaskError{Name: "Glue." + code, Cause: msg + " (Service: Glue, Status Code: 400)"}
}

func (a *App) startCrawler(ctx context.Context, t workflow.Task) (json.RawMessage, error) {
	name, err := crawlerName(t)
	if err != nil {
		return nil, err
	}
	if t.Resumed {
		if c, err := a.crawl.Get(ctx, name); err == nil && c.State != crawl.Ready {
			return json.RawMessage(`{}`), nil
		}
	}
	if _, err := a.crawl.Start(ctx, name); err != nil {
		return nil, glueError(err)
	}
	return json.RawMessage(`{}`), nil
}

func (a *App) getCrawler(ctx context.Context, t workflow.Task) (json.RawMessage, error) {
	name, err := crawlerName(t)
	if err != nil {
		return nil, err
	}
	c, err := a.crawl.Get(ctx, name)
	if err != nil {
		return nil, glueError(err)
	}
	return json.Marshal(crawl.Output{Crawler: c})
}

func (a *App) stopCrawler(ctx context.Context, t workflow.Task) (json.RawMessage, error) {
	name, err := crawlerName(t)
	if err != nil {
		return nil, err
	}
	if err := a.crawl.Stop(ctx, name); err != nil {
		return nil, glueError(err)
	}
	return json.RawMessage(`{}`), nil
}
