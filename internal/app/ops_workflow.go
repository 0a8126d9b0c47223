package app

import (
	"encoding/json"
	"time"
)

// WorkflowListRequest asks for all workflows.
type WorkflowListRequest struct{}

// WorkflowInfo is a workflow in a list.
type WorkflowInfo struct {
	Name    string `json:"name"`
	File    string `json:"file"`
	Comment string `json:"comment,omitempty"`
	// States is the number of states, nested ones included.
	States int        `json:"states,omitempty"`
	Last   *Execution `json:"last,omitempty"`
}

// WorkflowRunRequest starts an execution.
type WorkflowRunRequest struct {
	Workflow string `json:"workflow"`
	// Name is the execution's, unique per workflow; empty means a new one is made.
	Name string `json:"name,omitempty"`
	// Input is any JSON value; empty means {}.
	Input json.RawMessage `json:"input,omitempty"`
	// From is the state to begin at, with the input as its own; empty means the
	// definition's StartAt. States before it are not run.
	From string `json:"from,omitempty"`
	// Detach returns as soon as the execution has durably started; it then
	// goes on in the owner.
	Detach bool `json:"detach,omitempty"`
}

// Detached tells whether the work goes on without the caller.
func (r WorkflowRunRequest) Detached() bool { return r.Detach }

// Execution is one run of a workflow.
type Execution struct {
	ID       string `json:"id"`
	Workflow string `json:"workflow"`
	Name     string `json:"name"`
	// Status is RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED, as Step
	// Functions spells it.
	Status    string    `json:"status"`
	StartedAt time.Time `json:"started_at"`
	// StoppedAt is nil while it runs.
	StoppedAt *time.Time      `json:"stopped_at,omitempty"`
	Input     json.RawMessage `json:"input,omitempty"`
	Output    json.RawMessage `json:"output,omitempty"`
	// From is the state it began at, where that is not the definition's StartAt.
	From string `json:"from,omitempty"`
	// Error and Cause are set if it ended badly.
	Error string `json:"error,omitempty"`
	Cause string `json:"cause,omitempty"`
	// Interrupted is set if its owner went away; `workflow resume` carries it on.
	Interrupted bool `json:"interrupted,omitempty"`
}

// WorkflowExecutionsRequest asks for executions, newest first.
type WorkflowExecutionsRequest struct {
	// Workflow limits them to one; empty means all.
	Workflow string `json:"workflow,omitempty"`
	// Limit is the number of executions; 0 means 20.
	Limit int `json:"limit,omitempty"`
}

// WorkflowHistoryRequest asks for the events of an execution, by id or name.
type WorkflowHistoryRequest struct {
	Execution string `json:"execution"`
}

// Event is one entry of an execution's history.
type Event struct {
	// ID counts from 1; PreviousID is 0 for the first.
	ID         int64     `json:"id"`
	PreviousID int64     `json:"previous_id"`
	Type       string    `json:"type"`
	Time       time.Time `json:"time"`
	// State is the name of the state it belongs to, if any.
	State   string          `json:"state,omitempty"`
	Details json.RawMessage `json:"details,omitempty"`
}

// WorkflowStopRequest stops an execution, by id or name.
type WorkflowStopRequest struct {
	Execution string `json:"execution"`
	Error     string `json:"error,omitempty"`
	Cause     string `json:"cause,omitempty"`
}

// WorkflowResumeRequest carries on interrupted executions: one, or all.
type WorkflowResumeRequest struct {
	Execution string `json:"execution,omitempty"`
	All       bool   `json:"all,omitempty"`
	// Detach returns at once; the executions go on in the owner.
	Detach bool `json:"detach,omitempty"`
}

// Detached tells whether the work goes on without the caller.
func (r WorkflowResumeRequest) Detached() bool { return r.Detach }
