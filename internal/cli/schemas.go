package cli

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/base"
)

const schemaSuffix = ".schema.json"

func (c *cli) schemasCmd() *cobra.Command {
	var write string
	cmd := &cobra.Command{
		Use:   "schemas [NAME]",
		Short: "Print the JSON Schemas of project files",
		Long: `List the JSON Schemas that project files are checked against, print one, or write
all into a folder, for editors that complete and check while typing.`,
		Example: `  mulgil schemas
  mulgil schemas mulgil
  mulgil schemas --write .vscode/schemas`,
		Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			names, err := c.schemaNames()
			switch {
			case err != nil:
				return err
			case len(args) == 1 && write != "":
				return usage(cmd, "--write takes all schemas: leave %s out", args[0])
			case len(args) == 1:
				return c.printSchema(args[0], names)
			case write != "":
				return c.writeSchemas(c.abs(write), names)
			}
			return c.show(names, func(w io.Writer) error {
				_, err := fmt.Fprintln(w, strings.Join(names, "\n"))
				return err
			})
		},
	}
	cmd.Flags().StringVar(&write, "write", "", "`DIR` to write all schemas to")
	return cmd
}

func (c *cli) schemaNames() ([]string, error) {
	files, err := fs.Glob(c.env.Schemas, "*"+schemaSuffix)
	if err != nil {
		return nil, fmt.Errorf("list schemas: %w", err)
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(f, schemaSuffix)
	}
	return files, nil
}

func (c *cli) printSchema(name string, names []string) error {
	text, err := fs.ReadFile(c.env.Schemas, strings.TrimSuffix(name, schemaSuffix)+schemaSuffix)
	if err != nil {
		e := base.Errorf(base.NotFound, "no schema %q", name).WithHint("there are: %s", strings.Join(names, ", "))
		if near := app.Nearest(name, names); near != "" {
			e.WithHint("did you mean %q?", near)
		}
		return e
	}
	_, err = c.env.Stdout.Write(text)
	return err
}

func (c *cli) writeSchemas(dir string, names []string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("write schemas: %w", err)
	}
	for _, n := range names {
		text, err := fs.ReadFile(c.env.Schemas, n+schemaSuffix)
		if err != nil {
			return fmt.Errorf("write schemas: %w", err)
		}
		if err := os.WriteFile(filepath.Join(dir, n+schemaSuffix), text, 0o644); err != nil {
			return fmt.Errorf("write schemas: %w", err)
		}
	}
	return c.show(names, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "wrote %s to %s\n", plural(int64(len(names)), "schema"), dir)
		return err
	})
}
