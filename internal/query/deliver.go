package query

import (
	"context"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/query/results"
)

// delivery hands an answer to a receiver from a goroutine of its own, so that
// a receiver that blocks cannot keep a statement from being stopped. The next
// batch is made while one is taken; more are not.
type delivery struct {
	ctx    context.Context
	stop   context.CancelCauseFunc
	limits Limits
	store  *results.Store
	w      *work
	names  []Column // announced instead of the engine's
	queue  chan parcel
	done   chan struct{}
	// key is where the rows are kept, "" for nowhere.
	key  string
	keep *results.Writer
	// err is the receiver's, or that of a limit; read it once done is closed.
	err         error
	count, size int64
}

// parcel is columns, or n rows.
type parcel struct {
	columns []Column
	rows    []byte
	n       int
}

func (s *Service) deliver(ctx context.Context, w *work, names []Column) *delivery {
	d := &delivery{limits: s.limits, store: s.o.Results, w: w, names: names, queue: make(chan parcel, 1), done: make(chan struct{})}
	d.ctx, d.stop = context.WithCancelCause(ctx)
	go d.run(w.recv)
	return d
}

// keepAs keeps the rows under key as well, "" does not.
func (d *delivery) keepAs(key string) { d.key = key }

func (d *delivery) columns(c []Column) error {
	if len(d.names) > 0 {
		c = d.names
	}
	if d.key != "" {
		head := results.Head{Columns: make([]results.Column, len(c))}
		for i := range c {
			head.Columns[i] = results.Column(c[i])
		}
		d.keep = d.store.Write(d.key, head)
	}
	return d.push(parcel{columns: c})
}

func (d *delivery) rows(batch []byte, n int) error { return d.push(parcel{rows: batch, n: n}) }

func (d *delivery) push(p parcel) error {
	select {
	case d.queue <- p:
		return nil
	case <-d.ctx.Done():
		return context.Cause(d.ctx)
	}
}

// run is the only caller of the receiver.
func (d *delivery) run(recv Receiver) {
	defer close(d.done)
	for p := range d.queue {
		if d.err != nil || d.ctx.Err() != nil {
			continue
		}
		if d.err = d.hand(recv, p); d.err != nil {
			d.stop(d.err)
		}
	}
}

func (d *delivery) hand(recv Receiver, p parcel) error {
	if p.rows == nil {
		return gone(recv.Columns(p.columns))
	}
	d.count, d.size = d.count+int64(p.n), d.size+int64(len(p.rows))
	if err := d.limits.result(d.count, d.size); err != nil {
		return err
	}
	if d.keep != nil {
		d.keep.Rows(p.rows, p.n)
	}
	return gone(recv.Rows(p.rows, p.n))
}

// gone is the error of a receiver that takes no more.
func gone(err error) error {
	if err == nil {
		return nil
	}
	return base.Errorf(base.Canceled, "the client takes no more rows: %w", err).WithCode(abandoned)
}

// abandon clears up once a blocked receiver has returned.
func (d *delivery) abandon() {
	<-d.done
	if d.keep != nil {
		d.keep.Abort()
	}
}

// finish ends the delivery. err is why the rows ended, nil if all were made;
// what stopped the delivery itself goes before it.
func (d *delivery) finish(err error, out *Outcome) error {
	defer d.stop(nil)
	close(d.queue)
	select {
	case <-d.done:
	case <-d.ctx.Done():
		select {
		case <-d.done: // it stopped by itself
		default:
			go d.abandon()
			return ended(d.ctx, err)
		}
	}
	d.w.stats.Rows = d.count
	if d.err != nil {
		err = d.err
	} else if err != nil || d.ctx.Err() != nil {
		err = ended(d.ctx, err)
	}
	if d.keep == nil {
		return err
	}
	if err != nil {
		d.keep.Abort()
	} else if d.keep.Commit(out.Truncated, out.Warnings) {
		d.w.key = d.key
	}
	return err
}
