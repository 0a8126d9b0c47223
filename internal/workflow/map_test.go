package workflow

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/connector/js"
)

func newQuery(t *testing.T) *js.Evaluator {
	t.Helper()
	q, err := js.New(js.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// squares answers a task with the square of its input; negative numbers fail.
func squares(_ context.Context, t Task) (json.RawMessage, error) {
	var n int
	if err := json.Unmarshal(t.Input, &n); err != nil {
		return nil, err
	}
	if n < 0 {
		return nil, &TaskError{Name: "Negative", Cause: fmt.Sprint(n)}
	}
	return json.RawMessage(fmt.Sprint(n * n)), nil
}

func distributed(extra string) string {
	return `{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, ` + extra + `
		"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "T",
		"States": {"T": {"Type": "Task", "Resource": "` + job + `", "End": true}}}}}}`
}

func numbersTo(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ",%d", i)
	}
	return "[" + strings.TrimPrefix(b.String(), ",") + "]"
}

func TestInlineMapRunsWithinItsConcurrency(t *testing.T) {
	var mu sync.Mutex
	at, most := 0, 0
	release := make(chan struct{})
	e := open(t, Options{Tasks: map[string]TaskFunc{job: func(ctx context.Context, task Task) (json.RawMessage, error) {
		mu.Lock()
		at++
		most = max(most, at)
		if at == 3 {
			close(release)
		}
		mu.Unlock()
		<-release
		mu.Lock()
		defer mu.Unlock()
		at--
		return squares(ctx, task)
	}}})
	x := finish(t, e, `{"StartAt": "M", "States": {"M": {"Type": "Map", "MaxConcurrency": 3, "End": true, "ItemProcessor": {"StartAt": "T",
		"States": {"T": {"Type": "Task", "Resource": "`+job+`", "End": true}}}}}}`, `[5,4,3,2,1]`)
	if string(x.Output) != "[25,16,9,4,1]" || most != 3 {
		t.Errorf("%s %s %s, %d at once", x.Status, x.Output, str(x.Cause), most)
	}
}

func TestDistributedMapChildrenAreExecutions(t *testing.T) {
	e := open(t, Options{Tasks: map[string]TaskFunc{job: squares}})
	x := finish(t, e, distributed(`"Label": "squares", "MaxConcurrency": 4, "ItemBatcher": {"MaxItemsPerBatch": 3, "BatchInput": {"k": 1}}, `), numbersTo(7))
	if x.Status != Failed || str(x.Error) != "States.ExceedToleratedFailureThreshold" {
		t.Fatalf("a batch is no number: %s %s", x.Status, str(x.Error))
	}
	x = finish(t, e, distributed(`"Label": "squares", "MaxConcurrency": 4, `), numbersTo(7))
	if string(x.Output) != "[0,1,4,9,16,25,36]" {
		t.Fatalf("%s %s %s", x.Status, x.Output, str(x.Cause))
	}
	runs, err := e.MapRuns(t.Context(), x.ID)
	if err != nil || len(runs) != 1 {
		t.Fatal(runs, err)
	}
	want := Counts{Total: 7, Succeeded: 7}
	if m := runs[0]; m.Items != want || m.Executions != want || m.Status != Succeeded || m.Concurrency != 4 || !strings.Contains(m.ARN, ":mapRun:w/squares:") {
		t.Errorf("%+v", m)
	}
	children, err := e.List(t.Context(), Filter{MapRun: runs[0].ARN})
	if err != nil || len(children) != 7 {
		t.Fatal(len(children), err)
	}
	if got := types(t, e, children[0].ID); got[0] != "ExecutionStarted" || count(got, "TaskSucceeded") != 1 {
		t.Errorf("a child's history is %v", got)
	}
	if all, _ := e.List(t.Context(), Filter{}); len(all) != 2 {
		t.Errorf("children stand among the %d executions", len(all))
	}
	if got := types(t, e, x.ID); !slices.Equal(got, []string{"ExecutionStarted", "MapStateEntered", "MapStateStarted", "MapRunStarted", "MapRunSucceeded", "MapStateSucceeded", "MapStateExited", "ExecutionSucceeded"}) {
		t.Errorf("history %v", got)
	}
}

