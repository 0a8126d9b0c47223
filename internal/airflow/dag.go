package airflow

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

// The two kinds of tasks a DAG may be made of.
const (
	Mulgil = "mulgil" // commands of this program
	AWS    = "aws"    // Airflow's operators for Glue
)

// Options say what to write.
type Options struct {
	// Name is the state machine's and becomes the DAG's id.
	Name string
	// File is the definition's path in the project, for messages and comments.
	File string
	// Operators is Mulgil or AWS.
	Operators string
	// Project is the folder in which mulgil runs, unless MULGIL_PROJECT says
	// another; Target its target, may be empty.
	Project, Target string
	// Schedule is nil for a DAG that is only started by hand.
	Schedule *Schedule
	// Now is when a schedule begins that catches up and has no start.
	Now time.Time
}

// DAG is what Write makes.
type DAG struct {
	// Name is its id.
	Name string
	// Text is a Python file for Airflow's folder of DAGs.
	Text string
	// Warnings tell what Airflow does differently; they stand in Text, too.
	Warnings []string
}

// Write makes a DAG of a valid definition. Errors are base.Invalid with the
// state's place: what has no counterpart in Airflow.
func Write(src []byte, o Options) (*DAG, error) {
	m, err := read(src)
	if err != nil {
		return nil, err
	}
	w := &writer{o: o, m: m, src: src, names: map[string]bool{}, imports: map[string]bool{"DAG": true}, helpers: map[string]bool{}, params: map[string]bool{}}
	flow, err := w.prepare(&m.flow, "")
	if err != nil {
		return nil, err
	}
	if _, err := w.flow(flow, value{kind: given}, "    "); err != nil {
		return nil, err
	}
	text, err := w.file()
	if err != nil {
		return nil, err
	}
	return &DAG{w.o.Name, text, w.said()}, nil
}

type writer struct {
	o   Options
	m   *machine
	src []byte

	names   map[string]bool // taken
	imports map[string]bool // operators and the like, by name
	helpers map[string]bool // functions the DAG defines
	params  map[string]bool // fields of the input that are read
	choices strings.Builder // functions of Choices
	body    strings.Builder // inside the DAG
	// inputText is the schedule's input as Python.
	inputText string
	warnings  []warning
}

type warning struct {
	text   string
	states []string
}

func (w *writer) need(name string) { w.imports[name] = true }

// uses notes the helpers that a value's Python calls.
func (w *writer) uses(v value) {
	v.inputs(func(string) { w.helpers["given"] = true })
	if strings.Contains(v.python(), "given(") {
		w.helpers["given"] = true
	}
	w.helpers["text"] = true
}

// warn notes a difference, once for all states that have it.
func (w *writer) warn(n *node, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	for i := range w.warnings {
		if w.warnings[i].text == text {
			w.warnings[i].states = append(w.warnings[i].states, n.s.name)
			return
		}
	}
	w.warnings = append(w.warnings, warning{text, []string{n.s.name}})
}

func (w *writer) said() []string {
	out := make([]string, len(w.warnings))
	for i, x := range w.warnings {
		out[i] = x.text + " (" + strings.Join(x.states, ", ") + ")"
	}
	return out
}

// flow writes a flow's tasks and their order; it returns what the flow hands on.
func (w *writer) flow(f *ordered, in value, indent string) (value, error) {
	arrives := map[string]value{f.start: in}
	reached := map[string]bool{f.start: true}
	arrive := func(name string, v value) {
		if reached[name] {
			v = either(arrives[name], v)
		}
		arrives[name], reached[name] = v, true
	}
	var out *value
	var edges []string
	byName := map[string]*node{}
	for _, n := range f.nodes {
		byName[n.s.name] = n
	}
	for _, n := range f.nodes {
		raw := arrives[n.s.name]
		result, err := w.state(n, raw, byName, indent)
		if err != nil {
			return value{}, err
		}
		tail := n.name
		if c := n.catch(); c != nil {
			failed := value{kind: object, fields: map[string]value{}}
			for _, name := range []string{"Error", "Cause"} {
				failed.fields[name] = unknown("it is known once the task %q has failed", n.s.name)
			}
			v, err := placed(raw, failed, c.ResultPath)
			if err != nil {
				return v, w.fail(n.s.name, "state %q: %w", n.s.name, err)
			}
			arrive(c.Next, v)
			tail = w.caught(n, c, byName, indent)
		}
		for _, next := range n.follows() {
			if c := n.catch(); c == nil || next != c.Next || next == n.s.Next {
				arrive(next, result)
			}
			edges = append(edges, tail+" >> "+byName[next].name)
		}
		if n.s.Next == "" && n.s.Type != "Choice" && n.s.Type != "Fail" {
			if out != nil {
				result = either(*out, result)
			}
			out = &result
		}
	}
	for _, e := range edges {
		w.line(indent, e)
	}
	if out == nil {
		return unknown("the branch always fails"), nil
	}
	return *out, nil
}

