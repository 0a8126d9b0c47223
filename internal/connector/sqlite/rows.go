package sqlite

import (
	"context"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/google/uuid"
	lib "modernc.org/sqlite/lib"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
	"github.com/mulgil/mulgil/internal/port/extract"
)

// turnRows is how many rows a stream reads before another may use the connection.
const turnRows = 512

// tableReader extracts one table.
type tableReader struct {
	snap   *snapshot
	table  *sourceTable
	fields []base.Field
	schema *arrow.Schema
	where  string

	stmt  *rawStmt
	batch *extract.Batch
	rows  int64
	bytes int64 // of the batch being filled
}

// Read implements port.Snapshot.
func (s *snapshot) Read(ctx context.Context, spec port.ReadSpec) (port.Stream, error) {
	t, err := s.table(spec.Table)
	if err != nil {
		return nil, err
	}
	fields, err := t.choose(spec.Columns)
	if err != nil {
		return nil, err
	}
	where, err := t.where(spec.Where)
	if err != nil {
		return nil, err
	}
	schema, err := extract.Schema(fields)
	if err != nil {
		return nil, base.Errorf(base.Invalid, "table %s: %w", t, err)
	}
	r := &tableReader{snap: s, table: t, fields: fields, schema: schema, where: where, batch: extract.NewBatch(schema)}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, base.Errorf(base.Internal, "connection %s: the snapshot is closed", s.src.cfg.Name)
	}
	s.active++
	stream := extract.Start(ctx, extract.Options{Name: t.name, Schema: schema, Pushed: r.query(""), Expect: t.Rows, Report: spec.Report}, r.run)
	s.streams = append(s.streams, stream)
	return stream, nil
}

// query is the SELECT; extra is one more column, for messages.
func (r *tableReader) query(extra string) string {
	list := make([]string, len(r.fields))
	for i, f := range r.fields {
		list[i] = sqlName(f.Name)
	}
	if extra != "" {
		list = append(list, extra)
	}
	q := "SELECT " + strings.Join(list, ", ") + " FROM main." + sqlName(r.table.name)
	if r.where != "" {
		q += " WHERE " + r.where
	}
	return q
}

func (r *tableReader) run(ctx context.Context, emit extract.Emit) (int64, error) {
	defer r.finish()
	defer r.interruptOn(ctx)()
	for more := true; more; {
		err := ctx.Err()
		if err == nil {
			more, err = r.turn()
		}
		if err == nil && (r.full() || !more) && r.batch.Rows() > 0 {
			n := r.bytes
			r.bytes = 0
			err = emit(r.batch.Take(), n)
		}
		if err != nil {
			return r.rows, r.explain(ctx, err)
		}
	}
	return r.rows, nil
}

func (r *tableReader) explain(ctx context.Context, err error) error {
	if stop := ctx.Err(); stop != nil {
		return base.Errorf(base.Canceled, "extract %s: stopped: %w", r.table, stop)
	}
	return readError(r.snap.src.cfg.Name, r.snap.src.cfg.Path, "extract "+r.table.name, err)
}

// interruptOn stops a long scan when ctx ends, unless other streams are using
// the connection: SQLite can only interrupt all of them. Call the result when done.
func (r *tableReader) interruptOn(ctx context.Context) (done func()) {
	finished := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(finished)
		r.snap.mu.Lock()
		defer r.snap.mu.Unlock()
		if r.snap.active == 1 {
			r.snap.db.interrupt()
		}
	})
	return func() {
		if !stop() {
			<-finished
		}
	}
}

// finish ends the statement.
func (r *tableReader) finish() {
	r.snap.turn.Lock()
	if r.stmt != nil {
		r.stmt.close()
	}
	r.snap.turn.Unlock()
	r.snap.mu.Lock()
	r.snap.active--
	r.snap.mu.Unlock()
}

func (r *tableReader) full() bool {
	return r.batch.Rows() >= extract.BatchRows || r.bytes >= extract.BatchBytes
}

