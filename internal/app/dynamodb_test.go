package app

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/base/attribute"
	"github.com/mulgil/mulgil/internal/connector/sqlite"
	"github.com/mulgil/mulgil/internal/keyvalue"
	"github.com/mulgil/mulgil/internal/port"
	"github.com/mulgil/mulgil/internal/workflow"
	"github.com/mulgil/mulgil/internal/workflow/task"
)

// tasksOn is an application that has only the key-value store, with tables of
// hash key id.
func tasksOn(t *testing.T, tables ...string) *App {
	t.Helper()
	store, err := sqlite.OpenKeyValue(context.Background(), filepath.Join(t.TempDir(), "kv.db"), base.SystemClock{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	var declared []port.KeyTable
	for _, name := range tables {
		declared = append(declared, port.KeyTable{Name: name, Hash: port.KeyAttribute{Name: "id", Type: attribute.S}})
	}
	kv, err := keyvalue.New(context.Background(), store, declared)
	if err != nil {
		t.Fatal(err)
	}
	clock := base.NewFakeClock(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	return &App{kv: kv, cfg: Config{Clock: clock}}
}

func dynamoDB(a *App) task.Table { return task.DynamoDB(a.item, a.cfg.Clock) }

// engine interprets with the tasks given; state is its database.
func engine(t *testing.T, state *sqlite.Store, tasks map[string]workflow.TaskFunc) *workflow.Engine {
	t.Helper()
	e, err := workflow.Open(context.Background(), workflow.Options{Store: state, Tasks: tasks, Region: "us-east-1", Account: "111111111111"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

func stateStore(t *testing.T) *sqlite.Store {
	t.Helper()
	s, err := sqlite.OpenStore(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// TestDynamoDBTasksAnswerAsRecorded runs the executions that were recorded from
// Step Functions on a real store.
func TestDynamoDBTasksAnswerAsRecorded(t *testing.T) {
	dir := os.Getenv("MULGIL_ORACLE")
	if dir == "" {
		t.Skip("no oracle here: set MULGIL_ORACLE to the folder that has asl/")
	}
	posed := 0
	for _, area := range []string{"errors", "task"} {
		text, err := os.ReadFile(filepath.Join(dir, "asl", area+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var cases []struct {
			ID                string
			Definition, Input json.RawMessage
			Expected          struct {
				Status               string
				Output, Error, Cause any
			}
		}
		if err := json.Unmarshal(text, &cases); err != nil {
			t.Fatal(err)
		}
		for _, c := range cases {
			if !strings.Contains(string(c.Definition), ":dynamodb:") {
				continue
			}
			posed++
			t.Run(c.ID, func(t *testing.T) {
				var in struct{ TableName string }
				if err := json.Unmarshal(c.Input, &in); err != nil {
					t.Fatal(err)
				}
				tables := []string{in.TableName}
				if strings.Contains(c.ID, "no_such_table") {
					tables = []string{"another"}
				}
				e := engine(t, stateStore(t), dynamoDB(tasksOn(t, tables...)))
				x, err := e.Start(context.Background(), workflow.StartInput{Workflow: "m", Definition: string(c.Definition), Input: c.Input})
				if err == nil {
					x, err = e.Wait(context.Background(), x.ID)
				}
				if err != nil {
					t.Fatal(err)
				}
				var output any
				if x.Output != nil {
					if err := json.Unmarshal(x.Output, &output); err != nil {
						t.Fatal(err)
					}
				}
				if string(x.Status) != c.Expected.Status || !recorded(c.Expected.Output, output) || !recorded(c.Expected.Error, given(x.Error)) || !recorded(c.Expected.Cause, given(x.Cause)) {
					t.Errorf("got %s %s %v %v\nwant %+v", x.Status, x.Output, given(x.Error), given(x.Cause), c.Expected)
				}
			})
		}
	}
	if posed < 7 {
		t.Errorf("only %d cases were posed", posed)
	}
}

// given is a text as JSON has it, nil where it is absent.
func given(s *string) any {
	if s == nil {
		return nil
	}
	return *s
}

var anything = regexp.MustCompile(`<[^<>]*>`)

// recorded compares with a record, whose masks match any value.
func recorded(want, have any) bool {
	switch w := want.(type) {
	case string:
		if w == "x-amzn-RequestId" || w == "x-amzn-requestid" || w == "RequestId" || w == "date" || w == "x-amz-crc32" {
			return have != nil
		}
		if w == "<test-table>" {
			w = "<any>"
		}
		h, ok := have.(string)
		parts := anything.Split(w, -1)
		for i := range parts {
			parts[i] = regexp.QuoteMeta(parts[i])
		}
		return ok && regexp.MustCompile("(?s)^"+strings.Join(parts, ".*")+"$").MatchString(h)
	case map[string]any:
		h, _ := have.(map[string]any)
		for k := range w {
			if !recorded(w[k], h[k]) {
				return false
			}
		}
		return len(h) == len(w)
	}
	return reflect.DeepEqual(want, have)
}

const addOne = `{"TableName":"visits","Key":{"id":{"S":"a"}},"UpdateExpression":"ADD n :one","ExpressionAttributeValues":{":one":{"N":"1"}},"ReturnValues":"UPDATED_NEW"}`

func TestDynamoDBAnswersOfBothIntegrations(t *testing.T) {
	tasks := dynamoDB(tasksOn(t, "visits"))
	run := func(resource, input, id string) string {
		t.Helper()
		out, err := tasks["arn:aws:states:::"+resource](context.Background(), workflow.Task{ID: id, Input: json.RawMessage(input)})
		if err != nil {
			return err.Error()
		}
		return string(out)
	}
	const id = "82RJ6DSLVKG26OSKI23UAP1L3BBQQE3LADIU9S2OKN91C9E9NC0G"
	for i, c := range [][3]string{
		{"dynamodb:putItem", `{"TableName":"visits","Item":{"id":{"S":"a"},"ok":{"BOOL":true},"no":{"NULL":true},"tags":{"SS":["x"]}}}`,
			`{"SdkHttpMetadata":{"AllHttpHeaders":{"Connection":["keep-alive"],"Content-Length":["2"],"Content-Type":["application/x-amz-json-1.0"],"Date":["Fri, 02 Jan 2026 03:04:05 GMT"],"Server":["Server"],"x-amz-crc32":["2745614147"],"x-amzn-RequestId":["` + id + `"]},` +
				`"HttpHeaders":{"Connection":"keep-alive","Content-Length":"2","Content-Type":"application/x-amz-json-1.0","Date":"Fri, 02 Jan 2026 03:04:05 GMT","Server":"Server","x-amz-crc32":"2745614147","x-amzn-RequestId":"` + id + `"},"HttpStatusCode":200},"SdkResponseMetadata":{"RequestId":"` + id + `"}}`},
		{"aws-sdk:dynamodb:getItem", `{"TableName":"visits","Key":{"id":{"S":"a"}}}`, `{"Item":{"id":{"S":"a"},"no":{"Nul":true},"ok":{"Bool":true},"tags":{"Ss":["x"]}}}`},
		{"aws-sdk:dynamodb:putItem", `{"TableName":"visits","Item":{"id":{"S":"b"},"ok":{"Bool":true}}}`, `{}`},
		{"aws-sdk:dynamodb:getItem", `{"TableName":"visits","Key":{"id":{"S":"gone"}}}`, `{}`},
		{"aws-sdk:dynamodb:query", `{"TableName":"visits","KeyConditionExpression":"id = :i","ExpressionAttributeValues":{":i":{"S":"b"}}}`, `{"Count":1,"Items":[{"id":{"S":"b"},"ok":{"Bool":true}}],"ScannedCount":1}`},
		{"dynamodb:putItem", `{"TableName":"visits","Item":{"id":{"S":"a"}},"ConditionExpression":"attribute_not_exists(id)"}`,
			"DynamoDB.ConditionalCheckFailedException: The conditional request failed (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ConditionalCheckFailedException; Request ID: " + id + "; Proxy: null)"},
		{"aws-sdk:dynamodb:putItem", `{"TableName":"visits","Item":{"id":{"S":"a"}},"ConditionExpression":"attribute_not_exists(id)"}`,
			"DynamoDb.ConditionalCheckFailedException: The conditional request failed (Service: DynamoDb, Status Code: 400, Request ID: " + id + ")"},
		{"dynamodb:deleteItem", `{"TableName":"visits","Key":{"id":{"N":"1"}}}`,
			"DynamoDB.AmazonDynamoDBException: The provided key element does not match the schema (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ValidationException; Request ID: " + id + "; Proxy: null)"},
		{"aws-sdk:dynamodb:deleteItem", `{"TableName":"visits","Key":{"id":{"N":"1"}}}`,
			"DynamoDb.DynamoDbException: The provided key element does not match the schema (Service: DynamoDb, Status Code: 400, Request ID: " + id + ")"},
	} {
		got := run(c[0], c[1], fmt.Sprintf("m:x/%d/0", i))
		got = regexp.MustCompile(`\b[0-9A-V]{52}\b`).ReplaceAllString(got, id)
		if got != c[2] {
			t.Errorf("%s %s\ngot  %s\nwant %s", c[0], c[1], got, c[2])
		}
	}
}

// TestWriteOfAnInterruptedTaskHappensOnce stops the engine after the write and
// before its answer is recorded.
func TestWriteOfAnInterruptedTaskHappensOnce(t *testing.T) {
	a, state := tasksOn(t, "visits"), stateStore(t)
	written := make(chan string, 1)
	hanging := map[string]workflow.TaskFunc{}
	for resource, f := range dynamoDB(a) {
		hanging[resource] = func(ctx context.Context, t workflow.Task) (json.RawMessage, error) {
			out, err := f(ctx, t)
			written <- string(out)
			<-ctx.Done()
			return out, err
		}
	}
	first := engine(t, state, hanging)
	definition := `{"StartAt":"Add","States":{"Add":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:dynamodb:updateItem","Parameters":` + addOne + `,"End":true}}}`
	x, err := first.Start(context.Background(), workflow.StartInput{Workflow: "m", Definition: definition})
	if err != nil {
		t.Fatal(err)
	}
	const one = `{"Attributes":{"n":{"N":"1"}}}`
	if got := <-written; got != one {
		t.Fatalf("got %s", got)
	}
	first.Close()

	second := engine(t, state, dynamoDB(a))
	if n, err := second.ResumeAll(context.Background()); n != 1 || err != nil {
		t.Fatalf("resumed %d, %v", n, err)
	}
	x, err = second.Wait(context.Background(), x.ID)
	if err != nil || x.Status != workflow.Succeeded || string(x.Output) != one {
		t.Fatalf("got %s %s, %v", x.Status, x.Output, err)
	}
	answer, err := a.kv.Call(context.Background(), "GetItem", []byte(`{"TableName":"visits","Key":{"id":{"S":"a"}}}`), "")
	if err != nil || answer.Item["n"].Text != "1" {
		t.Errorf("the item is %v, %v", answer.Item, err)
	}
}
