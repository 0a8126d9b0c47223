// Package app joins the services (lake, query, batch, workflow, crawler) to
// the systems behind their ports and offers the result as one list of
// operations. The command line and the HTTP server know nothing else: both go
// through [Backend], which App implements inside the owner's process and the
// API's client implements from outside it.
package app

import (
	"context"
	"encoding/json"

	"github.com/mulgil/mulgil/internal/base"
)

// Backend is everything a user can ask of an open project. All methods are
// safe for concurrent use and stop soon after ctx ends. Errors are base.Errors
// with a kind, or wrap one.
//
// Methods that run something distinguish two ends: if nothing could be started
// (unknown job, wrong parameter, already running) they return an error; once a
// run is recorded they return its record and no error, even if the run failed:
// its State and Error tell. Methods taking a Report call it from any goroutine
// while they work; it may be nil.
type Backend interface {
	Status(ctx context.Context, req StatusRequest) (Status, error)

	JobList(ctx context.Context, req JobListRequest) ([]JobInfo, error)
	JobShow(ctx context.Context, req JobShowRequest) (JobDetail, error)
	JobRun(ctx context.Context, req JobRunRequest, report base.Report) (JobRun, error)
	JobPreview(ctx context.Context, req JobPreviewRequest, report base.Report) (ResultSet, error)
	JobRuns(ctx context.Context, req JobRunsRequest) ([]JobRun, error)
	JobRunGet(ctx context.Context, req JobRunGetRequest) (JobRun, error)
	JobLog(ctx context.Context, req JobLogRequest) (JobLog, error)
	JobStop(ctx context.Context, req JobStopRequest) (JobRun, error)

	WorkflowList(ctx context.Context, req WorkflowListRequest) ([]WorkflowInfo, error)
	WorkflowRun(ctx context.Context, req WorkflowRunRequest, report base.Report) (Execution, error)
	WorkflowExecutions(ctx context.Context, req WorkflowExecutionsRequest) ([]Execution, error)
	WorkflowHistory(ctx context.Context, req WorkflowHistoryRequest) ([]Event, error)
	WorkflowStop(ctx context.Context, req WorkflowStopRequest) (Execution, error)
	WorkflowResume(ctx context.Context, req WorkflowResumeRequest, report base.Report) ([]Execution, error)
	WorkflowBackfill(ctx context.Context, req WorkflowBackfillRequest, report base.Report) ([]BackfillInterval, error)

	ScheduleList(ctx context.Context, req ScheduleListRequest) ([]ScheduleInfo, error)
	ScheduleShow(ctx context.Context, req ScheduleShowRequest) (ScheduleDetail, error)
	ScheduleNext(ctx context.Context, req ScheduleNextRequest) ([]ScheduledTime, error)
	ScheduleEnable(ctx context.Context, req ScheduleSwitchRequest) (ScheduleInfo, error)
	ScheduleDisable(ctx context.Context, req ScheduleSwitchRequest) (ScheduleInfo, error)
	ScheduleRun(ctx context.Context, req ScheduleRunRequest, report base.Report) (ScheduleFire, error)
	ScheduleHistory(ctx context.Context, req ScheduleHistoryRequest) ([]ScheduleFire, error)

	Query(ctx context.Context, req QueryRequest, report base.Report) (ResultSet, error)
	QueryList(ctx context.Context, req QueryListRequest) ([]QueryInfo, error)
	QueryGet(ctx context.Context, req QueryGetRequest) (QueryInfo, error)
	QueryResults(ctx context.Context, req QueryResultsRequest) (ResultSet, error)
	QueryStop(ctx context.Context, req QueryStopRequest) (QueryInfo, error)

	TableList(ctx context.Context, req TableListRequest) ([]TableInfo, error)
	TableDescribe(ctx context.Context, req TableDescribeRequest) (TableDetail, error)
	TableFiles(ctx context.Context, req TableFilesRequest) ([]TableFile, error)
	TableHistory(ctx context.Context, req TableHistoryRequest) ([]TableSnapshot, error)
	TableOptimize(ctx context.Context, req TableOptimizeRequest, report base.Report) (TableOptimized, error)
	TableExpire(ctx context.Context, req TableExpireRequest, report base.Report) (TableExpired, error)
	TableClean(ctx context.Context, req TableCleanRequest, report base.Report) (TableCleaned, error)
	TableExportHive(ctx context.Context, req TableExportHiveRequest, report base.Report) (TableExported, error)

	CrawlerList(ctx context.Context, req CrawlerListRequest) ([]CrawlerInfo, error)
	CrawlerGet(ctx context.Context, req CrawlerGetRequest) (json.RawMessage, error)
	CrawlerRun(ctx context.Context, req CrawlerRunRequest, report base.Report) (CrawlerRun, error)
	CrawlerStop(ctx context.Context, req CrawlerStopRequest) (CrawlerRun, error)
	CrawlerRuns(ctx context.Context, req CrawlerRunsRequest) ([]CrawlerRun, error)
	CrawlerTables(ctx context.Context, req CrawlerTablesRequest) ([]CrawledTable, error)

	WorkflowRedrive(ctx context.Context, req WorkflowRedriveRequest, report base.Report) (Execution, error)
	WorkflowMapRuns(ctx context.Context, req WorkflowMapRunsRequest) ([]MapRun, error)
	WorkflowTestState(ctx context.Context, req WorkflowTestStateRequest, report base.Report) (json.RawMessage, error)
	TaskSuccess(ctx context.Context, req TaskSuccessRequest) (TaskAnswer, error)
	TaskFailure(ctx context.Context, req TaskFailureRequest) (TaskAnswer, error)
	TaskHeartbeat(ctx context.Context, req TaskHeartbeatRequest) (TaskAnswer, error)
	ActivityList(ctx context.Context, req ActivityListRequest) ([]Activity, error)
	ActivityCreate(ctx context.Context, req ActivityCreateRequest) (Activity, error)
	ActivityDelete(ctx context.Context, req ActivityDeleteRequest) (TaskAnswer, error)
	ActivityPoll(ctx context.Context, req ActivityPollRequest, report base.Report) (ActivityTask, error)
	NoticeList(ctx context.Context, req NoticeListRequest) ([]Notice, error)
	NoticeShow(ctx context.Context, req NoticeShowRequest) (Notice, error)
	NoticeResend(ctx context.Context, req NoticeResendRequest) (Notice, error)
	KVTables(ctx context.Context, req KVTablesRequest) ([]KVTable, error)
	KVGet(ctx context.Context, req KVGetRequest) (KVItem, error)
	KVPut(ctx context.Context, req KVPutRequest) (KVItem, error)
	KVDelete(ctx context.Context, req KVDeleteRequest) (KVItem, error)
	KVScan(ctx context.Context, req KVScanRequest) (KVPage, error)
}

