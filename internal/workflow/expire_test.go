package workflow

import (
	"database/sql"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

// nestedMaps is a distributed Map in a distributed Map.
const nestedMaps = `{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {
	"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "N", "States": {"N": {"Type": "Map", "End": true,
	"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}}}}}}}`

func rows(t *testing.T, e *Engine, table string) (n int) {
	t.Helper()
	if err := e.opts.Store.Reader().QueryRow("SELECT count(*) FROM " + table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestExpireRemovesWhatEndedLongAgo(t *testing.T) {
	clock := base.NewFakeClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	e := open(t, Options{Clock: clock})
	start := func(name, definition, input string) Execution {
		t.Helper()
		x, err := e.Start(t.Context(), StartInput{Workflow: "w", Name: name, Definition: definition, Input: json.RawMessage(input)})
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	wait(t, e, start("old", nestedMaps, `[[1, 2], [3, 4, 5]]`).ID)
	for range expireStep + 1 { // more than one step
		wait(t, e, start("", `{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}`, "1").ID)
	}
	start("long", `{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 86400000, "End": true}}}`, "1")
	if n, runs := rows(t, e, "workflow_execution"), rows(t, e, "workflow_map_run"); n != 1+2+5+expireStep+1+1 || runs != 3 {
		t.Fatalf("%d executions, %d map runs", n, runs)
	}
	if err := e.Expire(t.Context(), clock.Now()); err != nil { // they ended now, not before
		t.Fatal(err)
	}
	if n := rows(t, e, "workflow_execution"); n != expireStep+10 {
		t.Errorf("%d executions are left of those that are young", n)
	}
	clock.Advance(time.Hour)
	wait(t, e, start("young", nestedMaps, `[[1]]`).ID)
	if err := e.Expire(t.Context(), clock.Now()); err != nil {
		t.Fatal(err)
	}
	list, err := e.List(t.Context(), Filter{})
	if err != nil || len(list) != 2 || list[0].Name != "young" || list[1].Name != "long" {
		t.Errorf("%+v %v", list, err)
	}
	if n, runs := rows(t, e, "workflow_execution"), rows(t, e, "workflow_map_run"); n != 1+3 || runs != 2 {
		t.Errorf("%d executions, %d map runs are left", n, runs)
	}
	left := rows(t, e, "workflow_event WHERE execution NOT IN (SELECT id FROM workflow_execution)")
	if all := rows(t, e, "workflow_event"); left != 0 || all < 15 {
		t.Errorf("%d events are left, %d of executions that are not", all, left)
	}
	if x := start("old", nestedMaps, `[[7]]`); string(wait(t, e, x.ID).Output) != "[[7]]" {
		t.Error("the name of an execution that is gone cannot be used")
	}
}

// TestInterruptedExpiryIsTakenUp stands where a process died that had removed
// half of an execution.
func TestInterruptedExpiryIsTakenUp(t *testing.T) {
	clock := base.NewFakeClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	e := open(t, Options{Clock: clock})
	in := StartInput{Workflow: "w", Name: "old", Definition: `{"StartAt": "F", "States": {"F": {"Type": "Fail"}}}`}
	x, err := e.Start(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	wait(t, e, x.ID)
	clock.Advance(time.Hour)
	if ids, err := e.markExpired(t.Context(), clock.Now()); err != nil || len(ids) != 1 {
		t.Fatal(ids, err)
	}
	err = e.opts.Store.Update(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.Exec(`DELETE FROM workflow_event WHERE seq = 1`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Get(t.Context(), x.ID); base.KindOf(err) != base.NotFound {
		t.Errorf("get: %v", err)
	}
	if _, err := e.Redrive(t.Context(), x.ID); base.KindOf(err) != base.NotFound {
		t.Errorf("redrive: %v", err)
	}
	if list, err := e.List(t.Context(), Filter{}); err != nil || len(list) != 0 {
		t.Errorf("list: %v %v", list, err)
	}
	if _, err := e.Start(t.Context(), in); base.KindOf(err) != base.Unavailable || !strings.Contains(err.Error(), "is being removed") {
		t.Errorf("start: %v", err)
	}
	if err := e.Expire(t.Context(), clock.Now()); err != nil {
		t.Fatal(err)
	}
	if n := rows(t, e, "workflow_execution") + rows(t, e, "workflow_event"); n != 0 {
		t.Errorf("%d rows are left", n)
	}
	if _, err := e.Start(t.Context(), in); err != nil {
		t.Errorf("start: %v", err)
	}
}
