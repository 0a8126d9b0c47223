package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/app/apptest"
	"github.com/mulgil/mulgil/internal/app/owner"
	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/server"
	"github.com/mulgil/mulgil/internal/server/client"
)

type handle = func(ctx context.Context, op string, req any, report base.Report) (any, error)

func start(t *testing.T, h handle, change ...func(*server.Options)) string {
	t.Helper()
	opt := server.Options{Backend: apptest.Backend{Handle: h}, Project: "가게", Version: "1.0", Token: "secret"}
	for _, f := range change {
		f(&opt)
	}
	ts := httptest.NewServer(server.New(t.Context(), opt).Handler())
	t.Cleanup(ts.Close)
	return strings.TrimPrefix(ts.URL, "http://")
}

func dial(address string) *client.Client {
	return client.New(owner.Info{PID: 4711, Address: address, Token: "secret"})
}

// fill gives every field of v a value that is hard to carry.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Struct:
		if _, ok := v.Interface().(time.Time); ok {
			v.Set(reflect.ValueOf(time.Date(2014, 1, 2, 3, 4, 5, 6000, time.UTC)))
			return
		}
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.Type.Kind() == reflect.Pointer && f.Type.Elem().Kind() == reflect.Struct && f.Type.Elem() != reflect.TypeFor[time.Time]() {
				continue // may refer to itself
			}
			fill(v.Field(i))
		}
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[json.RawMessage]() {
			v.Set(reflect.ValueOf(json.RawMessage(`{"금액":12345678901234567890.10,"<":"&"}`)))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Map:
		elem := reflect.New(v.Type().Elem()).Elem()
		fill(elem)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("EXTRACT_FROM"), elem)
	case reflect.Interface:
		v.Set(reflect.ValueOf(json.Number("12345678901234567890.10")))
	case reflect.String:
		v.SetString(`구매/"a b"?&%2F..`)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Float64:
		v.SetFloat(1.04)
	}
}

func TestEveryOperationRoundTrips(t *testing.T) {
	for _, op := range app.Operations() {
		t.Run(op.Name, func(t *testing.T) {
			req, want := op.New(), op.NewResult()
			fill(reflect.ValueOf(req).Elem())
			fill(reflect.ValueOf(want).Elem())
			address := start(t, func(_ context.Context, name string, got any, _ base.Report) (any, error) {
				if name != op.Name {
					t.Errorf("operation %s", name)
				}
				if d := cmp.Diff(reflect.ValueOf(req).Elem().Interface(), got); d != "" {
					t.Errorf("request (-want +got):\n%s", d)
				}
				return reflect.ValueOf(want).Elem().Interface(), nil
			})
			got, err := op.Do(t.Context(), dial(address), req, nil)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(reflect.ValueOf(want).Elem().Interface(), got); d != "" {
				t.Errorf("result (-want +got):\n%s", d)
			}
		})
	}
}

func TestMutatingOperationsAreNeverGET(t *testing.T) {
	seen := map[string]bool{}
	for _, op := range app.Operations() {
		if op.Mutates && op.Method == http.MethodGet {
			t.Errorf("%s mutates by GET", op.Name)
		}
		if seen[op.Name] || op.Summary == "" {
			t.Errorf("%s: twice or without summary", op.Name)
		}
		seen[op.Name] = true
	}
}

