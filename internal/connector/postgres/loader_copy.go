package postgres

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/mulgil/mulgil/internal/base"
)

// copyStream is an io.Reader of rows in the format of COPY BINARY. One
// goroutine encodes record batches while the connection sends the one before.
type copyStream struct {
	ctx   context.Context
	stop  context.CancelFunc
	full  chan copyChunk
	free  chan []byte
	sent  func(rows int64)
	now   copyChunk
	rest  []byte // what of now is still to be read
	rows  int64  // read completely
	err   error  // why encoding ended early; set before full is closed
	total int64  // encoded; valid once full is closed
}

type copyChunk struct {
	data []byte
	rows int64
}

// copySignature opens a COPY BINARY stream: magic, flags, no header extension.
const copySignature = "PGCOPY\n\xff\r\n\x00" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00"

func newCopyStream(ctx context.Context, rows array.RecordReader, columns int, sent func(int64)) *copyStream {
	s := &copyStream{full: make(chan copyChunk, 1), free: make(chan []byte, 3), sent: sent}
	s.ctx, s.stop = context.WithCancel(ctx)
	for range cap(s.free) {
		s.free <- nil
	}
	go func() {
		defer close(s.full)
		s.err = s.encode(rows, columns)
	}()
	return s
}

func (s *copyStream) encode(rows array.RecordReader, columns int) error {
	if err := s.put([]byte(copySignature), 0); err != nil {
		return err
	}
	for rows.Next() {
		b := rows.RecordBatch()
		if int(b.NumCols()) != columns {
			return fmt.Errorf("%d columns arrived for %d", b.NumCols(), columns)
		}
		var buf []byte
		select {
		case buf = <-s.free:
		case <-s.ctx.Done():
			return s.ctx.Err()
		}
		data, err := appendCopyRows(buf[:0], b)
		if err == nil {
			err = s.put(data, b.NumRows())
		}
		if err != nil {
			return err
		}
		s.total += b.NumRows()
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return s.put([]byte{0xff, 0xff}, 0)
}

func (s *copyStream) put(data []byte, rows int64) error {
	select {
	case s.full <- copyChunk{data, rows}:
		return nil
	case <-s.ctx.Done():
		return s.ctx.Err()
	}
}

// Read implements io.Reader.
func (s *copyStream) Read(p []byte) (int, error) {
	for len(s.rest) == 0 {
		if s.now.rows > 0 {
			s.rows += s.now.rows
			s.sent(s.rows)
			s.free <- s.now.data
		}
		s.now = copyChunk{}
		select {
		case c, more := <-s.full:
			if !more {
				if s.err != nil {
					return 0, s.err
				}
				return 0, io.EOF
			}
			s.now, s.rest = c, c.data
		case <-s.ctx.Done():
			return 0, s.ctx.Err()
		}
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

// close stops the encoder and waits for it: the rows it encoded, and why it
// ended early unless that was close itself.
func (s *copyStream) close() (int64, error) {
	ended := s.ctx.Err()
	s.stop()
	for range s.full { // closed by the encoder
	}
	if ended == nil && s.err == context.Canceled {
		return s.total, nil
	}
	return s.total, s.err
}

// cells is one column of a batch, ready to be written cell by cell.
type cells struct {
	nulls   arrow.Array // nil if the column has no NULL
	offsets []int32
	data    []byte
	doubles []float64
	other   func([]byte, int) []byte
}

func cellsOf(col arrow.Array) (cells, error) {
	var c cells
	if col.NullN() > 0 {
		c.nulls = col
	}
	switch a := col.(type) {
	case *array.String:
		c.offsets, c.data = a.ValueOffsets(), a.ValueBytes()
	case *array.Binary:
		c.offsets, c.data = a.ValueOffsets(), a.ValueBytes()
	case *array.Float64:
		c.doubles = a.Float64Values()
	case *array.Int64:
		c.other = func(b []byte, i int) []byte {
			return binary.BigEndian.AppendUint64(append(b, 0, 0, 0, 8), uint64(a.Value(i)))
		}
	case *array.Int32:
		c.other = func(b []byte, i int) []byte {
			return binary.BigEndian.AppendUint32(append(b, 0, 0, 0, 4), uint32(a.Value(i)))
		}
	case *array.Date32: // PostgreSQL counts days from 2000-01-01
		c.other = func(b []byte, i int) []byte {
			return binary.BigEndian.AppendUint32(append(b, 0, 0, 0, 4), uint32(int32(a.Value(i))-dayOffset))
		}
	case *array.Boolean:
		c.other = func(b []byte, i int) []byte {
			v := byte(0)
			if a.Value(i) {
				v = 1
			}
			return append(b, 0, 0, 0, 1, v)
		}
	default:
		return c, base.Errorf(base.Invalid, "type %s cannot be loaded into PostgreSQL", col.DataType())
	}
	if c.offsets != nil { // a slice of an array keeps its offsets but not its bytes' start
		first := c.offsets[0]
		if first != 0 {
			moved := make([]int32, len(c.offsets))
			for i, o := range c.offsets {
				moved[i] = o - first
			}
			c.offsets = moved
		}
	}
	return c, nil
}

// appendCopyRows appends a batch in the row format of COPY BINARY: the number
// of fields, then each field's length (-1 is NULL) and bytes.
func appendCopyRows(b []byte, batch arrow.RecordBatch) ([]byte, error) {
	cols := make([]cells, batch.NumCols())
	for k := range cols {
		var err error
		if cols[k], err = cellsOf(batch.Column(k)); err != nil {
			return nil, fmt.Errorf("column %s: %w", batch.ColumnName(k), err)
		}
	}
	for i := range int(batch.NumRows()) {
		b = binary.BigEndian.AppendUint16(b, uint16(len(cols)))
		for k := range cols {
			c := &cols[k]
			switch {
			case c.nulls != nil && c.nulls.IsNull(i):
				b = append(b, 0xff, 0xff, 0xff, 0xff)
			case c.offsets != nil:
				from, to := c.offsets[i], c.offsets[i+1]
				b = binary.BigEndian.AppendUint32(b, uint32(to-from))
				b = append(b, c.data[from:to]...)
			case c.doubles != nil:
				b = binary.BigEndian.AppendUint64(append(b, 0, 0, 0, 8), math.Float64bits(c.doubles[i]))
			default:
				b = c.other(b, i)
			}
		}
	}
	return b, nil
}