// Operation is one entry of the API: how it is called over HTTP and how it is
// carried out.
type Operation struct {
	// Name is noun.verb: "job.run".
	Name string
	// Method and Path are HTTP's; {name} in Path is a field of the request.
	Method string
	Path   string
	// Summary is one line for the API's list of operations.
	Summary string
	// Mutates is set if it changes anything that lasts, a run record included.
	Mutates bool
	// Streams is set if it may take long and reports progress.
	Streams bool
	// New makes an empty request (a pointer) to decode JSON into.
	New func() any
	// NewResult makes an empty result (a pointer) to decode JSON into.
	NewResult func() any
	// Do runs it; req is what New made, filled.
	Do func(ctx context.Context, b Backend, req any, report base.Report) (any, error)
}

// Operations is the table of all operations, in the order shown to users.
func Operations() []Operation {
	return []Operation{
		short("status", "GET", "/api/status", "What the project and its owner are doing", reads, Backend.Status),

		short("job.list", "GET", "/api/jobs", "Jobs of the project", reads, Backend.JobList),
		short("job.show", "GET", "/api/jobs/{job}", "One job: parameters, outputs, SQL", reads, Backend.JobShow),
		long("job.run", "POST", "/api/jobs/{job}/runs", "Run a job and wait for its end", changes, Backend.JobRun),
		long("job.preview", "POST", "/api/jobs/{job}/preview", "First rows of a job's result, nothing is written", reads, Backend.JobPreview),
		short("job.runs", "GET", "/api/runs", "Runs of jobs, newest first", reads, Backend.JobRuns),
		short("job.run.get", "GET", "/api/runs/{id}", "One run", reads, Backend.JobRunGet),
		short("job.log", "GET", "/api/runs/{id}/log", "Captured log of a run", reads, Backend.JobLog),
		short("job.stop", "POST", "/api/runs/{id}/stop", "Stop a run", changes, Backend.JobStop),

		short("workflow.list", "GET", "/api/workflows", "Workflows of the project", reads, Backend.WorkflowList),
		long("workflow.run", "POST", "/api/workflows/{workflow}/executions", "Start an execution and wait for its end unless detached", changes, Backend.WorkflowRun),
		short("workflow.executions", "GET", "/api/executions", "Executions, newest first", reads, Backend.WorkflowExecutions),
		short("workflow.history", "GET", "/api/executions/{execution}/history", "Events of an execution, oldest first", reads, Backend.WorkflowHistory),
		short("workflow.stop", "POST", "/api/executions/{execution}/stop", "Stop an execution", changes, Backend.WorkflowStop),
		long("workflow.resume", "POST", "/api/executions/resume", "Carry on interrupted executions", changes, Backend.WorkflowResume),
		long("workflow.backfill", "POST", "/api/workflows/{workflow}/backfill", "Run a workflow once for each day or month of a span", changes, Backend.WorkflowBackfill),

		short("schedule.list", "GET", "/api/schedules", "Schedules of the project", reads, Backend.ScheduleList),
		short("schedule.show", "GET", "/api/schedules/{name}", "One schedule with all it says", reads, Backend.ScheduleShow),
		short("schedule.next", "GET", "/api/upcoming", "Times to come, in order", reads, Backend.ScheduleNext),
		short("schedule.enable", "POST", "/api/schedules/{name}/enable", "Let a schedule fire", changes, Backend.ScheduleEnable),
		short("schedule.disable", "POST", "/api/schedules/{name}/disable", "Keep a schedule from firing", changes, Backend.ScheduleDisable),
		long("schedule.run", "POST", "/api/schedules/{name}/runs", "Start a schedule's target by hand", changes, Backend.ScheduleRun),
		short("schedule.history", "GET", "/api/fires", "Fires of schedules, newest first", reads, Backend.ScheduleHistory),

		long("query", "POST", "/api/query", "Run one SQL statement", changes, Backend.Query),
		short("query.list", "GET", "/api/queries", "Statements, newest first, as far back as history is kept", reads, Backend.QueryList),
		short("query.get", "GET", "/api/queries/{id}", "One statement: text, state, cost", reads, Backend.QueryGet),
		short("query.results", "GET", "/api/queries/{id}/results", "Rows of a statement that succeeded, while they are kept", reads, Backend.QueryResults),
		short("query.stop", "POST", "/api/queries/{id}/stop", "Stop a statement", changes, Backend.QueryStop),

		short("table.list", "GET", "/api/tables", "Tables of the catalog", reads, Backend.TableList),
		short("table.describe", "GET", "/api/tables/{table}", "Columns, partitions, comments, size", reads, Backend.TableDescribe),
		short("table.files", "GET", "/api/tables/{table}/files", "Data files of the current snapshot", reads, Backend.TableFiles),
		short("table.history", "GET", "/api/tables/{table}/history", "Snapshots, newest first", reads, Backend.TableHistory),
		long("table.optimize", "POST", "/api/tables/{table}/optimize", "Rewrite small files into larger ones", changes, Backend.TableOptimize),
		long("table.expire", "POST", "/api/tables/{table}/expire", "Drop old snapshots and files only they use", changes, Backend.TableExpire),
		long("table.clean", "POST", "/api/lake/clean", "Delete files no table refers to", changes, Backend.TableClean),
		long("table.export-hive", "POST", "/api/tables/{table}/export-hive", "Write the current snapshot as a plain Hive folder", changes, Backend.TableExportHive),

		short("crawler.list", "GET", "/api/crawlers", "Crawlers of the project", reads, Backend.CrawlerList),
		short("crawler.get", "GET", "/api/crawlers/{name}", "One crawler as GetCrawler returns it", reads, Backend.CrawlerGet),
		long("crawler.run", "POST", "/api/crawlers/{name}/runs", "Run a crawler", changes, Backend.CrawlerRun),
		short("crawler.stop", "POST", "/api/crawlers/{name}/stop", "Stop a running crawler", changes, Backend.CrawlerStop),
		short("crawler.runs", "GET", "/api/crawlers/{name}/runs", "Runs of a crawler, newest first", reads, Backend.CrawlerRuns),
		short("crawler.tables", "GET", "/api/crawled", "Tables that crawlers recorded", reads, Backend.CrawlerTables),

		long("workflow.redrive", "POST", "/api/executions/{execution}/redrive", "Go on with a failed execution from the states that failed", changes, Backend.WorkflowRedrive),
		short("workflow.map-runs", "GET", "/api/executions/{execution}/map-runs", "Runs of an execution's distributed Maps", reads, Backend.WorkflowMapRuns),
		long("workflow.test-state", "POST", "/api/workflows/test-state", "Run one state by itself, as TestState of Step Functions does", changes, Backend.WorkflowTestState),
		short("task.success", "POST", "/api/tasks/success", "End a task that waits for its token", changes, Backend.TaskSuccess),
		short("task.failure", "POST", "/api/tasks/failure", "End a task that waits for its token with an error", changes, Backend.TaskFailure),
		short("task.heartbeat", "POST", "/api/tasks/heartbeat", "Say that a task that waits for its token is alive", changes, Backend.TaskHeartbeat),
		short("activity.list", "GET", "/api/activities", "Activities: work that programs outside fetch", reads, Backend.ActivityList),
		short("activity.create", "POST", "/api/activities", "Make an activity", changes, Backend.ActivityCreate),
		short("activity.delete", "POST", "/api/activities/{activity}/delete", "Remove an activity", changes, Backend.ActivityDelete),
		long("activity.poll", "POST", "/api/activities/{activity}/poll", "Wait for a task of an activity, up to a minute", changes, Backend.ActivityPoll),
		short("notice.list", "GET", "/api/notices", "Messages to people, newest first", reads, Backend.NoticeList),
		short("notice.show", "GET", "/api/notices/{id}", "One message with its content", reads, Backend.NoticeShow),
		short("notice.resend", "POST", "/api/notices/{id}/resend", "Send a message again that failed, or whose fate is unknown", changes, Backend.NoticeResend),
		short("kv.tables", "GET", "/api/kv", "Tables of the key-value store", reads, Backend.KVTables),
		short("kv.get", "GET", "/api/kv/{table}/item", "One item by its key", reads, Backend.KVGet),
		short("kv.put", "POST", "/api/kv/{table}/items", "Write an item, replacing the one with its key", changes, Backend.KVPut),
		short("kv.delete", "POST", "/api/kv/{table}/item/delete", "Delete an item by its key", changes, Backend.KVDelete),
		short("kv.scan", "GET", "/api/kv/{table}/items", "Items in the order of their keys", reads, Backend.KVScan),
	}
}

// OperationNamed finds an operation of the table.
func OperationNamed(name string) (Operation, bool) {
	for _, o := range Operations() {
		if o.Name == name {
			return o, true
		}
	}
	return Operation{}, false
}

const (
	reads   = false
	changes = true
)

func long[Q, R any](name, method, path, summary string, mutates bool, do func(Backend, context.Context, Q, base.Report) (R, error)) Operation {
	return Operation{
		Name: name, Method: method, Path: path, Summary: summary, Mutates: mutates, Streams: true,
		New:       func() any { return new(Q) },
		NewResult: func() any { return new(R) },
		Do: func(ctx context.Context, b Backend, req any, report base.Report) (any, error) {
			return do(b, ctx, *req.(*Q), report)
		},
	}
}

func short[Q, R any](name, method, path, summary string, mutates bool, do func(Backend, context.Context, Q) (R, error)) Operation {
	o := long(name, method, path, summary, mutates, func(b Backend, ctx context.Context, q Q, _ base.Report) (R, error) {
		return do(b, ctx, q)
	})
	o.Streams = false
	return o
}
