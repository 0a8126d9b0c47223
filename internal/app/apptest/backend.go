// Package apptest has a scripted app.Backend for tests of what lies outside
// it: the command line and the HTTP server.
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
