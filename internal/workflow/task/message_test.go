package task

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/workflow"
)

// outbox takes messages; it knows the channel news.
type outbox []Message

func (o *outbox) Send(_ context.Context, m Message) error {
	if m.Channel != "" && m.Channel != "news" {
		return base.Errorf(base.NotFound, "no channel %q", m.Channel)
	}
	*o = append(*o, m)
	return nil
}

func TestHeadersHaveNoLineBreaks(t *testing.T) {
	for name, c := range map[string]struct{ resource, input, want string }{
		"topic":              {optimised + "sns:publish", `{"TopicArn": "x:news", "Message": "m", "Subject": "a\r\nBcc: b@x.kr"}`, "SNS.InvalidParameterException: Invalid parameter: Subject (Service: AmazonSNS; Status Code: 400; Error Code: InvalidParameter;"},
		"topic of the SDK":   {sdk + "sns:publish", `{"TopicArn": "x:news", "Message": "m", "Subject": "a\nb"}`, "Sns.InvalidParameterException: Invalid parameter: Subject (Service: Sns, Status Code: 400"},
		"mail's subject":     {sdk + "ses:sendEmail", `{"Destination": {"ToAddresses": ["a@x.kr"]}, "Message": {"Subject": {"Data": "a\nb"}}}`, "Ses.SesException: a header must not have line breaks"},
		"mail's address":     {sdk + "sesv2:sendEmail", `{"Destination": {"ToAddresses": ["a@x.kr\nBcc: b@x.kr"]}, "Content": {"Simple": {}}}`, "SesV2.BadRequestException: a header must not have line breaks"},
		"where to answer to": {sdk + "ses:sendEmail", `{"Destination": {"ToAddresses": ["a@x.kr"]}, "ReplyToAddresses": ["a\nb@x.kr"]}`, "Ses.SesException: a header must not have line breaks"},
	} {
		var sent outbox
		_, err := Messaging(&sent, base.SystemClock{})[c.resource](t.Context(), attempt(c.input))
		var e *workflow.TaskError
		if !errors.As(err, &e) || !strings.HasPrefix(e.Error(), c.want) || len(sent) > 0 {
			t.Errorf("%s: got %v, sent %v", name, err, sent)
		}
	}
}

func TestAttemptSendsUnderOneID(t *testing.T) {
	var sent outbox
	table := Messaging(&sent, base.SystemClock{})
	for range 2 {
		if _, err := table[optimised+"sqs:sendMessage"](t.Context(), attempt(`{"QueueUrl": "https://sqs/1/news", "MessageBody": {"a": 1}}`)); err != nil {
			t.Fatal(err)
		}
	}
	if len(sent) != 2 || sent[0].ID != sent[1].ID || sent[0].Text != `{"a": 1}` {
		t.Errorf("got %+v", sent)
	}
	_, err := table[optimised+"sqs:sendMessage"](t.Context(), attempt(`{"QueueUrl": "https://sqs/1/olds", "MessageBody": "m"}`))
	var e *workflow.TaskError
	if !errors.As(err, &e) || e.Name != "SQS.QueueDoesNotExistException" {
		t.Errorf("got %v", err)
	}
}
