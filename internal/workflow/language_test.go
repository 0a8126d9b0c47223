package workflow

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
)

// TestStatesHandOnWhatTheLanguageSays runs small machines: a body of States,
// the input, and the output or "error: cause".
func TestStatesHandOnWhatTheLanguageSays(t *testing.T) {
	echo := func(_ context.Context, task Task) (json.RawMessage, error) {
		var in map[string]any
		if json.Unmarshal(task.Input, &in) == nil && in["fail"] != nil {
			return nil, &TaskError{Name: "Asked", Cause: "for it"}
		}
		return task.Input, nil
	}
	e := open(t, Options{Query: newQuery(t), Tasks: map[string]TaskFunc{job: echo}})
	for _, c := range []struct{ name, states, input, want string }{
		{"JSONPath variables reach intrinsics, paths and later states",
			`"A": {"Type": "Pass", "Assign": {"n.$": "$.n", "text": "한 {}"}, "Next": "B"},
			 "B": {"Type": "Pass", "Parameters": {"t.$": "States.Format($text, $n)", "n.$": "$n"}, "End": true}`,
			`{"n": 7}`, `{"n":7,"t":"한 7"}`},
		{"all of Assign see the old values",
			`"A": {"Type": "Pass", "Assign": {"x": 1, "y": 2}, "Next": "B"}, "B": {"Type": "Pass", "Assign": {"x.$": "$y", "y.$": "$x"}, "Next": "C"},
			 "C": {"Type": "Pass", "Parameters": {"x.$": "$x", "y.$": "$y"}, "End": true}`,
			`{}`, `{"x":2,"y":1}`},
		{"inner scopes read outer variables and keep theirs",
			`"A": {"Type": "Pass", "Assign": {"x": 1}, "Next": "M"},
			 "M": {"Type": "Map", "ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Pass", "Assign": {"y.$": "States.MathAdd($x, $)"}, "Next": "J"}, "J": {"Type": "Pass", "Parameters": {"y.$": "$y"}, "End": true}}}, "Next": "B"},
			 "B": {"Type": "Pass", "Parameters": {"y.$": "$y"}, "End": true}`,
			`[1, 2]`, `States.Runtime: An error occurred while executing the state 'B' (entered at the event id #20). The JSONPath '$y' specified for the field 'y.$' could not be found in the input '[{"y":2},{"y":3}]'`},
		{"JSONata computes arguments, variables and output",
			`"A": {"QueryLanguage": "JSONata", "Type": "Task", "Resource": "` + job + `", "Arguments": {"sum": "{% $sum($states.input.l) %}"}, "Assign": {"l": "{% $states.input.l[0] %}"},
				"Output": "{% $states.result.sum + $count($states.input.l) %}", "Next": "B"},
			 "B": {"Type": "Pass", "Parameters": {"from.$": "$", "l.$": "$l"}, "End": true}`,
			`{"l": [1, 2, 3.5]}`, `{"from":9.5,"l":1}`},
		{"a JSONata choice assigns on the way it takes",
			`"A": {"QueryLanguage": "JSONata", "Type": "Choice", "Choices": [{"Condition": "{% $states.input.n > 5 %}", "Assign": {"size": "big"}, "Output": 1, "Next": "B"}], "Assign": {"size": "small"}, "Output": 0, "Default": "B"},
			 "B": {"Type": "Pass", "Parameters": {"size.$": "$size", "out.$": "$"}, "End": true}`,
			`{"n": 6}`, `{"out":1,"size":"big"}`},
		{"a catcher hands on and assigns in JSONata",
			`"A": {"QueryLanguage": "JSONata", "Type": "Task", "Resource": "` + job + `", "Catch": [{"ErrorEquals": ["Asked"], "Assign": {"why": "{% $states.errorOutput.Cause %}"}, "Output": {"was": "{% $states.input %}"}, "Next": "B"}], "End": true},
			 "B": {"Type": "Pass", "Parameters": {"in.$": "$", "why.$": "$why"}, "End": true}`,
			`{"fail": true}`, `{"in":{"was":{"fail":true}},"why":"for it"}`},
		{"an expression that fails can be caught by its name",
			`"A": {"QueryLanguage": "JSONata", "Type": "Task", "Resource": "` + job + `", "Arguments": "{% $states.input.no %}", "Catch": [{"ErrorEquals": ["States.QueryEvaluationError"], "Output": "caught", "Next": "B"}], "End": true},
			 "B": {"Type": "Succeed"}`,
			`{}`, `"caught"`},
		{"an expression of the wrong type",
			`"A": {"QueryLanguage": "JSONata", "Type": "Wait", "Seconds": "{% 'soon' %}", "End": true}`,
			`{}`, `States.QueryEvaluationError: An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression ''soon'' specified for the field 'Seconds' returned an unexpected result type. Expected 'number', but was 'string' for value: "soon"`},
		{"an expression that throws",
			`"A": {"QueryLanguage": "JSONata", "Type": "Pass", "Output": {"a": ["{% 1 + 'x' %}"]}, "End": true}`,
			`{}`, `States.QueryEvaluationError: An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '1 + 'x'' specified for the field 'Output/a[0]' threw an error during evaluation. T2002: The right side of the "+" operator must evaluate to a number`},
		{"a fault names the field of a choice",
			`"A": {"QueryLanguage": "JSONata", "Type": "Choice", "Choices": [{"Condition": "{% false %}", "Next": "B"}, {"Condition": "{% 1 %}", "Next": "B"}]}, "B": {"Type": "Succeed"}`,
			`{}`, `States.QueryEvaluationError: An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '1' specified for the field 'Choices[1]/Condition' returned an unexpected result type. Expected 'boolean', but was 'number' for value: 1`},
		{"what is assigned on the way",
			`"A": {"QueryLanguage": "JSONata", "Type": "Choice", "Choices": [{"Condition": "{% true %}", "Assign": {"v": "{% $none %}"}, "Next": "B"}]}, "B": {"Type": "Succeed"}`,
			`{}`, `States.QueryEvaluationError: An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$none' specified for the field 'Choices[0]/Assign/v' returned nothing (undefined).`},
		{"and of a catcher",
			`"A": {"QueryLanguage": "JSONata", "Type": "Task", "Resource": "` + job + `", "Arguments": {"fail": 1}, "Catch": [{"ErrorEquals": ["States.ALL"], "Output": {"v": "{% $none %}"}, "Next": "B"}], "End": true}, "B": {"Type": "Succeed"}`,
			`{}`, `States.QueryEvaluationError: An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$none' specified for the field 'Catch[0]/Output/v' returned nothing (undefined).`},
		{"a limit has no code and stands behind a colon",
			`"A": {"QueryLanguage": "JSONata", "Type": "Pass", "Output": "{% [1..9000000] %}", "End": true}`,
			`{}`, `States.QueryEvaluationError: An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '[1..9000000]' specified for the field 'Output' threw an error during evaluation: Expression evaluation memory limit exceeded: Check for excessive memory usage`},
		{"JSONata items and selector",
			`"A": {"QueryLanguage": "JSONata", "Type": "Map", "Items": "{% $states.input.l[$ > 1] %}", "ItemSelector": {"i": "{% $states.context.Map.Item.Index %}", "v": "{% $states.context.Map.Item.Value %}"},
				"ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": true}}}, "Output": "{% $states.result.v %}", "End": true}`,
			`{"l": [1, 2, 3]}`, `[2,3]`},
		{"a Map is retried as a whole, then caught",
			`"A": {"Type": "Map", "Retry": [{"ErrorEquals": ["Asked"], "MaxAttempts": 2}], "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$[0].error", "Next": "B"}],
				"ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Task", "Resource": "` + job + `", "End": true}}}, "End": true}, "B": {"Type": "Succeed"}`,
			`[{"fail": 1}]`, `[{"error":{"Cause":"for it","Error":"Asked"},"fail":1}]`},
		{"credentials are computed and do not disturb",
			`"A": {"Type": "Task", "Resource": "` + job + `", "Credentials": {"RoleArn.$": "$.role"}, "End": true}`, `{"role": "r"}`, `{"role":"r"}`},
	} {
		x := finish(t, e, `{"StartAt": "A", "States": {`+c.states+`}}`, c.input)
		got := string(x.Output)
		if x.Status != Succeeded {
			got = str(x.Error) + ": " + str(x.Cause)
		}
		if got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.name, got, c.want)
		}
		if failed := strings.HasPrefix(c.want, "States.Query"); failed != slices.Contains(types(t, e, x.ID), "EvaluationFailed") && !strings.Contains(c.want, "caught") {
			t.Errorf("%s: history %v", c.name, types(t, e, x.ID))
		}
	}
}

