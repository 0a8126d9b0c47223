package cli

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/cli/lineedit"
)

// pages takes the text of an answer and shows it once it is whole: at once if
// the screen holds it, else page by page. Long text waits in a file.
type pages struct {
	sh   *shell
	file *os.File
	buf  *bufio.Writer
	// at holds where each line begins; wide is the widest one.
	at   []int64
	size int64
	wide int
	// wraps lets long lines go on in the next row: only tables are kept straight.
	wraps bool
	rows  int // of the screen, if lines wrap
	line  strings.Builder
}

// page makes pages where someone looks at the screen; else what is written
// goes straight to standard output.
func (sh *shell) page(o outlet) (*pages, error) {
	p := &pages{sh: sh, wraps: o.vertical || o.kind() != "table"}
	if sh.edit == nil || !sh.paging || o.file != "" || binaryFormat(o.kind()) {
		return p, nil
	}
	f, err := sh.tempFile("page-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		return nil, fmt.Errorf("make temporary file: %w", err)
	}
	p.file, p.buf = f, bufio.NewWriterSize(f, 256<<10)
	return p, nil
}

// paged shows what write writes.
func (sh *shell) paged(write func(io.Writer) error) error {
	p, err := sh.page(outlet{vertical: true})
	if err != nil {
		return err
	}
	defer p.close()
	if err := write(p); err != nil {
		return err
	}
	return p.show()
}

func (p *pages) Write(b []byte) (int, error) {
	if p.file == nil {
		return p.sh.c.env.Stdout.Write(b)
	}
	for rest := string(b); rest != ""; {
		line, tail, ended := strings.Cut(rest, "\n")
		p.line.WriteString(line)
		rest = tail
		if ended {
			p.ended()
		}
	}
	return p.buf.Write(b)
}

// ended notes one line.
func (p *pages) ended() {
	p.at = append(p.at, p.size)
	p.size += int64(p.line.Len()) + 1
	n := widths.StringWidth(plain(p.line.String()))
	screen, _ := p.sh.c.env.Size()
	p.wide, p.rows = max(p.wide, n), p.rows+max((n+screen-1)/screen, 1)
	p.line.Reset()
}

func (p *pages) close() {
	if p.file != nil {
		p.file.Close()
	}
}

// show prints the text, in a pager if it is larger than the screen.
func (p *pages) show() error {
	if p.file == nil {
		return nil
	}
	if p.line.Len() > 0 {
		p.buf.WriteByte('\n')
		p.ended()
	}
	if err := p.buf.Flush(); err != nil {
		return fmt.Errorf("show rows: %w", err)
	}
	env := p.sh.c.env
	width, height := env.Size()
	if p.wraps && p.rows < height-1 || len(p.at) < height-1 && p.wide <= width {
		return p.copy(env.Stdout)
	}
	if pager := env.Getenv("PAGER"); pager != "" && env.Program != nil {
		if _, err := p.file.Seek(0, io.SeekStart); err != nil {
			return fmt.Errorf("show rows: %w", err)
		}
		if err := env.Program([]string{"sh", "-c", pager}, p.file); err != nil {
			return base.Errorf(base.Invalid, "show rows with %s: %w", pager, err).WithHint(`set PAGER to another program, or leave it out; \pager off needs none`)
		}
		return nil
	}
	return p.browse()
}

func (p *pages) copy(w io.Writer) error {
	_, err := io.Copy(w, io.NewSectionReader(p.file, 0, p.size))
	return err
}

// text is line i.
func (p *pages) text(i int) string {
	end := p.size
	if i+1 < len(p.at) {
		end = p.at[i+1]
	}
	b := make([]byte, end-p.at[i]-1)
	if _, err := p.file.ReadAt(b, p.at[i]); err != nil {
		return ""
	}
	return string(b)
}

// view is what the pager shows: from line top and column left on.
type view struct {
	top, left     int
	width, height int
	sought        string
	note          string
}

const (
	enterScreen = "\x1b[?1049h\x1b[?25l"
	leaveScreen = "\x1b[?25h\x1b[?1049l"
)

// browse is the built-in pager.
func (p *pages) browse() error {
	env := p.sh.c.env
	restore, err := env.Raw()
	if err != nil {
		return fmt.Errorf("show rows: %w", err)
	}
	io.WriteString(env.Stdout, enterScreen)
	defer func() {
		io.WriteString(env.Stdout, leaveScreen)
		restore()
	}()
	v := &view{}
	for {
		w, h := env.Size()
		v.width, v.height = w, max(h-1, 1)
		p.clamp(v)
		io.WriteString(env.Stdout, p.draw(v))
		v.note = ""
		k, err := p.sh.edit.Keys().Next()
		if err != nil || !p.turn(v, k) {
			return nil // the next Read meets the error
		}
	}
}

