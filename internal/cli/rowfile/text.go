package rowfile

import (
	"bufio"
	"io"
	"strings"
)

// lines writes formats of one line a row; cell appends one cell.
type lines struct {
	w      *bufio.Writer
	o      Options
	cols   []Column
	sep    string
	cell   func(b *bufio.Writer, v any, numeric bool)
	before string // of each line
	after  string
}

func (l *lines) Columns(cols []Column) error {
	l.cols = cols
	if l.o.NoHead {
		return nil
	}
	names := make([]any, len(cols))
	for i, c := range cols {
		names[i] = c.Name
	}
	return l.line(names, false)
}

func (l *lines) Row(values []any) error { return l.line(values, true) }

func (l *lines) line(values []any, typed bool) error {
	l.w.WriteString(l.before)
	for i := range l.cols {
		if i > 0 {
			l.w.WriteString(l.sep)
		}
		var v any
		if i < len(values) {
			v = values[i]
		}
		l.cell(l.w, v, typed && l.cols[i].Type.Numeric())
	}
	l.w.WriteString(l.after)
	return l.w.WriteByte('\n')
}

func (l *lines) Close() error { return l.w.Flush() }

func nullText(o Options, def string) string {
	if o.Null != nil {
		return *o.Null
	}
	return def
}

// newCSV quotes as RFC 4180 says. NULL is bare, so that an empty text, which is
// quoted, stays another thing.
func newCSV(w io.Writer, o Options) Writer {
	null := nullText(o, "")
	l := &lines{w: bufio.NewWriterSize(w, 64<<10), o: o, sep: ","}
	if o.BOM {
		l.w.WriteString("\ufeff")
	}
	l.cell = func(b *bufio.Writer, v any, numeric bool) {
		s, isNull := Text(v)
		if isNull {
			b.WriteString(null)
			return
		}
		if !numeric && !o.Formulas && formula(s) {
			s = "'" + s
		}
		if s == "" || s == null || strings.ContainsAny(s, ",\"\r\n") || s[0] == ' ' || s[len(s)-1] == ' ' {
			s = `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
		}
		b.WriteString(s)
	}
	return l
}

// formula tells of a text that a spreadsheet would compute.
func formula(s string) bool { return s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) }

// newTSV escapes tabs, line ends and backslashes with a backslash.
func newTSV(w io.Writer, o Options) Writer {
	null := nullText(o, `\N`)
	escape := strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`)
	l := &lines{w: bufio.NewWriterSize(w, 64<<10), o: o, sep: "\t"}
	l.cell = func(b *bufio.Writer, v any, _ bool) {
		if s, isNull := Text(v); isNull {
			b.WriteString(null)
		} else {
			escape.WriteString(b, s)
		}
	}
	return l
}

// markdown writes a table; its second line aligns numbers to the right.
type markdown struct{ *lines }

func newMarkdown(w io.Writer, o Options) Writer {
	o.NoHead = false
	null := nullText(o, "NULL")
	escape := strings.NewReplacer(`\`, `\\`, "|", `\|`, "\r\n", "<br>", "\n", "<br>", "\r", "<br>", "<", "&lt;", "&", "&amp;", "`", "\\`", "*", `\*`, "_", `\_`)
	l := &lines{w: bufio.NewWriterSize(w, 64<<10), o: o, sep: " | ", before: "| ", after: " |"}
	l.cell = func(b *bufio.Writer, v any, _ bool) {
		if s, isNull := Text(v); isNull {
			b.WriteString(null)
		} else {
			escape.WriteString(b, s)
		}
	}
	return markdown{l}
}

func (m markdown) Columns(cols []Column) error {
	if err := m.lines.Columns(cols); err != nil {
		return err
	}
	marks := make([]string, len(cols))
	for i, c := range cols {
		marks[i] = "---"
		if c.Type.Numeric() {
			marks[i] = "---:"
		}
	}
	_, err := m.w.WriteString("| " + strings.Join(marks, " | ") + " |\n")
	return err
}
