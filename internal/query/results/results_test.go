package results_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/query/results"
)

var start = time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)

func open(t *testing.T, o results.Options) *results.Store {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	if o.Clock == nil {
		o.Clock = base.NewFakeClock(start)
	}
	return results.Open(o)
}

var head = results.Head{Columns: []results.Column{{Name: "이름", Type: "varchar"}}}

// put keeps n batches of about 1 KB.
func put(t *testing.T, s *results.Store, key string, n int) bool {
	t.Helper()
	w := s.Write(key, head)
	for i := range n {
		w.Rows([]byte(batch(i)), 1)
	}
	return w.Commit(n > 1, nil)
}

func batch(i int) string { return fmt.Sprintf(`[["%s %d"]]`, strings.Repeat("가", 340), i) }

func get(s *results.Store, key string) (text string, truncated, found bool, err error) {
	found, err = s.Read(key, func(h results.Head) error {
		text, truncated = h.Columns[0].Name+":", h.Truncated
		return nil
	}, func(b []byte, n int) error {
		text += string(b)
		return nil
	})
	return text, truncated, found, err
}

func TestResultsAreReadAsTheyWereWritten(t *testing.T) {
	s := open(t, results.Options{})
	for _, n := range []int{0, 1, 500} {
		key := fmt.Sprint("k", n)
		if !put(t, s, key, n) {
			t.Fatalf("%d batches were not kept", n)
		}
		want := "이름:"
		for i := range n {
			want += batch(i)
		}
		if got, truncated, found, err := get(s, key); got != want || truncated != (n > 1) || !found || err != nil {
			t.Errorf("%d batches: %d bytes, %v %v %v", n, len(got), truncated, found, err)
		}
	}
	if _, _, found, err := get(s, "nothing"); found || err != nil {
		t.Errorf("missing: %v %v", found, err)
	}
}

func TestDamagedFileIsAMiss(t *testing.T) {
	for _, n := range []int{1, 500} {
		dir := t.TempDir()
		s := open(t, results.Options{Dir: dir})
		put(t, s, "k", n)
		path := filepath.Join(dir, "k.result")
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for at := 0; at < len(whole); at += max(len(whole)/20, 1) {
			flipped := append([]byte{}, whole...)
			flipped[at] ^= 0x20
			for what, content := range map[string][]byte{"flipped": flipped, "cut": whole[:at]} {
				if err := os.WriteFile(path, content, 0o600); err != nil {
					t.Fatal(err)
				}
				if got, _, found, err := get(s, "k"); found || err != nil || got != "" {
					t.Errorf("%s at %d of %d: found %v %v", what, at, len(whole), found, err)
				}
				if s.Has("k") {
					t.Errorf("%s at %d: still there", what, at)
				}
			}
		}
	}
}

func TestReaderErrorsEndTheReading(t *testing.T) {
	s := open(t, results.Options{})
	put(t, s, "k", 3)
	gone := errors.New("client gone")
	n := 0
	found, err := s.Read("k", func(results.Head) error { return nil }, func([]byte, int) error { n++; return gone })
	if !found || !errors.Is(err, gone) || n != 1 {
		t.Errorf("%v %v after %d batches", found, err, n)
	}
}

func TestTooLargeAndAbortedResultsLeaveNothing(t *testing.T) {
	dir := t.TempDir()
	s := open(t, results.Options{Dir: dir, MaxResult: 100_000})
	if put(t, s, "big", 500) || s.Has("big") {
		t.Error("a result beyond the limit was kept")
	}
	w := s.Write("gone", head)
	for i := range 500 {
		w.Rows([]byte(batch(i))[:20], 1)
	}
	w.Abort()
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

func TestOldAndLeastUsedResultsGo(t *testing.T) {
	clock := base.NewFakeClock(start)
	s := open(t, results.Options{Clock: clock, MaxAge: time.Hour, MaxBytes: 5000})
	put(t, s, "a", 1)
	clock.Advance(time.Minute)
	put(t, s, "b", 1)
	clock.Advance(time.Minute)
	if _, _, found, _ := get(s, "a"); !found { // now b is the least used
		t.Fatal("a is gone")
	}
	for i := range 3 {
		clock.Advance(time.Minute)
		put(t, s, fmt.Sprint("c", i), 1)
	}
	if s.Has("b") || !s.Has("a") || !s.Has("c2") {
		t.Errorf("a %v b %v c2 %v, want b gone", s.Has("a"), s.Has("b"), s.Has("c2"))
	}
	clock.Advance(time.Hour)
	if s.Has("a") {
		t.Error("an old result is still found")
	}
	if err := s.Sweep(); err != nil || s.Has("c2") {
		t.Errorf("%v", err)
	}
}
