package fn

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// pathRun evaluates one path over one value.
type pathRun struct {
	strict  bool
	context jsonValue
	passing jsonValue
	current []jsonValue // of @, innermost last
	sizes   []int       // of the arrays that last counts, innermost last
	objects int64       // for the ids of keyvalue()
	steps   int
}

// maxPathItems bounds what one evaluation goes through.
const maxPathItems = 10_000_000

func pathFault(format string, args ...any) error {
	return base.Errorf(base.Invalid, "path evaluation failed: "+format, args...).WithCode("PATH_EVALUATION_ERROR")
}

func (r *pathRun) eval(n *pathNode) ([]jsonValue, error) {
	if r.steps++; r.steps > maxPathItems {
		return nil, pathFault("too many items")
	}
	switch n.op {
	case pLiteral:
		return []jsonValue{n.value}, nil
	case pContext:
		return []jsonValue{r.context}, nil
	case pVariable:
		for i, k := range r.passing.keys {
			if k == n.text {
				return []jsonValue{r.passing.items[i]}, nil
			}
		}
		return nil, base.Errorf(base.Invalid, "no value passed for parameter %s", n.text).WithCode("INVALID_PATH")
	case pCurrent:
		if len(r.current) == 0 {
			return nil, pathFault("@ stands outside of a filter")
		}
		return []jsonValue{r.current[len(r.current)-1]}, nil
	case pLast:
		if len(r.sizes) == 0 {
			return nil, pathFault("last stands outside of a subscript")
		}
		return []jsonValue{whole(int64(r.sizes[len(r.sizes)-1] - 1))}, nil
	case pArithmetic:
		return r.arithmetic(n)
	}
	in, err := r.eval(n.args[0])
	if err != nil {
		return nil, err
	}
	return r.step(n, in)
}

func whole(v int64) jsonValue {
	return jsonValue{kind: jNumber, text: strconv.FormatInt(v, 10)}
}

// double is a number with an exponent, which marks doubles; an infinite one is
// written as what reads back so.
func double(v float64) jsonValue {
	s := strconv.FormatFloat(v, 'e', -1, 64)
	switch {
	case math.IsInf(v, 1):
		s = "1e999"
	case math.IsInf(v, -1):
		s = "-1e999"
	}
	return jsonValue{kind: jNumber, text: s}
}

// unwrap puts the elements of arrays in their place, in lax mode.
func (r *pathRun) unwrap(in []jsonValue) []jsonValue {
	if r.strict {
		return in
	}
	var out []jsonValue
	for i, v := range in {
		if v.kind == jArray {
			if out == nil {
				out = append(make([]jsonValue, 0, len(in)), in[:i]...)
			}
			out = append(out, v.items...)
		} else if out != nil {
			out = append(out, v)
		}
	}
	if out == nil {
		return in
	}
	return out
}

func (r *pathRun) step(n *pathNode, in []jsonValue) ([]jsonValue, error) {
	var out []jsonValue
	var err error
	add := func(v ...jsonValue) {
		out = append(out, v...)
		if r.steps += len(v); r.steps > maxPathItems {
			err = pathFault("too many items")
		}
	}
	items := in
	switch n.op {
	case pMember, pAnyMember, pFilter, pNegate, pPlus:
		items = r.unwrap(in)
	case pMethod:
		if n.text != "type" && n.text != "size" {
			items = r.unwrap(in)
		}
	}
	for _, v := range items {
		var got []jsonValue
		var e error
		switch n.op {
		case pMember, pAnyMember:
			got, e = r.members(n, v)
		case pDescendant:
			got = v.descendants(n.text, nil)
		case pAnyElement:
			got, e = r.elements(v)
		case pSubscript:
			got, e = r.subscript(n, v)
		case pFilter:
			got, e = r.filter(n, v)
		case pMethod:
			got, e = r.method(n.text, v)
		default:
			got, e = sign(n.op, v)
		}
		if add(got...); e != nil || err != nil {
			return nil, firstError(e, err)
		}
	}
	return out, nil
}

func firstError(errs ...error) error {
	for _, e := range errs {
		if e != nil {
			return e
		}
	}
	return nil
}

