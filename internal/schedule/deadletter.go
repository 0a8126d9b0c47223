package schedule

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/base/wholefile"
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
		err = wholefile.Write(filepath.Join(r.d.DeadLetter, f.RunName()+".json"), append(b, '\n'))
	}
	if err != nil {
		return fmt.Errorf("dead letter of schedule %s: %w", f.Schedule, err)
	}
	return nil
}