func TestStateIsTestedByItself(t *testing.T) {
	e := open(t, Options{Query: newQuery(t), Tasks: map[string]TaskFunc{job: squares}})
	result := `[1, 2]`
	two := int64(2)
	for _, c := range []struct {
		name string
		in   TestInput
		want string
	}{
		{"a task is run", TestInput{Definition: `{"Type": "Task", "Resource": "` + job + `", "ResultPath": "$.r", "InputPath": "$.n", "Next": "B"}`, Input: json.RawMessage(`{"n": 3}`), Level: "DEBUG"},
			`{"status":"SUCCEEDED","output":"{\"n\": 3, \"r\": 9}","nextState":"B","inspectionData":{"afterInputPath":"3","afterParameters":"3","afterResultPath":"{\"n\": 3, \"r\": 9}","afterResultSelector":"9","input":"{\"n\": 3}","result":"9"}}`},
		{"a failing task is retried first", TestInput{Definition: `{"Type": "Task", "Resource": "` + job + `", "Retry": [{"ErrorEquals": ["Negative"], "IntervalSeconds": 3}], "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "C"}], "End": true}`, Input: json.RawMessage(`-1`), Level: "TRACE"},
			`{"status":"RETRIABLE","error":"Negative","cause":"-1","inspectionData":{"afterInputPath":"-1","afterParameters":"-1","errorDetails":{"retryBackoffIntervalSeconds":3,"retryIndex":0},"input":"-1"}}`},
		{"and caught when that is used up", TestInput{Definition: `{"Type": "Task", "Resource": "` + job + `", "Retry": [{"ErrorEquals": ["Negative"], "MaxAttempts": 1}], "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "C"}], "End": true}`, Input: json.RawMessage(`-1`),
			Configuration: TestConfiguration{RetryCount: 1}}, `{"status":"CAUGHT_ERROR","output":"{\"Cause\": \"-1\", \"Error\": \"Negative\"}","error":"Negative","cause":"-1","nextState":"C"}`},
		{"a state of a machine, with variables", TestInput{Definition: `{"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": {"Type": "Succeed", "Output": "{% $v + 1 %}"}}}`, State: "A", Variables: json.RawMessage(`{"v": 4}`)},
			`{"status":"SUCCEEDED","output":"5"}`},
		{"too many items failed", TestInput{Definition: `{"Type": "Map", "ToleratedFailureCount": 1, "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "I", "States": {"I": {"Type": "Pass", "End": true}}}, "End": true}`,
			Input: json.RawMessage(`[1, 2]`), Mock: &TestMock{Result: &result}, Configuration: TestConfiguration{FailedIterations: &two}},
			`{"status":"FAILED","error":"States.ExceedToleratedFailureThreshold","cause":"The specified tolerated failure threshold was exceeded"}`},
		{"no such state", TestInput{Definition: `{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}`, State: "B"}, `ValidationException: State not found in definition`},
		{"a bad definition", TestInput{Definition: `{"Type": "Pass"}`}, `InvalidDefinition: Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: State must have either 'Next' or 'End' at /States/StateName'`},
		{"a context with a token nobody waits for", TestInput{Definition: `{"Type": "Pass", "End": true}`, Context: json.RawMessage(`{"Task": {"Token": "t"}}`)},
			`ValidationException: Invalid Context object provided: Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern`},
	} {
		got := ""
		out, err := e.TestState(t.Context(), c.in)
		if err != nil {
			got = base.CodeOf(err) + ": " + err.Error()
		} else {
			text, _ := json.Marshal(out)
			got = string(text)
		}
		if got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}
