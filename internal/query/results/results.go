// Package results keeps the rows of answered statements as files: for a client
// that lost its connection, and for the next statement that asks the same of
// the same data. A result is found by its key; the key of a statement whose
// answer follows from its text and data is a hash of both, so that a kept
// result is never stale. A file is written beside its place and renamed; one
// that is damaged is as good as missing.
package results

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

// Options say where results lie and how much of them is kept.
type Options struct {
	Dir string
	// MaxAge and MaxBytes bound what is kept: the least recently used goes
	// first. Zero means 7 days and 5 GB.
	MaxAge   time.Duration
	MaxBytes int64
	// MaxResult bounds one result, counted as JSON; larger ones are not kept.
	// Zero means 256 MB.
	MaxResult int64
	Clock     base.Clock
}

// Store keeps results. Safe for concurrent use.
type Store struct {
	o     Options
	mu    sync.Mutex // guards total and swept
	total int64
	swept time.Time // when total was counted
}

// Column is a result column.
type Column struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// Head is what a kept result is, beside its rows.
type Head struct {
	Columns []Column `json:"columns"`
	// Truncated is set if there were more rows than were asked for.
	Truncated bool `json:"truncated,omitempty"`
	// Warnings came with the rows.
	Warnings []string `json:"warnings,omitempty"`
}

// Open returns a Store. The folder is made with the first result.
func Open(o Options) *Store {
	if o.MaxAge == 0 {
		o.MaxAge = 7 * 24 * time.Hour
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 5e9
	}
	if o.MaxResult == 0 {
		o.MaxResult = 256e6
	}
	return &Store{o: o}
}

const suffix = ".result"

func (s *Store) path(key string) string { return filepath.Join(s.o.Dir, key+suffix) }

// Has tells whether a result seems to be there.
func (s *Store) Has(key string) bool {
	st, err := os.Stat(s.path(key))
	return key != "" && err == nil && s.o.Clock.Now().Sub(st.ModTime()) < s.o.MaxAge
}

// Read hands a kept result over: columns once, then batches of n rows as they
// were written, which are valid during the call only. found is false if the
// result is not there or damaged; nothing was handed over then. An error of
// the callbacks ends the reading and is returned.
func (s *Store) Read(key string, head func(Head) error, rows func(batch []byte, n int) error) (found bool, err error) {
	if !s.Has(key) {
		return false, nil
	}
	f, err := os.Open(s.path(key))
	if err != nil {
		return false, nil
	}
	defer f.Close()
	if !sound(f) {
		s.remove(key)
		return false, nil
	}
	now := s.o.Clock.Now()
	_ = os.Chtimes(s.path(key), now, now) // used just now
	r, err := newReader(f)
	if err != nil {
		return false, nil
	}
	defer r.close()
	if err := head(r.head); err != nil {
		return true, err
	}
	for {
		batch, n, err := r.next()
		if err != nil || n == 0 {
			return true, err
		}
		if err := rows(batch, n); err != nil {
			return true, err
		}
	}
}

func (s *Store) remove(key string) {
	if st, err := os.Stat(s.path(key)); err == nil && os.Remove(s.path(key)) == nil {
		s.mu.Lock()
		s.total -= st.Size()
		s.mu.Unlock()
	}
}

// Writer takes one result's rows. Call Commit or Abort once; neither has to
// succeed: a result that cannot be kept is not kept.
type Writer struct {
	s    *Store
	w    *writer
	key  string
	head Head
	size int64
	bad  bool
}

// Write begins a result.
func (s *Store) Write(key string, h Head) *Writer { return &Writer{s: s, key: key, head: h} }

// Rows adds a batch. The bytes are not kept.
func (w *Writer) Rows(batch []byte, n int) {
	if w.bad {
		return
	}
	if w.size += int64(len(batch)); w.size > w.s.o.MaxResult {
		w.Abort()
		return
	}
	if w.w == nil {
		w.w = &writer{dir: w.s.o.Dir}
	}
	if err := w.w.batch(batch, n); err != nil {
		w.Abort()
	}
}

// Commit makes the result findable; false if it is not kept.
func (w *Writer) Commit(truncated bool, warnings []string) bool {
	if w.bad {
		return false
	}
	w.head.Truncated, w.head.Warnings = truncated, warnings
	if w.w == nil {
		w.w = &writer{dir: w.s.o.Dir}
	}
	size, err := w.w.finish(w.head, w.s.path(w.key))
	if err != nil {
		w.Abort()
		return false
	}
	now := w.s.o.Clock.Now()
	_ = os.Chtimes(w.s.path(w.key), now, now)
	w.s.grown(size)
	return true
}

// Abort forgets the result.
func (w *Writer) Abort() {
	w.bad = true
	if w.w != nil {
		w.w.abort()
		w.w = nil
	}
}

// sweepEvery is how often what is too old is looked for.
const sweepEvery = time.Hour

// grown counts a new file and removes what is too much.
func (s *Store) grown(size int64) {
	s.mu.Lock()
	s.total += size
	sweep := s.o.Clock.Now().Sub(s.swept) > sweepEvery || s.total > s.o.MaxBytes
	s.mu.Unlock()
	if sweep {
		_ = s.Sweep()
	}
}

type kept struct {
	key  string
	size int64
	used time.Time
}

// Sweep removes what is too old, too much, or was never finished.
func (s *Store) Sweep() error {
	entries, err := os.ReadDir(s.o.Dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("sweep results: %w", err)
	}
	now := s.o.Clock.Now()
	var all []kept
	for _, e := range entries {
		st, err := e.Info()
		if err != nil {
			continue
		}
		key, finished := strings.CutSuffix(e.Name(), suffix)
		switch {
		case finished && now.Sub(st.ModTime()) < s.o.MaxAge:
			all = append(all, kept{key, st.Size(), st.ModTime()})
		case finished || now.Sub(st.ModTime()) > time.Hour:
			_ = os.Remove(filepath.Join(s.o.Dir, e.Name()))
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.swept, s.total = now, evict(all, s.o.MaxBytes, func(k kept) error { return os.Remove(s.path(k.key)) })
	return nil
}

// evict removes the least recently used until a tenth below the limit, and
// returns what is left.
func evict(all []kept, limit int64, remove func(kept) error) int64 {
	total := int64(0)
	for _, k := range all {
		total += k.size
	}
	if total <= limit {
		return total
	}
	slices.SortFunc(all, func(a, b kept) int { return a.used.Compare(b.used) })
	for _, k := range all {
		if total <= limit-limit/10 {
			break
		}
		if remove(k) == nil {
			total -= k.size
		}
	}
	return total
}
