package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// Reference writes the manual of every command as Markdown, in the order of
// their names. It is made from what --help prints.
func Reference(w io.Writer) error {
	root := (&cli{env: &Env{}}).root()
	b := &strings.Builder{}
	fmt.Fprintf(b, "# Commands\n\n%s\n\n", root.Long)
	fmt.Fprintf(b, "Flags of every command:\n\n```text\n%s```\n", root.PersistentFlags().FlagUsages())
	for _, cmd := range root.Commands() {
		describe(b, cmd)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// describe writes a command and those below it; hidden ones are left out.
func describe(b *strings.Builder, cmd *cobra.Command) {
	if cmd.Hidden {
		return
	}
	title, text := "##", cmd.Long
	if cmd.Parent().HasParent() {
		title = "###"
	}
	if text == "" {
		text = cmd.Short + "."
	}
	fmt.Fprintf(b, "\n%s %s\n\n%s\n", title, cmd.CommandPath(), strings.TrimSpace(text))
	if !cmd.HasAvailableSubCommands() {
		fmt.Fprintf(b, "\n```text\n%s\n```\n", cmd.UseLine())
	}
	if flags := cmd.LocalFlags().FlagUsages(); flags != "" && !cmd.HasAvailableSubCommands() {
		fmt.Fprintf(b, "\n```text\n%s```\n", flags)
	}
	if cmd.Example != "" {
		fmt.Fprintf(b, "\nExamples:\n\n```text\n%s\n```\n", unindent(cmd.Example))
	}
	for _, sub := range cmd.Commands() {
		describe(b, sub)
	}
}

// unindent takes the two spaces off that --help sets before examples.
func unindent(s string) string {
	lines := strings.Split(strings.TrimRight(s, "\n"), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimPrefix(l, "  ")
	}
	return strings.Join(lines, "\n")
}