var kindNames = [...]string{"null", "boolean", "boolean", "number", "string", "array", "object"}

func (v jsonValue) typeName() string { return kindNames[v.kind] }

func (r *pathRun) members(n *pathNode, v jsonValue) ([]jsonValue, error) {
	if v.kind != jObject {
		if r.strict {
			return nil, pathFault("invalid item type, expected OBJECT, actual: %s", v.typeName())
		}
		return nil, nil
	}
	if n.op == pAnyMember {
		return v.items, nil
	}
	for i := len(v.keys) - 1; i >= 0; i-- {
		if v.keys[i] == n.text {
			return v.items[i : i+1], nil
		}
	}
	if r.strict {
		return nil, pathFault("structural error: missing member '%s' in JSON object", n.text)
	}
	return nil, nil
}

func (v jsonValue) descendants(name string, out []jsonValue) []jsonValue {
	for i, k := range v.keys {
		if k == name {
			out = append(out, v.items[i])
		}
	}
	for _, e := range v.items {
		out = e.descendants(name, out)
	}
	return out
}

func (r *pathRun) elements(v jsonValue) ([]jsonValue, error) {
	switch {
	case v.kind == jArray:
		return v.items, nil
	case r.strict:
		return nil, pathFault("invalid item type, expected ARRAY, actual: %s", v.typeName())
	}
	return []jsonValue{v}, nil
}

func (r *pathRun) subscript(n *pathNode, v jsonValue) ([]jsonValue, error) {
	items, err := r.elements(v)
	if err != nil {
		return nil, err
	}
	r.sizes = append(r.sizes, len(items))
	defer func() { r.sizes = r.sizes[:len(r.sizes)-1] }()
	var out []jsonValue
	for _, sub := range n.subs {
		from, err := r.index(sub[0])
		if err != nil {
			return nil, err
		}
		to := from
		if len(sub) == 2 {
			if to, err = r.index(sub[1]); err != nil {
				return nil, err
			}
		}
		if r.strict && (from < 0 || to < from || to >= int64(len(items))) {
			return nil, pathFault("structural error: invalid array subscript: [%d, %d] for array of size %d", from, to, len(items))
		}
		if from, to = max(from, 0), min(to, int64(len(items))-1); from <= to {
			out = append(out, items[from:to+1]...)
		}
	}
	return out, nil
}

func (r *pathRun) index(n *pathNode) (int64, error) {
	v, err := r.eval(n)
	if err != nil {
		return 0, err
	}
	if len(v) != 1 || v[0].kind != jNumber {
		return 0, pathFault("array subscript must be a singleton numeric value")
	}
	return saturate(v[0].float()), nil
}

func (v jsonValue) float() float64 {
	f, _ := strconv.ParseFloat(v.text, 64)
	return f
}

func (r *pathRun) filter(n *pathNode, v jsonValue) ([]jsonValue, error) {
	r.current = append(r.current, v)
	defer func() { r.current = r.current[:len(r.current)-1] }()
	if r.test(n.args[1]) == isTrue {
		return []jsonValue{v}, nil
	}
	return nil, nil
}

func sign(op pathOp, v jsonValue) ([]jsonValue, error) {
	if v.kind != jNumber {
		return nil, pathFault("invalid item type, expected NUMBER, actual: %s", v.typeName())
	}
	if op == pNegate {
		if text, ok := strings.CutPrefix(v.text, "-"); ok {
			v.text = text
		} else {
			v.text = "-" + v.text
		}
	}
	return []jsonValue{v}, nil
}

