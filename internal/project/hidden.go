package project

import (
	"fmt"
	"io"
	"log/slog"
)

// Hidden is text that must not be shown: every way of printing, logging or
// encoding it yields "***" (or nothing if it is empty).
type Hidden string

// Reveal is the text itself, for the connector that needs it.
func (h Hidden) Reveal() string { return string(h) }

func (h Hidden) mask() string {
	if h == "" {
		return ""
	}
	return "***"
}

// String is "***".
func (h Hidden) String() string { return h.mask() }

// Format writes "***" for every verb.
func (h Hidden) Format(s fmt.State, _ rune) { io.WriteString(s, h.mask()) }

// LogValue keeps the text out of logs.
func (h Hidden) LogValue() slog.Value { return slog.StringValue(h.mask()) }

// MarshalText keeps the text out of JSON and YAML.
func (h Hidden) MarshalText() ([]byte, error) { return []byte(h.mask()), nil }
