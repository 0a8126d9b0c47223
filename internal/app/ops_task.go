package app

import (
	"encoding/json"
	"time"

	"github.com/mulgil/mulgil/internal/workflow"
)

// TaskSuccessRequest ends a task that waits for its token.
type TaskSuccessRequest struct {
	Token string `json:"token"`
	// Output is any JSON value; empty means {}.
	Output json.RawMessage `json:"output,omitempty"`
}

// TaskFailureRequest ends a task that waits for its token with an error.
type TaskFailureRequest struct {
	Token string `json:"token"`
	Error string `json:"error,omitempty"`
	Cause string `json:"cause,omitempty"`
}

// TaskHeartbeatRequest says that the task with the token is alive.
type TaskHeartbeatRequest struct {
	Token string `json:"token"`
}

// TaskAnswer is empty: what was said is durable.
type TaskAnswer struct{}

// Activity is work that programs outside fetch.
type Activity struct {
	ARN       string    `json:"arn"`
	Name      string    `json:"name"`
	CreatedAt time.Time `json:"created_at"`
}

// ActivityListRequest asks for all activities.
type ActivityListRequest struct{}

// ActivityCreateRequest makes an activity; one that is there stays.
type ActivityCreateRequest struct {
	Activity string `json:"activity"`
}

// ActivityDeleteRequest removes an activity, by name or ARN.
type ActivityDeleteRequest struct {
	Activity string `json:"activity"`
}

// ActivityPollRequest waits for a task of an activity.
type ActivityPollRequest struct {
	// Activity is a name or an ARN.
	Activity string `json:"activity"`
	// Worker is recorded with the task.
	Worker string `json:"worker,omitempty"`
	// WaitSeconds is how long at most; 0 means 60, as AWS waits.
	WaitSeconds int `json:"wait_seconds,omitempty"`
}

// ActivityTask is what a worker gets. Token is empty if there was none.
type ActivityTask struct {
	Token string          `json:"task_token,omitempty"`
	Input json.RawMessage `json:"input,omitempty"`
}

// WorkflowRedriveRequest goes on with an execution that failed, from the
// states that failed.
type WorkflowRedriveRequest struct {
	Execution string `json:"execution"`
	// Detach returns as soon as the redrive is durable.
	Detach bool `json:"detach,omitempty"`
}

// Detached tells whether the work goes on without the caller.
func (r WorkflowRedriveRequest) Detached() bool { return r.Detach }

// WorkflowMapRunsRequest asks for the runs of an execution's distributed Maps.
type WorkflowMapRunsRequest struct {
	Execution string `json:"execution"`
}

// MapRun is one run of a distributed Map.
type MapRun struct {
	ARN       string     `json:"arn"`
	State     string     `json:"state"`
	Status    string     `json:"status"`
	StartedAt time.Time  `json:"started_at"`
	StoppedAt *time.Time `json:"stopped_at,omitempty"`
	// Items and Executions are counts by status; items of one child share its fate.
	Items      MapCounts `json:"items"`
	Executions MapCounts `json:"executions"`
}

// MapCounts are numbers by status.
type MapCounts struct {
	Total     int64 `json:"total"`
	Running   int64 `json:"running"`
	Succeeded int64 `json:"succeeded"`
	Failed    int64 `json:"failed"`
	Aborted   int64 `json:"aborted"`
	TimedOut  int64 `json:"timed_out"`
}

// NoticeListRequest asks for the outbox, newest first.
type NoticeListRequest struct {
	// State is pending, sending, sent, failed or unknown; empty means all.
	State string `json:"state,omitempty"`
	// Limit is the number of messages; 0 means 20.
	Limit int `json:"limit,omitempty"`
}

// NoticeShowRequest asks for one message with its content.
type NoticeShowRequest struct {
	ID int64 `json:"id"`
}

// NoticeResendRequest sends a message again that failed, or whose fate is unknown.
type NoticeResendRequest struct {
	ID int64 `json:"id"`
}

// Notice is one message on its way to one place.
type Notice struct {
	ID      int64  `json:"id"`
	State   string `json:"state"`
	Way     string `json:"way"`
	Channel string `json:"channel,omitempty"`
	Target  string `json:"target"`
	Subject string `json:"subject"`
	// Text is set where one message is asked for.
	Text      string     `json:"text,omitempty"`
	Attempts  int        `json:"attempts"`
	CreatedAt time.Time  `json:"created_at"`
	DueAt     *time.Time `json:"due_at,omitempty"`
	EndedAt   *time.Time `json:"ended_at,omitempty"`
	Error     string     `json:"error,omitempty"`
}

// WorkflowTestStateRequest runs one state by itself. Beside workflow its fields
// are those of AWS's TestState; the answer is AWS's, too.
type WorkflowTestStateRequest struct {
	// Workflow is one of the project, in place of Definition.
	Workflow string `json:"workflow,omitempty"`
	workflow.TestRequest
}
