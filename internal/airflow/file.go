package airflow

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// literal decodes a Pass state's Result.
func (scope) literal(raw json.RawMessage) (value, error) {
	var v any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	err := d.Decode(&v)
	return fromJSON(v), err
}

// file puts the whole Python file together.
func (w *writer) file() (string, error) {
	dag, err := w.dagCall()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# Made by mulgil export airflow from %s: change that and export again.\n", w.o.File)
	if w.o.Operators != AWS {
		b.WriteString("#\n# Tasks call mulgil on this machine. Let `mulgil up` run beside Airflow: tasks that\n# run at the same time then share one owner of the project.\n")
	}
	for i, said := range w.said() {
		if i == 0 {
			b.WriteString("#\n# What Airflow does differently:\n")
		}
		fmt.Fprintf(&b, "# - %s\n", said)
	}
	b.WriteString(w.header())
	b.WriteString(w.functions())
	b.WriteString(w.choices.String())
	b.WriteString("\n\n" + dag)
	b.WriteString(w.body.String())
	return b.String(), nil
}

func (w *writer) header() string {
	var b strings.Builder
	b.WriteString("from __future__ import annotations\n\n")
	if w.helpers["text"] {
		b.WriteString("import json\n")
	}
	if w.helpers["mulgil"] {
		b.WriteString("import os\n")
	}
	if w.helpers["holds"] {
		b.WriteString("import re\n")
	}
	if w.helpers["mulgil"] {
		b.WriteString("import shlex\n")
	}
	b.WriteString("from datetime import datetime, timedelta, timezone\n")
	if w.o.Schedule != nil {
		b.WriteString("from zoneinfo import ZoneInfo\n")
	}
	b.WriteString("\n")
	if w.helpers["exceptions"] || w.helpers["fail"] || w.helpers["caught"] {
		names := []string{"AirflowFailException"}
		if w.helpers["caught"] {
			names = append(names, "AirflowSkipException")
		}
		b.WriteString("from airflow.exceptions import " + strings.Join(names, ", ") + "\n")
	}
	for _, name := range slices.Sorted(maps.Keys(w.imports)) {
		if m := awsModules[name]; m != "" {
			fmt.Fprintf(&b, "from %s import %s\n", m, name)
		}
	}
	if w.helpers["timetable"] {
		b.WriteString("from airflow.timetables.trigger import CronTriggerTimetable\n")
	}
	b.WriteString("\ntry:  # Airflow 3\n" + w.importLines(1, "    "))
	b.WriteString("except ImportError:  # Airflow 2.10\n" + w.importLines(0, "    "))
	if w.helpers["mulgil"] {
		target := ""
		if w.o.Target != "" {
			target = ` + " --target " + shlex.quote(` + pyText(w.o.Target) + ")"
		}
		fmt.Fprintf(&b, "\nMULGIL = \"mulgil --project \" + shlex.quote(os.environ.get(\"MULGIL_PROJECT\", %s))%s\n", pyText(w.o.Project), target)
	}
	return b.String()
}

// dagCall is the line that opens the DAG, and makes what its schedule needs.
func (w *writer) dagCall() (string, error) {
	s := w.o.Schedule
	args := []string{"dag_id=" + pyText(w.o.Name)}
	if w.m.Comment != "" {
		args = append(args, "description="+pyText(w.m.Comment))
	}
	if s == nil {
		args = append(args, "schedule=None", "start_date=datetime(2000, 1, 1, tzinfo=timezone.utc)", "catchup=False")
	} else {
		timing, err := w.timing(s)
		if err != nil {
			return "", err
		}
		start := s.Start
		if start.IsZero() {
			start = time.Date(2000, 1, 1, 0, 0, 0, 0, s.Zone)
			if s.CatchUp == "all" {
				now := w.o.Now.In(s.Zone)
				start = time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, s.Zone)
				w.warnings = append(w.warnings, warning{"Airflow catches up from start_date on, the day of the export: set start to begin earlier", []string{"schedule " + s.Name}})
			}
		}
		args = append(args, "schedule="+timing, "start_date="+moment(start, s.Zone))
		if !s.End.IsZero() {
			args = append(args, "end_date="+moment(s.End, s.Zone))
		}
		catchup := "False"
		if s.CatchUp == "all" {
			catchup = "True"
		} else if s.CatchUp == "skip" {
			w.warnings = append(w.warnings, warning{"Airflow without catchup still makes up for the newest run that was missed", []string{"schedule " + s.Name}})
		}
		args = append(args, "catchup="+catchup)
		if s.Paused {
			args = append(args, "is_paused_upon_creation=True")
		}
	}
	args = append(args, "max_active_runs=1", `default_args={"retries": 0}`)
	if w.m.TimeoutSeconds > 0 {
		args = append(args, "dagrun_timeout=timedelta(seconds="+number(w.m.TimeoutSeconds)+")")
	}
	given := ""
	if s != nil {
		var err error
		if given, err = w.scheduled(s); err != nil {
			return "", err
		}
	}
	if len(w.params) > 0 {
		w.need("Param")
		var params []string
		for _, name := range slices.Sorted(maps.Keys(w.params)) {
			params = append(params, pyText(name)+": Param(None, type=ANY)")
		}
		args = append(args, "params={"+strings.Join(params, ", ")+"}")
	}
	if w.helpers["text"] {
		macros := []string{}
		if w.helpers["given"] {
			macros = append(macros, `"given": given`)
		}
		args = append(args, "user_defined_macros={"+strings.Join(append(macros, `"text": text`), ", ")+"}")
	}
	w.inputText = given
	var b strings.Builder
	b.WriteString("with DAG(\n")
	for _, a := range args {
		b.WriteString("    " + a + ",\n")
	}
	b.WriteString(") as dag:\n")
	return b.String(), nil
}

