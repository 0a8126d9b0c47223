package workflow

import (
	"strings"

	"github.com/mulgil/mulgil/internal/lang/asl"
	"github.com/mulgil/mulgil/internal/workflow/shapes"
)

func (t *stateTest) checkContext() error {
	if len(t.in.Context) == 0 {
		return nil
	}
	v, err := asl.Decode(t.in.Context)
	m, ok := v.(map[string]any)
	if err != nil || !ok {
		return refuse(validation, "Invalid Context object provided: a JSON object is expected")
	}
	kind, _ := asl.IntegrationOf(t.f.state.Resource)
	if _, has := m["Task"]; has && (t.f.state.Type != "Task" || kind == asl.RequestResponse) {
		return refuse(validation, "Invalid Context object provided: Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern")
	}
	return nil
}

func (t *stateTest) checkMock() error {
	s, mock := t.f.state, t.in.Mock
	if mock == nil {
		if t.in.Configuration.FailedIterations != nil {
			return refuse(validation, "TestState does not support MapIterationFailureCount when a mock is not specified.")
		}
		if s.Type == "Map" || s.Type == "Parallel" {
			return refuse("InvalidDefinition", "TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]")
		}
		return nil
	}
	switch {
	case s.Type != "Task" && s.Type != "Map" && s.Type != "Parallel":
		return refuse(validation, "State type '%s' is not supported when a mock is specified", s.Type)
	case t.in.RevealSecrets:
		return refuse(validation, "TestState does not support RevealSecrets when a mock is specified.")
	case mock.Result != nil && mock.Error != nil:
		return refuse(validation, "A test mock should have only one of the following fields: [result, errorOutput].")
	case mock.Result == nil:
		return nil
	}
	v, err := asl.Decode([]byte(*mock.Result))
	if err != nil {
		return refuse(validation, "Mocked result must be valid JSON")
	}
	return t.checkResult(v)
}

func (t *stateTest) checkResult(v any) error {
	s := t.f.state
	list, isList := v.([]any)
	_, isObject := v.(map[string]any)
	switch {
	case s.Type == "Map" && s.Map.Writer != nil && s.Map.Writer.Resource != "":
		if !isObject {
			return refuse(validation, "Mocked result must be a JSON object.")
		}
	case s.Type != "Task" && !isList:
		return refuse(validation, "Mocked result must be an array.")
	case s.Type == "Parallel" && len(list) != len(s.Branches):
		return refuse(validation, "Mocked result must contain the same number of items as number of Parallel branches.")
	case s.Type == "Task":
		return t.checkShape(v)
	}
	return nil
}

func (t *stateTest) checkShape(v any) error {
	mode, ok := map[string]shapes.Mode{"": shapes.Strict, "STRICT": shapes.Strict, "PRESENT": shapes.Present, "NONE": shapes.None}[t.in.Mock.Validation]
	if !ok {
		return refuse(validation, "fieldValidationMode must be one of [STRICT, PRESENT, NONE]")
	}
	res := parseResource(t.f.state.Resource)
	kind, _ := asl.IntegrationOf(t.f.state.Resource)
	if res.prefix != "Task" || kind != asl.RequestResponse { // other results are a worker's own
		return nil
	}
	service, sdk := strings.CutPrefix(res.kind, "aws-sdk:")
	if err := shapes.Check(service, res.name, !sdk, v, mode); err != nil {
		return refuse(validation, "%w", err)
	}
	return nil
}