func TestErrorsKeepKindPlaceAndHint(t *testing.T) {
	place := &base.Place{File: "jobs/은.sql", Line: 14, Col: 9, Len: 7, Text: "    SELECT cust_nm, zip"}
	for _, c := range []struct {
		kind   base.Kind
		status int
	}{
		{base.Internal, 500}, {base.Invalid, 422}, {base.Usage, 400}, {base.NotFound, 404}, {base.Exists, 409},
		{base.Conflict, 409}, {base.Unavailable, 503}, {base.Denied, 403}, {base.Canceled, 499},
	} {
		want := base.Errorf(c.kind, "unknown column %q", "cust_nm").At(place).WithHint("did you mean %q?", "cust_name").WithCode("X")
		address := start(t, func(context.Context, string, any, base.Report) (any, error) { return nil, want })
		_, err := dial(address).JobList(t.Context(), app.JobListRequest{})
		if base.Render(err) != base.Render(want) || base.KindOf(err) != c.kind || base.CodeOf(err) != "X" {
			t.Errorf("%v: got %v:\n%s", c.kind, base.KindOf(err), base.Render(err))
		}
		_, err = dial(address).Query(t.Context(), app.QueryRequest{SQL: "x"}, nil)
		if base.Render(err) != base.Render(want) {
			t.Errorf("stream %v:\n%s", c.kind, base.Render(err))
		}
		if got := get(t, address, "/api/jobs", "secret").StatusCode; got != c.status {
			t.Errorf("%v: status %d, want %d", c.kind, got, c.status)
		}
	}
	both := base.Errors{base.Errorf(base.Invalid, "one").At(place), base.Errorf(base.Invalid, "둘").WithHint("fix it")}
	address := start(t, func(context.Context, string, any, base.Report) (any, error) { return nil, both })
	if _, err := dial(address).JobList(t.Context(), app.JobListRequest{}); base.Render(err) != base.Render(both) {
		t.Errorf("list:\n%s", base.Render(err))
	}
}

func TestPanicInOneOperationIsAnError(t *testing.T) {
	address := start(t, func(context.Context, string, any, base.Report) (any, error) { panic("oops") })
	for _, err := range []error{
		func() error { _, err := dial(address).JobList(t.Context(), app.JobListRequest{}); return err }(),
		func() error {
			_, err := dial(address).JobRun(t.Context(), app.JobRunRequest{Job: "a"}, nil)
			return err
		}(),
	} {
		if err == nil || base.KindOf(err) != base.Internal || !strings.Contains(err.Error(), "oops") {
			t.Errorf("got %v", err)
		}
	}
}

