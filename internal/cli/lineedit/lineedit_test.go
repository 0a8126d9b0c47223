package lineedit

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// typed gives what an editor reads from keys typed.
func typed(t testing.TB, o Options, keys string) (string, error) {
	t.Helper()
	o.In, o.Out = strings.NewReader(keys), io.Discard
	o.Raw = func() (func() error, error) { return func() error { return nil }, nil }
	o.Size = func() (int, int) { return 20, 6 }
	return New(o).Read("sql> ", "  -> ")
}

func TestKeysEditTheText(t *testing.T) {
	semi := func(s string) bool { return strings.HasSuffix(s, ";") }
	for keys, want := range map[string]string{
		"select 1;\r":                  "select 1;",
		"a b\x17c;\r":                  "a c;",
		"abc\x01x\x05;\r":              "xabc;",
		"one\rtwo\x1b[A!\x05\x1b[B;\r": "one!\ntwo;",
		"가나\r하나둘\x1b[A\x1b[D\x04\x1b[B\x05;\r":         "가\n하나둘;",
		"\x1b[200~select\r\n 1;\nselect 2\x1b[201~;\r": "select\n 1;\nselect 2;",
		"ab cd\x1bb\x1b[3~X\x05;\r":                    "ab Xd;",
		"abcd\x02\x02\x0b\x19\x19;\r":                  "abcdcd;",
		"\x1b[Z\x1b[99;5uok;\r":                        "ok;",
		"é\x1b[D\x1b[C;\r":                             "é;",
	} {
		got, err := typed(t, Options{Done: semi}, keys)
		if err != nil || got != want {
			t.Errorf("%q: %q %v, want %q", keys, got, err, want)
		}
	}
}

func TestControlKeysEndReading(t *testing.T) {
	if _, err := typed(t, Options{}, "abc\x03"); !errors.Is(err, ErrInterrupt) {
		t.Errorf("Ctrl-C: %v", err)
	}
	if _, err := typed(t, Options{}, "\x04"); !errors.Is(err, io.EOF) {
		t.Errorf("Ctrl-D: %v", err)
	}
	if got, err := typed(t, Options{}, "ab\x01\x04\r"); err != nil || got != "b" {
		t.Errorf("Ctrl-D in a text: %q %v", got, err)
	}
}

func TestHistoryIsKeptForTheUserOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), ".mulgil", "sql_history")
	h, err := OpenHistory(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"select '가'\nfrom 표;", "select 2;", "select 2;", " 비밀"} {
		if err := h.Add(s); err != nil {
			t.Fatal(err)
		}
	}
	if i, err := os.Stat(path); err != nil || i.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", i, err)
	}
	again, err := OpenHistory(path)
	if err != nil || again.Len() != 2 || again.At(0) != "select '가'\nfrom 표;" {
		t.Fatalf("%+v %v", again, err)
	}
	for keys, want := range map[string]string{
		"\x10\r":          "select 2;",
		"\x10\x10\r":      "select '가'\nfrom 표;",
		"x\x10\x0e\r":     "x",
		"\x12표\r\r":       "select '가'\nfrom 표;",
		"y\x12없\x07\r":    "y",
		"\x1b[A\x1b[A!\r": "select '가'\nfrom 표;!",
	} {
		if got, err := typed(t, Options{History: again}, keys); err != nil || got != want {
			t.Errorf("%q: %q %v, want %q", keys, got, err, want)
		}
	}
}

func TestTabCompletes(t *testing.T) {
	complete := func(text string, pos int) (int, []string) {
		from := strings.LastIndexByte(text[:pos], ' ') + 1
		var out []string
		for _, w := range []string{"고객", "고객주소", "select"} {
			if strings.HasPrefix(w, strings.ToLower(text[from:pos])) {
				out = append(out, w)
			}
		}
		return from, out
	}
	for keys, want := range map[string]string{"SEL\t\r": "select", "from 고\t\r": "from 고객", "from 고\t\t주\t\r": "from 고객주소", "x\t\r": "x"} {
		if got, err := typed(t, Options{Complete: complete}, keys); err != nil || got != want {
			t.Errorf("%q: %q %v, want %q", keys, got, err, want)
		}
	}
}

func TestWideCharactersWrapWhole(t *testing.T) {
	s := screen{prompt: "> ", more: "- "}
	l := s.lay([]rune("가나다라마\n끝"), 4, 9)
	if got := strings.Join(l.rows, "|"); got != "> 가나다|라마|- 끝" || l.row != 1 || l.col != 2 {
		t.Errorf("%q, cursor %d,%d", got, l.row, l.col)
	}
	l = s.lay([]rune("가나다a"), 4, 9)
	if len(l.rows) != 2 || l.row != 1 || l.col != 0 {
		t.Errorf("%q, cursor %d,%d", l.rows, l.row, l.col)
	}
}

func FuzzKeys(f *testing.F) {
	f.Add("select '가'\x1b[A\x1b[200~x\x1b[201~\t\t\x12q\r")
	f.Add("\x1b[\x1bO\x1b\x17\x0b\x19\xff\r")
	f.Fuzz(func(t *testing.T, keys string) {
		typed(t, Options{History: &History{texts: []string{"하나\n둘", "셋"}}, Done: func(s string) bool { return len(s) > 20 },
			Complete: func(text string, pos int) (int, []string) { return pos, []string{"가", "각"} }}, keys)
	})
}
