package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
)

func (c *cli) queryCmd() *cobra.Command {
	var req app.QueryRequest
	var file string
	cmd := &cobra.Command{
		Use:   "query [SQL]",
		Short: "Run one SQL statement and print its rows",
		Long: `Run one read-only SQL statement and print its rows. The text is the argument,
the file given with -f, or standard input if the argument is -. In JSON, numbers
keep all their digits. What was asked is kept: see mulgil history.`,
		Example: `  mulgil query 'select count(*) from bronze.purchase'
  mulgil query -f queries/top.sql --limit 50 --json
  echo 'select 1' | mulgil query -`,
		Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if req.SQL, err = c.sqlText(cmd, args, file); err != nil {
				return err
			}
			switch {
			case req.Limit < 0:
				return usage(cmd, "--limit must be 0 or more")
			case req.Limit == 0:
				req.Limit = -1
			}
			req.User, req.Source = c.env.Getenv("USER"), "mulgil query"
			return c.withStatement(cmd, func(ctx context.Context, s *session) error {
				rs, err := s.Query(ctx, req, c.report())
				if err != nil {
					return err
				}
				return c.results(rs)
			})
		},
	}
	f := cmd.Flags()
	f.StringVarP(&file, "file", "f", "", "`FILE` with the statement, - for standard input")
	f.StringVar(&req.Dialect, "dialect", "", "`DIALECT` of the statement: athena or duckdb")
	f.IntVar(&req.Limit, "limit", 1000, "largest `number` of rows to print, 0 for all")
	f.BoolVar(&req.NoReuse, "no-reuse", false, "run the statement even if its answer is kept")
	cmd.RegisterFlagCompletionFunc("dialect", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return []string{"athena", "duckdb"}, cobra.ShellCompDirectiveNoFileComp
	})
	return cmd
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
		text, err = os.ReadFile(c.abs(file))
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
