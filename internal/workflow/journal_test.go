package workflow

import (
	"database/sql"
	"fmt"
	"testing"
	"time"
)

func TestOneBadJournalDoesNotHarmTheOthers(t *testing.T) {
	e := open(t, Options{})
	store := e.opts.Store
	made := func(seq int64) *record {
		return &record{seq: seq, Event: Event{ID: seq, Type: "PassStateEntered", Time: time.Unix(0, 0)}}
	}
	err := store.Update(t.Context(), func(tx *sql.Tx) error {
		for i := range 100 {
			id := fmt.Sprint("w:", i)
			if err := insertExecution(tx, Execution{ID: id, Workflow: "w", Name: id, Status: Running, Input: []byte("{}"), Definition: "{}"}); err != nil {
				return err
			}
		}
		return insertRecords(tx, encoded(t, Execution{ID: "w:7"}, made(1)))
	})
	if err != nil {
		t.Fatal(err)
	}
	var group []*entry
	for i := range 100 {
		group = append(group, encoded(t, Execution{ID: fmt.Sprint("w:", i)}, made(1), made(2)))
	}
	e.journal.commit(t.Context(), group)
	for i, x := range group {
		if err := <-x.done; (err != nil) != (i == 7) {
			t.Errorf("execution %d: %v", i, err)
		}
	}
	n := 0
	if err := store.Reader().QueryRow(`SELECT count(*) FROM workflow_event`).Scan(&n); err != nil || n != 99*2+1 {
		t.Errorf("%d rows, %v", n, err)
	}
}

func encoded(t *testing.T, x Execution, records ...*record) *entry {
	t.Helper()
	e, err := newEntry(x, records...)
	if err != nil {
		t.Fatal(err)
	}
	return e
}
