package workflow

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/mulgil/mulgil/internal/lang/asl"
)

// waitUntil works out when a Wait ends.
func (r *run) waitUntil(f *flow, now time.Time) (time.Time, error) {
	s := f.state
	env := r.env(f, f.input)
	in, err := s.EffectiveInput(env)
	if err != nil {
		return now, err
	}
	env.Input = in
	switch {
	case s.Seconds != nil:
		return now.Add(time.Duration(*s.Seconds) * time.Second), nil
	case s.SecondsPath != nil:
		d, err := r.seconds(f, s.SecondsPath, env, "SecondsPath")
		return now.Add(d), err
	case s.Timestamp != nil:
		return *s.Timestamp, nil
	}
	v, err := s.TimestampPath.Eval(env)
	if err != nil {
		return now, missing(s.TimestampPath, err)
	}
	stamp, ok := v.(string)
	t, err := asl.ParseTime(stamp)
	if !ok || err != nil {
		return now, &asl.Fault{Name: "States.Runtime", Cause: fmt.Sprintf("The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: %s == %s", s.TimestampPath, plain(v))}
	}
	return t, nil
}

func plain(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return string(asl.Encode(v))
}

func missing(l *asl.Location, err error) error {
	var p *asl.PathError
	if errors.As(err, &p) {
		return &asl.Fault{Name: "States.Runtime", Cause: fmt.Sprintf("Invalid path '%s' : %s", l, p.Reason)}
	}
	return err
}

// seconds reads a number of seconds that a path names.
func (r *run) seconds(f *flow, l *asl.Location, env asl.Env, field string) (time.Duration, error) {
	v, err := l.Eval(env)
	if err != nil {
		return 0, missing(l, err)
	}
	n, ok := v.(json.Number)
	i, err := n.Int64()
	switch {
	case !ok || err != nil:
		return 0, &asl.Fault{Name: "States.Runtime", Cause: fmt.Sprintf("The %s parameter cannot be parsed as a long value: %s == %s", field, l, plain(v))}
	case i < 0:
		return 0, &asl.Fault{Name: "States.Runtime", Cause: fmt.Sprintf("The %s parameter references a negative value: %s == %s", field, l, plain(v))}
	case i == 0 && field == "TimeoutSecondsPath":
		return 0, &asl.Fault{Name: "States.Runtime", Cause: fmt.Sprintf("The %s parameter references a value that is not positive: %s == %s", field, l, plain(v))}
	case i > 99999999:
		return 0, &asl.Fault{Name: "States.Runtime", Cause: fmt.Sprintf("The %s parameter references a value over 99999999: %s == %s", field, l, plain(v))}
	}
	return time.Duration(i) * time.Second, nil
}
