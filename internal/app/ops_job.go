package app

import "time"

// RunState is where a run of a job or crawler stands, as Glue spells it.
type RunState string

const (
	Running   RunState = "RUNNING"
	Succeeded RunState = "SUCCEEDED"
	Failed    RunState = "FAILED"
	Stopped   RunState = "STOPPED"
	TimedOut  RunState = "TIMEOUT"
)

// JobListRequest asks for all jobs.
type JobListRequest struct{}

// JobInfo is a job in a list.
type JobInfo struct {
	Name string `json:"name"`
	// Aliases are other names it answers to.
	Aliases []string `json:"aliases,omitempty"`
	// Kind is "sql" or "command".
	Kind        string `json:"kind"`
	Description string `json:"description,omitempty"`
	// File is the job's file, relative to the project.
	File string `json:"file"`
	// Outputs are the tables it writes, "database.table".
	Outputs []string `json:"outputs,omitempty"`
	// Last is its newest run, if there was one.
	Last *JobRun `json:"last,omitempty"`
}

// JobShowRequest asks for one job by name.
type JobShowRequest struct {
	Job string `json:"job"`
}

// JobDetail is one job in full.
type JobDetail struct {
	JobInfo
	Dialect string       `json:"dialect,omitempty"`
	Params  []JobParam   `json:"params,omitempty"`
	Writes  []JobTarget  `json:"writes,omitempty"`
	Tests   []JobTest    `json:"tests,omitempty"`
	SQL     string       `json:"sql,omitempty"`
	Command []string     `json:"command,omitempty"`
	Options []NamedValue `json:"options,omitempty"`
}

// JobParam is a declared parameter.
type JobParam struct {
	Name string `json:"name"`
	// Type is as declared: "text", "date", "int", "enum(a,b)".
	Type        string `json:"type"`
	Required    bool   `json:"required,omitempty"`
	Default     string `json:"default,omitempty"`
	Description string `json:"description,omitempty"`
}

// JobTarget is a table a job writes.
type JobTarget struct {
	// Name is the output's name within the job.
	Name  string `json:"name,omitempty"`
	Table string `json:"table"`
	// Mode is "append", "overwrite", "overwrite_partitions" or "merge".
	Mode        string   `json:"mode"`
	PartitionBy []string `json:"partition_by,omitempty"`
}

// JobTest is a declared check of an output.
type JobTest struct {
	Name   string `json:"name"`
	Output string `json:"output,omitempty"`
	// Severity is "error" (blocks publishing) or "warn".
	Severity string `json:"severity"`
}

// NamedValue is a setting shown to people.
type NamedValue struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// JobRunRequest runs a job once.
type JobRunRequest struct {
	Job string `json:"job"`
	// Args are parameter values as text, by name, without leading dashes.
	Args map[string]string `json:"args,omitempty"`
	// WorkflowTask is the task's identity when a workflow starts the run: a
	// second request with the same one attaches to the first's run.
	WorkflowTask string `json:"workflow_task,omitempty"`
}

// JobRun is the record of one run.
type JobRun struct {
	ID    string            `json:"id"`
	Job   string            `json:"job"`
	State RunState          `json:"state"`
	Args  map[string]string `json:"args,omitempty"`
	// WorkflowTask is the workflow task that started it, if one did.
	WorkflowTask string    `json:"workflow_task,omitempty"`
	StartedAt    time.Time `json:"started_at"`
	// EndedAt is nil while it runs.
	EndedAt *time.Time `json:"ended_at,omitempty"`
	// Rows, Bytes and Files are totals over all outputs.
	Rows  int64 `json:"rows"`
	Bytes int64 `json:"bytes"`
	Files int64 `json:"files"`
	// PeakMemory is the largest resident set of the run's process, in bytes.
	PeakMemory int64 `json:"peak_memory_bytes,omitempty"`
	// CPUSeconds is user and system time of the run's process.
	CPUSeconds float64 `json:"cpu_seconds,omitempty"`
	// Seconds is wall time per stage: "extract", "write", "tests", "commit".
	Seconds map[string]float64 `json:"seconds,omitempty"`
	Outputs []RunOutput        `json:"outputs,omitempty"`
	Tests   []TestResult       `json:"tests,omitempty"`
	FanOut  []FanOut           `json:"fan_out,omitempty"`
	// Plan is the engine's plan as text.
	Plan string `json:"plan,omitempty"`
	// Pushed is what each source was asked, as sent.
	Pushed   []string `json:"pushed,omitempty"`
	Warnings []string `json:"warnings,omitempty"`
	// Error is set unless the run is running or succeeded.
	Error *ErrorInfo `json:"error,omitempty"`
}

// RunOutput is what a run published to one table.
type RunOutput struct {
	Table string `json:"table"`
	Mode  string `json:"mode"`
	// SnapshotID is text because it does not fit a JavaScript number; empty if
	// nothing was published.
	SnapshotID string `json:"snapshot_id,omitempty"`
	Rows       int64  `json:"rows"`
	Files      int64  `json:"files"`
	Bytes      int64  `json:"bytes"`
	// Partitions is the number of partitions written; 0 if not partitioned.
	Partitions int64 `json:"partitions,omitempty"`
}

// TestResult is one check of a run.
type TestResult struct {
	Name   string `json:"name"`
	Output string `json:"output,omitempty"`
	OK     bool   `json:"ok"`
	// Severity is "error" or "warn".
	Severity string `json:"severity"`
	// Failures is the number of offending rows or values.
	Failures int64  `json:"failures,omitempty"`
	Detail   string `json:"detail,omitempty"`
}

// FanOut is a join whose key is not unique on the looked-up side.
type FanOut struct {
	// Join names the two sides: "purchase x zipcode".
	Join string `json:"join"`
	Key  string `json:"key"`
	// Factor is rows after the join divided by rows before it.
	Factor float64 `json:"factor"`
	// Overstated is, per numeric column, the amount counted too much, as exact decimal text.
	Overstated map[string]string `json:"overstated,omitempty"`
	// Policy is "warn" or "fail".
	Policy string `json:"policy"`
}

// JobPreviewRequest asks for the first rows of a job's result.
type JobPreviewRequest struct {
	Job string `json:"job"`
	// Output picks one of several outputs; empty means the first.
	Output string `json:"output,omitempty"`
	// CTE picks a WITH query of the job instead of its result.
	CTE string `json:"cte,omitempty"`
	// Limit is the number of rows; 0 means 20.
	Limit int               `json:"limit,omitempty"`
	Args  map[string]string `json:"args,omitempty"`
}

// JobRunsRequest asks for runs, newest first.
type JobRunsRequest struct {
	// Job limits them to one job; empty means all.
	Job string `json:"job,omitempty"`
	// Limit is the number of runs; 0 means 20.
	Limit int `json:"limit,omitempty"`
}

// JobRunGetRequest asks for one run.
type JobRunGetRequest struct {
	ID string `json:"id"`
}

// JobLogRequest asks for a run's log from a byte offset.
type JobLogRequest struct {
	ID string `json:"id"`
	// Offset is in bytes; 0 is the start.
	Offset int64 `json:"offset,omitempty"`
}

// JobLog is a piece of a run's log.
type JobLog struct {
	ID   string `json:"id"`
	Text string `json:"text"`
	// Next is the offset to ask for next, in bytes.
	Next int64 `json:"next"`
	// Done is set once the run has ended and Text reaches the log's end.
	Done bool `json:"done"`
}

// JobStopRequest stops a run.
type JobStopRequest struct {
	ID string `json:"id"`
}
