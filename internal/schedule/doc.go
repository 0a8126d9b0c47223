// Package schedule starts workflows, jobs and crawlers at the times their
// schedules name, as EventBridge Scheduler does.
//
// A fire is a schedule and a nominal time. It is recorded in state.db in the
// transaction that records the run it starts, under a key of both; so whatever
// the clock does and whenever the process dies, a fire has one run:
//
//   - the clock is set back: the nominal times that come again have fired;
//   - it jumps forward, the machine slept or nobody ran the project: the times
//     passed over are missed, and the schedule's catch-up policy decides;
//   - the process dies before the transaction: the fire is missed or, within a
//     minute, on time; after it: the run is carried on by whoever does the work
//     (executions are resumed, jobs run again under their id).
//
// A fire that cannot start yet (its window, a retry, its turn in a catch-up) is
// recorded as WAITING first.
//
// One goroutine works for each schedule (runner.go): it reads the wall clock at
// least every two seconds, so that a jump is seen, and otherwise sleeps until
// the next nominal time. service.go is what is asked from outside, store.go the
// tables, attempt.go starting, retrying and giving up.
package schedule
