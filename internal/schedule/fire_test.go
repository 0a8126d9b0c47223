package schedule

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

func TestTwoSchedulesFireAtOneInstant(t *testing.T) {
	b := newBench(t, "2027-03-01T00:00:30Z", every(t, "a", "cron(0/5 * * * ? *)", "UTC"), every(t, "b", "*/5 * * * *", "Asia/Seoul"))
	b.up()
	b.turn(5*time.Minute, time.Second)
	b.want("a-20270301T000500", "b-20270301T000500")
	b.turn(5*time.Minute, time.Second)
	b.wantFires("a 2027-03-01T00:05:00Z SUCCEEDED", "b 2027-03-01T00:05:00Z SUCCEEDED", "a 2027-03-01T00:10:00Z SUCCEEDED", "b 2027-03-01T00:10:00Z SUCCEEDED")
}

func TestFiresFollowTheZonesClock(t *testing.T) {
	for _, c := range []struct {
		zone, start string
		days        int
		want        []string
	}{
		{"America/New_York", "2027-03-13T00:00:00Z", 3, []string{"d-20270313T073000", "d-20270315T063000"}},                      // no 02:30 on the 14th
		{"America/New_York", "2027-11-06T00:00:00Z", 3, []string{"d-20271106T063000", "d-20271107T073000", "d-20271108T073000"}}, // 02:30 comes once
		{"Europe/London", "2027-10-30T00:00:00Z", 2, []string{"d-20271030T013000", "d-20271031T023000"}},
		{"Asia/Seoul", "2027-03-13T00:00:00Z", 2, []string{"d-20270313T173000", "d-20270314T173000"}},
	} {
		b := newBench(t, c.start, every(t, "d", "cron(30 2 * * ? *)", c.zone))
		b.up()
		b.turn(time.Duration(c.days)*24*time.Hour, 30*time.Minute)
		b.want(c.want...)
	}
}

func TestRepeatedHourFiresOnce(t *testing.T) {
	b := newBench(t, "2027-11-07T04:45:00Z", every(t, "h", "cron(30 1 * * ? *)", "America/New_York"))
	b.up()
	b.turn(3*time.Hour, time.Minute)
	b.want("h-20271107T053000")
}

func TestClockSetBackFiresNothingTwice(t *testing.T) {
	b := newBench(t, "2027-03-01T09:58:00Z", every(t, "q", "cron(0/10 * * * ? *)", "UTC"))
	b.up()
	b.turn(25*time.Minute, 10*time.Second)
	b.want("q-20270301T100000", "q-20270301T101000", "q-20270301T102000")
	b.clock.Set(at(t, "2027-03-01T09:30:00Z"))
	b.turn(72*time.Minute, 10*time.Second)
	b.want("q-20270301T094000", "q-20270301T095000", "q-20270301T100000", "q-20270301T101000", "q-20270301T102000", "q-20270301T103000", "q-20270301T104000")
	if f := b.fires(); strings.Contains(f, "missed") {
		t.Errorf("fires were missed:\n%s", f)
	}
}

func TestClockSetBackBetweenProcesses(t *testing.T) {
	b := newBench(t, "2027-03-01T09:58:00Z", every(t, "q", "cron(0/10 * * * ? *)", "UTC"))
	b.up()
	b.turn(13*time.Minute, 10*time.Second)
	b.want("q-20270301T100000", "q-20270301T101000")
	b.down()
	b.clock.Set(at(t, "2027-03-01T09:59:00Z"))
	b.up()
	b.turn(22*time.Minute, 10*time.Second)
	b.want("q-20270301T100000", "q-20270301T101000", "q-20270301T102000")
}

func TestClockSetForwardIsCaughtUp(t *testing.T) {
	b := newBench(t, "2027-03-01T09:58:00Z", every(t, "q", "cron(0 * * * ? *)", "UTC"))
	b.up()
	b.clock.Set(at(t, "2027-03-01T14:30:00Z"))
	b.turn(4*time.Second, time.Second) // seen at the next look
	b.wantFires("q 2027-03-01T13:00:00Z SKIPPED 4 missed", "q 2027-03-01T14:00:00Z SUCCEEDED catch-up")
	b.clock.Set(at(t, "2027-03-01T12:30:00Z")) // and back again: nothing is missed twice
	b.turn(4*time.Second, time.Second)
	b.clock.Set(at(t, "2027-03-01T14:59:50Z"))
	b.turn(time.Minute, time.Second)
	b.want("q-20270301T140000", "q-20270301T150000")
}

