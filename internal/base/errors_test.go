package base_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
)

const source = "SELECT 이름,\n\t나이 FROM 고객\r\nWHERE x"

func TestRenderUnderlinesTheCulprit(t *testing.T) {
	at := func(offset, length int) *base.Place {
		return base.PlaceAt("jobs/a.sql", []byte(source), offset, length)
	}
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"plain", errors.New("boom"), "boom"},
		{"place", base.Errorf(base.Invalid, "unknown column").At(at(7, 6)), "jobs/a.sql:1:8: unknown column\n    SELECT 이름,\n           ~~~~"},
		{"tab and wide before", base.Errorf(base.Invalid, "no table").At(at(28, 6)), "jobs/a.sql:2:10: no table\n    \t나이 FROM 고객\n    \t          ~~~~"},
		{"past the end", base.Errorf(base.Invalid, "more is wanted").At(at(1000, 5)), "jobs/a.sql:3:8: more is wanted\n    WHERE x\n           ~"},
		{"hint", base.Errorf(base.Invalid, "no").WithHint("try %s", "yes"), "no\nhint: try yes"},
		{"hint of a cause", fmt.Errorf("run: %w", base.Errorf(base.Invalid, "no: %w", base.Errorf(base.Invalid, "deep").WithHint("dig"))), "run: no: deep\nhint: dig"},
		{"several", base.Errors{base.Errorf(base.Invalid, "one").WithHint("a"), base.Errorf(base.Invalid, "two")}, "one\nhint: a\ntwo"},
		{"file alone", base.Errorf(base.Invalid, "cannot be read").At(&base.Place{File: "x.csv"}), "x.csv: cannot be read"},
		{"no file", base.Errorf(base.Invalid, "bad").At(base.PlaceAt("", []byte("abc"), 1, 1)), "line 1:2: bad\n    abc\n     ~"},
	} {
		if got := base.Render(c.err); got != c.want {
			t.Errorf("%s:\ngot  %q\nwant %q", c.name, got, c.want)
		}
	}
}

func TestRenderShowsThePartOfALongLine(t *testing.T) {
	line := strings.Repeat("(", 5000) + "가" + strings.Repeat(")", 5000)
	for _, c := range []struct {
		offset    int
		pad, head int // of the mark, of the text
		starts    string
	}{{5000, 83, 246, "...((("}, {0, 0, 243, "(((("}, {10002, 242, 243, "...)))"}} {
		lines := strings.Split(base.Render(base.Errorf(base.Invalid, "bad").At(base.PlaceAt("", []byte(line), c.offset, 1))), "\n    ")
		if len(lines) != 3 || !strings.HasPrefix(lines[1], c.starts) || len([]rune(lines[1])) != c.head || strings.Index(lines[2], "~") != c.pad {
			t.Errorf("%d: %q", c.offset, lines)
		}
	}
}

func TestErrorsKeepKindCodeAndCause(t *testing.T) {
	cause := base.Errorf(base.Conflict, "busy: %w", io.EOF).WithCode("CrawlerRunningException")
	err := fmt.Errorf("start crawler: %w", cause)
	if base.KindOf(err) != base.Conflict || base.CodeOf(fmt.Errorf("x: %w", base.Errorf(base.Invalid, "y: %w", err))) != "CrawlerRunningException" || !errors.Is(err, io.EOF) {
		t.Errorf("got %v, %q", base.KindOf(err), base.CodeOf(err))
	}
	if base.KindOf(io.EOF) != base.Internal || base.CodeOf(io.EOF) != "" || base.Errors(nil).Err() != nil {
		t.Error("a plain error has a kind or code of its own")
	}
	list := base.Errors{base.Errorf(base.Usage, "a"), cause}
	if !errors.Is(list, io.EOF) || base.KindOf(list) != base.Usage {
		t.Error("a list hides its mistakes")
	}
	for k := base.Internal; k <= base.Canceled; k++ {
		if base.ParseKind(k.String()) != k {
			t.Errorf("kind %s does not come back", k)
		}
	}
}

func TestPlaceCountsCharacters(t *testing.T) {
	for _, c := range []struct {
		offset, length int
		want           string
		len            int
		text           string
	}{
		{0, 6, "f:1:1", 6, "SELECT 이름,"},
		{13, 1, "f:1:10", 1, "SELECT 이름,"},
		{15, 100, "f:2:1", 12, "\t나이 FROM 고객"},
		{-5, 1, "f:1:1", 1, "SELECT 이름,"},
		{len(source), 1, "f:3:8", 0, "WHERE x"},
	} {
		p := base.PlaceAt("f", []byte(source), c.offset, c.length)
		if p.String() != c.want || p.Text != c.text || p.Len != c.len {
			t.Errorf("offset %d: got %s, %d of %q, want %s, %d of %q", c.offset, p, p.Len, p.Text, c.want, c.len, c.text)
		}
	}
	if p := base.PlaceLine("f", []byte(source), 9, 0, 0); p.String() != "f:9:1" || p.Text != "" || p.Len != 1 {
		t.Errorf("got %+v", p)
	}
	if p := base.PlaceAt("f", []byte("a\xc0\xffb"), 0, 1); p.Text != "a?b" {
		t.Errorf("broken text is shown as %q", p.Text)
	}
}
