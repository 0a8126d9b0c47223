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
