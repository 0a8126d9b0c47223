package duckdb

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	bind "github.com/duckdb/duckdb-go-bindings"
	duck "github.com/duckdb/duckdb-go/v2"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
)

// Batches runs a SELECT whose rows are made as they are fetched: the driver's
// own way holds the whole result in memory first, outside the memory limit.
func (s *Session) Batches(ctx context.Context, text string, planned func()) (port.Batches, error) {
	var out *batches
	err := s.conn.Raw(func(c any) (err error) {
		conn, err := handle(c)
		if err != nil {
			return err
		}
		out, err = streamed(ctx, conn, text, planned)
		return err
	})
	if err != nil {
		return nil, sqlError(ctx, text, err)
	}
	return out, nil
}

// handle is the engine's connection behind the driver's, which has no method
// that tells it.
func handle(c any) (bind.Connection, error) {
	conn, ok := c.(*duck.Conn)
	if !ok {
		return bind.Connection{}, base.Errorf(base.Internal, "the engine's driver has changed: %T", c)
	}
	inner := reflect.ValueOf(conn).Elem().FieldByName("conn")
	if !inner.IsValid() || inner.Type() != reflect.TypeFor[bind.Connection]() {
		return bind.Connection{}, base.Errorf(base.Internal, "the engine's driver has changed")
	}
	return bind.Connection{Ptr: inner.FieldByName("Ptr").UnsafePointer()}, nil
}

// batches is a streaming result.
type batches struct {
	ctx     context.Context
	text    string
	stmt    bind.PreparedStatement
	pending bind.PendingResult
	res     bind.Result
	opts    bind.ArrowOptions
	schema  *arrow.Schema
	rec     arrow.RecordBatch
	err     error
	closed  bool
}

func streamed(ctx context.Context, conn bind.Connection, text string, planned func()) (*batches, error) {
	b := &batches{ctx: ctx, text: text}
	if bind.Prepare(conn, text, &b.stmt) == bind.StateError {
		err := plainError(bind.PrepareError(b.stmt))
		bind.DestroyPrepare(&b.stmt)
		return nil, err
	}
	if planned != nil {
		planned()
	}
	if bind.PendingPreparedStreaming(b.stmt, &b.pending) == bind.StateError {
		err := plainError(bind.PendingError(b.pending))
		bind.DestroyPending(&b.pending)
		bind.DestroyPrepare(&b.stmt)
		return nil, err
	}
	if bind.ExecutePending(b.pending, &b.res) == bind.StateError {
		err := plainError(bind.ResultError(&b.res))
		return nil, errors.Join(err, b.Close())
	}
	b.opts = bind.ResultGetArrowOptions(&b.res)
	if err := b.describe(); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

func (b *batches) describe() error {
	n := bind.ColumnCount(&b.res)
	names, types := make([]string, n), make([]bind.LogicalType, n)
	for i := range n {
		names[i], types[i] = bind.ColumnName(&b.res, i), bind.ColumnLogicalType(&b.res, i)
	}
	defer func() {
		for i := range types {
			bind.DestroyLogicalType(&types[i])
		}
	}()
	schema, data := bind.NewArrowSchema(b.opts, types, names)
	if err := dataError(data); err != nil {
		return fmt.Errorf("describe result: %w", err)
	}
	b.schema = schema
	return nil
}

func (b *batches) Schema() *arrow.Schema    { return b.schema }
func (b *batches) Batch() arrow.RecordBatch { return b.rec }
func (b *batches) Err() error               { return sqlError(b.ctx, b.text, b.err) }

func (b *batches) Next() bool {
	b.release()
	if b.closed || b.err != nil {
		return false
	}
	if b.err = b.ctx.Err(); b.err != nil {
		return false
	}
	chunk := bind.FetchChunk(b.res)
	if chunk.Ptr == nil {
		if msg := bind.ResultError(&b.res); msg != "" {
			b.err = plainError(msg)
		}
		return false
	}
	defer bind.DestroyDataChunk(&chunk)
	if bind.DataChunkGetSize(chunk) == 0 {
		return false
	}
	rec, data := bind.DataChunkToArrowArray(b.opts, b.schema, chunk)
	if err := dataError(data); err != nil {
		b.err = fmt.Errorf("read result: %w", err)
		return false
	}
	b.rec = rec
	return true
}

func (b *batches) release() {
	if b.rec != nil {
		b.rec.Release()
		b.rec = nil
	}
}

func (b *batches) Close() error {
	if b.closed {
		return nil
	}
	b.closed = true
	b.release()
	if b.opts.Ptr != nil {
		bind.DestroyArrowOptions(&b.opts)
	}
	bind.DestroyResult(&b.res)
	bind.DestroyPending(&b.pending)
	bind.DestroyPrepare(&b.stmt)
	return nil
}

func dataError(d bind.ErrorData) error {
	if d.Ptr == nil {
		return nil
	}
	defer bind.DestroyErrorData(&d)
	if !bind.ErrorDataHasError(d) {
		return nil
	}
	return plainError(bind.ErrorDataMessage(d))
}

// errorClasses are the classes of error that sqlError tells apart.
var errorClasses = map[string]duck.ErrorType{
	"IO Error": duck.ErrorTypeIO, "Out of Memory Error": duck.ErrorTypeOutOfMemory, "INTERNAL Error": duck.ErrorTypeInternal,
	"FATAL Error": duck.ErrorTypeFatal, "Permission Error": duck.ErrorTypePermission, "INTERRUPT Error": duck.ErrorTypeInterrupt,
	"Out of Range Error": duck.ErrorTypeOutOfRange, "Conversion Error": duck.ErrorTypeConversion,
}

// plainError is the engine's text as the driver would give it.
func plainError(msg string) error {
	class, _, _ := strings.Cut(msg, ": ")
	return &duck.Error{Type: errorClasses[class], Msg: msg}
}
