package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/base/wholefile"
	"github.com/mulgil/mulgil/internal/cli/rowfile"
	"github.com/mulgil/mulgil/internal/query"
)

// outlet says how the rows of answers are shown, or to which file they go.
type outlet struct {
	format, file string
	options      rowfile.Options
	// null is the text of NULL if nullSet.
	null    string
	nullSet bool
	// vertical shows a table's columns under each other.
	vertical bool
}

// outletFlags are the flags of commands that print an answer.
func (o *outlet) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.format, "format", "", "`FORMAT` of the rows: "+strings.Join(formatNames(), ", "))
	f.StringVarP(&o.file, "output", "o", "", "`FILE` for the rows, which appears when it is whole; its name may tell the format")
	f.StringVar(&o.null, "null", "", "`TEXT` of NULL in table, csv, tsv and markdown")
	f.BoolVar(&o.options.NoHead, "no-head", false, "leave out the names of the columns in csv and tsv")
	f.BoolVar(&o.options.BOM, "bom", false, "begin csv with a byte order mark, for Excel")
	f.BoolVar(&o.options.Formulas, "formulas", false, "leave csv text as it is that a spreadsheet would take for a formula")
	cmd.RegisterFlagCompletionFunc("format", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return formatNames(), cobra.ShellCompDirectiveNoFileComp
	})
}

func formatNames() []string { return append([]string{"table"}, rowfile.Formats()...) }

// check settles what flags leave open.
func (o *outlet) check(cmd *cobra.Command, c *cli) error {
	o.nullSet = o.nullSet || cmd.Flags().Changed("null")
	switch {
	case o.format != "" && !slices.Contains(formatNames(), o.format):
		return usage(cmd, "--format cannot be %q", o.format).WithHint("formats: %s", strings.Join(formatNames(), ", "))
	case c.json && o.file == "" && o.format != "":
		return usage(cmd, "--json is a form of its own: leave out --format, or give --output too")
	case rowfile.Binary(o.format) && o.file == "" && c.env.IsTerminal(c.env.Stdout):
		return usage(cmd, "--format %s is not for a terminal", o.format).WithHint("write it to a file with --output")
	}
	return nil
}

// kind is the format that counts.
func (o outlet) kind() string {
	if o.format == "" && o.file != "" {
		if f := rowfile.OfName(o.file); f != "" {
			return f
		}
	}
	if o.format == "" {
		return "table"
	}
	return o.format
}

// partial is true where a default limit may cut rows off: for eyes, not for files.
func (o outlet) partial() bool { return o.file == "" && o.kind() == "table" }

func (c *cli) writer(o outlet, w io.Writer) (rowfile.Writer, error) {
	if o.nullSet {
		o.options.Null = &o.null
	}
	if o.kind() != "table" {
		return rowfile.New(o.kind(), w, o.options)
	}
	null := "NULL"
	if o.nullSet {
		null = o.null
	}
	if o.vertical {
		return &recordWriter{w: w, null: null}, nil
	}
	g := c.newGrid()
	g.colour = g.colour && o.file == ""
	return &tableWriter{g: g, w: w, null: null}, nil
}

// sink gives an answer to a writer as it comes.
type sink struct {
	open func() (rowfile.Writer, error)
	w    rowfile.Writer
	rows int64
}

func (k *sink) take(b app.RowBatch) (err error) {
	if k.w == nil {
		if k.w, err = k.open(); err != nil {
			return err
		}
		if err := k.w.Columns(rowColumns(b.Columns)); err != nil {
			return err
		}
	}
	if len(b.Rows) == 0 {
		return nil
	}
	rows, err := query.DecodeRows(b.Rows)
	if err != nil {
		return fmt.Errorf("read rows: %w", err)
	}
	for _, r := range rows {
		if err := k.w.Row(r); err != nil {
			return err
		}
	}
	k.rows += int64(len(rows))
	return nil
}

func rowColumns(cols []app.Column) []rowfile.Column {
	out := make([]rowfile.Column, len(cols))
	for i, col := range cols {
		out[i] = rowfile.Column{Name: col.Name, Type: rowfile.TypeOf(trinoType(col.SQLType), col.Type)}
	}
	return out
}

// trinoType is a type if it is spelled as Trino does; the engine's own, which
// are upper case, are told by their Hive form.
func trinoType(t string) string {
	if t != strings.ToLower(t) && !strings.HasPrefix(t, "row(") {
		return ""
	}
	return t
}

// feed gives a whole answer to a writer.
func feed(w rowfile.Writer, rs app.ResultSet) error {
	if err := w.Columns(rowColumns(rs.Columns)); err != nil {
		return err
	}
	for _, r := range rs.Rows {
		if err := w.Row(r); err != nil {
			return err
		}
	}
	return w.Close()
}

