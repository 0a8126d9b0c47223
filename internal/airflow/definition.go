package airflow

import (
	"bytes"
	"encoding/json"
	"regexp"

	"github.com/mulgil/mulgil/internal/base"
)

// machine is a definition as it is written. It has been checked before: what is
// read here is right in itself.
type machine struct {
	Comment        string
	QueryLanguage  string
	TimeoutSeconds float64
	flow
}

// flow is a machine or a branch.
type flow struct {
	StartAt string
	States  map[string]*state
}

type state struct {
	name string

	Type, Comment, Next, Resource string
	QueryLanguage                 string
	Default                       string
	Branches                      []*flow
	Choices                       []rule
	Retry                         []retrier
	Catch                         []catcher

	InputPath, OutputPath, ResultPath path
	Parameters, ResultSelector        json.RawMessage
	Result, Assign                    json.RawMessage

	Seconds, TimeoutSeconds, HeartbeatSeconds *float64
	SecondsPath, Timestamp, TimestampPath     string
	TimeoutSecondsPath                        string
	Error, Cause, ErrorPath, CausePath        string
}

type retrier struct {
	ErrorEquals                  []string
	IntervalSeconds, MaxAttempts *float64
	BackoffRate, MaxDelaySeconds *float64
	JitterStrategy               string
}

type catcher struct {
	ErrorEquals []string
	Next        string
	ResultPath  path
}

// path is a field that holds a path: absent, null or text.
type path struct {
	set  bool
	text *string
}

func (p *path) UnmarshalJSON(b []byte) error {
	p.set = true
	return json.Unmarshal(b, &p.text)
}

// read decodes a definition; numbers keep their text.
func read(src []byte) (*machine, error) {
	var m machine
	d := json.NewDecoder(bytes.NewReader(src))
	d.UseNumber()
	if err := d.Decode(&m); err != nil {
		return nil, base.Errorf(base.Invalid, "read the definition: %w", err)
	}
	m.flow.nameStates()
	return &m, nil
}

func (f *flow) nameStates() {
	for name, s := range f.States {
		s.name = name
		for _, b := range s.Branches {
			b.nameStates()
		}
	}
}

// place finds a state in the text: names are unique in a machine.
func place(file string, src []byte, name string) *base.Place {
	key, err := json.Marshal(name)
	if err != nil {
		return &base.Place{File: file}
	}
	at := regexp.MustCompile(regexp.QuoteMeta(string(key)) + `\s*:\s*\{`).FindIndex(src)
	if at == nil {
		return &base.Place{File: file}
	}
	return base.PlaceAt(file, src, at[0], len(key))
}
