package trino_test

import (
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/app/apptest"
	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/query"
	"github.com/mulgil/mulgil/internal/server/trino"
)

const param = "PARAMETRIC_DATETIME"

func TestAnswersHaveTypesAndFormsOfTrino(t *testing.T) {
	at := serve(t, trino.Options{Query: apptest.Query(t)})
	for _, c := range []struct{ sql, typ, sign, value string }{
		{"1", "integer", `{"rawType":"integer","arguments":[]}`, "1"},
		{"'한글'", "varchar(2)", `{"rawType":"varchar","arguments":[{"kind":"LONG","value":2}]}`, "한글"},
		{"cast('a' as varchar)", "varchar", `{"rawType":"varchar","arguments":[{"kind":"LONG","value":2147483647}]}`, "a"},
		{"cast('ab' as char(4))", "char(4)", `{"rawType":"char","arguments":[{"kind":"LONG","value":4}]}`, "ab  "},
		{"decimal '12.30'", "decimal(4, 2)", `{"rawType":"decimal","arguments":[{"kind":"LONG","value":4},{"kind":"LONG","value":2}]}`, "12.30"},
		{"timestamp '2020-01-01 00:00:00.1234'", "timestamp(4)", `{"rawType":"timestamp","arguments":[{"kind":"LONG","value":4}]}`, "2020-01-01 00:00:00.1234"},
		{"timestamp '2020-01-01 00:00:00 Asia/Seoul'", "timestamp(0) with time zone", `{"rawType":"timestamp with time zone","arguments":[{"kind":"LONG","value":0}]}`, "2020-01-01 00:00:00 Asia/Seoul"},
		{"array[1]", "array(integer)", `{"rawType":"array","arguments":[{"kind":"TYPE","value":{"rawType":"integer","arguments":[]}}]}`, "[1]"},
		{"cast(row(1, 2) as row(n integer, \"두 이름\" bigint))", `row(n integer, "두 이름" bigint)`, `{"rawType":"row","arguments":[{"kind":"NAMED_TYPE","value":{"fieldName":{"name":"n"},"typeSignature":{"rawType":"integer","arguments":[]}}},` +
			`{"kind":"NAMED_TYPE","value":{"fieldName":{"name":"두 이름"},"typeSignature":{"rawType":"bigint","arguments":[]}}}]}`, "[1 2]"},
		{"row(1)", "row(integer)", `{"rawType":"row","arguments":[{"kind":"NAMED_TYPE","value":{"typeSignature":{"rawType":"integer","arguments":[]}}}]}`, "[1]"},
		{"interval '2' day", "INTERVAL DAY TO SECOND", `{"rawType":"interval day to second","arguments":[]}`, "2 00:00:00.000"},
		{"x'00ff'", "varbinary", `{"rawType":"varbinary","arguments":[]}`, "AP8="},
		{"null", "unknown", `{"rawType":"unknown","arguments":[]}`, "<nil>"},
	} {
		r := ask(t, at, "select "+c.sql+" v", "X-Trino-Client-Capabilities", param)
		if r.Error != nil || len(r.Data) != 1 || len(r.Columns) != 1 {
			t.Errorf("%s: %+v", c.sql, r)
			continue
		}
		if col := r.Columns[0]; col.Type != c.typ || string(col.TypeSignature) != c.sign || fmt.Sprint(r.Data[0][0]) != c.value {
			t.Errorf("%s: %s %s %v\nwant %s %s %s", c.sql, col.Type, col.TypeSignature, r.Data[0][0], c.typ, c.sign, c.value)
		}
	}
}

func TestClientsOfOldGetMilliseconds(t *testing.T) {
	at := serve(t, trino.Options{Query: apptest.Query(t)})
	r := ask(t, at, "select timestamp '2020-12-31 23:59:59.9996', array[time '23:59:59.9995'], map(array['a'], array[timestamp '2020-01-01 00:00:00 Asia/Seoul']), 1.5")
	want := "[[2021-01-01 00:00:00.000 [00:00:00.000] map[a:2020-01-01 00:00:00.000 Asia/Seoul] 1.5]]"
	if fmt.Sprint(r.Data) != want || r.Columns[0].Type != "timestamp" || r.Columns[1].Type != "array(time)" || string(r.Columns[0].TypeSignature) != `{"rawType":"timestamp","arguments":[]}` {
		t.Errorf("%v %+v", r.Data, r.Columns)
	}
}

