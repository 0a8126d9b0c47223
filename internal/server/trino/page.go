package trino

import (
	"bytes"
	"context"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/query"
)

// page is one answer to a client that asks for the next.
type page struct {
	token   int
	state   state
	columns []byte
	batches [][]byte
	// final is set on the last page, which has out or err.
	final bool
	out   *query.Outcome
	err   error
	stats stats
}

// first is the answer to the statement itself: it never has rows.
func (s *statement) first() *page {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.state
	if st == ended {
		st = running // the next page tells
	}
	return &page{token: 0, state: st, stats: s.stats(st)}
}

// Waiting for pages.
const (
	// longest is how long a request waits for something to tell.
	longest = time.Second
	// gather is how long rows are collected once there are some.
	gather = 15 * time.Millisecond
	// wanted is when a page has enough, in bytes.
	wanted = 1 << 20
)

// errGone is answered for a page that was given and confirmed, or is not yet.
var errGone = base.Errorf(base.NotFound, "this page is not there any more")

// page gives page token: the one given last again, or the next one, which
// confirms the last. It waits until there is something to tell, wait at most.
func (s *statement) page(ctx context.Context, token int, wait time.Duration, want int) (*page, error) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.last != nil && token == s.token:
		return s.last, nil
	case token != s.token+1 || s.last != nil && s.last.final:
		return nil, errGone
	}
	if s.last != nil {
		s.last.batches = nil // confirmed: the client has it
	}
	if !s.await(ctx, wait, func() bool {
		return s.state == ended || s.size > 0
	}) {
		return nil, ctx.Err()
	}
	if s.state != ended && s.size > 0 && !s.await(ctx, gather, func() bool { return s.state == ended || s.size >= want || s.size >= s.limit/2 }) {
		return nil, ctx.Err()
	}
	s.last, s.token = s.take(token, want), token
	return s.last, nil
}

// await waits until done, or for so long; false if ctx ended first. s.mu is
// held before and after.
func (s *statement) await(ctx context.Context, long time.Duration, done func() bool) bool {
	timer := time.NewTimer(long)
	defer timer.Stop()
	for !done() {
		changed := s.changed
		s.mu.Unlock()
		late, gone := false, false
		select {
		case <-changed:
		case <-timer.C:
			late = true
		case <-ctx.Done():
			gone = true
		}
		s.mu.Lock()
		if gone {
			return false
		}
		if late {
			return true
		}
	}
	return true
}

// take makes a page of what is there; s.mu is held.
func (s *statement) take(token, want int) *page {
	p := &page{token: token, state: s.state, columns: s.columns}
	if s.err == nil {
		n := 0
		for len(s.unread) > 0 && (n == 0 || n+len(s.unread[0]) <= want) {
			b := s.unread[0]
			s.unread, n = s.unread[1:], n+len(b)
			p.batches = append(p.batches, b)
		}
		s.size -= n
	}
	if p.final = s.state == ended && len(s.unread) == 0; p.final {
		p.out, p.err = s.out, s.err
	} else if p.state == ended {
		p.state = running
	}
	p.stats = s.stats(p.state)
	s.tell()
	return p
}

// joined writes batches, each a JSON array of rows, as one array.
func joined(w *bytes.Buffer, batches [][]byte) {
	w.WriteByte('[')
	for i, b := range batches {
		b = bytes.TrimSpace(b)
		if i > 0 {
			w.WriteByte(',')
		}
		w.Write(b[1 : len(b)-1])
	}
	w.WriteByte(']')
}