func (w *writer) line(indent, text string) { w.body.WriteString(indent + text + "\n") }

// state writes one state and returns what it hands on.
func (w *writer) state(n *node, raw value, byName map[string]*node, indent string) (value, error) {
	failed := func(err error) error {
		if _, ok := err.(*base.Error); ok {
			return err
		}
		return w.fail(n.s.name, "state %q: %w", n.s.name, err)
	}
	arg, err := w.argument(n.s, raw)
	if err != nil {
		return arg, failed(err)
	}
	var o operator
	result := arg
	switch n.s.Type {
	case "Task":
		o, result, err = w.task(n, arg)
	case "Parallel":
		return w.parallel(n, raw, arg, indent)
	case "Choice":
		o, err = w.choice(n, arg, byName)
	case "Wait":
		o, err = w.wait(n, arg)
	case "Fail":
		o, err = w.failing(n, arg)
	default: // Pass, Succeed
		w.need("EmptyOperator")
		o.class = "EmptyOperator"
		if n.s.Result != nil {
			result, err = scope{}.literal(n.s.Result)
		}
	}
	if err != nil {
		return result, failed(err)
	}
	w.operator(n, o, indent)
	result, err = w.output(n.s, raw, result)
	if err != nil {
		return result, failed(err)
	}
	return result, nil
}

func (w *writer) operator(n *node, o operator, indent string) {
	args := []string{"task_id=" + pyText(n.id), "task_display_name=" + pyText(n.s.name)}
	args = append(args, o.args...)
	if n.s.Comment != "" {
		args = append(args, "doc="+pyText(n.s.Comment))
	}
	if n.merges {
		args = append(args, `trigger_rule="none_failed_min_one_success"`)
	}
	args = append(args, w.patience(n)...)
	if n.loop != nil {
		also := []string{n.loop.choice}
		if n.loop.wait != "" {
			also = append(also, n.loop.wait)
		}
		w.line(indent, "# with "+strings.Join(also, ", "))
	}
	w.call(indent, n.name, o.class, args)
}

// call writes name = class(args), an argument a line.
func (w *writer) call(indent, name, class string, args []string) {
	w.line(indent, name+" = "+class+"(")
	for _, a := range args {
		w.line(indent+"    ", a+",")
	}
	w.line(indent, ")")
}

func (w *writer) parallel(n *node, raw, arg value, indent string) (value, error) {
	w.need("TaskGroup")
	if len(n.s.Retry) > 0 {
		w.warn(n, "Airflow cannot retry a task group: the Retry of the Parallel is left out, those of its tasks are kept")
	}
	title := "tooltip=" + pyText(n.s.name)
	w.line(indent, "with TaskGroup("+pyText(n.id)+", "+title+") as "+n.name+":")
	result := value{kind: list}
	for i, f := range n.flows {
		if i > 0 {
			w.body.WriteByte('\n')
		}
		out, err := w.flow(f, arg, indent+"    ")
		if err != nil {
			return out, err
		}
		result.items = append(result.items, out)
	}
	out, err := w.output(n.s, raw, result)
	if err != nil {
		return out, w.fail(n.s.name, "state %q: %w", n.s.name, err)
	}
	return out, nil
}

