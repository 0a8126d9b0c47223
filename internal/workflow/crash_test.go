package workflow

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/connector/sqlite"
)

// counting runs one task after the other in two branches, and for the items of
// a Map of each kind in two others.
const counting = `{"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
	{"StartAt": "A", "States": {
		"A": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync", "ResultPath": "$.last", "Next": "AddA"},
		"AddA": {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "MoreA"},
		"MoreA": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericLessThan": 12, "Next": "A"}], "Default": "DoneA"},
		"DoneA": {"Type": "Succeed"}}},
	{"StartAt": "B", "States": {
		"B": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync", "ResultPath": "$.last", "Next": "AddB"},
		"AddB": {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 2)"}, "Next": "MoreB"},
		"MoreB": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericLessThan": 20, "Next": "B"}], "Default": "DoneB"},
		"DoneB": {"Type": "Succeed"}}},
	{"StartAt": "C", "States": {"C": {"Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 2, "End": true, "ItemProcessor": {"StartAt": "EachC",
		"States": {"EachC": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync", "End": true}}}}}},
	{"StartAt": "D", "States": {"D": {"Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 2, "End": true, "ItemProcessor": {
		"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "EachD",
		"States": {"EachD": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync", "End": true}}}}}}]}}}`

// crashDir tells the child process of TestKilledProcessGoesOn where the store is.
const crashDir = "MULGIL_TEST_CRASH_DIR"

// TestCrashChild is the process that is killed; it does nothing by itself.
func TestCrashChild(t *testing.T) {
	dir := os.Getenv(crashDir)
	if dir == "" {
		t.Skip("runs only as the child of TestKilledProcessGoesOn")
	}
	store, err := sqlite.OpenStore(filepath.Join(dir, "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	e := open(t, Options{Store: store, Tasks: map[string]TaskFunc{job: func(_ context.Context, task Task) (json.RawMessage, error) {
		fmt.Printf("begin %s %v\n", task.ID, task.Resumed)
		return json.RawMessage(`1`), nil
	}}})
	if _, err := e.ResumeAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	x, err := e.Start(t.Context(), StartInput{Workflow: "w", Name: "one", Definition: counting, Input: json.RawMessage(`{"n": 0, "items": [5, 4, 3, 2, 1]}`)})
	if err != nil {
		t.Fatal(err)
	}
	x = wait(t, e, x.ID)
	fmt.Printf("over %s %s\n", x.Status, x.Output)
}

// TestKilledProcessGoesOn kills the process again and again, each time after a
// few more tasks, and holds the promises about tasks over all its lives.
func TestKilledProcessGoesOn(t *testing.T) {
	dir := t.TempDir()
	fresh := map[string]int{}
	kills := 0
	for life := 1; life <= 60; life++ {
		cmd := exec.Command(os.Args[0], "-test.run=^TestCrashChild$")
		cmd.Env = append(os.Environ(), crashDir+"="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		over := ""
		lines := bufio.NewScanner(out)
		for begun := 0; lines.Scan(); {
			if rest, ok := strings.CutPrefix(lines.Text(), "over "); ok {
				over = rest
			}
			if w := strings.Fields(lines.Text()); len(w) == 3 && w[0] == "begin" {
				if w[2] == "false" {
					fresh[w[1]]++
				}
				if begun++; begun == 5+life%5 {
					_ = cmd.Process.Kill()
					kills++
				}
			}
		}
		_ = cmd.Wait()
		if over == "" {
			continue
		}
		if over != `SUCCEEDED [{"n":12},{"n":20},[1,1,1,1,1],[1,1,1,1,1]]` {
			t.Errorf("ended %s", over)
		}
		for id, n := range fresh {
			if n > 1 {
				t.Errorf("task %s was started anew %d times", id, n)
			}
		}
		if kills < 5 {
			t.Errorf("only %d kills", kills)
		}
		return
	}
	t.Error("not over after 60 lives")
}
