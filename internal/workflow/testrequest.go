package workflow

import "encoding/json"

// TestRequest is the request of AWS's TestState, as its API has it. Input,
// Context, Variables and results are JSON as text.
type TestRequest struct {
	Definition      string  `json:"definition,omitempty"`
	StateName       string  `json:"stateName,omitempty"`
	RoleARN         string  `json:"roleArn,omitempty"`
	Input           *string `json:"input,omitempty"`
	InspectionLevel string  `json:"inspectionLevel,omitempty"`
	Context         *string `json:"context,omitempty"`
	Variables       *string `json:"variables,omitempty"`
	RevealSecrets   bool    `json:"revealSecrets,omitempty"`
	Mock            *struct {
		Result      *string `json:"result,omitempty"`
		ErrorOutput *struct {
			Error string `json:"error"`
			Cause string `json:"cause"`
		} `json:"errorOutput,omitempty"`
		Mode string `json:"fieldValidationMode,omitempty"`
	} `json:"mock,omitempty"`
	Configuration *struct {
		RetryCount   int     `json:"retrierRetryCount,omitempty"`
		CausedBy     string  `json:"errorCausedByState,omitempty"`
		FailureCount *int64  `json:"mapIterationFailureCount,omitempty"`
		ReaderData   *string `json:"mapItemReaderData,omitempty"`
	} `json:"stateConfiguration,omitempty"`
}

// TestInput is what the request asks Engine.TestState for.
func (q TestRequest) TestInput() TestInput {
	in := TestInput{Definition: q.Definition, State: q.StateName, Level: q.InspectionLevel, RevealSecrets: q.RevealSecrets, RoleARN: q.RoleARN}
	for text, to := range map[*string]*json.RawMessage{q.Input: &in.Input, q.Context: &in.Context, q.Variables: &in.Variables} {
		if text != nil {
			*to = json.RawMessage(*text)
		}
	}
	if c := q.Configuration; c != nil {
		in.Configuration = TestConfiguration{RetryCount: c.RetryCount, ErrorCausedBy: c.CausedBy, FailedIterations: c.FailureCount, ReaderData: c.ReaderData}
	}
	if m := q.Mock; m != nil {
		in.Mock = &TestMock{Result: m.Result, Validation: m.Mode}
		if x := m.ErrorOutput; x != nil {
			in.Mock.Error = &TaskError{Name: x.Error, Cause: x.Cause}
		}
	}
	return in
}
