// Package apptest has what tests of the command line and the servers stand on: a
// scripted app.Backend, and a query service over an empty lake.
package apptest

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/base"
)

// Backend answers every operation with Handle. Handle gets the operation's
// name from the table and its request by value; it returns the operation's
// result type. Report may be nil.
type Backend struct {
	Handle func(ctx context.Context, operation string, req any, report base.Report) (any, error)
}

var _ app.Backend = Backend{}

func answer[R any](ctx context.Context, b Backend, operation string, req any, report base.Report) (R, error) {
	var zero R
	v, err := b.Handle(ctx, operation, req, report)
	if err != nil {
		return zero, err
	}
	r, ok := v.(R)
	if !ok {
		return zero, fmt.Errorf("script of %s returns %T, want %T", operation, v, zero)
	}
	return r, nil
}

func (b Backend) Status(ctx context.Context, req app.StatusRequest) (app.Status, error) {
	return answer[app.Status](ctx, b, "status", req, nil)
}

func (b Backend) JobList(ctx context.Context, req app.JobListRequest) ([]app.JobInfo, error) {
	return answer[[]app.JobInfo](ctx, b, "job.list", req, nil)
}

func (b Backend) JobShow(ctx context.Context, req app.JobShowRequest) (app.JobDetail, error) {
	return answer[app.JobDetail](ctx, b, "job.show", req, nil)
}

func (b Backend) JobRun(ctx context.Context, req app.JobRunRequest, report base.Report) (app.JobRun, error) {
	return answer[app.JobRun](ctx, b, "job.run", req, report)
}

func (b Backend) JobPreview(ctx context.Context, req app.JobPreviewRequest, report base.Report) (app.ResultSet, error) {
	return answer[app.ResultSet](ctx, b, "job.preview", req, report)
}

func (b Backend) JobRuns(ctx context.Context, req app.JobRunsRequest) ([]app.JobRun, error) {
	return answer[[]app.JobRun](ctx, b, "job.runs", req, nil)
}

func (b Backend) JobRunGet(ctx context.Context, req app.JobRunGetRequest) (app.JobRun, error) {
	return answer[app.JobRun](ctx, b, "job.run.get", req, nil)
}

func (b Backend) JobLog(ctx context.Context, req app.JobLogRequest) (app.JobLog, error) {
	return answer[app.JobLog](ctx, b, "job.log", req, nil)
}

func (b Backend) JobStop(ctx context.Context, req app.JobStopRequest) (app.JobRun, error) {
	return answer[app.JobRun](ctx, b, "job.stop", req, nil)
}

func (b Backend) WorkflowList(ctx context.Context, req app.WorkflowListRequest) ([]app.WorkflowInfo, error) {
	return answer[[]app.WorkflowInfo](ctx, b, "workflow.list", req, nil)
}

func (b Backend) WorkflowRun(ctx context.Context, req app.WorkflowRunRequest, report base.Report) (app.Execution, error) {
	return answer[app.Execution](ctx, b, "workflow.run", req, report)
}

func (b Backend) WorkflowExecutions(ctx context.Context, req app.WorkflowExecutionsRequest) ([]app.Execution, error) {
	return answer[[]app.Execution](ctx, b, "workflow.executions", req, nil)
}

func (b Backend) WorkflowHistory(ctx context.Context, req app.WorkflowHistoryRequest) ([]app.Event, error) {
	return answer[[]app.Event](ctx, b, "workflow.history", req, nil)
}

func (b Backend) WorkflowStop(ctx context.Context, req app.WorkflowStopRequest) (app.Execution, error) {
	return answer[app.Execution](ctx, b, "workflow.stop", req, nil)
}

func (b Backend) WorkflowResume(ctx context.Context, req app.WorkflowResumeRequest, report base.Report) ([]app.Execution, error) {
	return answer[[]app.Execution](ctx, b, "workflow.resume", req, report)
}

func (b Backend) WorkflowBackfill(ctx context.Context, req app.WorkflowBackfillRequest, report base.Report) ([]app.BackfillInterval, error) {
	return answer[[]app.BackfillInterval](ctx, b, "workflow.backfill", req, report)
}

func (b Backend) ScheduleList(ctx context.Context, req app.ScheduleListRequest) ([]app.ScheduleInfo, error) {
	return answer[[]app.ScheduleInfo](ctx, b, "schedule.list", req, nil)
}

func (b Backend) ScheduleShow(ctx context.Context, req app.ScheduleShowRequest) (app.ScheduleDetail, error) {
	return answer[app.ScheduleDetail](ctx, b, "schedule.show", req, nil)
}