func TestErrorsHaveTrinosNumbersAndPlaces(t *testing.T) {
	at := serve(t, trino.Options{Query: apptest.Query(t)})
	for _, c := range []struct {
		sql, name, typ  string
		code, line, col int
	}{
		{"select 1,\n 없다", "COLUMN_NOT_FOUND", "USER_ERROR", 47, 2, 2},
		{"selec 1", "SYNTAX_ERROR", "USER_ERROR", 1, 1, 1},
		{"select 1/0", "DIVISION_BY_ZERO", "USER_ERROR", 8, 0, 0},
		{"select * from 없다", "TABLE_NOT_FOUND", "USER_ERROR", 46, 1, 15},
		{"create schema 새것", "PERMISSION_DENIED", "USER_ERROR", 4, 0, 0},
	} {
		r := ask(t, at, c.sql)
		e := r.Error
		if e == nil || e.ErrorName != c.name || e.ErrorType != c.typ || e.ErrorCode != c.code || r.Stats.State != "FAILED" {
			t.Errorf("%s: %s", c.sql, r.body)
			continue
		}
		if l := e.ErrorLocation; c.line == 0 != (l == nil) || l != nil && (l.LineNumber != c.line || l.ColumnNumber != c.col) {
			t.Errorf("%s: at %+v", c.sql, l)
		}
	}
}

func TestSessionTravelsInHeaders(t *testing.T) {
	at := serve(t, trino.Options{Query: apptest.Query(t)})
	if r := ask(t, at, `use awsdatacatalog."가게"`); r.header.Get("X-Trino-Set-Catalog") != "awsdatacatalog" || r.header.Get("X-Trino-Set-Schema") != "가게" || r.UpdateType != "USE" {
		t.Errorf("%v %s", r.header, r.body)
	}
	if r := ask(t, at, "set session max_recursion_depth = 3"); r.header.Get("X-Trino-Set-Session") != "max_recursion_depth=3" {
		t.Errorf("%v", r.header)
	}
	if r := ask(t, at, "reset session max_recursion_depth"); r.header.Get("X-Trino-Clear-Session") != "max_recursion_depth" {
		t.Errorf("%v", r.header)
	}
	r := ask(t, at, "prepare p from select ? || '값, =%'")
	added := r.header.Get("X-Trino-Added-Prepare")
	if added == "" || strings.Contains(added, " ") {
		t.Fatalf("%v", r.header)
	}
	if r = ask(t, at, "execute p using '한'", "X-Trino-Prepared-Statement", added); fmt.Sprint(r.Data) != "[[한값, =%]]" {
		t.Errorf("%v %s", r.Data, r.body)
	}
	if r = ask(t, at, "deallocate prepare p", "X-Trino-Prepared-Statement", added); r.header.Get("X-Trino-Deallocated-Prepare") != "p" {
		t.Errorf("%v", r.header)
	}
	if r = ask(t, at, "select 1", "X-Trino-Transaction-Id", "t1"); r.Error == nil || r.Error.ErrorName != "NOT_SUPPORTED" {
		t.Errorf("%s", r.body)
	}
}

func TestTokenOpensChanges(t *testing.T) {
	at := serve(t, trino.Options{Query: apptest.Query(t)})
	for i, h := range [][]string{{"Authorization", "Bearer " + token}, {"X-Trino-Extra-Credential", "a=b, token=%EC%97%B4%EC%87%A0"}, {"Authorization", "Basic a2ltOuyXtOyHoA=="}} {
		r := ask(t, at, fmt.Sprintf("create schema made%d", i), h...)
		if r.Error != nil || fmt.Sprint(r.Data) != "[[true]]" {
			t.Errorf("%v: %s", h, r.body)
		}
	}
	if r := call(t, "POST", at+"/v1/statement", "select 1", "Authorization", "Bearer wrong"); r.status != http.StatusUnauthorized {
		t.Errorf("a wrong token: %d", r.status)
	}
	if r := call(t, "POST", at+"/v1/statement", "select 1", "X-Trino-User", ""); r.status != http.StatusUnauthorized {
		t.Errorf("no user: %d", r.status)
	}
	if r := call(t, "GET", at+"/v1/query/x", ""); r.status != http.StatusUnauthorized {
		t.Errorf("a statement's description without the token: %d", r.status)
	}
	if r := ask(t, at, "prepare p from drop schema made0"); r.Error != nil {
		t.Errorf("%s", r.body)
	}
	if r := ask(t, at, "execute p", "X-Trino-Prepared-Statement", "p=drop+schema+made0"); r.Error == nil || r.Error.ErrorName != "PERMISSION_DENIED" {
		t.Errorf("%s", r.body)
	}
}

