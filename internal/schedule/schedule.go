package schedule

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/lang/cron"
	"github.com/mulgil/mulgil/internal/lang/dates"
)

// Kinds of targets.
const (
	Workflow = "workflow"
	Job      = "job"
	Crawler  = "crawler"
)

// Target is what a fire starts.
type Target struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
}

// What happens to fires that were missed.
const (
	Skip = "skip" // none is made up for
	Last = "last" // the newest one is
	All  = "all"  // each is, one after the other
)

// Occasions of a notice.
const (
	OnFailed  = "failed"  // the run failed
	OnDropped = "dropped" // the run could not be started
	OnMissed  = "missed"  // fires were skipped
)

// Schedule is one schedule as the project declares it.
type Schedule struct {
	Name        string
	Description string
	Expression  *cron.Expression
	Zone        *time.Location
	// Start and End bound the nominal times, both included; zero for none.
	Start, End time.Time
	// Window is how much later than its nominal time a fire may start.
	Window time.Duration
	Target Target
	// Input is JSON once it is filled.
	Input dates.Template
	// Retries is how often a start that failed is tried again, within Age of
	// the first attempt.
	Retries int
	Age     time.Duration
	// DeadLetter is a folder for fires that were given up, empty for none.
	DeadLetter string
	CatchUp    string
	Enabled    bool
	// Notify starts a workflow on some occasions; empty for never.
	Notify Notify
}

// Notify says when a notice is given and which workflow gets it as its input.
type Notify struct {
	On       []string
	Workflow string
}

// definition identifies what decides when a schedule fires: a change begins it anew.
func (s *Schedule) definition() string {
	return fmt.Sprintf("%s|%s|%d", s.Expression.Text, s.Zone, s.Start.Unix())
}

// next is the first nominal time later than after.
func (s *Schedule) next(after, anchor time.Time) (time.Time, bool) {
	if !s.Start.IsZero() {
		if anchor = s.Start; after.Before(s.Start) {
			after = s.Start.Add(-1)
		}
	}
	t, ok := s.Expression.Next(after, s.Zone, anchor)
	if !ok || !s.End.IsZero() && t.After(s.End) {
		return time.Time{}, false
	}
	return t, true
}

// Location is the zone whose dates a fire's input takes.
func (s *Schedule) Location() *time.Location {
	if s.Expression.Zone != nil {
		return s.Expression.Zone
	}
	return s.Zone
}

// offset places a fire in the window, always at the same point.
func (s *Schedule) offset(nominal time.Time) time.Duration {
	if s.Window <= 0 {
		return 0
	}
	sum := sha256.Sum256([]byte(fmt.Sprintf("%s|%d", s.Name, nominal.UnixMicro())))
	return time.Duration(binary.BigEndian.Uint64(sum[:8]) % uint64(s.Window))
}

// ARN names a schedule as AWS does.
func ARN(name string) string { return "arn:aws:scheduler:local:000000000000:schedule/default/" + name }

// State is where a fire stands.
type State string

const (
	Waiting   State = "WAITING"   // to be started at Due
	Started   State = "STARTED"   // its run is at work
	Succeeded State = "SUCCEEDED" // its run did
	Failed    State = "FAILED"    // its run did
	Dropped   State = "DROPPED"   // it could not be started and was given up
	Skipped   State = "SKIPPED"   // it was missed and not made up for
)

// Fire is one nominal time of a schedule, or one call by hand.
type Fire struct {
	Schedule string
	// Nominal is the time the schedule names, UTC.
	Nominal time.Time
	// Manual is when it was called by hand, zero if the clock did.
	Manual time.Time
	Target Target
	State  State
	// CatchUp is set if it was missed and is made up for.
	CatchUp bool
	// Due is when the next attempt is, of a WAITING one.
	Due time.Time
	// Attempts counts the starts tried, the first at First.
	Attempts int
	First    time.Time
	// Run is what was started: an execution's, job run's or crawl's id.
	Run            string
	Started, Ended time.Time
	// Error is why the last attempt or the run failed.
	Error string
	// Missed is how many fires a SKIPPED one stands for; it is the last of them.
	Missed int
}

// ID names the fire; it is the token under which its run is started.
func (f *Fire) ID() string {
	id := "schedule/" + f.Schedule + "/" + f.Nominal.UTC().Format(time.RFC3339Nano)
	if !f.Manual.IsZero() {
		id += "/" + f.Manual.UTC().Format(time.RFC3339Nano)
	}
	return id
}

// longestName is what AWS allows for an execution's name.
const longestName = 80

// RunName is a name for the fire's execution: the schedule's, and the nominal
// time in UTC.
func (f *Fire) RunName() string {
	stamp := "-" + f.Nominal.UTC().Format("20060102T150405")
	if !f.Manual.IsZero() {
		sum := sha256.Sum256([]byte(f.ID()))
		stamp += "-" + hex.EncodeToString(sum[:4])
	}
	name := strings.ReplaceAll(f.Schedule, ":", ".") // of a crawler's own schedule
	return cut(name, longestName-len(stamp)) + stamp
}

// cut is the first n characters of s.
func cut(s string, n int) string {
	r := []rune(s)
	return string(r[:min(len(r), n)])
}

// executionID identifies one attempt, as <aws.scheduler.execution-id>.
func (f *Fire) executionID() string {
	sum := sha256.Sum256([]byte(fmt.Sprintf("%s|%d", f.ID(), f.Attempts)))
	return hex.EncodeToString(sum[:8])
}

// moment is what the fire's input is filled with.
func (f *Fire) moment(zone *time.Location) dates.Moment {
	return dates.Moment{Time: f.Nominal, Zone: zone, ExecutionID: f.executionID(), Attempt: f.Attempts, ScheduleARN: ARN(f.Schedule)}
}
