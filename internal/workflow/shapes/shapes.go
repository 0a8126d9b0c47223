// Package shapes knows what the APIs that tasks call answer, so that TestState
// can hold mocked results to it. The shapes come from botocore (generate.py).
package shapes

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

//go:embed answers.json.gz
var packed []byte

// Mode is how closely a result is held to its shape.
type Mode int

const (
	// Strict wants required members and right values.
	Strict Mode = iota
	// Present checks only what is there.
	Present
	// None checks nothing.
	None
)

type service struct {
	Operations map[string]string     `json:"operations"` // answer's structure, by action
	Shapes     map[string]*structure `json:"shapes"`
}

type structure struct {
	Required []string         `json:"required"`
	Members  map[string]shape `json:"members"`
}

type shape struct {
	Structure string   `json:"s"`
	Type      string   `json:"t"` // any, list, map, string, blob, int, float, boolean
	Of        *shape   `json:"of"`
	Enum      []string `json:"enum"`
	Min       *float64 `json:"min"`
	Max       *float64 `json:"max"`
}

var load = sync.OnceValues(func() (map[string]*service, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(z)
	if err != nil {
		return nil, err
	}
	var out map[string]*service
	return out, json.Unmarshal(text, &out)
})

// other names of services in resources of Step Functions
var aliases = map[string]string{"sfn": "stepfunctions", "states": "stepfunctions", "eventbridge": "events", "cloudwatchlogs": "logs",
	"elasticmapreduce": "emr", "redshiftdata": "redshift-data", "bedrockruntime": "bedrock-runtime", "bedrock": "bedrock-runtime"}

// Check holds a result to the answer of a service's action ("dynamodb",
// "putItem"). optimized actions answer with a payload of any form where the API
// has bytes. The error is worded as Step Functions words it; an action that is
// not known here is not checked.
func Check(serviceName, action string, optimized bool, value any, mode Mode) error {
	if mode == None {
		return nil
	}
	all, err := load()
	if err != nil {
		return fmt.Errorf("read the shapes of answers: %w", err)
	}
	if a := aliases[serviceName]; a != "" {
		serviceName = a
	}
	s := all[serviceName]
	if s == nil || s.Operations[action] == "" {
		return nil
	}
	c := &checker{service: s, mode: mode, freePayload: optimized && serviceName == "lambda"}
	return c.structure(s.Operations[action], value, "")
}

type checker struct {
	service     *service
	mode        Mode
	freePayload bool
}

func wrong(format string, args ...any) error {
	return fmt.Errorf("Mock result schema validation error: "+format, args...)
}

func (c *checker) structure(name string, value any, field string) error {
	s := c.service.Shapes[name]
	if s == nil {
		return nil // a document: any JSON
	}
	m, ok := value.(map[string]any)
	if !ok {
		if field == "" {
			return wrong("Mock result must be an object")
		}
		return wrong("Field '%s' must be an object", field)
	}
	if c.mode == Strict {
		for _, r := range s.Required {
			if _, ok := m[r]; !ok {
				return wrong("Required field '%s' is missing", r)
			}
		}
	}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		x, known := s.Members[k]
		if !known || c.freePayload && k == "Payload" {
			continue
		}
		if err := c.value(x, m[k], k); err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) value(x shape, v any, field string) error {
	if x.Structure != "" {
		return c.structure(x.Structure, v, field)
	}
	switch x.Type {
	case "list":
		l, ok := v.([]any)
		if !ok {
			return wrong("Field '%s' must be an array", field)
		}
		for _, e := range l {
			if err := c.value(*x.Of, e, field); err != nil {
				return err
			}
		}
	case "map":
		m, ok := v.(map[string]any)
		if !ok {
			return wrong("Field '%s' must be an object", field)
		}
		for _, e := range m {
			if err := c.value(*x.Of, e, field); err != nil {
				return err
			}
		}
	case "string", "blob":
		return x.text(v, field)
	case "int", "float":
		return x.number(v, field)
	case "boolean":
		if _, ok := v.(bool); !ok {
			return wrong("Field '%s' must be a boolean", field)
		}
	}
	return nil
}

func (x shape) text(v any, field string) error {
	s, ok := v.(string)
	n := float64(utf8.RuneCountInString(s))
	switch {
	case !ok:
		return wrong("Field '%s' must be a string", field)
	case len(x.Enum) > 0 && !slices.Contains(x.Enum, s):
		return wrong("Field '%s' is not an expected value", field)
	case x.Min != nil && n < *x.Min:
		return wrong("Field '%s' is smaller than the minimum length", field)
	case x.Max != nil && n > *x.Max:
		return wrong("Field '%s' exceeds the maximum length", field)
	}
	return nil
}

func (x shape) number(v any, field string) error {
	n, ok := v.(json.Number)
	f, err := n.Float64()
	switch {
	case !ok || err != nil || x.Type == "int" && strings.ContainsAny(n.String(), ".eE"):
		return wrong("Field '%s' must be a number", field)
	case x.Min != nil && f < *x.Min:
		return wrong("Field '%s' is less than the minimum value", field)
	case x.Max != nil && f > *x.Max:
		return wrong("Field '%s' exceeds the maximum value", field)
	}
	return nil
}
