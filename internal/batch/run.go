package batch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/query/worker"
)

// Run runs a job and waits for its end. An error means no run was recorded;
// a run that failed is returned with its state and error.
func (s *Service) Run(ctx context.Context, req Request) (*Run, error) {
	s.catchUp(ctx)
	id := newRunID()
	if req.Task != "" {
		id = RunID(req.Task)
		if run, err := s.attach(ctx, id); run != nil || err != nil {
			return run, err
		}
		if run, err := s.Get(ctx, id); err == nil && (run.State == Succeeded || run.State == Failed && (run.Error == nil || run.Error.Code != "OwnerDied")) {
			return run, nil
		}
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	a, err := s.admit(id, req.Job, stop)
	if err != nil {
		return nil, err
	}
	defer s.leave(id, a)
	run := &Run{ID: id, Job: req.Job.Name, State: Running, Args: req.Args, WorkflowTask: req.Task, StartedAt: s.now(),
		Seconds: map[string]float64{}, Owner: s.o.Owner}
	if err := s.records.saveAnd(ctx, run, req.Also); err != nil {
		return nil, err
	}
	if req.Started != nil {
		req.Started()
	}
	s.o.Log.Info("job started", "job", run.Job, "run", run.ID)
	err = s.attempts(ctx, req, run)
	now := s.now()
	run.EndedAt, run.State = &now, stateOf(ctx, err)
	if err != nil {
		run.Error = runError(err)
	}
	s.o.Log.Info("job ended", "job", run.Job, "run", run.ID, "state", run.State, "rows", run.Rows)
	req.Report.Do(base.Progress{Stage: run.Job, Run: run.ID, Rows: run.Rows, Bytes: run.Bytes, Files: run.Files,
		Elapsed: now.Sub(run.StartedAt), Done: true, Failed: err != nil})
	if err := s.records.save(context.WithoutCancel(ctx), run); err != nil {
		s.keep(run, err)
	}
	return run, nil
}

// keep remembers the record of an ended run that could not be saved. What the
// run did is done: its outcome stands, and the record is saved when it can be.
func (s *Service) keep(run *Run, err error) {
	s.o.Log.Error("the record of a job's run is not saved yet", "run", run.ID, "state", run.State, "error", err)
	run.Warnings = append(run.Warnings, "the record of this run is not saved yet: "+err.Error())
	kept := *run
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unsaved = append(s.unsaved, &kept)
}

// catchUp saves the records that could not be.
func (s *Service) catchUp(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.unsaved) > 0 && s.records.save(ctx, s.unsaved[0]) == nil {
		s.unsaved = s.unsaved[1:]
	}
}

func stateOf(ctx context.Context, err error) State {
	switch {
	case err == nil:
		return Succeeded
	case errors.Is(context.Cause(ctx), context.DeadlineExceeded), errors.Is(err, errTimeout):
		return TimedOut
	case ctx.Err() != nil || base.KindOf(err) == base.Canceled:
		return Stopped
	}
	return Failed
}

var errTimeout = errors.New("the job ran longer than its timeout")

// attempts runs the job, again if it failed for a reason that may pass.
func (s *Service) attempts(ctx context.Context, req Request, run *Run) error {
	if t := req.Job.Timeout; t > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, t, errTimeout)
		defer cancel()
	}
	log, err := os.OpenFile(s.LogPath(run.ID), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return fmt.Errorf("open log: %w", err)
	}
	defer log.Close()
	for try := 0; ; try++ {
		fmt.Fprintf(log, "%s %s attempt %d\n", s.now().Format(time.RFC3339), run.Job, try+1)
		err := s.attempt(ctx, req, run, log)
		if err != nil {
			fmt.Fprintf(log, "%s failed: %s\n", s.now().Format(time.RFC3339), base.Render(err))
		} else {
			fmt.Fprintf(log, "%s succeeded\n", s.now().Format(time.RFC3339))
		}
		if err == nil || try >= req.Job.Retries || ctx.Err() != nil || !passing(err) {
			return err
		}
	}
}

