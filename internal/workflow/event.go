package workflow

import (
	"encoding/json"
	"strings"
	"time"
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
// Output and Parameters are JSON text.
type Details struct {
	Name               string  `json:"name,omitempty"`
	Input              *string `json:"input,omitempty"`
	Output             *string `json:"output,omitempty"`
	Error              *string `json:"error,omitempty"`
	Cause              *string `json:"cause,omitempty"`
	ResourceType       string  `json:"resourceType,omitempty"`
	Resource           string  `json:"resource,omitempty"`
	Region             string  `json:"region,omitempty"`
	Parameters         *string `json:"parameters,omitempty"`
	TimeoutInSeconds   int64   `json:"timeoutInSeconds,omitempty"`
	HeartbeatInSeconds int64   `json:"heartbeatInSeconds,omitempty"`
}

// retryScheduled is a record of our own: a retry waits until Due.
const retryScheduled = "RetryScheduled"

// record is a row of the journal: an event (ID > 0) or one of our own (ID 0),
// with what replaying needs beside AWS's details.
type record struct {
	Event
	seq  int64
	flow string // which flow: "" is the machine, "/1" its second branch, "/1/0" ...
	own  own
}

// own is what a record holds for replay only.
type own struct {
	// Next is where an exited state leads; empty at the end.
	Next string `json:"next,omitempty"`
	// Due is when a wait, a retry or a task's time is over, in µs since 1970.
	Due int64 `json:"due,omitempty"`
	// Retrier is which entry of Retry took the error.
	Retrier int `json:"retrier,omitempty"`
	// Input is what the branches get.
	Input json.RawMessage `json:"input,omitempty"`
	// Last is the event the flow goes on from, where that is not this record.
	Last int64 `json:"last,omitempty"`
	// Error, Cause and FromTask are the failure of a Parallel.
	Error    *string `json:"error,omitempty"`
	Cause    *string `json:"cause,omitempty"`
	FromTask bool    `json:"fromTask,omitempty"`
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
	lambda bool   // a function named by its own ARN
	kind   string // resourceType: "glue", "aws-sdk:glue"
	name   string // resource: "startJobRun.sync"
}

func parseResource(arn string) resource {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[2] != "states" {
		return resource{lambda: true, kind: arn, name: arn}
	}
	i := strings.LastIndexByte(parts[5], ':')
	if i < 0 {
		return resource{name: parts[5]}
	}
	if j := strings.LastIndexByte(parts[5][:i], ':'); strings.HasPrefix(parts[5][i+1:], "2") && j > 0 { // "states:startExecution.sync:2"
		i = j
	}
	return resource{kind: parts[5][:i], name: parts[5][i+1:]}
}

// event is the type of a task's event: "Scheduled" gives TaskScheduled or LambdaFunctionScheduled.
func (r resource) event(what string) string {
	if r.lambda {
		return "LambdaFunction" + what
	}
	return "Task" + what
}

// details names the resource as events after the scheduled one do.
func (r resource) details() Details {
	if r.lambda {
		return Details{}
	}
	return Details{ResourceType: r.kind, Resource: r.name}
}
