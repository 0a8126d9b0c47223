package main

import (
	"context"
	"errors"

	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/app/owner"
	"github.com/mulgil/mulgil/internal/cli"
	"github.com/mulgil/mulgil/internal/server"
)

// serve offers an open project over HTTP until ctx ends. While it does, the
// owner's description holds the address, so that commands find the API.
func serve(ctx context.Context, b app.Backend, own *owner.Owner, project, version string, opt cli.UpOptions) (err error) {
	l, err := server.Listen(opt.Host, opt.Port)
	if err != nil {
		return err
	}
	o := server.Options{Backend: b, Project: project, Version: version, Token: own.Info().Token, Log: opt.Log}
	if a, ok := b.(*app.App); ok {
		o.Lake, o.Query = a.Lake(), a.SQL()
	}
	s := server.New(ctx, o)
	address := l.Addr().String()
	if err := own.SetAddress(address); err != nil {
		l.Close()
		return err
	}
	defer func() { err = errors.Join(err, own.SetAddress("")) }()
	opt.Ready(project, address, server.LoginURL(address, own.Info().Token))
	return s.Serve(ctx, l)
}
