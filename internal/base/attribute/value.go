// Package attribute has the values of key-value items: DynamoDB's attribute
// values, with exact numbers, their JSON and their order as keys.
package attribute

import (
	"maps"
	"slices"

	"github.com/mulgil/mulgil/internal/base"
)

// Type is a value's type as DynamoDB spells it.
type Type string

// The types of values. Keys are S, N or B.
const (
	S    Type = "S"
	N    Type = "N"
	B    Type = "B"
	BOOL Type = "BOOL"
	NULL Type = "NULL"
	SS   Type = "SS"
	NS   Type = "NS"
	BS   Type = "BS"
	L    Type = "L"
	M    Type = "M"
)

// Value is one attribute's value. It is never changed once made, so that
// values may be shared.
type Value struct {
	Type Type
	// Text holds S as it is, B's bytes, and N as Number.String writes it.
	Text string
	Bool bool
	// Texts are the elements of SS, NS and BS, each in the form of Text.
	Texts []string
	List  []Value
	Map   Item
}

// Item is a record: values by attribute name.
type Item map[string]Value

// Text makes a value of type S.
func Text(s string) Value { return Value{Type: S, Text: s} }

// Equal compares by value: numbers by amount, sets without order.
func (v Value) Equal(w Value) bool {
	if v.Type != w.Type {
		return false
	}
	switch v.Type {
	case BOOL:
		return v.Bool == w.Bool
	case SS, NS, BS:
		return slices.Equal(slices.Sorted(slices.Values(v.Texts)), slices.Sorted(slices.Values(w.Texts)))
	case L:
		return slices.EqualFunc(v.List, w.List, Value.Equal)
	case M:
		return v.Map.Equal(w.Map)
	}
	return v.Text == w.Text
}

// Equal compares two items by value.
func (i Item) Equal(o Item) bool { return maps.EqualFunc(i, o, Value.Equal) }

// Compare orders two values of the same type S, N or B; ok is false for others.
func (v Value) Compare(w Value) (order int, ok bool) {
	if v.Type != w.Type {
		return 0, false
	}
	switch v.Type {
	case N:
		return v.number().Compare(w.number()), true
	case S, B:
		switch {
		case v.Text < w.Text:
			return -1, true
		case v.Text > w.Text:
			return 1, true
		}
		return 0, true
	}
	return 0, false
}

// Size is the value's size in bytes as DynamoDB counts it: text as UTF-8, two
// digits of a number a byte, lists and maps three bytes and one an element.
func (v Value) Size() int {
	switch v.Type {
	case S, B:
		return len(v.Text)
	case N:
		return v.number().size()
	case SS, BS:
		n := 0
		for _, t := range v.Texts {
			n += len(t)
		}
		return n
	case NS:
		n := 0
		for _, t := range v.Texts {
			n += Value{Type: N, Text: t}.Size()
		}
		return n
	case L:
		n := 3
		for _, e := range v.List {
			n += 1 + e.Size()
		}
		return n
	case M:
		return 3 + len(v.Map) + v.Map.Size()
	}
	return 1
}

// Size is the sum of names and values in bytes.
func (i Item) Size() int {
	n := 0
	for name, v := range i {
		n += len(name) + v.Size()
	}
	return n
}

// Invalid is the error DynamoDB calls ValidationException, with its text.
func Invalid(format string, args ...any) *base.Error {
	return base.Errorf(base.Invalid, format, args...).WithCode("ValidationException")
}
