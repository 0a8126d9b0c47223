package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

func TestNumbersAreReadable(t *testing.T) {
	for got, want := range map[string]string{
		count(0): "0", count(999): "999", count(-1234567): "-1,234,567", count(28593030): "28,593,030",
		size(0): "0 B", size(999): "999 B", size(1000): "1.0 kB", size(999999): "1.0 MB", size(2100000000): "2.1 GB",
		span(400 * time.Millisecond): "0.4s", span(245 * time.Second): "4m05s", span(123 * time.Minute): "2h03m",
		plural(1, "row"): "1 row", plural(2000, "row"): "2,000 rows",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestSizesAndAges(t *testing.T) {
	cmd := &cobra.Command{Use: "x"}
	for text, want := range map[string]int64{"128MB": 128e6, "128MiB": 128 << 20, "1 kb": 1000, "1.5G": 15e8, "77": 77, "77B": 77} {
		if got, err := parseSize(cmd, "s", text); err != nil || got != want {
			t.Errorf("%s: got %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "-1MB", "0", "big", "MB", "1XB", "1e30GB"} {
		if got, err := parseSize(cmd, "s", text); err == nil {
			t.Errorf("%q: got %d", text, got)
		}
	}
	for text, want := range map[string]time.Duration{"7d": 168 * time.Hour, "36h": 36 * time.Hour, "0": 0, "0.5d": 12 * time.Hour} {
		if got, err := parseAge(cmd, "a", text); err != nil || got != want {
			t.Errorf("%s: got %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "7", "-1d", "-1h", "d", "1e9d"} {
		if got, err := parseAge(cmd, "a", text); err == nil {
			t.Errorf("%q: got %v", text, got)
		}
	}
}

func TestColoursOnlyOnATerminalThatWantsThem(t *testing.T) {
	for _, x := range []struct {
		terminal, flag bool
		name, value    string
		want           bool
	}{
		{true, false, "", "", true}, {false, false, "", "", false}, {true, true, "", "", false},
		{true, false, "NO_COLOR", "1", false}, {true, false, "TERM", "dumb", false},
	} {
		c := &cli{noColor: x.flag, env: &Env{IsTerminal: func(any) bool { return x.terminal }, Getenv: func(n string) string {
			if n == x.name {
				return x.value
			}
			return ""
		}}}
		if got := c.colour(nil); got != x.want {
			t.Errorf("%+v: got %v", x, got)
		}
	}
}

func TestCompletionKnowsTheProjectsNames(t *testing.T) {
	w := newWorld(t, nil)
	os.Mkdir(filepath.Join(w.Dir, "jobs"), 0o755)
	job := "/*---\nname: 은행\ndialect: duckdb\ntarget: silver.t\n---*/\nselect 1 as a\n"
	if err := os.WriteFile(filepath.Join(w.Dir, "jobs", "은행.sql"), []byte(job), 0o644); err != nil {
		t.Fatal(err)
	}
	if w.run(t, "__complete", "job", "run", "은"); !strings.HasPrefix(w.out.String(), "은행\n") {
		code := w.run(t, "__complete", "job", "run", "")
		t.Errorf("exit %d: %s%s", code, w.out.String(), w.err.String())
	}
	if w.run(t, "completion", "bash"); !strings.Contains(w.out.String(), "__start_mulgil") {
		t.Errorf("got %s", w.out.String())
	}
}
