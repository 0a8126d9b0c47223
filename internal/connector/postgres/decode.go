package postgres

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port/extract"
)

// decoder is the io.Writer a worker's COPYs write into. It takes rows apart as
// they arrive; a row split over two writes waits in carry.
type decoder struct {
	table string
	cols  []column
	batch *extract.Batch
	emit  extract.Emit

	opened bool // header seen
	closed bool // trailer seen
	rows   int64
	carry  []byte
	spans  []span
	bytes  int64 // received since the last batch
	err    error // sticky: the first fault in decoding or emitting
}

// span is a field's place in the row; end < 0 for NULL.
type span struct{ start, end int }

func newDecoder(table string, cols []column, schema *arrow.Schema, emit extract.Emit) *decoder {
	return &decoder{table: table, cols: cols, batch: extract.NewBatch(schema), emit: emit, spans: make([]span, len(cols))}
}

// begin prepares for the next COPY.
func (d *decoder) begin() {
	d.opened, d.closed, d.rows, d.carry = false, false, 0, d.carry[:0]
}

// end checks that the COPY came whole; want is the count of its tag.
func (d *decoder) end(want int64) error {
	if !d.closed || len(d.carry) > 0 || d.rows != want {
		return base.Errorf(base.Unavailable, "extract %s: the server announced %d rows, %d were received", d.table, want, d.rows)
	}
	return nil
}

// flush emits what is left.
func (d *decoder) flush() error {
	if d.batch.Rows() == 0 {
		return nil
	}
	n := d.bytes
	d.bytes = 0
	return d.emit(d.batch.Take(), n)
}

// Write implements io.Writer for pgconn's CopyTo.
func (d *decoder) Write(p []byte) (int, error) {
	if d.err != nil {
		return 0, d.err
	}
	n := len(p)
	d.bytes += int64(n)
	if len(d.carry) > 0 {
		d.carry = append(d.carry, p...)
		p = d.carry
	}
	used, err := d.take(p)
	if err != nil {
		d.err = err
		return 0, err
	}
	d.carry = append(d.carry[:0], p[used:]...)
	return n, nil
}

const signature = "PGCOPY\n\xff\r\n\x00"

// take consumes whole rows and says how many bytes that was.
func (d *decoder) take(p []byte) (int, error) {
	at := 0
	if !d.opened {
		if len(p) < 19 {
			return 0, nil
		}
		ext := int(binary.BigEndian.Uint32(p[15:]))
		if string(p[:11]) != signature || ext < 0 {
			return 0, base.Errorf(base.Internal, "extract %s: not a binary COPY stream", d.table)
		}
		if len(p) < 19+ext {
			return 0, nil
		}
		d.opened = true
		at = 19 + ext
	}
	for !d.closed {
		next, whole, err := d.split(p, at)
		if err != nil || !whole {
			return at, err
		}
		if d.closed {
			return next, nil
		}
		if err := d.row(p); err != nil {
			return at, err
		}
		d.rows++
		if d.batch.EndRow(next - at) {
			if err := d.flush(); err != nil {
				return at, err
			}
		}
		at = next
	}
	return at, nil
}

// split finds the fields of the row at p[at:]; it is not whole if bytes are missing.
func (d *decoder) split(p []byte, at int) (next int, whole bool, err error) {
	if len(p)-at < 2 {
		return at, false, nil
	}
	n := int(int16(binary.BigEndian.Uint16(p[at:])))
	at += 2
	if n == -1 {
		d.closed = true
		return at, true, nil
	}
	if n != len(d.spans) {
		return at, false, base.Errorf(base.Internal, "extract %s: a row of %d fields, asked for %d", d.table, n, len(d.spans))
	}
	for i := range d.spans {
		if len(p)-at < 4 {
			return at, false, nil
		}
		l := int(int32(binary.BigEndian.Uint32(p[at:])))
		at += 4
		if l < 0 {
			d.spans[i] = span{0, -1}
			continue
		}
		if len(p)-at < l {
			return at, false, nil
		}
		d.spans[i] = span{at, at + l}
		at += l
	}
	return at, true, nil
}

func (d *decoder) row(p []byte) error {
	for i, s := range d.spans {
		dst := d.batch.Columns[i]
		if s.end < 0 {
			dst.Null()
			continue
		}
		c := &d.cols[i]
		if err := d.value(c, c.wire, dst, p[s.start:s.end]); err != nil {
			return err
		}
	}
	return nil
}

