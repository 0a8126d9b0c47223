// Package workflow runs state machines durably. Everything an execution does
// is a journal of events in the state store; what it does next is a pure
// function of that journal:
//
//   - apply (fold.go) folds one record of the journal into the state of a run;
//   - decide (step.go) says which record follows from the state, if any;
//   - a runner (runner.go) writes what was decided, then acts on it: starts
//     tasks, sets timers, and feeds back what they bring as further records.
//
// Because a record is durable before anything is done about it, any prefix of
// a journal can be resumed and leads to the same outcome. A task's identity
// (Task.ID) is fixed by its scheduled event, so that a task that was running
// when the process died is attached to again rather than started twice.
//
// A Parallel and an inline Map run inside their execution (crew.go); the children
// of a distributed Map are executions of their own (maprun.go). A task is done by
// a TaskFunc (task.go), by whoever has its token (token.go) or by a worker
// (activity.go). TestState runs one state by itself. Executions of the type
// EXPRESS go the same way without a journal.
//
// Event names, numbers and details are those of AWS Step Functions. The
// journal also holds records of our own (a retry's due time), which History
// leaves out.
package workflow
