package sample

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// batchRows is the size of a record batch; a multiple of blockRows.
const batchRows = 65_536

// made is a finished record batch and what it adds to the summary.
type made struct {
	batch       arrow.RecordBatch
	sum, counts int64
}

// reader makes batches on several goroutines and hands them out in order.
type reader struct {
	schema *arrow.Schema
	queue  chan chan made // slots in order; each receives one batch
	stop   context.CancelFunc
	ctx    context.Context
	work   sync.WaitGroup
	refs   atomic.Int64
	now    made
	err    error

	rows, sum, counts int64 // of the batches handed out
}

var _ array.RecordReader = (*reader)(nil)

// newReader streams rows rows; part makes rows from to to.
func newReader(ctx context.Context, schema *arrow.Schema, rows int64, part func(from, to int64) made) *reader {
	workers := min(runtime.GOMAXPROCS(0), 8)
	r := &reader{schema: schema, queue: make(chan chan made, workers)}
	r.ctx, r.stop = context.WithCancel(ctx)
	r.refs.Store(1)
	r.work.Go(func() {
		defer close(r.queue)
		for from := int64(0); from < rows; from += batchRows {
			slot := make(chan made, 1)
			select {
			case r.queue <- slot: // waits while enough batches are under way
			case <-r.ctx.Done():
				return
			}
			r.work.Go(func() { slot <- part(from, min(from+batchRows, rows)) })
		}
	})
	return r
}

func (r *reader) Schema() *arrow.Schema          { return r.schema }
func (r *reader) RecordBatch() arrow.RecordBatch { return r.now.batch }
func (r *reader) Record() arrow.RecordBatch      { return r.now.batch }
func (r *reader) Err() error                     { return r.err }
func (r *reader) Retain()                        { r.refs.Add(1) }

// Next waits for the next batch; the one before is released.
func (r *reader) Next() bool {
	r.drop()
	if r.err = r.ctx.Err(); r.err != nil {
		return false
	}
	slot, more := <-r.queue
	if !more {
		r.err = r.ctx.Err()
		return false
	}
	r.now = <-slot
	r.rows += r.now.batch.NumRows()
	r.sum += r.now.sum
	r.counts += r.now.counts
	return true
}

func (r *reader) drop() {
	if r.now.batch != nil {
		r.now.batch.Release()
		r.now = made{}
	}
}

// Release stops the goroutines and waits for them when the last owner lets go.
func (r *reader) Release() {
	if r.refs.Add(-1) != 0 {
		return
	}
	r.stop()
	r.work.Wait()
	r.drop()
}
