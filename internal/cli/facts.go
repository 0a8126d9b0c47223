package cli

import (
	"io"
	"strings"
)

// facts prints "name: value" lines with the values under each other. Empty
// values are left out.
type facts struct{ names, values []string }

func (f *facts) add(name, value string) {
	if value != "" {
		f.names = append(f.names, name)
		f.values = append(f.values, printable(value))
	}
}

func (f *facts) write(w io.Writer) error {
	width := 0
	for _, n := range f.names {
		width = max(width, widths.StringWidth(n))
	}
	var b strings.Builder
	for i, n := range f.names {
		b.WriteString(n + ":" + strings.Repeat(" ", width-widths.StringWidth(n)+1) + f.values[i] + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
