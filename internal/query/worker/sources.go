package worker

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/ducksql"
	"github.com/mulgil/mulgil/internal/port"
)

// sources makes each source table readable as connection.schema.table. A
// table read once streams straight through; the others are first copied into
// the engine, where they spill like anything else. All reads of one
// connection see the same moment. done ends the extracts; it must be called
// even on error.
func (c *child) sources(ctx context.Context) (done func(), err error) {
	var closers []func()
	done = func() {
		for i := len(closers) - 1; i >= 0; i-- {
			closers[i]()
		}
	}
	snaps := map[string]port.Snapshot{}
	for i, r := range c.task.Sources {
		snap, ok := snaps[r.Alias]
		if !ok {
			src, err := c.host.OpenSource(ctx, r.Connection)
			if err != nil {
				return done, err
			}
			closers = append(closers, func() { _ = src.Close() })
			if snap, err = src.Begin(ctx); err != nil {
				return done, err
			}
			closers = append(closers, func() { _ = snap.Close() })
			snaps[r.Alias] = snap
		}
		release, err := c.source(ctx, i, r, snap)
		if release != nil {
			closers = append(closers, release)
		}
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

func (c *child) source(ctx context.Context, i int, r SourceRead, snap port.Snapshot) (release func(), err error) {
	start := time.Now()
	name := r.Alias + "." + r.Table.String()
	t, err := snap.Describe(ctx, r.Table)
	if err != nil {
		return nil, err
	}
	c.send(Message{SourceTable: &t})
	st, err := snap.Read(ctx, port.ReadSpec{
		Table: t.Name, Columns: needed(r, t.Fields), Where: ducksql.Fit(r.Where, t.Fields),
		Report: func(p base.Progress) {
			p.Stage, p.Elapsed = "extract "+name, time.Since(start)
			c.send(Message{Progress: &p})
		},
	})
	if err != nil {
		return nil, err
	}
	c.send(Message{Pushed: r.Alias + ": " + st.Pushed()})
	raw := fmt.Sprintf("source_%d", i)
	checked := &checkedStream{Stream: st, name: name}
	c.streams = append(c.streams, checked)
	drop, err := c.s.Stream(raw, checked)
	if err != nil {
		st.Release()
		return nil, err
	}
	release = func() { drop(); st.Release() }
	from := "SELECT *" + uuids(t.Fields, r) + " FROM memory.main." + raw
	if r.Materialize {
		if err := c.s.Exec(ctx, "CREATE TABLE memory.main."+raw+"_copy AS "+from); err != nil {
			return release, errors.Join(checked.verify(), err)
		}
		if err := checked.verify(); err != nil {
			return release, err
		}
		c.stage("extract "+name, start)
		from = "SELECT * FROM memory.main." + raw + "_copy"
	}
	return release, c.sourceView(ctx, r, from)
}

// uuids gives columns that travel as text their own type back.
func uuids(fields []base.Field, r SourceRead) string {
	var casts []string
	for _, f := range fields {
		if f.Type.ID == base.UUID && (r.All || r.Names[strings.ToLower(f.Name)]) {
			casts = append(casts, "CAST("+ducksql.Ident(f.Name)+" AS UUID) AS "+ducksql.Ident(f.Name))
		}
	}
	if len(casts) == 0 {
		return ""
	}
	return " REPLACE (" + strings.Join(casts, ", ") + ")"
}

// needed are the columns to extract: those the statement can mean, at least one.
func needed(r SourceRead, fields []base.Field) []string {
	if r.All {
		return nil
	}
	var out []string
	for _, f := range fields {
		if r.Names[strings.ToLower(f.Name)] {
			out = append(out, f.Name)
		}
	}
	if len(out) == 0 && len(fields) > 0 {
		out = []string{fields[0].Name}
	}
	return out
}

func (c *child) sourceView(ctx context.Context, r SourceRead, from string) error {
	if r.As != "" {
		return c.s.Exec(ctx, "CREATE VIEW "+c.home+"."+ducksql.Ident(r.As)+" AS "+from)
	}
	if !c.attached[r.Alias] {
		c.attached[r.Alias] = true
		if err := c.s.Exec(ctx, "ATTACH ':memory:' AS "+ducksql.Ident(r.Alias)); err != nil {
			return err
		}
	}
	schema := r.Table.Schema
	if schema == "" {
		schema = "main"
	} else if err := c.s.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+ducksql.Ident(r.Alias)+"."+ducksql.Ident(schema)); err != nil {
		return err
	}
	return c.s.Exec(ctx, "CREATE VIEW "+ducksql.Ident(r.Alias)+"."+ducksql.Ident(schema)+"."+ducksql.Ident(r.Table.Name)+" AS "+from)
}

// checkedStream counts what passed, so that a short extract cannot look like a
// whole one.
type checkedStream struct {
	port.Stream
	name  string
	rows  int64
	ended bool
}

var _ array.RecordReader = (*checkedStream)(nil)

func (s *checkedStream) Next() bool {
	if s.Stream.Next() {
		s.rows += s.Stream.RecordBatch().NumRows()
		return true
	}
	s.ended = true
	return false
}

func (s *checkedStream) Record() arrow.RecordBatch { return s.Stream.RecordBatch() }

// verify is nil if the whole table passed.
func (s *checkedStream) verify() error {
	switch {
	case s.Err() != nil:
		return s.Err()
	case s.ended && s.rows != s.Total():
		return base.Errorf(base.Unavailable, "extract of %s is incomplete: %d rows arrived of %d sent", s.name, s.rows, s.Total()).
			WithHint("run the job again; nothing was published")
	}
	return nil
}

// streamError prefers the source's own words to the engine's about it.
func (c *child) streamError(err error) error {
	for _, s := range c.streams {
		if e := s.verify(); e != nil {
			return e
		}
	}
	return err
}
