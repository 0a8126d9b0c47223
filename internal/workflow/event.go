package workflow

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/lang/asl"
)

// Event is one entry of an execution's history, as GetExecutionHistory shows it.
type Event struct {
	ID         int64     `json:"id"`
	PreviousID int64     `json:"previousEventId"`
	Type       string    `json:"type"`
	Time       time.Time `json:"timestamp"`
	// State is the state the event belongs to; empty for Execution events.
	State   string  `json:"state,omitempty"`
	Details Details `json:"details"`
}

// Details are what an event says; nil and empty fields are absent. Input,
// Output, Parameters and the values of AssignedVariables are JSON text.
type Details struct {
	Name               string            `json:"name,omitempty"`
	From               string            `json:"from,omitempty"`     // ExecutionStarted: the state it begins at, if not StartAt; ours
	State              string            `json:"state,omitempty"`    // EvaluationFailed
	Location           string            `json:"location,omitempty"` // EvaluationFailed
	Index              *int64            `json:"index,omitempty"`
	Length             *int64            `json:"length,omitempty"`
	Input              *string           `json:"input,omitempty"`
	Output             *string           `json:"output,omitempty"`
	Error              *string           `json:"error,omitempty"`
	Cause              *string           `json:"cause,omitempty"`
	ResourceType       string            `json:"resourceType,omitempty"`
	Resource           string            `json:"resource,omitempty"`
	Region             string            `json:"region,omitempty"`
	Parameters         *string           `json:"parameters,omitempty"`
	TimeoutInSeconds   int64             `json:"timeoutInSeconds,omitempty"`
	HeartbeatInSeconds int64             `json:"heartbeatInSeconds,omitempty"`
	WorkerName         string            `json:"workerName,omitempty"`
	MapRunArn          string            `json:"mapRunArn,omitempty"`
	RedriveCount       int               `json:"redriveCount,omitempty"`
	AssignedVariables  map[string]string `json:"assignedVariables,omitempty"`
	AssignedDetails    *Truncated        `json:"assignedVariablesDetails,omitempty"`
}

// Truncated tells whether a detail was cut; nothing is ever cut here.
type Truncated struct {
	Truncated bool `json:"truncated"`
}

// retryScheduled is a record of our own: a retry waits until Due.
const retryScheduled = "RetryScheduled"

// record is a row of the journal: an event (ID > 0) or one of our own (ID 0),
// with what replaying needs beside AWS's details.
type record struct {
	Event
	seq  int64
	flow string // which flow: "" is the machine, "/1" its second branch or item, "/1/0" ...
	own  own
	way  *asl.Chosen // that a Choice takes; not kept
}

// own is what a record holds for replay only.
type own struct {
	// Next is where an exited state leads; empty at the end.
	Next string `json:"next,omitempty"`
	// Due is when a wait, a retry or a task's time is over, in µs since 1970.
	Due int64 `json:"due,omitempty"`
	// Retrier is which entry of Retry took the error.
	Retrier int `json:"retrier,omitempty"`
	// Input is what the branches or an iteration get; of a Map its items.
	Input json.RawMessage `json:"input,omitempty"`
	// Limit is how many iterations run at once; 0: all.
	Limit int64 `json:"limit,omitempty"`
	// Last is the event the flow goes on from, where that is not this record.
	Last int64 `json:"last,omitempty"`
	// Error, Cause, FromTask and Heartbeat are the failure of a Parallel or Map.
	Error     *string `json:"error,omitempty"`
	Cause     *string `json:"cause,omitempty"`
	FromTask  bool    `json:"fromTask,omitempty"`
	Heartbeat bool    `json:"heartbeat,omitempty"`
	// Final: nothing may retry or catch the failure.
	Final bool `json:"final,omitempty"`
	// Credentials are those of a task.
	Credentials json.RawMessage `json:"credentials,omitempty"`
	// Plan is how a distributed Map goes about its items, Output what it gave.
	Plan   *mapPlan        `json:"plan,omitempty"`
	Output json.RawMessage `json:"output,omitempty"`
}

// terminal tells whether an event ends the execution.
func terminal(eventType string) bool {
	switch eventType {
	case "ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut":
		return true
	}
	return false
}

// resource is how events name a task's resource.
type resource struct {
	prefix string // of the types of its events: Task, LambdaFunction, Activity
	kind   string // resourceType: "glue", "aws-sdk:glue"
	name   string // resource: "startJobRun.sync"
}

func parseResource(arn string) resource {
	if asl.IsActivity(arn) {
		return resource{prefix: "Activity", name: arn}
	}
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[2] != "states" {
		return resource{prefix: "LambdaFunction", kind: arn, name: arn}
	}
	i := strings.LastIndexByte(parts[5], ':')
	if i < 0 {
		return resource{prefix: "Task", name: parts[5]}
	}
	if j := strings.LastIndexByte(parts[5][:i], ':'); strings.HasPrefix(parts[5][i+1:], "2") && j > 0 { // "states:startExecution.sync:2"
		i = j
	}
	return resource{prefix: "Task", kind: parts[5][:i], name: parts[5][i+1:]}
}

// event is the type of a task's event: "Scheduled" gives TaskScheduled,
// LambdaFunctionScheduled or ActivityScheduled.
func (r resource) event(what string) string { return r.prefix + what }

// details names the resource as events after the scheduled one do.
func (r resource) details() Details {
	if r.prefix != "Task" {
		return Details{}
	}
	return Details{ResourceType: r.kind, Resource: r.name}
}
