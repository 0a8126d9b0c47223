package main

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/mulgil/mulgil/examples"
	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/app/owner"
	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/cli"
	"github.com/mulgil/mulgil/internal/project"
	"github.com/mulgil/mulgil/internal/server/client"
	"github.com/mulgil/mulgil/schemas"
)

// wire gives the command line what lies behind it.
func wire(env *cli.Env) {
	w := wiring{version: env.Version, clock: env.Clock}
	env.OpenLocal = w.open
	env.Connect = func(info owner.Info) app.Backend { return client.New(info) }
	env.Up = w.up
	env.Validate = w.validate
	env.ExportAirflow = w.exportAirflow
	env.TestWorkflows = app.WorkflowTest
	env.Relocate = w.relocate
	env.Recover = w.recover
	env.Sample = sample
	env.Head = w.head
	env.Schema = w.schema
	env.Templates = examples.FS
	env.Schemas = schemas.FS
	env.Worker = func(ctx context.Context, stdin io.Reader, stdout, stderr io.Writer) int {
		return app.Worker(ctx, stdin, stdout, stderr)
	}
}

type wiring struct {
	version string
	clock   base.Clock
}

// workerCommand starts this program again as a worker.
func workerCommand() ([]string, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, base.Errorf(base.Internal, "find this program: %w", err)
	}
	return []string{exe, "worker"}, nil
}

// own takes the project's lock and opens it.
func (w wiring) own(ctx context.Context, opt cli.OpenOptions) (*app.App, *owner.Owner, error) {
	p, err := project.Load(opt.Root, project.Options{Target: opt.Target})
	if err != nil {
		return nil, nil, err
	}
	command, err := workerCommand()
	if err != nil {
		return nil, nil, err
	}
	own, err := owner.Acquire(p.DataDir, w.version)
	if err != nil {
		return nil, nil, err
	}
	a, err := app.Open(ctx, app.Config{Project: p, Owner: own, Version: w.version, Worker: command, Warm: opt.Warm, Clock: w.clock, Log: opt.Log})
	if err != nil {
		return nil, nil, errors.Join(err, own.Release())
	}
	return a, own, nil
}

func (w wiring) open(ctx context.Context, opt cli.OpenOptions) (app.Backend, func() error, error) {
	a, own, err := w.own(ctx, opt)
	if err != nil {
		return nil, nil, err
	}
	return a, func() error {
		_ = a.Drain(ctx) // interrupted: Close records what it ends
		return errors.Join(a.Close(), own.Release())
	}, nil
}

// up owns the project, carries on what a dead owner left, fires its schedules
// and serves until ctx ends.
func (w wiring) up(ctx context.Context, opt cli.UpOptions) (err error) {
	a, own, err := w.own(ctx, opt.OpenOptions)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close(), own.Release()) }()
	if err := a.ResumeAll(ctx); err != nil {
		return err
	}
	a.StartSchedules(ctx)
	return serve(ctx, a, own, a.Name(), w.version, opt)
}

func (w wiring) validate(_ context.Context, opt cli.OpenOptions) (cli.Validation, error) {
	p, err := app.Validate(opt.Root, opt.Target)
	if err != nil {
		return cli.Validation{}, err
	}
	return cli.Validation{
		Project: p.Name, Root: p.Root, Target: p.Target, Jobs: len(p.Jobs), Workflows: len(p.Workflows),
		Crawlers: len(p.Crawlers), Schedules: len(p.Schedules), Queries: len(p.Queries), Warnings: p.Warnings,
	}, nil
}

func (w wiring) exportAirflow(_ context.Context, req cli.AirflowRequest) (cli.AirflowDAG, error) {
	dag, err := app.ExportAirflow(req.Open.Root, req.Open.Target, w.clock.Now(), app.AirflowExport{Workflow: req.Workflow, Operators: req.Operators, Schedule: req.Schedule})
	if err != nil {
		return cli.AirflowDAG{}, err
	}
	return cli.AirflowDAG{Workflow: dag.Name, Text: dag.Text, Warnings: dag.Warnings}, nil
}

func (w wiring) relocate(ctx context.Context, opt cli.OpenOptions, req app.LakeRelocateRequest, report base.Report) (app.LakeRelocated, error) {
	return app.Relocate(ctx, app.Maintenance{Root: opt.Root, Target: opt.Target, Version: w.version, Clock: w.clock, Log: opt.Log}, req)
}

func (w wiring) recover(ctx context.Context, opt cli.OpenOptions, req app.LakeRecoverRequest, report base.Report) (app.LakeRecovered, error) {
	return app.Recover(ctx, app.Maintenance{Root: opt.Root, Target: opt.Target, Version: w.version, Clock: w.clock, Log: opt.Log}, req)
}

func sample(ctx context.Context, req cli.SampleRequest, report base.Report) (cli.SampleResult, error) {
	sum, seconds, err := app.Sample(ctx, req.Kind, req.To, req.Dir, req.Rows, req.Seed, report)
	out := cli.SampleResult{Kind: req.Kind, Seed: req.Seed, Amount: sum.Amount, Seconds: seconds}
	for _, t := range sum.Tables {
		out.Tables = append(out.Tables, cli.SampleTable{Table: t.Table, Rows: t.Rows})
	}
	return out, err
}

// files are looked at without opening the project.
func (w wiring) files(req cli.FileRequest) (app.Files, error) {
	command, err := workerCommand()
	return app.Files{Path: req.Path, Dir: req.Dir, Root: req.Open.Root, Target: req.Open.Target, Worker: command}, err
}

func (w wiring) head(ctx context.Context, req cli.FileRequest) (app.ResultSet, error) {
	f, err := w.files(req)
	if err != nil {
		return app.ResultSet{}, err
	}
	return f.Head(ctx, req.Limit)
}

func (w wiring) schema(ctx context.Context, req cli.FileRequest) (cli.FileSchema, error) {
	f, err := w.files(req)
	if err != nil {
		return cli.FileSchema{}, err
	}
	s, err := f.Schema(ctx)
	return cli.FileSchema{Path: req.Path, Format: s.Format, Rows: s.Rows, Files: s.Files, Bytes: s.Bytes, Columns: s.Columns}, err
}
