package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/project"
)

// made is init's result.
type made struct {
	Project  string `json:"project"`
	Dir      string `json:"dir"`
	Template string `json:"template,omitempty"`
}

func (c *cli) initCmd() *cobra.Command {
	var template string
	cmd := &cobra.Command{
		Use:   "init NAME",
		Short: "Make a new project",
		Long: `Make the folder NAME with a new project in it: an empty one, or a copy of a
template that runs as it is. The folder must be missing or empty.`,
		Example: `  mulgil init shop
  mulgil init shop --template retail-batch`,
		Args: exactly("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := c.abs(args[0])
			name := filepath.Base(dir)
			if err := checkName(cmd, name); err != nil {
				return err
			}
			if err := c.initProject(dir, name, template); err != nil {
				return err
			}
			return c.show(made{name, dir, template}, func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "made project %s in %s\n", name, dir)
				c.note("next: cd %s && mulgil validate", args[0])
				return err
			})
		},
	}
	cmd.Flags().StringVar(&template, "template", "", "`NAME` of a template to copy: retail-batch or convenience-store")
	cmd.RegisterFlagCompletionFunc("template", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return c.templates(), cobra.ShellCompDirectiveNoFileComp
	})
	return cmd
}

// checkName refuses names that YAML or a shell would take for something else.
func checkName(cmd *cobra.Command, name string) error {
	for i, r := range name {
		if !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r) && r != '-' && r != '_') {
			return usage(cmd, "%q cannot name a project", name).WithHint("use letters, digits, - and _, a letter first")
		}
	}
	return nil
}

func (c *cli) templates() []string {
	if c.env.Templates == nil {
		return nil
	}
	entries, err := fs.ReadDir(c.env.Templates, ".")
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() {
			out = append(out, e.Name())
		}
	}
	return out
}

func (c *cli) initProject(dir, name, template string) error {
	if template != "" {
		if c.env.Templates == nil {
			return base.Errorf(base.NotFound, "no template %q: this build has none", template)
		}
		if err := project.Init(dir, template, c.env.Templates); err != nil {
			return err
		}
		return rename(filepath.Join(dir, project.File), name)
	}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("make project: %w", err)
	}
	if len(entries) > 0 {
		return base.Errorf(base.Exists, "the folder %s is not empty", dir).WithHint("choose another name, or empty the folder first")
	}
	if err := os.MkdirAll(filepath.Join(dir, "jobs"), 0o755); err != nil {
		return fmt.Errorf("make project: %w", err)
	}
	for file, text := range map[string]string{
		project.File: "name: " + name + "\ntimezone: UTC\n",
		".gitignore": "/.mulgil/\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
			return fmt.Errorf("make project: %w", err)
		}
	}
	return nil
}

var nameLine = regexp.MustCompile(`(?m)^name:.*$`)

// rename gives a copied template the new project's name.
func rename(file, name string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("name project: %w", err)
	}
	first := nameLine.FindIndex(text)
	if first == nil {
		return nil
	}
	text = append(append(append([]byte{}, text[:first[0]]...), "name: "+name...), text[first[1]:]...)
	if err := os.WriteFile(file, text, 0o644); err != nil {
		return fmt.Errorf("name project: %w", err)
	}
	return nil
}
