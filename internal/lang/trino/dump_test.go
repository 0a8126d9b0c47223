package trino_test

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/mulgil/mulgil/internal/lang/trino"
)

// dump writes a tree without its spans, empty fields left out, each part on a
// line of its own if it does not fit on one.
func dump(n trino.Node) string { return layout(parts(reflect.ValueOf(n)), 0) }

// item is a part of a tree: a text, or a head with parts.
type item struct {
	head string
	kids []item
}

func parts(v reflect.Value) item {
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			return item{head: "nil"}
		}
		return parts(v.Elem())
	case reflect.Slice:
		if b, ok := v.Interface().([]byte); ok {
			return item{head: fmt.Sprintf("%x", b)}
		}
		it := item{head: "["}
		for i := range v.Len() {
			it.kids = append(it.kids, parts(v.Index(i)))
		}
		return it
	case reflect.String:
		return item{head: strconv.Quote(v.String())}
	case reflect.Struct:
		return structParts(v)
	}
	return item{head: fmt.Sprint(v.Interface())}
}

func structParts(v reflect.Value) item {
	switch x := v.Interface().(type) {
	case trino.Name:
		return item{head: x.Text}
	case trino.QName:
		return item{head: x.String()}
	case trino.TypeName:
		return item{head: "<" + x.Text + ">"}
	case trino.Ident:
		return item{head: x.Name.Text}
	}
	it := item{head: "(" + v.Type().Name()}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Type == reflect.TypeFor[trino.Span]() || v.Field(i).IsZero() && !required(v, f.Name) {
			continue
		}
		val := parts(v.Field(i))
		if val.kids == nil && val.head == "true" {
			it.kids = append(it.kids, item{head: f.Name})
			continue
		}
		it.kids = append(it.kids, item{f.Name + ":" + val.head, val.kids})
	}
	return it
}

// required says which fields mean something when they are empty.
func required(v reflect.Value, field string) bool {
	return (field == "Value" || field == "Index") && v.Field(0).Type() == reflect.TypeFor[trino.Span]() && v.NumField() <= 4
}

func closing(head string) string {
	if strings.HasSuffix(head, "[") {
		return "]"
	}
	if i := strings.LastIndexAny(head, "(["); i >= 0 && (i == 0 || head[i-1] == ':') {
		return ")"
	}
	return ""
}

// line is dump on one line, however long.
func line(n trino.Node) string { return flat(parts(reflect.ValueOf(n))) }

func flat(it item) string {
	var b strings.Builder
	write(&b, it)
	return b.String()
}

func write(b *strings.Builder, it item) {
	b.WriteString(it.head)
	for i, k := range it.kids {
		if i > 0 || !strings.HasSuffix(it.head, "[") {
			b.WriteByte(' ')
		}
		write(b, k)
	}
	b.WriteString(closing(it.head))
}

func layout(it item, depth int) string {
	if s := flat(it); len(s)+2*depth <= 110 || len(it.kids) == 0 {
		return s
	}
	s := it.head
	for _, k := range it.kids {
		s += "\n" + strings.Repeat("  ", depth+1) + layout(k, depth+1)
	}
	return s + closing(it.head)
}
