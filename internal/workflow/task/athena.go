package task

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/workflow"
)

// Query is a statement to run.
type Query struct {
	// ID names it for ever; a statement is run once under one.
	ID, SQL           string
	Catalog, Database string
	WorkGroup         string
	// Output is where Athena would put the rows as CSV, empty for nowhere.
	Output string
	// Arguments fill the question marks of a prepared text, as SQL literals.
	Arguments []string
}

// QueryState is where a statement stands; see history.Record for its words.
type QueryState struct {
	Query
	State, Kind, Error string
	Submitted, Ended   time.Time
	Queued, Elapsed    time.Duration
	ScanBytes          int64
}

// Queries runs statements of Athena's SQL.
type Queries interface {
	// Start starts a statement; one that has, or had, its ID is not started
	// again. The error is of the statement's start, not of its run.
	Start(ctx context.Context, q Query) error
	// Wait returns the statement once it is over.
	Wait(ctx context.Context, id string) (QueryState, error)
	Get(ctx context.Context, id string) (QueryState, error)
	Stop(ctx context.Context, id string) error
	// Rows are the answer's columns, their types, and its rows as texts from
	// the one numbered from on, at most most; nil is NULL.
	Rows(ctx context.Context, id string, from, most int) (names, types []string, rows [][]*string, more bool, err error)
}

// Athena serves queries.
func Athena(q Queries, clock base.Clock) Table {
	a := athena{q: q, clock: clock}
	return Table{
		optimised + "athena:startQueryExecution":      a.start(true),
		sdk + "athena:startQueryExecution":            a.start(false),
		optimised + "athena:startQueryExecution.sync": a.sync,
		optimised + "athena:getQueryExecution":        a.get(true),
		sdk + "athena:getQueryExecution":              a.get(false),
		optimised + "athena:getQueryResults":          a.results(true),
		sdk + "athena:getQueryResults":                a.results(false),
		optimised + "athena:stopQueryExecution":       a.stop(true),
		sdk + "athena:stopQueryExecution":             a.stop(false),
	}
}

type athena struct {
	q     Queries
	clock base.Clock
}

func (a athena) begin(ctx context.Context, t workflow.Task, plain bool) (string, error) {
	var in struct {
		QueryString, ClientRequestToken, WorkGroup string
		QueryExecutionContext                      struct{ Catalog, Database string }
		ResultConfiguration                        struct{ OutputLocation string }
		ExecutionParameters                        []string
	}
	if err := params(t, "athena:startQueryExecution", &in); err != nil {
		return "", err
	}
	if in.QueryString == "" {
		return "", missing("QueryString")
	}
	q := Query{
		ID: uuid.NewSHA1(uuid.NameSpaceURL, []byte("query "+t.ID)).String(), SQL: in.QueryString, Catalog: in.QueryExecutionContext.Catalog, Database: in.QueryExecutionContext.Database,
		WorkGroup: in.WorkGroup, Output: in.ResultConfiguration.OutputLocation, Arguments: in.ExecutionParameters,
	}
	if in.ClientRequestToken != "" { // the state's own word on what is the same request
		q.ID = uuid.NewSHA1(uuid.NameSpaceURL, []byte("request "+in.ClientRequestToken)).String()
	}
	return q.ID, a.fail(a.q.Start(ctx, q), plain, t)
}

// fail names an error of the service.
func (a athena) fail(err error, plain bool, t workflow.Task) error {
	k := base.KindOf(err)
	if err == nil || k != base.NotFound && k != base.Invalid && k != base.Usage && k != base.Denied && k != base.Conflict {
		return err
	}
	var e *base.Error
	message := err.Error()
	if errors.As(err, &e) {
		message = e.Msg
	}
	return queries.fail(plain, "InvalidRequestException", http.StatusBadRequest, message, t)
}

func (a athena) reply(t workflow.Task, plain bool, result map[string]any) (json.RawMessage, error) {
	return reply(t, a.clock.Now(), plain, "application/x-amz-json-1.1", result)
}

func (a athena) start(plain bool) workflow.TaskFunc {
	return func(ctx context.Context, t workflow.Task) (json.RawMessage, error) {
		id, err := a.begin(ctx, t, plain)
		if err != nil {
			return nil, err
		}
		return a.reply(t, plain, map[string]any{"QueryExecutionId": id})
	}
}

