package cli

import (
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/hive"
	"github.com/mulgil/mulgil/internal/lang/trino"
)

// item is one thing to do of a text: a statement, or a command of the shell,
// which begins with a backslash and takes its line.
type item struct {
	text string
	// offset is where text begins, end where the rest of the whole does.
	offset  int
	command bool
	// closed says that a semicolon or its line ended it.
	closed bool
}

// items cuts a text into statements and commands. Statements end at a
// semicolon outside of quotes; what only Hive's grammar reads may also end
// where a new one begins, as in text copied out of a document.
func items(text string) []item {
	var out []item
	for from := 0; from < len(text); {
		next := -1
		for _, p := range trino.Split(text[from:]) {
			at, stmt := from+p.Start, text[from+p.Start:from+p.End]
			if strings.HasPrefix(stmt, `\`) {
				line, _, _ := strings.Cut(text[at:], "\n")
				out = append(out, item{text: strings.TrimRight(line, " \t\r"), offset: at, command: true, closed: true})
				next = at + len(line)
				break
			}
			out = append(out, pieces(stmt, at, p.Closed)...)
		}
		if next < 0 {
			break
		}
		from = next
	}
	return out
}

// pieces cuts further what Trino's grammar does not read as one statement.
func pieces(stmt string, at int, closed bool) []item {
	whole := []item{{text: stmt, offset: at, closed: closed}}
	if _, err := trino.Parse(stmt); err == nil {
		return whole
	}
	list := hive.Split(stmt)
	if len(list) == 0 {
		return nil // nothing but comments
	}
	if len(list) == 1 && !hive.Is(list[0].SQL) {
		return whole
	}
	var out []item
	for i, s := range list {
		out = append(out, item{text: s.SQL, offset: at + s.Offset, closed: closed || i < len(list)-1})
	}
	return out
}

// statements are the statements of a text.
func statements(text string) []item {
	var out []item
	for _, it := range items(text) {
		if !it.command {
			out = append(out, it)
		}
	}
	return out
}

// complete tells whether a text needs no more lines.
func complete(text string) bool {
	list := items(text)
	return len(list) == 0 || list[len(list)-1].closed
}

// locate moves the place of err, which lies in the item, into the whole text.
func (it item) locate(err error, text, file string) error {
	e, ok := err.(*base.Error)
	if !ok || e.Place == nil || e.Place.File != "" {
		return err
	}
	c := *e
	c.Place = hive.Statement{SQL: it.text, Offset: it.offset}.Locate(text, e.Place)
	if c.Place != nil {
		c.Place.File = file
	}
	return &c
}
