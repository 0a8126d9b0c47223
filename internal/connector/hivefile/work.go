package hivefile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
	"github.com/mulgil/mulgil/internal/port/extract"
)

// blockSize is how much of an uncompressed file one worker reads at a time.
const blockSize = 16 << 20

// block is a part of a file: the lines that begin in it.
type block struct {
	file, n     int
	from, upto  int64
	first, last bool
}

// cut divides the files into blocks of about size bytes.
func (p *reading) cut(size int64) {
	for i, f := range p.table.Files {
		n := f.Size / size
		if n < 2 || compressed(f) || p.header > 1000 {
			p.blocks = append(p.blocks, block{file: i, upto: math.MaxInt64, first: true, last: true})
			continue
		}
		for j := range n {
			b := block{file: i, n: int(j), from: j * size, upto: (j + 1) * size, first: j == 0, last: j == n-1}
			if b.last {
				b.upto = math.MaxInt64
			}
			p.blocks = append(p.blocks, b)
		}
	}
}

// produce reads all blocks with the workers there are and counts the rows.
func (p *reading) produce(ctx context.Context, emit extract.Emit) (int64, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var next, rows atomic.Int64
	var once sync.Once
	var failure error
	var wg sync.WaitGroup
	for range min(p.threads, max(1, len(p.blocks))) {
		wg.Go(func() {
			n, err := p.work(ctx, emit, &next)
			rows.Add(n)
			if err != nil {
				once.Do(func() { failure = err })
				cancel()
			}
		})
	}
	wg.Wait()
	return rows.Load(), failure
}

// worker reads one block after the other.
type worker struct {
	p      *reading
	emit   extract.Emit
	batch  *batch
	reader lineReader
	lines  lines
	rows   int64
	notes  blockNotes
}

func (p *reading) work(ctx context.Context, emit extract.Emit, next *atomic.Int64) (rows int64, err error) {
	defer func() {
		if x := recover(); x != nil { // a bug in a reader must not end the process silently
			err = base.Errorf(base.Internal, "read %s: %v", p.table.Name, x)
		}
	}()
	schema, err := p.schema()
	if err != nil {
		return 0, err
	}
	w := &worker{p: p, emit: emit}
	if w.batch, w.reader, err = p.start(schema); err != nil {
		return 0, err
	}
	defer w.batch.release()
	for {
		i := next.Add(1) - 1
		if i >= int64(len(p.blocks)) {
			break
		}
		if err := w.block(ctx, p.blocks[i]); err != nil {
			return w.rows, err
		}
	}
	return w.rows, w.flush()
}

func (w *worker) flush() error {
	if w.batch.rows == 0 {
		return nil
	}
	n, size := w.batch.rows, w.batch.bytes
	w.rows += int64(n)
	return w.emit(w.batch.take(), size)
}

// block reads the lines that begin in b.
func (w *worker) block(ctx context.Context, b block) error {
	f := w.p.table.Files[b.file]
	if err := ctx.Err(); err != nil {
		return err
	}
	at := max(b.from-1, 0)
	r, done, err := open(f, at)
	if err != nil {
		return err
	}
	defer done()
	w.lines.reset(r, at)
	w.notes = blockNotes{}
	n, err := w.read(ctx, b, f, w.p.constants(f))
	if err != nil {
		return err
	}
	w.p.notes.add(b, n, &w.notes)
	return nil
}

var byteOrderMark = []byte("\xef\xbb\xbf")

// read passes the block's lines to the line reader and returns their number.
func (w *worker) read(ctx context.Context, b block, f port.HiveFile, constants []arrow.Array) (int64, error) {
	if b.from > 0 {
		if _, err := w.lines.next(); err != nil {
			return 0, w.ended(f, err)
		}
	}
	for n := int64(0); ; n++ {
		if w.lines.at >= b.upto {
			w.batch.fill(constants)
			return n, nil
		}
		line, err := w.lines.next()
		if err != nil {
			w.batch.fill(constants)
			return n, w.ended(f, err)
		}
		if b.first && n == 0 {
			line = bytes.TrimPrefix(line, byteOrderMark)
		}
		if b.first && n < int64(w.p.header) {
			continue
		}
		o, why := w.reader.read(line)
		if o != fine {
			if o == fatal {
				return n, w.fatal(b, f, n, why)
			}
			w.notes.add(b.n, n+1, why)
		}
		w.batch.row(o, len(line))
		if w.batch.full() {
			w.batch.fill(constants)
			if err := w.flush(); err != nil {
				return n, err
			}
			if err := ctx.Err(); err != nil {
				return n, err
			}
		}
	}
}

// ended turns the end of a file into success and everything else into an error
// that names it.
func (w *worker) ended(f port.HiveFile, err error) error {
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case errors.Is(err, errLongLine) || compressed(f):
		return damaged(f, err)
	}
	return base.Errorf(base.Unavailable, "read %s: %w", shown(f), err).WithCode("HIVE_CURSOR_ERROR")
}

// fatal is a line that ends the statement.
func (w *worker) fatal(b block, f port.HiveFile, n int64, why string) error {
	before := int64(0)
	if b.from > 0 {
		var err error
		if before, err = countLines(f, b.from); err != nil {
			return err
		}
	}
	code, hint := "HIVE_CURSOR_ERROR", "correct the file, or set 'ignore.malformed.json' = 'true' in the table's SERDEPROPERTIES to read such lines as NULL"
	if _, csv := w.reader.(*openCSV); csv {
		code, hint = "HIVE_BAD_DATA", "declare the column as string and convert it in the query, with TRY_CAST where values may be missing"
	}
	return base.Errorf(base.Invalid, "%s", fmt.Sprintf("%s:%d: %s", shown(f), before+n+1, why)).WithCode(code).WithHint("%s", hint)
}