func TestToleratedFailuresDecideAMapRun(t *testing.T) {
	for _, c := range []struct {
		extra, input string
		want         Status
	}{
		{``, `[1, -1]`, Failed},
		{`"ToleratedFailureCount": 1, `, `[1, -1, 2]`, Succeeded},
		{`"ToleratedFailureCount": 1, `, `[-1, -1, 2]`, Failed},
		{`"ToleratedFailurePercentage": 50, `, `[-1, -1, 2, 3]`, Succeeded},
		{`"ToleratedFailurePercentage": 49.9, `, `[-1, -1, 2, 3]`, Failed},
		{`"ToleratedFailureCount": 3, "ToleratedFailurePercentage": 10, `, `[-1, 1, 2]`, Failed},
		{`"ToleratedFailurePercentagePath": "$$.Execution.Input[2]", `, `[-1, 1, 100]`, Succeeded},
	} {
		e := open(t, Options{Tasks: map[string]TaskFunc{job: squares}})
		x := finish(t, e, distributed(`"MaxConcurrency": 1, `+c.extra), c.input)
		if x.Status != c.want || x.Status == Failed && str(x.Error) != "States.ExceedToleratedFailureThreshold" {
			t.Errorf("%s %s: %s %s", c.extra, c.input, x.Status, str(x.Error))
		}
		runs, err := e.MapRuns(t.Context(), x.ID)
		if err != nil || len(runs) != 1 || runs[0].Status != c.want || runs[0].Executions.Running != 0 {
			t.Errorf("%s %s: %+v %v", c.extra, c.input, runs, err)
		}
	}
}

func TestMapReadsWhatItsReaderNames(t *testing.T) {
	s3 := MemoryObjects{
		"in/a.json": `{"data": {"skip": [1], "rows": [10, 20, 30]}}`, "in/b.jsonl": "1\n\n 2 \n3", "in/c.csv": "n;t\n1;'가'\n2\n", "in/p/x": "", "in/p/y": "123",
		"in/bad.json": `{"data": 5}`, "in/short.json": `[1, 2`, "in/twice.csv": "a,a\n1,2",
	}
	q := newQuery(t)
	run := func(reader, extra string) Execution {
		e := open(t, Options{Objects: s3, Query: q})
		return finish(t, e, `{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, `+extra+` "ItemReader": `+reader+`,
			"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}, "StartAt": "T", "States": {"T": {"Type": "Pass", "End": true}}}}}}`, `{"max": 2}`)
	}
	get := func(key, config string) string {
		return `{"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "in", "Key": "` + key + `"}, "ReaderConfig": {` + config + `}}`
	}
	for _, c := range []struct{ reader, extra, want string }{
		{get("a.json", `"InputType": "JSON", "ItemsPointer": "/data/rows"`), ``, `[10,20,30]`},
		{get("a.json", `"InputType": "JSON", "ItemsPointer": "/data/rows", "MaxItemsPath": "$.max"`), ``, `[10,20]`},
		{get("b.jsonl", `"InputType": "JSONL"`), `"ItemSelector": {"v.$": "$$.Map.Item.Value", "s.$": "$$.Map.Item.Source", "m.$": "$.max"},`,
			`[{"m":2,"s":"S3://in/b.jsonl","v":1},{"m":2,"s":"S3://in/b.jsonl","v":2},{"m":2,"s":"S3://in/b.jsonl","v":3}]`},
		{get("b.jsonl", `"InputType": "JSONL"`), `"ItemBatcher": {"MaxItemsPerBatch": 2, "BatchInput": {"max.$": "$.max"}},`, `[{"BatchInput":{"max":2},"Items":[1,2]},{"BatchInput":{"max":2},"Items":[3]}]`},
		{get("b.jsonl", `"InputType": "JSONL"`), `"ItemBatcher": {"MaxInputBytesPerBatch": 15},`, `[{"Items":[1,2]},{"Items":[3]}]`},
		{get("c.csv", `"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "CSVDelimiter": "SEMICOLON"`), ``, `[{"n":"1","t":"'가'"},{"n":"2","t":""}]`},
		{get("c.csv", `"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["x"]`), ``, `[{"x":"n;t"},{"x":"1;'가'"},{"x":"2"}]`},
		{`{"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "in", "Prefix": "p/"}}`, `"ItemSelector": {"k.$": "$$.Map.Item.Value.Key", "n.$": "$$.Map.Item.Value.Size"},`,
			`[{"k":"p/x","n":0},{"k":"p/y","n":3}]`},
		{get("none.json", `"InputType": "JSON"`), ``, `States.ItemReaderFailed: The object does not exist: Bucket: in, Key: none.json. no object none.json in in`},
		{get("bad.json", `"InputType": "JSON", "ItemsPointer": "/data"`), ``, `States.ItemReaderFailed: Attempting to map over non-iterable node.`},
		{get("bad.json", `"InputType": "JSON", "ItemsPointer": "/nothing"`), ``, `States.ItemReaderFailed: ItemsPointer: there is no "nothing"`},
		{get("short.json", `"InputType": "JSON"`), ``, `States.ItemReaderFailed: the file is not JSON: EOF`},
		{get("twice.csv", `"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"`), ``, `States.ItemReaderFailed: CSV headers cannot contain duplicates.`},
	} {
		x := run(c.reader, c.extra)
		got := string(x.Output)
		if x.Status != Succeeded {
			got = str(x.Error) + ": " + str(x.Cause)
		}
		if got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.reader, got, c.want)
		}
	}
}