// sizes are the lengths of fixed values, 0 for the others.
var sizes = [...]int{wireBool: 1, wireInt2: 2, wireInt4: 4, wireInt8: 8, wireOID: 4, wireFloat4: 4, wireFloat8: 8,
	wireDate: 4, wireTime: 8, wireTimestamp: 8, wireUUID: 16, wireArray: 0}

// value appends one value that is not NULL.
func (d *decoder) value(c *column, w wire, dst *extract.Column, v []byte) error {
	if w != wireText && sizes[w] != 0 && len(v) != sizes[w] {
		return d.bad(c, "has %d bytes where %d were expected", len(v), sizes[w])
	}
	switch w {
	case wireText:
		dst.AppendBytes(v)
	case wireFloat8, wireInt8:
		dst.Append64(int64(binary.BigEndian.Uint64(v)))
	case wireInt4, wireFloat4:
		dst.Append32(int32(binary.BigEndian.Uint32(v)))
	case wireInt2:
		dst.Append32(int32(int16(binary.BigEndian.Uint16(v))))
	case wireOID:
		dst.Append64(int64(binary.BigEndian.Uint32(v)))
	case wireBool:
		dst.AppendBool(v[0] != 0)
	case wireBytes:
		dst.AppendBytes(v)
	case wireNumeric:
		return d.numeric(c, dst, v)
	case wireDate:
		return d.date(c, dst, int32(binary.BigEndian.Uint32(v)))
	case wireTime:
		return d.time(c, dst, int64(binary.BigEndian.Uint64(v)))
	case wireTimestamp:
		return d.timestamp(c, dst, int64(binary.BigEndian.Uint64(v)))
	case wireUUID:
		appendUUID(dst, v)
	case wireJSONB:
		if len(v) == 0 || v[0] != 1 {
			return d.bad(c, "has a jsonb format this program does not know")
		}
		return d.value(c, wireText, dst, v[1:])
	case wireArray:
		return d.array(c, dst, v)
	default:
		return d.bad(c, "has a type that cannot be read")
	}
	return nil
}

// array appends a one-dimensional array as a list.
func (d *decoder) array(c *column, dst *extract.Column, v []byte) error {
	if len(v) < 12 {
		return d.bad(c, "holds a broken array")
	}
	dims := binary.BigEndian.Uint32(v)
	v = v[12:]
	if dims > 1 {
		return d.bad(c, "holds an array of %d dimensions; only one can be kept as a list", dims)
	}
	if dims == 1 {
		if len(v) < 8 {
			return d.bad(c, "holds a broken array")
		}
		n := binary.BigEndian.Uint32(v)
		v = v[8:]
		for range n {
			if len(v) < 4 {
				return d.bad(c, "holds a broken array")
			}
			l := int(int32(binary.BigEndian.Uint32(v)))
			v = v[4:]
			if l < 0 {
				dst.Elem().Null()
				continue
			}
			if len(v) < l {
				return d.bad(c, "holds a broken array")
			}
			if err := d.value(c, c.elem, dst.Elem(), v[:l]); err != nil {
				return err
			}
			v = v[l:]
		}
	}
	dst.EndList()
	return nil
}

func appendUUID(dst *extract.Column, v []byte) {
	var b [36]byte
	hex.Encode(b[:], v[:4])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	hex.Encode(b[9:], v[4:6])
	hex.Encode(b[14:], v[6:8])
	hex.Encode(b[19:], v[8:10])
	hex.Encode(b[24:], v[10:])
	dst.AppendBytes(b[:])
}

// bad is the error for a value that cannot be kept exactly.
func (d *decoder) bad(c *column, format string, args ...any) error {
	return base.Errorf(base.Invalid, "table %s column %q (%s) %s", d.table, c.field.Name, c.typ, fmt.Sprintf(format, args...)).
		WithHint("correct the value in the source, leave such rows out with a condition, or read a view that turns it into NULL or text")
}

const (
	dayOffset   = 10_957                   // days from 1970-01-01 to 2000-01-01
	microOffset = dayOffset * microsPerDay // the same in microseconds
	firstDay    = -719_162 - dayOffset     // 0001-01-01, counted from 2000-01-01

	microsPerDay = 86_400_000_000
)
