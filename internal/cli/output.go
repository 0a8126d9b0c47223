package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"reflect"

	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/base"
)

// show prints a result: v as JSON with --json, else what text writes.
func (c *cli) show(v any, text func(w io.Writer) error) error {
	c.progress.close()
	if c.json {
		return writeJSON(c.env.Stdout, v)
	}
	return text(c.env.Stdout)
}

func writeJSON(w io.Writer, v any) error {
	if r := reflect.ValueOf(v); r.Kind() == reflect.Slice && r.IsNil() {
		v = []struct{}{}
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("print result: %w", err)
	}
	return nil
}

// note tells something beside the result, unless --quiet.
func (c *cli) note(format string, args ...any) {
	if c.quiet {
		return
	}
	c.progress.above(func() { fmt.Fprintf(c.env.Stderr, format+"\n", args...) })
}

func (c *cli) printError(err error) {
	if c.json || wantsJSON(c.env.Args) {
		writeJSON(c.env.Stderr, map[string]any{"error": app.NewErrorInfo(err)})
		return
	}
	text := base.Render(err)
	if c.colour(c.env.Stderr) {
		text = "\x1b[31merror:\x1b[0m " + text
	} else {
		text = "error: " + text
	}
	fmt.Fprintln(c.env.Stderr, text)
}

// wantsJSON finds --json where parsing stopped before it.
func wantsJSON(args []string) bool {
	for _, a := range args {
		if a == "--" {
			return false
		}
		if a == "--json" || a == "--json=true" {
			return true
		}
	}
	return false
}

// colour tells whether to colour a stream.
func (c *cli) colour(stream any) bool {
	return !c.noColor && c.env.Getenv("NO_COLOR") == "" && c.env.Getenv("TERM") != "dumb" && c.env.IsTerminal(stream)
}

// failedRun reports a run that was recorded but ended badly.
func failedRun(what string, info *app.ErrorInfo) error {
	if info == nil {
		return base.Errorf(base.Internal, "%s did not succeed", what)
	}
	return fmt.Errorf("%s: %w", what, info.Err())
}
