// Package dates writes dates the way users of schedules and jobs ask for them:
// formats in Java's letters, and templates that take a moment's dates. It is
// pure.
//
// A template is text with {{ }} in it. Days are those of a zone:
//
//	{{ date }}                 2027-03-01, the day of the moment
//	{{ date -1d }}             2027-02-28; d days, w weeks
//	{{ date -1d yyyyMMdd }}    20270228, in a format of one's own
//	{{ month -1 }}             2027-02
//	{{ month -1 first }}       2027-02-01, the first day of the month before
//	{{ month -1 last }}        2027-02-28, the last one
//	{{ week first }}           Monday of the week; last is Sunday
//	{{ year -1 }}              2026; first and last as for months
//	{{ time -2h }}             2027-02-28T22:00:00, zone's time; h hours, m minutes, d, w
//
// The keywords of EventBridge Scheduler stand for themselves:
//
//	<aws.scheduler.scheduled-time>   2027-03-01T00:00:00Z, always UTC
//	<aws.scheduler.execution-id>     identifies the attempt
//	<aws.scheduler.attempt-number>   1 for the first
//	<aws.scheduler.schedule-arn>
package dates
