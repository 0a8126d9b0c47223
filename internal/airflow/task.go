package airflow

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// operator is one task of the DAG as Python.
type operator struct {
	class string
	// args are keyword arguments in order, as Python.
	args []string
}

func (o *operator) add(format string, args ...any) {
	o.args = append(o.args, fmt.Sprintf(format, args...))
}

// command is a shell command with values that stay out of its text.
type command struct {
	words []string
	env   map[string]string // templates
}

// word adds a word: literal text quoted, anything else by way of the environment.
func (c *command) word(before string, v value, name string) {
	if s, ok := v.plain(); ok && !strings.Contains(s, "{{") && !strings.Contains(s, "{%") && !strings.Contains(s, "{#") {
		c.words = append(c.words, shellQuote(before+s))
		return
	}
	if c.env == nil {
		c.env = map[string]string{}
	}
	id := envName(name)
	c.env[id] = v.template()
	c.words = append(c.words, `"`+before+"$"+id+`"`)
}

func envName(name string) string {
	var b strings.Builder
	b.WriteString("ARG_")
	for _, r := range strings.ToUpper(name) {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' {
			b.WriteRune(r)
		} else {
			b.WriteByte('_')
		}
	}
	return b.String()
}

func shellQuote(s string) string {
	if s != "" && strings.IndexFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("_-./:=@,+", r)
	}) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// bash is a task that runs a mulgil command.
func (w *writer) bash(class string, c command, around string) operator {
	w.need(class)
	w.helpers["mulgil"] = true
	o := operator{class: class}
	line := "MULGIL + " + pyText(" "+strings.Join(c.words, " "))
	if around != "" {
		before, after, _ := strings.Cut(around, "%")
		line = pyText(before) + " + MULGIL + " + pyText(" "+strings.Join(c.words, " ")+after)
	}
	o.add("bash_command=%s", line)
	switch {
	case len(c.env) == 0:
	case class == "BashOperator":
		o.add("env=%s", dict(c.env))
		o.add("append_env=True")
	default: // a sensor's env is all it has
		o.add("env={**os.environ, **%s}", dict(c.env))
	}
	return o
}

func dict(m map[string]string) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, pyText(k)+": "+pyText(m[k]))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// task writes a Task's work; result is what is known of its result.
func (w *writer) task(n *node, arg value) (o operator, result value, err error) {
	field := func(name string) (value, error) {
		v, err := arg.field(name)
		if err != nil {
			return v, w.fail(n.s.name, "state %q: %w", n.s.name, err)
		}
		return v, w.usable(n, v, name)
	}
	switch resource := n.s.Resource; {
	case strings.HasSuffix(resource, ":states:::glue:startJobRun.sync"):
		return w.job(n, arg, field)
	case strings.HasSuffix(resource, ":aws-sdk:glue:startCrawler"):
		name, err := field("Name")
		if err != nil {
			return o, result, err
		}
		return w.startCrawler(n, name), value{kind: object, fields: map[string]value{}}, nil
	case strings.HasSuffix(resource, ":aws-sdk:glue:getCrawler"):
		name, err := field("Name")
		if err != nil {
			return o, result, err
		}
		if n.loop == nil {
			return o, result, w.fail(n.s.name, "state %q looks at a crawler outside a loop that waits for it", n.s.name).
				WithHint("let a Choice behind it go back to it, by way of a Wait, while the crawler is RUNNING or STOPPING")
		}
		not := unknown("it is known once the task %q has run", n.s.name)
		crawler := value{kind: object, fields: map[string]value{"Name": name}, rest: &not}
		if len(n.loop.done) == 1 {
			crawler.fields["State"] = text(n.loop.done[0])
		}
		return w.crawlerSensor(n, name), value{kind: object, fields: map[string]value{"Crawler": crawler}}, nil
	case strings.HasSuffix(resource, ":states:::states:startExecution.sync"), strings.HasSuffix(resource, ":states:::states:startExecution.sync:2"):
		return w.execution(n, arg, field)
	default:
		return o, result, w.fail(n.s.name, "state %q: %s has no counterpart in Airflow here", n.s.name, resource).
			WithHint("glue:startJobRun.sync, aws-sdk:glue:startCrawler and getCrawler, and states:startExecution.sync have one")
	}
}