func passing(err error) bool {
	k := base.KindOf(err)
	return k == base.Unavailable || k == base.Conflict
}

func (s *Service) attempt(ctx context.Context, req Request, run *Run, log io.Writer) error {
	if c := req.Job.Command; c != nil {
		return s.command(ctx, req, run, *c, log)
	}
	targets := make([]lake.Target, len(req.Job.Outputs))
	for i, o := range req.Job.Outputs {
		targets[i] = lake.Target{Table: o.Target, Mode: o.Mode, PartitionBy: o.PartitionBy, Key: o.Key, Location: o.Location, Comment: o.Comment}
	}
	w, err := s.o.Lake.Begin(ctx, run.ID, targets)
	if err != nil {
		return err
	}
	if done := w.Done(); done != nil {
		fill(run, done)
		return nil
	}
	err = s.publish(ctx, req, run, w, log)
	if err != nil {
		err = errors.Join(err, w.Abort(context.WithoutCancel(ctx)))
		if l, ok := err.(interface{ Unwrap() []error }); ok && len(l.Unwrap()) == 1 {
			err = l.Unwrap()[0]
		}
	}
	return err
}

// publish has a worker write and test the outputs, judges the findings and commits.
func (s *Service) publish(ctx context.Context, req Request, run *Run, w *lake.Write, log io.Writer) error {
	x := &execution{s: s, req: req, run: run, write: w}
	task, err := x.task(ctx)
	if err != nil {
		return err
	}
	defer x.bound.Release()
	used, err := s.o.Query.Run(ctx, task, worker.Handler{Message: x.hear, Plan: x.plan, Log: log})
	run.PeakMemory, run.CPUSeconds = max(run.PeakMemory, used.PeakMemory), run.CPUSeconds+used.CPUSeconds
	if err != nil {
		return x.locate(err)
	}
	if err := x.judge(); err != nil {
		return err
	}
	start := time.Now()
	req.Report.Do(base.Progress{Stage: "commit", Run: run.ID})
	done, err := w.Commit(ctx, x.outs, map[string]string{"mulgil.job": run.Job, "mulgil.run": run.ID})
	if err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	run.Seconds["commit"] += worker.Elapsed(start)
	req.Report.Do(base.Progress{Stage: "commit", Run: run.ID, Elapsed: time.Since(start), Done: true})
	fill(run, done)
	return nil
}

// fill copies what was committed into the record.
func fill(run *Run, done []lake.Committed) {
	run.Rows, run.Bytes, run.Files = 0, 0, 0
	if len(run.Outputs) != len(done) {
		run.Outputs = make([]RunOutput, len(done))
	}
	for i, c := range done {
		o := &run.Outputs[i]
		o.Table, o.Rows, o.Files, o.Bytes, o.Partitions = c.Table.String(), c.Rows, c.AddedFiles, c.AddedBytes, int64(c.Partitions)
		o.SnapshotID = strconv.FormatInt(c.SnapshotID, 10)
		run.Rows, run.Bytes, run.Files = run.Rows+o.Rows, run.Bytes+o.Bytes, run.Files+o.Files
	}
}

func (s *Service) command(ctx context.Context, req Request, run *Run, c Command, log io.Writer) error {
	task := worker.Task{Command: &worker.Command{Args: c.Args, Env: c.Env, Dir: c.Dir}}
	used, err := s.o.Query.Run(ctx, task, worker.Handler{Log: log, Message: func(m worker.Message) {
		if m.Stage != nil {
			run.Seconds[m.Stage.Name] += m.Stage.Seconds
		}
	}})
	run.PeakMemory, run.CPUSeconds = max(run.PeakMemory, used.PeakMemory), run.CPUSeconds+used.CPUSeconds
	return err
}
