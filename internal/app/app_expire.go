package app

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

// defaultHistory is how long what has ended is remembered.
const defaultHistory = 90 * 24 * time.Hour

// startExpiry removes old history now and once a day, until the App is closed.
func (a *App) startExpiry(ctx context.Context) {
	keep := cmp.Or(a.p.Limits.History, defaultHistory)
	if keep < 0 {
		return
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var idle sync.WaitGroup
	idle.Go(func() {
		for ctx.Err() == nil {
			if err := a.expire(ctx, a.cfg.Clock.Now().Add(-keep)); err != nil && ctx.Err() == nil {
				a.cfg.Log.Warn("old history is not removed", "error", err)
			}
			select {
			case <-ctx.Done():
			case <-a.cfg.Clock.After(24 * time.Hour):
			}
		}
	})
	a.endExpiry = func() {
		cancel()
		idle.Wait()
	}
}

// expire forgets what ended before t: executions, runs of jobs and crawlers,
// fires, messages and statements. Executions go before the runs they began.
func (a *App) expire(ctx context.Context, t time.Time) error {
	return errors.Join(
		a.workflow.Expire(ctx, t),
		a.batch.Expire(ctx, t, a.hasExecution),
		a.crawl.Expire(ctx, t),
		a.schedule.Expire(ctx, t),
		a.notice.Expire(ctx, t),
		a.history.Expire(ctx, t),
	)
}

// hasExecution tells whether the execution of a task ("execution/event/attempt") is kept.
func (a *App) hasExecution(ctx context.Context, task string) (bool, error) {
	id := task
	for range 2 {
		if i := strings.LastIndexByte(id, '/'); i >= 0 {
			id = id[:i]
		}
	}
	_, err := a.workflow.Get(ctx, id)
	if base.KindOf(err) == base.NotFound {
		return false, nil
	}
	return true, err
}
