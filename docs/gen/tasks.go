package main

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/app"
)

// served says of each AWS service what it is here, which errors its tasks end
// with, and what becomes of a task that was at work when the program died.
var served = map[string]struct{ here, errors, resumed string }{
	"lambda": {
		"A function of `functions:` in mulgil.yaml, by the name in the ARN: a program that reads the event from stdin, or an HTTP endpoint. `InvocationType` may be RequestResponse, Event (not waited for by the state, but by the command that ran it; `mulgil up` stops it when it ends) or DryRun. What a program writes to stderr is in `.mulgil/data/logs/functions`.",
		"`Lambda.ResourceNotFoundException`; the function's own `errorType`; `Runtime.ExitError`, `Runtime.MarshalError`, `Runtime.InvalidEntrypoint`, `Sandbox.Timedout`, `Function.ResponseSizeTooLarge`, `Http.StatusCode.N`",
		"Called again if the function says `idempotent: true`, with the same MULGIL_CLIENT_TOKEN or Idempotency-Key; else `States.TaskFailed` with the cause `OutcomeUnknown`.",
	},
	"http": {
		"A request to any URL; `ConnectionArn` names headers under `http:` in mulgil.yaml.",
		"`States.Http.StatusCode.N`, `States.Http.Socket`, `Events.ConnectionResource.NotFound`",
		"GET, HEAD and OPTIONS are sent again, others if the connection says `idempotent: true`; else as for functions.",
	},
	"sns": {
		"A message to the channel of `notify:` that has the topic's name: mails, a webhook, a folder.",
		"`SNS.NotFoundException`, `SNS.InvalidParameterException` (`Sns.` from the SDK)",
		"The message is in the outbox once.",
	},
	"sqs": {
		"The same, by the queue's name. Nothing is received from a queue.",
		"`SQS.QueueDoesNotExistException` (`Sqs.` from the SDK)",
		"The message is in the outbox once.",
	},
	"ses": {
		"A mail, through `notify: mail:`: SMTP, or .eml files.",
		"`Ses.SesException`",
		"The mail is in the outbox once.",
	},
	"sesv2": {
		"The same; simple content only.",
		"`SesV2.BadRequestException`",
		"The mail is in the outbox once.",
	},
	"athena": {
		"A statement on the lake, in the history like any other. With an OutputLocation its rows are also written there, as Athena's CSV.",
		"`Athena.InvalidRequestException`; `.sync`: `States.TaskFailed` with the execution's description as cause",
		"A statement that is over is found by its id. One that was at work runs again if it only reads or if its commit is known by the id (INSERT, UPDATE, DELETE, MERGE); else its cause has `OutcomeUnknown`.",
	},
	"dynamodb": {
		"Items of the tables under `keyvalue:` in mulgil.yaml.",
		"`DynamoDB.ConditionalCheckFailedException`, `DynamoDB.ResourceNotFoundException`, `DynamoDB.AmazonDynamoDBException` (from the SDK `DynamoDb.`, and `DynamoDb.DynamoDbException`)",
		"A write happens once; for 90 days its task gets the answer it had.",
	},
	"states": {
		"An execution of another workflow of the project, by the name in the ARN. `.sync` and `.sync:2` wait; stopping the parent stops the child.",
		"`StepFunctions.StateMachineDoesNotExistException`, `StepFunctions.ExecutionAlreadyExistsException`, `StepFunctions.InvalidExecutionInputException`; a child that failed is `States.TaskFailed` with its description as cause",
		"The child is found by its name, which is the task's identity unless the state gives one.",
	},
	"sfn": {
		"Executions and task tokens of the project.",
		"`Sfn.StateMachineDoesNotExistException`, `Sfn.ExecutionDoesNotExistException`, `Sfn.InvalidTokenException`, `Sfn.TaskTimedOutException` and the like",
		"As for states; what is said of a token twice is `Sfn.TaskTimedOutException`.",
	},
	"glue": {
		"Jobs (`jobs/*.sql`) and crawlers (`crawlers.yaml`) by name; `--NAME` arguments are parameters. A run that the state does not wait for is waited for by the command, and stopped when `mulgil up` ends.",
		"`Glue.EntityNotFoundException`, `Glue.InvalidInputException`, `Glue.ConcurrentRunsExceededException`, `Glue.CrawlerRunningException`, `Glue.CrawlerStoppingException`, `Glue.CrawlerNotRunningException`; `.sync`: `States.TaskFailed` with the run as cause",
		"A job's run is found by the task's identity: at work, over, or committed without its record; else it runs under the same run id. A crawler at work is not started again.",
	},
}

// tasks is the page of what Task states can ask for.
func tasks() ([]byte, error) {
	resources := app.TaskResources()
	slices.Sort(resources)
	by := map[string][]string{}
	for _, r := range resources {
		short := strings.TrimPrefix(strings.TrimPrefix(r, "arn:aws:states:::"), "arn:aws:")
		service := strings.TrimPrefix(short, "aws-sdk:")
		service, _, _ = strings.Cut(service, ":")
		if _, ok := served[service]; !ok {
			return nil, fmt.Errorf("docs/gen says nothing of the service %s (%s)", service, r)
		}
		if short == "lambda:*" {
			short = r
		}
		by[service] = append(by[service], "`"+short+"`")
	}
	var b bytes.Buffer
	b.WriteString(`# Tasks of workflows

What a Task state may have as its Resource, and what that is here. Resources begin
with ` + "`arn:aws:states:::`" + ` unless the whole ARN is shown. ` + "`mulgil validate`" + ` refuses any other.
Names, results and causes are shaped as AWS's; an optimised integration names errors
as AWS's SDK 1 for Java, one of ` + "`aws-sdk:`" + ` as SDK 2. Regions and accounts in ARNs are
not looked at. A task whose Resource is the ARN of an activity waits for a worker
(` + "`mulgil workflow activity`" + `).

The last column is the rule for a task that was handed out when the program died: its
identity (execution, event and attempt) was durable before it was handed out.

| service | resources | here | errors | resumed |
|---|---|---|---|---|
`)
	for _, s := range slices.Sorted(maps.Keys(by)) {
		d := served[s]
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", s, strings.Join(by[s], ", "), d.here, d.errors, d.resumed)
	}
	if len(by) != len(served) {
		return nil, fmt.Errorf("docs/gen describes services that no task serves: it knows %d, there are %d", len(served), len(by))
	}
	return b.Bytes(), nil
}
