package base

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Place is a spot in a file the user wrote. Line and Col count from 1, Col and
// Len in characters (not bytes).
type Place struct {
	File string
	Line int
	Col  int
	Len  int
	// Text is the whole line, without its end.
	Text string
}

// PlaceAt finds the line and column of a byte offset in src; length is in
// bytes. Offsets outside src are moved to its end.
func PlaceAt(file string, src []byte, offset, length int) *Place {
	offset = max(0, min(offset, len(src)))
	length = max(0, min(length, len(src)-offset))
	start := bytes.LastIndexByte(src[:offset], '\n') + 1
	end := len(src)
	if i := bytes.IndexByte(src[offset:], '\n'); i >= 0 {
		end = offset + i
	}
	stop := min(offset+length, end)
	return &Place{
		File: file,
		Line: bytes.Count(src[:offset], []byte{'\n'}) + 1,
		Col:  utf8.RuneCount(src[start:offset]) + 1,
		Len:  utf8.RuneCount(src[offset:stop]),
		Text: strings.ToValidUTF8(strings.TrimRight(string(src[start:end]), "\r"), "?"),
	}
}

// PlaceLine is the place of a whole line and column pair found by a parser
// (both from 1); Len is 1 if unknown.
func PlaceLine(file string, src []byte, line, col, length int) *Place {
	lines := bytes.Split(src, []byte{'\n'})
	p := &Place{File: file, Line: line, Col: max(col, 1), Len: max(length, 1)}
	if line >= 1 && line <= len(lines) {
		p.Text = strings.TrimRight(string(lines[line-1]), "\r")
	}
	return p
}

// String is "file:line:col".
func (p *Place) String() string {
	if p.Line == 0 {
		return p.File
	}
	if p.File == "" {
		return fmt.Sprintf("line %d:%d", p.Line, p.Col)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}

// caret is the source line with the culprit underlined, East Asian wide
// characters counted as two columns.
func (p *Place) caret() string {
	if p.Line == 0 || strings.TrimSpace(p.Text) == "" {
		return ""
	}
	text, col := p.around()
	var pad, mark strings.Builder
	i := 1
	for _, r := range text {
		w := Width(r)
		switch {
		case i < col && r == '\t':
			pad.WriteByte('\t')
		case i < col:
			pad.WriteString(strings.Repeat(" ", w))
		case i < col+max(p.Len, 1):
			mark.WriteString(strings.Repeat("~", w))
		}
		i++
	}
	if mark.Len() == 0 {
		mark.WriteByte('~')
	}
	return "\n    " + text + "\n    " + pad.String() + mark.String()
}

// Of a long line so many characters are shown, so many of them before the culprit.
const (
	longLine = 240
	before   = 80
)

// around is the source line, of a long one the part around the culprit, and
// the culprit's column in it.
func (p *Place) around() (text string, col int) {
	line := []rune(p.Text)
	if len(line) <= longLine {
		return p.Text, p.Col
	}
	from := min(max(p.Col-1-before, 0), len(line)-longLine)
	text, col = string(line[from:from+longLine]), p.Col-from
	if from > 0 {
		text, col = "..."+text, col+3
	}
	if from+longLine < len(line) {
		text += "..."
	}
	return text, col
}

// Width is how many columns a character takes on a terminal: 2 if it is East
// Asian wide, else 1.
func Width(r rune) int {
	if wide(r) {
		return 2
	}
	return 1
}

func wide(r rune) bool {
	return r >= 0x1100 && (r <= 0x115f || r >= 0x2e80 && r <= 0xa4cf || r >= 0xac00 && r <= 0xd7a3 ||
		r >= 0xf900 && r <= 0xfaff || r >= 0xfe30 && r <= 0xfe6f || r >= 0xff00 && r <= 0xff60 ||
		r >= 0xffe0 && r <= 0xffe6 || r >= 0x20000 && r <= 0x3fffd)
}