func TestRestartCatchesUpByPolicy(t *testing.T) {
	for policy, want := range map[string][]string{
		Skip: {"q 2027-03-01T13:00:00Z SKIPPED 4 missed", "q 2027-03-01T14:00:00Z SUCCEEDED"},
		Last: {"q 2027-03-01T12:00:00Z SKIPPED 3 missed", "q 2027-03-01T13:00:00Z SUCCEEDED catch-up", "q 2027-03-01T14:00:00Z SUCCEEDED"},
		All: {"q 2027-03-01T10:00:00Z SUCCEEDED catch-up", "q 2027-03-01T11:00:00Z SUCCEEDED catch-up", "q 2027-03-01T12:00:00Z SUCCEEDED catch-up",
			"q 2027-03-01T13:00:00Z SUCCEEDED catch-up", "q 2027-03-01T14:00:00Z SUCCEEDED"},
	} {
		t.Run(policy, func(t *testing.T) {
			d := every(t, "q", "cron(0 * * * ? *)", "UTC")
			d.CatchUp = policy
			b := newBench(t, "2027-03-01T09:30:00Z", d)
			b.up()
			b.down()
			b.clock.Set(at(t, "2027-03-01T14:00:20Z")) // 14:00 itself is on time
			b.up()
			b.turn(10*time.Second, time.Second)
			b.wantFires(want...)
		})
	}
}

func TestCatchUpOfAllGoesOneAfterTheOther(t *testing.T) {
	d := every(t, "q", "cron(0 * * * ? *)", "UTC")
	d.CatchUp = All
	b := newBench(t, "2027-03-01T09:30:00Z", d)
	b.hold = true
	b.up()
	b.down()
	b.clock.Set(at(t, "2027-03-01T12:30:00Z"))
	b.up()
	b.turn(10*time.Second, time.Second)
	b.wantFires("q 2027-03-01T10:00:00Z STARTED catch-up", "q 2027-03-01T11:00:00Z WAITING catch-up", "q 2027-03-01T12:00:00Z WAITING catch-up")
	b.end("schedule/q/2027-03-01T10:00:00Z", RunFailed)
	b.wantFires("q 2027-03-01T10:00:00Z FAILED catch-up", "q 2027-03-01T11:00:00Z STARTED catch-up", "q 2027-03-01T12:00:00Z WAITING catch-up")
	b.down() // the rest is taken up by the next process
	b.up()
	b.wantFires("q 2027-03-01T10:00:00Z FAILED catch-up", "q 2027-03-01T11:00:00Z SUCCEEDED catch-up", "q 2027-03-01T12:00:00Z STARTED catch-up")
}

func TestManyMissedFiresAreAllRecorded(t *testing.T) {
	d := every(t, "m", "rate(1 minute)", "UTC")
	d.CatchUp = All
	b := newBench(t, "2027-03-01T00:00:00Z", d)
	b.up()
	b.want("m-20270301T000000") // a rate fires at once
	b.down()
	b.set(func() { b.hold = true })
	b.clock.Set(at(t, "2027-03-01T12:00:30Z"))
	b.up()
	b.eventually("all are waiting", func() bool {
		return strings.Count(b.fires(), "catch-up") == 719 && strings.Count(b.fires(), "STARTED") == 2
	})
}

// A crash is simulated where the process could die: the scheduler ends there
// and a new one starts on the same state.
func TestCrashAnywhereGivesOneRun(t *testing.T) {
	for _, c := range []struct {
		name   string
		window time.Duration
		point  string
	}{
		{"before anything is recorded", 0, "before"}, {"after the run is durable", 0, "after"},
		{"between the fire's record and the start", 10 * time.Minute, "before"}, {"after the waiting fire's run is durable", 10 * time.Minute, "after"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := every(t, "c", "cron(0 * * * ? *)", "UTC")
			d.Window = c.window
			b := newBench(t, "2027-03-01T09:59:50Z", d)
			died := make(chan struct{}, 8)
			crash := func(ctx context.Context) error {
				died <- struct{}{}
				<-ctx.Done()
				return ctx.Err()
			}
			b.set(func() {
				if c.point == "before" {
					b.before = crash
				} else {
					b.after = crash
				}
			})
			b.up()
			for alive := true; alive; {
				b.clock.Advance(time.Second)
				select {
				case <-died:
					alive = false
				case <-time.After(time.Millisecond):
				}
			}
			b.down()
			b.set(func() { b.before, b.after = nil, nil })
			b.up()
			b.turn(11*time.Minute, time.Second)
			b.want("c-20270301T100000")
			b.wantFires("c 2027-03-01T10:00:00Z SUCCEEDED")
		})
	}
}

