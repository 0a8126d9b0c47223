package base

import (
	"sync"
	"time"
)

// Clock tells the time and waits. Services take one, so that tests can turn it.
type Clock interface {
	Now() time.Time
	// After returns a channel that receives once d has passed.
	After(d time.Duration) <-chan time.Time
}

// SystemClock is the machine's clock.
type SystemClock struct{}

func (SystemClock) Now() time.Time                         { return time.Now() }
func (SystemClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

// FakeClock stands still until it is advanced. Safe for concurrent use.
type FakeClock struct {
	mu     sync.Mutex // guards what follows
	now    time.Time
	passed time.Duration // what timers go by, however the clock is set
	timers []fakeTimer
}

type fakeTimer struct {
	at time.Duration
	ch chan time.Time
}

// NewFakeClock returns a clock that shows t.
func NewFakeClock(t time.Time) *FakeClock { return &FakeClock{now: t} }

func (c *FakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *FakeClock) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	ch := make(chan time.Time, 1)
	if d <= 0 {
		ch <- c.now
		return ch
	}
	c.timers = append(c.timers, fakeTimer{c.passed + d, ch})
	return ch
}

// Advance moves the clock by d and fires what has come due.
func (c *FakeClock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now, c.passed = c.now.Add(d), c.passed+d
	var left []fakeTimer
	for _, t := range c.timers {
		if t.at > c.passed {
			left = append(left, t)
			continue
		}
		t.ch <- c.now
	}
	c.timers = left
}

// Set makes the clock show t, as someone who sets it does: waits go on as before.
func (c *FakeClock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

// Waiting returns how many waits have not come due.
func (c *FakeClock) Waiting() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.timers)
}
