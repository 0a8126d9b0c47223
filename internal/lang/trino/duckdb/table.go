package duckdb

import (
	"sort"
	"strconv"
	"strings"
	"sync"

	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// overload is one line of the function table.
type overload struct {
	sig *signature
	// Exactly one of scalar, aggregate and window lowers a call.
	scalar    func(c *invocation) (string, error)
	aggregate func(a *aggregation) (string, error)
	window    func(a *aggregation) (string, error)
	// returns overrides the signature's result type.
	returns func(c *invocation) types.Type
	// volatile calls may answer differently each time.
	volatile bool
}

// invocation is a call of a scalar function: arguments coerced to the
// signature's parameters, lambdas bound.
type invocation struct {
	b    *binder
	n    callNode
	args []expr
	m    *binding
	ret  types.Type
}

// sql is the i-th argument's SQL.
func (c *invocation) sql(i int) string { return c.args[i].sql }

// raise fails with INVALID_FUNCTION_ARGUMENT; the value stands for the result.
func (c *invocation) raise(message string) string {
	return c.b.raise(c.ret, "INVALID_FUNCTION_ARGUMENT", message)
}

// lambda is the i-th argument as the engine writes lambdas.
func (c *invocation) lambda(i int) string {
	return "lambda " + strings.Join(c.args[i].lambda, ", ") + ": " + c.args[i].sql
}

// constant is the i-th argument if it is a text known when binding.
func (c *invocation) constant(i int) (string, bool) {
	s, ok := c.args[i].val.(string)
	return s, ok
}

// def adds a function to a family's list.
type family []*overload

// t adds a scalar function lowered by a template: $1, $2, ... are the
// arguments' SQL, $* all of them with commas, mg_x( a Go function.
func (f *family) t(sig, template string) *overload {
	return f.f(sig, func(c *invocation) (string, error) { return c.expand(template), nil })
}

// f adds a scalar function lowered by code.
func (f *family) f(sig string, lower func(c *invocation) (string, error)) *overload {
	o := &overload{sig: parseSignature(sig), scalar: lower}
	*f = append(*f, o)
	return o
}

// a adds an aggregate; lower builds it from a.call.
func (f *family) a(sig string, lower func(a *aggregation) (string, error)) *overload {
	o := &overload{sig: parseSignature(sig), aggregate: lower}
	*f = append(*f, o)
	return o
}

// w adds a window function.
func (f *family) w(sig string, lower func(a *aggregation) (string, error)) *overload {
	o := &overload{sig: parseSignature(sig), window: lower}
	*f = append(*f, o)
	return o
}

// result sets how the result type is computed where variables do not say it.
func (o *overload) result(r func(c *invocation) types.Type) *overload {
	o.returns = r
	return o
}

// isVolatile marks a function whose answer may change.
func (o *overload) isVolatile() *overload {
	o.volatile = true
	return o
}

// expand fills a template.
func (c *invocation) expand(template string) string {
	var out strings.Builder
	for i := 0; i < len(template); i++ {
		if template[i] != '$' || i+1 == len(template) {
			out.WriteByte(template[i])
			continue
		}
		i++
		if template[i] == '*' {
			out.WriteString(sqls(c.args))
			continue
		}
		n, _ := strconv.Atoi(template[i : i+1])
		if n < 1 || n > len(c.args) {
			panic("template " + template + ": no argument $" + template[i:i+1])
		}
		out.WriteString(c.args[n-1].sql)
	}
	text := out.String()
	c.b.note(text)
	return text
}

// note registers the Go functions a text calls.
func (b *binder) note(text string) {
	for rest := text; ; {
		i := strings.Index(rest, "mg_")
		if i < 0 {
			return
		}
		rest = rest[i:]
		j := 0
		for j < len(rest) && (rest[j] == '_' || rest[j] >= 'a' && rest[j] <= 'z' || rest[j] >= '0' && rest[j] <= '9') {
			j++
		}
		if j < len(rest) && rest[j] == '(' {
			b.funcs[rest[:j]] = true
		}
		rest = rest[j:]
	}
}

// functions is the whole table by name; set in init, since lowering a call may look functions up.
var functions func() map[string][]*overload

func init() { functions = sync.OnceValue(allFunctions) }

func allFunctions() map[string][]*overload {
	out := map[string][]*overload{}
	for _, list := range [][]*overload{
		stringFunctions(), regexpFunctions(), jsonFunctions(), binaryFunctions(), urlFunctions(), conversionFunctions(), datetimeFunctions(), zoneFunctions(), arrayFunctions(),
		mapFunctions(), mathFunctions(), aggregateFunctions(), windowFunctions(), bitwiseFunctions(), networkFunctions(), teradataFunctions(),
	} {
		for _, o := range list {
			out[o.sig.name] = append(out[o.sig.name], o)
		}
	}
	return out
}

// FunctionInfo describes a function for reference pages and SHOW FUNCTIONS.
type FunctionInfo struct {
	Name, Signature, Kind string
}

// Functions lists what can be called, by name.
func Functions() []FunctionInfo {
	var out []FunctionInfo
	for name, list := range functions() {
		for _, o := range list {
			kind := "scalar"
			if o.aggregate != nil {
				kind = "aggregate"
			} else if o.window != nil {
				kind = "window"
			}
			out = append(out, FunctionInfo{Name: name, Signature: o.sig.text, Kind: kind})
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name+out[i].Signature < out[j].Name+out[j].Signature })
	return out
}

func functionNames() []string {
	var out []string
	for n := range functions() {
		out = append(out, n)
	}
	return out
}

// Parts are a function's argument types and its result type as documented.
func (f FunctionInfo) Parts() (args, result string) {
	open, end := strings.IndexByte(f.Signature, '('), 0
	depth := 0
	for i := open; i < len(f.Signature); i++ {
		switch f.Signature[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 && end == 0 {
				end = i
			}
		}
	}
	return f.Signature[open+1 : end], strings.TrimSpace(f.Signature[end+1:])
}
