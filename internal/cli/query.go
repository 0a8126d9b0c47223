package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/project"
)

func (c *cli) queryCmd() *cobra.Command {
	var req app.QueryRequest
	var file string
	var o outlet
	cmd := &cobra.Command{
		Use:   "query [SQL]",
		Short: "Run one SQL statement and print its rows",
		Long: `Run one SQL statement and print its rows, or write them to a file with
--output. The text is the argument, the file given with -f (a path, or the name
of a file in queries/), or standard input if the argument is -. What was asked
is kept: see mulgil history.

A table shows the first 1000 rows unless --limit says otherwise; other formats
and files get all of them. Parquet and Arrow files have the columns' own types.
In CSV, text beginning with = + - or @ gets an apostrophe before it, so that no
spreadsheet computes it (--formulas leaves it); numbers stay numbers. With
--json numbers keep all their digits; beside --output it tells what was written.`,
		Example: `  mulgil query 'select count(*) from bronze.purchase'
  mulgil query -f queries/top.sql --limit 50 --json
  mulgil query -f top -o top.xlsx
  echo 'select 1' | mulgil query - --format csv`,
		Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if req.SQL, err = c.sqlText(cmd, args, file); err != nil {
				return err
			}
			if err := o.check(cmd, c); err != nil {
				return err
			}
			if err := one(cmd, req.SQL); err != nil {
				return err
			}
			if req.Limit, err = limitOf(cmd, req.Limit, o); err != nil {
				return err
			}
			req.User, req.Source = c.env.Getenv("USER"), "mulgil query"
			return c.withStatement(cmd, func(ctx context.Context, s *session) error {
				_, err := c.deliver(ctx, s, req, o)
				return err
			})
		},
	}
	f := cmd.Flags()
	f.StringVarP(&file, "file", "f", "", "`FILE` with the statement, - for standard input")
	statementFlags(cmd, &req)
	o.flags(cmd)
	return cmd
}

// statementFlags are those of all commands that run statements.
func statementFlags(cmd *cobra.Command, req *app.QueryRequest) {
	f := cmd.Flags()
	f.StringVar(&req.Dialect, "dialect", "", "`DIALECT` of the statement: athena or duckdb")
	f.IntVar(&req.Limit, "limit", 1000, "largest `number` of rows, 0 for all; without it only tables are cut")
	f.BoolVar(&req.NoReuse, "no-reuse", false, "run the statement even if its answer is kept")
	cmd.RegisterFlagCompletionFunc("dialect", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return []string{"athena", "duckdb"}, cobra.ShellCompDirectiveNoFileComp
	})
}

// sqlText finds the statement in the argument, a file or standard input.
func (c *cli) sqlText(cmd *cobra.Command, args []string, file string) (string, error) {
	var text []byte
	var err error
	switch {
	case len(args) > 0 && file != "":
		return "", usage(cmd, "give the statement or -f, not both")
	case len(args) == 0 && file == "":
		return "", usage(cmd, "%s needs a statement, -f FILE or -", cmd.CommandPath())
	case file == "-", len(args) > 0 && args[0] == "-":
		text, err = io.ReadAll(c.env.Stdin)
	case file != "":
		text, err = c.sqlFile(file)
	default:
		text = []byte(args[0])
	}
	if err != nil {
		return "", fmt.Errorf("read statement: %w", err)
	}
	sql := strings.TrimPrefix(string(text), "\ufeff")
	if strings.TrimSpace(sql) == "" {
		return "", usage(cmd, "the statement is empty")
	}
	return sql, nil
}

// sqlFile reads a file of SQL, or a saved query of the project by its name.
func (c *cli) sqlFile(file string) ([]byte, error) {
	text, err := os.ReadFile(c.abs(file))
	if !errors.Is(err, fs.ErrNotExist) || filepath.IsAbs(file) {
		return text, err
	}
	root := c.abs(c.project)
	if c.project == "" {
		var missing error
		if root, missing = project.Find(c.env.Dir); missing != nil {
			return nil, err
		}
	}
	dir, broken := os.OpenRoot(filepath.Join(root, "queries"))
	if broken != nil {
		return nil, err
	}
	defer dir.Close()
	if saved, serr := dir.ReadFile(strings.TrimSuffix(file, ".sql") + ".sql"); serr == nil {
		return saved, nil
	}
	return nil, err
}

// sqlComments keeps a statement that begins with a comment from being read as a
// flag: no flag's name has white space in it. The space put before it moves
// nothing but the comment.
func sqlComments(args []string) []string {
	out := slices.Clone(args)
	for i, a := range out {
		name, _, _ := strings.Cut(a, "=")
		if strings.HasPrefix(name, "--") && strings.ContainsFunc(name, unicode.IsSpace) {
			out[i] = " " + a
		}
	}
	return out
}
