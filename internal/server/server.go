// Package server offers a project's operations over HTTP on one port.
//
// Routes come from the table in app.Operations: path and query parameters and
// the JSON body are merged into one request value. A caller that accepts
// application/x-ndjson gets progress lines while a long operation works, then
// one line with the result or the error. Beside the API the server answers
// /healthz, /readyz and /metrics, and below /iceberg/ it is an Iceberg REST
// catalog (see the package iceberg), and below /v1/ it is a Trino (see the
// package trino).
//
// Who may call: every request must name an allowed Host (so that a web page
// cannot reach the server by a name of its own), state changes from foreign
// web pages are refused, and all but health and read-only statements of Trino's
// clients needs the project's token, as a bearer token or as the cookie that
// the printed address sets. The server
// listens on loopback only.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/server/trino"
)

// DefaultPort is the one local AWS tools use.
const DefaultPort = 4566

// Options say what to serve and how.
type Options struct {
	// Backend carries the operations out.
	Backend app.Backend
	// Lake is served to other programs as an Iceberg REST catalog; nil serves none.
	Lake *lake.Lake
	// Query is served to Trino's clients; nil serves none.
	Query trino.Runner
	// Project is the project's name, Version this binary's.
	Project string
	Version string
	// Token opens everything but health.
	Token string
	// Log receives start, stop and failures; nil means none.
	Log *slog.Logger
	// Clock is the machine's if nil.
	Clock base.Clock
	// Metrics are gathered by /metrics beside the server's own; may be nil.
	Metrics prometheus.Gatherer
	// Ready is asked by /readyz; nil means always ready.
	Ready func(context.Context) error
	// Heartbeat is the pause after which a silent stream says it is alive; 0 means 3 s.
	Heartbeat time.Duration
	// Grace is how long a shutdown waits for requests to end; 0 means 15 s.
	Grace time.Duration
	// Hosts are accepted Host names beside localhost and loopback addresses.
	Hosts []string
}

// Server is an http.Handler plus the care for its lifetime.
type Server struct {
	opt     Options
	handler http.Handler
	metrics *metrics
	// cookie is the token cookie's name; it holds the port, since cookies are
	// shared by all ports of a host.
	cookie atomic.Value
	calls  calls
	// life ends when the server shuts down; detached work runs under it.
	life     context.Context
	stopping atomic.Bool
}

// New makes a server; Serve or Handler puts it to use. Detached operations end
// when ctx does.
func New(ctx context.Context, opt Options) *Server {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Clock == nil {
		opt.Clock = base.SystemClock{}
	}
	if opt.Heartbeat == 0 {
		opt.Heartbeat = 3 * time.Second
	}
	if opt.Grace == 0 {
		opt.Grace = 15 * time.Second
	}
	s := &Server{opt: opt, life: ctx, metrics: newMetrics(opt.Version)}
	s.cookie.Store("mulgil")
	s.handler = s.routes(ctx)
	return s
}

// Handler is the whole server as a handler.
func (s *Server) Handler() http.Handler { return s.handler }

// Listen opens the port. Host must be a loopback address: without
// authentication of users the server refuses any other. Port 0 picks a free one.
func Listen(host string, port int) (net.Listener, error) {
	if !loopback(host) {
		return nil, base.Errorf(base.Usage, "refusing to listen on %s: no authentication of users is configured, so only this machine may connect", host).
			WithHint("use --host 127.0.0.1 and reach it from elsewhere through a tunnel: ssh -L %d:127.0.0.1:%d", port, port)
	}
	addr := net.JoinHostPort(strings.Trim(host, "[]"), strconv.Itoa(port))
	l, err := net.Listen("tcp", addr)
	if err == nil {
		return l, nil
	}
	if inUse(err) {
		return nil, base.Errorf(base.Conflict, "port %d on %s is taken by %s", port, host, holder(addr, port)).
			WithHint("choose another port: mulgil up --port %d", port+1)
	}
	if errors.Is(err, os.ErrPermission) {
		return nil, base.Errorf(base.Denied, "listen on %s: %w", addr, err).WithHint("choose a port above 1023: mulgil up --port %d", DefaultPort)
	}
	return nil, base.Errorf(base.Unavailable, "listen on %s: %w", addr, err)
}

func loopback(host string) bool {
	host = strings.Trim(host, "[]")
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// Serve answers requests on l until ctx ends, then stops accepting, cancels
// running work and waits for it, Grace at most. It closes l. Its ctx must be
// New's or end before it.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	s.cookie.Store("mulgil_" + strconv.Itoa(l.Addr().(*net.TCPAddr).Port))
	hs := &http.Server{
		Handler:           s.handler,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          slog.NewLogLogger(s.opt.Log.Handler(), slog.LevelDebug),
	}
	ended := make(chan error, 1)
	go func() { ended <- hs.Serve(l) }()
	s.opt.Log.Info("serving", "address", l.Addr().String())
	select {
	case err := <-ended:
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	s.stopping.Store(true)
	wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.opt.Grace)
	defer cancel()
	err := hs.Shutdown(wait)
	if err != nil {
		s.opt.Log.Warn("requests did not end in time", "grace_seconds", s.opt.Grace.Seconds())
		err = hs.Close()
	}
	<-ended
	s.opt.Log.Info("stopped serving", "address", l.Addr().String())
	return err
}

// LoginURL is the address that lets a browser in: it sets the cookie.
func LoginURL(address, token string) string { return "http://" + address + "/?token=" + token }