// turn reads some rows; more is false at the end of the table.
func (r *tableReader) turn() (more bool, err error) {
	r.snap.turn.Lock()
	defer r.snap.turn.Unlock()
	if r.stmt == nil {
		if r.stmt, err = r.snap.db.prepare(r.query(r.table.rowid)); err != nil {
			return false, err
		}
	}
	for range turnRows {
		if more, err = r.stmt.step(); err != nil || !more {
			return false, err
		}
		if err := r.row(); err != nil {
			return false, err
		}
		if r.full() {
			return true, nil
		}
	}
	return true, nil
}

func (r *tableReader) row() error {
	size := 0
	for i, dst := range r.batch.Columns {
		kind := r.stmt.kind(int32(i))
		if kind == lib.SQLITE_NULL {
			dst.Null()
			continue
		}
		n, ok := r.value(int32(i), kind, dst)
		if !ok {
			return r.bad(i)
		}
		size += n
	}
	r.batch.EndRow(size)
	r.rows++
	r.bytes += int64(size)
	return nil
}

// value appends a cell; it is not ok if the cell does not fit the declared type.
func (r *tableReader) value(i, kind int32, dst *extract.Column) (size int, ok bool) {
	s := r.stmt
	f := &r.fields[i]
	if kind == lib.SQLITE_TEXT || kind == lib.SQLITE_BLOB {
		v := s.bytes(i, kind)
		return len(v), textCell(f.Type, kind, v, dst)
	}
	switch f.Type.ID {
	case base.Long:
		if kind != lib.SQLITE_INTEGER {
			return 0, false
		}
		dst.Append64(s.int64(i))
	case base.Double:
		v := s.float64(i)
		if n := int64(v); kind == lib.SQLITE_INTEGER && n != s.int64(i) {
			return 0, false
		}
		dst.AppendFloat64(v)
	case base.Boolean:
		v := s.int64(i)
		if kind != lib.SQLITE_INTEGER || v != 0 && v != 1 {
			return 0, false
		}
		dst.AppendBool(v == 1)
	case base.Decimal:
		number := ""
		if kind == lib.SQLITE_INTEGER {
			number = strconv.FormatInt(s.int64(i), 10)
		} else {
			number = strconv.FormatFloat(s.float64(i), 'e', -1, 64)
		}
		return 8, decimalCell(f.Type, number, dst)
	default:
		return 0, false
	}
	return 8, true
}

func decimalCell(t base.Type, number string, dst *extract.Column) bool {
	hi, lo, ok := extract.ParseDecimal(number, t.Precision, t.Scale)
	if ok {
		dst.AppendDecimal(hi, lo)
	}
	return ok
}

// textCell appends a cell kept as text or blob.
func textCell(t base.Type, kind int32, v []byte, dst *extract.Column) bool {
	if kind == lib.SQLITE_BLOB {
		if t.ID == base.Binary {
			dst.AppendBytes(v)
		}
		return t.ID == base.Binary
	}
	switch t.ID {
	case base.String:
		if !utf8.Valid(v) {
			return false
		}
		dst.AppendBytes(v)
	case base.Date:
		d, ok := parseDate(v)
		if !ok {
			return false
		}
		dst.Append32(d)
	case base.Time, base.Timestamp:
		parse := parseTimestamp
		if t.ID == base.Time {
			parse = parseTime
		}
		m, ok := parse(v)
		if !ok {
			return false
		}
		dst.Append64(m)
	case base.UUID:
		u, err := uuid.ParseBytes(v)
		if err != nil || len(v) != 36 {
			return false
		}
		dst.AppendString(u.String())
	case base.Decimal:
		return decimalCell(t, string(v), dst)
	default:
		return false
	}
	return true
}

// bad names the cell that does not fit its column.
func (r *tableReader) bad(i int) error {
	f := r.fields[i]
	row := "row " + strconv.FormatInt(r.rows+1, 10) + " of the extract"
	if r.table.rowid != "" {
		row = "rowid " + strconv.FormatInt(r.stmt.int64(int32(len(r.fields))), 10)
	}
	return base.Errorf(base.Invalid, "table %s column %q, %s: %s does not fit the declared type %s", r.table, f.Name, row, r.stmt.cell(int32(i)), f.Type).
		WithHint("correct the value, or leave such rows out with a condition")
}
