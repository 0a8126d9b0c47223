package schedule

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

// letter is a fire that was given up, with the attributes that EventBridge
// Scheduler gives the message in a dead-letter queue.
type letter struct {
	ScheduleARN   string          `json:"SCHEDULE_ARN"`
	ScheduledTime time.Time       `json:"SCHEDULED_TIME"`
	Target        Target          `json:"TARGET"`
	ExecutionID   string          `json:"EXECUTION_ID"`
	RetryAttempts int             `json:"RETRY_ATTEMPTS"`
	Exhausted     string          `json:"EXHAUSTED_RETRY_CONDITION,omitempty"`
	ErrorCode     string          `json:"ERROR_CODE"`
	ErrorMessage  string          `json:"ERROR_MESSAGE"`
	Input         json.RawMessage `json:"INPUT,omitempty"`
}

// bury writes f into the dead-letter folder, if there is one, under a name of
// its own. It is durable when bury returns.
func (r *runner) bury(f Fire, exhausted string, cause error) error {
	if r.d.DeadLetter == "" {
		return nil
	}
	l := letter{ScheduleARN: ARN(f.Schedule), ScheduledTime: f.Nominal, Target: f.Target, ExecutionID: f.executionID(), RetryAttempts: f.Attempts - 1,
		Exhausted: exhausted, ErrorCode: base.CodeOf(cause), ErrorMessage: base.Render(cause)}
	if l.ErrorCode == "" {
		l.ErrorCode = base.KindOf(cause).String()
	}
	if text := r.d.Input.Fill(f.moment(r.d.Location())); text != "" {
		l.Input = json.RawMessage(text)
	}
	b, err := json.MarshalIndent(l, "", "  ")
	if err == nil {
		err = writeDurably(filepath.Join(r.d.DeadLetter, f.RunName()+".json"), append(b, '\n'))
	}
	if err != nil {
		return fmt.Errorf("dead letter of schedule %s: %w", f.Schedule, err)
	}
	return nil
}

// writeDurably puts a whole file in place: the old one or the new one is there
// after a crash, never a part.
func writeDurably(path string, text []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".letter-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err = f.Write(text); err == nil {
		err = f.Sync()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