func TestRunLeftByADeadProcessIsCarriedOnUnderItsID(t *testing.T) {
	b := newBench(t, "2027-03-01T09:59:50Z", every(t, "c", "cron(0 10 * * ? *)", "UTC"))
	b.hold = true
	b.up()
	b.turn(20*time.Second, time.Second)
	b.wantFires("c 2027-03-01T10:00:00Z STARTED")
	b.down()
	b.set(func() { b.left, b.hold, b.ends = RunInterrupted, false, map[string]chan Outcome{} })
	b.up()
	b.turn(5*time.Second, time.Second)
	b.wantFires("c 2027-03-01T10:00:00Z SUCCEEDED 2 attempts")
	b.want("c-20270301T100000")
}

func TestFlexibleWindowBounds(t *testing.T) {
	d := every(t, "w", "cron(0 * * * ? *)", "UTC")
	d.Window = 15 * time.Minute
	b := newBench(t, "2027-03-01T00:00:01Z", d)
	b.up()
	b.turn(13*time.Hour, 30*time.Second)
	fires, err := b.Fires(t.Context(), "w", 0)
	if err != nil || len(fires) < 12 {
		t.Fatalf("%d fires, %v", len(fires), err)
	}
	points := map[time.Duration]bool{}
	for _, f := range fires {
		if f.Started.IsZero() {
			continue
		}
		late := f.Started.Sub(f.Nominal)
		if late < d.offset(f.Nominal) || late > 15*time.Minute+time.Minute {
			t.Errorf("%s started %s late, its place is %s", f.Nominal, late, d.offset(f.Nominal))
		}
		points[d.offset(f.Nominal)] = true
	}
	if len(points) < 10 {
		t.Errorf("only %d places in the window", len(points))
	}
}

func TestStartAndEndBoundTheFires(t *testing.T) {
	d := every(t, "e", "cron(0 * * * ? *)", "UTC")
	d.Start, d.End = at(t, "2027-03-01T02:00:00Z"), at(t, "2027-03-01T04:00:00Z")
	rate := every(t, "r", "rate(45 minutes)", "UTC")
	rate.Start, rate.End = at(t, "2027-03-01T01:10:00Z"), at(t, "2027-03-01T03:00:00Z")
	b := newBench(t, "2027-03-01T00:00:01Z", d, rate)
	b.up()
	b.turn(6*time.Hour, 15*time.Second)
	b.want("e-20270301T020000", "e-20270301T030000", "e-20270301T040000", "r-20270301T011000", "r-20270301T015500", "r-20270301T024000")
	i, err := b.Get(t.Context(), "e")
	if err != nil || !i.Next.IsZero() {
		t.Errorf("next %v, %v", i.Next, err)
	}
}

func TestInputTakesTheFiresDates(t *testing.T) {
	d := every(t, "i", "cron(0 2 * * ? *)", "Asia/Seoul")
	d.Input = template(t, `{"day": "{{ date -1d yyyyMMdd }}", "from": "{{ month -1 first }}", "at": "<aws.scheduler.scheduled-time>", "n": <aws.scheduler.attempt-number>}`)
	b := newBench(t, "2027-02-28T16:59:59Z", d)
	b.refuse = base.Errorf(base.Unavailable, "not yet")
	b.up()
	b.turn(1500*time.Millisecond, 100*time.Millisecond)
	b.eventually("one attempt", func() bool { return len(b.allInputs()) == 1 })
	b.set(func() { b.refuse = nil })
	b.turn(2*time.Second, 100*time.Millisecond)
	b.wantFires("i 2027-02-28T17:00:00Z SUCCEEDED 2 attempts")
	want := `{"day": "20270228", "from": "2027-02-01", "at": "2027-02-28T17:00:00Z", "n": `
	if got := b.allInputs(); !slices.Equal(got, []string{want + "1}", want + "2}"}) {
		t.Errorf("inputs %q", got)
	}
}

