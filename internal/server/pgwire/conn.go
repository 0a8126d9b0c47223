package pgwire

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"runtime/debug"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/query"
)

// maxMessage bounds one message of a client, in bytes.
const maxMessage = 16 << 20

// conn is one client.
type conn struct {
	server  *Server
	nc      net.Conn
	be      *pgproto3.Backend
	pid     uint32
	secret  []byte
	owner   bool
	session query.Session
	// tx is how the client believes its transaction to be: I, T or E.
	tx byte
	// skipping is set after an error of the extended protocol, until Sync.
	skipping   bool
	statements map[string]*statement
	portals    map[string]*portal

	mu   sync.Mutex // guards stop
	stop context.CancelCauseFunc
}

// Why a statement stops.
var (
	errCanceled = base.Errorf(base.Canceled, "canceling statement due to user request").WithCode("USER_CANCELED")
	errLeft     = base.Errorf(base.Canceled, "the client is gone").WithCode("ABANDONED_QUERY")
)

// interrupt stops the statement under way, if there is one.
func (c *conn) interrupt() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stop != nil {
		c.stop(errCanceled)
	}
}

// greeting is how long a client may take to say who it is.
const greeting = 30 * time.Second

func (s *Server) serve(ctx context.Context, nc net.Conn) {
	defer nc.Close()
	defer context.AfterFunc(ctx, func() { nc.Close() })()
	c := &conn{server: s, nc: nc, be: pgproto3.NewBackend(nc, nc), tx: 'I', statements: map[string]*statement{}, portals: map[string]*portal{}}
	c.be.SetMaxBodyLen(maxMessage)
	defer func() {
		if p := recover(); p != nil {
			s.o.Log.Error("connection panicked", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	_ = nc.SetDeadline(time.Now().Add(greeting))
	if !c.greet() {
		return
	}
	_ = nc.SetDeadline(time.Time{})
	s.enter(c)
	defer s.leave(c)
	c.welcome()
	c.loop(ctx)
}

// greet learns who the client is; false if there is no more to do.
func (c *conn) greet() bool {
	for {
		m, err := c.be.ReceiveStartupMessage()
		if err != nil {
			return false
		}
		switch m := m.(type) {
		case *pgproto3.SSLRequest, *pgproto3.GSSEncRequest:
			if _, err := c.nc.Write([]byte("N")); err != nil {
				return false
			}
		case *pgproto3.CancelRequest:
			c.server.cancel(m.ProcessID, m.SecretKey)
			return false
		case *pgproto3.StartupMessage:
			return c.login(m.Parameters)
		default:
			return false
		}
	}
}

// login asks the owner for the token.
func (c *conn) login(p map[string]string) bool {
	c.session = query.Session{User: p["user"], Source: p["application_name"], Prepared: map[string]string{}, Properties: map[string]string{}}
	if c.session.Source == "" {
		c.session.Source = "postgres client"
	}
	if d := p["database"]; d != "" && d != p["user"] {
		c.session.Schema = d
	}
	if p["user"] != Owner {
		return true
	}
	c.be.Send(&pgproto3.AuthenticationCleartextPassword{})
	if c.be.Flush() != nil || c.be.SetAuthType(pgproto3.AuthTypeCleartextPassword) != nil {
		return false
	}
	m, err := c.be.Receive()
	password, ok := m.(*pgproto3.PasswordMessage)
	if err != nil || !ok {
		return false
	}
	if !c.server.o.Knows(password.Password) {
		c.be.Send(&pgproto3.ErrorResponse{Severity: "FATAL", SeverityUnlocalized: "FATAL", Code: "28P01", Message: fmt.Sprintf("password authentication failed for user %q", Owner),
			Hint: "the password is the project's token, in .mulgil/data/owner.json; other users read without one"})
		_ = c.be.Flush()
		return false
	}
	c.owner = true
	return true
}

func (c *conn) welcome() {
	c.secret = []byte(rand.Text()[:4])
	c.be.Send(&pgproto3.AuthenticationOk{})
	for _, p := range [][2]string{
		{"server_version", "16.0"}, {"server_encoding", "UTF8"}, {"client_encoding", "UTF8"}, {"DateStyle", "ISO, YMD"}, {"IntervalStyle", "postgres"}, {"TimeZone", "UTC"},
		{"integer_datetimes", "on"}, {"standard_conforming_strings", "on"}, {"application_name", c.session.Source}, {"session_authorization", c.session.User}, {"is_superuser", "off"},
	} {
		c.be.Send(&pgproto3.ParameterStatus{Name: p[0], Value: p[1]})
	}
	c.be.Send(&pgproto3.BackendKeyData{ProcessID: c.pid, SecretKey: c.secret})
	c.ready()
}

func (c *conn) ready() {
	c.be.Send(&pgproto3.ReadyForQuery{TxStatus: c.tx})
	_ = c.be.Flush() // a client that is gone is noticed by reading
}

// loop answers the client's messages in order, until it goes or ctx ends. They
// are read ahead, so that a client's going stops the statement under way.
func (c *conn) loop(ctx context.Context) {
	ctx, gone := context.WithCancelCause(ctx)
	defer gone(nil)
	todo := make(chan func(context.Context) bool, 64)
	go func() {
		defer close(todo)
		for {
			m, err := c.be.Receive()
			if err != nil {
				gone(errLeft)
				return
			}
			select {
			case todo <- c.command(m):
			case <-ctx.Done():
				return
			}
		}
	}()
	for do := range todo {
		if ctx.Err() != nil || !do(ctx) {
			gone(nil)
			c.nc.Close() // ends the reading
			break
		}
	}
	for range todo {
	}
}

// command is what a message asks for. It keeps nothing of m, which the next
// message overwrites. The command is false if the client takes its leave.
func (c *conn) command(m pgproto3.FrontendMessage) func(context.Context) bool {
	switch m := m.(type) {
	case *pgproto3.Query:
		sql := m.String
		return func(ctx context.Context) bool { c.simple(ctx, sql); return true }
	case *pgproto3.Parse:
		name, sql, oids := m.Name, m.Query, append([]uint32{}, m.ParameterOIDs...)
		return c.step(func(ctx context.Context) error { return c.parse(ctx, name, sql, oids) })
	case *pgproto3.Bind:
		b := *m
		b.ParameterFormatCodes, b.ResultFormatCodes = append([]int16{}, m.ParameterFormatCodes...), append([]int16{}, m.ResultFormatCodes...)
		b.Parameters = make([][]byte, len(m.Parameters))
		for i, p := range m.Parameters {
			if p != nil {
				b.Parameters[i] = append([]byte{}, p...)
			}
		}
		return c.step(func(context.Context) error { return c.bind(b) })
	case *pgproto3.Describe:
		kind, name := m.ObjectType, m.Name
		return c.step(func(ctx context.Context) error { return c.describe(ctx, kind, name) })
	case *pgproto3.Execute:
		name, most := m.Portal, m.MaxRows
		return c.step(func(ctx context.Context) error { return c.executePortal(ctx, name, most) })
	case *pgproto3.Close:
		kind, name := m.ObjectType, m.Name
		return c.step(func(context.Context) error { c.forget(kind, name); return nil })
	case *pgproto3.Flush:
		return func(context.Context) bool { return c.be.Flush() == nil }
	case *pgproto3.Sync:
		return func(context.Context) bool { c.skipping = false; c.ready(); return true }
	case *pgproto3.Terminate:
		return func(context.Context) bool { return false }
	}
	what := fmt.Sprintf("%T", m)
	return c.step(func(context.Context) error {
		return base.Errorf(base.Invalid, "message %s is not supported", what).WithCode("NOT_SUPPORTED")
	})
}

// step is a command of the extended protocol: after an error the rest is
// passed over until Sync.
func (c *conn) step(do func(context.Context) error) func(context.Context) bool {
	return func(ctx context.Context) bool {
		if c.skipping {
			return true
		}
		if err := do(ctx); err != nil {
			c.fail("", err)
			c.skipping = true
			return c.be.Flush() == nil
		}
		return true
	}
}
