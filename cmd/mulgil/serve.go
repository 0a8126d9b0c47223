package main

import (
	"context"
	"crypto/subtle"
	"errors"

	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/app/owner"
	"github.com/mulgil/mulgil/internal/cli"
	"github.com/mulgil/mulgil/internal/server"
	"github.com/mulgil/mulgil/internal/server/pgwire"
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
		end, err := servePostgres(ctx, a, own.Info().Token, opt)
		if err != nil {
			l.Close()
			return err
		}
		defer end()
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

// servePostgres answers PostgreSQL's clients if the project wants so. The
// returned function waits for their end, which comes with ctx's.
func servePostgres(ctx context.Context, a *app.App, token string, opt cli.UpOptions) (end func(), err error) {
	if a.PgwirePort() == 0 {
		return func() {}, nil
	}
	l, err := server.Listen(opt.Host, a.PgwirePort())
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	s := pgwire.New(pgwire.Options{Query: a.SQL(), Log: opt.Log, Knows: func(t string) bool {
		return token != "" && subtle.ConstantTimeCompare([]byte(t), []byte(token)) == 1
	}})
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := s.Serve(ctx, l); err != nil {
			opt.Log.Error("PostgreSQL's clients are not answered any more", "error", err)
		}
	}()
	opt.Log.Info("serving PostgreSQL's clients (experimental)", "address", l.Addr().String())
	return func() { stop(); <-done }, nil
}
