package workflow

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

// Activity is work that workers fetch with GetActivityTask.
type Activity struct {
	ARN     string    `json:"arn"`
	Name    string    `json:"name"`
	Created time.Time `json:"created"`
}

// ActivityTask is what a worker gets; Token ends it.
type ActivityTask struct {
	Token string          `json:"taskToken"`
	Input json.RawMessage `json:"input"`
}

// activities are those that exist and the tasks that wait for a worker.
type activities struct {
	mu    sync.Mutex // guards all
	known map[string]Activity
	queue map[string][]offer
	wake  chan struct{} // closed when something is offered
}

type offer struct {
	execution string
	event     int64
}

func (a *activities) has(arn string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	_, ok := a.known[arn]
	return ok
}

func (a *activities) put(arn string, o offer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.queue[arn] = append(a.queue[arn], o)
	close(a.wake)
	a.wake = make(chan struct{})
}

// take gives the oldest task that waits, or a channel that tells when to ask again.
func (a *activities) take(arn string) (offer, bool, <-chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	l := a.queue[arn]
	if len(l) == 0 {
		return offer{}, false, a.wake
	}
	a.queue[arn] = l[1:]
	return l[0], true, nil
}

func (e *Engine) openActivities(ctx context.Context) error {
	a := &activities{known: map[string]Activity{}, queue: map[string][]offer{}, wake: make(chan struct{})}
	e.activities = a
	rows, err := e.opts.Store.Reader().QueryContext(ctx, `SELECT arn, name, created FROM workflow_activity`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var x Activity
		var at int64
		if err := rows.Scan(&x.ARN, &x.Name, &at); err != nil {
			return err
		}
		x.Created = time.UnixMicro(at).UTC()
		a.known[x.ARN] = x
	}
	return rows.Err()
}

// CreateActivity makes an activity, or gives the one that has the name.
func (e *Engine) CreateActivity(ctx context.Context, name string) (Activity, error) {
	if err := checkName("activity", name); err != nil {
		return Activity{}, err
	}
	x := Activity{ARN: e.setup.arn("activity:" + name), Name: name, Created: e.opts.Clock.Now().UTC()}
	e.activities.mu.Lock()
	old, ok := e.activities.known[x.ARN]
	e.activities.mu.Unlock()
	if ok {
		return old, nil
	}
	err := e.opts.Store.Update(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec(`INSERT INTO workflow_activity (arn, name, created) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, x.ARN, x.Name, x.Created.UnixMicro())
		return err
	})
	if err == nil {
		e.activities.mu.Lock()
		e.activities.known[x.ARN] = x
		e.activities.mu.Unlock()
	}
	return x, err
}

// DeleteActivity removes an activity; tasks that wait for it time out.
func (e *Engine) DeleteActivity(ctx context.Context, arn string) error {
	err := e.opts.Store.Update(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec(`DELETE FROM workflow_activity WHERE arn = ?`, arn)
		return err
	})
	if err == nil {
		e.activities.mu.Lock()
		delete(e.activities.known, arn)
		delete(e.activities.queue, arn)
		e.activities.mu.Unlock()
	}
	return err
}

// Activities lists the activities by name.
func (e *Engine) Activities() []Activity {
	e.activities.mu.Lock()
	defer e.activities.mu.Unlock()
	var out []Activity
	for _, x := range e.activities.known {
		out = append(out, x)
	}
	slices.SortFunc(out, func(a, b Activity) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// GetActivityTask waits for a task of the activity and starts it for the named
// worker. When ctx ends first the answer is nil.
func (e *Engine) GetActivityTask(ctx context.Context, arn, worker string) (*ActivityTask, error) {
	if !e.activities.has(arn) {
		return nil, base.Errorf(base.NotFound, "Activity Does Not Exist: '%s'", arn).WithCode("ActivityDoesNotExist").
			WithHint("mulgil workflow activity list shows them, create makes one")
	}
	for {
		o, ok, wake := e.activities.take(arn)
		if !ok {
			select {
			case <-wake:
				continue
			case <-ctx.Done():
				return nil, nil
			case <-e.ctx.Done():
				return nil, errClosed()
			}
		}
		t, err := e.startActivity(ctx, o, worker)
		if t != nil || err != nil {
			return t, err
		}
	}
}

// startActivity hands out a task; nil if it is not to be had any more.
func (e *Engine) startActivity(ctx context.Context, o offer, worker string) (*ActivityTask, error) {
	w := e.runner(o.execution)
	if w == nil {
		return nil, nil
	}
	var t *ActivityTask
	ctx = context.WithoutCancel(ctx) // what left the queue must not get lost
	err := w.send(ctx, func(r *run, now time.Time) (*record, error) {
		var found *flow
		r.flows(func(f *flow) {
			if f.phase == scheduled && f.task.id == o.event {
				found = f
			}
		})
		rec := r.activityStarted(found, worker, now)
		if rec != nil {
			t = &ActivityTask{Token: r.setup.token(r.exec.ID, o.event, found.task.attempt), Input: found.task.input}
		}
		return rec, nil
	})
	if err != nil {
		return nil, nil // the execution has just ended
	}
	return t, nil
}

// offer lets workers fetch the task of an activity.
func (w *runner) offer(f *flow) {
	if !w.offered[f.task.id] {
		w.offered[f.task.id] = true
		w.e.activities.put(f.state.Resource, offer{w.run.exec.ID, f.task.id})
	}
}
