package crash

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// faulty is a project whose workflows go wrong in the ways of the tests below.
func faulty(t *testing.T) *flows {
	t.Helper()
	f := newFlows(t, 0)
	f.file("mulgil.yaml", `name: faulty
limits: {disk: 1kB}
functions:
  steady: {command: [/bin/sh, ./call.sh], idempotent: true, timeout: 60s, env: {LEDGER: ../ledger}}
  fragile: {command: [/bin/sh, ./call.sh], timeout: 60s, env: {LEDGER: ../ledger}}
  hang: {command: [/bin/sh, -c, "echo $$ >../pid; sleep 600"], timeout: 10m}
  big: {command: [/bin/sh, -c, "printf '\"'; head -c 300000 /dev/zero | tr '\\0' x; printf '\"'"]}
`)
	check(t, os.RemoveAll(filepath.Join(f.dir, "workflows", "all.asl.json")))
	check(t, os.RemoveAll(filepath.Join(f.dir, "workflows", "tick.asl.json")))
	function := func(name string) string {
		return `{"StartAt": "Call", "States": {"Call": {"Type": "Task", "Resource": "arn:aws:lambda:local:000000000000:function:` + name + `", "End": true}}}`
	}
	f.file("workflows/hang.asl.json", function("hang"))
	f.file("workflows/big.asl.json", function("big"))
	f.file("workflows/endless.asl.json", `{"QueryLanguage": "JSONata", "StartAt": "Loop", "States": {"Loop": {"Type": "Pass", "End": true,
		"Output": "{% ($f := function($n) { $f($n + 1) }; $f(0)) %}"}}}`)
	f.file("workflows/parent.asl.json", `{"StartAt": "Nested", "States": {"Nested": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "End": true,
		"Parameters": {"StateMachineArn": "arn:aws:states:local:000000000000:stateMachine:child", "Input": {"name.$": "$.name"}}}}}`)
	f.file("workflows/long.asl.json", `{"StartAt": "More", "States": {
		"More": {"Type": "Choice", "Choices": [{"Variable": "$.turn", "NumericLessThan": 40, "Next": "Call"}], "Default": "Enough"},
		"Call": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "ResultPath": null, "Next": "Turn",
			"Parameters": {"FunctionName": "fragile", "Payload": {"who.$": "States.Format('long/{}', $.turn)", "nap": "0.05", "fail": 0}}},
		"Turn": {"Type": "Pass", "Parameters": {"pad.$": "$.pad", "turn.$": "States.MathAdd($.turn, 1)"}, "Next": "More"},
		"Enough": {"Type": "Pass", "Parameters": {"turn.$": "$.turn"}, "End": true}}}`)
	return f
}

// begin starts an execution that the owner carries on.
func (f *flows) begin(workflow, name, input string) {
	f.t.Helper()
	f.must("workflow", "run", workflow, "--name", name, "--input", input, "--detach", "-q")
}

// end waits for an execution's end and returns its status and error.
func (f *flows) end(id string, within time.Duration) string {
	f.t.Helper()
	for deadline := time.Now().Add(within); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		var out []struct{ ID, Status, Error string }
		f.ask(&out, "workflow", "executions")
		for _, x := range out {
			if x.ID == id && x.Status != "RUNNING" {
				return strings.TrimSpace(x.Status + " " + x.Error)
			}
		}
	}
	f.t.Fatalf("%s is not over after %v", id, within)
	return ""
}

// gone waits until a program has ended.
func gone(t *testing.T, pid int) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Second); syscall.Kill(pid, 0) == nil; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the program %d is still at work", pid)
		}
	}
}

// hanging is the process of the function hang, once it has begun.
func (f *flows) hanging() int {
	f.t.Helper()
	file := filepath.Join(filepath.Dir(f.ledger), "pid")
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		text, _ := os.ReadFile(file)
		if pid, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil {
			check(f.t, os.Remove(file))
			return pid
		}
	}
	f.t.Fatal("the function does not begin")
	return 0
}

