package workflow

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sort"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/asl"
	"github.com/mulgil/mulgil/internal/port"
)

// Limits are AWS's; zero takes the usual value, a negative one lifts the limit.
type Limits struct {
	// Payload is the greatest input, output or result in bytes: 262144.
	Payload int
	// Events is the greatest number of events of one execution: 25000.
	Events int64
	// Children is how many children of one map run work at once at most, where
	// the Map asks for more or says nothing: 1000.
	Children int
}

// Options say what an Engine works with.
type Options struct {
	// Store is the state database; the engine does not close it.
	Store port.Store
	// Clock is the system's if nil.
	Clock base.Clock
	// Tasks maps a resource to what does it. A key that ends in * serves every
	// resource that begins like it and has no key of its own.
	Tasks map[string]TaskFunc
	// Log may be nil.
	Log *slog.Logger
	// Report receives a Progress when a state is entered and left; Run is the
	// execution. It must not call the engine.
	Report base.Report
	Limits Limits
	// Ended, if set, hears of every execution that ended, children of Maps and
	// EXPRESS ones apart, in the transaction that records its end. It must only
	// touch tx.
	Ended func(tx *sql.Tx, x Execution) error
	// Query evaluates JSONata; without it machines that use JSONata are refused.
	Query asl.Evaluator
	// Objects is the storage of ItemReader and ResultWriter; may be nil.
	Objects Objects
	// Region and Account stand in ARNs; "local" and "000000000000" if empty.
	Region, Account string
}

// Engine interprets executions. Safe for concurrent use. Only one engine may
// work on a store at a time.
type Engine struct {
	opts  Options
	setup setup

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	idle   sync.WaitGroup // runners and their tasks

	mu       sync.Mutex // guards runners, closed and machines
	runners  map[string]*runner
	closed   bool
	machines map[string]*asl.Machine // parsed definitions, by text

	journal    *journal
	tokens     *tokens
	activities *activities
}

