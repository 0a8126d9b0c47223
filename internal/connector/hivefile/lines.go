package hivefile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

const (
	// readSize is what one read asks for, and a line buffer's size at first.
	readSize = 1 << 20
	// maxLine bounds a line.
	maxLine = 100 << 20
)

// errLongLine is a line of more than maxLine bytes.
var errLongLine = errors.New("a line is longer than 100 MB")

// lines cuts a stream into lines, which end at \n, \r\n or \r. A line is valid
// until the next call.
type lines struct {
	r     io.Reader
	buf   []byte
	start int // of what is not given out yet
	end   int // of what was read
	// at is the stream's offset of buf[start].
	at  int64
	eof bool
}

// reset begins a new stream, whose first byte has the offset at.
func (l *lines) reset(r io.Reader, at int64) {
	if l.buf == nil {
		l.buf = make([]byte, readSize)
	}
	l.r, l.at, l.start, l.end, l.eof = r, at, 0, 0, false
}

// next gives the next line without its end; io.EOF after the last.
func (l *lines) next() ([]byte, error) {
	seen := l.start // no end of a line before this
	for {
		if line, ok := l.cut(seen); ok {
			return line, nil
		}
		if l.eof {
			return l.rest()
		}
		seen = l.end - l.start
		if err := l.fill(); err != nil {
			return nil, err
		}
		seen = max(l.start, l.start+seen-1) // a \r at the end may have been half of \r\n
	}
}

func (l *lines) cut(seen int) ([]byte, bool) {
	lf := bytes.IndexByte(l.buf[seen:l.end], '\n')
	stop := l.end
	if lf >= 0 {
		stop = seen + lf
	}
	cr := bytes.IndexByte(l.buf[seen:stop], '\r')
	switch {
	case cr < 0 && lf < 0:
		return nil, false
	case cr < 0:
		return l.take(stop, 1), true
	}
	cr += seen
	switch {
	case cr+1 == l.end && !l.eof:
		return nil, false
	case cr+1 < l.end && l.buf[cr+1] == '\n':
		return l.take(cr, 2), true
	}
	return l.take(cr, 1), true
}

// take gives out up to end and steps over the n bytes of the line's end.
func (l *lines) take(end, n int) []byte {
	line := l.buf[l.start:end]
	l.at += int64(end + n - l.start)
	l.start = end + n
	return line
}

func (l *lines) rest() ([]byte, error) {
	if l.start == l.end {
		return nil, io.EOF
	}
	return l.take(l.end, 0), nil
}

// fill reads more, making room first.
func (l *lines) fill() error {
	if l.start > 0 {
		copy(l.buf, l.buf[l.start:l.end])
		l.start, l.end = 0, l.end-l.start
	}
	if l.end == len(l.buf) {
		if len(l.buf) >= maxLine {
			return errLongLine
		}
		l.buf = append(l.buf, make([]byte, len(l.buf))...)
	}
	n, err := io.ReadAtLeast(l.r, l.buf[l.end:], 1)
	l.end += n
	switch {
	case errors.Is(err, io.EOF) && n == 0:
		l.eof = true
	case err != nil:
		return fmt.Errorf("read: %w", err)
	}
	return nil
}
