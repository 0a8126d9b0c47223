package worker

import (
	"errors"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// raised is an error that a function of ours raised inside the engine.
var raised = regexp.MustCompile(`(?s)\[\[([A-Z][A-Z0-9_]*)\]\] ?(.*)`)

// namedError gives errors that SQL raised with a name of their own,
// "[[NAME]] message", that name as code. Their place in the engine's text
// means nothing to anyone.
func namedError(err error) error {
	var e *base.Error
	if !errors.As(err, &e) {
		return err
	}
	m := raised.FindStringSubmatch(e.Msg)
	if m == nil {
		return err
	}
	return base.Errorf(base.Invalid, "%s", strings.TrimSpace(m[2])).WithCode(m[1])
}

// Trino's names for what the engine refuses, by the first text found in its
// words, which begin with the error's class.
var trinoNames = []struct{ text, code string }{
	{"ore than one row returned by a subquery", "SUBQUERY_MULTIPLE_ROWS"},
	{"ivision by zero", "DIVISION_BY_ZERO"},
	{"ivide by zero", "DIVISION_BY_ZERO"},
	{"out of range for the destination type INT", "NUMERIC_VALUE_OUT_OF_RANGE"},
	{"Conversion Error", "INVALID_CAST_ARGUMENT"},
	{"ould not convert", "INVALID_CAST_ARGUMENT"},
	{"Out of Range Error", "NUMERIC_VALUE_OUT_OF_RANGE"},
	{"verflow", "NUMERIC_VALUE_OUT_OF_RANGE"},
}

// trinoError gives an error of a statement in Trino's dialect Trino's name.
func trinoError(err error) error {
	var e *base.Error
	if !errors.As(err, &e) || e.Code != "" || e.Kind == base.Canceled {
		return err
	}
	e.Code, e.Place = trinoName(e), nil
	if e.Code == "" {
		e.Code = "GENERIC_INTERNAL_ERROR"
	}
	return e
}

// trinoName is Trino's name for a mistake of the statement, "" for anything else.
func trinoName(e *base.Error) string {
	said := words(e)
	for _, n := range trinoNames {
		if strings.Contains(said, n.text) {
			return n.code
		}
	}
	return ""
}

// words are the engine's own.
func words(e *base.Error) string {
	if e.Err != nil {
		return e.Err.Error()
	}
	return e.Msg
}

// explained tells whether the statement or the machine is at fault, not a file.
func explained(err error) bool {
	var e *base.Error
	if !errors.As(namedError(err), &e) {
		return false
	}
	return e.Code != "" || trinoName(e) != "" || strings.HasPrefix(words(e), "Out of Memory Error")
}

// roomError says what to do where memory, the disk that takes its overflow, or
// the engine's depth has come to an end.
func roomError(err error, tempDir string) error {
	var e *base.Error
	if !errors.As(err, &e) {
		return err
	}
	words := words(e)
	folder := filepath.Dir(tempDir)
	switch {
	case strings.Contains(words, "max_temp_directory_size"), strings.Contains(words, "No space left on device") && strings.Contains(words, tempDir):
		return base.Errorf(base.Internal, "the disk is full: what does not fit into memory is put into %s, which has no room left", folder).
			WithCode("OUT_OF_SPILL_SPACE").WithHint("free some space on the disk of %s, or ask for less: fewer columns, rows or groups", folder)
	case strings.Contains(words, "expression depth limit"):
		return base.Errorf(base.Invalid, "the statement is nested too deep for the engine: more than 1000 operators or levels in one another").
			WithCode("STACK_OVERFLOW").WithHint("write it with fewer in one another, or in several statements")
	case strings.HasPrefix(words, "Out of Memory Error"):
		e.Code, e.Hint = "EXCEEDED_LOCAL_MEMORY_LIMIT", "raise limits.memory in mulgil.yaml, lower limits.concurrent_queries, or ask for less"
	}
	return err
}

// sqlError is err in the words of the task's dialect.
func (c *child) sqlError(err error) error {
	err = roomError(namedError(err), c.task.Engine.TempDir)
	if c.task.trino() {
		err = trinoError(err)
	}
	return err
}

// trino tells whether the task's statements were written in Trino's dialect.
func (t Task) trino() bool {
	return t.Select != nil && len(t.Select.Types) > 0 || t.Write != nil && t.Write.Trino || t.Export != nil
}
