package app

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/batch"
	"github.com/mulgil/mulgil/internal/connector/mail"
	"github.com/mulgil/mulgil/internal/connector/webhook"
	"github.com/mulgil/mulgil/internal/notice"
	"github.com/mulgil/mulgil/internal/port"
	"github.com/mulgil/mulgil/internal/project"
	"github.com/mulgil/mulgil/internal/schedule"
	"github.com/mulgil/mulgil/internal/workflow"
	"github.com/mulgil/mulgil/internal/workflow/task"
)

// function is what workflows call as the Lambda function of that name.
func (a *App) function(name string) (task.Function, bool) {
	f, ok := a.p.Functions[name]
	if !ok {
		return task.Function{}, false
	}
	out := task.Function{
		Name: f.Name, Command: f.Command, Dir: f.Workdir, URL: f.URL.Reveal(), Header: project.Header(f.Headers),
		Timeout: f.Timeout, Idempotent: f.Idempotent, Log: a.functionLog(name),
	}
	var err error
	if out.Env, err = a.programEnv(f.Env, f.Connections); err != nil {
		a.cfg.Log.Error("connections of a function", "function", name, "error", err)
	}
	return out, true
}

// functionLog appends what a function writes to stderr to a file of its own.
func (a *App) functionLog(name string) appender {
	return appender(filepath.Join(a.p.DataDir, "logs", "functions", name+".log"))
}

// appender is a file that is opened for each write.
type appender string

func (f appender) Write(p []byte) (int, error) {
	if err := os.MkdirAll(filepath.Dir(string(f)), 0o755); err != nil {
		return len(p), nil // a log must not end the program
	}
	file, err := os.OpenFile(string(f), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return len(p), nil
	}
	defer file.Close()
	_, _ = file.Write(p)
	return len(p), nil
}

// endpoint is the HTTP connection of that name.
func (a *App) endpoint(name string) (task.Endpoint, bool) {
	c, ok := a.p.HTTP[name]
	return task.Endpoint{Header: project.Header(c.Headers), Idempotent: c.Idempotent}, ok
}

// messages hands what workflows send to the outbox.
type messages struct{ a *App }

func (m messages) Send(ctx context.Context, x task.Message) error {
	return m.a.notice.Send(ctx, notice.Message{
		Key: x.ID, Channel: x.Channel, From: x.From, To: x.To, Cc: x.Cc, Bcc: x.Bcc, ReplyTo: x.ReplyTo,
		Subject: x.Subject, Text: x.Text, HTML: x.HTML, Attributes: x.Attributes,
	})
}

// openNotice opens the outbox with the project's channels.
func (a *App) openNotice(ctx context.Context) (err error) {
	n := a.p.Notify
	o := notice.Options{Store: a.state, Clock: a.cfg.Clock, Log: a.cfg.Log, From: n.Mail.From, Poster: webhook.Client{}, Mailer: mail.Folder{Dir: n.Mail.Folder}}
	if n.Mail.SMTP != "" {
		var m port.Mailer
		if m, err = mail.NewSMTP(n.Mail.SMTP.Reveal()); err != nil {
			return err
		}
		o.Mailer = m
	}
	for _, c := range n.Channels {
		x := notice.Channel{Name: c.Name, Mail: c.Mail, Folder: c.Folder}
		if c.Webhook != "" {
			x.Webhook = &notice.Webhook{URL: c.Webhook.Reveal(), Header: project.Header(c.Headers), Slack: c.Slack}
		}
		o.Channels = append(o.Channels, x)
	}
	o.Failures = notice.Failures{
		Default: n.OnFailure, Korean: n.Korean, Project: a.p.Name, Zone: a.p.Timezone,
		By: map[string]map[string][]string{notice.Workflow: n.Workflows, notice.Job: n.Jobs, notice.Schedule: n.Schedules, notice.Crawler: n.Crawlers},
	}
	a.notice, err = notice.Open(ctx, o)
	return err
}

// executions are the project's, for state machines that start others.
type executions struct{ a *App }

func (x executions) Start(ctx context.Context, ref, name string, input json.RawMessage) (workflow.Execution, error) {
	w, err := x.a.p.Workflow(x.machineName(ref))
	if err != nil {
		return workflow.Execution{}, err
	}
	if err := x.a.checkWorkflow(w); err != nil {
		return workflow.Execution{}, err
	}
	x.a.live.add(w.Name + ":" + name)
	in := startInput(w, name, input)
	in.Express = w.Express
	return x.a.workflow.Start(ctx, in)
}

// machineName is the workflow in arn:aws:states:region:account:stateMachine:NAME.
func (executions) machineName(ref string) string {
	_, name, ok := strings.Cut(ref, ":stateMachine:")
	if !ok {
		return ref
	}
	name, _, _ = strings.Cut(name, ":") // a version or alias
	return name
}