func zoneText(z *time.Location) string { return "ZoneInfo(" + pyText(z.String()) + ")" }

func moment(t time.Time, z *time.Location) string {
	t = t.In(z)
	return fmt.Sprintf("datetime(%d, %d, %d, %d, %d, %d, tzinfo=%s)", t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), zoneText(z))
}

const textFunction = `

def text(value):
    """A value as a command takes it: text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
`

const givenFunction = `

def given(params, dag_run, *path):
    """A part of the run's input: what it was given, else what the schedule gives."""
    value = %s{k: v for k, v in params.items() if v is not None}%s
    for name in path:
        value = value[name]
    return value
`

const scheduledFunction = `

def scheduled(dag_run):
    """The input that the schedule gives."""
    at = (dag_run.logical_date or dag_run.run_after).astimezone(%s)
    return %s
`

const monthFunction = `

def month(at, n):
    """The first day of the month n months from at."""
    months = at.year * 12 + at.month - 1 + n
    return at.replace(year=months // 12, month=months %% 12 + 1, day=1)
`

const failFunction = `

def fail(error, cause):
    raise AirflowFailException(f"{error}: {cause}")
`

const caughtFunction = `

def caught(ti, dag_run, roots, leaves, then, handler, **_):
    """Goes on with then, or with handler if what lies from roots to leaves failed."""
    ids = roots + leaves
    if hasattr(ti, "get_task_states"):  # Airflow 3
        states = ti.get_task_states(dag_id=ti.dag_id, run_ids=[dag_run.run_id], task_ids=ids)[dag_run.run_id]
    else:
        states = {t.task_id: t.state for t in dag_run.get_task_instances() if t.task_id in ids}
    began = {str(states[id]) for id in roots}
    ended = {str(states[id]) for id in leaves}
    if began == {"upstream_failed"}:
        raise AirflowFailException("a task before it failed")
    if ended & {"failed", "upstream_failed"}:
        return handler
    if "success" not in ended:
        raise AirflowSkipException("it was not run")
    return then
`

const holdsFunction = `

def present(value):
    """Whether a path leads somewhere."""
    try:
        value()
    except (KeyError, TypeError):
        return False
    return True


def holds(value, operator, other):
    """One comparison of a Choice; a value of another type is never equal."""
    number = lambda v: isinstance(v, (int, float)) and not isinstance(v, bool)

    def moment(v):
        try:
            return datetime.fromisoformat(v.replace("Z", "+00:00"))
        except (AttributeError, ValueError):
            return None

    if operator.startswith("Is"):
        kinds = {
            "IsNull": value is None,
            "IsString": isinstance(value, str),
            "IsNumeric": number(value),
            "IsBoolean": isinstance(value, bool),
            "IsTimestamp": moment(value) is not None,
        }
        return kinds[operator] == other
    if operator == "StringMatches":
        parts = re.findall(r"\\.|\*|[^*\\]+|\\", other)
        pattern = "".join(".*" if p == "*" else re.escape(p[1:] if p[:1] == "\\" and len(p) > 1 else p) for p in parts)
        return isinstance(value, str) and re.fullmatch(pattern, value, re.DOTALL) is not None
    kind, name = re.fullmatch("(String|Numeric|Boolean|Timestamp)(.*)", operator).groups()
    if kind == "Timestamp":
        value, other = moment(value), moment(other)
        fits = value is not None and other is not None
    else:
        fits = {"String": lambda v: isinstance(v, str), "Numeric": number, "Boolean": lambda v: isinstance(v, bool)}[kind]
        fits = fits(value) and fits(other)
    return fits and {
        "Equals": lambda: value == other,
        "LessThan": lambda: value < other,
        "LessThanEquals": lambda: value <= other,
        "GreaterThan": lambda: value > other,
        "GreaterThanEquals": lambda: value >= other,
    }[name]()
`

// functions are the helpers the DAG needs, in an order in which each is defined before it is called.
func (w *writer) functions() string {
	var b strings.Builder
	if len(w.params) > 0 {
		b.WriteString("\nANY = [\"null\", \"string\", \"number\", \"boolean\", \"object\", \"array\"]\n")
	}
	if w.helpers["text"] {
		b.WriteString(textFunction)
	}
	if strings.Contains(w.inputText, "month(") {
		b.WriteString(strings.ReplaceAll(monthFunction, "%%", "%"))
	}
	if w.helpers["given"] {
		before, after := "", ""
		if w.o.Schedule != nil && w.inputText != "{}" {
			fmt.Fprintf(&b, scheduledFunction, zoneText(w.o.Schedule.Zone), w.inputText)
			before = "{**scheduled(dag_run), **"
			after = "}"
		}
		fmt.Fprintf(&b, givenFunction, before, after)
	}
	if w.helpers["fail"] {
		b.WriteString(failFunction)
	}
	if w.helpers["caught"] {
		b.WriteString(caughtFunction)
	}
	if w.helpers["holds"] {
		b.WriteString(holdsFunction)
	}
	return b.String()
}