// usable refuses a value that only a run knows.
func (w *writer) usable(n *node, v value, name string) error {
	if why := v.known(); why != "" {
		return w.fail(n.s.name, "state %q: %s cannot be handed over in Airflow: %s", n.s.name, name, why).
			WithHint("take it from the execution's input, as $.NAME or $$.Execution.Input.NAME")
	}
	v.inputs(func(name string) { w.params[name] = true })
	w.uses(v)
	return nil
}

func (w *writer) job(n *node, arg value, field func(string) (value, error)) (o operator, result value, err error) {
	job, err := field("JobName")
	if err != nil {
		return o, result, err
	}
	args, err := arg.field("Arguments")
	if err != nil {
		args = value{kind: object}
	}
	if args.kind != object || args.rest != nil {
		return o, result, w.fail(n.s.name, "state %q: the names of the job's Arguments are not known before it runs", n.s.name).
			WithHint("write them one by one, as \"--DATE.$\": \"$.DATE\"")
	}
	if err := w.usable(n, args, "Arguments"); err != nil {
		return o, result, err
	}
	not := unknown("it is known once the task %q has run", n.s.name)
	result = value{kind: object, fields: map[string]value{"JobName": job, "Arguments": args, "JobRunState": text("SUCCEEDED")}, rest: &not}
	names := slices.Sorted(maps.Keys(args.fields))
	if w.o.Operators == AWS {
		w.need("GlueJobOperator")
		o = operator{class: "GlueJobOperator"}
		o.add("job_name=%s", pyText(job.template()))
		given := map[string]string{}
		for _, name := range names {
			given[name] = args.fields[name].template()
		}
		if len(given) > 0 {
			o.add("script_args=%s", dict(given))
		}
		return o, result, nil
	}
	c := command{words: []string{"job", "run"}}
	c.word("", job, "JOB")
	for _, name := range names {
		c.words = append(c.words, "--arg")
		plain := strings.TrimPrefix(name, "--")
		c.word(plain+"=", args.fields[name], plain)
	}
	return w.bash("BashOperator", c, ""), result, nil
}

func (w *writer) startCrawler(n *node, name value) operator {
	if w.o.Operators == AWS {
		w.need("GlueCrawlerOperator")
		o := operator{class: "GlueCrawlerOperator"}
		o.add("config={\"Name\": %s}", pyText(name.template()))
		o.add("wait_for_completion=False")
		return o
	}
	w.warn(n, "a crawl that fails fails the DAG's task; the state machine only waits for its end")
	c := command{words: []string{"crawler", "run"}}
	c.word("", name, "CRAWLER")
	return w.bash("BashOperator", c, "")
}

// crawlerSensor waits as the loop does.
func (w *writer) crawlerSensor(n *node, name value) operator {
	var o operator
	if w.o.Operators == AWS {
		w.need("GlueCrawlerSensor")
		o = operator{class: "GlueCrawlerSensor"}
		o.add("crawler_name=%s", pyText(name.template()))
		w.warn(n, "a crawl that fails fails the DAG's task; the state machine only waits for its end")
		if len(n.loop.done) > 1 {
			w.warn(n, "the loop goes on while the crawler is STOPPING; GlueCrawlerSensor waits until it is READY")
		}
	} else {
		c := command{words: []string{"crawler", "get"}}
		c.word("", name, "CRAWLER")
		c.words = append(c.words, "--json")
		var done []string
		for _, d := range n.loop.done {
			done = append(done, `*'"State": "`+d+`"'*`)
		}
		o = w.bash("BashSensor", c, `answer=$(%) || exit 1; case "$answer" in `+strings.Join(done, "|")+`) ;; *) exit 99 ;; esac`)
		o.add("retry_exit_code=99")
	}
	o.add("poke_interval=%s", number(max(n.loop.seconds, 1)))
	return o
}

// execution runs another state machine and waits.
func (w *writer) execution(n *node, arg value, field func(string) (value, error)) (o operator, result value, err error) {
	machine, err := field("StateMachineArn")
	if err != nil {
		return o, result, err
	}
	name, ok := machine.plain()
	if w.o.Operators == AWS || !ok {
		return o, result, w.fail(n.s.name, "state %q starts a state machine, which is only exported for --operators mulgil and by a literal name", n.s.name).
			WithHint("Airflow's own StepFunctionStartExecutionOperator does not wait for the end")
	}
	c := command{words: []string{"workflow", "run", shellQuote(name[strings.LastIndex(name, ":")+1:])}}
	if in, err := arg.field("Input"); err == nil {
		if err := w.usable(n, in, "Input"); err != nil {
			return o, result, err
		}
		c.words = append(c.words, "--input")
		c.word("", value{kind: joined, items: []value{in}}, "INPUT")
	}
	return w.bash("BashOperator", c, ""), unknown("it is known once the task %q has run", n.s.name), nil
}

