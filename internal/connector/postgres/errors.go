package postgres

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/mulgil/mulgil/internal/base"
)

// inConnection prefixes an error of ours with the connection's name.
func inConnection(name string, err error) error {
	var e *base.Error
	if !errors.As(err, &e) {
		return base.Errorf(base.Internal, "connection %s: %w", name, err)
	}
	out := base.Errorf(e.Kind, "connection %s: %w", name, err)
	out.Hint, out.Code = e.Hint, e.Code
	return out
}

// connectError says in a user's words why a connection was not made. It never
// holds the password: pgx's messages name user, database and address only.
func (s *Source) connectError(ctx context.Context, err error) error {
	at, user := s.address(), s.conn.User
	if s.tunnel != nil {
		at += " via " + s.tunnel.cfg.String()
	}
	make := func(k base.Kind, format string, args ...any) *base.Error {
		e := base.Errorf(k, "connection %s: %s", s.name, fmt.Sprintf(format, args...))
		e.Err = err
		return e
	}
	if ctx.Err() != nil {
		return make(base.Canceled, "connecting to %s was stopped: %v", at, context.Cause(ctx))
	}
	var own *base.Error
	if errors.As(err, &own) {
		return inConnection(s.name, own)
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return s.refused(make, pg, user, at)
	}
	var host x509.HostnameError
	var unknown x509.UnknownAuthorityError
	if errors.As(err, &host) || errors.As(err, &unknown) {
		return make(base.Unavailable, "the certificate of %s is not trusted", at).
			WithHint("give sslrootcert=FILE in the address, or sslmode=require to encrypt without checking who answers")
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return make(base.Unavailable, "host %s is not known", s.conn.Host).WithHint("check the host name in the connection's url, and the network or VPN")
	}
	return make(base.Unavailable, "no PostgreSQL answers at %s: %s", at, rootCause(err)).
		WithHint("check host and port, that the server runs, and that no firewall lies between; databases in private networks need ssh_tunnel")
}

// refused words the server's own refusal.
func (s *Source) refused(make func(base.Kind, string, ...any) *base.Error, pg *pgconn.PgError, user, at string) error {
	switch pg.Code {
	case "28P01":
		return make(base.Denied, "password refused for user %s at %s", user, at).WithCode(pg.Code).
			WithHint("check user and password of the connection's secret")
	case "28000":
		return make(base.Denied, "user %s may not log in at %s: %s", user, at, pg.Message).WithCode(pg.Code).
			WithHint("the server's pg_hba.conf decides who may connect, from where, and whether sslmode=require is needed")
	case "3D000":
		return make(base.NotFound, "there is no database %q at %s", s.conn.Database, at).WithCode(pg.Code).
			WithHint("check the database name at the end of the connection's url")
	case "42501":
		return make(base.Denied, "user %s may not use database %q at %s: %s", user, s.conn.Database, at, pg.Message).WithCode(pg.Code)
	case "53300":
		return make(base.Unavailable, "%s has no connection left: %s", at, pg.Message).WithCode(pg.Code).
			WithHint("lower workers, or raise max_connections on the server")
	}
	return make(base.Unavailable, "%s refused the connection: %s (%s)", at, pg.Message, pg.Code).WithCode(pg.Code)
}

// rootCause is the innermost message, which says it best ("connection refused").
func rootCause(err error) string {
	for {
		switch x := err.(type) {
		case interface{ Unwrap() error }:
			if next := x.Unwrap(); next != nil {
				err = next
				continue
			}
		case interface{ Unwrap() []error }:
			if l := x.Unwrap(); len(l) > 0 {
				err = l[0]
				continue
			}
		}
		return err.Error()
	}
}

// queryError words an error of a statement; doing says what was attempted.
func (s *Source) queryError(ctx context.Context, doing string, err error) error {
	var own *base.Error
	if errors.As(err, &own) {
		return err
	}
	kind, hint := base.Unavailable, "the connection broke or the server stopped; run again"
	var pg *pgconn.PgError
	switch {
	case ctx.Err() != nil:
		kind, hint = base.Canceled, ""
	case errors.As(err, &pg):
		kind, hint = serverKind(pg)
	}
	e := base.Errorf(kind, "connection %s: %s: %w", s.name, doing, err)
	e.Hint = hint
	if pg != nil {
		e.Code = pg.Code
		e.Msg = "connection " + s.name + ": " + doing + ": " + pg.Message
	}
	return e
}

// serverKind sorts a statement's refusal by its SQLSTATE.
func serverKind(pg *pgconn.PgError) (base.Kind, string) {
	class := pg.Code[:min(2, len(pg.Code))]
	switch {
	case pg.Code == "55P03":
		return base.Unavailable, "another session is changing the table; run again when it is done"
	case pg.Code == "42501":
		return base.Denied, "grant the connection's user SELECT on the table and USAGE on its schema"
	case pg.Code == "57014":
		return base.Unavailable, "the statement was cancelled on the server (statement_timeout, or by its administrator)"
	case pg.Code == "40001":
		return base.Unavailable, "a standby cancelled the statement for its replay; read from the primary or raise max_standby_streaming_delay"
	case class == "57", class == "53", class == "08":
		return base.Unavailable, "the server ended the connection; run again"
	case pg.Code == "22021":
		return base.Invalid, "a text of the table is not in the database's encoding; read a view that repairs it with convert_from(convert_to(...))"
	case class == "42", class == "22":
		return base.Invalid, pg.Hint
	}
	return base.Internal, pg.Hint
}
