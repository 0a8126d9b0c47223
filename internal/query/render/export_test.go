package render

// Text is a string as JSON.
func Text(s string) []byte { return append(appendEscaped([]byte{'"'}, s), '"') }

// Float is a number as JSON.
func Float(f float64, bits int) []byte { return appendFloat(nil, f, bits) }

// Day is so many days after 1970-01-01.
func Day(days int64) string { return string(appendDate(nil, days)) }
