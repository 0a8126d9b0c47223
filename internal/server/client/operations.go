package client

import (
	"context"
	"encoding/json"

	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/base"
)

func (c *Client) Status(ctx context.Context, req app.StatusRequest) (app.Status, error) {
	return call[app.Status](ctx, c, "status", req, nil)
}

func (c *Client) JobList(ctx context.Context, req app.JobListRequest) ([]app.JobInfo, error) {
	return call[[]app.JobInfo](ctx, c, "job.list", req, nil)
}

func (c *Client) JobShow(ctx context.Context, req app.JobShowRequest) (app.JobDetail, error) {
	return call[app.JobDetail](ctx, c, "job.show", req, nil)
}

func (c *Client) JobRun(ctx context.Context, req app.JobRunRequest, report base.Report) (app.JobRun, error) {
	return call[app.JobRun](ctx, c, "job.run", req, report)
}

func (c *Client) JobPreview(ctx context.Context, req app.JobPreviewRequest, report base.Report) (app.ResultSet, error) {
	return call[app.ResultSet](ctx, c, "job.preview", req, report)
}

func (c *Client) JobRuns(ctx context.Context, req app.JobRunsRequest) ([]app.JobRun, error) {
	return call[[]app.JobRun](ctx, c, "job.runs", req, nil)
}

func (c *Client) JobRunGet(ctx context.Context, req app.JobRunGetRequest) (app.JobRun, error) {
	return call[app.JobRun](ctx, c, "job.run.get", req, nil)
}

func (c *Client) JobLog(ctx context.Context, req app.JobLogRequest) (app.JobLog, error) {
	return call[app.JobLog](ctx, c, "job.log", req, nil)
}

func (c *Client) JobStop(ctx context.Context, req app.JobStopRequest) (app.JobRun, error) {
	return call[app.JobRun](ctx, c, "job.stop", req, nil)
}

func (c *Client) WorkflowList(ctx context.Context, req app.WorkflowListRequest) ([]app.WorkflowInfo, error) {
	return call[[]app.WorkflowInfo](ctx, c, "workflow.list", req, nil)
}

func (c *Client) WorkflowRun(ctx context.Context, req app.WorkflowRunRequest, report base.Report) (app.Execution, error) {
	return call[app.Execution](ctx, c, "workflow.run", req, report)
}

func (c *Client) WorkflowExecutions(ctx context.Context, req app.WorkflowExecutionsRequest) ([]app.Execution, error) {
	return call[[]app.Execution](ctx, c, "workflow.executions", req, nil)
}

func (c *Client) WorkflowHistory(ctx context.Context, req app.WorkflowHistoryRequest) ([]app.Event, error) {
	return call[[]app.Event](ctx, c, "workflow.history", req, nil)
}

func (c *Client) WorkflowStop(ctx context.Context, req app.WorkflowStopRequest) (app.Execution, error) {
	return call[app.Execution](ctx, c, "workflow.stop", req, nil)
}

func (c *Client) WorkflowResume(ctx context.Context, req app.WorkflowResumeRequest, report base.Report) ([]app.Execution, error) {
	return call[[]app.Execution](ctx, c, "workflow.resume", req, report)
}

func (c *Client) WorkflowBackfill(ctx context.Context, req app.WorkflowBackfillRequest, report base.Report) ([]app.BackfillInterval, error) {
	return call[[]app.BackfillInterval](ctx, c, "workflow.backfill", req, report)
}

func (c *Client) ScheduleList(ctx context.Context, req app.ScheduleListRequest) ([]app.ScheduleInfo, error) {
	return call[[]app.ScheduleInfo](ctx, c, "schedule.list", req, nil)
}

func (c *Client) ScheduleShow(ctx context.Context, req app.ScheduleShowRequest) (app.ScheduleDetail, error) {
	return call[app.ScheduleDetail](ctx, c, "schedule.show", req, nil)
}

func (c *Client) ScheduleNext(ctx context.Context, req app.ScheduleNextRequest) ([]app.ScheduledTime, error) {
	return call[[]app.ScheduledTime](ctx, c, "schedule.next", req, nil)
}

func (c *Client) ScheduleEnable(ctx context.Context, req app.ScheduleSwitchRequest) (app.ScheduleInfo, error) {
	return call[app.ScheduleInfo](ctx, c, "schedule.enable", req, nil)
}

