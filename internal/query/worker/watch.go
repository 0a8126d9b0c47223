package worker

import (
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

// watchEvery is how often a task's memory is looked at. Values that grow
// without bound take about a gigabyte a second.
const watchEvery = 50 * time.Millisecond

// mostMemory is what a task's process may take in all: the engine's limit does
// not count every value (a text of two billion characters is outside of it).
func mostMemory(t Task) int64 {
	m := t.Engine.Memory
	return m + m/2 + goMemory(m) + peakSlack
}

// watch ends a task that takes far more memory than it was given, with an
// error and with this process, before the machine suffers. The returned
// function ends the watch. Where memory cannot be measured nothing is watched.
func (c *child) watch() (end func()) {
	most := mostMemory(c.task)
	if c.task.Engine.Memory == 0 || statusKB("VmRSS:") == 0 {
		return func() {}
	}
	over, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(watchEvery)
		defer tick.Stop()
		for {
			select {
			case <-over:
				return
			case <-tick.C:
			}
			if statusKB("VmRSS:")<<10 <= most {
				continue
			}
			e := base.Errorf(base.Invalid, "the statement took more memory than the %d MB it may have: it makes a value, or many, of enormous size", c.task.Engine.Memory>>20).
				WithCode("EXCEEDED_LOCAL_MEMORY_LIMIT").WithHint("make smaller values: check the lengths given to repeat, rpad, printf and the like; limits.memory in mulgil.yaml is the bound")
			c.send(Message{Err: &Failure{Error: *e, Output: c.output, Usage: c.meter.usage()}})
			c.host.Orphaned()
			return
		}
	}()
	return func() { close(over); <-ended }
}

// planning ends a task whose engine takes longer than it may to find out how to
// run a statement, with an error and with this process: for some (hundreds of
// operators in one another, a hundred joins) it would take hours, and cannot be
// stopped. The returned function tells that it is found; it may be called again.
func (c *child) planning() (planned func()) {
	most := c.task.Planning
	if most == 0 {
		return func() {}
	}
	late := time.AfterFunc(most, func() {
		e := base.Errorf(base.Invalid, "the statement is too complicated: its plan was not found within %s", most).
			WithCode("EXCEEDED_TIME_LIMIT").WithHint("split it: fewer joins, UNIONs, columns or operators in one statement, IN (...) in place of many ORs")
		c.send(Message{Err: &Failure{Error: *e, Output: c.output, Usage: c.meter.usage()}})
		c.host.Orphaned()
	})
	return func() { late.Stop() }
}
