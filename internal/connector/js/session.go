package js

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/dop251/goja"
)

// session is what one machine keeps between evaluations, and the state of the
// evaluation that runs.
type session struct {
	vm       *goja.Runtime
	limits   *Options
	compile  goja.Callable
	programs *bounded[*compiled]

	values *exchange
	spent  int64
}

type compiled struct {
	evaluate goja.Callable
	refs     references
}

// references mirrors what jsonata.js finds.
type references struct {
	Variables []reference `json:"variables"`
	Functions []reference `json:"functions"`
	Names     []reference `json:"names"`
	// Parent says that the operator % is used, which reads what stands above a path.
	Parent bool `json:"parent"`
}

type reference struct {
	Name     string   `json:"name"`
	Path     []string `json:"path"`
	Position int      `json:"position"`
}

// newSession sets up a machine that has run the library; glue is jsonata.js.
func newSession(vm *goja.Runtime, glue *goja.Program, limits *Options) (*session, error) {
	s := &session{vm: vm, limits: limits, programs: newBounded[*compiled](limits.Cache), values: newExchange(vm)}
	vm.SetTimeSource(limits.Now)
	vm.SetRandSource(s.random)
	host := vm.NewObject()
	for name, f := range map[string]any{
		"meter": s.meter, "glance": s.glance, "range": s.span, "partition": s.partition,
		"parse": s.parse, "hash": s.hash, "random": s.seeded, "uuid": s.uuid,
		"clock": clock, "matched": s.matched,
		"base64encode": base64encode, "base64decode": base64decode,
	} {
		if err := host.Set(name, f); err != nil {
			return nil, err
		}
	}
	if err := vm.Set("host", host); err != nil {
		return nil, err
	}
	entry, err := vm.RunProgram(glue)
	if err != nil {
		return nil, fmt.Errorf("start the JSONata library: %w", err)
	}
	o := entry.ToObject(vm)
	replace, _ := goja.AssertFunction(o.Get("replace"))
	own, err := settled(replace(o))
	if err != nil {
		return nil, fmt.Errorf("start the JSONata library: %w", err)
	}
	if err := host.Set("replace", own); err != nil {
		return nil, err
	}
	s.compile, _ = goja.AssertFunction(o.Get("compile"))
	return s, nil
}

// settled reads a promise whose jobs have run.
func settled(v goja.Value, err error) (goja.Value, error) {
	if err != nil {
		return nil, err
	}
	p, ok := v.Export().(*goja.Promise)
	if !ok {
		return v, nil
	}
	switch p.State() {
	case goja.PromiseStateFulfilled:
		return p.Result(), nil
	case goja.PromiseStateRejected:
		return nil, &thrown{p.Result()}
	}
	return nil, errors.New("the JSONata library waits for something that never comes")
}

// thrown is a JavaScript value that a promise was rejected with.
type thrown struct{ value goja.Value }

func (t *thrown) Error() string { return t.value.String() }

// raise throws as the library does: it adds to what is thrown.
func (s *session) raise(code, message string) {
	o := s.vm.NewObject()
	o.Set("message", message)
	if code != "" {
		o.Set("code", code)
	}
	panic(o)
}

// glance fails when one value is too big.
func (s *session) glance(bytes int64) {
	if bytes > s.limits.Bytes {
		s.raise("D2015", "")
	}
}

// totalFactor is how many values of the allowed size one evaluation may make.
const totalFactor = 16

// meter counts a value about to be made.
func (s *session) meter(bytes int64) {
	s.glance(bytes)
	if s.spent += bytes; s.spent > totalFactor*s.limits.Bytes {
		s.raise("D2015", "")
	}
}

// matchLimit is the time one match of a regular expression may take.
const matchLimit = 2 * time.Second

var started = time.Now()

func clock() int64 { return int64(time.Since(started)) }

// matched fails when a match that began then was given up. The engine's clock is
// coarse, so half the limit counts.
func (s *session) matched(began int64) {
	if clock()-began >= int64(matchLimit/2) {
		s.raise("D1012", "")
	}
}

func (s *session) random() float64 {
	var b [8]byte
	if _, err := s.limits.Random.Read(b[:]); err != nil {
		panic(s.vm.NewGoError(err))
	}
	var n uint64
	for _, x := range b {
		n = n<<8 | uint64(x)
	}
	return float64(n>>11) / (1 << 53)
}

// program compiles an expression, or finds it compiled.
func (s *session) program(text string) (*compiled, error) {
	if c, ok := s.programs.get(text); ok {
		return c, nil
	}
	v, err := s.compile(goja.Undefined(), s.vm.ToValue(text), s.vm.ToValue(s.limits.Depth), s.vm.ToValue(s.limits.Elements))
	if err != nil {
		return nil, err
	}
	o := v.ToObject(s.vm)
	c := new(compiled)
	c.evaluate, _ = goja.AssertFunction(o.Get("evaluate"))
	if err := json.Unmarshal([]byte(o.Get("references").String()), &c.refs); err != nil {
		return nil, err
	}
	s.programs.put(text, c)
	return c, nil
}

// eval runs one expression. doc is the JSON text of what $$ names, "" for none,
// as in Step Functions.
func (s *session) eval(text, doc string, bindings map[string]any) (any, bool, error) {
	c, err := s.program(text)
	if err != nil {
		return nil, false, err
	}
	arg := s.vm.CreateObject(nil)
	for name, v := range c.refs.needed(bindings) {
		converted, err := s.values.in(v)
		if err != nil {
			return nil, false, err
		}
		if err := arg.Set(name, converted); err != nil {
			return nil, false, err
		}
	}
	input := goja.Undefined()
	if doc != "" {
		if input, err = s.document(doc); err != nil {
			return nil, false, err
		}
	}
	v, err := settled(c.evaluate(goja.Undefined(), input, arg))
	if err != nil {
		return nil, false, err
	}
	return s.values.out(v, 0)
}

// needed picks the bindings that the expression names, and of an object of
// which it reads members only, those members.
func (r references) needed(bindings map[string]any) map[string]any {
	need := make(map[string]any)
	members := make(map[string]map[string]bool)
	for _, ref := range r.Variables {
		v, ok := bindings[ref.Name]
		if !ok {
			continue
		}
		if _, isObject := v.(map[string]any); !isObject || r.Parent || len(ref.Path) == 0 {
			need[ref.Name] = v
			continue
		}
		if members[ref.Name] == nil {
			members[ref.Name] = map[string]bool{}
		}
		members[ref.Name][ref.Path[0]] = true
	}
	for name, wanted := range members {
		if _, whole := need[name]; !whole {
			need[name] = only(bindings[name].(map[string]any), wanted)
		}
	}
	return need
}

func only(whole map[string]any, wanted map[string]bool) map[string]any {
	part := make(map[string]any, len(wanted))
	for k := range wanted {
		if v, ok := whole[k]; ok {
			part[k] = v
		}
	}
	return part
}
