package hivefile

import (
	"strconv"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// options are a SerDe's parameters and its table's properties.
type options struct {
	table      string
	parameters map[string]string
}

func (o options) flag(name string, otherwise bool) bool {
	v, ok := o.parameters[name]
	if !ok {
		return otherwise
	}
	return strings.EqualFold(v, "true")
}

func (o options) wrong(name, why string) error {
	return base.Errorf(base.Invalid, "table %s: parameter %s is %q: %s", o.table, name, o.parameters[name], why).WithCode("HIVE_INVALID_METADATA")
}

// count is a parameter that is a number of lines.
func (o options) count(name string) (int, error) {
	v, ok := o.parameters[name]
	if !ok || v == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(strings.TrimSpace(v))
	if err != nil || n < 0 {
		return 0, o.wrong(name, "a number of lines is wanted")
	}
	return n, nil
}

// separator is a parameter that is one byte, written as itself or as a small number.
func (o options) separator(otherwise byte, names ...string) byte {
	for _, name := range names {
		v := o.parameters[name]
		if v == "" {
			continue
		}
		if n, err := strconv.ParseInt(v, 10, 8); err == nil {
			return byte(n)
		}
		return v[0]
	}
	return otherwise
}

// timeFormats are the patterns of timestamp.formats, tried before the built-in ones.
func (o options) timeFormats() ([]timeFormat, error) {
	const name = "timestamp.formats"
	var out []timeFormat
	for _, p := range splitEscaped(o.parameters[name]) {
		f, err := parsePattern(p)
		if err != nil {
			return nil, o.wrong(name, err.Error())
		}
		out = append(out, f)
	}
	return out, nil
}

// splitEscaped splits at commas; \, and \\ are characters of a part.
func splitEscaped(s string) []string {
	var out []string
	var part strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == ',' || s[i+1] == '\\'):
			i++
			part.WriteByte(s[i])
		case s[i] == ',':
			out = append(out, part.String())
			part.Reset()
		default:
			part.WriteByte(s[i])
		}
	}
	out = append(out, part.String())
	kept := out[:0]
	for _, p := range out {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return kept
}
