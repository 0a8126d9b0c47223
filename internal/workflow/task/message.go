package task

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/workflow"
)

// Message is one message that a task sends.
type Message struct {
	// ID names it for ever: a message sent twice under one ID arrives once.
	ID string
	// Channel is where to: the name of the SNS topic or SQS queue. It is empty
	// for mail to the addresses below.
	Channel     string
	From        string
	To, Cc, Bcc []string
	ReplyTo     []string
	Subject     string
	Text, HTML  string
	// Attributes are those of SNS and SQS.
	Attributes json.RawMessage
}

// Messages takes messages for delivery: once it returns they are not lost. The
// error is base.NotFound for a channel that does not exist.
type Messages interface {
	Send(ctx context.Context, m Message) error
}

// Messaging serves SNS topics, SQS queues and SES mails.
func Messaging(to Messages, clock base.Clock) Table {
	m := messaging{to: to, clock: clock}
	out := Table{}
	both(out, optimised+"sns:publish", m.publish(true))
	both(out, sdk+"sns:publish", m.publish(false))
	both(out, optimised+"sqs:sendMessage", m.queue(true))
	both(out, sdk+"sqs:sendMessage", m.queue(false))
	both(out, sdk+"ses:sendEmail", m.ses)
	both(out, sdk+"sesv2:sendEmail", m.sesv2)
	return out
}

type messaging struct {
	to    Messages
	clock base.Clock
}

// body is a message's text: a text as it is, anything else as JSON.
func body(v json.RawMessage) string {
	var s string
	if json.Unmarshal(v, &s) == nil {
		return s
	}
	return string(v)
}

func messageID(t workflow.Task) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("message "+t.ID)).String()
}

func (m messaging) publish(plain bool) workflow.TaskFunc {
	return func(ctx context.Context, t workflow.Task) (json.RawMessage, error) {
		var in struct {
			TopicArn, TargetArn, Subject string
			Message                      json.RawMessage
			MessageAttributes            json.RawMessage
		}
		if err := params(t, "sns:publish", &in); err != nil {
			return nil, err
		}
		topic := in.TopicArn
		if topic == "" {
			topic = in.TargetArn
		}
		if topic == "" {
			return nil, missing("TopicArn")
		}
		if in.Message == nil {
			return nil, missing("Message")
		}
		if strings.ContainsAny(in.Subject, "\r\n") {
			return nil, sns.fail(plain, "InvalidParameterException", http.StatusBadRequest, "Invalid parameter: Subject", t)
		}
		err := m.to.Send(ctx, Message{ID: messageID(t), Channel: last(topic, ":"), Subject: in.Subject, Text: body(in.Message), Attributes: in.MessageAttributes})
		if base.KindOf(err) == base.NotFound {
			return nil, sns.fail(plain, "NotFoundException", http.StatusNotFound, "Topic does not exist", t)
		}
		if err != nil {
			return nil, err
		}
		return reply(t, m.clock.Now(), plain, "text/xml", map[string]any{"MessageId": messageID(t)})
	}
}

func (m messaging) queue(plain bool) workflow.TaskFunc {
	return func(ctx context.Context, t workflow.Task) (json.RawMessage, error) {
		var in struct {
			QueueUrl          string
			MessageBody       json.RawMessage
			MessageAttributes json.RawMessage
		}
		if err := params(t, "sqs:sendMessage", &in); err != nil {
			return nil, err
		}
		if in.QueueUrl == "" {
			return nil, missing("QueueUrl")
		}
		if in.MessageBody == nil {
			return nil, missing("MessageBody")
		}
		text := body(in.MessageBody)
		err := m.to.Send(ctx, Message{ID: messageID(t), Channel: last(last(in.QueueUrl, "/"), ":"), Text: text, Attributes: in.MessageAttributes})
		if base.KindOf(err) == base.NotFound {
			return nil, sqs.fail(plain, "QueueDoesNotExistException", http.StatusBadRequest, "The specified queue does not exist.", t)
		}
		if err != nil {
			return nil, err
		}
		sum := md5.Sum([]byte(text))
		return reply(t, m.clock.Now(), plain, "application/x-amz-json-1.0", map[string]any{"MD5OfMessageBody": hex.EncodeToString(sum[:]), "MessageId": messageID(t)})
	}
}

// content is a part of a mail: {"Data": "...", "Charset": "UTF-8"}.
type content struct{ Data string }

type destination struct {
	ToAddresses, CcAddresses, BccAddresses []string
}

func (d destination) fill(m *Message) {
	m.To, m.Cc, m.Bcc = d.ToAddresses, d.CcAddresses, d.BccAddresses
}

// ses is SendEmail of the first version of the service.
func (m messaging) ses(ctx context.Context, t workflow.Task) (json.RawMessage, error) {
	var in struct {
		Source           string
		Destination      destination
		ReplyToAddresses []string
		Message          struct {
			Subject content
			Body    struct{ Text, Html content }
		}
	}
	if err := params(t, "ses:sendEmail", &in); err != nil {
		return nil, err
	}
	mail := Message{ID: messageID(t), From: in.Source, ReplyTo: in.ReplyToAddresses, Subject: in.Message.Subject.Data, Text: in.Message.Body.Text.Data, HTML: in.Message.Body.Html.Data}
	in.Destination.fill(&mail)
	return m.mail(ctx, t, "Ses", mail)
}

// sesv2 is SendEmail of the second version.
func (m messaging) sesv2(ctx context.Context, t workflow.Task) (json.RawMessage, error) {
	var in struct {
		FromEmailAddress string
		Destination      destination
		ReplyToAddresses []string
		Content          struct {
			Simple *struct {
				Subject content
				Body    struct{ Text, Html content }
			}
		}
	}
	if err := params(t, "sesv2:sendEmail", &in); err != nil {
		return nil, err
	}
	if in.Content.Simple == nil {
		return nil, sdkError("SesV2", "BadRequestException", http.StatusBadRequest, "Content.Simple is needed; raw messages and templates are not supported", t)
	}
	c := in.Content.Simple
	mail := Message{ID: messageID(t), From: in.FromEmailAddress, ReplyTo: in.ReplyToAddresses, Subject: c.Subject.Data, Text: c.Body.Text.Data, HTML: c.Body.Html.Data}
	in.Destination.fill(&mail)
	return m.mail(ctx, t, "SesV2", mail)
}

func (m messaging) mail(ctx context.Context, t workflow.Task, service string, mail Message) (json.RawMessage, error) {
	refuse := func(message string) error {
		return sdkError(service, map[string]string{"Ses": "SesException", "SesV2": "BadRequestException"}[service], http.StatusBadRequest, message, t)
	}
	if len(mail.To)+len(mail.Cc)+len(mail.Bcc) == 0 {
		return nil, refuse("Missing destination")
	}
	for _, s := range slices.Concat([]string{mail.Subject, mail.From}, mail.To, mail.Cc, mail.Bcc, mail.ReplyTo) {
		if strings.ContainsAny(s, "\r\n") {
			return nil, refuse("a header must not have line breaks")
		}
	}
	err := m.to.Send(ctx, mail)
	if k := base.KindOf(err); err != nil && (k == base.Invalid || k == base.NotFound) {
		var e *base.Error
		errors.As(err, &e)
		return nil, refuse(e.Error())
	}
	if err != nil {
		return nil, err
	}
	return answer(map[string]any{"MessageId": mail.ID})
}
