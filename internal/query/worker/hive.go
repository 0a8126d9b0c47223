package worker

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/ducksql"
	"github.com/mulgil/mulgil/internal/port"
)

// hiveRelation is a Hive folder made readable in the engine.
type hiveRelation struct {
	stream port.HiveStream
	// from is the relation that has its rows.
	from string
}

// hive makes the text tables readable under their names. done ends the
// readers; it must be called even on error.
func (c *child) hive(ctx context.Context) (done func(), err error) {
	c.hives = map[int]*hiveRelation{}
	var closers []func()
	done = func() {
		for _, f := range slices.Backward(closers) {
			f()
		}
	}
	for _, r := range c.task.Relations {
		if r.Hive == nil {
			continue
		}
		h, ok := c.hives[r.Hive.ID]
		if !ok {
			var release func()
			h, release, err = c.openHive(ctx, *r.Hive)
			if release != nil {
				closers = append(closers, release)
			}
			if err != nil {
				return done, err
			}
			c.hives[r.Hive.ID] = h
		}
		catalog := r.Catalog
		if catalog == "" {
			catalog = c.task.Catalog
		}
		view := ducksql.Ident(catalog) + "." + ducksql.Ident(r.Database) + "." + ducksql.Ident(r.Table)
		if err := c.s.Exec(ctx, "CREATE VIEW "+view+" AS SELECT * FROM "+h.from); err != nil {
			return done, fmt.Errorf("prepare tables: %w", err)
		}
	}
	return done, nil
}

func (c *child) openHive(ctx context.Context, r HiveRead) (h *hiveRelation, release func(), err error) {
	start, name := time.Now(), r.Table.Name
	threads := c.task.Engine.Threads
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	st, err := c.host.OpenHive(ctx, port.HiveRead{Table: r.Table, Columns: r.needed(), Threads: threads, Report: func(p base.Progress) {
		p.Stage, p.Elapsed = "read "+name, time.Since(start)
		c.send(Message{Progress: &p})
	}})
	if err != nil {
		return nil, nil, err
	}
	raw := fmt.Sprintf("memory.main.hive_%d", r.ID)
	checked := &checkedStream{Stream: st, name: name}
	c.streams = append(c.streams, checked)
	drop, err := c.s.Stream(fmt.Sprintf("hive_%d", r.ID), checked)
	if err != nil {
		st.Release()
		return nil, nil, err
	}
	release = func() { drop(); st.Release() }
	h = &hiveRelation{stream: st, from: raw}
	if r.Materialize {
		h.from = raw + "_copy"
		if err := c.s.Exec(ctx, "CREATE TABLE "+h.from+" AS SELECT * FROM "+raw); err != nil {
			return h, release, c.streamError(err)
		}
		if err := checked.verify(); err != nil {
			return h, release, err
		}
		c.stage("read "+name, start)
	}
	return h, release, nil
}

// needed are the columns to read, in declared order, keys last and hidden ones
// after them; at least one.
func (r HiveRead) needed() []string {
	var out []string
	for _, f := range slices.Concat(r.Table.Columns, r.Table.Keys) {
		if r.All || r.Names[strings.ToLower(f.Name)] {
			out = append(out, f.Name)
		}
	}
	for _, n := range []string{port.HivePath, port.HiveSize, port.HiveModified} {
		if !r.All && r.Names[n] {
			out = append(out, n)
		}
	}
	if len(out) > 0 {
		return out
	}
	for _, f := range slices.Concat(r.Table.Keys, r.Table.Columns) {
		return []string{f.Name}
	}
	return []string{port.HivePath}
}

// warn tells of the malformed lines met on the way.
func (c *child) warn() {
	for _, h := range c.hives {
		if w := h.stream.Warnings(); len(w) > 0 {
			c.send(Message{Warnings: w})
		}
	}
}