func (x executions) Wait(ctx context.Context, id string) (workflow.Execution, error) {
	end, err := x.a.workflow.Wait(ctx, id)
	if base.KindOf(err) != base.Conflict {
		return end, err
	}
	// The parent was resumed and the child was not, or not yet.
	x.a.live.add(id)
	if err := x.a.workflow.Resume(ctx, id); err != nil {
		return workflow.Execution{}, err
	}
	return x.a.workflow.Wait(ctx, id)
}

func (x executions) Get(ctx context.Context, id string) (workflow.Execution, error) {
	return x.a.workflow.Get(ctx, id)
}

func (x executions) Stop(ctx context.Context, id, errorName, cause string) error {
	return x.a.workflow.Stop(ctx, id, errorName, cause)
}

func (x executions) Succeed(ctx context.Context, token string, output json.RawMessage) error {
	return x.a.workflow.SendTaskSuccess(ctx, token, output)
}

func (x executions) Fail(ctx context.Context, token, errorName, cause string) error {
	return x.a.workflow.SendTaskFailure(ctx, token, errorName, cause)
}

func (x executions) Heartbeat(ctx context.Context, token string) error {
	return x.a.workflow.SendTaskHeartbeat(ctx, token)
}

func (x executions) ExecutionARN(id string) string { return x.a.workflow.ARN("execution:" + id) }
func (x executions) MachineARN(workflow string) string {
	return x.a.workflow.ARN("stateMachine:" + workflow)
}

func (executions) ExecutionID(arn string) string {
	_, id, ok := strings.Cut(arn, ":execution:")
	if !ok {
		return arn
	}
	return id
}

// executionEnded tells of an execution that failed; one that was stopped was
// stopped by somebody.
func (a *App) executionEnded(tx *sql.Tx, x workflow.Execution) error {
	if x.Status != workflow.Failed && x.Status != workflow.TimedOut {
		return nil
	}
	f := notice.Failure{Kind: notice.Workflow, Name: x.Workflow, Run: x.ID, Again: x.Redrives, Started: x.Started, Ended: x.Stopped, Look: "mulgil workflow history " + x.ID}
	if x.Error != nil {
		f.Error = *x.Error
	}
	if x.Cause != nil {
		f.Cause = *x.Cause
	}
	if f.Error == "" {
		f.Error = string(x.Status)
	}
	return a.fail(tx, f)
}

// jobEnded tells of a job that failed on its own: of one that belongs to an
// execution, the execution tells.
func (a *App) jobEnded(tx *sql.Tx, run *batch.Run) error {
	if run.WorkflowTask != "" || run.State == batch.Succeeded || run.State == batch.Stopped {
		return nil
	}
	f := notice.Failure{Kind: notice.Job, Name: run.Job, Run: run.ID, Error: string(run.State), Started: run.StartedAt, Look: "mulgil job log " + run.ID}
	if run.EndedAt != nil {
		f.Ended = *run.EndedAt
	}
	if run.Error != nil {
		f.Cause = base.Render(run.Error.Err())
	}
	return a.fail(tx, f)
}

// fail puts a failure into the outbox and wakes it once tx can be seen.
func (a *App) fail(tx *sql.Tx, f notice.Failure) error {
	if err := a.notice.Failed(tx, f); err != nil {
		return err
	}
	time.AfterFunc(100*time.Millisecond, a.notice.Wake)
	return nil
}

// fireFailed tells of a fire that was dropped or missed. That of a run that
// failed is told by the run, and only told again where the project names
// channels for the schedule, or where the run is a crawler's.
func (a *App) fireFailed(ctx context.Context, occasion string, f schedule.Fire) {
	x := notice.Failure{Kind: notice.Schedule, Name: f.Schedule, Run: f.ID(), Error: occasion, Cause: f.Error, Started: f.Nominal, Ended: f.Ended, Look: "mulgil schedule history " + f.Schedule}
	if occasion == schedule.OnMissed {
		x.Cause = fmt.Sprintf("%d fires were missed, the last at %s", f.Missed, f.Nominal.In(a.p.Timezone).Format("2006-01-02 15:04 MST"))
	}
	if occasion == schedule.OnFailed {
		_, named := a.p.Notify.Schedules[f.Schedule]
		switch {
		case f.Target.Kind == schedule.Crawler:
			x.Kind, x.Name, x.Look = notice.Crawler, f.Target.Name, "mulgil crawler runs "+f.Target.Name
		case !named:
			return
		}
	}
	err := a.state.Update(ctx, func(tx *sql.Tx) error { return a.fail(tx, x) })
	if err != nil {
		a.cfg.Log.Error("nobody is told of a schedule", "schedule", f.Schedule, "occasion", occasion, "error", err)
	}
}