func TestResultWriterWritesFilesAndManifest(t *testing.T) {
	s3 := MemoryObjects{}
	e := open(t, Options{Objects: s3, Tasks: map[string]TaskFunc{job: squares}})
	x := finish(t, e, distributed(`"ToleratedFailureCount": 1, "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "out", "Prefix": "a/b/"},
		"WriterConfig": {"Transformation": "COMPACT", "OutputType": "JSONL"}}, `), `[2, -1, 3]`)
	var out struct {
		MapRunArn           string
		ResultWriterDetails struct{ Bucket, Key string }
	}
	if err := json.Unmarshal(x.Output, &out); err != nil || x.Status != Succeeded {
		t.Fatal(x.Status, str(x.Cause), err)
	}
	id := out.MapRunArn[strings.LastIndexByte(out.MapRunArn, ':')+1:]
	dir := "out/a/b/" + id + "/"
	if got := slices.Sorted(maps.Keys(s3)); !slices.Equal(got, []string{dir + "FAILED_0.jsonl", dir + "SUCCEEDED_0.jsonl", dir + "manifest.json"}) {
		t.Fatalf("written %v", got)
	}
	if s3[dir+"SUCCEEDED_0.jsonl"] != "4\n9\n" || !strings.Contains(s3[dir+"FAILED_0.jsonl"], `"Error":"Negative"`) {
		t.Errorf("%v", s3)
	}
	want := fmt.Sprintf(`{"DestinationBucket":"out","MapRunArn":%q,"ResultFiles":{"FAILED":[{"Key":"a/b/%s/FAILED_0.jsonl","Size":%d}],"PENDING":[],"SUCCEEDED":[{"Key":"a/b/%s/SUCCEEDED_0.jsonl","Size":4}]}}`,
		out.MapRunArn, id, len(s3[dir+"FAILED_0.jsonl"]), id)
	if got := s3[dir+"manifest.json"]; got != want {
		t.Errorf("manifest\n got %s\nwant %s", got, want)
	}
}

