package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/duckdb"
)

// shellCommand is a command of the shell: its name, arguments and what it does.
type shellCommand struct {
	name, args, about string
	do                func(sh *shell, ctx context.Context, arg string) error
}

func shellCommands() []shellCommand {
	return []shellCommand{
		{`\?`, "", "this list", (*shell).help},
		{`\h`, "[FUNCTION]", "functions, or the ways to call one", (*shell).functions},
		{`\l`, "", "schemas", func(sh *shell, ctx context.Context, _ string) error { return sh.statement(ctx, "SHOW SCHEMAS") }},
		{`\c`, "SCHEMA", "look up bare names in a schema", (*shell).useSchema},
		{`\dt`, "[SCHEMA]", "tables of a schema, or all", (*shell).tables},
		{`\d`, "[TABLE]", "a table's columns, or all tables", (*shell).describe},
		{`\format`, "[FORMAT]", "format of rows: " + strings.Join(formatNames(), ", "), (*shell).setFormat},
		{`\o`, "[FILE]", "write the next answers' rows to a file; no FILE: to the screen", (*shell).setOutput},
		{`\x`, "", "show columns under each other, or beside", toggle("columns under each other", func(sh *shell) *bool { return &sh.out.vertical })},
		{`\null`, "[TEXT]", "text of NULL", (*shell).setNull},
		{`\limit`, "[N]", "largest number of rows, 0 for all", (*shell).setLimit},
		{`\timing`, "", "tell or do not tell what a statement took", toggle("timing", func(sh *shell) *bool { return &sh.timing })},
		{`\pager`, "", "use a pager for long answers, or none", toggle("pager", func(sh *shell) *bool { return &sh.paging })},
		{`\e`, "", "edit the last statement with $EDITOR", (*shell).editLast},
		{`\i`, "FILE", "run the statements of a file", (*shell).include},
		{`\q`, "", "end", func(*shell, context.Context, string) error { return errQuit }},
	}
}

// command carries out a line that begins with a backslash.
func (sh *shell) command(ctx context.Context, line string) error {
	name, arg, _ := strings.Cut(line, " ")
	arg = strings.Trim(strings.TrimSpace(arg), ";")
	name = strings.TrimRight(name, ";")
	var known []string
	for _, c := range shellCommands() {
		if c.name == name {
			return c.do(sh, ctx, arg)
		}
		known = append(known, c.name)
	}
	e := base.Errorf(base.Usage, "there is no command %s", name).WithHint(`\? lists the commands`)
	if near := app.Nearest(name, known); near != "" {
		e.WithHint(`did you mean %s? \? lists the commands`, near)
	}
	return e
}

// say tells of a setting, where someone looks.
func (sh *shell) say(format string, args ...any) {
	if sh.edit != nil {
		sh.c.note(format, args...)
	}
}

func toggle(what string, of func(*shell) *bool) func(*shell, context.Context, string) error {
	return func(sh *shell, _ context.Context, arg string) error {
		on := of(sh)
		switch arg {
		case "":
			*on = !*on
		case "on", "off":
			*on = arg == "on"
		default:
			return base.Errorf(base.Usage, "%s is on or off, not %q", what, arg)
		}
		sh.say("%s: %s", what, map[bool]string{true: "on", false: "off"}[*on])
		return nil
	}
}

func (sh *shell) help(context.Context, string) error {
	g := sh.c.newGrid("command", "does")
	for _, c := range shellCommands() {
		g.add(strings.TrimSpace(c.name+" "+c.args), c.about)
	}
	return sh.paged(g.write)
}

func (sh *shell) functions(_ context.Context, arg string) error {
	g := sh.c.newGrid("function", "kind")
	var names []string
	seen := map[string]bool{}
	for _, f := range duckdb.Functions() {
		names = append(names, f.Name)
		switch {
		case strings.EqualFold(f.Name, arg):
			g.add(f.Signature, f.Kind)
		case arg == "" && !seen[f.Name]:
			g.add(f.Name, f.Kind)
		}
		seen[f.Name] = true
	}
	if len(g.rows) == 0 {
		e := base.Errorf(base.NotFound, "there is no function %q", arg)
		if near := app.Nearest(arg, names); near != "" {
			e.WithHint("did you mean %s?", near)
		}
		return e
	}
	return sh.paged(g.write)
}

func (sh *shell) useSchema(ctx context.Context, arg string) error {
	if arg == "" {
		return base.Errorf(base.Usage, `\c needs a schema`).WithHint(`\l lists them`)
	}
	return sh.statement(ctx, "USE "+quoteName(strings.Trim(arg, `"`)))
}

