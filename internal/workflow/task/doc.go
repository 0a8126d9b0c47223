// Package task does what Task states ask of services: functions (Lambda), HTTP
// endpoints, messages (SNS, SQS, SES), queries (Athena), items (DynamoDB) and
// other executions (Step Functions). Each file turns the request of one AWS service
// into calls of a small interface, which the application implements, and its
// result into the JSON that AWS answers: names, shapes and error names are those
// that real executions recorded.
//
// An optimised integration (arn:aws:states:::lambda:invoke) names errors
// "Lambda.X" and describes them as AWS's Java SDK 1 does, an SDK integration
// (arn:aws:states:::aws-sdk:lambda:invoke) as SDK 2.
package task

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/mulgil/mulgil/internal/workflow"
)

// Table maps resources to what serves them.
type Table = map[string]workflow.TaskFunc

// Merge is all of tables as one.
func Merge(tables ...Table) Table {
	out := Table{}
	for _, t := range tables {
		maps.Copy(out, t)
	}
	return out
}

const (
	optimised = "arn:aws:states:::"
	sdk       = "arn:aws:states:::aws-sdk:"
	token     = ".waitForTaskToken"
)

// OutcomeUnknown is the cause of the error of an attempt that was under way
// when the program died and that nothing allows to repeat.
const OutcomeUnknown = "OutcomeUnknown"

// unknown is the error of a resumed attempt that may have had its effect.
func unknown() error {
	return &workflow.TaskError{Name: "States.TaskFailed", Cause: OutcomeUnknown}
}

// params decodes a task's parameters; an unknown or misspelt one is not looked at.
func params(t workflow.Task, service string, into any) error {
	d := json.NewDecoder(bytes.NewReader(t.Input))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		return &workflow.TaskError{Name: "States.Runtime", Cause: fmt.Sprintf("The parameters of %s are not as the service wants them: %v", service, err)}
	}
	return nil
}

// missing is the error of a parameter that must be there.
func missing(name string) error {
	return &workflow.TaskError{Name: "States.Runtime", Cause: fmt.Sprintf("The field '%s' is required but was missing", name)}
}

// service is a service as its two integrations name it: the optimised one with
// the name of the class of AWS's Java SDK 1, and that of the SDK.
type service struct{ name, class, sdk string }

var (
	sns           = service{"SNS", "AmazonSNS", "Sns"}
	sqs           = service{"SQS", "AmazonSQS", "Sqs"}
	functions     = service{"Lambda", "AWSLambda", "Lambda"}
	queries       = service{"Athena", "AmazonAthena", "Athena"}
	stepFunctions = service{"StepFunctions", "AWSStepFunctions", "Sfn"}
)

// fail names an error of the service as its integration does: the optimised
// one if plain, else that of the SDK. SNS alone has codes without "Exception"
// in its causes.
func (s service) fail(plain bool, code string, status int, message string, t workflow.Task) error {
	if !plain {
		return sdkError(s.sdk, code, status, message, t)
	}
	said := code
	if s == sns {
		said = strings.TrimSuffix(code, "Exception")
	}
	return &workflow.TaskError{Name: s.name + "." + code, Cause: fmt.Sprintf("%s (Service: %s; Status Code: %d; Error Code: %s; Request ID: %s; Proxy: null)", message, s.class, status, said, requestID(t))}
}

// sdkError names an error of an SDK integration.
func sdkError(service, code string, status int, message string, t workflow.Task) error {
	return &workflow.TaskError{Name: service + "." + code, Cause: fmt.Sprintf("%s (Service: %s, Status Code: %d, Request ID: %s) (SDK Attempt Count: 1)", message, service, status, requestID(t))}
}

// reply is a result as the integration answers it: the optimised one, if
// plain, with the HTTP response around it.
func reply(t workflow.Task, now time.Time, plain bool, contentType string, result map[string]any) (json.RawMessage, error) {
	raw, err := answer(result)
	if err != nil || !plain {
		return raw, err
	}
	return answer(with(t, now, contentType, raw, result))
}

// with adds what every optimised integration answers beside the result: the
// HTTP response that carried body.
func with(t workflow.Task, now time.Time, contentType string, body []byte, result map[string]any) map[string]any {
	h := map[string]string{
		"Content-Length": strconv.Itoa(len(body)), "Content-Type": contentType, "Date": now.UTC().Format(http.TimeFormat),
		"connection": "keep-alive", "x-amzn-RequestId": requestID(t),
	}
	return withHeaders(h, requestID(t), result)
}

func withHeaders(h map[string]string, request string, result map[string]any) map[string]any {
	all := make(map[string]any, len(h))
	for k, v := range h {
		all[k] = []string{v}
	}
	result["SdkHttpMetadata"] = map[string]any{"AllHttpHeaders": all, "HttpHeaders": h, "HttpStatusCode": http.StatusOK}
	result["SdkResponseMetadata"] = map[string]any{"RequestId": request}
	return result
}

// answer is a result as JSON.
func answer(v any) (json.RawMessage, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(b.Bytes()), nil
}

// last is the part of an ARN or URL after its last separator.
func last(s, separator string) string { return s[strings.LastIndex(s, separator)+1:] }

// requestID is the same for the same attempt.
func requestID(t workflow.Task) string { return uuid.NewSHA1(uuid.NameSpaceURL, []byte(t.ID)).String() }

// both serves a resource with and without waiting for the task's token: the
// engine waits, the request is the same.
func both(out Table, resource string, f workflow.TaskFunc) {
	out[resource], out[resource+token] = f, f
}
