package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
)

// loadRows is how many rows one INSERT holds: few, as the driver searches its
// arguments once per argument.
const loadRows = 8

// loadReportRows is how many rows pass between two progress reports.
const loadReportRows = 65_536

// inserter runs the prepared INSERTs of one table below database/sql, whose
// argument checks would double the time.
type inserter struct {
	table     port.TableDef
	one, many driver.StmtExecContext
	stmts     []driver.Stmt
	args      []driver.NamedValue
	rows      int64
	told      int64
	began     time.Time
	report    base.Report
}

func (in *inserter) prepare(ctx context.Context, c driver.ConnPrepareContext) error {
	names := make([]string, len(in.table.Columns))
	for i, col := range in.table.Columns {
		names[i] = col.Name
	}
	row := "(" + strings.TrimSuffix(strings.Repeat("?,", len(names)), ",") + ")"
	text := "INSERT INTO " + loaderQuote(in.table.Name.String()) + " (" + loaderQuoteAll(names) + ") VALUES "
	for _, n := range []int{1, loadRows} {
		s, err := c.PrepareContext(ctx, text+strings.TrimSuffix(strings.Repeat(row+",", n), ","))
		if err != nil {
			return err
		}
		in.stmts = append(in.stmts, s)
		if x, ok := s.(driver.StmtExecContext); !ok {
			return fmt.Errorf("the driver cannot run prepared statements")
		} else if n == 1 {
			in.one = x
		} else {
			in.many = x
		}
	}
	in.args = make([]driver.NamedValue, loadRows*len(names))
	for i := range in.args {
		in.args[i].Ordinal = i + 1
	}
	return nil
}

func (in *inserter) close() {
	for _, s := range in.stmts {
		s.Close()
	}
}

// batch inserts one record batch, eight rows at a time and the rest singly.
func (in *inserter) batch(ctx context.Context, b arrow.RecordBatch) error {
	width := len(in.table.Columns)
	if int(b.NumCols()) != width {
		return fmt.Errorf("%d columns arrived for %d", b.NumCols(), width)
	}
	values := make([]func(int) driver.Value, width)
	for k := range values {
		var err error
		if values[k], err = valuesOf(b.Column(k)); err != nil {
			return fmt.Errorf("column %s: %w", in.table.Columns[k].Name, err)
		}
	}
	for row, n := 0, int(b.NumRows()); row < n; {
		if err := ctx.Err(); err != nil {
			return err
		}
		count, stmt := 1, in.one
		if n-row >= loadRows {
			count, stmt = loadRows, in.many
		}
		for i := range count {
			for k, v := range values {
				in.args[i*width+k].Value = v(row + i)
			}
		}
		// ctx is checked above: given to the driver, it would start a goroutine per statement.
		if _, err := stmt.ExecContext(context.WithoutCancel(ctx), in.args[:count*width]); err != nil {
			return err
		}
		row += count
		in.rows += int64(count)
		if in.rows-in.told >= loadReportRows {
			in.tell(false)
		}
	}
	return nil
}

func (in *inserter) tell(done bool) {
	in.told = in.rows
	in.report.Do(base.Progress{Stage: "load " + in.table.Name.String(), Rows: in.rows, Elapsed: time.Since(in.began), Done: done})
}

// valuesOf reads a column's values as the driver wants them.
func valuesOf(col arrow.Array) (func(int) driver.Value, error) {
	var get func(int) driver.Value
	switch c := col.(type) {
	case *array.String:
		get = func(i int) driver.Value { return c.Value(i) }
	case *array.Binary:
		get = func(i int) driver.Value { return c.Value(i) }
	case *array.Float64:
		get = func(i int) driver.Value { return c.Value(i) }
	case *array.Int64:
		get = func(i int) driver.Value { return c.Value(i) }
	case *array.Int32:
		get = func(i int) driver.Value { return int64(c.Value(i)) }
	case *array.Date32:
		get = func(i int) driver.Value { return c.Value(i).FormattedString() }
	case *array.Boolean:
		get = func(i int) driver.Value { return c.Value(i) }
	default:
		return nil, base.Errorf(base.Invalid, "type %s cannot be loaded into SQLite", col.DataType())
	}
	if col.NullN() == 0 {
		return get, nil
	}
	return func(i int) driver.Value {
		if col.IsNull(i) {
			return nil
		}
		return get(i)
	}, nil
}