func quoteName(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

func (sh *shell) tables(ctx context.Context, arg string) error {
	list, err := sh.s.TableList(ctx, app.TableListRequest{Database: arg})
	if err != nil {
		return err
	}
	g := sh.c.newGrid("schema", "table", "kind", ">rows", ">size", "comment")
	for _, t := range list {
		g.add(t.Database, t.Name, t.Kind, known(t.Rows, count), known(t.Bytes, size), t.Comment)
	}
	return sh.paged(g.write)
}

func (sh *shell) describe(ctx context.Context, arg string) error {
	if arg == "" {
		return sh.tables(ctx, "")
	}
	d, err := sh.s.TableDescribe(ctx, app.TableDescribeRequest{Table: sh.tableName(arg)})
	if err != nil {
		return err
	}
	return sh.paged(func(w io.Writer) error { return sh.c.printTable(w, d) })
}

// tableName adds the session's schema to a bare name.
func (sh *shell) tableName(name string) string {
	name = strings.ReplaceAll(name, `"`, "")
	if !strings.Contains(name, ".") && sh.req.Session.Schema != "" {
		name = sh.req.Session.Schema + "." + name
	}
	return name
}

func (sh *shell) setFormat(_ context.Context, arg string) error {
	if arg != "" {
		if !slices.Contains(formatNames(), arg) {
			return base.Errorf(base.Usage, "format %q is not known", arg).WithHint("formats: %s", strings.Join(formatNames(), ", "))
		}
		if binaryFormat(arg) && sh.out.file == "" {
			return base.Errorf(base.Usage, "%s is not for a screen", arg).WithHint(`name a file first: \o FILE`)
		}
		sh.out.format = arg
	}
	sh.say("format: %s", sh.out.kind())
	return nil
}

func (sh *shell) setOutput(_ context.Context, arg string) error {
	sh.out.file = strings.Trim(arg, `'"`)
	if arg == "" && binaryFormat(sh.out.format) {
		sh.out.format = ""
	}
	if arg == "" {
		sh.say("rows go to the screen")
	} else {
		sh.say("rows go to %s as %s; each answer replaces the file", printable(sh.out.file), sh.out.kind())
	}
	return nil
}

func (sh *shell) setNull(_ context.Context, arg string) error {
	sh.out.null, sh.out.nullSet = arg, arg != ""
	return nil
}

func (sh *shell) setLimit(_ context.Context, arg string) error {
	if arg != "" {
		n, err := strconv.Atoi(arg)
		if err != nil || n < 0 {
			return base.Errorf(base.Usage, "a limit is a number of rows, not %q", arg)
		}
		sh.req.Limit, sh.limited = n, true
	}
	sh.say("limit: %d", sh.req.Limit)
	return nil
}

// maxDepth is how deep files may run files.
const maxDepth = 16

func (sh *shell) include(ctx context.Context, arg string) error {
	file := strings.Trim(arg, `'"`)
	if file == "" {
		return base.Errorf(base.Usage, `\i needs a file`)
	}
	if sh.depth == maxDepth {
		return base.Errorf(base.Usage, "files run each other more than %d deep", maxDepth)
	}
	text, err := sh.c.sqlFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return base.Errorf(base.NotFound, "there is no file %s", sh.c.abs(file))
	case err != nil:
		return fmt.Errorf("run file: %w", err)
	}
	sh.depth++
	defer func() { sh.depth-- }()
	return sh.runText(ctx, strings.TrimPrefix(string(text), "\ufeff"), file)
}

// editLast has the last statement edited and gives it back to be entered.
func (sh *shell) editLast(context.Context, string) error {
	if sh.edit == nil || sh.c.env.Program == nil {
		return base.Errorf(base.Usage, `\e needs a terminal`)
	}
	f, err := sh.tempFile("edit-*.sql")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(sh.last + "\n")
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("edit: %w", err)
	}
	editor := sh.c.env.Getenv("VISUAL")
	for _, e := range []string{sh.c.env.Getenv("EDITOR"), "vi"} {
		if editor == "" {
			editor = e
		}
	}
	if err := sh.c.env.Program(append(strings.Fields(editor), f.Name()), nil); err != nil {
		return base.Errorf(base.Invalid, "edit with %s: %w", editor, err).WithHint("set EDITOR to another editor")
	}
	text, err := os.ReadFile(f.Name())
	if err != nil {
		return fmt.Errorf("edit: %w", err)
	}
	sh.edit.Preset(strings.TrimRight(string(text), " \t\r\n"))
	return nil
}

func (sh *shell) tempFile(pattern string) (*os.File, error) {
	if err := os.MkdirAll(sh.tmp, 0o755); err != nil {
		return nil, fmt.Errorf("make temporary file: %w", err)
	}
	f, err := os.CreateTemp(sh.tmp, pattern)
	if err != nil {
		return nil, fmt.Errorf("make temporary file: %w", err)
	}
	return f, nil
}

// keywords, functions and commands for completion.
func sqlWords() []string {
	words := trino.Keywords()
	for i, w := range words {
		words[i] = strings.ToLower(w)
	}
	seen := map[string]bool{}
	for _, f := range duckdb.Functions() {
		if !seen[f.Name] && !strings.HasPrefix(f.Name, "$") {
			seen[f.Name] = true
			words = append(words, f.Name)
		}
	}
	return words
}
