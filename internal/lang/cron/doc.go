// Package cron reads schedule expressions and says when they fire. It is pure:
// no clock, no state.
//
//	cron(0 10 ? * MON-FRI *)   AWS: minutes hours day-of-month month day-of-week year
//	0 10 ? * MON-FRI *         the same; six fields are AWS's
//	0 10 * * 1-5               five fields are Unix cron's
//	CRON_TZ=Asia/Seoul 0 10 * * *   either, with a zone of its own
//	rate(5 minutes)            every five minutes, counted from an anchor
//	at(2027-03-01T09:00:00)    once
//
// The rules are those of EventBridge Scheduler: exactly one of the two day
// fields of AWS's form is "?"; SUN is 1; years are 1970 to 2199. A local time
// that a zone leaves out is skipped, one that it repeats fires the first time
// only. Where AWS's documents are silent, Quartz 2.3 decides: ranges may wrap
// around (22-2, FRI-MON), "LW" is the last weekday and "L-3" three days before
// the last day of the month. "31W" does not fire in shorter months.
//
// Of Unix cron's form the usual rule of the day fields holds: if both say less
// than "*", a day that either names will do. There 0 and 7 are Sunday.
package cron