func TestRetriesEndInTheDeadLetterFolder(t *testing.T) {
	for name, c := range map[string]struct {
		retries int
		age     time.Duration
		err     error
		want    string
		letter  string
	}{
		"attempts": {2, time.Hour, base.Errorf(base.Conflict, "busy").WithCode("ConcurrentRunsExceededException"), "d 2027-03-01T10:00:00Z DROPPED 3 attempts", "MaximumRetryAttempts"},
		"age":      {100, 10 * time.Second, base.Errorf(base.Unavailable, "away"), "d 2027-03-01T10:00:00Z DROPPED 4 attempts", "MaximumEventAgeInSeconds"},
		"hopeless": {100, time.Hour, base.Errorf(base.NotFound, "no workflow"), "d 2027-03-01T10:00:00Z DROPPED", ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := every(t, "d", "cron(0 10 * * ? *)", "UTC")
			d.Retries, d.Age, d.DeadLetter = c.retries, c.age, filepath.Join(t.TempDir(), "dead")
			d.Input = template(t, `{"day": "{{ date }}"}`)
			b := newBench(t, "2027-03-01T09:59:59Z", d)
			b.refuse = c.err
			b.up()
			b.turn(30*time.Second, 500*time.Millisecond)
			b.wantFires(c.want)
			text, err := os.ReadFile(filepath.Join(d.DeadLetter, "d-20270301T100000.json"))
			if err != nil {
				t.Fatal(err)
			}
			var l letter
			if err := json.Unmarshal(text, &l); err != nil || l.Exhausted != c.letter || l.ErrorMessage != c.err.Error() || l.ScheduleARN != ARN("d") {
				t.Errorf("%s, %v", text, err)
			}
			var input struct{ Day string }
			if err := json.Unmarshal(l.Input, &input); err != nil || input.Day != "2027-03-01" {
				t.Errorf("input %s, %v", l.Input, err)
			}
		})
	}
}

func TestNoticesStartOneWorkflowEach(t *testing.T) {
	d := every(t, "n", "cron(0 * * * ? *)", "UTC")
	d.CatchUp, d.Notify = Skip, Notify{On: []string{OnFailed, OnMissed}, Workflow: "tell"}
	b := newBench(t, "2027-03-01T09:59:50Z", d)
	b.hold = true
	b.up()
	b.turn(20*time.Second, time.Second)
	b.wantFires("n 2027-03-01T10:00:00Z STARTED")
	b.end("schedule/n/2027-03-01T10:00:00Z", RunFailed)
	b.want("n-20270301T100000", "n-20270301T100000-failed")
	b.clock.Set(at(t, "2027-03-01T12:30:00Z"))
	b.turn(4*time.Second, time.Second)
	b.want("n-20270301T100000", "n-20270301T100000-failed", "n-20270301T120000-missed")
	var n notice
	if err := json.Unmarshal([]byte(b.allInputs()[2]), &n); err != nil || n.Missed != 2 || n.Occasion != OnMissed || n.Target.Name != "flow" {
		t.Errorf("%+v, %v", n, err)
	}
}

func TestSwitchingOffAndOn(t *testing.T) {
	d := every(t, "s", "cron(0 * * * ? *)", "UTC")
	d.CatchUp = All
	b := newBench(t, "2027-03-01T09:59:50Z", d)
	b.up()
	b.turn(20*time.Second, time.Second)
	b.want("s-20270301T100000")
	if i, err := b.SetEnabled(t.Context(), "s", false); err != nil || i.Enabled || !i.Next.IsZero() {
		t.Fatalf("%+v, %v", i, err)
	}
	b.turn(3*time.Hour, time.Minute)
	b.down()
	b.up() // it stays off
	b.turn(time.Hour, time.Minute)
	if _, err := b.SetEnabled(t.Context(), "s", true); err != nil {
		t.Fatal(err)
	}
	b.turn(time.Hour, time.Minute) // what passed is not made up for
	b.want("s-20270301T100000", "s-20270301T150000")
	b.down()
	d.Enabled = false // the project's word is newer than the switch
	b.up()
	b.turn(2*time.Hour, time.Minute)
	b.down()
	d.Enabled = true
	b.up()
	b.turn(time.Hour, time.Minute)
	b.want("s-20270301T100000", "s-20270301T150000", "s-20270301T180000")
	if _, err := b.SetEnabled(t.Context(), "x", true); base.KindOf(err) != base.NotFound {
		t.Errorf("unknown schedule: %v", err)
	}
}

