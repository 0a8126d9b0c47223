package app

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"

	"github.com/mulgil/mulgil/internal/app/owner"
	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/connector/sqlite"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/project"
)

// Name is the project's name.
func (a *App) Name() string { return a.p.Name }

// Maintenance says whose lake to repair. The project must not be open.
type Maintenance struct {
	Root, Target, Version string
	Clock                 base.Clock
	Log                   *slog.Logger
}

// withLake owns the project and hands its lake's options to do.
func (m Maintenance) withLake(ctx context.Context, do func(*project.Project, lake.Options) error) (err error) {
	p, err := project.Load(m.Root, project.Options{Target: m.Target})
	if err != nil {
		return err
	}
	own, err := owner.Acquire(p.DataDir, m.Version)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, own.Release()) }()
	store, err := sqlite.OpenStore(filepath.Join(p.DataDir, "catalog.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	o, err := lakeOptions(ctx, p, store, Config{Owner: own, Clock: m.Clock, Log: m.Log})
	if err != nil {
		return err
	}
	return do(p, o)
}

// Relocate rewrites the lake's metadata for the folder the project is in now.
func Relocate(ctx context.Context, m Maintenance, _ LakeRelocateRequest) (LakeRelocated, error) {
	var out LakeRelocated
	err := m.withLake(ctx, func(_ *project.Project, o lake.Options) error {
		r, err := lake.Relocate(ctx, o)
		out = LakeRelocated{From: r.From, To: r.To, Tables: int64(len(r.Tables))}
		return err
	})
	return out, err
}

// Recover registers tables again from their newest valid metadata.
func Recover(ctx context.Context, m Maintenance, req LakeRecoverRequest) (LakeRecovered, error) {
	out := LakeRecovered{DryRun: req.DryRun, Tables: []string{}}
	err := m.withLake(ctx, func(p *project.Project, o lake.Options) error {
		names, err := lake.Recover(ctx, o)
		for _, n := range names {
			out.Tables = append(out.Tables, n.String())
		}
		return err
	})
	return out, err
}
