package rehearsal

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/asl"
	"github.com/mulgil/mulgil/internal/workflow"
)

// script hands out the answers of one case in order.
type script struct {
	mocks Mocks
	asked map[string]int // attempts by state
	// wrong are requests that did not contain what was expected.
	wrong []Difference
}

// answer is the next answer for the task's state.
func (s *script) answer(t workflow.Task) (workflow.Answer, error) {
	n := s.asked[t.State]
	s.asked[t.State]++
	list, ok := s.mocks[t.State]
	if !ok {
		return workflow.Answer{}, base.Errorf(base.Invalid, "the Task %q has no answer; it was asked %s", t.State, t.Input).
			WithHint("add %q to mocks", t.State)
	}
	m := pick(list, n)
	if m == nil {
		return workflow.Answer{}, base.Errorf(base.Invalid, "the Task %q was asked %d times, more than it has answers; the last time it was asked %s", t.State, n+1, t.Input).
			WithHint("add an answer, or repeat: to the last one")
	}
	if m.Expect != nil {
		d, err := compare(fmt.Sprintf("request %d of %q", n+1, t.State), m.Expect, t.Input, true)
		if err != nil {
			return workflow.Answer{}, err
		}
		s.wrong = append(s.wrong, d...)
	}
	return m.answer(t), nil
}

// pick is the answer to the request n, counted from 0; nil if there is none.
func pick(list []Mock, n int) *Mock {
	for i := range list {
		times := Times(1)
		if list[i].Repeat != nil {
			times = *list[i].Repeat
		}
		if times == Always || n < int(times) {
			return &list[i]
		}
		n -= int(times)
	}
	return nil
}

// answer says what the attempt comes to. A task that waits for more than an
// answer was submitted before it ends, unless a .sync task throws: then its
// start was refused, or Submitted is given.
func (m *Mock) answer(t workflow.Task) workflow.Answer {
	a := workflow.Answer{Never: m.Timeout, After: time.Duration(m.Delay), Output: m.Return, Submitted: m.Submitted}
	if m.Throw != nil {
		a.Error = &workflow.TaskError{Name: m.Throw.Error, Cause: m.Throw.Cause}
	}
	kind, _ := asl.IntegrationOf(t.Resource)
	if kind == asl.RequestResponse {
		a.Submitted = nil
	} else if a.Submitted == nil && (m.Throw == nil || kind == asl.WaitForToken) {
		a.Submitted = json.RawMessage("{}")
	}
	return a
}
