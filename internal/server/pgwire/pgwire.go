// Package pgwire lets PostgreSQL's clients, psql and psycopg among them, send
// statements in Athena's dialect. It is experimental: values travel as text,
// and there is no pg_catalog, so tools that look into it see an error that
// says so.
//
// A connection (conn.go) is one session. Whoever connects reads without a
// password; the user "mulgil" is asked for one, which is the project's token,
// and may change things. The simple and the extended protocol are spoken
// (simple.go, extended.go); BEGIN and COMMIT are taken around statements that
// read, since clients send them unasked, and changes are refused in between.
package pgwire

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"

	"github.com/mulgil/mulgil/internal/query"
)

// DefaultPort is where clients are told to connect.
const DefaultPort = 5439

// Owner is the user who may change things, with the project's token as password.
const Owner = "mulgil"

// Runner runs statements: *query.Service.
type Runner interface {
	Execute(ctx context.Context, req query.Request, recv query.Receiver) (*query.Outcome, error)
}

// Options say what is served and to whom.
type Options struct {
	Query Runner
	// Knows tells whether a password is the project's token.
	Knows func(token string) bool
	// Log hears of faults; nil means none.
	Log *slog.Logger
}

// Server answers PostgreSQL's clients.
type Server struct {
	o     Options
	mu    sync.Mutex // guards conns and last
	conns map[uint32]*conn
	last  uint32
}

// New returns a Server; Serve puts it to use.
func New(o Options) *Server {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Server{o: o, conns: map[uint32]*conn{}}
}

// Serve answers on l until ctx ends, then stops what runs and waits for it. It
// closes l.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	var open sync.WaitGroup
	defer open.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	defer context.AfterFunc(ctx, func() { l.Close() })()
	for {
		nc, err := l.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, net.ErrClosed) {
			return err
		}
		if err != nil {
			continue // too many open files, most likely: a connection ends soon
		}
		open.Go(func() { s.serve(ctx, nc) })
	}
}

func (s *Server) enter(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.last++; s.conns[s.last] != nil || s.last == 0; s.last++ {
	}
	c.pid = s.last
	s.conns[c.pid] = c
}

func (s *Server) leave(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c.pid)
}

// cancel stops what a connection runs, if the secret is its own.
func (s *Server) cancel(pid uint32, secret []byte) {
	s.mu.Lock()
	c := s.conns[pid]
	s.mu.Unlock()
	if c != nil && string(c.secret) == string(secret) {
		c.interrupt()
	}
}
