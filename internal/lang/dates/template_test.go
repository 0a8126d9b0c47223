package dates

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

func seoul(t testing.TB) *time.Location {
	t.Helper()
	z, err := time.LoadLocation("Asia/Seoul")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestTemplatesTakeTheDatesOfTheZone(t *testing.T) {
	// In Seoul it is 02:30 on Monday the first of March.
	m := Moment{Time: time.Date(2027, 2, 28, 17, 30, 5, 0, time.UTC), Zone: seoul(t), ExecutionID: "abc", Attempt: 2, ScheduleARN: "arn:x"}
	for text, want := range map[string]string{
		"plain":                         "plain",
		"{{date}}":                      "2027-03-01",
		"{{ date -1d }}":                "2027-02-28",
		"{{ date +1w }}":                "2027-03-08",
		"{{ date -1d yyyyMMdd }}":       "20270228",
		"{{ date yyyy/MM/dd }}":         "2027/03/01",
		"{{ month }}":                   "2027-03",
		"{{ month -1 }}":                "2027-02",
		"{{ month -1 first }}":          "2027-02-01",
		"{{ month -1 last yyyyMMdd }}":  "20270228",
		"{{ month -14 last }}":          "2026-01-31",
		"{{ month +11 last }}":          "2028-02-29",
		"{{ week first }}":              "2027-03-01",
		"{{ week -1 last }}":            "2027-02-28",
		"{{ year -1 }}":                 "2026",
		"{{ year first }}":              "2027-01-01",
		"{{ year -1 last }}":            "2026-12-31",
		"{{ time }}":                    "2027-03-01T02:30:05",
		"{{ time -3h }}":                "2027-02-28T23:30:05",
		"{{ time +45m HH:mm }}":         "03:15",
		"{{ time -1d yyyyMMddHH }}":     "2027022802",
		"<aws.scheduler.schedule-arn>":  "arn:x",
		"{{date}}/{{ date -1d dd }} x}": "2027-03-01/28 x}",
		"<aws.scheduler.scheduled-time> <aws.scheduler.execution-id>-<aws.scheduler.attempt-number>": "2027-02-28T17:30:05Z abc-2",
	} {
		tpl, err := ParseTemplate(text)
		if err != nil {
			t.Error(base.Render(err))
			continue
		}
		if got := tpl.Fill(m); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestTimeShiftsAcrossAChangeOfTheClock(t *testing.T) {
	z, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	m := Moment{Time: time.Date(2027, 3, 14, 16, 0, 0, 0, time.UTC), Zone: z} // noon, the day the hour is lost
	for text, want := range map[string]string{"{{ time -24h }}": "2027-03-13T11:00:00", "{{ time -1d }}": "2027-03-13T12:00:00"} {
		tpl, err := ParseTemplate(text)
		if err != nil || tpl.Fill(m) != want {
			t.Errorf("%s: %s, %v", text, tpl.Fill(m), err)
		}
	}
}

func TestMistakesInTemplates(t *testing.T) {
	for text, want := range map[string]string{
		"a {{ day -1d }} {{ month -1d first }}": `line 1:3: unknown date "day"
    a {{ day -1d }} {{ month -1d first }}
      ~~~~~~~~~~~~~
hint: write it as {{ date -1d }}, {{ month -1 first }} or {{ date yyyyMMdd }}
line 1:17: "-1d" does not shift a month
    a {{ day -1d }} {{ month -1d first }}
                    ~~~~~~~~~~~~~~~~~~~~~
hint: write a number of months, as {{ month -1 first }}`,
		"{{ date -1 }}": `line 1:1: "-1" does not shift a date
    {{ date -1 }}
    ~~~~~~~~~~~~~
hint: write a number and one of d, w, as {{ date -1d }}`,
		"{{ date first }}": `line 1:1: a date has no first day
    {{ date first }}
    ~~~~~~~~~~~~~~~~
hint: first and last are for week, month and year`,
		"{{ date": `line 1:1: {{ is not closed
    {{ date
    ~~
hint: end it with }}`,
		"<aws.scheduler.time>": `line 1:1: unknown keyword <aws.scheduler.time>
    <aws.scheduler.time>
    ~~~~~~~~~~~~~~~~~~~~
hint: there are scheduled-time, execution-id, attempt-number and schedule-arn`,
		"{{ date YYYY }}": `line 1:1: "YYYY" is neither a shift nor a date format: Y is the year of the week; write y
    {{ date YYYY }}
    ~~~~~~~~~~~~~~~
hint: write it as {{ date -1d }}, {{ month -1 first }} or {{ date yyyyMMdd }}`,
		"{{ week }}": `line 1:1: a week needs first or last
    {{ week }}
    ~~~~~~~~~~
hint: write {{ week first }} for its Monday`,
	} {
		_, err := ParseTemplate(text)
		if err == nil {
			t.Errorf("%s: accepted", text)
		} else if got := base.Render(err); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestQuotedTemplatesAreJSON(t *testing.T) {
	tpl, err := ParseTemplate("say \"{{ date yyyy'\"'MM }}\"\n<tag>")
	if err != nil {
		t.Fatal(err)
	}
	var got string
	text := Join(Text("["), tpl.Quoted(), Text("]")).Fill(Moment{Time: time.Unix(0, 0), Zone: time.UTC})
	if err := json.Unmarshal([]byte(text[1:len(text)-1]), &got); err != nil || got != "say \"1970\"01\"\n<tag>" {
		t.Errorf("%q from %s, %v", got, text, err)
	}
}

func FuzzTemplate(f *testing.F) {
	for _, s := range []string{"{{ date -1d yyyyMMdd }}", "{{ month -1 first }}", "<aws.scheduler.execution-id>", "{{ week last dd'.'MM }}", "{{ time -5m }}"} {
		f.Add(s)
	}
	m := Moment{Time: time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC), Zone: seoul(f)}
	f.Fuzz(func(t *testing.T, text string) {
		tpl, err := ParseTemplate(text)
		if err == nil && !json.Valid([]byte(tpl.Quoted().Fill(m))) {
			t.Fatalf("%q gives %s", text, tpl.Quoted().Fill(m))
		}
	})
}
