package app

import (
	"context"
	"sync"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/project"
	"github.com/mulgil/mulgil/internal/schedule"
)

func (a *App) scheduleOptions() schedule.Options {
	o := schedule.Options{Store: a.state, Clock: a.cfg.Clock, Log: a.cfg.Log, Starter: starter{a}, Told: a.fireFailed}
	for _, s := range a.p.Schedules {
		o.Schedules = append(o.Schedules, scheduleOf(s))
	}
	return o
}

func scheduleOf(s *project.Schedule) *schedule.Schedule {
	return &schedule.Schedule{Name: s.Name, Description: s.Description, Expression: s.Expression, Zone: s.Zone, Start: s.Start, End: s.End, Window: s.Window,
		Target: schedule.Target{Kind: s.Kind, Name: s.Target}, Input: s.Input, Retries: s.Retries, Age: s.Age, DeadLetter: s.DeadLetter,
		CatchUp: s.CatchUp, Enabled: s.Enabled, Notify: schedule.Notify{On: s.NotifyOn, Workflow: s.NotifyWorkflow}}
}

// StartSchedules fires the project's schedules until ctx ends or the App is
// closed. Only a process that stays may do so, and only once.
func (a *App) StartSchedules(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := a.schedule.Run(ctx); err != nil && ctx.Err() == nil {
			a.cfg.Log.Error("schedules do not fire any more", "error", err)
		}
	}()
	a.endSchedules = sync.OnceFunc(func() {
		cancel()
		<-done
	})
}

// unscheduled tells whether a crawler's own schedule is switched off.
func (a *App) unscheduled(ctx context.Context, crawler string) bool {
	i, err := a.schedule.Get(ctx, "crawler:"+crawler)
	return err == nil && !i.Enabled
}

// ScheduleList implements Backend.
func (a *App) ScheduleList(ctx context.Context, _ ScheduleListRequest) ([]ScheduleInfo, error) {
	list, err := a.schedule.List(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]ScheduleInfo, len(list))
	for i, s := range list {
		out[i] = scheduleInfo(s)
	}
	return out, nil
}

func scheduleInfo(s schedule.Info) ScheduleInfo {
	out := ScheduleInfo{Name: s.Name, Description: s.Description, Schedule: s.Expression.Text, Timezone: s.Location().String(),
		Target: ScheduleTarget(s.Target), Enabled: s.Enabled, Switched: s.Enabled != s.Schedule.Enabled, Next: utc(&s.Next)}
	if s.Last != nil {
		f := scheduleFire(*s.Last)
		out.Last = &f
	}
	return out
}

func scheduleFire(f schedule.Fire) ScheduleFire {
	return ScheduleFire{Schedule: f.Schedule, Time: f.Nominal.UTC(), Target: ScheduleTarget(f.Target), State: string(f.State), Manual: !f.Manual.IsZero(),
		CatchUp: f.CatchUp, Due: utc(&f.Due), Attempts: f.Attempts, Run: f.Run, StartedAt: utc(&f.Started), EndedAt: utc(&f.Ended), Missed: f.Missed, Error: f.Error}
}

// ScheduleShow implements Backend.
func (a *App) ScheduleShow(ctx context.Context, req ScheduleShowRequest) (ScheduleDetail, error) {
	p, err := a.p.Schedule(req.Name)
	if err != nil {
		return ScheduleDetail{}, err
	}
	s, err := a.schedule.Get(ctx, req.Name)
	if err != nil {
		return ScheduleDetail{}, err
	}
	return ScheduleDetail{ScheduleInfo: scheduleInfo(s), ARN: schedule.ARN(s.Name), Start: utc(&s.Start), End: utc(&s.End), WindowSeconds: int64(s.Window.Seconds()),
		Input: p.InputText, RetryAttempts: s.Retries, RetryAgeSeconds: int64(s.Age.Seconds()), DeadLetter: s.DeadLetter, CatchUp: s.CatchUp,
		NotifyOn: s.Notify.On, NotifyWorkflow: s.Notify.Workflow, Place: p.Place.String()}, nil
}

