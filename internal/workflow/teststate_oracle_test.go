package workflow

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/asl"
)

func (c *oracleCase) testInput() (TestInput, error) {
	var q TestRequest
	if err := json.Unmarshal(c.Request, &q); err != nil {
		return TestInput{}, err
	}
	q.Definition, q.Input, q.RoleARN = c.text(), c.InputText, ""
	if q.Mock != nil {
		q.RoleARN = "arn:aws:iam::111111111111:role/r" // the record leaves out which
	}
	return q.TestInput(), nil
}

func (c *oracleCase) judgeTestState(query asl.Evaluator) verdict {
	in, err := c.testInput()
	if err != nil {
		return verdict{why: err.Error()}
	}
	call := func(t Task) (json.RawMessage, error) {
		out, raised, err := c.callFunction(t.Resource, t.Input)
		if raised != nil {
			err = raised
		}
		return out, err
	}
	got, err := testState(c.setup(query), in, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), call)
	e := c.Expected
	if err != nil {
		why := fmt.Sprintf(" got %s: %s\nwant %s: %s %s", base.CodeOf(err), err, e.Code, e.Message, e.Status)
		var x *base.Error
		switch {
		case e.Code == "" || base.CodeOf(err) != e.Code || !errors.As(err, &x):
			return verdict{why: why}
		case !alike(e.Message, x.Msg):
			return verdict{level: 1, why: why}
		}
		return verdict{level: 2}
	}
	text, _ := json.Marshal(got)
	have, _ := asl.Decode(text)
	why := fmt.Sprintf(" got %s\nwant %s %s %s %s %s %v %s", text, e.Code, e.Status, e.Output, e.NextState, str(e.Error), e.Cause, e.Inspection)
	if got.Status != e.Status || !sameText(e.Output, got.Output) || (e.Error == nil) != (got.Error == nil) || e.Error != nil && *e.Error != *got.Error {
		return verdict{why: why}
	}
	want := map[string]any{"status": e.Status}
	for k, v := range map[string]json.RawMessage{"output": e.Output, "nextState": e.NextState, "inspectionData": e.Inspection} {
		if v != nil {
			want[k], _ = asl.Decode(v)
		}
	}
	if e.Error != nil {
		want["error"] = *e.Error
	}
	if e.Cause != nil {
		want["cause"] = e.Cause
	}
	if !alike(parsed(want), parsed(have)) {
		return verdict{level: 1, why: why}
	}
	return verdict{level: 2}
}

// sameText compares an output, JSON text, with the record, which holds objects parsed.
func sameText(want json.RawMessage, have *string) bool {
	if want == nil || have == nil {
		return want == nil && have == nil
	}
	v, _ := asl.Decode(want)
	return alike(parsed(v), parsed(strings.TrimSpace(*have)))
}
