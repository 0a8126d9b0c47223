package notice

import (
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// Kinds of runs that can fail.
const (
	Workflow = "workflow"
	Job      = "job"
	Schedule = "schedule"
	Crawler  = "crawler"
)

// Failures says which channels hear of failed runs.
type Failures struct {
	// Default are those of runs that are not named below.
	Default []string
	// By has, for a kind and a name, the channels of its runs; an empty list is silence.
	By map[string]map[string][]string
	// Korean writes the notices in Korean.
	Korean bool
	// Project is named in subjects, Zone is that of displayed times.
	Project string
	Zone    *time.Location
}

// channels are those that hear of a failure.
func (f Failures) channels(kind, name string) []string {
	if c, ok := f.By[kind][name]; ok {
		return c
	}
	return f.Default
}

// Failure is a run that failed.
type Failure struct {
	// Kind and Name say of what; Run is its id.
	Kind, Name, Run string
	// Again is how often the run had failed before: each time is told.
	Again          int
	Error, Cause   string
	Started, Ended time.Time
	// Look is a command that shows more.
	Look string
}

// Failed tells of a failed run as part of tx, in which the failure itself
// becomes durable: either both are, or none. Call Wake once tx is committed.
func (s *Service) Failed(tx *sql.Tx, f Failure) error {
	for _, c := range s.o.Failures.channels(f.Kind, f.Name) {
		m := s.o.Failures.message(f)
		m.Channel = c
		rows, err := s.entries(m)
		if err != nil {
			s.o.Log.Error("tell of a failure", "kind", f.Kind, "name", f.Name, "run", f.Run, "error", err)
			continue // the failure itself must be recorded all the same
		}
		if err := s.insert(tx, m, rows); err != nil {
			return fmt.Errorf("tell of a failure: %w", err)
		}
	}
	return nil
}

// Wake looks at the outbox at once.
func (s *Service) Wake() { s.nudge() }

// longestCause is what a notice quotes of a cause.
const longestCause = 4000

func (f Failures) message(x Failure) Message {
	w := english
	if f.Korean {
		w = korean
	}
	zone := f.Zone
	if zone == nil {
		zone = time.UTC
	}
	var b strings.Builder
	line := func(label, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s: %s\n", label, value)
		}
	}
	kind := w.kinds[x.Kind]
	line(kind, x.Name)
	line(w.run, x.Run)
	const form = "2006-01-02 15:04:05 MST"
	if !x.Started.IsZero() {
		line(w.started, x.Started.In(zone).Format(form))
	}
	if !x.Ended.IsZero() {
		line(w.ended, x.Ended.In(zone).Format(form))
	}
	line(w.err, x.Error)
	if cause := []rune(x.Cause); len(cause) > longestCause {
		x.Cause = string(cause[:longestCause]) + " ..."
	}
	line(w.cause, x.Cause)
	line(w.look, x.Look)
	key := x.Kind + " " + x.Run + " failed"
	if x.Again > 0 {
		key += fmt.Sprintf(" again (%d)", x.Again)
	}
	return Message{Key: key, Subject: fmt.Sprintf(w.subject, oneLine(f.Project), kind, oneLine(x.Name)), Text: b.String()}
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// words are a notice's in one language.
type words struct {
	subject                               string
	kinds                                 map[string]string
	run, started, ended, err, cause, look string
}

var english = words{
	subject: "[%s] %s %s failed", kinds: map[string]string{Workflow: "Workflow", Job: "Job", Schedule: "Schedule", Crawler: "Crawler"},
	run: "Run", started: "Started", ended: "Ended", err: "Error", cause: "Cause", look: "See more",
}

var korean = words{
	subject: "[%s] %s %s 실패", kinds: map[string]string{Workflow: "워크플로", Job: "작업", Schedule: "스케줄", Crawler: "크롤러"},
	run: "실행", started: "시작", ended: "종료", err: "오류", cause: "원인", look: "자세히 보기",
}