func (b Backend) ScheduleNext(ctx context.Context, req app.ScheduleNextRequest) ([]app.ScheduledTime, error) {
	return answer[[]app.ScheduledTime](ctx, b, "schedule.next", req, nil)
}

func (b Backend) ScheduleEnable(ctx context.Context, req app.ScheduleSwitchRequest) (app.ScheduleInfo, error) {
	return answer[app.ScheduleInfo](ctx, b, "schedule.enable", req, nil)
}

func (b Backend) ScheduleDisable(ctx context.Context, req app.ScheduleSwitchRequest) (app.ScheduleInfo, error) {
	return answer[app.ScheduleInfo](ctx, b, "schedule.disable", req, nil)
}

func (b Backend) ScheduleRun(ctx context.Context, req app.ScheduleRunRequest, report base.Report) (app.ScheduleFire, error) {
	return answer[app.ScheduleFire](ctx, b, "schedule.run", req, report)
}

func (b Backend) ScheduleHistory(ctx context.Context, req app.ScheduleHistoryRequest) ([]app.ScheduleFire, error) {
	return answer[[]app.ScheduleFire](ctx, b, "schedule.history", req, nil)
}

func (b Backend) Query(ctx context.Context, req app.QueryRequest, report base.Report) (app.ResultSet, error) {
	return answer[app.ResultSet](ctx, b, "query", req, report)
}

func (b Backend) QueryList(ctx context.Context, req app.QueryListRequest) ([]app.QueryInfo, error) {
	return answer[[]app.QueryInfo](ctx, b, "query.list", req, nil)
}

func (b Backend) QueryGet(ctx context.Context, req app.QueryGetRequest) (app.QueryInfo, error) {
	return answer[app.QueryInfo](ctx, b, "query.get", req, nil)
}

func (b Backend) QueryResults(ctx context.Context, req app.QueryResultsRequest) (app.ResultSet, error) {
	return answer[app.ResultSet](ctx, b, "query.results", req, nil)
}

func (b Backend) QueryStop(ctx context.Context, req app.QueryStopRequest) (app.QueryInfo, error) {
	return answer[app.QueryInfo](ctx, b, "query.stop", req, nil)
}

func (b Backend) TableList(ctx context.Context, req app.TableListRequest) ([]app.TableInfo, error) {
	return answer[[]app.TableInfo](ctx, b, "table.list", req, nil)
}

func (b Backend) TableDescribe(ctx context.Context, req app.TableDescribeRequest) (app.TableDetail, error) {
	return answer[app.TableDetail](ctx, b, "table.describe", req, nil)
}

func (b Backend) TableFiles(ctx context.Context, req app.TableFilesRequest) ([]app.TableFile, error) {
	return answer[[]app.TableFile](ctx, b, "table.files", req, nil)
}

func (b Backend) TableHistory(ctx context.Context, req app.TableHistoryRequest) ([]app.TableSnapshot, error) {
	return answer[[]app.TableSnapshot](ctx, b, "table.history", req, nil)
}

func (b Backend) TableOptimize(ctx context.Context, req app.TableOptimizeRequest, report base.Report) (app.TableOptimized, error) {
	return answer[app.TableOptimized](ctx, b, "table.optimize", req, report)
}

func (b Backend) TableExpire(ctx context.Context, req app.TableExpireRequest, report base.Report) (app.TableExpired, error) {
	return answer[app.TableExpired](ctx, b, "table.expire", req, report)
}

func (b Backend) TableClean(ctx context.Context, req app.TableCleanRequest, report base.Report) (app.TableCleaned, error) {
	return answer[app.TableCleaned](ctx, b, "table.clean", req, report)
}

func (b Backend) TableExportHive(ctx context.Context, req app.TableExportHiveRequest, report base.Report) (app.TableExported, error) {
	return answer[app.TableExported](ctx, b, "table.export-hive", req, report)
}

func (b Backend) CrawlerList(ctx context.Context, req app.CrawlerListRequest) ([]app.CrawlerInfo, error) {
	return answer[[]app.CrawlerInfo](ctx, b, "crawler.list", req, nil)
}

func (b Backend) CrawlerGet(ctx context.Context, req app.CrawlerGetRequest) (json.RawMessage, error) {
	return answer[json.RawMessage](ctx, b, "crawler.get", req, nil)
}

func (b Backend) CrawlerRun(ctx context.Context, req app.CrawlerRunRequest, report base.Report) (app.CrawlerRun, error) {
	return answer[app.CrawlerRun](ctx, b, "crawler.run", req, report)
}

