package workflow

import "time"

// waitUntil works out when a Wait ends.
func (r *run) waitUntil(f *flow, now time.Time) (time.Time, error) {
	env := r.env(f, f.input)
	in, err := f.state.EffectiveInput(env)
	if err != nil {
		return now, err
	}
	env.Input = in
	if f.state.Seconds == nil {
		return f.state.Timestamp.Time(env)
	}
	s, err := f.state.Seconds.Seconds(env, 0)
	return now.Add(time.Duration(s) * time.Second), err
}
