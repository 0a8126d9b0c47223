package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/base"
)

// maxBody bounds a request's JSON, in bytes.
const maxBody = 16 << 20

var pathParam = regexp.MustCompile(`\{(\w+)\}`)

// decode fills an operation's request from body, query and path; the path wins.
func decode(op app.Operation, w http.ResponseWriter, r *http.Request) (any, error) {
	fields, err := body(w, r)
	if err != nil {
		return nil, err
	}
	req := op.New()
	types := fieldTypes(reflect.TypeOf(req).Elem())
	for name, values := range r.URL.Query() {
		if err := setParam(fields, types, name, values[len(values)-1]); err != nil {
			return nil, err
		}
	}
	for _, m := range pathParam.FindAllStringSubmatch(op.Path, -1) {
		if err := setParam(fields, types, m[1], r.PathValue(m[1])); err != nil {
			return nil, err
		}
	}
	for name := range fields {
		if _, ok := types[name]; !ok {
			return nil, unknownField(name, types)
		}
	}
	merged, err := marshal(fields)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(merged, req); err != nil {
		return nil, badJSON(err)
	}
	return req, nil
}

func body(w http.ResponseWriter, r *http.Request) (map[string]json.RawMessage, error) {
	fields := map[string]json.RawMessage{}
	if !changing(r) {
		return fields, nil
	}
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return nil, base.Errorf(base.Usage, "read request: %w", err)
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return fields, nil
	}
	if err := json.Unmarshal(data, &fields); err != nil {
		return nil, badJSON(err)
	}
	if fields == nil { // the body was null
		fields = map[string]json.RawMessage{}
	}
	return fields, nil
}

func badJSON(err error) error {
	var t *json.UnmarshalTypeError
	if errors.As(err, &t) && t.Field != "" {
		return base.Errorf(base.Usage, "field %q must be %s, not %s", t.Field, jsonWord(t.Type), t.Value)
	}
	return base.Errorf(base.Usage, "the request is not a JSON object: %w", err)
}

func jsonWord(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64, reflect.Float64:
		return "a number"
	case reflect.String:
		return "text"
	case reflect.Slice:
		return "a list"
	}
	return "an object"
}

// fieldTypes maps a request's JSON names to their types.
func fieldTypes(t reflect.Type) map[string]reflect.Type {
	out := map[string]reflect.Type{}
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name != "-" && !f.Anonymous {
			out[name] = f.Type
		}
	}
	return out
}

// setParam puts a parameter's text into the fields as its type's JSON.
func setParam(fields map[string]json.RawMessage, types map[string]reflect.Type, name, text string) error {
	t, ok := types[name]
	if !ok {
		return unknownField(name, types)
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.String:
		quoted, err := marshal(text)
		if err != nil {
			return err
		}
		fields[name] = quoted
		return nil
	case reflect.Bool:
		if text == "" {
			text = "true"
		}
		v, err := strconv.ParseBool(text)
		if err != nil {
			return base.Errorf(base.Usage, "parameter %q must be true or false, not %q", name, text)
		}
		fields[name] = json.RawMessage(strconv.FormatBool(v))
		return nil
	case reflect.Int, reflect.Int64:
		v, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return base.Errorf(base.Usage, "parameter %q must be a whole number, not %q", name, text)
		}
		fields[name] = json.RawMessage(strconv.FormatInt(v, 10))
		return nil
	}
	return base.Errorf(base.Usage, "field %q goes into the request's body", name)
}

func unknownField(name string, types map[string]reflect.Type) error {
	names := make([]string, 0, len(types))
	for n := range types {
		names = append(names, n)
	}
	e := base.Errorf(base.Usage, "unknown field %q", name)
	if near := app.Nearest(name, names); near != "" {
		return e.WithHint("did you mean %q?", near)
	}
	return e
}
