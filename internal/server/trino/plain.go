package trino

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/lang/trino/types"
	"github.com/mulgil/mulgil/internal/query"
)

var digits = regexp.MustCompile(`\b(time|timestamp)\(\d+\)`)

// plain is a type as clients of old know it: "timestamp" has three digits.
func plain(t types.Type) string { return digits.ReplaceAllString(t.Signature(), "$1") }

// plainer rewrites rows for clients of old; nil if there is nothing to rewrite.
func plainer(list []types.Type) func(batch []byte) ([]byte, error) {
	touched := false
	for _, t := range list {
		touched = touched || t.Has(clocks...)
	}
	if !touched {
		return nil
	}
	return func(batch []byte) ([]byte, error) {
		rows, err := query.DecodeRows(batch)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			for i := range r {
				if r[i], err = millis(r[i], list[i]); err != nil {
					return nil, err
				}
			}
		}
		return json.Marshal(rows)
	}
}

// millis rounds the seconds in a value to three digits.
func millis(v any, t types.Type) (any, error) {
	if v == nil || !t.Has(clocks...) {
		return v, nil
	}
	var err error
	switch x := v.(type) {
	case string:
		return roundClock(x)
	case []any:
		for i := range x {
			if x[i], err = millis(x[i], t.Elems[i%len(t.Elems)]); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		out := make(map[string]any, len(x))
		for k, e := range x {
			if t.Key().Is(clocks...) {
				if k, err = roundClock(k); err != nil {
					return nil, err
				}
			}
			if out[k], err = millis(e, t.Value()); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return v, nil
}

var clockText = regexp.MustCompile(`^(.*\d\d:\d\d:\d\d)(?:\.(\d+))?((?: \S+|[+-]\d\d:\d\d)?)$`)

// roundClock gives a time or timestamp exactly three digits.
func roundClock(s string) (string, error) {
	m := clockText.FindStringSubmatch(s)
	if m == nil {
		return "", fmt.Errorf("%q is not a time", s)
	}
	frac := m[2]
	for len(frac) < 4 {
		frac += "0"
	}
	ms := int(frac[0]-'0')*100 + int(frac[1]-'0')*10 + int(frac[2]-'0')
	if frac[3] >= '5' {
		ms++
	}
	if ms < 1000 {
		return fmt.Sprintf("%s.%03d%s", m[1], ms, m[3]), nil
	}
	layout := "15:04:05"
	if strings.Contains(m[1], " ") {
		layout = "2006-01-02 15:04:05"
	}
	t, err := time.Parse(layout, m[1])
	if err != nil {
		return "", fmt.Errorf("%q cannot be rounded to milliseconds: %w", s, err)
	}
	return t.Add(time.Second).Format(layout) + ".000" + m[3], nil
}