// sync waits for the statement; its description is the output, or the cause
// of States.TaskFailed.
func (a athena) sync(ctx context.Context, t workflow.Task) (json.RawMessage, error) {
	id, err := a.begin(ctx, t, true)
	if err != nil {
		return nil, err
	}
	if t.Submitted == nil && t.Submit != nil {
		first, err := a.reply(t, true, map[string]any{"QueryExecutionId": id})
		if err != nil {
			return nil, err
		}
		if err := t.Submit(first); err != nil {
			return nil, err
		}
	}
	s, err := a.q.Wait(ctx, id)
	if ctx.Err() != nil {
		if workflow.Stopped(ctx) {
			_ = a.q.Stop(context.WithoutCancel(ctx), id)
		}
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	out, err := answer(map[string]any{"QueryExecution": describeQuery(s)})
	if err != nil {
		return nil, err
	}
	if s.State != "SUCCEEDED" {
		if out, err = answer(describeQuery(s)); err != nil {
			return nil, err
		}
		return nil, &workflow.TaskError{Name: "States.TaskFailed", Cause: string(out)}
	}
	return out, nil
}

// describeQuery is GetQueryExecution's QueryExecution.
func describeQuery(s QueryState) map[string]any {
	status := map[string]any{"State": s.State, "SubmissionDateTime": s.Submitted.UnixMilli()}
	if !s.Ended.IsZero() {
		status["CompletionDateTime"] = s.Ended.UnixMilli()
	}
	if s.Error != "" {
		status["StateChangeReason"] = s.Error
		status["AthenaError"] = map[string]any{"ErrorCategory": 2, "ErrorMessage": s.Error, "Retryable": false}
	}
	out := map[string]any{
		"QueryExecutionId": s.ID, "Query": s.SQL, "StatementType": statementType(s.Kind), "SubstatementType": s.Kind,
		"EngineVersion":         map[string]any{"SelectedEngineVersion": "AUTO", "EffectiveEngineVersion": "Athena engine version 3"},
		"QueryExecutionContext": map[string]any{"Catalog": strings.ToLower(s.Catalog), "Database": s.Database},
		"ResultReuseInfo":       map[string]any{}, "Status": status, "WorkGroup": "primary",
		"Statistics": map[string]any{
			"DataScannedInBytes": s.ScanBytes, "EngineExecutionTimeInMillis": (s.Elapsed - s.Queued).Milliseconds(), "QueryQueueTimeInMillis": s.Queued.Milliseconds(),
			"ServiceProcessingTimeInMillis": 0, "TotalExecutionTimeInMillis": s.Elapsed.Milliseconds(),
		},
	}
	if s.WorkGroup != "" {
		out["WorkGroup"] = s.WorkGroup
	}
	if s.Output != "" {
		out["ResultConfiguration"] = map[string]any{"OutputLocation": s.Output}
	}
	return out
}

// statementType is DDL, DML or UTILITY.
func statementType(kind string) string {
	switch first, _, _ := strings.Cut(strings.ToUpper(kind), " "); first {
	case "CREATE", "ALTER", "DROP", "MSCK":
		return "DDL"
	case "SHOW", "DESCRIBE", "EXPLAIN":
		return "UTILITY"
	}
	return "DML"
}

func (a athena) query(t workflow.Task, name string) (id string, most int, next string, err error) {
	var in struct {
		QueryExecutionId, NextToken string
		MaxResults                  int
	}
	if err := params(t, name, &in); err != nil {
		return "", 0, "", err
	}
	if in.QueryExecutionId == "" {
		return "", 0, "", missing("QueryExecutionId")
	}
	return in.QueryExecutionId, in.MaxResults, in.NextToken, nil
}

func (a athena) get(plain bool) workflow.TaskFunc {
	return func(ctx context.Context, t workflow.Task) (json.RawMessage, error) {
		id, _, _, err := a.query(t, "athena:getQueryExecution")
		if err != nil {
			return nil, err
		}
		s, err := a.q.Get(ctx, id)
		if err != nil {
			return nil, a.fail(err, plain, t)
		}
		return answer(map[string]any{"QueryExecution": describeQuery(s)})
	}
}

func (a athena) stop(plain bool) workflow.TaskFunc {
	return func(ctx context.Context, t workflow.Task) (json.RawMessage, error) {
		id, _, _, err := a.query(t, "athena:stopQueryExecution")
		if err != nil {
			return nil, err
		}
		if err := a.q.Stop(ctx, id); err != nil {
			return nil, a.fail(err, plain, t)
		}
		return a.reply(t, plain, map[string]any{})
	}
}

// Pages of results, as Athena's.
const mostRows = 1000

// results is a page of rows; the first one begins with the columns' names.
func (a athena) results(plain bool) workflow.TaskFunc {
	return func(ctx context.Context, t workflow.Task) (json.RawMessage, error) {
		id, most, next, err := a.query(t, "athena:getQueryResults")
		if err != nil {
			return nil, err
		}
		if most <= 0 || most > mostRows {
			most = mostRows
		}
		from := 0
		if next != "" {
			if from, err = strconv.Atoi(next); err != nil || from < 1 {
				return nil, a.fail(base.Errorf(base.Invalid, "the NextToken %q is none", next), plain, t)
			}
		}
		first := from == 0
		if first {
			most--
		}
		names, types, rows, more, err := a.q.Rows(ctx, id, from, most)
		if err != nil {
			return nil, a.fail(err, plain, t)
		}
		page := make([]any, 0, len(rows)+1)
		line := func(cells []*string) {
			data := make([]any, len(cells))
			for i, c := range cells {
				data[i] = map[string]any{}
				if c != nil {
					data[i] = map[string]any{"VarCharValue": *c}
				}
			}
			page = append(page, map[string]any{"Data": data})
		}
		if first && len(names) > 0 {
			head := make([]*string, len(names))
			for i := range names {
				head[i] = &names[i]
			}
			line(head)
		}
		for _, r := range rows {
			line(r)
		}
		info := make([]any, len(names))
		for i := range names {
			info[i] = map[string]any{"CatalogName": "hive", "SchemaName": "", "TableName": "", "Name": names[i], "Label": names[i], "Type": types[i], "Nullable": "UNKNOWN", "CaseSensitive": strings.HasPrefix(types[i], "varchar")}
		}
		out := map[string]any{"ResultSet": map[string]any{"Rows": page, "ResultSetMetadata": map[string]any{"ColumnInfo": info}}, "UpdateCount": 0}
		if more {
			out["NextToken"] = strconv.Itoa(from + len(rows))
		}
		return a.reply(t, plain, out)
	}
}