func (c *Client) ScheduleDisable(ctx context.Context, req app.ScheduleSwitchRequest) (app.ScheduleInfo, error) {
	return call[app.ScheduleInfo](ctx, c, "schedule.disable", req, nil)
}

func (c *Client) ScheduleRun(ctx context.Context, req app.ScheduleRunRequest, report base.Report) (app.ScheduleFire, error) {
	return call[app.ScheduleFire](ctx, c, "schedule.run", req, report)
}

func (c *Client) ScheduleHistory(ctx context.Context, req app.ScheduleHistoryRequest) ([]app.ScheduleFire, error) {
	return call[[]app.ScheduleFire](ctx, c, "schedule.history", req, nil)
}

func (c *Client) Query(ctx context.Context, req app.QueryRequest, report base.Report) (app.ResultSet, error) {
	return call[app.ResultSet](ctx, c, "query", req, report)
}

func (c *Client) QueryList(ctx context.Context, req app.QueryListRequest) ([]app.QueryInfo, error) {
	return call[[]app.QueryInfo](ctx, c, "query.list", req, nil)
}

func (c *Client) QueryGet(ctx context.Context, req app.QueryGetRequest) (app.QueryInfo, error) {
	return call[app.QueryInfo](ctx, c, "query.get", req, nil)
}

func (c *Client) QueryResults(ctx context.Context, req app.QueryResultsRequest) (app.ResultSet, error) {
	return call[app.ResultSet](ctx, c, "query.results", req, nil)
}

func (c *Client) QueryStop(ctx context.Context, req app.QueryStopRequest) (app.QueryInfo, error) {
	return call[app.QueryInfo](ctx, c, "query.stop", req, nil)
}

func (c *Client) TableList(ctx context.Context, req app.TableListRequest) ([]app.TableInfo, error) {
	return call[[]app.TableInfo](ctx, c, "table.list", req, nil)
}

func (c *Client) TableDescribe(ctx context.Context, req app.TableDescribeRequest) (app.TableDetail, error) {
	return call[app.TableDetail](ctx, c, "table.describe", req, nil)
}

func (c *Client) TableFiles(ctx context.Context, req app.TableFilesRequest) ([]app.TableFile, error) {
	return call[[]app.TableFile](ctx, c, "table.files", req, nil)
}

func (c *Client) TableHistory(ctx context.Context, req app.TableHistoryRequest) ([]app.TableSnapshot, error) {
	return call[[]app.TableSnapshot](ctx, c, "table.history", req, nil)
}

func (c *Client) TableOptimize(ctx context.Context, req app.TableOptimizeRequest, report base.Report) (app.TableOptimized, error) {
	return call[app.TableOptimized](ctx, c, "table.optimize", req, report)
}

func (c *Client) TableExpire(ctx context.Context, req app.TableExpireRequest, report base.Report) (app.TableExpired, error) {
	return call[app.TableExpired](ctx, c, "table.expire", req, report)
}

func (c *Client) TableClean(ctx context.Context, req app.TableCleanRequest, report base.Report) (app.TableCleaned, error) {
	return call[app.TableCleaned](ctx, c, "table.clean", req, report)
}

func (c *Client) TableExportHive(ctx context.Context, req app.TableExportHiveRequest, report base.Report) (app.TableExported, error) {
	return call[app.TableExported](ctx, c, "table.export-hive", req, report)
}

func (c *Client) CrawlerList(ctx context.Context, req app.CrawlerListRequest) ([]app.CrawlerInfo, error) {
	return call[[]app.CrawlerInfo](ctx, c, "crawler.list", req, nil)
}

func (c *Client) CrawlerGet(ctx context.Context, req app.CrawlerGetRequest) (json.RawMessage, error) {
	return call[json.RawMessage](ctx, c, "crawler.get", req, nil)
}

func (c *Client) CrawlerRun(ctx context.Context, req app.CrawlerRunRequest, report base.Report) (app.CrawlerRun, error) {
	return call[app.CrawlerRun](ctx, c, "crawler.run", req, report)
}

func (c *Client) CrawlerStop(ctx context.Context, req app.CrawlerStopRequest) (app.CrawlerRun, error) {
	return call[app.CrawlerRun](ctx, c, "crawler.stop", req, nil)
}

