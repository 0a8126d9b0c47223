package app

import (
	"encoding/json"
	"time"
)

// ScheduleListRequest asks for all schedules.
type ScheduleListRequest struct{}

// ScheduleTarget is what a schedule starts.
type ScheduleTarget struct {
	// Kind is workflow, job or crawler.
	Kind string `json:"kind"`
	Name string `json:"name"`
}

// ScheduleInfo is a schedule in a list.
type ScheduleInfo struct {
	// Name is crawler:NAME for a crawler's own schedule.
	Name        string         `json:"name"`
	Description string         `json:"description,omitempty"`
	Schedule    string         `json:"schedule"`
	Timezone    string         `json:"timezone"`
	Target      ScheduleTarget `json:"target"`
	// Enabled is what counts now; Switched is set if it was switched by hand.
	Enabled  bool `json:"enabled"`
	Switched bool `json:"switched,omitempty"`
	// Next is nil if it is disabled or has no time to come.
	Next *time.Time    `json:"next,omitempty"`
	Last *ScheduleFire `json:"last,omitempty"`
}

// ScheduleShowRequest asks for one schedule.
type ScheduleShowRequest struct {
	Name string `json:"name"`
}

// ScheduleDetail is a schedule with all it says.
type ScheduleDetail struct {
	ScheduleInfo
	ARN   string     `json:"arn"`
	Start *time.Time `json:"start,omitempty"`
	End   *time.Time `json:"end,omitempty"`
	// WindowSeconds is the flexible time window, 0 if off.
	WindowSeconds int64 `json:"window_seconds"`
	// Input is as written, templates not filled.
	Input         json.RawMessage `json:"input,omitempty"`
	RetryAttempts int             `json:"retry_attempts"`
	// RetryAgeSeconds bounds the attempts after the first.
	RetryAgeSeconds int64    `json:"retry_age_seconds"`
	DeadLetter      string   `json:"dead_letter,omitempty"`
	CatchUp         string   `json:"catch_up"`
	NotifyOn        []string `json:"notify_on,omitempty"`
	NotifyWorkflow  string   `json:"notify_workflow,omitempty"`
	// Place is where it is declared: file:line:column.
	Place string `json:"place,omitempty"`
}

// ScheduleNextRequest asks for times to come, in order.
type ScheduleNextRequest struct {
	// Name limits them to one schedule; empty means all that are enabled.
	Name string `json:"name,omitempty"`
	// Count is how many; 0 means 10.
	Count int `json:"count,omitempty"`
}

// ScheduledTime is a time to come.
type ScheduledTime struct {
	Schedule string    `json:"schedule"`
	Time     time.Time `json:"time"`
	// Local is Time in Timezone, as 2027-03-01 09:00:00 KST.
	Local    string `json:"local"`
	Timezone string `json:"timezone"`
	// Here is the time by the project's clock, if its zone is another one.
	Here string `json:"project_time,omitempty"`
}

// ScheduleSwitchRequest enables or disables a schedule.
type ScheduleSwitchRequest struct {
	Name string `json:"name"`
}

// ScheduleRunRequest starts a schedule's target by hand.
type ScheduleRunRequest struct {
	Name string `json:"name"`
	// At is the time it is to have fired for, as 2027-03-01T09:00:00 in the
	// schedule's zone; empty means now.
	At string `json:"at,omitempty"`
	// Detach returns as soon as the run has durably started.
	Detach bool `json:"detach,omitempty"`
}

// Detached tells whether the work goes on without the caller.
func (r ScheduleRunRequest) Detached() bool { return r.Detach }

// ScheduleHistoryRequest asks for fires, the newest nominal time first.
type ScheduleHistoryRequest struct {
	// Name limits them to one schedule; empty means all.
	Name string `json:"name,omitempty"`
	// Limit is the number of fires; 0 means 20.
	Limit int `json:"limit,omitempty"`
}

// ScheduleFire is one fire of a schedule.
type ScheduleFire struct {
	Schedule string `json:"schedule"`
	// Time is the time the schedule names.
	Time   time.Time      `json:"time"`
	Target ScheduleTarget `json:"target"`
	// State is WAITING, STARTED, SUCCEEDED, FAILED, DROPPED (given up) or
	// SKIPPED (missed).
	State string `json:"state"`
	// Manual is set if it was called by hand, CatchUp if it made up for a missed one.
	Manual  bool `json:"manual,omitempty"`
	CatchUp bool `json:"catch_up,omitempty"`
	// Due is when a WAITING one is tried next.
	Due      *time.Time `json:"due,omitempty"`
	Attempts int        `json:"attempts,omitempty"`
	// Run is the execution, job run or crawl that it started.
	Run       string     `json:"run,omitempty"`
	StartedAt *time.Time `json:"started_at,omitempty"`
	EndedAt   *time.Time `json:"ended_at,omitempty"`
	// Missed is how many fires a SKIPPED one stands for.
	Missed int    `json:"missed,omitempty"`
	Error  string `json:"error,omitempty"`
}

// WorkflowBackfillRequest runs a workflow once for each interval of a span.
type WorkflowBackfillRequest struct {
	Workflow string `json:"workflow"`
	// From and To are the first and last day, both included, as 2014-01-31; for
	// months also 2014-01.
	From string `json:"from"`
	To   string `json:"to"`
	// Every is day or month.
	Every string `json:"every"`
	// Input is JSON whose texts may hold templates, filled for the interval's
	// first moment. Empty means {"from": first day, "to": last day}.
	Input json.RawMessage `json:"input,omitempty"`
	// Schedule takes a schedule's input instead, filled for the interval's end:
	// what it would have run with right after.
	Schedule string `json:"schedule,omitempty"`
	// Parallel is how many executions run at once; 0 means 1.
	Parallel int `json:"parallel,omitempty"`
	// DryRun shows the intervals and starts nothing.
	DryRun bool `json:"dry_run,omitempty"`
	// Redo runs intervals again that have succeeded.
	Redo bool `json:"redo,omitempty"`
	// KeepGoing starts further intervals after one has failed.
	KeepGoing bool `json:"keep_going,omitempty"`
}

// BackfillInterval is one interval of a backfill.
type BackfillInterval struct {
	// From and To are its first and last day.
	From string `json:"from"`
	To   string `json:"to"`
	// Execution is its execution's name: backfill-2014-01-31, with -2 for a
	// second attempt.
	Execution string          `json:"execution"`
	Input     json.RawMessage `json:"input"`
	// Status is the execution's, PLANNED in a dry run and for what was not
	// started after a failure.
	Status string `json:"status"`
	// Kept is set if the interval had succeeded before and was left alone.
	Kept  bool   `json:"kept,omitempty"`
	Error string `json:"error,omitempty"`
	Cause string `json:"cause,omitempty"`
}
