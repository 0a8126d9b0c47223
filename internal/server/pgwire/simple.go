package pgwire

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
	"github.com/mulgil/mulgil/internal/query"
)

// simple runs a text of statements, up to the first that fails.
func (c *conn) simple(ctx context.Context, text string) {
	pieces := trino.Split(text)
	if len(pieces) == 0 {
		c.be.Send(&pgproto3.EmptyQueryResponse{})
	}
	for _, p := range pieces {
		if err := c.run(ctx, text[p.Start:p.End], &sink{c: c, heads: true}); err != nil {
			before := len([]rune(text[:p.Start]))
			c.fail(strings.Repeat(" ", before)+text[p.Start:p.End], moved(err, before))
			break
		}
	}
	c.ready()
}

// moved shifts a place in the first line of a statement that n characters
// were put before.
func moved(err error, n int) error {
	e, ok := err.(*base.Error)
	if !ok || e.Place == nil || e.Place.Line != 1 || n == 0 {
		return err
	}
	x, at := *e, *e.Place
	at.Col += n
	x.Place = &at
	return &x
}

var (
	begins    = regexp.MustCompile(`(?i)^(begin|start\s+transaction)\b`)
	commits   = regexp.MustCompile(`(?i)^(commit|end)\b(\s+(work|transaction))?$`)
	rollsBack = regexp.MustCompile(`(?i)^(rollback|abort)\b(\s+(work|transaction))?$`)
	// settings are those that clients set unasked and that change nothing here.
	settings  = regexp.MustCompile(`(?i)^set\s+(session\s+)?(client_encoding|datestyle|extra_float_digits|application_name|client_min_messages|intervalstyle|standard_conforming_strings|statement_timeout)\b|^(discard|deallocate|reset)\s+all$`)
	pgCatalog = regexp.MustCompile(`(?i)\bpg_catalog\s*\.|\bpg_(class|namespace|type|attribute|database|proc)\b`)
)

// run runs one statement and ends it with its tag.
func (c *conn) run(ctx context.Context, sql string, out *sink) error {
	switch s := strings.TrimSpace(sql); {
	case begins.MatchString(s):
		c.tx = 'T'
		return out.done("BEGIN")
	case commits.MatchString(s):
		tag := "COMMIT"
		if c.tx == 'E' {
			tag = "ROLLBACK"
		}
		c.tx = 'I'
		return out.done(tag)
	case rollsBack.MatchString(s):
		c.tx = 'I' // nothing was changed since BEGIN
		return out.done("ROLLBACK")
	case c.tx == 'E':
		return base.Errorf(base.Invalid, "current transaction is aborted, commands ignored until end of transaction block").WithCode("TRANSACTION_ALREADY_ABORTED")
	case settings.MatchString(s):
		return out.done("SET")
	case pgCatalog.MatchString(s):
		return base.Errorf(base.Invalid, "pg_catalog is not served here").WithCode("NOT_SUPPORTED").WithHint("use SHOW TABLES, DESCRIBE table, or information_schema")
	}
	if err := c.allowed(sql); err != nil {
		return err
	}
	return c.execute(ctx, sql, out)
}

// allowed refuses changes of readers, and of everyone within a transaction,
// which could not take them back.
func (c *conn) allowed(sql string) error {
	if query.ReadOnly(sql, c.session.Prepared) {
		return nil
	}
	if !c.owner {
		return base.Errorf(base.Denied, "permission denied: only user %q, with the project's token as password, may change things", Owner).WithCode("PERMISSION_DENIED")
	}
	if c.tx != 'I' {
		return base.Errorf(base.Invalid, "changes are not possible within a transaction, which could not take them back").WithCode("NOT_SUPPORTED").WithHint("set autocommit on")
	}
	return nil
}

// execute runs a statement that is not about the connection.
func (c *conn) execute(ctx context.Context, sql string, out *sink) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	c.mu.Lock()
	c.stop = stop
	c.mu.Unlock()
	defer func() { c.mu.Lock(); c.stop = nil; c.mu.Unlock() }()
	res, err := c.server.o.Query.Execute(ctx, query.Request{Text: query.Text{SQL: sql}, Session: c.session, MaxRows: out.most}, out)
	out.close()
	if err != nil {
		return err
	}
	c.changed(res)
	for _, w := range res.Warnings {
		c.be.Send(&pgproto3.NoticeResponse{Severity: "WARNING", SeverityUnlocalized: "WARNING", Code: "01000", Message: w})
	}
	switch {
	case out.types != nil:
		return out.done(fmt.Sprintf("SELECT %d", out.n))
	case res.UpdateType == "INSERT" && res.UpdateCount != nil:
		return out.done(fmt.Sprintf("INSERT 0 %d", *res.UpdateCount))
	case res.UpdateCount != nil:
		return out.done(fmt.Sprintf("%s %d", res.UpdateType, *res.UpdateCount))
	}
	return out.done(res.UpdateType)
}

// changed keeps what a statement changed in the session.
func (c *conn) changed(o *query.Outcome) {
	s := &c.session
	if o.SetCatalog != "" {
		s.Catalog = o.SetCatalog
	}
	if o.SetSchema != "" {
		s.Schema = o.SetSchema
	}
	for k, v := range o.AddPrepared {
		s.Prepared[k] = v
	}
	for _, k := range o.DropPrepared {
		delete(s.Prepared, k)
	}
	for k, v := range o.SetProperties {
		s.Properties[k] = v
	}
	for _, k := range o.ResetProperties {
		delete(s.Properties, k)
	}
}

// sink sends an answer to the client as it comes.
type sink struct {
	c *conn
	// heads is set if the rows are to be described first.
	heads bool
	// most bounds the rows, 0 does not.
	most  int
	types []types.Type
	n     int
	mu    sync.Mutex // held while rows are sent
	over  bool
}

// close waits for rows that are being sent; no more are taken then.
func (s *sink) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
}

func (s *sink) Queued(string) {}
func (s *sink) Running()      {}

func (s *sink) Columns(cols []query.Column) error {
	d, list, err := describeColumns(cols)
	if err != nil {
		return err
	}
	s.types = list
	if s.heads {
		s.c.be.Send(d)
	}
	return nil
}

func (s *sink) Rows(batch []byte, n int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return errCanceled
	}
	var rows [][]json.RawMessage
	if err := json.Unmarshal(batch, &rows); err != nil {
		return fmt.Errorf("read rows: %w", err)
	}
	for _, r := range rows {
		d := &pgproto3.DataRow{Values: make([][]byte, len(r))}
		for i, v := range r {
			var err error
			if d.Values[i], err = cell(v, s.types[i]); err != nil {
				return err
			}
		}
		s.c.be.Send(d)
	}
	s.n += n
	return s.c.be.Flush()
}

func (s *sink) done(tag string) error {
	s.c.be.Send(&pgproto3.CommandComplete{CommandTag: []byte(tag)})
	return nil
}