// TestMapRunStartsChildrenThatWereNotRecorded has children recorded out of
// order, as when the process dies between two transactions.
func TestMapRunStartsChildrenThatWereNotRecorded(t *testing.T) {
	store := newStore(t)
	begun := make(chan struct{}, 4)
	e := open(t, Options{Store: store, Clock: base.SystemClock{}, Tasks: map[string]TaskFunc{job: func(ctx context.Context, _ Task) (json.RawMessage, error) {
		begun <- struct{}{}
		<-ctx.Done()
		return nil, ctx.Err()
	}}})
	x, err := e.Start(t.Context(), StartInput{Workflow: "w", Definition: distributed(""), Input: json.RawMessage(numbersTo(4))})
	if err != nil {
		t.Fatal(err)
	}
	for range 4 {
		<-begun
	}
	e.Close()
	err = store.Update(t.Context(), func(tx *sql.Tx) error {
		for _, table := range []string{"workflow_event WHERE execution IN (SELECT id FROM workflow_execution WHERE map_index IN (0, 2) AND map_run <> '')",
			"workflow_execution WHERE map_index IN (0, 2) AND map_run <> ''"} {
			if _, err := tx.Exec("DELETE FROM " + table); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	e = open(t, Options{Store: store, Clock: base.SystemClock{}, Tasks: map[string]TaskFunc{job: squares}})
	if n, err := e.ResumeAll(t.Context()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if x = wait(t, e, x.ID); string(x.Output) != "[0,1,4,9]" {
		t.Errorf("%s %s %s", x.Status, x.Output, str(x.Cause))
	}
}

func TestMapRunGoesOnAfterARestart(t *testing.T) {
	for _, kind := range []string{"STANDARD", "EXPRESS"} {
		store := newStore(t)
		var mu sync.Mutex
		done := map[string]int{}
		half := make(chan struct{}, 1)
		stuck := func(ctx context.Context, task Task) (json.RawMessage, error) {
			mu.Lock()
			n := len(done)
			if n < 5 {
				done[string(task.Input)]++
			}
			mu.Unlock()
			if n < 5 {
				return squares(ctx, task)
			}
			select {
			case half <- struct{}{}:
			default:
			}
			<-ctx.Done()
			return nil, ctx.Err()
		}
		definition := strings.Replace(distributed(`"MaxConcurrency": 2, `), `"STANDARD"`, `"`+kind+`"`, 1)
		e := open(t, Options{Store: store, Clock: base.SystemClock{}, Tasks: map[string]TaskFunc{job: stuck}})
		x, err := e.Start(t.Context(), StartInput{Workflow: "w", Definition: definition, Input: json.RawMessage(numbersTo(12))})
		if err != nil {
			t.Fatal(err)
		}
		<-half
		for done := int64(0); done < 5; time.Sleep(time.Millisecond) {
			runs, err := e.MapRuns(t.Context(), x.ID)
			if err != nil {
				t.Fatal(err)
			}
			done = runs[0].Executions.Succeeded
		}
		e.Close()
		e = open(t, Options{Store: store, Clock: base.SystemClock{}, Tasks: map[string]TaskFunc{job: func(ctx context.Context, task Task) (json.RawMessage, error) {
			mu.Lock()
			done[string(task.Input)]++
			mu.Unlock()
			return squares(ctx, task)
		}}})
		if n, err := e.ResumeAll(t.Context()); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		x = wait(t, e, x.ID)
		if string(x.Output) != "[0,1,4,9,16,25,36,49,64,81,100,121]" {
			t.Errorf("%s: %s %s %s", kind, x.Status, x.Output, str(x.Cause))
		}
		for in, n := range done {
			if n != 1 {
				t.Errorf("%s: item %s was finished %d times", kind, in, n)
			}
		}
	}
}

func TestStoppingAMapStopsItsChildren(t *testing.T) {
	begun, over := make(chan string, 9), make(chan string, 9)
	e := open(t, Options{Tasks: map[string]TaskFunc{job: untilCancelled(begun, over)}})
	x, err := e.Start(t.Context(), StartInput{Workflow: "w", Definition: distributed(""), Input: json.RawMessage(`[1, 2, 3]`)})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		<-begun
	}
	if err := e.Stop(t.Context(), x.ID, "", ""); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		<-over
	}
	deadline := time.Now().Add(10 * time.Second)
	for {
		runs, err := e.MapRuns(t.Context(), x.ID)
		if err != nil {
			t.Fatal(err)
		}
		if runs[0].Status == Aborted && runs[0].Executions.Aborted == 3 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%+v", runs)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestChildrenOfADeadMapAreStopped(t *testing.T) {
	store := newStore(t)
	begun, over := make(chan string, 9), make(chan string, 9)
	o := Options{Store: store, Tasks: map[string]TaskFunc{job: untilCancelled(begun, over)}}
	e := open(t, o)
	x, err := e.Start(t.Context(), StartInput{Workflow: "w", Definition: distributed(""), Input: json.RawMessage(`[1]`)})
	if err != nil {
		t.Fatal(err)
	}
	<-begun
	e.Close()
	e = open(t, o)
	if err := e.Stop(t.Context(), x.ID, "", ""); err != nil { // nobody interprets it
		t.Fatal(err)
	}
	if _, err := e.ResumeAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	runs, err := e.MapRuns(t.Context(), x.ID)
	if err != nil || runs[0].Status != Aborted || runs[0].Executions.Aborted != 1 {
		t.Errorf("%+v %v", runs, err)
	}
}

func TestRedriveRunsOnlyWhatFailed(t *testing.T) {
	var mu sync.Mutex
	calls := map[string]int{}
	broken := true
	task := func(ctx context.Context, task Task) (json.RawMessage, error) {
		mu.Lock()
		defer mu.Unlock()
		calls[string(task.Input)]++
		if broken && string(task.Input) == "2" {
			return nil, &TaskError{Name: "Broken"}
		}
		return squares(ctx, task)
	}
	branch := func(n int) string {
		return fmt.Sprintf(`{"StartAt": "B%d", "States": {"B%[1]d": {"Type": "Pass", "Result": %[1]d, "Next": "T%[1]d"}, "T%[1]d": {"Type": "Task", "Resource": %q, "End": true}}}`, n, job)
	}
	for name, definition := range map[string]string{
		"distributed": distributed(`"MaxConcurrency": 1, `),
		"inline":      strings.Replace(distributed(`"MaxConcurrency": 1, `), "DISTRIBUTED", "INLINE", 1),
		"parallel":    `{"StartAt": "P", "States": {"P": {"Type": "Parallel", "Branches": [` + branch(1) + `, ` + branch(2) + `], "End": true}}}`,
	} {
		calls, broken = map[string]int{}, true
		e := open(t, Options{Tasks: map[string]TaskFunc{job: task}})
		x := finish(t, e, definition, `[1, 2]`)
		if x.Status != Failed {
			t.Fatalf("%s: %s", name, x.Status)
		}
		if _, err := e.Redrive(t.Context(), "w:none"); base.KindOf(err) != base.NotFound {
			t.Errorf("redrive of nothing: %v", err)
		}
		broken = false
		if n, err := e.Redrive(t.Context(), x.ID); n != 1 || err != nil {
			t.Fatal(name, n, err)
		}
		x = wait(t, e, x.ID)
		if string(x.Output) != "[1,4]" || x.Redrives != 1 || calls["1"] != 1 && name != "parallel" || calls["2"] != 2 { // a branch that was still at work is run again
			t.Errorf("%s: %s %s %s, redriven %d, calls %v", name, x.Status, x.Output, str(x.Cause), x.Redrives, calls)
		}
		if _, err := e.Redrive(t.Context(), x.ID); base.CodeOf(err) != "ExecutionNotRedrivable" {
			t.Errorf("%s: redrive of a success: %v", name, err)
		}
	}
}
