package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/mulgil/mulgil/internal/cli/rowfile"
)

// tableRows is how many rows are held to find the widths of columns; later
// rows widen a column where they must.
const tableRows = 1000

// tableWriter prints an answer as aligned columns.
type tableWriter struct {
	g    *grid
	w    io.Writer
	null string // "" is NULL
}

func (t *tableWriter) Columns(cols []rowfile.Column) error {
	for _, col := range cols {
		t.g.heads = append(t.g.heads, printable(col.Name))
		t.g.right = append(t.g.right, col.Type.Numeric())
	}
	return nil
}

func (t *tableWriter) Row(values []any) error {
	cells := make([]cell, len(t.g.heads))
	for i := range cells {
		if i < len(values) {
			cells[i] = value(values[i])
			if cells[i].null && t.null != "" {
				cells[i].text = printable(t.null)
			}
		}
	}
	t.g.rows = append(t.g.rows, cells)
	if len(t.g.rows) < tableRows {
		return nil
	}
	return t.flush()
}

func (t *tableWriter) flush() error {
	err := t.g.write(t.w)
	t.g.rows, t.g.noHead = t.g.rows[:0], true
	return err
}

func (t *tableWriter) Close() error {
	if t.g.noHead && len(t.g.rows) == 0 {
		return nil
	}
	return t.flush()
}

// recordWriter prints each row as lines of name and value.
type recordWriter struct {
	w     io.Writer
	null  string
	names []string
	n     int
}

func (r *recordWriter) Columns(cols []rowfile.Column) error {
	wide := 0
	for _, c := range cols {
		wide = max(wide, widths.StringWidth(printable(c.Name)))
	}
	for _, c := range cols {
		name := printable(c.Name)
		r.names = append(r.names, name+strings.Repeat(" ", wide-widths.StringWidth(name)))
	}
	return nil
}

func (r *recordWriter) Row(values []any) error {
	r.n++
	var b strings.Builder
	head := fmt.Sprintf("-[ %d ]", r.n)
	b.WriteString(head + strings.Repeat("-", max(0, 40-len(head))) + "\n")
	for i, name := range r.names {
		c := cell{"", true}
		if i < len(values) {
			c = value(values[i])
		}
		if c.null {
			c.text = printable(r.null)
		}
		b.WriteString(name + " | " + c.text + "\n")
	}
	_, err := io.WriteString(r.w, b.String())
	return err
}

func (r *recordWriter) Close() error { return nil }
