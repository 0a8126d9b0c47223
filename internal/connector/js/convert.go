package js

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/dop251/goja"
)

// exchange carries values into a machine and out again. A list or an object that
// comes out untouched is the very value that went in. A number has its own
// spelling there; taken out of it, it is spelled as JavaScript does (1.0 is 1),
// but one of more than 15 digits keeps its text, so that no digit is lost.
type exchange struct {
	vm      *goja.Runtime
	origins map[*goja.Object]any
	// texts has the numbers of more than 15 digits; "" where two share a float64.
	texts map[uint64]string
}

func newExchange(vm *goja.Runtime) *exchange {
	return &exchange{vm: vm, origins: map[*goja.Object]any{}, texts: map[uint64]string{}}
}

const maxExact = 1 << 53

// in converts a JSON value: nil, bool, string, json.Number, []any, map[string]any.
// Objects have no prototype, so no name but their own keys is found in them.
func (x *exchange) in(v any) (goja.Value, error) {
	switch v := v.(type) {
	case nil:
		return goja.Null(), nil
	case bool, string:
		return x.vm.ToValue(v), nil
	case json.Number:
		return x.number(v)
	case int:
		return x.number(json.Number(strconv.Itoa(v)))
	case int64:
		return x.number(json.Number(strconv.FormatInt(v, 10)))
	case float64:
		return x.vm.ToValue(v), nil
	case []any:
		items := make([]any, len(v))
		for i, item := range v {
			c, err := x.in(item)
			if err != nil {
				return nil, err
			}
			items[i] = c
		}
		o := x.vm.NewArray(items...)
		x.origins[o] = v
		return o, nil
	case map[string]any:
		o := x.vm.CreateObject(nil)
		for _, k := range sortedKeys(v) {
			c, err := x.in(v[k])
			if err != nil {
				return nil, err
			}
			if err := o.Set(k, c); err != nil {
				return nil, err
			}
		}
		x.origins[o] = v
		return o, nil
	}
	return nil, fmt.Errorf("a JSONata variable holds a %T, which is not a JSON value", v)
}

// read makes the value of a JSON text.
func (x *exchange) read(d *json.Decoder, depth int) (goja.Value, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("nested deeper than %d levels", maxDepth)
	}
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('['):
		var items []any
		for d.More() {
			item, err := x.read(d, depth+1)
			if err != nil {
				return nil, err
			}
			items = append(items, item)
		}
		_, err = d.Token()
		return x.vm.NewArray(items...), err
	case json.Delim('{'):
		o := x.vm.CreateObject(nil)
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return nil, err
			}
			item, err := x.read(d, depth+1)
			if err != nil {
				return nil, err
			}
			if err := o.Set(key.(string), item); err != nil {
				return nil, err
			}
		}
		_, err = d.Token()
		return o, err
	}
	return x.in(t)
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (x *exchange) number(n json.Number) (goja.Value, error) {
	text := string(n)
	if i, err := strconv.ParseInt(text, 10, 64); err == nil && i > -maxExact && i < maxExact && text != "-0" {
		return x.vm.ToValue(i), nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil && !math.IsInf(f, 0) {
		return nil, fmt.Errorf("a JSONata variable holds %q, which is not a number", text)
	}
	if digits(text) > 15 || math.IsInf(f, 0) {
		bits := math.Float64bits(f)
		if known, seen := x.texts[bits]; seen && known != text {
			text = ""
		}
		x.texts[bits] = text
	}
	return x.vm.ToValue(f), nil
}

// digits counts those that matter: 15 always survive in a float64.
func digits(text string) int {
	mantissa, _, _ := strings.Cut(strings.ToLower(text), "e")
	mantissa = strings.TrimLeft(strings.Replace(mantissa, ".", "", 1), "-0")
	return len(mantissa)
}

// maxDepth bounds nesting of a result.
const maxDepth = 1000

// out converts back. defined is false for undefined; a function is an *Error.
func (x *exchange) out(v goja.Value, depth int) (value any, defined bool, err error) {
	if v == nil || goja.IsUndefined(v) {
		return nil, false, nil
	}
	if goja.IsNull(v) {
		return nil, true, nil
	}
	if depth > maxDepth {
		return nil, false, errDepth
	}
	o, ok := v.(*goja.Object)
	if !ok {
		value, err = x.scalar(v)
		return value, err == nil, err
	}
	if origin, ok := x.origins[o]; ok {
		return origin, true, nil
	}
	switch {
	case o.ClassName() == "Array":
		value, err = x.outArray(o, depth)
	case o.ClassName() == "Function" || isFunction(o):
		err = &Error{Msg: "the expression gave a function, which is not a JSON value", Offset: -1, NotJSON: true}
	default:
		value, err = x.outObject(o, depth)
	}
	return value, err == nil, err
}

// isFunction knows the library's functions, lambdas and regular expressions.
func isFunction(o *goja.Object) bool {
	return o.Get("_jsonata_function") != nil || o.Get("_jsonata_lambda") != nil
}

func (x *exchange) outArray(o *goja.Object, depth int) (any, error) {
	n := int(o.Get("length").ToInteger())
	list := make([]any, n)
	for i := range list {
		item, _, err := x.out(o.Get(strconv.Itoa(i)), depth+1)
		if err != nil {
			return nil, err
		}
		list[i] = item
	}
	return list, nil
}

func (x *exchange) outObject(o *goja.Object, depth int) (any, error) {
	keys := o.Keys()
	m := make(map[string]any, len(keys))
	for _, k := range keys {
		item, defined, err := x.out(o.Get(k), depth+1)
		if err != nil {
			return nil, err
		}
		if defined {
			m[k] = item
		}
	}
	return m, nil
}

func (x *exchange) scalar(v goja.Value) (any, error) {
	switch e := v.Export().(type) {
	case bool, string:
		return e, nil
	case int64:
		return x.numberOut(float64(e)), nil
	case float64:
		return x.numberOut(e), nil
	}
	return nil, &Error{Msg: fmt.Sprintf("the expression gave %s, which is not a JSON value", v), Offset: -1, NotJSON: true}
}

func (x *exchange) numberOut(f float64) any {
	if text := x.texts[math.Float64bits(f)]; text != "" {
		return json.Number(text)
	}
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return numberText(f) // AWS writes "Infinity"
	}
	return json.Number(numberText(f))
}

// numberText spells a number as JavaScript does: 1, 0.1, 1e+21, 1e-7.
func numberText(f float64) string {
	switch a := math.Abs(f); {
	case f == 0:
		return "0"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case math.IsNaN(f):
		return "NaN"
	case a >= 1e21 || a < 1e-6:
		mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'e', -1, 64), "e")
		return mantissa + "e" + exponent[:1] + strings.TrimLeft(exponent[1:], "0")
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}