// Open prepares the store's tables. Executions that were running stay as they
// are until ResumeAll. The engine outlives ctx; end it with Close.
func Open(ctx context.Context, o Options) (*Engine, error) {
	if err := o.Store.Migrate(ctx, "workflow", schema()); err != nil {
		return nil, err
	}
	if o.Clock == nil {
		o.Clock = base.SystemClock{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	e := &Engine{opts: o, runners: map[string]*runner{}, machines: map[string]*asl.Machine{}}
	e.setup = setup{region: o.Region, account: o.Account, maxPayload: o.Limits.Payload, maxEvents: o.Limits.Events, random: rand.Reader, query: o.Query}
	if e.setup.region == "" {
		e.setup.region = "local"
	}
	if e.setup.account == "" {
		e.setup.account = "000000000000"
	}
	if o.Limits.Payload == 0 {
		e.setup.maxPayload = 256 << 10
	}
	if o.Limits.Events == 0 {
		e.setup.maxEvents = 25000
	}
	if e.opts.Limits.Children <= 0 {
		e.opts.Limits.Children = 1000
	}
	e.setup.maxPayload, e.setup.maxEvents = max(e.setup.maxPayload, 0), max(e.setup.maxEvents, 0)
	var err error
	if e.tokens, err = openTokens(ctx, o.Store.Update); err != nil {
		return nil, fmt.Errorf("open the workflow engine: %w", err)
	}
	if err := e.openActivities(ctx); err != nil {
		return nil, fmt.Errorf("open the workflow engine: %w", err)
	}
	e.setup.token, e.setup.activity = e.tokens.make, e.activities.has
	e.ctx, e.cancel = context.WithCancel(context.WithoutCancel(ctx))
	e.journal = &journal{update: e.update, ended: o.Ended, in: make(chan *entry)}
	e.idle.Add(1)
	go func() {
		defer e.idle.Done()
		e.journal.loop(e.ctx)
	}()
	return e, nil
}

// ARN is that of something of this engine's: "execution:WORKFLOW:NAME",
// "stateMachine:NAME", "activity:NAME".
func (e *Engine) ARN(rest string) string { return e.setup.arn(rest) }

func errClosed() error { return base.Errorf(base.Unavailable, "the workflow engine is closed") }

// Close stops interpreting and waits until running tasks have returned. What
// was running stays RUNNING and can be resumed. Safe to call twice.
func (e *Engine) Close() {
	e.mu.Lock()
	e.closed = true
	e.mu.Unlock()
	e.cancel()
	e.idle.Wait()
}

// StartInput says what to run.
type StartInput struct {
	// Workflow is the machine's name.
	Workflow string
	// Definition is its text; the execution keeps it.
	Definition string
	// File names the text's place in messages; Workflow + ".asl.json" if empty.
	File string
	// Name makes starting idempotent: the same name and input give the
	// execution that exists, another input or From is an error (base.Exists, code
	// ExecutionAlreadyExists). Empty: a new name.
	Name string
	// Input is JSON; empty means {}.
	Input json.RawMessage
	// From is the state of the machine itself, not of one inside another, that
	// it begins at instead of StartAt; Input is that state's. States before it
	// are not run, nor their variables set.
	From string
	// Express runs it as a machine of the type EXPRESS: in memory, without a
	// history, at most five minutes. Names are not unique then.
	Express bool
	// Also, if set, runs in the transaction that records a new execution.
	Also func(tx *sql.Tx, x Execution) error
}

// Start records an execution durably and begins to interpret it. A bad
// definition gives base.Errors with places.
func (e *Engine) Start(ctx context.Context, in StartInput) (Execution, error) {
	if e.ctx.Err() != nil {
		return Execution{}, errClosed()
	}
	x, m, err := e.prepare(in)
	if err != nil {
		return Execution{}, err
	}
	if in.Express {
		x.ID += ":" + uuid.NewString()
		_, err = e.launch(x, m, nil)
		return x, err
	}
	fresh := false
	err = e.opts.Store.Update(ctx, func(tx *sql.Tx) error {
		list, err := queryExecutions(ctx, tx, "WHERE e.id = ?", x.ID)
		if err != nil {
			return err
		}
		if len(list) > 0 && list[0].Status == expired {
			return base.Errorf(base.Unavailable, "the execution %q of %q is being removed, since it is old", x.Name, x.Workflow).WithHint("try again in a moment")
		}
		if len(list) > 0 {
			if !bytes.Equal(list[0].Input, x.Input) || list[0].From != x.From {
				return base.Errorf(base.Exists, "an execution %q of %q exists already, with another input or beginning", x.Name, x.Workflow).
					WithCode("ExecutionAlreadyExists").WithHint("leave the name out or choose another one")
			}
			x = list[0]
			return nil
		}
		fresh = true
		if err := insertExecution(tx, x); err != nil {
			return err
		}
		if in.Also != nil {
			return in.Also(tx, x)
		}
		return nil
	})
	if err != nil {
		return Execution{}, fmt.Errorf("start %s: %w", in.Workflow, err)
	}
	if !fresh {
		return x, nil
	}
	_, err = e.launch(x, m, nil)
	return x, err
}

// RunExpress runs an EXPRESS execution and returns how it ended. Nothing of it
// is kept; if ctx ends first the execution is stopped.
func (e *Engine) RunExpress(ctx context.Context, in StartInput) (Execution, error) {
	in.Express = true
	x, m, err := e.prepare(in)
	if err != nil {
		return Execution{}, err
	}
	x.ID += ":" + uuid.NewString()
	w, err := e.launch(x, m, nil)
	if err != nil {
		return Execution{}, err
	}
	select {
	case <-w.done:
		return w.run.exec, w.err
	case <-ctx.Done():
		_ = w.stop(context.WithoutCancel(ctx), Details{})
		return Execution{}, ctx.Err()
	}
}

func (e *Engine) prepare(in StartInput) (Execution, *asl.Machine, error) {
	if in.File == "" {
		in.File = in.Workflow + ".asl.json"
	}
	m, err := e.machine(in.File, in.Definition, in.Express)
	if err == nil {
		err = e.Check(m)
	}
	if err != nil {
		return Execution{}, nil, err
	}
	if err := m.CheckStart(in.From); err != nil {
		return Execution{}, nil, err
	}
	if in.Name == "" {
		in.Name = uuid.NewString()
	}
	for what, name := range map[string]string{"workflow": in.Workflow, "execution": in.Name} {
		if err := checkName(what, name); err != nil {
			return Execution{}, nil, err
		}
	}
	if len(in.Input) == 0 {
		in.Input = json.RawMessage("{}")
	}
	v, err := asl.Decode(in.Input)
	if err != nil {
		return Execution{}, nil, base.Errorf(base.Usage, "the input is not JSON: %w", err).WithCode("InvalidExecutionInput")
	}
	input := asl.Encode(v)
	if p := e.setup.maxPayload; p > 0 && len(input) > p {
		return Execution{}, nil, base.Errorf(base.Usage, "the input has %d bytes, more than the %d that are allowed", len(input), p).WithCode("InvalidExecutionInput")
	}
	return Execution{ID: in.Workflow + ":" + in.Name, Workflow: in.Workflow, Name: in.Name, Status: Running,
		Started: e.opts.Clock.Now().UTC(), Input: input, From: in.From, Definition: in.Definition, Express: in.Express}, m, nil
}

// Parse reads a definition for this engine: its mistakes, also those of JSONata
// expressions and of resources that nobody serves, come all at once as base.Errors.
func (e *Engine) Parse(file, definition string, express bool) (*asl.Machine, error) {
	m, err := e.machine(file, definition, express)
	if err == nil {
		err = e.Check(m)
	}
	return m, err
}

// maxMachines is how many parsed definitions are kept.
const maxMachines = 1000

// machine parses a definition; those it met lately it knows already.
func (e *Engine) machine(file, definition string, express bool) (*asl.Machine, error) {
	key := fmt.Sprint(express) + file + "\x00" + definition
	e.mu.Lock()
	m := e.machines[key]
	e.mu.Unlock()
	if m != nil {
		return m, nil
	}
	m, err := asl.ParseAs(file, []byte(definition), asl.Options{Express: express, CheckQuery: e.checkQuery})
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	if len(e.machines) >= maxMachines {
		clear(e.machines)
	}
	e.machines[key] = m
	e.mu.Unlock()
	return m, nil
}

func (e *Engine) checkQuery(expr string) error {
	if e.opts.Query == nil {
		return errors.New("there is no JSONata evaluator here")
	}
	return e.opts.Query.Check(e.ctx, expr)
}

// checkName holds names to AWS's rules: 1 to 80 characters, no white space, no
// wildcards, brackets or separators.
func checkName(what, name string) error {
	bad := strings.IndexFunc(name, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("<>{}[]?*\"#%\\^|~`$&,;:/", r)
	})
	if n := utf8.RuneCountInString(name); bad >= 0 || n < 1 || n > 80 || !utf8.ValidString(name) {
		return base.Errorf(base.Usage, "%q cannot be the %s's name", name, what).WithCode("InvalidName").
			WithHint("1 to 80 letters, digits, - and _; no white space and none of < > { } [ ] ? * \" # %% \\ ^ | ~ ` $ & , ; : /")
	}
	return nil
}

// Check refuses a machine with tasks that no TaskFunc serves, each with its place.
func (e *Engine) Check(m *asl.Machine) error {
	known := make([]string, 0, len(e.opts.Tasks))
	for k := range e.opts.Tasks {
		known = append(known, k)
	}
	return CheckResources(m, known)
}

// CheckResources refuses tasks whose resource is not among known; one that
// ends in * stands for every resource that begins like it. The error is base.Errors.
func CheckResources(m *asl.Machine, known []string) error {
	sort.Strings(known)
	var errs base.Errors
	for _, t := range m.Tasks() {
		served := asl.IsActivity(t.Resource) || slices.ContainsFunc(known, func(k string) bool {
			p, any := strings.CutSuffix(k, "*")
			return k == t.Resource || any && strings.HasPrefix(t.Resource, p)
		})
		if !served {
			x := base.Errorf(base.Invalid, "state %q: the resource %q is not supported", t.State, t.Resource).
				At(t.Place).WithHint("%s", supported(t.Resource, known)).WithCode("SCHEMA_VALIDATION_FAILED")
			x.Err = &asl.Diagnostic{Code: x.Code, Location: t.Path + "/Resource", Severity: "ERROR",
				Message: fmt.Sprintf("The resource provided %s is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.", t.Resource)}
			errs = append(errs, x)
		}
	}
	return errs.Err()
}

// supported names what of the resource's service is known, or which services are.
func supported(resource string, known []string) string {
	var of, services []string
	for _, k := range known {
		s, action := service(k)
		if s == "" {
			continue
		}
		if !slices.Contains(services, s) {
			services = append(services, s)
		}
		if wanted, _ := service(resource); s == wanted {
			of = append(of, action)
		}
	}
	if len(of) > 0 {
		wanted, _ := service(resource)
		return fmt.Sprintf("supported of %s: %s", wanted, strings.Join(of, ", "))
	}
	return "supported services: " + strings.Join(services, ", ")
}

// service parts "arn:aws:states:::aws-sdk:glue:getCrawler" into "aws-sdk:glue"
// and "getCrawler"; the ARN of a function is of the service lambda.
func service(resource string) (service, action string) {
	rest, ok := strings.CutPrefix(resource, "arn:aws:states:::")
	if !ok {
		if strings.HasPrefix(resource, "arn:aws:lambda:") {
			return "lambda", "the ARN of a function"
		}
		return "", ""
	}
	i := strings.LastIndexByte(strings.TrimSuffix(rest, ":2"), ':')
	if i < 0 {
		return rest, ""
	}
	return rest[:i], rest[i+1:]
}

func (e *Engine) taskFunc(resource string) TaskFunc {
	if f := e.opts.Tasks[resource]; f != nil {
		return f
	}
	var best TaskFunc
	length := 0
	for k, f := range e.opts.Tasks {
		if p, ok := strings.CutSuffix(k, "*"); ok && strings.HasPrefix(resource, p) && len(k) > length {
			best, length = f, len(k)
		}
	}
	return best
}

// Get reads one execution; base.NotFound if there is none.
func (e *Engine) Get(ctx context.Context, id string) (Execution, error) {
	return queryExecution(ctx, e.opts.Store.Reader(), id)
}

// List reads executions, newest first.
func (e *Engine) List(ctx context.Context, f Filter) ([]Execution, error) {
	limit := -1
	if f.Limit > 0 {
		limit = f.Limit
	}
	return queryExecutions(ctx, e.opts.Store.Reader(),
		"WHERE e.map_run = ?4 AND (?1 = '' OR e.workflow = ?1) AND (?2 = '' OR e.status = ?2) AND e.status <> 'EXPIRED' ORDER BY e.started DESC, e.id LIMIT ?3", f.Workflow, f.Status, limit, f.MapRun)
}

// History reads an execution's events in order.
func (e *Engine) History(ctx context.Context, id string) ([]Event, error) {
	if _, err := e.Get(ctx, id); err != nil {
		return nil, err
	}
	records, err := queryRecords(ctx, e.opts.Store.Reader(), id)
	if err != nil {
		return nil, err
	}
	var out []Event
	for _, r := range records {
		if r.ID > 0 {
			out = append(out, r.Event)
		}
	}
	return out, nil
}

// Wait returns once the execution is over. It fails if ctx ends, if the engine
// is closed, or if the execution runs but was not resumed (base.Conflict).
func (e *Engine) Wait(ctx context.Context, id string) (Execution, error) {
	if r := e.runner(id); r != nil {
		select {
		case <-ctx.Done():
			return Execution{}, ctx.Err()
		case <-r.done:
		}
		if r.err != nil {
			return Execution{}, r.err
		}
	}
	x, err := e.Get(ctx, id)
	if err == nil && x.Status == Running {
		err = base.Errorf(base.Conflict, "execution %s is running but not being interpreted here", id).WithHint("resume it first")
	}
	return x, err
}

func (e *Engine) runner(id string) *runner {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.runners[id]
}

// Stop records ExecutionAborted and ends the contexts of running tasks. An
// execution that is over stays as it is.
func (e *Engine) Stop(ctx context.Context, id, errName, cause string) error {
	d := Details{}
	if errName != "" {
		d.Error = &errName
	}
	if cause != "" {
		d.Cause = &cause
	}
	if r := e.runner(id); r != nil {
		return r.stop(ctx, d)
	}
	x, err := e.Get(ctx, id)
	if err != nil || x.Status != Running {
		return err
	}
	r, err := e.load(ctx, x)
	if err != nil {
		return err
	}
	rec := r.record(nil, "ExecutionAborted", r.lastID, d, own{}, e.opts.Clock.Now())
	return e.journal.append(ctx, x, rec)
}