// wait writes a Wait.
func (w *writer) wait(n *node, in value) (operator, error) {
	s := n.s
	sc := scope{in, contextOf(w.o.Name, s.name)}
	at := text(s.Timestamp)
	path := s.SecondsPath
	if s.TimestampPath != "" {
		path = s.TimestampPath
	}
	var v value
	if path != "" {
		var err error
		if v, err = sc.eval(path); err != nil {
			return operator{}, w.fail(s.name, "state %q: %w", s.name, err)
		}
		if err := w.usable(n, v, path); err != nil {
			return operator{}, err
		}
		at = v
	}
	if s.Timestamp != "" || s.TimestampPath != "" {
		w.need("DateTimeSensor")
		o := operator{class: "DateTimeSensor"}
		o.add("target_time=%s", pyText(at.template()))
		return o, nil
	}
	w.need("BashOperator")
	o := operator{class: "BashOperator"}
	if s.Seconds != nil {
		o.add("bash_command=%s", pyText("sleep "+number(*s.Seconds)))
		return o, nil
	}
	o.add("bash_command=%s", pyText(`sleep "$ARG_SECONDS"`))
	o.add("env=%s", dict(map[string]string{"ARG_SECONDS": v.template()}))
	o.add("append_env=True")
	return o, nil
}

// failing writes a Fail.
func (w *writer) failing(n *node, in value) (operator, error) {
	sc := scope{in, contextOf(w.o.Name, n.s.name)}
	said := map[string]string{}
	for _, f := range []struct{ name, literal, path string }{{"error", n.s.Error, n.s.ErrorPath}, {"cause", n.s.Cause, n.s.CausePath}} {
		v := text(f.literal)
		if f.path != "" {
			var err error
			if v, err = sc.expr(f.path); err != nil {
				return operator{}, w.fail(n.s.name, "state %q: %w", n.s.name, err)
			}
			if v.known() != "" {
				w.warn(n, "%s is %s, which is only known to the task that failed; its log has it", f.name, f.path)
				v = text("see the task that failed")
			} else if err := w.usable(n, v, f.path); err != nil {
				return operator{}, err
			}
		}
		said[f.name] = v.template()
	}
	w.need("PythonOperator")
	w.helpers["fail"] = true
	o := operator{class: "PythonOperator"}
	o.add("python_callable=fail")
	o.add("op_kwargs=%s", dict(said))
	return o, nil
}

// patience are a state's retries and timeout as Airflow has them.
func (w *writer) patience(n *node) (out []string) {
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	s := n.s
	if s.TimeoutSeconds != nil {
		add("execution_timeout=timedelta(seconds=%s)", number(*s.TimeoutSeconds))
	}
	if s.HeartbeatSeconds != nil {
		w.warn(n, "HeartbeatSeconds has no counterpart in Airflow and is left out")
	}
	if len(s.Retry) == 0 {
		return out
	}
	r := s.Retry[0]
	for _, x := range s.Retry {
		if everyError(x.ErrorEquals) {
			r = x
			break
		}
	}
	if len(s.Retry) > 1 {
		w.warn(n, "Airflow has one rule for retries: the DAG has that for %s", strings.Join(r.ErrorEquals, ", "))
	}
	if !everyError(r.ErrorEquals) {
		w.warn(n, "Airflow retries after any error, not only %s", strings.Join(r.ErrorEquals, ", "))
	}
	attempts, interval, rate := 3.0, 1.0, 2.0
	for _, f := range []struct {
		to   *float64
		from *float64
	}{{&attempts, r.MaxAttempts}, {&interval, r.IntervalSeconds}, {&rate, r.BackoffRate}} {
		if f.from != nil {
			*f.to = *f.from
		}
	}
	add("retries=%s", number(attempts))
	if attempts == 0 {
		return out
	}
	add("retry_delay=timedelta(seconds=%s)", number(interval))
	if rate > 1 {
		add("retry_exponential_backoff=True")
		if rate != 2 {
			w.warn(n, "Airflow doubles the delay between retries; BackoffRate %s is not kept", number(rate))
		}
	}
	if r.MaxDelaySeconds != nil {
		add("max_retry_delay=timedelta(seconds=%s)", number(*r.MaxDelaySeconds))
	}
	return out
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
