package cli

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

const (
	plainEvery = 5 * time.Second        // between two lines of one stage, off a terminal
	drawEvery  = 120 * time.Millisecond // between two pictures on a terminal
	maxLive    = 12                     // stages drawn at once
	briefly    = 500 * time.Millisecond // a stage shorter than this leaves no line on a terminal
)

// progress shows reports on standard error: a live picture on a terminal,
// else a line per stage every few seconds and at its end. All methods may be
// called on nil, which shows nothing.
type progress struct {
	out    io.Writer
	clock  base.Clock
	live   bool // draw and redraw
	colour bool
	width  int

	mu     sync.Mutex // guards what follows and writing to out
	stages []*stage
	byKey  map[[2]string]*stage
	drawn  int // lines of the picture now on the screen
	closed bool

	stop, stopped chan struct{}
}

// stage is one line of progress.
type stage struct {
	base.Progress
	began time.Time
	shown time.Time // last plain line
}

// report returns what backends call; nil with --quiet. It starts the display.
func (c *cli) report() base.Report {
	if c.quiet {
		return nil
	}
	if c.progress == nil {
		live := c.env.IsTerminal(c.env.Stderr) && c.env.Getenv("TERM") != "dumb"
		width := 80
		if live && c.env.Width != nil {
			width = max(c.env.Width(), 20)
		}
		c.progress = newProgress(c.env.Stderr, c.env.Clock, live, c.colour(c.env.Stderr), width)
	}
	return c.progress.report
}

func newProgress(out io.Writer, clock base.Clock, live, colour bool, width int) *progress {
	p := &progress{out: out, clock: clock, live: live, colour: colour, width: width,
		byKey: map[[2]string]*stage{}, stop: make(chan struct{}), stopped: make(chan struct{})}
	if live {
		go p.redraw()
	} else {
		close(p.stopped)
	}
	return p
}

func (p *progress) redraw() {
	defer close(p.stopped)
	for {
		select {
		case <-p.stop:
			return
		case <-p.clock.After(drawEvery):
			p.mu.Lock()
			p.picture()
			p.mu.Unlock()
		}
	}
}

// report takes one report in.
func (p *progress) report(r base.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	now := p.clock.Now()
	key := [2]string{r.Run, r.Stage}
	s, known := p.byKey[key]
	if !known {
		s = &stage{began: now.Add(-r.Elapsed), shown: now}
		p.byKey[key] = s
		p.stages = append(p.stages, s)
	}
	s.Progress = r
	if r.Done {
		p.finished(key, s, now)
		return
	}
	if !p.live && (!known || now.Sub(s.shown) >= plainEvery) {
		s.shown = now
		fmt.Fprintln(p.out, p.plain(s, now))
	}
}

// finished prints a stage's last line for good. p.mu is held.
func (p *progress) finished(key [2]string, s *stage, now time.Time) {
	delete(p.byKey, key)
	for i, x := range p.stages {
		if x == s {
			p.stages = append(p.stages[:i], p.stages[i+1:]...)
			break
		}
	}
	switch {
	case s.remark():
		p.erase()
		fmt.Fprintln(p.out, printable(s.Stage)+": "+printable(s.Note))
	case !p.live:
		fmt.Fprintln(p.out, p.plain(s, now))
		return
	case s.brief(now):
		p.erase()
	default:
		p.erase()
		fmt.Fprintln(p.out, p.fit(p.mark(s)+" "+s.text(now)))
	}
	if p.live {
		p.picture()
	}
}

// remark is true of a report that only says something.
func (s *stage) remark() bool { return s.Done && !s.Failed && s.Note != "" && s.Rows == 0 }

// brief is true of a stage that ended well, sooner than anyone could read its
// line, and has nothing to tell.
func (s *stage) brief(now time.Time) bool {
	return !s.Failed && s.Note == "" && s.Rows == 0 && max(s.Elapsed, now.Sub(s.began)) < briefly
}

func (p *progress) mark(s *stage) string {
	switch {
	case s.Failed && p.colour:
		return "\x1b[31m✗\x1b[0m"
	case s.Failed:
		return "✗"
	case s.Done && p.colour:
		return "\x1b[32m✓\x1b[0m"
	case s.Done:
		return "✓"
	}
	return "·"
}

func (p *progress) plain(s *stage, now time.Time) string {
	switch {
	case s.Failed:
		return s.text(now) + ", failed"
	case s.Done:
		return s.text(now) + ", done"
	}
	return s.text(now)
}

// text is "extract retail.purchase: 1,200,000 rows, 240,000 rows/s, 43.0 MB, 5.0s".
func (s *stage) text(now time.Time) string {
	elapsed := s.Elapsed
	if passed := now.Sub(s.began); !s.Done && passed > elapsed || elapsed == 0 {
		elapsed = passed
	}
	var parts []string
	if s.Rows > 0 {
		rows := count(s.Rows)
		if s.Total > 0 {
			rows += fmt.Sprintf(" of %s rows (%d%%)", count(s.Total), min(100, s.Rows*100/s.Total))
		} else {
			rows = plural(s.Rows, "row")
		}
		parts = append(parts, rows)
		if sec := elapsed.Seconds(); sec >= 0.1 {
			parts = append(parts, count(int64(float64(s.Rows)/sec))+" rows/s")
		}
	}
	if s.Bytes > 0 {
		parts = append(parts, size(s.Bytes))
	}
	if s.Files > 0 {
		parts = append(parts, plural(s.Files, "file"))
	}
	if s.Note != "" {
		parts = append(parts, printable(s.Note))
	}
	parts = append(parts, span(elapsed))
	return printable(s.Stage) + ": " + strings.Join(parts, ", ")
}

// picture draws the running stages over the last picture. p.mu is held.
func (p *progress) picture() {
	if p.closed {
		return
	}
	p.erase()
	now := p.clock.Now()
	lines := p.stages[:min(len(p.stages), maxLive)]
	for _, s := range lines {
		fmt.Fprintln(p.out, p.fit(p.mark(s)+" "+s.bar()+s.text(now)))
	}
	p.drawn = len(lines)
	if more := len(p.stages) - len(lines); more > 0 {
		fmt.Fprintf(p.out, "  and %d more\n", more)
		p.drawn++
	}
}

// bar is drawn where the end is known.
func (s *stage) bar() string {
	const cells = 20
	if s.Total <= 0 {
		return ""
	}
	full := int(min(cells, s.Rows*cells/s.Total))
	return "[" + strings.Repeat("=", full) + strings.Repeat(" ", cells-full) + "] "
}

func (p *progress) erase() {
	if p.drawn > 0 {
		fmt.Fprintf(p.out, "\x1b[%dA\x1b[J", p.drawn)
		p.drawn = 0
	}
}

// fit cuts a line to the terminal, colours not counted.
func (p *progress) fit(line string) string {
	extra := 0
	if strings.HasPrefix(line, "\x1b[") {
		extra = len("\x1b[32m") - 1 + len("\x1b[0m") - 1 // escapes count one column less each
	}
	return widths.Truncate(line, p.width-1+extra, "…")
}

// above lets write print lines that stay, above the picture.
func (p *progress) above(write func()) {
	if p == nil {
		write()
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.erase()
	write()
	if p.live {
		p.picture()
	}
}

// close removes the picture and ends the display. Safe to call twice.
func (p *progress) close() {
	if p == nil {
		return
	}
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return
	}
	p.erase()
	p.closed = true
	p.mu.Unlock()
	close(p.stop)
	<-p.stopped
}
