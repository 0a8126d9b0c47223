package airflow

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// machineOf is a machine that starts at A.
func machineOf(states string) []byte { return []byte(`{"StartAt": "A", "States": {` + states + `}}`) }

const job = `"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync", `

func TestWhatAirflowCannotDoIsRefused(t *testing.T) {
	for what, c := range map[string]struct{ states, want string }{
		"a loop": {
			`"A": {"Type": "Wait", "Seconds": 1, "Next": "B"}, "B": {"Type": "Choice", "Choices": [{"Variable": "$.N", "NumericEquals": 1, "Next": "A"}], "Default": "C"}, "C": {"Type": "Succeed"}`,
			`w.json:1:29: the states go round in a loop from "B" back to "A", which Airflow cannot do`},
		"a loop that leaves while the crawler runs": {
			`"A": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:glue:getCrawler", "Parameters": {"Name": "c"}, "Next": "B"},
			 "B": {"Type": "Choice", "Choices": [{"Variable": "$.Crawler.State", "StringEquals": "READY", "Next": "W"}], "Default": "C"}, "W": {"Type": "Wait", "Seconds": 1, "Next": "A"}, "C": {"Type": "Succeed"}`,
			"which Airflow cannot do"},
		"a Choice on a result": {
			`"A": {` + job + `"Parameters": {"JobName": "j"}, "Next": "B"}, "B": {"Type": "Choice", "Choices": [{"Variable": "$.ExecutionTime", "NumericEquals": 1, "Next": "C"}], "Default": "C"}, "C": {"Type": "Succeed"}`,
			`the Choice "B" cannot be made in Airflow: it looks at $.ExecutionTime: it is known once the task "A" has run`},
		"an argument from a result": {
			`"A": {` + job + `"Parameters": {"JobName": "j"}, "Next": "B"}, "B": {` + job + `"Parameters": {"JobName": "k", "Arguments": {"--ID.$": "$.Id"}}, "End": true}`,
			`state "B": Arguments cannot be handed over in Airflow: it is known once the task "A" has run`},
		"a value that differs by the way": {
			`"A": {"Type": "Choice", "Choices": [{"Variable": "$.N", "NumericEquals": 1, "Next": "B"}], "Default": "C"}, "B": {"Type": "Pass", "Result": "x", "ResultPath": "$.V", "Next": "D"},
			 "C": {"Type": "Pass", "Result": "y", "ResultPath": "$.V", "Next": "D"}, "D": {` + job + `"Parameters": {"JobName": "j", "Arguments": {"--V.$": "$.V"}}, "End": true}`,
			`state "D": Arguments cannot be handed over in Airflow: it differs between the ways that lead here`},
		"a field that is gone": {
			`"A": {"Type": "Pass", "Parameters": {"x": 1}, "Next": "B"}, "B": {` + job + `"Parameters": {"JobName.$": "$.name"}, "End": true}`,
			`state "B": path $.name: there is no field "name"`},
		"a path to many values": {
			`"A": {` + job + `"Parameters": {"JobName": "j", "Arguments": {"--V.$": "$..V"}}, "End": true}`,
			`state "A": path $..V: only paths to one value can be followed`},
		"a function": {
			`"A": {"Type": "Pass", "Parameters": {"x.$": "States.Hash($.a, 'MD5')"}, "End": true}`,
			`state "A": States.Hash has no counterpart in Airflow`},
		"a Map": {
			`"A": {"Type": "Map", "ItemProcessor": {"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}, "End": true}`,
			`state "A" is a Map, which the export to Airflow does not write`},
		"JSONata":   {`"A": {"QueryLanguage": "JSONata", "Type": "Succeed"}`, `state "A" is written in JSONata`},
		"variables": {`"A": {"Type": "Pass", "Assign": {"x": 1}, "End": true}`, `state "A" assigns variables`},
		"a resource": {
			`"A": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "Parameters": {}, "End": true}`,
			`state "A": arn:aws:states:::sns:publish has no counterpart in Airflow here`},
	} {
		t.Run(what, func(t *testing.T) {
			_, err := Write(machineOf(c.states), Options{Name: "w", File: "w.json", Operators: Mulgil})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestWhatAirflowDoesDifferentlyIsSaid(t *testing.T) {
	src := machineOf(`"A": {` + job + `"Parameters": {"JobName": "j"}, "HeartbeatSeconds": 5,
		"Retry": [{"ErrorEquals": ["Glue.X"], "BackoffRate": 3}, {"ErrorEquals": ["Glue.Y"]}], "Catch": [{"ErrorEquals": ["Glue.X"], "Next": "B"}], "Next": "B"}, "B": {"Type": "Succeed"}`)
	dag, err := Write(src, Options{Name: "w", File: "w.json", Operators: Mulgil})
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(dag.Warnings, "\n")
	for _, want := range []string{"HeartbeatSeconds has no counterpart", "after any error, not only Glue.X (A)", "one rule for retries", "BackoffRate 3 is not kept", `after any error the DAG goes on with "B"`} {
		if !strings.Contains(all, want) || !strings.Contains(dag.Text, want) {
			t.Errorf("%q is not said in\n%s", want, all)
		}
	}
}

func TestSchedulesBecomeAirflows(t *testing.T) {
	for expression, want := range map[string]string{
		"cron(0 2 * * ? *)":               `CronTriggerTimetable("0 2 * * *", timezone="Asia/Seoul")`,
		"cron(0 10 ? * MON-FRI *)":        `CronTriggerTimetable("0 10 * * 1-5", timezone="Asia/Seoul")`,
		"cron(0/15 8-18 ? JUL 2,4/2 *)":   `CronTriggerTimetable("0/15 8-18 * JUL 1,3-6/2", timezone="Asia/Seoul")`,
		"30 1 * * 1-5":                    `CronTriggerTimetable("30 1 * * 1-5", timezone="Asia/Seoul")`,
		"CRON_TZ=Europe/Berlin 0 1 * * *": `CronTriggerTimetable("0 1 * * *", timezone="Europe/Berlin")`,
		"rate(5 minutes)":                 `schedule=timedelta(minutes=5)`,
		"at(2027-03-01T09:00:00)":         `start_date=datetime(2027, 3, 1, 9, 0, 0, tzinfo=ZoneInfo("Asia/Seoul"))`,
		"cron(0 2 L * ? *)":               "error: L has no counterpart",
		"cron(0 2 ? * 6#3 *)":             "error: 6#3 has no counterpart",
		"cron(0 2 ? * FRI-MON *)":         "error: the range FRI-MON goes round the end of the week",
		"cron(0 2 * * ? 2027)":            "error: Airflow's cron has no years",
	} {
		s := nightly(t)
		s.Expression, s.CatchUp = expression, "last"
		dag, err := Write(machineOf(`"A": {"Type": "Succeed"}`), Options{Name: "w", File: "w.json", Schedule: s})
		switch refused, isError := strings.CutPrefix(want, "error: "); {
		case isError:
			if err == nil || !strings.Contains(err.Error(), refused) {
				t.Errorf("%s: %v, want %s", expression, err, refused)
			}
		case err != nil:
			t.Errorf("%s: %v", expression, err)
		case !strings.Contains(dag.Text, want):
			t.Errorf("%s: no %s in\n%s", expression, want, dag.Text)
		}
	}
}

func TestDatesOfASchedulesInput(t *testing.T) {
	for template, want := range map[string]string{
		"{{ date }}":                     `at.strftime("%Y-%m-%d")`,
		"{{ date -1d yyyyMMdd }}":        `(at + timedelta(days=-1)).strftime("%Y%m%d")`,
		"{{ date -2w }}":                 `(at + timedelta(weeks=-2)).strftime("%Y-%m-%d")`,
		"{{ month -1 }}":                 `month(at, -1).strftime("%Y-%m")`,
		"{{ month -1 last }}":            `(month(at, 0) - timedelta(days=1)).strftime("%Y-%m-%d")`,
		"{{ week first }}":               `(at + timedelta(days=0 - at.weekday())).strftime("%Y-%m-%d")`,
		"{{ year -1 }}":                  `at.replace(year=at.year -1, month=1, day=1).strftime("%Y")`,
		"{{ time -2h }}":                 `(at.astimezone(timezone.utc) + timedelta(hours=-2)).astimezone(at.tzinfo).strftime("%Y-%m-%dT%H:%M:%S")`,
		"day {{date}}.":                  `"day " + at.strftime("%Y-%m-%d") + "."`,
		"<aws.scheduler.scheduled-time>": `at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")`,
		"<aws.scheduler.attempt-number>": "has no counterpart in Airflow",
		"{{ date -1x }}":                 "the date format",
		"plain":                          `"plain"`,
	} {
		got, err := datedText(template)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, want) || err == nil && got != want {
			t.Errorf("%s: %s, want %s", template, got, want)
		}
	}
	s := nightly(t)
	s.Input, s.Start = json.RawMessage(`"{\"EXTRACT_DATE\": \"{{ month -1 first }}\"}"`), time.Time{}
	dag, err := Write(machineOf(`"A": {`+job+`"Parameters": {"JobName": "j", "Arguments": {"--D.$": "$.EXTRACT_DATE"}}, "End": true}`), Options{Name: "w", File: "w.json", Operators: Mulgil, Schedule: s, Now: time.Date(2027, 3, 1, 18, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`return {"EXTRACT_DATE": month(at, -1).strftime("%Y-%m-%d")}`, "def month(at, n):",
		`start_date=datetime(2027, 3, 2, 0, 0, 0, tzinfo=ZoneInfo("Asia/Seoul"))`, "catchup=True"} {
		if !strings.Contains(dag.Text, want) {
			t.Errorf("no %s in\n%s", want, dag.Text)
		}
	}
}
