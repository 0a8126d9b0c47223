package main

import (
	"context"

	"github.com/mulgil/mulgil/examples"
	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/app/owner"
	"github.com/mulgil/mulgil/internal/cli"
	"github.com/mulgil/mulgil/internal/project"
	"github.com/mulgil/mulgil/internal/server/client"
	"github.com/mulgil/mulgil/schemas"
)

// wire gives the command line what lies behind it.
func wire(env *cli.Env) {
	env.Connect = func(info owner.Info) app.Backend { return client.New(info) }
	env.Validate = validate
	env.Templates = examples.FS
	env.Schemas = schemas.FS
}

// validate reads the whole project without opening it.
func validate(_ context.Context, opt cli.OpenOptions) (cli.Validation, error) {
	p, err := project.Load(opt.Root, project.Options{Target: opt.Target})
	if err != nil {
		return cli.Validation{}, err
	}
	return cli.Validation{
		Project: p.Name, Root: p.Root, Target: p.Target, Jobs: len(p.Jobs), Workflows: len(p.Workflows),
		Crawlers: len(p.Crawlers), Queries: len(p.Queries), Warnings: p.Warnings,
	}, nil
}
