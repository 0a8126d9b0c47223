package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/cli/lineedit"
)

func (c *cli) sqlCmd() *cobra.Command {
	sh := &shell{c: c, timing: true, paging: true}
	var run []string
	var file string
	cmd := &cobra.Command{
		Use:   "sql",
		Short: "Ask in SQL, statement by statement",
		Long: `An interactive shell for SQL. A statement ends with a semicolon and may take
several lines; Tab completes keywords, functions, schemas, tables and columns,
the arrow keys bring back what was entered before (kept in .mulgil/sql_history,
for you only). Ctrl-C stops a statement, Ctrl-D ends the shell; \? lists its
commands. USE, SET SESSION and PREPARE hold until it ends.

With -e or -f, or if standard input is no terminal, it runs the statements one
after the other, without asking, and stops at the first that fails. Each
statement's rows are printed in the format of --format; with --json each is a
JSON value of its own. A table shows the first 1000 rows unless --limit says
otherwise; other formats get all of them.`,
		Example: `  mulgil sql
  mulgil sql -e 'use bronze; select count(*) from purchase'
  mulgil sql -f report.sql --format csv -o report.csv
  mulgil sql < statements.sql`,
		Args: atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if len(run) > 0 && file != "" {
				return usage(cmd, "give -e or -f, not both")
			}
			return sh.start(cmd, strings.Join(run, ";\n"), file)
		},
	}
	f := cmd.Flags()
	f.StringArrayVarP(&run, "execute", "e", nil, "run the statements of `SQL` and end")
	f.StringVarP(&file, "file", "f", "", "run the statements of `FILE` and end, - for standard input")
	statementFlags(cmd, &sh.req)
	sh.out.flags(cmd)
	return cmd
}

// shell is one session of mulgil sql.
type shell struct {
	c   *cli
	s   *session
	req app.QueryRequest
	out outlet
	// limit was asked for; else tables alone are cut.
	limited bool
	timing  bool
	paging  bool
	// edit is set where someone types.
	edit *lineedit.Editor
	past *lineedit.History
	last string // statement
	tmp  string
	// depth of \i within \i.
	depth int
	names vocabulary
}

// errQuit ends the shell.
var errQuit = errors.New("quit")

// start settles the flags, opens the project and runs what is to be run.
func (sh *shell) start(cmd *cobra.Command, text, file string) error {
	c := sh.c
	if err := sh.out.check(cmd, c); err != nil {
		return err
	}
	if sh.req.Limit < 0 {
		return usage(cmd, "--limit must be 0 or more")
	}
	sh.limited = cmd.Flags().Changed("limit")
	sh.req.User, sh.req.Source = c.env.Getenv("USER"), "mulgil sql"
	opt, err := c.open()
	if err != nil {
		return err
	}
	sh.tmp = filepath.Join(opt.Root, ".mulgil", "tmp")
	typed := text == "" && file == "" && c.env.IsTerminal(c.env.Stdin) && c.env.IsTerminal(c.env.Stdout) && c.env.Raw != nil
	if !typed {
		if text, err = sh.script(cmd, text, file); err != nil {
			return err
		}
		if err := sh.oneFile(cmd, text); err != nil {
			return err
		}
	}
	return c.withStatement(cmd, func(ctx context.Context, s *session) error {
		sh.s = s
		if typed {
			return sh.interact(ctx, filepath.Join(opt.Root, ".mulgil", "sql_history"))
		}
		if file == "-" {
			file = ""
		}
		if err := sh.runText(ctx, text, file); err != nil && !errors.Is(err, errQuit) {
			return err
		}
		return nil
	})
}

// script is what is run without asking.
func (sh *shell) script(cmd *cobra.Command, text, file string) (string, error) {
	if text != "" || cmd.Flags().Changed("execute") {
		return sh.c.sqlText(cmd, []string{text}, "")
	}
	if file == "" {
		file = "-"
	}
	if file != "-" {
		return sh.c.sqlText(cmd, nil, file)
	}
	b, err := io.ReadAll(sh.c.env.Stdin)
	if err != nil {
		return "", fmt.Errorf("read statements: %w", err)
	}
	return strings.TrimPrefix(string(b), "\ufeff"), nil
}

// oneFile refuses to write several answers over each other.
func (sh *shell) oneFile(cmd *cobra.Command, text string) error {
	if sh.out.file == "" {
		return nil
	}
	rows := 0
	for _, it := range statements(text) {
		if answers(it.text) {
			rows++
		}
	}
	if rows > 1 {
		return usage(cmd, "--output takes the rows of one statement, this text has %d with rows", rows).WithHint(`use \o FILE between them`)
	}
	return nil
}

