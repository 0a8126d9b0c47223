package workflow

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/mulgil/mulgil/internal/lang/asl"
)

// level is 0 if the outcome differs, 1 if only the cause does, else 2.
func (c *oracleCase) level(got outcome) int {
	e := c.Expected
	if string(got.Status) != e.Status {
		return 0
	}
	if e.Status == "SUCCEEDED" {
		want, _ := asl.Decode(e.Output)
		have, _ := asl.Decode(got.Output)
		if !alike(parsed(want), parsed(have)) {
			return 0
		}
		if e.Text != nil {
			exact, _ := asl.Decode([]byte(*e.Text))
			if !reflect.DeepEqual(numbers(exact), numbers(have)) {
				return 0
			}
		}
		return 2
	}
	if (e.Error == nil) != (got.Error == nil) || e.Error != nil && *e.Error != *got.Error {
		return 0
	}
	if e.Cause == nil != (got.Cause == nil) {
		return 1
	}
	if e.Cause != nil {
		text, _ := json.Marshal(e.Cause)
		want, _ := asl.Decode(text)
		cause := activityARN.ReplaceAllString(*got.Cause, "activity_arn") // the record masks it
		if !alike(parsed(want), parsed(cause)) {
			return 1
		}
	}
	return 2
}

// numbers lists the numbers in v as they are written, in the order of keys.
func numbers(v any) (out []string) {
	switch v := v.(type) {
	case json.Number:
		return []string{v.String()}
	case []any:
		for _, x := range v {
			out = append(out, numbers(x)...)
		}
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			out = append(out, numbers(v[k])...)
		}
	}
	return out
}

// parsed replaces text that is a JSON object by the object, all the way down.
func parsed(v any) any {
	switch v := v.(type) {
	case string:
		if strings.HasPrefix(v, "{") {
			if x, err := asl.Decode([]byte(v)); err == nil {
				return parsed(x)
			}
		}
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = parsed(x)
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for k, x := range v {
			out[k] = parsed(x)
		}
		return out
	}
	return v
}

// anyValue are texts of the record that stand for any value.
var anyValue = strings.Fields(`timestamp date datetime start-date stop-date start-time entered-time creation-date RequestId x-amzn-RequestId
	snf_role_arn sfn_role_arn task_token a_task_token message_id a_message_id execution-arn state-machine-arn map_run_arn json-input RandomNumberGenerated`)

var (
	maskedPart  = regexp.MustCompile(`<[^<>]*>`)
	activityARN = regexp.MustCompile(`arn:aws:states:[^ ]*:activity:[^ ]*`)
)

// alike compares by the oracle's rules: masks match anything, numbers by value.
func alike(want, have any) bool {
	switch w := want.(type) {
	case string:
		if slices.Contains(anyValue, w) {
			return true
		}
		h, ok := have.(string)
		if !ok || w == h {
			return ok
		}
		parts := maskedPart.Split(w, -1)
		for i := range parts {
			parts[i] = regexp.QuoteMeta(parts[i])
		}
		return regexp.MustCompile(`(?s)^` + strings.Join(parts, `.*`) + `$`).MatchString(h)
	case json.Number:
		h, ok := have.(json.Number)
		if !ok {
			return false
		}
		x, _ := w.Float64()
		y, _ := h.Float64()
		return x == y
	case []any:
		h, ok := have.([]any)
		if !ok || len(h) != len(w) {
			return false
		}
		for i := range w {
			if !alike(w[i], h[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		h, ok := have.(map[string]any)
		if !ok || len(h) != len(w) {
			return false
		}
		for k := range w {
			if x, ok := h[k]; !ok || !alike(w[k], x) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(want, have)
}

func (c *oracleCase) sameEvents(got outcome) bool {
	var want, have []string
	for _, e := range c.Expected.Events {
		want = append(want, e.Type)
	}
	for _, e := range got.events {
		if e != "ParallelStateSucceeded" && !(e == "ParallelStateFailed" && c.sorted()) { // the record leaves these out
			have = append(have, e)
		}
	}
	if c.Compare.History == "multiset" || c.sorted() {
		sort.Strings(want)
		sort.Strings(have)
	}
	return reflect.DeepEqual(want, have)
}

// sorted tells whether the recorder sorted the inside of a Parallel.
func (c *oracleCase) sorted() bool {
	return slices.ContainsFunc(c.Expected.Events, func(e oracleEvent) bool { return string(e.ID) == "[0]" || string(e.ID) == "[\n0\n]" })
}

// sameDetails compares numbers and details of a history in fixed order; it
// returns the first difference.
func (c *oracleCase) sameDetails(got outcome) string {
	if c.Compare.History == "multiset" || c.sorted() {
		return ""
	}
	for i, w := range c.Expected.Events {
		g := got.full[i]
		if string(w.ID) != fmt.Sprint(g.ID) || w.Prev != g.PreviousID {
			return fmt.Sprintf("event %s after %d, have %d after %d", w.ID, w.Prev, g.ID, g.PreviousID)
		}
		text, _ := json.Marshal(g.Details)
		if len(w.Details) == 0 {
			w.Details = json.RawMessage("{}")
		}
		want, _ := asl.Decode(w.Details)
		have, _ := asl.Decode(text)
		if !alike(payloads(want), payloads(have)) {
			return fmt.Sprintf("event %d %s\n got %s\nwant %s", g.ID, g.Type, text, w.Details)
		}
	}
	return ""
}

// payloads parses the members that hold JSON text.
func payloads(v any) any {
	m, _ := v.(map[string]any)
	out := map[string]any{}
	for k, x := range m {
		if s, ok := x.(string); ok && (k == "input" || k == "output" || k == "parameters") {
			if p, err := asl.Decode([]byte(s)); err == nil {
				x = p
			}
		}
		if s, ok := x.(string); ok && k == "resource" && strings.Contains(s, ":function:") {
			x = s[:strings.LastIndex(s, ":")] // the record masks names of functions
		}
		if s, ok := x.(string); ok && k == "resource" && (asl.IsActivity(s) || s == "activity_arn") {
			x = "activity" // and of activities
		}
		if list, ok := x.(map[string]any); ok && k == "assignedVariables" {
			vars := map[string]any{}
			for name, v := range list {
				if s, ok := v.(string); ok {
					if p, err := asl.Decode([]byte(s)); err == nil {
						v = p
					}
				}
				vars[name] = v
			}
			x = vars
		}
		out[k] = parsed(x)
	}
	return out
}
