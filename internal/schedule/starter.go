package schedule

import (
	"context"
	"database/sql"
	"encoding/json"
)

// Call asks for one run.
type Call struct {
	// ID is the same for every attempt of a fire: starting twice under one ID
	// must not give two runs.
	ID string
	// RunName is a name for the run, if it has names.
	RunName string
	Target  Target
	// Input is JSON, nil if the schedule has none.
	Input json.RawMessage
}

// Outcome is how a run ended.
type Outcome int

const (
	// RunSucceeded and RunFailed are ends of the run's own.
	RunSucceeded Outcome = iota
	RunFailed
	// RunInterrupted means that the process that ran it went away and nobody
	// carries it on: it may be started again.
	RunInterrupted
)

// Starter starts what schedules name and says how it ended. internal/app
// implements it.
type Starter interface {
	// Start returns once the run is durable, or with the reason why there is
	// none. record runs in the transaction that makes it durable, with the
	// run's id; its error undoes the run and is returned. It is not called if
	// the run exists already under the call's ID.
	Start(ctx context.Context, c Call, record func(tx *sql.Tx, run string) error) (run string, err error)
	// Wait returns when the run is over, with its error if it failed. left says
	// that an earlier process started it. The error is ctx's, or that of not
	// being able to tell.
	Wait(ctx context.Context, t Target, run string, left bool) (o Outcome, reason string, err error)
}