// choice writes a Choice's function and its task.
func (w *writer) choice(n *node, in value, byName map[string]*node) (operator, error) {
	sc := scope{in, contextOf(w.o.Name, n.s.name)}
	see := func(v value) {
		v.inputs(func(name string) { w.params[name] = true })
		w.helpers["given"] = true
	}
	fmt.Fprintf(&w.choices, "\n\ndef %s_goes(params, dag_run, **_):\n", n.id)
	for i := range n.s.Choices {
		r := &n.s.Choices[i]
		condition, err := r.python(sc, see)
		if err != nil {
			return operator{}, w.fail(n.s.name, "the Choice %q cannot be made in Airflow: %w", n.s.name, err).
				WithHint("let it look at the execution's input only")
		}
		fmt.Fprintf(&w.choices, "    if %s:\n        return %s\n", condition, pyText(byName[r.Next].task))
	}
	if n.s.Default != "" {
		fmt.Fprintf(&w.choices, "    return %s\n", pyText(byName[n.s.Default].task))
	} else {
		fmt.Fprintf(&w.choices, "    raise AirflowFailException(\"States.NoChoiceMatched\")\n")
		w.helpers["exceptions"] = true
	}
	w.helpers["holds"] = true
	w.need("BranchPythonOperator")
	o := operator{class: "BranchPythonOperator"}
	o.add("python_callable=%s_goes", n.id)
	return o, nil
}

// caught writes the branch behind a state with a Catch and returns its name.
func (w *writer) caught(n *node, c *catcher, byName map[string]*node, indent string) string {
	if !everyError(c.ErrorEquals) || len(n.s.Catch) > 1 {
		w.warn(n, "Airflow does not tell errors apart: after any error the DAG goes on with %q", c.Next)
	}
	w.need("BranchPythonOperator")
	w.helpers["caught"], w.helpers["exceptions"] = true, true
	name, then := variable(n.caught), ""
	if n.done == "" {
		then = byName[n.s.Next].task
	} else {
		w.need("EmptyOperator")
		then = strings.TrimSuffix(n.task, n.id) + n.done
		w.call(indent, variable(n.done), "EmptyOperator", []string{"task_id=" + pyText(n.done)})
	}
	w.call(indent, name, "BranchPythonOperator", []string{"task_id=" + pyText(n.caught), "python_callable=caught",
		fmt.Sprintf("op_kwargs={\"roots\": %s, \"leaves\": %s, \"then\": %s, \"handler\": %s}", pyList(n.roots()), pyList(n.leaves()), pyText(then), pyText(byName[c.Next].task)),
		`trigger_rule="all_done"`})
	w.line(indent, n.name+" >> "+name)
	if n.done != "" {
		w.line(indent, name+" >> "+variable(n.done))
	}
	return name
}

func pyList(list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = pyText(s)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// modules tells where Airflow 2.10 and 3 keep what a DAG needs.
var modules = map[string][2]string{
	"DAG":                  {"airflow.models.dag", "airflow.sdk"},
	"Param":                {"airflow.models.param", "airflow.sdk"},
	"TaskGroup":            {"airflow.utils.task_group", "airflow.sdk"},
	"BashOperator":         {"airflow.operators.bash", "airflow.providers.standard.operators.bash"},
	"EmptyOperator":        {"airflow.operators.empty", "airflow.providers.standard.operators.empty"},
	"PythonOperator":       {"airflow.operators.python", "airflow.providers.standard.operators.python"},
	"BranchPythonOperator": {"airflow.operators.python", "airflow.providers.standard.operators.python"},
	"BashSensor":           {"airflow.sensors.bash", "airflow.providers.standard.sensors.bash"},
	"DateTimeSensor":       {"airflow.sensors.date_time", "airflow.providers.standard.sensors.date_time"},
}

// awsModules are the same in both.
var awsModules = map[string]string{
	"GlueJobOperator":     "airflow.providers.amazon.aws.operators.glue",
	"GlueCrawlerOperator": "airflow.providers.amazon.aws.operators.glue_crawler",
	"GlueCrawlerSensor":   "airflow.providers.amazon.aws.sensors.glue_crawler",
}

// importLines are the imports for one version, 0 for 2.10 and 1 for 3.
func (w *writer) importLines(version int, indent string) string {
	from := map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(w.imports)) {
		if m, ok := modules[name]; ok {
			from[m[version]] = append(from[m[version]], name)
		}
	}
	var b strings.Builder
	for _, m := range slices.Sorted(maps.Keys(from)) {
		fmt.Fprintf(&b, "%sfrom %s import %s\n", indent, m, strings.Join(from[m], ", "))
	}
	return b.String()
}