// answers tells of a statement that gives rows, by its first word.
func answers(sql string) bool {
	word := strings.ToLower(strings.TrimLeft(sql, "( \t\r\n"))
	for _, w := range []string{"use", "set", "reset", "prepare", "deallocate", "insert", "create", "drop", "alter", "msck", "update", "delete", "merge", "unload", "vacuum", "optimize"} {
		if strings.HasPrefix(word, w) && (len(word) == len(w) || !isLetter(word[len(w)])) {
			return false
		}
	}
	return true
}

func isLetter(b byte) bool { return b >= 'a' && b <= 'z' || b == '_' }

// runText runs statements and commands one after the other, to the first error.
func (sh *shell) runText(ctx context.Context, text, file string) error {
	for _, it := range items(text) {
		if it.command {
			if err := sh.command(ctx, it.text); err != nil {
				return err
			}
			continue
		}
		if err := sh.statement(ctx, it.text); err != nil {
			return it.locate(err, text, file)
		}
	}
	return nil
}

// statement runs one and keeps what it changed in the session.
func (sh *shell) statement(ctx context.Context, sql string) error {
	c := sh.c
	req, o := sh.req, sh.out
	req.SQL, sh.last = sql, sql
	if req.Limit == 0 || !sh.limited && !o.partial() {
		req.Limit = -1
	}
	c.progress = nil
	rs, err := sh.show(ctx, req, o)
	if err != nil {
		return err
	}
	sh.req.Session = sh.req.Session.Apply(rs.Session)
	if rs.UpdateType != "" {
		sh.names.forget()
	}
	return nil
}

// show runs a statement and prints its rows where they belong.
func (sh *shell) show(ctx context.Context, req app.QueryRequest, o outlet) (app.ResultSet, error) {
	c := sh.c
	if sh.edit == nil || c.json {
		if sh.timing || c.json {
			return c.deliver(ctx, sh.s, req, o)
		}
		rs, out, err := c.answer(ctx, sh.s, req, o, c.env.Stdout)
		if err != nil {
			return rs, err
		}
		return rs, c.told(rs, out, o)
	}
	page, err := sh.page(o)
	if err != nil {
		return app.ResultSet{}, err
	}
	defer page.close()
	rs, out, err := c.answer(ctx, sh.s, req, o, page)
	if err != nil {
		return rs, err
	}
	if err := page.show(); err != nil {
		return rs, err
	}
	if err := c.told(rs, out, o); err != nil {
		return rs, err
	}
	if sh.timing {
		c.conclude(rs, out.Rows)
	}
	return rs, nil
}

// interact reads from the terminal until the user has enough.
func (sh *shell) interact(ctx context.Context, historyFile string) (err error) {
	c := sh.c
	if sh.past, err = lineedit.OpenHistory(historyFile); err != nil {
		c.note("warning: %v", err)
	}
	sh.names.sh, sh.names.ctx = sh, ctx
	sh.edit = lineedit.New(lineedit.Options{In: c.env.Stdin, Out: c.env.Stdout, Raw: c.env.Raw, Size: c.env.Size,
		Done: complete, Complete: sh.names.complete, History: sh.past})
	c.note("mulgil %s, SQL of Athena; statements end with ; and \\? helps", c.env.Version)
	for {
		prompt := "sql> "
		if s := sh.req.Session.Schema; s != "" {
			prompt = printable(s) + "> "
		}
		text, err := sh.edit.Read(prompt, strings.Repeat(" ", max(widths.StringWidth(prompt)-3, 0))+"-> ")
		switch {
		case errors.Is(err, lineedit.ErrInterrupt):
			continue
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("read terminal: %w", err)
		}
		if strings.TrimSpace(text) == "" {
			continue
		}
		if err := sh.past.Add(text); err != nil {
			c.note("warning: %v", err)
		}
		if err := sh.entered(ctx, text); err != nil {
			return quit(err)
		}
	}
}

func quit(err error) error {
	if errors.Is(err, errQuit) {
		return nil
	}
	return err
}

// entered runs what was typed. Ctrl-C stops it; a mistake is printed and the
// shell goes on. The error ends the shell.
func (sh *shell) entered(ctx context.Context, text string) error {
	c := sh.c
	work, stop := context.WithCancel(ctx)
	defer stop()
	interrupt := func() { stop() }
	c.onInterrupt.Store(&interrupt)
	err := sh.runText(work, text, "")
	c.onInterrupt.Store(nil)
	c.progress.close()
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errQuit), ctx.Err() != nil:
		return err
	case work.Err() != nil:
		fmt.Fprintln(c.env.Stderr, "canceled")
		return nil
	}
	c.printError(err)
	if base.KindOf(err) == base.Unavailable {
		return exitCode(exitFailed) // the owner is gone
	}
	return nil
}
