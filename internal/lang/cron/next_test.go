package cron

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/cronexpr"
)

func parse(t testing.TB, text string) *Expression {
	t.Helper()
	e, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func when(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestClockChanges(t *testing.T) {
	cases := []struct{ name, text, zone, after, want string }{
		{"New York skips the missing hour", "cron(30 2 * * ? *)", "America/New_York", "2027-03-13T12:00:00Z", "2027-03-15T06:30:00Z 2027-03-16T06:30:00Z"},
		{"New York fires the repeated hour once", "cron(30 1 * * ? *)", "America/New_York", "2027-11-06T12:00:00Z", "2027-11-07T05:30:00Z 2027-11-08T06:30:00Z"},
		{"asked within the second time", "cron(30 1 * * ? *)", "America/New_York", "2027-11-07T06:15:00Z", "2027-11-08T06:30:00Z 2027-11-09T06:30:00Z"},
		{"hours around the repeat", "cron(0 * * * ? *)", "America/New_York", "2027-11-07T04:30:00Z", "2027-11-07T05:00:00Z 2027-11-07T07:00:00Z"},
		{"London skips", "cron(30 1 * * ? *)", "Europe/London", "2027-03-27T12:00:00Z", "2027-03-29T00:30:00Z 2027-03-30T00:30:00Z"},
		{"London repeats", "cron(30 1 * * ? *)", "Europe/London", "2027-10-30T12:00:00Z", "2027-10-31T00:30:00Z 2027-11-01T01:30:00Z"},
		{"Seoul stays", "cron(30 2 * * ? *)", "Asia/Seoul", "2027-03-13T12:00:00Z", "2027-03-13T17:30:00Z 2027-03-14T17:30:00Z"},
		{"half an hour at Lord Howe", "cron(15 2 * * ? *)", "Australia/Lord_Howe", "2027-10-02T00:00:00Z", "2027-10-03T15:15:00Z 2027-10-04T15:15:00Z"},
		{"a day that Samoa left out", "cron(0 12 30 12 ? 2011-2012)", "Pacific/Apia", "2011-01-01T00:00:00Z", "2012-12-29T22:00:00Z"},
		{"midnight missing in Havana", "cron(0 0 * * ? *)", "America/Havana", "2027-03-13T12:00:00Z", "2027-03-15T04:00:00Z 2027-03-16T04:00:00Z"},
		{"at in a gap never fires", "at(2027-03-14T02:30:00)", "America/New_York", "2027-01-01T00:00:00Z", ""},
		{"at fires once", "at(2027-11-07T01:30:05)", "America/New_York", "2027-01-01T00:00:00Z", "2027-11-07T05:30:05Z"},
	}
	for _, c := range cases {
		if got := fires(parse(t, c.text), when(t, c.after), zone(t, c.zone), 2); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestRateCountsFromItsAnchor(t *testing.T) {
	e := parse(t, "rate(7 minutes)")
	anchor := when(t, "2027-01-01T00:03:30Z")
	for after, want := range map[string]string{
		"2026-01-01T00:00:00Z": "2027-01-01T00:03:30Z", // the anchor itself is the first
		"2027-01-01T00:03:29Z": "2027-01-01T00:03:30Z",
		"2027-01-01T00:03:30Z": "2027-01-01T00:10:30Z",
		"2027-01-01T00:10:31Z": "2027-01-01T00:17:30Z",
	} {
		if got, ok := e.Next(when(t, after), time.UTC, anchor); !ok || got.Format(time.RFC3339) != want {
			t.Errorf("after %s: %v, want %s", after, got, want)
		}
	}
	if at, ok := e.Next(when(t, "2199-12-31T23:59:45Z"), time.UTC, anchor); ok {
		t.Errorf("fires at %v, after the last year", at)
	}
}

func TestSearchEnds(t *testing.T) {
	for _, text := range []string{"cron(0 0 30 2 ? *)", "cron(0 0 31 2,4,6 ? *)", "cron(59 23 31 12 ? 1970)", "cron(0 0 29 2 ? 2100)", "cron(0 0 31W FEB ? *)"} {
		e := parse(t, text)
		start := time.Now()
		if at, ok := e.Next(when(t, "2026-01-01T00:00:00Z"), zone(t, "America/New_York"), time.Time{}); ok {
			t.Errorf("%s fires at %s", text, at)
		}
		if d := time.Since(start); d > 100*time.Millisecond {
			t.Errorf("%s took %s", text, d)
		}
	}
}

func BenchmarkNext(b *testing.B) {
	seoul := zone(b, "Asia/Seoul")
	for _, text := range []string{"cron(* * * * ? *)", "cron(0 9 ? * 2#5 *)", "cron(0 0 29 2 ? *)", "cron(0 0 30 2 ? *)"} {
		e := parse(b, text)
		after := when(b, "2027-03-01T00:00:00Z")
		b.Run(text, func(b *testing.B) {
			for b.Loop() {
				e.Next(after, seoul, after)
			}
		})
	}
}

// wanted is a field made up at random: its text, and the plain rule for it.
type wanted struct {
	text string
	has  func(n int) bool
}

func randomField(r *rand.Rand, lo, hi int) wanted {
	pick := func() int { return lo + r.IntN(hi-lo+1) }
	switch r.IntN(5) {
	case 0:
		return wanted{"*", func(int) bool { return true }}
	case 1:
		a, step := pick(), 1+r.IntN(hi-lo)
		return wanted{fmt.Sprintf("%d/%d", a, step), func(n int) bool { return n >= a && (n-a)%step == 0 }}
	case 2:
		a, b := pick(), pick()
		return wanted{fmt.Sprintf("%d-%d", a, b), func(n int) bool { return a <= b && n >= a && n <= b || a > b && (n >= a || n <= b) }}
	case 3:
		step := 1 + r.IntN(hi-lo)
		return wanted{fmt.Sprintf("*/%d", step), func(n int) bool { return (n-lo)%step == 0 }}
	}
	in := map[int]bool{}
	var list []string
	for range 1 + r.IntN(4) {
		n := pick()
		in[n], list = true, append(list, fmt.Sprint(n))
	}
	return wanted{strings.Join(list, ","), func(n int) bool { return in[n] }}
}

// randomDays are both day fields and the plain rule for a date.
func randomDays(r *rand.Rand) (month, week string, match func(t time.Time) bool) {
	last := func(t time.Time) int { return t.AddDate(0, 1, -t.Day()).Day() }
	workday := func(t time.Time) bool { return t.Weekday() != time.Saturday && t.Weekday() != time.Sunday }
	switch r.IntN(7) {
	case 0:
		n := r.IntN(5)
		return fmt.Sprintf("L-%d", n), "?", func(t time.Time) bool { return t.Day() == last(t)-n }
	case 1: // the nearest weekday, by distance, in the same month
		n := 1 + r.IntN(28)
		return fmt.Sprintf("%dW", n), "?", func(t time.Time) bool {
			for _, d := range []int{0, -1, 1, -2, 2} {
				if day := t.AddDate(0, 0, n+d-t.Day()); day.Month() == t.Month() && workday(day) {
					return day.Day() == t.Day()
				}
			}
			return false
		}
	case 2:
		return "LW", "?", func(t time.Time) bool {
			for d := t; ; {
				if d = d.AddDate(0, 0, 1); d.Month() != t.Month() {
					return workday(t)
				} else if workday(d) {
					return false
				}
			}
		}
	case 3:
		day, nth := r.IntN(7), 1+r.IntN(5)
		return "?", fmt.Sprintf("%d#%d", day+1, nth), func(t time.Time) bool {
			count := 0
			for d := t.AddDate(0, 0, 1-t.Day()); !d.After(t); d = d.AddDate(0, 0, 1) {
				if int(d.Weekday()) == day {
					count++
				}
			}
			return int(t.Weekday()) == day && count == nth
		}
	case 4:
		day := r.IntN(7)
		return "?", dayNames[day] + "L", func(t time.Time) bool { return int(t.Weekday()) == day && t.AddDate(0, 0, 7).Month() != t.Month() }
	case 5:
		f := randomField(r, 1, 31)
		return f.text, "?", func(t time.Time) bool { return f.has(t.Day()) }
	}
	f := randomField(r, 1, 7)
	return "?", f.text, func(t time.Time) bool { return f.has(int(t.Weekday()) + 1) }
}

// TestFiresAreThoseOfAWalkOverEveryMinute compares random expressions with a
// walk that looks at each minute of some weeks around the changes of the clock.
func TestFiresAreThoseOfAWalkOverEveryMinute(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	zones := []string{"UTC", "America/New_York", "Europe/London", "Asia/Seoul", "Australia/Lord_Howe", "America/Havana"}
	starts := []string{"2027-02-25T00:00:00Z", "2027-10-25T00:00:00Z", "2028-02-20T00:00:00Z"}
	compared := 0
	for i := range 200 {
		month, week, days := randomDays(r)
		minute, hour, months := randomField(r, 0, 59), randomField(r, 0, 23), randomField(r, 1, 12)
		if i%3 > 0 {
			months = wanted{"*", func(int) bool { return true }}
		}
		text := fmt.Sprintf("cron(%s %s %s %s %s *)", minute.text, hour.text, month, months.text, week)
		e, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		loc, start := zone(t, zones[i%len(zones)]), when(t, starts[i%len(starts)])
		end := start.Add(18 * 24 * time.Hour)
		next, ok := e.Next(start, loc, start)
		seen := map[string]bool{}
		for at := start.Add(-26 * time.Hour); at.Before(end); at = at.Add(time.Minute) {
			local := at.In(loc)
			key := local.Format("2006-01-02 15:04")
			fire := !seen[key] && minute.has(local.Minute()) && hour.has(local.Hour()) && months.has(int(local.Month())) &&
				days(time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC))
			seen[key] = true
			if !at.After(start) || !fire && (!ok || at.Before(next)) {
				continue
			}
			if !fire || !ok || !at.Equal(next) {
				t.Fatalf("%s in %s from %s: at %s the walk says %v, Next says %s %v", text, loc, start, at, fire, next, ok)
			}
			compared++
			next, ok = e.Next(at, loc, start)
		}
	}
	if compared < 10_000 {
		t.Errorf("only %d fires compared", compared)
	}
}

// TestFiresAreThoseOfCronexpr compares with another implementation, in UTC and
// where both know the syntax. Its days of the week begin with 0.
func TestFiresAreThoseOfCronexpr(t *testing.T) {
	after := when(t, "2027-01-30T10:07:28Z")
	for ours, theirs := range map[string]string{
		"cron(0 6 1,15 * ? *)": "", "cron(5/20 3-5 * * ? *)": "", "cron(0 0 29 2 ? *)": "", "cron(0 9 LW * ? *)": "", "cron(0 9 3W * ? *)": "",
		"cron(0 6 */10 * ? *)": "", "cron(0 0 1 1 ? 2027/4)": "", "cron(10-50/20 1 * JAN-MAR,DEC ? *)": "",
		"cron(0 7 ? * 1L *)": "0 7 ? * 0L *", "cron(0 12 ? * 3#2 *)": "0 12 ? * 2#2 *", "cron(0 6 ? * 2-6 *)": "0 6 ? * 1-5 *",
	} {
		if theirs == "" {
			theirs = strings.TrimSuffix(strings.TrimPrefix(ours, "cron("), ")")
		}
		want := show(cronexpr.MustParse(theirs).NextN(after, 200))
		got, _, _ := strings.Cut(fires(parse(t, ours), after, time.UTC, 200), " 210")
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", ours, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"cron(0 10 ? * MON-FRI *)", "CRON_TZ=Asia/Seoul 0 9 * * 1,2", "rate(5 minutes)", "at(2027-03-01T09:00:00)", "cron(0 9 L-3W * ? *)", "cron(0/5 22-2 ? * FRI#2 2027-2030)", "0 0 0 0 \xc0L 0"} {
		f.Add(s)
	}
	after := time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC)
	loc := zone(f, "America/New_York")
	f.Fuzz(func(t *testing.T, text string) {
		e, err := Parse(text)
		if err != nil {
			return
		}
		for _, at := range []time.Time{after, after.AddDate(0, 0, 12), after.AddDate(0, 8, 6)} { // two of them just before a change of the clock
			for range 50 {
				next, ok := e.Next(at, loc, after)
				if !ok {
					break
				}
				if !next.After(at) || next.Year() > lastYear {
					t.Fatalf("%q: %s follows %s", text, next, at)
				}
				at = next
			}
		}
	})
}
