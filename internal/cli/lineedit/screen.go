package lineedit

import (
	"fmt"
	"io"
	"strings"

	"github.com/mattn/go-runewidth"
)

// widths does not depend on the locale.
var widths = &runewidth.Condition{}

func width(r rune) int { return widths.RuneWidth(r) }

func columns(r []rune) int {
	n := 0
	for _, c := range r {
		n += width(c)
	}
	return n
}

// screen draws a text and keeps in mind where the cursor is.
type screen struct {
	out          io.Writer
	size         func() (int, int)
	prompt, more string
	row          int // of the cursor, counted from the first row drawn
}

// layout is a text cut into rows of the terminal.
type layout struct {
	rows     []string
	row, col int // the cursor
}

// lay cuts text into rows; none is wider than the terminal.
func (s *screen) lay(text []rune, pos, wide int) layout {
	var l layout
	var line strings.Builder
	at := 0
	begin := func(prompt string) {
		line.WriteString(prompt)
		at = columns([]rune(prompt))
	}
	end := func() {
		l.rows = append(l.rows, line.String())
		line.Reset()
		at = 0
	}
	begin(s.prompt)
	for i, r := range text {
		w := width(r)
		if r != '\n' && at+w > wide {
			end()
		}
		if i == pos {
			l.row, l.col = len(l.rows), at
		}
		if r == '\n' {
			end()
			begin(s.more)
			continue
		}
		line.WriteRune(r)
		at += w
	}
	if pos >= len(text) {
		if at >= wide {
			end()
		}
		l.row, l.col = len(l.rows), at
	}
	end()
	if l.col >= wide {
		l.col = wide - 1
	}
	return l
}

// draw replaces what it drew before. A text with more rows than the screen is
// shown around the cursor.
func (s *screen) draw(text []rune, pos int) {
	wide, high := s.size()
	wide, high = max(wide, 8), max(high, 2)
	l := s.lay(text, pos, wide)
	first := 0
	if len(l.rows) > high {
		first = min(max(l.row-high/2, 0), len(l.rows)-high)
		l.rows = l.rows[first : first+high]
		l.row -= first
	}
	var b strings.Builder
	b.WriteString("\r")
	up(&b, s.row)
	b.WriteString("\x1b[J" + strings.Join(l.rows, "\r\n") + "\r")
	up(&b, len(l.rows)-1-l.row)
	if l.col > 0 {
		fmt.Fprintf(&b, "\x1b[%dC", l.col)
	}
	s.row = l.row
	io.WriteString(s.out, b.String())
}

func up(b *strings.Builder, n int) {
	if n > 0 {
		fmt.Fprintf(b, "\x1b[%dA", n)
	}
}

func (s *screen) clear() {
	io.WriteString(s.out, "\x1b[H\x1b[2J")
	s.row = 0
}

// maxListed is how many candidates are shown.
const maxListed = 200

// list prints candidates in columns below the text, which is then drawn anew.
func (s *screen) list(words []string) {
	wide, _ := s.size()
	left := len(words) - maxListed
	if left > 0 {
		words = words[:maxListed]
	}
	cell := 0
	for _, w := range words {
		cell = max(cell, widths.StringWidth(w)+2)
	}
	across := max(wide/cell, 1)
	down := (len(words) + across - 1) / across
	var b strings.Builder
	b.WriteString("\r\n\x1b[J")
	for y := range down {
		for x := range across {
			if i := x*down + y; i < len(words) {
				b.WriteString(words[i] + strings.Repeat(" ", cell-widths.StringWidth(words[i])))
			}
		}
		b.WriteString("\r\n")
	}
	if left > 0 {
		fmt.Fprintf(&b, "... and %d more\r\n", left)
	}
	s.row = 0
	io.WriteString(s.out, b.String())
}