func TestChangedExpressionBeginsAnew(t *testing.T) {
	b := newBench(t, "2027-03-01T09:30:00Z", every(t, "x", "cron(0 * * * ? *)", "UTC"))
	b.up()
	b.down()
	b.list = []*Schedule{every(t, "x", "cron(0/5 * * * ? *)", "UTC")}
	b.clock.Set(at(t, "2027-03-01T12:02:00Z"))
	b.up()
	b.turn(4*time.Minute, time.Second)
	b.want("x-20270301T120500")
}

func TestCallByHand(t *testing.T) {
	d := every(t, "h", "cron(0 2 * * ? *)", "UTC")
	d.Input = template(t, `"{{ date -1d }}"`)
	b := newBench(t, "2027-03-01T09:30:00Z", d)
	b.up()
	f, err := b.Call(t.Context(), "h", at(t, "2027-02-10T02:00:00Z"))
	if err != nil {
		t.Fatal(err)
	}
	if f, err = b.Service.Wait(t.Context(), f); err != nil || f.State != Succeeded {
		t.Errorf("%+v, %v", f, err)
	}
	b.clock.Advance(time.Second)
	if _, err := b.Call(t.Context(), "h", at(t, "2027-02-10T02:00:00Z")); err != nil { // again is another run
		t.Error(err)
	}
	if got := b.allInputs(); !slices.Equal(got, []string{`"2027-02-09"`, `"2027-02-09"`}) {
		t.Errorf("inputs %q", got)
	}
	if n := strings.Count(b.runs(), "h-20270210T020000-"); n != 2 {
		t.Errorf("runs %s", b.runs())
	}
	b.set(func() { b.refuse = base.Errorf(base.Conflict, "busy") })
	if _, err := b.Call(t.Context(), "h", time.Time{}); base.KindOf(err) != base.Conflict {
		t.Errorf("refused start: %v", err)
	}
}

func TestWaitingFireOfARemovedScheduleIsGivenUp(t *testing.T) {
	d := every(t, "gone", "cron(0 10 * * ? *)", "UTC")
	d.Window = time.Hour
	b := newBench(t, "2027-03-01T09:59:59Z", d)
	b.up()
	b.turn(5*time.Second, time.Second)
	b.wantFires("gone 2027-03-01T10:00:00Z WAITING")
	b.down()
	b.list = []*Schedule{every(t, "other", "cron(0 10 * * ? *)", "UTC")}
	b.up()
	b.wantFires("gone 2027-03-01T10:00:00Z DROPPED")
}

func TestRetryDoesNotWaitForAClockThatWasSetBack(t *testing.T) {
	b := newBench(t, "2027-03-01T09:59:59Z", every(t, "r", "cron(0 10 * * ? *)", "UTC"))
	b.refuse = base.Errorf(base.Unavailable, "away")
	b.up()
	b.turn(2*time.Second, 500*time.Millisecond)
	b.eventually("an attempt", func() bool { return len(b.allInputs()) > 0 })
	b.set(func() { b.refuse = nil })
	b.clock.Set(at(t, "2027-02-20T00:00:00Z"))
	b.turn(10*time.Second, time.Second)
	b.want("r-20270301T100000")
}

func TestUpcomingTimesInOrder(t *testing.T) {
	off := every(t, "off", "cron(0 * * * ? *)", "UTC")
	off.Enabled = false
	b := newBench(t, "2027-03-01T09:30:00Z", every(t, "b", "cron(0 9 * * ? *)", "Asia/Seoul"), every(t, "a", "cron(0 10,11 * * ? *)", "UTC"), off)
	s, err := Open(t.Context(), Options{Store: b.store, Clock: b.clock, Starter: b, Schedules: b.list})
	if err != nil {
		t.Fatal(err)
	}
	list, err := s.Next(t.Context(), "", 3)
	var got []string
	for _, u := range list {
		got = append(got, u.Schedule+" "+u.Time.Format(time.RFC3339)+" "+u.Time.In(u.Zone).Format("15:04 MST"))
	}
	want := []string{"a 2027-03-01T10:00:00Z 10:00 UTC", "a 2027-03-01T11:00:00Z 11:00 UTC", "b 2027-03-02T00:00:00Z 09:00 KST"}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v", got, err)
	}
	if list, err = s.Next(t.Context(), "off", 2); err != nil || len(list) != 2 {
		t.Errorf("%v, %v", list, err)
	}
}
