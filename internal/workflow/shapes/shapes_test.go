package shapes

import (
	"testing"

	"github.com/mulgil/mulgil/internal/lang/asl"
)

func TestAnswersAreHeldToTheirShapes(t *testing.T) {
	for _, c := range []struct {
		service, action, value string
		mode                   Mode
		want                   string
	}{
		{"kms", "encrypt", `{"CiphertextBlob": ""}`, Strict, "Mock result schema validation error: Field 'CiphertextBlob' is smaller than the minimum length"},
		{"lambda", "getFunction", `{"Configuration": {"MemorySize": 10241}}`, Present, "Mock result schema validation error: Field 'MemorySize' exceeds the maximum value"},
		{"s3", "getObject", `{"StorageClass": "Papyrus"}`, Strict, "Mock result schema validation error: Field 'StorageClass' is not an expected value"},
		{"dynamodb", "getItem", `{"Item": {"a": {"L": [{"S": 5}]}}}`, Strict, "Mock result schema validation error: Field 'S' must be a string"},
		{"states", "startExecution", `{}`, Strict, "Mock result schema validation error: Required field 'ExecutionArn' is missing"},
		{"states", "startExecution", `{}`, Present, ""},
		{"states", "startExecution", `{"StartDate": true}`, None, ""},
		{"lambda", "invoke", `{"Payload": {"any": 1}, "StatusCode": 200}`, Strict, ""},
		{"nowhere", "doThing", `5`, Strict, ""},
	} {
		v, err := asl.Decode([]byte(c.value))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if err := Check(c.service, c.action, true, v, c.mode); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s:%s %s\n got %s\nwant %s", c.service, c.action, c.value, got, c.want)
		}
	}
}