func TestPageCanBeAskedForAgainUntilTheNext(t *testing.T) {
	at := serve(t, trino.Options{Query: apptest.Query(t), Unread: 64 << 10})
	r := call(t, "POST", at+"/v1/statement", "select x, 'a long text to fill pages' from unnest(sequence(1, 10000)) t(x)")
	n := 0
	for r.NextURI != "" {
		uri := r.NextURI
		r = call(t, "GET", uri+"?targetResultSize=50KB", "")
		again := call(t, "GET", uri, "")
		if fmt.Sprint(again.Data) != fmt.Sprint(r.Data) || again.NextURI != r.NextURI {
			t.Fatalf("%s: %d rows, then %d", uri, len(r.Data), len(again.Data))
		}
		n += len(r.Data)
		if r.NextURI != "" {
			next := call(t, "GET", r.NextURI, "")
			if old := call(t, "GET", uri, ""); old.status != http.StatusGone {
				t.Fatalf("an old page: %d", old.status)
			}
			n, r = n+len(next.Data), next
		}
	}
	if n != 10000 || r.Error != nil {
		t.Errorf("%d rows, %s", n, r.body)
	}
}

// scripted runs what a test says.
type scripted func(ctx context.Context, recv query.Receiver) (*query.Outcome, error)

var made atomic.Int64

func (f scripted) Execute(ctx context.Context, _ query.Request, recv query.Receiver) (*query.Outcome, error) {
	recv.Queued(fmt.Sprint("q", made.Add(1)))
	return f(ctx, recv)
}

func TestUnreadRowsHoldTheStatementBackAndCancelEndsIt(t *testing.T) {
	var sent atomic.Int64
	full, done := make(chan struct{}), make(chan error, 1)
	batch := []byte(`["` + strings.Repeat("가", 1000) + `"]`)
	at := serve(t, trino.Options{Unread: 10_000, Query: scripted(func(ctx context.Context, recv query.Receiver) (*query.Outcome, error) {
		recv.Running()
		err := recv.Columns([]query.Column{{Name: "v", Type: "varchar"}})
		for err == nil {
			if sent.Add(1) == 4 {
				close(full)
			}
			err = recv.Rows([]byte("["+string(batch)+"]"), 1)
		}
		done <- err
		return nil, err
	})})
	r := call(t, "POST", at+"/v1/statement", "select 1")
	<-full
	if n := sent.Load(); n > 4 {
		t.Errorf("%d batches of 3 KB were taken, 10 KB may wait", n)
	}
	if d := call(t, "DELETE", r.NextURI, ""); d.status != http.StatusNoContent {
		t.Errorf("%d", d.status)
	}
	if err := <-done; base.CodeOf(err) != "USER_CANCELED" {
		t.Errorf("%v", err)
	}
	if r = call(t, "GET", r.NextURI, ""); r.Error == nil || r.Error.ErrorName != "USER_CANCELED" || r.NextURI != "" {
		t.Errorf("%s", r.body)
	}
}

// untilStopped runs till it is stopped, and says why; it tells its columns
// first if there are any.
func untilStopped(done chan error, cols ...query.Column) scripted {
	return func(ctx context.Context, recv query.Receiver) (*query.Outcome, error) {
		recv.Running()
		if len(cols) > 0 {
			if err := recv.Columns(cols); err != nil {
				return nil, err
			}
		}
		<-ctx.Done()
		done <- context.Cause(ctx)
		return nil, context.Cause(ctx)
	}
}

