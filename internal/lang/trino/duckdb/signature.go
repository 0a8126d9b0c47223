package duckdb

import (
	"strconv"
	"strings"

	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// A signature is written as Trino documents it, with variables:
//
//	substr(varchar(x), bigint) varchar(x)
//	transform(array(T), function(T, U)) array(U)
//	concat(varchar...) varchar
//
// A single capital is a type variable (T:orderable and T:comparable limit it),
// a small letter in parentheses a number; varchar without a length takes text
// of any length. A last parameter with ... may be repeated (one or more times).
type signature struct {
	name     string
	params   []pattern
	variadic bool
	ret      pattern
	text     string
}

// pattern is a type with variables.
type pattern struct {
	kind  types.Kind
	v     string // type variable
	limit string // "orderable" or "comparable"
	p, s  string // number variables, digits, or empty
	elems []pattern
	any   bool // a row of any fields
}

// parseSignature reads a signature; the table's texts are ours, so a mistake is a bug.
func parseSignature(text string) *signature {
	p := &sigParser{s: text}
	s := &signature{text: text, name: p.word()}
	p.need("(")
	for !p.take(")") {
		if len(s.params) > 0 {
			p.need(",")
		}
		s.params = append(s.params, p.pattern())
		if p.take("...") {
			s.variadic = true
		}
	}
	s.ret = p.pattern()
	if p.rest() != "" {
		panic("signature " + text + ": left over " + p.rest())
	}
	return s
}

type sigParser struct {
	s string
	i int
}

func (p *sigParser) rest() string { return strings.TrimSpace(p.s[p.i:]) }

func (p *sigParser) take(t string) bool {
	for p.i < len(p.s) && p.s[p.i] == ' ' {
		p.i++
	}
	if strings.HasPrefix(p.s[p.i:], t) {
		p.i += len(t)
		return true
	}
	return false
}

func (p *sigParser) need(t string) {
	if !p.take(t) {
		panic("signature " + p.s + ": want " + t + " at " + p.s[p.i:])
	}
}

func (p *sigParser) word() string {
	for p.i < len(p.s) && p.s[p.i] == ' ' {
		p.i++
	}
	j := p.i
	for j < len(p.s) && (p.s[j] == '_' || p.s[j] >= 'a' && p.s[j] <= 'z' || p.s[j] >= 'A' && p.s[j] <= 'Z' || p.s[j] >= '0' && p.s[j] <= '9') {
		j++
	}
	w := p.s[p.i:j]
	p.i = j
	return w
}

var kindNames = map[string]types.Kind{
	"unknown": types.Unknown, "boolean": types.Boolean, "tinyint": types.Tinyint, "smallint": types.Smallint, "integer": types.Integer, "bigint": types.Bigint, "real": types.Real,
	"double": types.Double, "decimal": types.Decimal, "varchar": types.Varchar, "char": types.Char, "varbinary": types.Varbinary, "date": types.Date, "time": types.Time,
	"timestamp": types.Timestamp, "json": types.JSON, "uuid": types.UUID, "ipaddress": types.IPAddress, "array": types.Array, "map": types.Map, "row": types.Row, "function": types.Lambda,
	"interval_day": types.IntervalDay, "interval_year": types.IntervalYear,
}

func (p *sigParser) pattern() pattern {
	w := p.word()
	if len(w) == 1 && w[0] >= 'A' && w[0] <= 'Z' {
		out := pattern{v: w}
		if p.take(":") {
			out.limit = p.word()
		}
		return out
	}
	k, ok := kindNames[w]
	if !ok {
		panic("signature " + p.s + ": unknown type " + w)
	}
	out := pattern{kind: k}
	switch k {
	case types.Array, types.Map, types.Lambda, types.Row:
		if !p.take("(") {
			out.any = true
			return out
		}
		for !p.take(")") {
			if len(out.elems) > 0 {
				p.need(",")
			}
			out.elems = append(out.elems, p.pattern())
		}
		return out
	}
	if p.take("(") {
		out.p = p.word()
		if p.take(",") {
			out.s = p.word()
		}
		p.need(")")
	}
	if k == types.Timestamp && p.take("with time zone") {
		out.kind = types.TimestampTZ
	}
	return out
}

// binding is what a signature's variables stand for in a call.
type binding struct {
	types map[string]types.Type
	nums  map[string]int
}

// learn lets an argument's type decide variables. It is false if the argument
// cannot be what the pattern asks, even coerced.
func (m *binding) learn(p pattern, t types.Type) bool {
	if p.v != "" {
		have, ok := m.types[p.v]
		if !ok {
			m.mean(p.v, t)
			return true
		}
		c, ok := types.Common(have, t)
		m.mean(p.v, c)
		return ok
	}
	if t.Kind == types.Unknown {
		m.learnNull(p)
		return true
	}
	if p.kind == t.Kind {
		return m.learnSame(p, t)
	}
	return m.learnOther(p, t)
}

// learnNull lets a NULL have the smallest of a pattern's types.
func (m *binding) learnNull(p pattern) {
	switch p.kind {
	case types.Varchar, types.Char, types.Timestamp, types.TimestampTZ, types.Time:
		m.number(p.p, 0)
	case types.Decimal:
		m.number(p.p, 1)
		m.number(p.s, 0)
	}
}

// mean lets a variable stand for t.
func (m *binding) mean(v string, t types.Type) {
	if m.types == nil {
		m.types = map[string]types.Type{}
	}
	m.types[v] = t
}

func (m *binding) learnSame(p pattern, t types.Type) bool {
	if len(p.elems) > 0 {
		if len(p.elems) != len(t.Elems) {
			return false
		}
		for i, e := range p.elems {
			if !m.learn(e, t.Elems[i]) {
				return false
			}
		}
		return true
	}
	m.number(p.p, t.P)
	m.number(p.s, t.S)
	return true
}

// learnOther is an argument of another kind that may coerce.
func (m *binding) learnOther(p pattern, t types.Type) bool {
	switch {
	case p.kind == types.Decimal && t.Integral():
		d, _ := t.AsDecimal()
		m.number(p.p, d.P)
		m.number(p.s, d.S)
		return true
	case p.kind == types.Timestamp && t.Kind == types.Date, p.kind == types.TimestampTZ && t.Kind == types.Date:
		m.number(p.p, 0)
		return true
	case p.kind == types.TimestampTZ && t.Kind == types.Timestamp:
		m.number(p.p, t.P)
		return true
	case p.kind == types.Char && t.Kind == types.Varchar:
		m.number(p.p, t.P)
		return t.P != types.Unbounded
	}
	return types.Coercible(t, types.Type{Kind: p.kind})
}

func (m *binding) number(v string, n int) {
	if v == "" || v[0] >= '0' && v[0] <= '9' {
		return
	}
	if have, ok := m.nums[v]; ok && (have == types.Unbounded || n != types.Unbounded && have >= n) {
		return
	}
	if m.nums == nil {
		m.nums = map[string]int{}
	}
	m.nums[v] = n
}

// apply is the pattern with its variables replaced; arg is the argument's own
// type, kept where the pattern leaves parameters open.
func (m *binding) apply(p pattern, arg *types.Type) types.Type {
	if p.v != "" {
		t, ok := m.types[p.v]
		if !ok {
			return types.TUnknown
		}
		return t
	}
	out := types.Type{Kind: p.kind}
	if p.any && arg != nil && arg.Kind == p.kind {
		return *arg
	}
	for i, e := range p.elems {
		var a *types.Type
		if arg != nil && i < len(arg.Elems) {
			a = &arg.Elems[i]
		}
		out.Elems = append(out.Elems, m.apply(e, a))
	}
	if p.kind == types.Row {
		out.Names = make([]string, len(out.Elems))
	}
	switch p.kind {
	case types.Varchar:
		out.P = m.value(p.p, types.Unbounded)
		if p.p == "" && arg != nil && arg.Kind == types.Varchar {
			out.P = arg.P
		}
	case types.Char:
		out.P = m.value(p.p, 1)
		if p.p == "" && arg != nil && arg.Kind == types.Char {
			out.P = arg.P
		}
	case types.Decimal:
		out.P, out.S = m.value(p.p, 38), m.value(p.s, 0)
	case types.Timestamp, types.TimestampTZ, types.Time:
		out.P = m.value(p.p, 3)
		if p.p == "" && arg != nil && arg.Kind == p.kind {
			out.P = arg.P
		}
	}
	return out
}

func (m *binding) value(v string, def int) int {
	if v == "" {
		return def
	}
	if n, err := strconv.Atoi(v); err == nil {
		return n
	}
	if n, ok := m.nums[v]; ok {
		return n
	}
	return def
}

// param is the pattern of the i-th argument.
func (s *signature) param(i int) pattern {
	if i >= len(s.params) {
		return s.params[len(s.params)-1]
	}
	return s.params[i]
}

// takes tells whether a call with n arguments is possible.
func (s *signature) takes(n int) bool {
	if s.variadic {
		return n >= len(s.params)
	}
	return n == len(s.params)
}

// fit is a signature that a call's arguments fit.
type fit struct {
	s      *signature
	f      *overload
	m      *binding
	params []types.Type
	exact  bool
}

// fitOf tries a signature. Lambda arguments have kind Lambda and are learned later.
func fitOf(o *overload, args []types.Type) (*fit, bool) {
	s := o.sig
	if !s.takes(len(args)) {
		return nil, false
	}
	m := &binding{}
	for i, t := range args {
		p := s.param(i)
		if (t.Kind == types.Lambda) != (p.kind == types.Lambda && p.v == "") {
			return nil, false
		}
		if t.Kind != types.Lambda && !m.learn(p, t) {
			return nil, false
		}
	}
	f := &fit{s: s, f: o, m: m, params: make([]types.Type, len(args)), exact: true}
	for i := range args {
		f.params[i] = m.apply(s.param(i), &args[i])
		if args[i].Kind == types.Lambda {
			continue
		}
		if !types.Coercible(args[i], f.params[i]) && !types.SameButNames(args[i], f.params[i]) {
			return nil, false
		}
		if !m.allowed(s.param(i)) {
			return nil, false
		}
		f.exact = f.exact && args[i].Kind == f.params[i].Kind
	}
	return f, true
}

// allowed tells whether the variables in p are of types they may be.
func (m *binding) allowed(p pattern) bool {
	for _, e := range p.elems {
		if !m.allowed(e) {
			return false
		}
	}
	t, ok := m.types[p.v]
	if !ok || p.limit == "" {
		return true
	}
	if p.limit == "orderable" {
		return t.Orderable()
	}
	return t.Comparable()
}