func (c *Client) CrawlerRuns(ctx context.Context, req app.CrawlerRunsRequest) ([]app.CrawlerRun, error) {
	return call[[]app.CrawlerRun](ctx, c, "crawler.runs", req, nil)
}

func (c *Client) CrawlerTables(ctx context.Context, req app.CrawlerTablesRequest) ([]app.CrawledTable, error) {
	return call[[]app.CrawledTable](ctx, c, "crawler.tables", req, nil)
}

func (c *Client) WorkflowRedrive(ctx context.Context, req app.WorkflowRedriveRequest, report base.Report) (app.Execution, error) {
	return call[app.Execution](ctx, c, "workflow.redrive", req, report)
}

func (c *Client) WorkflowMapRuns(ctx context.Context, req app.WorkflowMapRunsRequest) ([]app.MapRun, error) {
	return call[[]app.MapRun](ctx, c, "workflow.map-runs", req, nil)
}

func (c *Client) WorkflowTestState(ctx context.Context, req app.WorkflowTestStateRequest, report base.Report) (json.RawMessage, error) {
	return call[json.RawMessage](ctx, c, "workflow.test-state", req, report)
}

func (c *Client) TaskSuccess(ctx context.Context, req app.TaskSuccessRequest) (app.TaskAnswer, error) {
	return call[app.TaskAnswer](ctx, c, "task.success", req, nil)
}

func (c *Client) TaskFailure(ctx context.Context, req app.TaskFailureRequest) (app.TaskAnswer, error) {
	return call[app.TaskAnswer](ctx, c, "task.failure", req, nil)
}

func (c *Client) TaskHeartbeat(ctx context.Context, req app.TaskHeartbeatRequest) (app.TaskAnswer, error) {
	return call[app.TaskAnswer](ctx, c, "task.heartbeat", req, nil)
}

func (c *Client) ActivityList(ctx context.Context, req app.ActivityListRequest) ([]app.Activity, error) {
	return call[[]app.Activity](ctx, c, "activity.list", req, nil)
}

func (c *Client) ActivityCreate(ctx context.Context, req app.ActivityCreateRequest) (app.Activity, error) {
	return call[app.Activity](ctx, c, "activity.create", req, nil)
}

func (c *Client) ActivityDelete(ctx context.Context, req app.ActivityDeleteRequest) (app.TaskAnswer, error) {
	return call[app.TaskAnswer](ctx, c, "activity.delete", req, nil)
}

func (c *Client) ActivityPoll(ctx context.Context, req app.ActivityPollRequest, report base.Report) (app.ActivityTask, error) {
	return call[app.ActivityTask](ctx, c, "activity.poll", req, report)
}

func (c *Client) NoticeList(ctx context.Context, req app.NoticeListRequest) ([]app.Notice, error) {
	return call[[]app.Notice](ctx, c, "notice.list", req, nil)
}

func (c *Client) NoticeShow(ctx context.Context, req app.NoticeShowRequest) (app.Notice, error) {
	return call[app.Notice](ctx, c, "notice.show", req, nil)
}

func (c *Client) NoticeResend(ctx context.Context, req app.NoticeResendRequest) (app.Notice, error) {
	return call[app.Notice](ctx, c, "notice.resend", req, nil)
}

func (c *Client) KVTables(ctx context.Context, req app.KVTablesRequest) ([]app.KVTable, error) {
	return call[[]app.KVTable](ctx, c, "kv.tables", req, nil)
}

func (c *Client) KVGet(ctx context.Context, req app.KVGetRequest) (app.KVItem, error) {
	return call[app.KVItem](ctx, c, "kv.get", req, nil)
}

func (c *Client) KVPut(ctx context.Context, req app.KVPutRequest) (app.KVItem, error) {
	return call[app.KVItem](ctx, c, "kv.put", req, nil)
}

func (c *Client) KVDelete(ctx context.Context, req app.KVDeleteRequest) (app.KVItem, error) {
	return call[app.KVItem](ctx, c, "kv.delete", req, nil)
}

func (c *Client) KVScan(ctx context.Context, req app.KVScanRequest) (app.KVPage, error) {
	return call[app.KVPage](ctx, c, "kv.scan", req, nil)
}
