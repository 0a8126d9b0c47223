package app

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/notice"
	"github.com/mulgil/mulgil/internal/workflow"
)

// TaskSuccess implements Backend.
func (a *App) TaskSuccess(ctx context.Context, req TaskSuccessRequest) (TaskAnswer, error) {
	if len(req.Output) == 0 {
		req.Output = json.RawMessage("{}")
	}
	return TaskAnswer{}, a.workflow.SendTaskSuccess(ctx, req.Token, req.Output)
}

// TaskFailure implements Backend.
func (a *App) TaskFailure(ctx context.Context, req TaskFailureRequest) (TaskAnswer, error) {
	return TaskAnswer{}, a.workflow.SendTaskFailure(ctx, req.Token, req.Error, req.Cause)
}

// TaskHeartbeat implements Backend.
func (a *App) TaskHeartbeat(ctx context.Context, req TaskHeartbeatRequest) (TaskAnswer, error) {
	return TaskAnswer{}, a.workflow.SendTaskHeartbeat(ctx, req.Token)
}

// ActivityList implements Backend.
func (a *App) ActivityList(context.Context, ActivityListRequest) ([]Activity, error) {
	out := []Activity{}
	for _, x := range a.workflow.Activities() {
		out = append(out, activity(x))
	}
	return out, nil
}

func activity(x workflow.Activity) Activity {
	return Activity{ARN: x.ARN, Name: x.Name, CreatedAt: x.Created}
}

// ActivityCreate implements Backend.
func (a *App) ActivityCreate(ctx context.Context, req ActivityCreateRequest) (Activity, error) {
	x, err := a.workflow.CreateActivity(ctx, req.Activity)
	return activity(x), err
}

// activityARN is the ARN of an activity that is named or given by its ARN.
func (a *App) activityARN(ref string) string {
	if strings.HasPrefix(ref, "arn:") {
		return ref
	}
	for _, x := range a.workflow.Activities() {
		if x.Name == ref {
			return x.ARN
		}
	}
	return a.workflow.ARN("activity:" + ref)
}

// ActivityDelete implements Backend.
func (a *App) ActivityDelete(ctx context.Context, req ActivityDeleteRequest) (TaskAnswer, error) {
	arn := a.activityARN(req.Activity)
	if !slices.ContainsFunc(a.workflow.Activities(), func(x workflow.Activity) bool { return x.ARN == arn }) {
		return TaskAnswer{}, base.Errorf(base.NotFound, "no activity %q", req.Activity).WithHint("mulgil workflow activity list shows them")
	}
	return TaskAnswer{}, a.workflow.DeleteActivity(ctx, arn)
}

// longestPoll is how long a worker waits at most, as AWS's.
const longestPoll = 60 * time.Second

// ActivityPoll implements Backend.
func (a *App) ActivityPoll(ctx context.Context, req ActivityPollRequest, _ base.Report) (ActivityTask, error) {
	wait := longestPoll
	if s := time.Duration(req.WaitSeconds) * time.Second; s > 0 {
		wait = min(s, longestPoll)
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	t, err := a.workflow.GetActivityTask(ctx, a.activityARN(req.Activity), req.Worker)
	if t == nil || err != nil {
		return ActivityTask{}, err
	}
	return ActivityTask{Token: t.Token, Input: t.Input}, nil
}

// WorkflowRedrive implements Backend.
func (a *App) WorkflowRedrive(ctx context.Context, req WorkflowRedriveRequest, report base.Report) (Execution, error) {
	id, err := a.find(ctx, req.Execution)
	if err != nil {
		return Execution{}, err
	}
	defer a.watchers.watch(id, report)()
	a.live.add(id)
	if _, err := a.workflow.Redrive(ctx, id); err != nil {
		return Execution{}, err
	}
	if req.Detach {
		x, err := a.workflow.Get(ctx, id)
		return a.execution(x), err
	}
	return a.follow(ctx, id)
}

// WorkflowMapRuns implements Backend.
func (a *App) WorkflowMapRuns(ctx context.Context, req WorkflowMapRunsRequest) ([]MapRun, error) {
	id, err := a.find(ctx, req.Execution)
	if err != nil {
		return nil, err
	}
	list, err := a.workflow.MapRuns(ctx, id)
	if err != nil {
		return nil, err
	}
	out := make([]MapRun, len(list))
	for i, m := range list {
		out[i] = MapRun{ARN: m.ARN, State: m.State, Status: string(m.Status), StartedAt: m.Started, StoppedAt: utc(&m.Stopped), Items: MapCounts(m.Items), Executions: MapCounts(m.Executions)}
	}
	return out, nil
}

// NoticeList implements Backend.
func (a *App) NoticeList(ctx context.Context, req NoticeListRequest) ([]Notice, error) {
	switch notice.State(req.State) {
	case "", notice.Pending, notice.Sending, notice.Sent, notice.Failed, notice.Unknown:
	default:
		return nil, base.Errorf(base.Usage, "state %q is not known", req.State).WithHint("states: pending, sending, sent, failed, unknown")
	}
	list, err := a.notice.List(ctx, notice.Filter{State: notice.State(req.State), Limit: cmp.Or(req.Limit, 20)})
	if err != nil {
		return nil, err
	}
	out := make([]Notice, len(list))
	for i, e := range list {
		out[i] = noticeOf(e)
	}
	return out, nil
}

func noticeOf(e notice.Entry) Notice {
	n := Notice{
		ID: e.ID, State: string(e.State), Way: e.Way, Channel: e.Channel, Target: e.Target, Subject: e.Subject, Attempts: e.Attempts,
		CreatedAt: e.Created, DueAt: utc(&e.Due), EndedAt: utc(&e.Ended), Error: e.Error,
	}
	if e.Message != nil {
		n.Text = cmp.Or(e.Message.Text, e.Message.HTML)
	}
	return n
}

// NoticeShow implements Backend.
func (a *App) NoticeShow(ctx context.Context, req NoticeShowRequest) (Notice, error) {
	e, err := a.notice.Get(ctx, req.ID)
	return noticeOf(e), err
}

// NoticeResend implements Backend.
func (a *App) NoticeResend(ctx context.Context, req NoticeResendRequest) (Notice, error) {
	e, err := a.notice.Resend(ctx, req.ID)
	return noticeOf(e), err
}