func TestFaultyExecutionsHarmNoOther(t *testing.T) {
	f := faulty(t)
	up := f.live(t.Context())
	f.begin("endless", "one", "{}")

	f.begin("hang", "one", "{}")
	pid := f.hanging()
	stopped := time.Now()
	f.must("workflow", "stop", "hang:one", "-q")
	gone(t, pid)
	if got, took := f.end("hang:one", time.Second), time.Since(stopped); got != "ABORTED" || took > 3*time.Second {
		t.Errorf("the stopped execution is %s after %v", got, took)
	}
	f.begin("big", "one", "{}")
	if got := f.end("big:one", 5*time.Second); got != "FAILED States.DataLimitExceeded" {
		t.Errorf("a result of 300 kB ended %s", got)
	}
	input := filepath.Join(t.TempDir(), "input.json")
	check(t, os.WriteFile(input, []byte(`"`+strings.Repeat("x", 300000)+`"`), 0o644))
	if r := f.run("workflow", "run", "big", "--input", "@"+input); r.code() != 2 || !strings.Contains(r.errs.String(), "the input has 300002 bytes, more than the 262144 that are allowed") {
		t.Errorf("an input of 300 kB: exit code %d\n%s", r.code(), &r.errs)
	}
	f.begin("child", "one", `{"name": "one"}`)
	if got := f.end("child:one", 8*time.Second); got != "SUCCEEDED" {
		t.Errorf("an execution beside an endless loop ended %s", got)
	}
	if got := f.end("endless:one", 20*time.Second); got != "FAILED States.QueryEvaluationError" {
		t.Errorf("the endless loop ended %s", got)
	}

	// A killed owner takes its functions along; a parent can be resumed alone.
	f.begin("hang", "two", "{}")
	pid = f.hanging()
	f.begin("parent", "one", `{"name": "two"}`)
	up.kill()
	gone(t, pid)
	f.must("workflow", "resume", "parent:one", "-q")
}

// TestFullDiskUnderExecutions lets the disk with the histories fill up while an
// execution is at work: it waits, says so, and goes on without doing anything twice.
func TestFullDiskUnderExecutions(t *testing.T) {
	d := smallDisk(t, "96m")
	f := faulty(t)
	check(t, os.Symlink(d.dir, filepath.Join(f.dir, ".mulgil")))
	up := f.live(t.Context())
	f.begin("long", "one", fmt.Sprintf(`{"turn": 0, "pad": %q}`, strings.Repeat("x", 100000)))
	for deadline := time.Now().Add(10 * time.Second); len(f.calls()) < 3; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the execution does not begin")
		}
	}
	for range 2 {
		d.fill()
		last := -1
		for deadline := time.Now().Add(20 * time.Second); last != len(f.calls()); time.Sleep(1500 * time.Millisecond) {
			if last = len(f.calls()); time.Now().After(deadline) {
				t.Fatal("the execution does not wait for room")
			}
		}
		if last == 40 {
			t.Fatal("the execution was over before the disk was full")
		}
		if r := f.run("workflow", "run", "child", "--input", `{"name": "late"}`); r.code() != 1 || !strings.Contains(r.errs.String(), "hint: free some space") {
			t.Errorf("another execution: exit code %d\n%s", r.code(), &r.errs)
		}
		d.clear()
		for deadline := time.Now().Add(5 * time.Second); last == len(f.calls()); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("the execution does not go on when there is room again")
			}
		}
	}
	if got := f.end("long:one", 30*time.Second); got != "SUCCEEDED" {
		t.Errorf("ended %s", got)
	}
	if n := len(f.calls()); n != 40 {
		t.Errorf("%d calls of 40", n)
	}
	f.checkLedger()
	up.down(t)
	log := up.errs.String()
	for _, want := range []string{"executions wait until there is room on the disk", "there is room on the disk again, executions go on"} {
		if strings.Count(log, want) < 2 {
			t.Errorf("the owner does not say %q\n%s", want, log)
		}
	}
}
