// Package postgres reads whole tables out of PostgreSQL as fast as it sends
// them and exactly as it holds them.
//
// Begin opens a lead connection whose read-only transaction exports its
// snapshot. Read then cuts the table into page ranges which a few workers,
// each on a connection of its own in that same snapshot, fetch by binary COPY;
// the decoder writes the fields straight into Arrow columns, and all workers
// feed one stream. A worker that dies makes the stream end in an error.
package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
)

// Config says how to reach a database and how to read it. Printing it shows
// no secret.
type Config struct {
	// Name is the connection's name in the project, for messages.
	Name string
	// URL is anything ParseURL accepts.
	URL string
	// User and Password, if set, win over the URL's.
	User     string
	Password string
	// Tunnel reaches the server through SSH; nil connects directly.
	Tunnel *Tunnel
	// Workers is how many connections read one table; 0 means 2.
	Workers int
	// NumericAsText delivers numerics that no decimal can hold (no precision,
	// or over 38 digits) as text instead of refusing them.
	NumericAsText bool
}

// String shows the connection without secrets.
func (c Config) String() string {
	where := "unreadable address"
	if p, err := ParseURL(c.URL); err == nil {
		where = fmt.Sprintf("%s:%d/%s", p.Host, p.Port, p.Database)
	}
	via := ""
	if c.Tunnel != nil {
		via = " via " + c.Tunnel.String()
	}
	return fmt.Sprintf("postgres %s at %s%s", c.Name, where, via)
}

// GoString is String, so that %#v shows no secret either.
func (c Config) GoString() string { return c.String() }

// LogValue implements slog.LogValuer.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Source is a port.Source on one PostgreSQL database. Safe for concurrent use.
type Source struct {
	name       string
	conn       *pgx.ConnConfig
	tunnel     *tunnel // nil: direct
	workers    int
	numText    bool
	rangeBytes int64 // size of a page range

	mu     sync.Mutex // guards snaps and closed
	snaps  map[*snapshot]struct{}
	closed bool
}

var _ port.Source = (*Source)(nil)

// New checks cfg and makes a source; nothing is connected before Begin.
func New(cfg Config) (*Source, error) {
	conn, err := ParseURL(cfg.URL)
	if err != nil {
		return nil, inConnection(cfg.Name, err)
	}
	if cfg.User != "" {
		conn.User = cfg.User
	}
	if cfg.Password != "" {
		conn.Password = cfg.Password
	}
	conn.DefaultQueryExecMode = pgx.QueryExecModeExec
	conn.RuntimeParams["client_encoding"] = "UTF8"
	if conn.RuntimeParams["application_name"] == "" {
		conn.RuntimeParams["application_name"] = "mulgil"
	}
	if conn.ConnectTimeout == 0 {
		conn.ConnectTimeout = 15 * time.Second
	}
	conn.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: c, DeadlineDelay: 2 * time.Second}
	}
	s := &Source{name: cfg.Name, conn: conn, workers: max(cfg.Workers, 0), numText: cfg.NumericAsText, rangeBytes: 32 << 20, snaps: map[*snapshot]struct{}{}}
	if s.workers == 0 {
		s.workers = 2
	}
	// A server that is gone without a word is found within about 90 seconds.
	alive := net.KeepAliveConfig{Enable: true, Idle: 30 * time.Second, Interval: 10 * time.Second, Count: 6}
	conn.DialFunc = (&net.Dialer{KeepAliveConfig: alive}).DialContext
	if cfg.Tunnel != nil {
		if s.tunnel, err = newTunnel(*cfg.Tunnel); err != nil {
			return nil, inConnection(cfg.Name, err)
		}
		if conn.Host != "" && conn.Host[0] == '/' {
			return nil, inConnection(cfg.Name, base.Errorf(base.Invalid, "a tunnel cannot reach the socket folder %s", conn.Host).
				WithHint("give the database's host name as the SSH server sees it, such as localhost"))
		}
		conn.DialFunc = s.tunnel.dial
		conn.LookupFunc = func(_ context.Context, host string) ([]string, error) { return []string{host}, nil }
	}
	conn.DialFunc = wide(conn.DialFunc)
	return s, nil
}

// connect opens one connection; errors are the user's words for them.
func (s *Source) connect(ctx context.Context) (*pgx.Conn, error) {
	c, err := pgx.ConnectConfig(ctx, s.conn.Copy())
	if err != nil {
		return nil, s.connectError(ctx, err)
	}
	return c, nil
}

// address is host:port of the first server, for messages.
func (s *Source) address() string {
	return net.JoinHostPort(s.conn.Host, strconv.Itoa(int(s.conn.Port)))
}

// Begin implements port.Source.
func (s *Source) Begin(ctx context.Context) (port.Snapshot, error) {
	s.mu.Lock()
	closed := s.closed
	s.mu.Unlock()
	if closed {
		return nil, base.Errorf(base.Internal, "connection %s: the source is closed", s.name)
	}
	lead, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	snap := &snapshot{src: s, lead: lead, workers: s.workers}
	if err := snap.begin(ctx); err != nil {
		lead.Close(context.WithoutCancel(ctx))
		return nil, s.queryError(ctx, "begin", err)
	}
	s.mu.Lock()
	s.snaps[snap] = struct{}{}
	s.mu.Unlock()
	return snap, nil
}

// Close ends all snapshots and the tunnel.
func (s *Source) Close() error {
	s.mu.Lock()
	s.closed = true
	var open []*snapshot
	for snap := range s.snaps {
		open = append(open, snap)
	}
	s.mu.Unlock()
	for _, snap := range open {
		snap.Close()
	}
	if s.tunnel != nil {
		s.tunnel.close()
	}
	return nil
}