// written is where an answer went.
type written struct {
	File   string `json:"file"`
	Format string `json:"format"`
	Rows   int64  `json:"rows"`
	// Bytes is the file's size; of a pipe, what went through it.
	Bytes     int64          `json:"bytes"`
	Truncated bool           `json:"truncated,omitempty"`
	ID        string         `json:"id,omitempty"`
	Columns   []app.Column   `json:"columns"`
	Stats     app.QueryStats `json:"stats"`
	Warnings  []string       `json:"warnings,omitempty"`
}

// answer runs one statement and writes its rows where o says; w takes what
// goes to no file. It prints no notes.
func (c *cli) answer(ctx context.Context, s *session, req app.QueryRequest, o outlet, w io.Writer) (app.ResultSet, written, error) {
	out := written{File: o.file, Format: o.kind()}
	var file *wholefile.File
	k := &sink{}
	k.open = func() (_ rowfile.Writer, err error) {
		c.progress.close()
		if o.file != "" {
			if file, err = wholefile.Create(c.abs(o.file)); err != nil {
				return nil, err
			}
			w = file
		}
		return c.writer(o, w)
	}
	// A writer's mistake is told as it is, not as the end of the statement it caused.
	var broken error
	req.Receive = func(b app.RowBatch) error {
		if err := k.take(b); err != nil {
			broken = err
			return err
		}
		return nil
	}
	rs, err := s.Query(ctx, req, c.report())
	if err == nil && k.w == nil && len(rs.Columns) > 0 {
		err = k.whole(rs)
	}
	if broken != nil {
		err = broken
	}
	if err == nil && k.w != nil {
		err = k.w.Close()
	}
	if file != nil {
		out.Bytes, err = file.End(err)
	}
	out.Rows, out.Truncated, out.ID, out.Columns, out.Stats, out.Warnings = k.rows, rs.Truncated, rs.ID, rs.Columns, rs.Stats, rs.Warnings
	return rs, out, err
}

// whole takes an answer that came in one piece.
func (k *sink) whole(rs app.ResultSet) error {
	rows, err := json.Marshal(rs.Rows)
	if err != nil {
		return fmt.Errorf("read rows: %w", err)
	}
	if len(rs.Rows) == 0 {
		rows = nil
	}
	return k.take(app.RowBatch{Columns: rs.Columns, Rows: rows, N: len(rs.Rows)})
}

// conclude tells, beside an answer of n rows, what it cost.
func (c *cli) conclude(rs app.ResultSet, n int64) {
	for _, warning := range rs.Warnings {
		c.note("warning: %s", warning)
	}
	if rs.Truncated {
		c.note("only the first %s rows are shown; --limit changes that", count(n))
	}
	c.note("%s", cost(rs, n))
	if c.verbose && rs.ID != "" {
		c.note("statement %s", rs.ID)
	}
}

// deliver runs one statement, prints or writes its rows, and says what it cost.
func (c *cli) deliver(ctx context.Context, s *session, req app.QueryRequest, o outlet) (app.ResultSet, error) {
	if c.json && o.file == "" {
		rs, err := s.Query(ctx, req, c.report())
		if err != nil {
			return rs, err
		}
		return rs, c.results(rs)
	}
	rs, out, err := c.answer(ctx, s, req, o, c.env.Stdout)
	if err != nil {
		return rs, err
	}
	if err := c.told(rs, out, o); err != nil {
		return rs, err
	}
	c.conclude(rs, out.Rows)
	return rs, nil
}

// told says what became of a file that was asked for.
func (c *cli) told(rs app.ResultSet, out written, o outlet) error {
	switch {
	case o.file == "":
		return nil
	case len(rs.Columns) == 0:
		c.note("%s was not written: the statement has no rows", o.file)
		return nil
	case c.json:
		return writeJSON(c.env.Stdout, out)
	}
	c.note("%s: %s, %s, %s", printable(o.file), out.Format, plural(out.Rows, "row"), size(out.Bytes))
	return nil
}

// limitOf is a --limit flag as a request has it.
func limitOf(cmd *cobra.Command, limit int, o outlet) (int, error) {
	switch {
	case limit < 0:
		return 0, usage(cmd, "--limit must be 0 or more")
	case limit == 0, !cmd.Flags().Changed("limit") && !o.partial():
		return -1, nil
	}
	return limit, nil
}

// one refuses a text of several statements.
func one(cmd *cobra.Command, sql string) error {
	if list := statements(sql); len(list) > 1 {
		return base.Errorf(base.Invalid, "%s runs one statement, this text has %d", cmd.CommandPath(), len(list)).WithHint("mulgil sql runs them one after the other")
	}
	return nil
}
