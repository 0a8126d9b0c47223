package app

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/batch"
	"github.com/mulgil/mulgil/internal/lake/crawl"
	"github.com/mulgil/mulgil/internal/schedule"
	"github.com/mulgil/mulgil/internal/workflow"
)

// starter starts what schedules name.
type starter struct{ a *App }

var _ schedule.Starter = starter{}

// Start implements schedule.Starter.
func (s starter) Start(ctx context.Context, c schedule.Call, record func(tx *sql.Tx, run string) error) (string, error) {
	switch c.Target.Kind {
	case schedule.Workflow:
		return s.workflow(ctx, c, record)
	case schedule.Job:
		return s.job(ctx, c, record)
	}
	return s.a.crawl.StartAnd(ctx, c.Target.Name, record)
}

func (s starter) workflow(ctx context.Context, c schedule.Call, record func(tx *sql.Tx, run string) error) (string, error) {
	w, err := s.a.p.Workflow(c.Target.Name)
	if err != nil {
		return "", err
	}
	if err := s.a.checkWorkflow(w); err != nil {
		return "", err
	}
	if err := s.a.diskFloor(); err != nil {
		return "", err
	}
	s.a.live.add(w.Name + ":" + c.RunName)
	in := startInput(w, c.RunName, c.Input)
	in.Also = func(tx *sql.Tx, x workflow.Execution) error { return record(tx, x.ID) }
	x, err := s.a.workflow.Start(ctx, in)
	return x.ID, err
}

// job runs a job that goes on when this call has returned. Its run's id follows
// from the call's, so that a job that was interrupted runs again under it.
func (s starter) job(ctx context.Context, c schedule.Call, record func(tx *sql.Tx, run string) error) (string, error) {
	j, err := s.a.p.Job(c.Target.Name)
	if err != nil {
		return "", err
	}
	if err := s.a.diskFloor(); err != nil {
		return "", err
	}
	var args map[string]string
	if len(c.Input) > 0 {
		if err := json.Unmarshal(c.Input, &args); err != nil {
			return "", base.Errorf(base.Invalid, "the input of job %s: %w", j.Name, err)
		}
	}
	r, err := s.a.request(j, args)
	if err != nil {
		return "", err
	}
	r.Task, r.Report, r.Also = c.ID, s.a.watchers.report, record
	free := context.WithoutCancel(ctx)
	return batch.RunID(c.ID), s.a.begin(free, func(run func(context.Context)) { go run(free) }, r)
}

// Wait implements schedule.Starter.
func (s starter) Wait(ctx context.Context, t schedule.Target, run string, left bool) (schedule.Outcome, string, error) {
	switch t.Kind {
	case schedule.Workflow:
		x, err := s.a.workflow.Wait(ctx, run)
		if err != nil || x.Status == workflow.Succeeded {
			return schedule.RunSucceeded, "", err
		}
		return schedule.RunFailed, executionFailure(x), nil
	case schedule.Job:
		r, err := s.a.batch.Wait(ctx, run)
		switch {
		case err != nil || r.State == batch.Succeeded:
			return schedule.RunSucceeded, "", err
		case left && (r.State == batch.Stopped || r.Error != nil && r.Error.Code == "OwnerDied"):
			return schedule.RunInterrupted, "", nil
		case r.Error != nil:
			return schedule.RunFailed, base.Render(r.Error.Err()), nil
		}
		return schedule.RunFailed, string(r.State), nil
	}
	r, err := s.a.crawl.Wait(ctx, run)
	switch {
	case err != nil || r.Status == crawl.Succeeded:
		return schedule.RunSucceeded, "", err
	case left && r.Interrupted():
		return schedule.RunInterrupted, "", nil
	case r.Error == "":
		return schedule.RunFailed, r.Status, nil
	}
	return schedule.RunFailed, r.Error, nil
}

// executionFailure says how an execution ended that did not succeed.
func executionFailure(x workflow.Execution) string {
	out := string(x.Status)
	if x.Error != nil {
		out += ": " + *x.Error
	}
	if x.Cause != nil && *x.Cause != "" {
		out += ": " + *x.Cause
	}
	return out
}
