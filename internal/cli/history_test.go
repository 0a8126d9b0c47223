package cli

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/base"
)

func TestHistoryCommands(t *testing.T) {
	start := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	end := start.Add(1500 * time.Millisecond)
	good := app.QueryInfo{ID: "6f1a", State: "SUCCEEDED", Kind: "SELECT", SQL: "select *\n  from 구매", User: "김", Source: "mulgil query", SubmittedAt: start, StartedAt: &start, EndedAt: &end, Rows: 1234,
		Stats: app.QueryStats{ElapsedMS: 1500, QueuedMS: 20, ScannedBytes: 1_200_000, ScannedFiles: 2, TotalFiles: 96, ChargedBytes: 10 << 20, PriceUSD: 5 * 10.0 / (1 << 20)}, ResultKept: true}
	bad := app.QueryInfo{ID: "77", State: "FAILED", SQL: "select 1/0", SubmittedAt: start, EndedAt: &end, Error: &app.ErrorInfo{Kind: "invalid", Code: "DIVISION_BY_ZERO", Message: "division by zero"}}
	var asked any
	w := newWorld(t, func(_ context.Context, op string, req any, _ base.Report) (any, error) {
		asked = req
		switch op {
		case "query.list":
			return []app.QueryInfo{bad, good}, nil
		case "query.get":
			return map[string]app.QueryInfo{"6f1a": good, "77": bad}[req.(app.QueryGetRequest).ID], nil
		case "query.stop":
			return app.QueryInfo{ID: "6f1a", State: "CANCELLED"}, nil
		}
		return app.ResultSet{ID: "6f1a", Columns: []app.Column{{Name: "이름", Type: "string"}}, Rows: [][]any{{"홍길동"}}, Stats: good.Stats}, nil
	})
	w.expect(t, 0, `statement  state      submitted                took   rows    read         price  user  sql
---------  ---------  -----------------------  ----  -----  ------  ------------  ----  ------------------
77         FAILED     2026-11-30 09:00:00 UTC  1.5s      0     0 B                      select 1/0
6f1a       SUCCEEDED  2026-11-30 09:00:00 UTC  1.5s  1,234  1.2 MB  0.000048 USD  김    select * from 구매
`, "", "history", "--state", "failed", "--user", "김")
	if asked != (app.QueryListRequest{State: "FAILED", User: "김", Limit: 20}) {
		t.Errorf("asked %+v", asked)
	}
	w.expect(t, 0, `statement: 6f1a
state:     SUCCEEDED
kind:      SELECT
user:      김
through:   mulgil query
submitted: 2026-11-30 09:00:00 UTC
started:   2026-11-30 09:00:00 UTC
ended:     2026-11-30 09:00:01 UTC
took:      1.5s
waited:    20 ms
rows:      1,234
read:      1.2 MB in 2 of 96 files
price:     0.000048 USD, as Athena charges 10.5 MB
rows kept: mulgil history results 6f1a

select *
  from 구매
`, "", "history", "show", "6f1a")
	if w.run(t, "history", "show", "77"); !strings.Contains(w.out.String(), "code:      DIVISION_BY_ZERO\n") {
		t.Errorf("%s", w.out.String())
	}
	w.expect(t, 0, "statement 6f1a: CANCELLED\n", "", "history", "stop", "6f1a")
	w.expect(t, 0, "이름\n------\n홍길동\n", "1 row, 1500 ms, 1.2 MB in 2 of 96 files read, Athena would charge 0.000048 USD\n", "history", "results", "6f1a", "--offset", "3")
	if asked != (app.QueryResultsRequest{ID: "6f1a", Limit: 1000, Offset: 3}) {
		t.Errorf("asked %+v", asked)
	}
	w.expect(t, 2, "", "error: mulgil history show needs STATEMENT\nhint: see: mulgil history show --help\n", "history", "show")
	w.expect(t, 2, "", "error: --limit must be 1 or more\nhint: see: mulgil history --help\n", "history", "--limit", "0")
}
