// Package cli is the command line: one file per command, all of them small.
//
// A command parses its arguments, asks a backend and prints. Which backend it
// is (the project opened here, or the API of the process that owns it) is
// decided in session.go and no command knows. Everything outside the process
// comes in one Env, so that a whole command runs inside a test.
//
// Results go to standard output, progress, notes and errors to standard error.
// With --json a result is one JSON value on standard output and an error is
// {"error": {...}} on standard error. Exit codes: 0 done, 1 failed, 2 wrong
// usage, 130 stopped by Ctrl-C.
package cli

import (
	"context"
	"io"
	"io/fs"
	"log/slog"
	"os"

	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/app/owner"
	"github.com/mulgil/mulgil/internal/base"
)

// Env is the world around a command.
type Env struct {
	// Args are the arguments without the program's name.
	Args   []string
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	// Getenv looks up an environment variable.
	Getenv func(string) string
	// Dir is the working folder, absolute.
	Dir string
	// IsTerminal tells whether a stream of this Env is a terminal.
	IsTerminal func(stream any) bool
	// Width is the terminal's width in columns.
	Width func() int
	// Size is the size of the terminal that Stdin is, in columns and rows; Raw
	// takes it out of line mode until restore is called. Both may be nil where
	// Stdin is none.
	Size func() (width, height int)
	Raw  func() (restore func() error, err error)
	// Program runs another program on this one's terminal: an editor, a pager.
	// stdin nil is the terminal's.
	Program func(command []string, stdin io.Reader) error
	Clock   base.Clock
	// Signals delivers interrupts: the first stops the command cleanly, the
	// second calls Abort. May be nil.
	Signals <-chan os.Signal
	Abort   func()
	Version string

	// OpenLocal opens a project in this process, which becomes its owner until
	// the returned function is called. If another process is, the error is
	// *owner.Held.
	OpenLocal func(ctx context.Context, opt OpenOptions) (app.Backend, func() error, error)
	// Connect makes a client of a live owner's API. Nothing is sent yet.
	Connect func(info owner.Info) app.Backend
	// Up owns and serves a project until ctx ends.
	Up func(ctx context.Context, opt UpOptions) error
	// Validate reads the whole project; mistakes are one base.Errors.
	Validate func(ctx context.Context, opt OpenOptions) (Validation, error)
	// ExportAirflow writes a workflow as an Airflow DAG; the project is not opened.
	ExportAirflow func(ctx context.Context, req AirflowRequest) (AirflowDAG, error)
	// TestWorkflows runs cases of state machines; no project is opened.
	TestWorkflows func(ctx context.Context, req app.WorkflowTestRequest) (app.WorkflowTestReport, error)
	// Relocate and Recover repair a lake nobody has open.
	Relocate func(ctx context.Context, opt OpenOptions, req app.LakeRelocateRequest, report base.Report) (app.LakeRelocated, error)
	Recover  func(ctx context.Context, opt OpenOptions, req app.LakeRecoverRequest, report base.Report) (app.LakeRecovered, error)
	// Sample fills a database with made-up data.
	Sample func(ctx context.Context, req SampleRequest, report base.Report) (SampleResult, error)
	// Head reads the first rows of a file or folder, Schema its columns.
	Head   func(ctx context.Context, req FileRequest) (app.ResultSet, error)
	Schema func(ctx context.Context, req FileRequest) (FileSchema, error)
	// Templates holds one project per top folder, for init.
	Templates fs.FS
	// Schemas holds the JSON Schemas of project files, for schemas.
	Schemas fs.FS
	// Worker is the child process of job attempts; it returns its exit code.
	Worker func(ctx context.Context, stdin io.Reader, stdout, stderr io.Writer) int
}

// OpenOptions say which project to open and how.
type OpenOptions struct {
	// Root is the project's folder, absolute.
	Root string
	// Target picks an entry of targets: in mulgil.yaml; may be empty.
	Target string
	// Warm says that a statement will be run: a worker is started at once.
	Warm bool
	Log  *slog.Logger
}

// UpOptions say where to serve.
type UpOptions struct {
	OpenOptions
	Host string
	// Port 0 picks a free one.
	Port int
	// Ready is called once, when requests are answered. URL lets a browser in
	// and holds the token.
	Ready func(project, address, url string)
}

// Validation is a project without mistakes.
type Validation struct {
	Project   string `json:"project"`
	Root      string `json:"root"`
	Target    string `json:"target,omitempty"`
	Jobs      int    `json:"jobs"`
	Workflows int    `json:"workflows"`
	Crawlers  int    `json:"crawlers"`
	Schedules int    `json:"schedules"`
	Queries   int    `json:"queries"`
	// Warnings are oddities that do not stop the project from being used.
	Warnings base.Errors `json:"-"`
}

// AirflowRequest asks for a workflow as an Airflow DAG.
type AirflowRequest struct {
	Open OpenOptions
	// Workflow may be empty if the project has only one.
	Workflow string
	// Operators is mulgil or aws.
	Operators string
	// Schedule may be empty if one schedule at most starts the workflow.
	Schedule string
}

// AirflowDAG is a Python file and what Airflow does differently.
type AirflowDAG struct {
	Workflow string
	Text     string
	Warnings []string
}

// SampleRequest asks for made-up data.
type SampleRequest struct {
	// Kind is "retail" or "store".
	Kind string
	// Rows is the number of purchases or receipts.
	Rows int64
	// Seed picks the data: the same seed gives the same rows on every machine.
	Seed uint64
	// To is where it goes: postgres://... or sqlite://...; relative files
	// start at Dir. It may hold a password: never print it.
	To  string
	Dir string
}

// SampleResult tells what was written.
type SampleResult struct {
	Kind   string        `json:"kind"`
	Seed   uint64        `json:"seed"`
	Tables []SampleTable `json:"tables"`
	// Amount is the sum of the sales, in won.
	Amount  int64   `json:"amount"`
	Seconds float64 `json:"seconds"`
}

// SampleTable is one table written.
type SampleTable struct {
	Table string `json:"table"`
	Rows  int64  `json:"rows"`
}

// FileRequest names a data file or a folder of them.
type FileRequest struct {
	// Path is a file, a folder or an s3:// address, as the user wrote it;
	// relative ones start at Dir.
	Path string
	Dir  string
	// Open finds the project's buckets; its Root is empty outside a project.
	Open OpenOptions
	// Limit is the number of rows.
	Limit int
}

// FileSchema describes a data file.
type FileSchema struct {
	Path string `json:"path"`
	// Format is "parquet", "csv" or "json".
	Format string `json:"format"`
	// Rows is -1 if only a full read would tell.
	Rows    int64        `json:"rows"`
	Files   int64        `json:"files"`
	Bytes   int64        `json:"bytes"`
	Columns []app.Column `json:"columns"`
}