func get(t *testing.T, address, path, token string) *http.Response {
	t.Helper()
	r, err := http.NewRequest("GET", "http://"+address+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

func TestWhoMayCall(t *testing.T) {
	address := start(t, func(_ context.Context, op string, _ any, _ base.Report) (any, error) {
		if op == "query" {
			return app.ResultSet{}, nil
		}
		return []app.JobInfo(nil), nil
	})
	_, port, _ := net.SplitHostPort(address)
	type headers map[string]string
	auth := "Bearer secret"
	for name, c := range map[string]struct {
		method, path string
		h            headers
		want         int
	}{
		"health is open":                      {"GET", "/healthz", nil, 200},
		"readiness is open":                   {"GET", "/readyz", nil, 200},
		"health needs a known host":           {"GET", "/healthz", headers{"Host": "evil.example"}, 421},
		"localhost is known":                  {"GET", "/healthz", headers{"Host": "localhost:9999"}, 200},
		"localhost without port is known":     {"GET", "/healthz", headers{"Host": "LocalHost"}, 200},
		"loopback v6 is known":                {"GET", "/healthz", headers{"Host": "[::1]:4566"}, 200},
		"a name starting with 127 is not":     {"GET", "/healthz", headers{"Host": "127.0.0.1.evil.example"}, 421},
		"API without token":                   {"GET", "/api/jobs", nil, 401},
		"API with wrong token":                {"GET", "/api/jobs", headers{"Authorization": "Bearer secre"}, 401},
		"API with basic":                      {"GET", "/api/jobs", headers{"Authorization": "Basic secret"}, 401},
		"API with token":                      {"GET", "/api/jobs", headers{"Authorization": auth}, 200},
		"API with cookie":                     {"GET", "/api/jobs", headers{"Cookie": "mulgil=secret"}, 200},
		"API with wrong cookie":               {"GET", "/api/jobs", headers{"Cookie": "mulgil=nope"}, 401},
		"metrics need the token":              {"GET", "/metrics", nil, 401},
		"metrics with token":                  {"GET", "/metrics", headers{"Authorization": auth}, 200},
		"list of operations":                  {"GET", "/api", headers{"Authorization": auth}, 200},
		"login with wrong token":              {"GET", "/?token=x", nil, 401},
		"login":                               {"GET", "/?token=secret", nil, 303},
		"nothing there":                       {"GET", "/api/nothing", headers{"Authorization": auth}, 404},
		"other method":                        {"GET", "/api/query", headers{"Authorization": auth}, 405},
		"parameter of wrong type":             {"GET", "/api/runs?limit=x", headers{"Authorization": auth}, 400},
		"unknown parameter":                   {"GET", "/api/runs?limt=1", headers{"Authorization": auth}, 400},
		"POST of JSON":                        {"POST", "/api/query", headers{"Authorization": auth, "Content-Type": "application/json"}, 200},
		"POST of JSON with charset":           {"POST", "/api/query", headers{"Authorization": auth, "Content-Type": "application/json; charset=utf-8"}, 200},
		"POST without type":                   {"POST", "/api/query", headers{"Authorization": auth}, 415},
		"POST of a form":                      {"POST", "/api/query", headers{"Authorization": auth, "Content-Type": "text/plain"}, 415},
		"POST from a foreign page":            {"POST", "/api/query", headers{"Authorization": auth, "Content-Type": "application/json", "Origin": "http://evil.example"}, 403},
		"POST from a page on another port":    {"POST", "/api/query", headers{"Authorization": auth, "Content-Type": "application/json", "Origin": "http://127.0.0.1:1"}, 403},
		"POST from an opaque origin":          {"POST", "/api/query", headers{"Authorization": auth, "Content-Type": "application/json", "Origin": "null"}, 403},
		"POST from a sibling site":            {"POST", "/api/query", headers{"Authorization": auth, "Content-Type": "application/json", "Sec-Fetch-Site": "same-site"}, 403},
		"POST from our own page":              {"POST", "/api/query", headers{"Authorization": auth, "Content-Type": "application/json", "Origin": "http://127.0.0.1:" + port, "Sec-Fetch-Site": "same-origin"}, 200},
		"foreign page asking for a preflight": {"OPTIONS", "/api/query", headers{"Origin": "http://evil.example"}, 403},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := http.NewRequest(c.method, "http://"+address+c.path, strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			for k, v := range c.h {
				r.Header.Set(k, v)
			}
			if h := c.h["Host"]; h != "" {
				r.Host = h
			}
			resp, err := http.DefaultTransport.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, _ := io.ReadAll(resp.Body)
			if resp.StatusCode != c.want {
				t.Errorf("status %d, want %d: %s", resp.StatusCode, c.want, body)
			}
			if strings.Contains(string(body), "secret") || resp.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("leaks: %s", body)
			}
			if c.want >= 400 && !strings.HasPrefix(string(body), `{"error":{"kind":"`) {
				t.Errorf("body %s", body)
			}
		})
	}
}

