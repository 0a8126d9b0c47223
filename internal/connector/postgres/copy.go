package postgres

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port/extract"
)

// reader extracts one table: page ranges from a queue, by a few workers.
type reader struct {
	snap   *snapshot
	table  *table
	cols   []column
	where  string // "" for every row
	schema *arrow.Schema
	ranges []string // conditions on ctid; one "" for a plain COPY

	next atomic.Int64 // index of the next range
	rows atomic.Int64 // sum of the COPY tags
}

// cut makes the page ranges of a heap. They cover every page there will ever
// be, since the last is open: pages added after the size was taken hold rows
// the snapshot does not see, or rows moved by an update it does.
func (s *snapshot) cut(t *table) []string {
	step := max(s.src.rangeBytes/s.blockSize, 1)
	if t.pages <= step {
		return []string{""}
	}
	var out []string
	for a := int64(0); a < t.pages; a += step {
		cond := fmt.Sprintf("ctid >= '(%d,0)'::tid", a)
		if a+step < t.pages {
			cond += fmt.Sprintf(" AND ctid < '(%d,0)'::tid", a+step)
		}
		out = append(out, cond)
	}
	return out
}

// query is the SELECT for one range.
func (r *reader) query(pages string) string {
	list := make([]string, len(r.cols))
	for i, c := range r.cols {
		list[i] = quote(c.field.Name)
		if c.asText && c.wire == wireArray {
			list[i] += "::text[]"
		} else if c.asText {
			list[i] += "::text"
		}
	}
	var conds []string
	for _, c := range []string{pages, r.where} {
		if c != "" {
			conds = append(conds, c)
		}
	}
	q := "SELECT " + strings.Join(list, ", ") + " FROM " + r.table.sql
	if len(conds) > 0 {
		q += " WHERE " + strings.Join(conds, " AND ")
	}
	return q
}

// run starts the workers and waits for all; the first failure stops the others.
func (r *reader) run(parent context.Context, emit extract.Emit) (int64, error) {
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	var wg sync.WaitGroup
	for range min(r.snap.workers, len(r.ranges)) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if err := r.work(ctx, emit); err != nil {
				cancel(err)
			}
		}()
	}
	wg.Wait()
	err := context.Cause(ctx)
	if err != nil && (err == context.Cause(parent) || err == parent.Err()) {
		err = base.Errorf(base.Canceled, "extract %s: stopped: %w", r.table, parent.Err())
	}
	return r.rows.Load(), err
}

// work reads ranges until the queue is empty, then hands over its last batch.
func (r *reader) work(ctx context.Context, emit extract.Emit) error {
	conn, err := r.snap.src.connect(ctx)
	if err != nil {
		return cause(ctx, err)
	}
	pc := conn.PgConn()
	defer hangUp(pc)
	begin := fmt.Sprintf("%s; SET TRANSACTION SNAPSHOT '%s'; %s", beginSQL, r.snap.id, patience)
	if _, err := pc.Exec(ctx, begin).ReadAll(); err != nil {
		return r.fail(ctx, err)
	}
	d := newDecoder(r.table.String(), r.cols, r.schema, emit)
	for {
		i := int(r.next.Add(1)) - 1
		if i >= len(r.ranges) {
			return d.flush()
		}
		d.begin()
		tag, err := pc.CopyTo(ctx, d, "COPY ("+r.query(r.ranges[i])+") TO STDOUT (FORMAT BINARY)")
		if d.err != nil {
			return d.err
		}
		if err != nil {
			return r.fail(ctx, err)
		}
		if err := d.end(tag.RowsAffected()); err != nil {
			return err
		}
		r.rows.Add(tag.RowsAffected())
	}
}

// fail words a COPY's error, unless it only follows from an earlier stop.
func (r *reader) fail(ctx context.Context, err error) error {
	return cause(ctx, r.snap.src.queryError(ctx, "extract "+r.table.String(), err))
}

func cause(ctx context.Context, err error) error {
	if first := context.Cause(ctx); first != nil {
		return first
	}
	return err
}
