package extract

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
)

// depth is how many batches wait between the workers and the reader.
const depth = 4

// Options describe a stream.
type Options struct {
	// Name is what messages and progress call it: "retail.purchase".
	Name   string
	Schema *arrow.Schema
	// Pushed is the statement sent to the source.
	Pushed string
	// Expect is the estimated number of rows, for progress; 0 if unknown.
	Expect int64
	Report base.Report
}

// Emit hands a batch to the reader, waiting while it is behind. It takes over
// the reference and fails only once the stream is stopped. bytes is what the
// source sent for it. Safe for concurrent use.
type Emit func(rec arrow.RecordBatch, bytes int64) error

// Stream is a port.Stream fed by one function that may run many workers.
type Stream struct {
	opts   Options
	ctx    context.Context
	cancel context.CancelFunc
	ch     chan arrow.RecordBatch
	done   chan struct{}
	refs   atomic.Int64
	start  time.Time

	sent, bytes atomic.Int64 // rows and bytes emitted
	total       int64        // written before done closes
	runErr      error        // written before done closes

	cur  arrow.RecordBatch // the reader's
	got  int64             // rows the reader received
	err  error             // the reader's, set when Next turns false
	stop sync.Once
}

var _ port.Stream = (*Stream)(nil)

// Start runs produce in a goroutine. It returns the source's own row count,
// once all its workers have ended; its ctx ends when the stream is stopped.
func Start(ctx context.Context, opts Options, produce func(ctx context.Context, emit Emit) (int64, error)) *Stream {
	ctx, cancel := context.WithCancel(ctx)
	s := &Stream{opts: opts, ctx: ctx, cancel: cancel, ch: make(chan arrow.RecordBatch, depth), done: make(chan struct{}), start: time.Now()}
	s.refs.Store(1)
	go func() {
		defer close(s.done)
		defer close(s.ch)
		s.total, s.runErr = produce(ctx, s.emit)
		if s.runErr == nil && s.total != s.sent.Load() {
			s.runErr = base.Errorf(base.Internal, "extract %s: decoded %d rows, but the source counted %d", opts.Name, s.sent.Load(), s.total)
		}
		s.report(true)
	}()
	return s
}

func (s *Stream) emit(rec arrow.RecordBatch, bytes int64) error {
	rows := rec.NumRows()
	select {
	case s.ch <- rec:
	case <-s.ctx.Done():
		rec.Release()
		return s.ctx.Err()
	}
	s.sent.Add(rows)
	s.bytes.Add(bytes)
	s.report(false)
	return nil
}

func (s *Stream) report(done bool) {
	s.opts.Report.Do(base.Progress{
		Stage: "extract " + s.opts.Name, Rows: s.sent.Load(), Bytes: s.bytes.Load(), Total: s.opts.Expect,
		Elapsed: time.Since(s.start), Done: done, Failed: done && s.runErr != nil,
	})
}

// Schema implements array.RecordReader.
func (s *Stream) Schema() *arrow.Schema { return s.opts.Schema }

// Next implements array.RecordReader: false at the end and at an error.
func (s *Stream) Next() bool {
	s.drop()
	if s.err != nil {
		return false
	}
	rec, ok := <-s.ch
	if ok {
		s.cur = rec
		s.got += rec.NumRows()
		return true
	}
	<-s.done
	s.err = s.runErr
	if s.err == nil && s.got != s.total {
		s.err = base.Errorf(base.Canceled, "extract %s: stopped after %d of %d rows", s.opts.Name, s.got, s.total)
	}
	return false
}

func (s *Stream) drop() {
	if s.cur != nil {
		s.cur.Release()
		s.cur = nil
	}
}

// RecordBatch is the current batch, valid until the next call of Next.
func (s *Stream) RecordBatch() arrow.RecordBatch { return s.cur }

// Record is RecordBatch under its older name.
func (s *Stream) Record() arrow.RecordBatch { return s.cur }

// Err is nil only if every row arrived.
func (s *Stream) Err() error { return s.err }

// Total is the source's own count, valid once Next returned false.
func (s *Stream) Total() int64 { return s.total }

// Pushed is the statement sent to the source.
func (s *Stream) Pushed() string { return s.opts.Pushed }

// Retain adds a reference.
func (s *Stream) Retain() { s.refs.Add(1) }

// Release drops a reference; the last one stops the extract and waits for its goroutines.
func (s *Stream) Release() {
	if s.refs.Add(-1) <= 0 {
		s.drop()
		s.Stop()
	}
}

// Stop ends the extract whatever references remain, and waits. A reader in
// Next gets false and an error. Safe to call twice and beside a reader.
func (s *Stream) Stop() {
	s.stop.Do(func() {
		s.cancel()
		<-s.done
		for rec := range s.ch {
			rec.Release()
		}
	})
}