func (r *pathRun) method(name string, v jsonValue) ([]jsonValue, error) {
	switch name {
	case "type":
		return []jsonValue{{kind: jString, text: v.typeName()}}, nil
	case "size":
		if v.kind == jArray {
			return []jsonValue{whole(int64(len(v.items)))}, nil
		}
		if r.strict {
			return nil, pathFault("invalid item type, expected ARRAY, actual: %s", v.typeName())
		}
		return []jsonValue{whole(1)}, nil
	case "keyvalue":
		return r.keyvalue(v)
	case "double":
		if f, ok := parseJavaFloat(v.text, 64); ok && f == f && (v.kind == jNumber || v.kind == jString) {
			return []jsonValue{double(f)}, nil
		}
		return nil, pathFault("the item cannot be converted to double")
	}
	if v.kind != jNumber {
		return nil, pathFault("invalid item type, expected NUMBER, actual: %s", v.typeName())
	}
	switch {
	case name == "abs":
		v.text = strings.TrimPrefix(v.text, "-")
		return []jsonValue{v}, nil
	case v.isInteger():
		return []jsonValue{v}, nil
	case v.exact:
		return nil, notSupported("%s() of a decimal in a JSON path", name)
	case name == "floor":
		return []jsonValue{double(math.Floor(v.float()))}, nil
	}
	return []jsonValue{double(math.Ceil(v.float()))}, nil
}

func (r *pathRun) keyvalue(v jsonValue) ([]jsonValue, error) {
	if v.kind != jObject {
		return nil, pathFault("invalid item type, expected OBJECT, actual: %s", v.typeName())
	}
	out := make([]jsonValue, len(v.keys))
	for i, k := range v.keys {
		out[i] = jsonValue{kind: jObject, keys: []string{"name", "value", "id"}, items: []jsonValue{{kind: jString, text: k}, v.items[i], whole(r.objects)}}
	}
	r.objects++
	return out, nil
}

func (r *pathRun) arithmetic(n *pathNode) ([]jsonValue, error) {
	var side [2]jsonValue
	for i := range side {
		v, err := r.eval(n.args[i])
		if err != nil {
			return nil, err
		}
		if v = r.unwrap(v); len(v) != 1 || v[0].kind != jNumber {
			return nil, pathFault("arithmetic binary operator needs one number on each side")
		}
		side[i] = v[0]
	}
	a, b := side[0], side[1]
	var out jsonValue
	var err error
	switch {
	case a.isInteger() && b.isInteger():
		out, err = integerOp(n.text, a, b)
	case (a.exact || a.isInteger()) && (b.exact || b.isInteger()):
		out, err = decimalOp(n.text, a, b)
	default:
		f := doubleOp(n.text, a.float(), b.float())
		if f != f {
			return nil, pathFault("the result is not a number")
		}
		out = double(f)
	}
	return []jsonValue{out}, err
}

func integerOp(op string, a, b jsonValue) (jsonValue, error) {
	x, _ := new(big.Int).SetString(a.text, 10)
	y, _ := new(big.Int).SetString(b.text, 10)
	z := new(big.Int)
	switch op {
	case "+":
		z.Add(x, y)
	case "-":
		z.Sub(x, y)
	case "*":
		z.Mul(x, y)
	default:
		if y.Sign() == 0 {
			return a, pathFault("division by zero")
		}
		if op == "/" {
			z.Quo(x, y)
		} else {
			z.Rem(x, y)
		}
	}
	if !z.IsInt64() {
		return a, pathFault("bigint overflow: %s %s %s", a.text, op, b.text)
	}
	return whole(z.Int64()), nil
}

func decimalOp(op string, a, b jsonValue) (jsonValue, error) {
	x, _ := parseDecimal(a.text)
	y, _ := parseDecimal(b.text)
	exp := min(x.exp, y.exp)
	z := decimal{new(big.Int), exp}
	ax, ay := new(big.Int).Mul(x.digits, pow10(x.exp-exp)), new(big.Int).Mul(y.digits, pow10(y.exp-exp))
	switch op {
	case "+":
		z.digits.Add(ax, ay)
	case "-":
		z.digits.Sub(ax, ay)
	case "*":
		z = decimal{new(big.Int).Mul(x.digits, y.digits), x.exp + y.exp}
	default:
		return a, notSupported("operator %s of decimals in a JSON path", op)
	}
	s, ok := z.text(38, -z.exp)
	if !ok {
		return a, pathFault("decimal overflow")
	}
	return jsonValue{kind: jNumber, text: s, exact: true}, nil
}

func doubleOp(op string, a, b float64) float64 {
	switch op {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "/":
		return a / b
	}
	return math.Mod(a, b)
}
