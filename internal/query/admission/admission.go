// Package admission decides how many statements work at once. Those that find
// no room wait in a fair queue: every party (a user with one program) has a
// line of its own, lines take turns, and within a line the first is first.
package admission

import (
	"context"
	"slices"
	"sync"

	"github.com/mulgil/mulgil/internal/base"
)

// Queue hands out room. Safe for concurrent use.
type Queue struct {
	room    int
	longest int
	mu      sync.Mutex // guards the fields below
	busy    int
	waiting int
	lines   map[string][]*ticket
	// turns are the parties that have a line, the next one first.
	turns []string
}

// ticket is a place in a line; ready is closed when its turn came.
type ticket struct{ ready chan struct{} }

// New returns a queue with room for so many statements at once and for longest
// more that wait.
func New(room, longest int) *Queue {
	return &Queue{room: max(room, 1), longest: max(longest, 0), lines: map[string][]*ticket{}}
}

// Enter waits for room and returns what gives it back, to be called once.
// waits is called, before the waiting, if there is no room at once; it may be
// nil. A queue that is full is an error with code QUERY_QUEUE_FULL; if ctx ends
// first, its cause is returned.
func (q *Queue) Enter(ctx context.Context, party string, waits func()) (leave func(), err error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	t, err := q.line(party)
	if err != nil {
		return nil, err
	}
	if t == nil {
		return q.leave, nil
	}
	if waits != nil {
		waits()
	}
	select {
	case <-t.ready:
		return q.leave, nil
	case <-ctx.Done():
	}
	if !q.withdraw(party, t) {
		q.leave() // the turn came at the same time
	}
	return nil, context.Cause(ctx)
}

// line takes room (nil) or a place in the party's line.
func (q *Queue) line(party string) (*ticket, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.busy < q.room && q.waiting == 0 {
		q.busy++
		return nil, nil
	}
	if q.waiting >= q.longest {
		return nil, base.Errorf(base.Unavailable, "too many queries are waiting: %d run and %d wait already", q.busy, q.waiting).
			WithCode("QUERY_QUEUE_FULL").WithHint("try again later, or raise limits.concurrent_queries or limits.queued_queries in mulgil.yaml")
	}
	t := &ticket{ready: make(chan struct{})}
	if len(q.lines[party]) == 0 {
		q.turns = append(q.turns, party)
	}
	q.lines[party] = append(q.lines[party], t)
	q.waiting++
	return t, nil
}

// leave passes the room on to the next party in turn.
func (q *Queue) leave() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.busy--
	if len(q.turns) == 0 {
		return
	}
	party := q.turns[0]
	q.turns = q.turns[1:]
	t := q.lines[party][0]
	if q.lines[party] = q.lines[party][1:]; len(q.lines[party]) > 0 {
		q.turns = append(q.turns, party)
	} else {
		delete(q.lines, party)
	}
	q.waiting--
	q.busy++
	close(t.ready)
}

// withdraw gives a place up; false if its turn has come already.
func (q *Queue) withdraw(party string, t *ticket) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.Index(q.lines[party], t)
	if i < 0 {
		return false
	}
	q.waiting--
	if q.lines[party] = slices.Delete(q.lines[party], i, i+1); len(q.lines[party]) == 0 {
		delete(q.lines, party)
		q.turns = slices.DeleteFunc(q.turns, func(p string) bool { return p == party })
	}
	return true
}
