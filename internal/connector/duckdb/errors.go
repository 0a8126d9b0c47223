package duckdb

import (
	"context"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	duck "github.com/duckdb/duckdb-go/v2"

	"github.com/mulgil/mulgil/internal/base"
)

var (
	lineMark   = regexp.MustCompile(`(?s)\n+LINE (\d+): ([^\n]*)\n( *)\^`)
	candidates = regexp.MustCompile(`(?s)\n*(?:Candidate bindings:|Did you mean) *([^\n]*)`)
	classWord  = regexp.MustCompile(`^[A-Za-z ]+ Error: `)
)

// sqlError turns DuckDB's text into an error with kind, place and hint.
func sqlError(ctx context.Context, text string, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return base.Errorf(base.Canceled, "stopped: %w", context.Cause(ctx))
	}
	var d *duck.Error
	if !errors.As(err, &d) {
		return err
	}
	msg := d.Msg
	msg, _, _ = strings.Cut(msg, "\n\nStack Trace:")
	e := &base.Error{Kind: kindOf(d), Err: d}
	if m := lineMark.FindStringSubmatchIndex(msg); m != nil {
		line, _ := strconv.Atoi(msg[m[2]:m[3]])
		e.Place = place(text, line, msg[m[4]:m[5]], utf8.RuneCountInString(msg[m[6]:m[7]])-len("LINE : ")-len(msg[m[2]:m[3]]))
		msg = msg[:m[0]] + msg[m[1]:]
	}
	if m := candidates.FindStringSubmatchIndex(msg); m != nil {
		if c := strings.Trim(msg[m[2]:m[3]], " ?\""); c != "" {
			e.Hint = "did you mean " + strings.ReplaceAll(c, `"`, "") + "?"
		}
		msg = msg[:m[0]] + msg[m[1]:]
	}
	e.Msg = strings.TrimSpace(classWord.ReplaceAllString(strings.TrimSpace(msg), ""))
	if r, n := utf8.DecodeRuneInString(e.Msg); n > 0 && !strings.HasPrefix(e.Msg, "SELECT") {
		e.Msg = strings.ToLower(string(r)) + e.Msg[n:]
	}
	switch {
	case strings.Contains(msg, "No space left on device"):
		e.Kind, e.Hint = base.Internal, "free some disk space and run it again"
	case d.Type == duck.ErrorTypeOutOfMemory:
		e.Hint = "raise the memory limit, or lower threads"
	case d.Type == duck.ErrorTypeOutOfRange && (strings.Contains(msg, "INT128") || strings.Contains(msg, "HUGEINT")), strings.Contains(msg, "to DECIMAL(38,0) when casting"):
		e.Hint = "the value does not fit decimal(38,0): cast it to double or divide it first"
	}
	return e
}

func kindOf(d *duck.Error) base.Kind {
	switch d.Type {
	case duck.ErrorTypeIO, duck.ErrorTypeOutOfMemory, duck.ErrorTypeInternal, duck.ErrorTypeFatal:
		return base.Internal
	case duck.ErrorTypePermission:
		return base.Denied
	case duck.ErrorTypeInterrupt:
		return base.Canceled
	}
	return base.Invalid
}

// place finds the caret's spot in the statement: DuckDB prints an excerpt of
// the line, cut with "..." on either side, and a caret below it.
func place(text string, line int, excerpt string, col int) *base.Place {
	lines := strings.Split(text, "\n")
	if line < 1 || line > len(lines) {
		return nil
	}
	whole := strings.TrimRight(lines[line-1], "\r")
	col = characters(excerpt, col)
	cut := strings.TrimSuffix(excerpt, "...")
	if strings.HasPrefix(cut, "...") {
		cut = cut[3:]
		if i := strings.Index(whole, cut); i >= 0 {
			col += utf8.RuneCountInString(whole[:i]) - 3
		}
	}
	p := &base.Place{Line: line, Col: max(col, 0) + 1, Text: whole}
	p.Len = wordLen(whole, p.Col-1)
	return p
}

// characters is how many characters of text take the given columns on a
// terminal, which is how DuckDB places its caret.
func characters(text string, columns int) int {
	n := 0
	for _, r := range text {
		if columns -= base.Width(r); columns < 0 {
			return n
		}
		n++
	}
	return n + max(columns, 0)
}

func wordLen(line string, from int) int {
	n := 0
	for i, r := range []rune(line) {
		if i < from {
			continue
		}
		if n > 0 && strings.ContainsRune(" ,().;=<>+-*/", r) {
			break
		}
		n++
	}
	return max(n, 1)
}

// shift moves an error's place left by n characters of the first line, for
// statements that were prefixed before they ran.
func shift(err error, n int) error {
	var e *base.Error
	if errors.As(err, &e) && e.Place != nil && e.Place.Line == 1 {
		e.Place.Col = max(e.Place.Col-n, 1)
		if r := []rune(e.Place.Text); len(r) >= n {
			e.Place.Text = string(r[n:])
		}
	}
	return err
}