func TestStatementNobodyAsksForIsStopped(t *testing.T) {
	for _, c := range []struct {
		name string
		long time.Duration
		cols []query.Column
	}{{"its client was told nothing", 30 * time.Second, nil}, {"its client may be busy with what it has", 5 * time.Minute, []query.Column{{Name: "v", Type: "bigint"}}}} {
		start := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
		clock := base.NewFakeClock(start)
		done := make(chan error, 1)
		at := serve(t, trino.Options{Clock: clock, Query: untilStopped(done, c.cols...)})
		call(t, "GET", call(t, "POST", at+"/v1/statement", "select 1").NextURI+"?maxWait=10ms", "")
		for over := false; !over; {
			select {
			case err := <-done:
				if took := clock.Now().Sub(start); base.CodeOf(err) != "ABANDONED_QUERY" || took < c.long || took > c.long+10*time.Second {
					t.Errorf("%s: %v after %v", c.name, err, took)
				}
				over = true
			default:
				clock.Advance(time.Second)
				time.Sleep(time.Millisecond) // the watch has its turn
			}
		}
	}
}

func TestBrokenConnectionStopsItsStatementUnlessTheClientComesBack(t *testing.T) {
	done := make(chan error, 1)
	at := serve(t, trino.Options{Query: untilStopped(done)})
	uri := call(t, "POST", at+"/v1/statement", "select 1").NextURI
	breaks := func(after time.Duration) {
		ctx, cancel := context.WithTimeout(t.Context(), after)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, "GET", uri, nil)
		ok(t, err)
		if res, err := http.DefaultClient.Do(req); err == nil {
			res.Body.Close()
			t.Fatal("the poll was answered")
		}
	}
	for range 2 { // it comes back, for longer than a lost client has
		breaks(200 * time.Millisecond)
		if r := call(t, "GET", uri, ""); r.Stats.State != "RUNNING" || r.Error != nil {
			t.Fatalf("%s", r.body)
		} else {
			uri = r.NextURI
		}
	}
	breaks(200 * time.Millisecond)
	start := time.Now()
	if err := <-done; base.CodeOf(err) != "ABANDONED_QUERY" || time.Since(start) > time.Second {
		t.Errorf("%v after %v", err, time.Since(start))
	}
}

func TestFaultEndsItsStatementOnly(t *testing.T) {
	at := serve(t, trino.Options{Query: scripted(func(context.Context, query.Receiver) (*query.Outcome, error) { panic("boom") })})
	for range 2 {
		if r := ask(t, at, "select 1"); r.Error == nil || r.Error.ErrorType != "INTERNAL_ERROR" || r.Error.ErrorCode != 65536 {
			t.Errorf("%s", r.body)
		}
	}
}

func TestManyClientsAreAnsweredTogether(t *testing.T) {
	at := serve(t, trino.Options{Query: apptest.Query(t)})
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			r := ask(t, at, fmt.Sprintf("select sum(x) + %d, count(*) from unnest(sequence(1, 1000)) t(x)", i), "X-Trino-User", fmt.Sprint("client", i))
			if r.Error != nil || fmt.Sprint(r.Data) != fmt.Sprintf("[[%d 1000]]", 500500+i) {
				t.Errorf("client %d: %v %s", i, r.Data, r.body)
			}
		})
	}
	wg.Wait()
}

func TestAddressesAreThoseOfTheProxy(t *testing.T) {
	at := serve(t, trino.Options{Query: scripted(func(context.Context, query.Receiver) (*query.Outcome, error) { return &query.Outcome{}, nil })})
	r := call(t, "POST", at+"/v1/statement", "select 1", "X-Forwarded-Proto", "https", "X-Forwarded-Host", "sql.example", "X-Forwarded-Port", "8443")
	if !strings.HasPrefix(r.NextURI, "https://sql.example:8443/v1/statement/") {
		t.Error(r.NextURI)
	}
}

func TestLargePagesArePacked(t *testing.T) {
	at := serve(t, trino.Options{Query: apptest.Query(t)})
	r := call(t, "POST", at+"/v1/statement", "select x from unnest(sequence(1, 5000)) t(x)")
	req, err := http.NewRequest("GET", r.NextURI, nil)
	ok(t, err)
	req.Header.Set("Accept-Encoding", "gzip")
	req.Header.Set("X-Forwarded-For", "192.0.2.7") // a client on this machine gets it as it is
	res, err := http.DefaultTransport.RoundTrip(req)
	ok(t, err)
	defer res.Body.Close()
	if res.Header.Get("Content-Encoding") != "gzip" {
		t.Fatalf("%v", res.Header)
	}
	if _, err := gzip.NewReader(res.Body); err != nil {
		t.Error(err)
	}
}