func TestLoginSetsAStrictCookieForThisPort(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	l, err := server.Listen("127.0.0.1", 0)
	if err != nil {
		t.Fatal(err)
	}
	s := server.New(ctx, server.Options{Token: "secret", Backend: apptest.Backend{}})
	ended := make(chan error)
	go func() { ended <- s.Serve(ctx, l) }()
	resp := get(t, l.Addr().String(), "/?token=secret", "")
	_, port, _ := net.SplitHostPort(l.Addr().String())
	c := resp.Cookies()[0]
	if c.Name != "mulgil_"+port || c.Value != "secret" || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || resp.Header.Get("Location") != "/" {
		t.Errorf("got %v to %s", c, resp.Header.Get("Location"))
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestStreamSendsProgressHeartbeatThenResult(t *testing.T) {
	gate := make(chan struct{})
	address := start(t, func(ctx context.Context, _ string, _ any, report base.Report) (any, error) {
		report.Do(base.Progress{Stage: "extract", Rows: 10})
		<-gate
		return app.JobRun{ID: "r1", State: app.Failed, Error: &app.ErrorInfo{Kind: "invalid", Message: "m"}}, nil
	}, func(o *server.Options) { o.Heartbeat = 5 * time.Millisecond })
	r, _ := http.NewRequest("POST", "http://"+address+"/api/jobs/A/runs", strings.NewReader("{}"))
	r.Header = http.Header{"Authorization": {"Bearer secret"}, "Content-Type": {"application/json"}, "Accept": {"application/x-ndjson"}}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var seen []string
	opened := false
	for sc := bufio.NewScanner(resp.Body); sc.Scan(); {
		word := strings.SplitN(sc.Text(), `"`, 3)[1]
		if len(seen) == 0 || seen[len(seen)-1] != word {
			seen = append(seen, word)
		}
		if word == "heartbeat" && !opened {
			opened = true
			close(gate)
		}
	}
	if got := strings.Join(seen, " "); got != "progress heartbeat result" {
		t.Errorf("got %s", got)
	}
}

func TestWorkEndsWhenItsCallerGoes(t *testing.T) {
	started, ended := make(chan struct{}), make(chan struct{})
	address := start(t, func(ctx context.Context, op string, req any, report base.Report) (any, error) {
		close(started)
		<-ctx.Done()
		close(ended)
		return nil, ctx.Err()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-started; cancel() }()
	r, _ := http.NewRequestWithContext(ctx, "POST", "http://"+address+"/api/jobs/A/runs", strings.NewReader("{}"))
	r.Header = http.Header{"Authorization": {"Bearer secret"}, "Content-Type": {"application/json"}, "Accept": {"application/x-ndjson"}}
	if resp, err := http.DefaultClient.Do(r); err == nil {
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	<-ended
}

func TestCanceledCallStillHearsHowItEnded(t *testing.T) {
	started := make(chan struct{}, 1)
	address := start(t, func(ctx context.Context, op string, req any, report base.Report) (any, error) {
		started <- struct{}{}
		<-ctx.Done()
		if op == "query" {
			return nil, ctx.Err()
		}
		return app.JobRun{ID: "r1", State: app.Stopped}, nil
	})
	for range 2 {
		ctx, cancel := context.WithCancel(t.Context())
		go func() { <-started; cancel() }()
		run, err := dial(address).JobRun(ctx, app.JobRunRequest{Job: "A"}, nil)
		if err != nil || run.State != app.Stopped {
			t.Errorf("got %+v, %v", run, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-started; cancel() }()
	if _, err := dial(address).Query(ctx, app.QueryRequest{SQL: "x"}, nil); base.KindOf(err) != base.Canceled {
		t.Errorf("got %v", err)
	}
}

func TestCanceledCallDoesNotWaitForever(t *testing.T) {
	started, free := make(chan struct{}), make(chan struct{})
	address := start(t, func(context.Context, string, any, base.Report) (any, error) {
		close(started)
		<-free
		return nil, context.Canceled
	})
	defer close(free)
	c := dial(address)
	c.StopWait = 10 * time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-started; cancel() }()
	if _, err := c.JobRun(ctx, app.JobRunRequest{Job: "A"}, nil); base.KindOf(err) != base.Canceled {
		t.Errorf("got %v", err)
	}
}

func TestDetachedWorkGoesOnWithoutItsCaller(t *testing.T) {
	works := make(chan context.Context, 1)
	address := start(t, func(ctx context.Context, op string, req any, report base.Report) (any, error) {
		works <- ctx
		return app.Execution{ID: "e1"}, nil
	})
	if _, err := dial(address).WorkflowRun(t.Context(), app.WorkflowRunRequest{Workflow: "w", Detach: true}, nil); err != nil {
		t.Fatal(err)
	}
	if err := (<-works).Err(); err != nil {
		t.Errorf("work ended: %v", err)
	}
}

func TestBrokenConnectionNamesTheOwner(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	hs := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/x-ndjson")
		io.WriteString(w, `{"progress":{"stage":"extract","rows":5}}`+"\n"+`{"resu`)
		http.NewResponseController(w).Flush()
		c, _, _ := http.NewResponseController(w).Hijack()
		c.Close()
	})}
	go hs.Serve(l)
	defer hs.Close()
	var rows int64
	_, err = dial(l.Addr().String()).JobRun(t.Context(), app.JobRunRequest{Job: "A"}, func(p base.Progress) { rows = p.Rows })
	want := "the owner of this project (pid 4711) went away while running job.run\nhint: the run's outcome is settled at the next start: mulgil job runs"
	if rows != 5 || base.KindOf(err) != base.Unavailable || base.Render(err) != want {
		t.Errorf("rows %d, %v:\n%s", rows, base.KindOf(err), base.Render(err))
	}
}

func TestSilentOwnerCountsAsGone(t *testing.T) {
	address := start(t, func(ctx context.Context, _ string, _ any, _ base.Report) (any, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}, func(o *server.Options) { o.Heartbeat = time.Hour })
	c := dial(address)
	c.Silence = 20 * time.Millisecond
	_, err := c.JobRun(t.Context(), app.JobRunRequest{Job: "A"}, nil)
	if base.KindOf(err) != base.Unavailable || !strings.Contains(err.Error(), "went away") {
		t.Errorf("got %v", err)
	}
}

func TestNobodyThereIsUnavailable(t *testing.T) {
	l, _ := net.Listen("tcp", "127.0.0.1:0")
	l.Close()
	_, err := dial(l.Addr().String()).JobList(t.Context(), app.JobListRequest{})
	if base.KindOf(err) != base.Unavailable || !strings.Contains(err.Error(), "pid 4711") {
		t.Errorf("got %v", err)
	}
}

func TestShutdownStopsWorkAndWaits(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	l, err := server.Listen("localhost", 0)
	if err != nil {
		t.Fatal(err)
	}
	started := make(chan struct{})
	s := server.New(ctx, server.Options{Token: "secret", Backend: apptest.Backend{Handle: func(ctx context.Context, _ string, _ any, _ base.Report) (any, error) {
		close(started)
		<-ctx.Done()
		return app.JobRun{ID: "r", State: app.Stopped}, nil
	}}})
	ended := make(chan error)
	go func() { ended <- s.Serve(ctx, l) }()
	go func() { <-started; stop() }()
	run, err := dial(l.Addr().String()).JobRun(t.Context(), app.JobRunRequest{Job: "A"}, nil)
	if err != nil || run.State != app.Stopped {
		t.Errorf("got %v, %v", run, err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestTakenPortNamesItsHolder(t *testing.T) {
	address := start(t, nil)
	_, p, _ := net.SplitHostPort(address)
	port, _ := strconv.Atoi(p)
	_, err := server.Listen("127.0.0.1", port)
	if base.KindOf(err) != base.Conflict || !strings.Contains(err.Error(), `mulgil of project "가게" (process `) ||
		!strings.Contains(base.Render(err), "mulgil up --port "+strconv.Itoa(port+1)) {
		t.Errorf("got %s", base.Render(err))
	}
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	_, err = server.Listen("127.0.0.1", other.Addr().(*net.TCPAddr).Port)
	if base.KindOf(err) != base.Conflict || !strings.Contains(err.Error(), "taken by") {
		t.Errorf("got %v", err)
	}
}

func TestListenRefusesToLeaveLoopback(t *testing.T) {
	for _, host := range []string{"0.0.0.0", "::", "192.0.2.1", "example.com", ""} {
		_, err := server.Listen(host, 0)
		if base.KindOf(err) != base.Usage || !strings.Contains(base.Render(err), "ssh -L") {
			t.Errorf("%q: %v", host, err)
		}
	}
}
