package cron

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

func TestMistakesHaveAPlaceAndAHint(t *testing.T) {
	cases := []struct{ text, want string }{
		{"cron(0 25 * * ? *)", `
line 1:8: hours: 25 is out of range
    cron(0 25 * * ? *)
           ~~
hint: hours: 0 to 23`},
		{"cron(0 10 * MAI ? 2200)", `
line 1:13: month: "MAI" is not allowed
    cron(0 10 * MAI ? 2200)
                ~~~
hint: did you mean MAR?
line 1:19: year: 2200 is out of range
    cron(0 10 * MAI ? 2200)
                      ~~~~
hint: year: 1970 to 2199`},
		{"cron(0 10 * * * *)", `
line 1:11: day-of-month and day-of-week are both given
    cron(0 10 * * * *)
              ~~~~~
hint: write ? in the one that does not matter`},
		{"cron(0 10 * * *)", `
line 1:6: cron( ) takes six fields, not 5
    cron(0 10 * * *)
         ~~~~~~~~~~
hint: they are minutes hours day-of-month month day-of-week year; Unix cron's five are written without cron( )`},
		{"cron(*/0 10 1,L * ? *)", `
line 1:8: minutes: the step is 0
    cron(*/0 10 1,L * ? *)
           ~
hint: a step is 1 or more, as in */5
line 1:15: day-of-month: "L" is not allowed
    cron(*/0 10 1,L * ? *)
                  ~
hint: of AWS's form ?, L, L-3, LW and 15W stand alone, not in a list`},
		{"cron(0 10 ? * 3#6 *)", `
line 1:17: a month has no 6. of a day of the week
    cron(0 10 ? * 3#6 *)
                    ~
hint: write # and 1 to 5, or L for the last, as FRIL`},
		{"cron(0 10 ? * 0 2030-2020)", `
line 1:15: day-of-week: 0 is out of range
    cron(0 10 ? * 0 2030-2020)
                  ~
hint: day-of-week: 1 to 7 (1 is Sunday) or SUN to SAT
line 1:17: year: the range 2030-2020 ends before it begins
    cron(0 10 ? * 0 2030-2020)
                    ~~~~~~~~~
hint: write 2020-2030`},
		{"rate(5 minute)", `
line 1:8: 5 minute needs an s
    rate(5 minute)
           ~~~~~~
hint: write rate(5 minutes)`},
		{"rate 5 minutes", `
line 1:1: the brackets are missing
    rate 5 minutes
    ~~~~~~~~~~~~~~
hint: write rate(5 minutes)`},
		{"at(2027-02-30T09:00:00)", `
line 1:4: "2027-02-30T09:00:00" is not a date and time
    at(2027-02-30T09:00:00)
       ~~~~~~~~~~~~~~~~~~~
hint: write it as at(2027-03-01T09:00:00), without a zone`},
		{"CRON_TZ=Asia/Soul 0 9 * * *", `
line 1:9: unknown time zone "Asia/Soul"
    CRON_TZ=Asia/Soul 0 9 * * *
            ~~~~~~~~~
hint: write an IANA name such as Asia/Seoul or UTC`},
		{"0 9 * *", `
line 1:1: "0 9 * *" is not a schedule expression
    0 9 * *
    ~~~~~~~
hint: write it as cron(0 10 * * ? *), rate(5 minutes), at(2027-03-01T09:00:00) or 0 10 * * *`},
	}
	for _, c := range cases {
		_, err := Parse(c.text)
		if err == nil {
			t.Errorf("%s: accepted", c.text)
			continue
		}
		if got := "\n" + base.Render(err); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, text := range []string{
		"", " ", "cron", "cron()", "cron( )", "cron(0 10 * * ? *", "CRON(0 10 * * ? *)", "cron(0 10 * * ? *))", "cron(0 10 * * ? * *)",
		"cron(0 10 ?,1 * ? *)", "cron(1, 10 * * ? *)", "cron(,1 10 * * ? *)", "cron(1- 10 * * ? *)", "cron(/5 10 * * ? *)", "cron(5/ 10 * * ? *)",
		"cron(1-2-3 10 * * ? *)", "cron(*-3 10 * * ? *)", "cron(0/60 10 * * ? *)", "cron(+1 10 * * ? *)", "cron(١ 10 * * ? *)",
		"cron(0 10 L-31 * ? *)", "cron(0 10 L- * ? *)", "cron(0 10 LL * ? *)", "cron(0 10 W * ? *)", "cron(0 10 32W * ? *)", "cron(0 10 1-5W * ? *)", "cron(0 10 1W,3W * ? *)",
		"cron(0 10 ? * 2#1,3#2 *)", "cron(0 10 ? * #1 *)", "cron(0 10 ? * 2# *)", "cron(0 10 ? * LW *)", "cron(0 10 ? * 2L,3L *)", "cron(0 10 ? * 8L *)", "cron(0 10 ? * 5W *)",
		"cron(99999999999999999999 10 * * ? *)",
		"0 10 L * *", "0 10 * * 5L", "0 10 ? * 1", "0 10 * * 8", "0 24 * * *", "CRON_TZ= 0 10 * * *", "CRON_TZ=Local 0 10 * * *", "CRON_TZ=Asia/Seoul", "@daily",
		"rate()", "rate(5)", "rate(minutes)", "rate(5 minutes 3)", "rate(5 seconds)", "rate(+5 minutes)", "rate(99999999999 days)", "rate(-1 days)",
		"at()", "at(2027-03-01)", "at(2027-03-01T09:00:00Z)", "at(2027-03-01T09:00:00.5)", "at(1969-12-31T00:00:00)", "at(2200-01-01T00:00:00)", "at(2027-03-01 09:00:00)",
	} {
		e, err := Parse(text)
		var l base.Errors
		if err == nil || !errors.As(err, &l) {
			t.Errorf("%q: accepted as %+v, %v", text, e, err)
			continue
		}
		for _, x := range l {
			if x.Place == nil || x.Hint == "" || x.Kind != base.Invalid {
				t.Errorf("%q: %q lacks a place or a hint", text, x.Msg)
			}
		}
	}
}

func TestUnixForm(t *testing.T) {
	seoul := zone(t, "Asia/Seoul")
	after := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC) // a Friday
	for text, want := range map[string]string{
		"30 9 * * 1-5":                       "2027-01-01T09:30:00Z 2027-01-04T09:30:00Z",
		"0 0 13 * 5":                         "2027-01-08T00:00:00Z 2027-01-13T00:00:00Z", // either day will do
		"0 0 13 * *":                         "2027-01-13T00:00:00Z 2027-02-13T00:00:00Z",
		"0 0 * * 7":                          "2027-01-03T00:00:00Z 2027-01-10T00:00:00Z",
		"0 0 * * 0-7":                        "2027-01-02T00:00:00Z 2027-01-03T00:00:00Z",
		"0 0 * * SAT-1":                      "2027-01-02T00:00:00Z 2027-01-03T00:00:00Z",
		"0 0 */2 * SUN":                      "2027-01-03T00:00:00Z 2027-01-17T00:00:00Z", // odd days that are Sundays
		"*/20 22-1 * * *":                    "2027-01-01T00:20:00Z 2027-01-01T00:40:00Z",
		"CRON_TZ=Asia/Seoul 0 9 * * *":       "2027-01-02T00:00:00Z 2027-01-03T00:00:00Z",
		"TZ=Asia/Seoul  0 9 ? * MON-FRI *":   "2027-01-04T00:00:00Z 2027-01-05T00:00:00Z",
		"CRON_TZ=UTC cron(0 9 ? * 6#1 2028)": "2028-01-07T09:00:00Z 2028-02-04T09:00:00Z",
	} {
		e, err := Parse(text)
		if err != nil {
			t.Error(err)
			continue
		}
		in := time.UTC
		if strings.Contains(text, "CRON_TZ=UTC") {
			in = seoul // the expression's own zone wins
		}
		if got := fires(e, after, in, 2); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := LoadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}