func (b Backend) CrawlerStop(ctx context.Context, req app.CrawlerStopRequest) (app.CrawlerRun, error) {
	return answer[app.CrawlerRun](ctx, b, "crawler.stop", req, nil)
}

func (b Backend) CrawlerRuns(ctx context.Context, req app.CrawlerRunsRequest) ([]app.CrawlerRun, error) {
	return answer[[]app.CrawlerRun](ctx, b, "crawler.runs", req, nil)
}

func (b Backend) CrawlerTables(ctx context.Context, req app.CrawlerTablesRequest) ([]app.CrawledTable, error) {
	return answer[[]app.CrawledTable](ctx, b, "crawler.tables", req, nil)
}

func (b Backend) WorkflowRedrive(ctx context.Context, req app.WorkflowRedriveRequest, report base.Report) (app.Execution, error) {
	return answer[app.Execution](ctx, b, "workflow.redrive", req, report)
}

func (b Backend) WorkflowMapRuns(ctx context.Context, req app.WorkflowMapRunsRequest) ([]app.MapRun, error) {
	return answer[[]app.MapRun](ctx, b, "workflow.map-runs", req, nil)
}

func (b Backend) WorkflowTestState(ctx context.Context, req app.WorkflowTestStateRequest, report base.Report) (json.RawMessage, error) {
	return answer[json.RawMessage](ctx, b, "workflow.test-state", req, report)
}

func (b Backend) TaskSuccess(ctx context.Context, req app.TaskSuccessRequest) (app.TaskAnswer, error) {
	return answer[app.TaskAnswer](ctx, b, "task.success", req, nil)
}

func (b Backend) TaskFailure(ctx context.Context, req app.TaskFailureRequest) (app.TaskAnswer, error) {
	return answer[app.TaskAnswer](ctx, b, "task.failure", req, nil)
}

func (b Backend) TaskHeartbeat(ctx context.Context, req app.TaskHeartbeatRequest) (app.TaskAnswer, error) {
	return answer[app.TaskAnswer](ctx, b, "task.heartbeat", req, nil)
}

func (b Backend) ActivityList(ctx context.Context, req app.ActivityListRequest) ([]app.Activity, error) {
	return answer[[]app.Activity](ctx, b, "activity.list", req, nil)
}

func (b Backend) ActivityCreate(ctx context.Context, req app.ActivityCreateRequest) (app.Activity, error) {
	return answer[app.Activity](ctx, b, "activity.create", req, nil)
}

func (b Backend) ActivityDelete(ctx context.Context, req app.ActivityDeleteRequest) (app.TaskAnswer, error) {
	return answer[app.TaskAnswer](ctx, b, "activity.delete", req, nil)
}

func (b Backend) ActivityPoll(ctx context.Context, req app.ActivityPollRequest, report base.Report) (app.ActivityTask, error) {
	return answer[app.ActivityTask](ctx, b, "activity.poll", req, report)
}

func (b Backend) NoticeList(ctx context.Context, req app.NoticeListRequest) ([]app.Notice, error) {
	return answer[[]app.Notice](ctx, b, "notice.list", req, nil)
}

func (b Backend) NoticeShow(ctx context.Context, req app.NoticeShowRequest) (app.Notice, error) {
	return answer[app.Notice](ctx, b, "notice.show", req, nil)
}

func (b Backend) NoticeResend(ctx context.Context, req app.NoticeResendRequest) (app.Notice, error) {
	return answer[app.Notice](ctx, b, "notice.resend", req, nil)
}

func (b Backend) KVTables(ctx context.Context, req app.KVTablesRequest) ([]app.KVTable, error) {
	return answer[[]app.KVTable](ctx, b, "kv.tables", req, nil)
}

func (b Backend) KVGet(ctx context.Context, req app.KVGetRequest) (app.KVItem, error) {
	return answer[app.KVItem](ctx, b, "kv.get", req, nil)
}

func (b Backend) KVPut(ctx context.Context, req app.KVPutRequest) (app.KVItem, error) {
	return answer[app.KVItem](ctx, b, "kv.put", req, nil)
}

func (b Backend) KVDelete(ctx context.Context, req app.KVDeleteRequest) (app.KVItem, error) {
	return answer[app.KVItem](ctx, b, "kv.delete", req, nil)
}

func (b Backend) KVScan(ctx context.Context, req app.KVScanRequest) (app.KVPage, error) {
	return answer[app.KVPage](ctx, b, "kv.scan", req, nil)
}