// ScheduleNext implements Backend.
func (a *App) ScheduleNext(ctx context.Context, req ScheduleNextRequest) ([]ScheduledTime, error) {
	if req.Name != "" {
		if _, err := a.p.Schedule(req.Name); err != nil {
			return nil, err
		}
	}
	n := req.Count
	if n <= 0 {
		n = 10
	}
	if n > maxUpcoming {
		return nil, base.Errorf(base.Usage, "%d times are too many: at most %d", n, maxUpcoming)
	}
	list, err := a.schedule.Next(ctx, req.Name, n)
	out := make([]ScheduledTime, len(list))
	for i, u := range list {
		out[i] = ScheduledTime{Schedule: u.Schedule, Time: u.Time.UTC(), Local: u.Time.In(u.Zone).Format("2006-01-02 15:04:05 MST"), Timezone: u.Zone.String()}
		if a.p.Timezone.String() != u.Zone.String() {
			out[i].Here = u.Time.In(a.p.Timezone).Format("2006-01-02 15:04:05 MST")
		}
	}
	return out, err
}

// maxUpcoming bounds what one request computes.
const maxUpcoming = 1000

// ScheduleEnable implements Backend.
func (a *App) ScheduleEnable(ctx context.Context, req ScheduleSwitchRequest) (ScheduleInfo, error) {
	return a.switchSchedule(ctx, req.Name, true)
}

// ScheduleDisable implements Backend.
func (a *App) ScheduleDisable(ctx context.Context, req ScheduleSwitchRequest) (ScheduleInfo, error) {
	return a.switchSchedule(ctx, req.Name, false)
}

func (a *App) switchSchedule(ctx context.Context, name string, on bool) (ScheduleInfo, error) {
	if _, err := a.p.Schedule(name); err != nil {
		return ScheduleInfo{}, err
	}
	s, err := a.schedule.SetEnabled(ctx, name, on)
	if err != nil {
		return ScheduleInfo{}, err
	}
	return scheduleInfo(s), nil
}

// ScheduleRun implements Backend. Without Detach the run ends with the caller:
// a cancelled wait stops it.
func (a *App) ScheduleRun(ctx context.Context, req ScheduleRunRequest, report base.Report) (ScheduleFire, error) {
	p, err := a.p.Schedule(req.Name)
	if err != nil {
		return ScheduleFire{}, err
	}
	var at time.Time
	if req.At != "" {
		if at, err = parseMoment(req.At, scheduleOf(p).Location()); err != nil {
			return ScheduleFire{}, err
		}
	}
	f, err := a.schedule.Call(ctx, req.Name, at)
	if err != nil || req.Detach {
		return scheduleFire(f), err
	}
	defer a.watchers.watch(f.Run, report)()
	f, err = a.schedule.Wait(ctx, f)
	if ctx.Err() != nil {
		done := context.WithoutCancel(ctx)
		if err := a.stopRun(done, f); err != nil {
			return scheduleFire(f), err
		}
		f, err = a.schedule.Wait(done, f)
	}
	return scheduleFire(f), err
}

// parseMoment reads a day or a time of day in zone.
func parseMoment(text string, zone *time.Location) (time.Time, error) {
	for _, layout := range []string{"2006-01-02", "2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04:05", time.RFC3339} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, base.Errorf(base.Usage, "%q is not a time", text).WithHint("write it as 2027-03-01T09:00:00, in the schedule's zone")
}

// stopRun stops what a fire started.
func (a *App) stopRun(ctx context.Context, f schedule.Fire) error {
	switch f.Target.Kind {
	case schedule.Workflow:
		return a.workflow.Stop(ctx, f.Run, "Mulgil.Stopped", "stopped by the user")
	case schedule.Job:
		_, err := a.batch.Stop(ctx, f.Run)
		return err
	}
	err := a.crawl.Stop(ctx, f.Target.Name)
	if base.CodeOf(err) == "CrawlerNotRunningException" {
		return nil
	}
	return err
}

// ScheduleHistory implements Backend.
func (a *App) ScheduleHistory(ctx context.Context, req ScheduleHistoryRequest) ([]ScheduleFire, error) {
	if req.Name != "" {
		if _, err := a.p.Schedule(req.Name); err != nil {
			return nil, err
		}
	}
	limit := req.Limit
	if limit <= 0 {
		limit = 20
	}
	list, err := a.schedule.Fires(ctx, req.Name, limit)
	out := make([]ScheduleFire, len(list))
	for i, f := range list {
		out[i] = scheduleFire(f)
	}
	return out, err
}
