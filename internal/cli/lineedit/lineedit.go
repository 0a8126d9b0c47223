// Package lineedit reads text of one or several lines from a terminal: moving,
// erasing and yanking as in other shells, history, completion, search, pasted
// blocks. Characters take the columns they have, so that Korean text and the
// cursor stay where they belong.
//
// The terminal is in raw mode only while Read runs; what was typed ahead is
// kept for the next call. The package draws with a handful of control
// sequences that every terminal of today knows and needs no database of them.
package lineedit

import (
	"errors"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ErrInterrupt is Ctrl-C.
var ErrInterrupt = errors.New("interrupted")

// Options say how an Editor works.
type Options struct {
	In  io.Reader
	Out io.Writer
	// Raw takes the terminal out of line mode until the returned function is called.
	Raw func() (restore func() error, err error)
	// Size is the terminal's, in columns and rows.
	Size func() (width, height int)
	// Done tells whether Enter ends the text; else it begins a new line. nil is always.
	Done func(text string) bool
	// Complete gives the words that may stand at text[from:pos]; pos is in bytes.
	Complete func(text string, pos int) (from int, words []string)
	History  *History
}

// Editor reads texts from one terminal. Not safe for concurrent use.
type Editor struct {
	o      Options
	keys   *Keys
	screen screen
	text   []rune
	pos    int
	yank   []rune
	// recall is the entry shown, history's length for none; draft what was
	// typed before the first was shown.
	recall int
	draft  []rune
	tabbed bool
	preset string
}

// Preset is the text that the next Read begins with.
func (e *Editor) Preset(text string) { e.preset = clean(text) }

// New makes an Editor.
func New(o Options) *Editor {
	if o.History == nil {
		o.History = &History{}
	}
	return &Editor{o: o, keys: NewKeys(o.In)}
}

// Keys are those of the terminal, for others that read it between two calls.
func (e *Editor) Keys() *Keys { return e.keys }

// Read shows prompt, more before further lines, and returns what was entered:
// io.EOF after Ctrl-D on an empty text or at the end of input, ErrInterrupt
// after Ctrl-C.
func (e *Editor) Read(prompt, more string) (string, error) {
	restore, err := e.o.Raw()
	if err != nil {
		return "", err
	}
	io.WriteString(e.o.Out, pasteOn)
	defer func() {
		io.WriteString(e.o.Out, pasteOff)
		restore()
	}()
	e.text, e.preset, e.tabbed = []rune(e.preset), "", false
	e.pos = len(e.text)
	e.recall, e.draft = e.o.History.Len(), nil
	e.screen = screen{out: e.o.Out, size: e.o.Size, prompt: prompt, more: more}
	for {
		e.screen.draw(e.text, e.pos)
		k, err := e.keys.Next()
		if err != nil {
			e.leave()
			return "", err
		}
		switch ended, err := e.key(k); {
		case err != nil:
			e.leave()
			return "", err
		case ended:
			e.leave()
			return string(e.text), nil
		}
	}
}

// leave puts the cursor below the text.
func (e *Editor) leave() {
	e.screen.draw(e.text, len(e.text))
	io.WriteString(e.o.Out, "\r\n")
}

// key carries out one key; ended is set if it was the last.
func (e *Editor) key(k Key) (ended bool, err error) {
	tabbed := e.tabbed
	e.tabbed = false
	switch k.Code {
	case Rune, Paste:
		e.insert([]rune(clean(k.Text)))
	case Tab:
		e.complete(tabbed)
	case Enter:
		if e.o.Done == nil || e.o.Done(string(e.text)) {
			return true, nil
		}
		e.insert([]rune{'\n'})
	case AltEnter:
		e.insert([]rune{'\n'})
	case Ctrl('c'):
		e.pos = len(e.text)
		return false, ErrInterrupt
	case Ctrl('d'):
		if len(e.text) == 0 {
			return false, io.EOF
		}
		e.erase(e.pos, e.right())
	case Ctrl('l'):
		e.screen.clear()
	case Ctrl('r'):
		return e.search()
	default:
		if !e.move(k.Code) {
			e.change(k.Code)
		}
	}
	return false, nil
}

// move carries out keys that only move the cursor.
func (e *Editor) move(c Code) bool {
	switch c {
	case Left, Ctrl('b'):
		e.pos = e.left()
	case Right, Ctrl('f'):
		e.pos = e.right()
	case Home, Ctrl('a'):
		e.pos = e.lineStart(e.pos)
	case End, Ctrl('e'):
		e.pos = e.lineEnd(e.pos)
	case WordLeft:
		e.pos = e.wordLeft()
	case WordRight:
		e.pos = e.wordRight()
	case Up:
		if !e.vertical(-1) {
			e.remember(e.recall - 1)
		}
	case Down:
		if !e.vertical(1) {
			e.remember(e.recall + 1)
		}
	case Ctrl('p'):
		e.remember(e.recall - 1)
	case Ctrl('n'):
		e.remember(e.recall + 1)
	default:
		return false
	}
	return true
}

// change carries out keys that take text away or bring it back.
func (e *Editor) change(c Code) {
	switch c {
	case Backspace, Ctrl('h'):
		e.erase(e.left(), e.pos)
	case Delete:
		e.erase(e.pos, e.right())
	case Ctrl('k'):
		end := e.lineEnd(e.pos)
		if end == e.pos {
			end = min(end+1, len(e.text))
		}
		e.cut(e.pos, end)
	case Ctrl('u'):
		e.cut(e.lineStart(e.pos), e.pos)
	case Ctrl('w'):
		from := e.pos
		for from > 0 && unicode.IsSpace(e.text[from-1]) {
			from--
		}
		for from > 0 && !unicode.IsSpace(e.text[from-1]) {
			from--
		}
		e.cut(from, e.pos)
	case WordErase:
		e.cut(e.wordLeft(), e.pos)
	case WordDelete:
		e.cut(e.pos, e.wordRight())
	case Ctrl('y'):
		e.insert(e.yank)
	}
}

func (e *Editor) insert(r []rune) {
	out := make([]rune, 0, len(e.text)+len(r))
	out = append(append(append(out, e.text[:e.pos]...), r...), e.text[e.pos:]...)
	e.text, e.pos = out, e.pos+len(r)
}

func (e *Editor) erase(from, to int) {
	out := append([]rune{}, e.text[:from]...)
	e.text, e.pos = append(out, e.text[to:]...), from
}

func (e *Editor) cut(from, to int) {
	if from < to {
		e.yank = append([]rune{}, e.text[from:to]...)
		e.erase(from, to)
	}
}

// left and right pass over marks that belong to the character before them.
func (e *Editor) left() int {
	p := max(e.pos-1, 0)
	for p > 0 && attached(e.text[p]) {
		p--
	}
	return p
}

func (e *Editor) right() int {
	p := min(e.pos+1, len(e.text))
	for p < len(e.text) && attached(e.text[p]) {
		p++
	}
	return p
}

func attached(r rune) bool { return r != '\n' && width(r) == 0 }

func (e *Editor) lineStart(p int) int {
	for p > 0 && e.text[p-1] != '\n' {
		p--
	}
	return p
}

func (e *Editor) lineEnd(p int) int {
	for p < len(e.text) && e.text[p] != '\n' {
		p++
	}
	return p
}

func letter(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

func (e *Editor) wordLeft() int {
	p := e.pos
	for p > 0 && !letter(e.text[p-1]) {
		p--
	}
	for p > 0 && letter(e.text[p-1]) {
		p--
	}
	return p
}

func (e *Editor) wordRight() int {
	p := e.pos
	for p < len(e.text) && !letter(e.text[p]) {
		p++
	}
	for p < len(e.text) && letter(e.text[p]) {
		p++
	}
	return p
}

// vertical moves a line up or down to the same column; false at the edge.
func (e *Editor) vertical(by int) bool {
	start := e.lineStart(e.pos)
	column := columns(e.text[start:e.pos])
	var to int
	if by < 0 {
		if start == 0 {
			return false
		}
		to = e.lineStart(start - 1)
	} else {
		end := e.lineEnd(e.pos)
		if end == len(e.text) {
			return false
		}
		to = end + 1
	}
	end := e.lineEnd(to)
	for at := 0; to < end && at < column; to++ {
		at += width(e.text[to])
	}
	e.pos = to
	return true
}

// remember shows an entry of the history; beyond the newest is what was typed.
func (e *Editor) remember(i int) {
	h := e.o.History
	if i < 0 || i > h.Len() || i == e.recall {
		return
	}
	if e.recall == h.Len() {
		e.draft = e.text
	}
	e.recall = i
	e.text = e.draft
	if i < h.Len() {
		e.text = []rune(h.At(i))
	}
	e.pos = len(e.text)
}

// complete inserts what all candidates have in common; a second Tab lists them.
func (e *Editor) complete(again bool) {
	if e.o.Complete == nil {
		return
	}
	before := string(e.text[:e.pos])
	from, words := e.o.Complete(string(e.text), len(before))
	if len(words) == 0 || from > len(before) {
		return
	}
	typed := before[from:]
	common := words[0]
	for _, w := range words[1:] {
		common = commonPrefix(common, w)
	}
	start := utf8.RuneCountInString(before[:from])
	switch {
	case len(words) == 1:
		e.erase(start, e.pos)
		e.insert([]rune(words[0]))
	case len(common) > len(typed) || common != typed && strings.EqualFold(common, typed):
		e.erase(start, e.pos)
		e.insert([]rune(common))
		e.tabbed = true
	case again:
		e.screen.list(words)
	default:
		e.tabbed = true
	}
}

func commonPrefix(a, b string) string {
	ra, rb := []rune(a), []rune(b)
	n := 0
	for n < len(ra) && n < len(rb) && ra[n] == rb[n] {
		n++
	}
	return string(ra[:n])
}

// search looks backwards through the history for what is typed. Enter takes
// the entry as text to edit, Ctrl-R goes on, Ctrl-C and Ctrl-G give up.
func (e *Editor) search() (bool, error) {
	kept, keptPos, prompt := e.text, e.pos, e.screen.prompt
	defer func() { e.screen.prompt = prompt }()
	var sought []rune
	at := e.o.History.Len()
	for {
		e.screen.prompt = "(search: " + string(sought) + ") "
		e.screen.draw(e.text, e.pos)
		k, err := e.keys.Next()
		if err != nil {
			return false, err
		}
		switch k.Code {
		case Rune:
			sought = append(sought, []rune(clean(k.Text))...)
			at = min(at+1, e.o.History.Len())
		case Backspace, Ctrl('h'):
			sought = sought[:max(len(sought)-1, 0)]
			at = e.o.History.Len()
		case Ctrl('r'):
		case Ctrl('c'), Ctrl('g'):
			e.text, e.pos = kept, keptPos
			return false, nil
		case Enter:
			return false, nil
		default:
			e.screen.prompt = prompt
			return e.key(k)
		}
		if found := e.o.History.before(at, string(sought)); found >= 0 {
			at, e.recall = found, found
			e.text = []rune(e.o.History.At(found))
			e.pos = len(e.text)
		}
	}
}

// clean keeps control characters out of the text; a tab becomes blanks.
func clean(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\t", "    ").Replace(s)
	return strings.Map(func(r rune) rune {
		if r != '\n' && (unicode.IsControl(r) || r == utf8.RuneError || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069) {
			return -1
		}
		return r
	}, s)
}