func (p *pages) clamp(v *view) {
	v.top = max(min(v.top, len(p.at)-v.height), 0)
	v.left = max(min(v.left, p.wide-v.width), 0)
}

// draw is the screen's new content.
func (p *pages) draw(v *view) string {
	var b strings.Builder
	b.WriteString("\x1b[H")
	for i := v.top; i < v.top+v.height; i++ {
		if i < len(p.at) {
			b.WriteString(clip(plain(p.text(i)), v.left, v.width))
		}
		b.WriteString("\x1b[K\r\n")
	}
	status := v.note
	if status == "" {
		status = fmt.Sprintf("lines %d-%d of %s", v.top+1, min(v.top+v.height, len(p.at)), count(int64(len(p.at))))
		if p.wide > v.width {
			status += fmt.Sprintf(", columns %d-%d of %d", v.left+1, min(v.left+v.width, p.wide), p.wide)
		}
		status += "  (space, b, arrows, g, G, / search, n, q)"
	}
	b.WriteString("\x1b[7m" + clip(status, 0, v.width-1) + "\x1b[0m\x1b[K")
	return b.String()
}

// turn carries out a key; false ends the pager.
func (p *pages) turn(v *view, k lineedit.Key) bool {
	switch k.Code {
	case lineedit.Up:
		v.top--
	case lineedit.Down, lineedit.Enter:
		v.top++
	case lineedit.PageUp, lineedit.Ctrl('b'):
		v.top -= v.height
	case lineedit.PageDown, lineedit.Ctrl('f'):
		v.top += v.height
	case lineedit.Home:
		v.top, v.left = 0, 0
	case lineedit.End:
		v.top = len(p.at)
	case lineedit.Left:
		v.left -= v.width / 2
	case lineedit.Right:
		v.left += v.width / 2
	case lineedit.Ctrl('c'), lineedit.Ctrl('d'), lineedit.Escape:
		return false
	case lineedit.Rune:
		return p.letter(v, k.Text)
	}
	return true
}

func (p *pages) letter(v *view, key string) bool {
	switch key {
	case "q", "Q":
		return false
	case " ", "f":
		v.top += v.height
	case "b":
		v.top -= v.height
	case "j":
		v.top++
	case "k":
		v.top--
	case "h":
		v.left -= v.width / 2
	case "l":
		v.left += v.width / 2
	case "g":
		v.top = 0
	case "G":
		v.top = len(p.at)
	case "/":
		if p.ask(v) {
			p.find(v, v.top)
		}
	case "n":
		p.find(v, v.top+1)
	}
	return true
}

// ask reads what to look for on the last line.
func (p *pages) ask(v *view) bool {
	word := ""
	for {
		v.note = "/" + word
		io.WriteString(p.sh.c.env.Stdout, p.draw(v))
		k, err := p.sh.edit.Keys().Next()
		switch {
		case err != nil, k.Code == lineedit.Ctrl('c'), k.Code == lineedit.Escape:
			v.note = ""
			return false
		case k.Code == lineedit.Enter:
			v.note = ""
			v.sought = strings.ToLower(word)
			return word != ""
		case k.Code == lineedit.Backspace:
			r := []rune(word)
			word = string(r[:max(len(r)-1, 0)])
		case k.Code == lineedit.Rune:
			word += k.Text
		}
	}
}

// find goes to the next line with the text sought.
func (p *pages) find(v *view, from int) {
	for i := from; v.sought != "" && i < len(p.at); i++ {
		if strings.Contains(strings.ToLower(plain(p.text(i))), v.sought) {
			v.top = i
			return
		}
	}
	v.note = "not found: " + printable(v.sought)
}

// plain is a line without colours.
func plain(s string) string {
	for {
		i := strings.Index(s, "\x1b[")
		if i < 0 {
			return s
		}
		end := strings.IndexByte(s[i:], 'm')
		if end < 0 {
			return s
		}
		s = s[:i] + s[i+end+1:]
	}
}

// clip is the part of a line in columns left to left+width; half a wide
// character is a blank.
func clip(s string, left, width int) string {
	var b strings.Builder
	at := 0
	for _, r := range s {
		w := widths.StringWidth(string(r))
		switch {
		case at >= left && at+w <= left+width:
			b.WriteRune(r)
		case at < left && at+w > left, at < left+width && at+w > left+width:
			b.WriteByte(' ')
		}
		at += w
	}
	return b.String()
}
