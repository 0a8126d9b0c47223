package fn

import (
	"fmt"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// directive is one % of a format of java.util.Formatter.
type directive struct {
	text  string
	index int // of the argument from 1, 0 the next one, -1 the last one again
	flags string
	width int
	prec  int // -1: none given
	conv  byte
	clock byte // what follows t or T, 0 for others
	upper bool
}

var directiveForm = regexp.MustCompile(`^%(\d+\$|<)?([-#+ 0,(]*)(\d+)?(\.\d+)?(?:([tT])([a-zA-Z])|([a-zA-Z%]))`)

// maxWidth bounds widths and precisions.
const maxWidth = 10_000

func badFormat(format, why string) error {
	return invalid("invalid format string: %s (%s)", shorten(format), why)
}

func parseDirective(s string) (d directive, n int, why string) {
	m := directiveForm.FindStringSubmatch(s)
	if m == nil {
		return d, 0, "unknown conversion"
	}
	d = directive{text: m[0], flags: m[2], prec: -1}
	switch {
	case m[1] == "<":
		d.index = -1
	case m[1] != "":
		if d.index, _ = strconv.Atoi(strings.TrimSuffix(m[1], "$")); d.index == 0 {
			return d, 0, "illegal format argument index"
		}
	}
	d.width, _ = strconv.Atoi(m[3])
	if m[4] != "" {
		d.prec, _ = strconv.Atoi(m[4][1:])
	}
	if len(m[3]) > 6 || len(m[4]) > 6 || d.width > maxWidth || d.prec > maxWidth {
		return d, 0, fmt.Sprintf("widths end at %d characters", maxWidth)
	}
	conv := m[7]
	if m[5] != "" {
		conv, d.clock = m[5], m[6][0]
	}
	d.conv = conv[0]
	if strings.IndexByte("BHSXEGTAC", d.conv) >= 0 {
		d.upper, d.conv = true, d.conv|0x20
	}
	return d, len(m[0]), d.check()
}

// check finds flags that the conversion does not take.
func (d *directive) check() string {
	allowed, ok := map[byte]string{'s': "-", 'b': "-", 'h': "-", 'c': "-", 't': "-", 'd': "-+ 0,(", 'x': "-#0", 'o': "-#0", 'e': "-#+ 0(", 'f': "-#+ 0,(",
		'g': "-+ 0,(", 'a': "-#+ 0", 'n': "", '%': "-"}[d.conv]
	switch {
	case !ok:
		return "unknown conversion " + string(d.conv)
	case strings.Trim(d.flags, allowed) != "":
		return "flags mismatch of " + d.text
	case repeated(d.flags):
		return "duplicate flags of " + d.text
	case d.width == 0 && strings.ContainsAny(d.flags, "-0"):
		return "missing width in " + d.text
	case strings.Contains(d.flags, "-") && strings.Contains(d.flags, "0") || strings.Contains(d.flags, "+") && strings.Contains(d.flags, " "):
		return "illegal flags of " + d.text
	case d.prec >= 0 && strings.IndexByte("dxoctn%", d.conv) >= 0:
		return "illegal precision in " + d.text
	case d.conv == 'n' && d.width > 0:
		return "illegal width in " + d.text
	}
	return ""
}

func repeated(flags string) bool {
	for i := range len(flags) {
		if strings.IndexByte(flags[:i], flags[i]) >= 0 {
			return true
		}
	}
	return false
}

// Format is format, with the rules of java.util.Formatter. An argument is its
// type's letter, a colon and its text: s:text, i:integer, f:double, r:real,
// d:decimal, b:boolean, D:date, t:timestamp, z:wall clock, blank and zone id,
// T:time; anything else is shown by %s only. nil is NULL.
func (z *Zones) Format(format string, args []*string) (string, error) {
	var b strings.Builder
	next, last := 0, -1
	for format != "" {
		i := strings.IndexByte(format, '%')
		if i < 0 {
			b.WriteString(format)
			break
		}
		b.WriteString(format[:i])
		format = format[i:]
		d, n, why := parseDirective(format)
		if why != "" {
			return "", badFormat(format, why)
		}
		format = format[n:]
		s, err := z.directive(d, args, &next, &last)
		if err != nil {
			return "", err
		}
		b.WriteString(s)
		if err := checkSize(b.Len()); err != nil {
			return "", err
		}
	}
	return b.String(), checkSize(b.Len())
}

func (z *Zones) directive(d directive, args []*string, next, last *int) (string, error) {
	switch d.conv {
	case 'n':
		return "\n", nil
	case '%':
		return d.fill("%"), nil
	}
	at := d.index - 1
	switch d.index {
	case 0:
		at = *next
		*next++
	case -1:
		at = *last
	}
	if at < 0 || at >= len(args) {
		return "", badFormat(d.text, "missing argument")
	}
	*last = at
	s, why, err := z.show(&d, args[at])
	if err != nil {
		return "", err
	}
	if why != "" {
		return "", badFormat(d.text, why)
	}
	if d.upper {
		s = strings.ToUpper(s)
	}
	return d.fill(s), nil
}

// fill pads to the width with blanks.
func (d *directive) fill(s string) string {
	n := d.width - utf8.RuneCountInString(s)
	switch {
	case n <= 0:
		return s
	case strings.Contains(d.flags, "-"):
		return s + strings.Repeat(" ", n)
	}
	return strings.Repeat(" ", n) + s
}

// show is the argument's text; why is set where the conversion does not fit it.
func (z *Zones) show(d *directive, arg *string) (s, why string, err error) {
	kind, text := byte(0), "null"
	if arg != nil {
		if len(*arg) < 2 || (*arg)[1] != ':' {
			return "", "", invalid("format argument without its type: %s", shorten(*arg))
		}
		kind, text = (*arg)[0], (*arg)[2:]
	}
	mismatch := "conversion " + string(d.conv) + " of a value of another type"
	switch {
	case d.conv == 'b':
		s = d.cut(strconv.FormatBool(arg != nil && (kind != 'b' || text == "true")))
	case arg == nil:
		s = d.cut("null")
	case d.conv == 's':
		s, err = z.plainText(kind, text)
		s = d.cut(s)
	case d.conv == 't':
		return z.clockPart(d, kind, text)
	case d.conv == 'h' && kind == 's':
		s = d.cut(strconv.FormatUint(uint64(javaHash(text)), 16))
	case d.conv == 'h' || d.conv == 'a':
		return "", "", notSupported("conversion %%%c of format", d.conv)
	case strings.IndexByte("dxo", d.conv) >= 0 && kind == 'i':
		s, err = d.integer(text)
	case strings.IndexByte("efg", d.conv) >= 0 && strings.IndexByte("frd", kind) >= 0:
		s, err = d.float(kind, text)
	default:
		return "", mismatch, nil
	}
	return s, "", err
}

func (d *directive) cut(s string) string {
	if d.prec < 0 {
		return s
	}
	for i := range s {
		if d.prec == 0 {
			return s[:i]
		}
		d.prec--
	}
	return s
}

// javaHash is String.hashCode.
func javaHash(s string) uint32 {
	h := uint32(0)
	for _, r := range s {
		if r > 0xffff {
			h = h*31 + uint32(0xD800+(r-0x10000)>>10)
			r = 0xDC00 + (r-0x10000)&0x3ff
		}
		h = h*31 + uint32(r)
	}
	return h
}

// plainText is Java's toString.
func (z *Zones) plainText(kind byte, text string) (string, error) {
	switch kind {
	case 'f', 'r':
		bits := 64
		if kind == 'r' {
			bits = 32
		}
		v, err := strconv.ParseFloat(text, bits)
		if err != nil {
			return "", invalid("format argument is not a number: %s", shorten(text))
		}
		return javaFloatText(v, bits), nil
	case 't', 'z':
		wall, zone, err := formatMoment(kind, text)
		if err != nil {
			return "", err
		}
		s := wall.Format("2006-01-02T15:04")
		if wall.Second() != 0 || wall.Nanosecond() != 0 {
			s += wall.Format(":05")
		}
		s += nanoGroups(wall.Nanosecond())
		if kind == 'z' {
			id, err := z.known.get(zone)
			if err != nil {
				return "", err
			}
			if off := offsetAt(instantIn(wall, id.loc), id.loc); off != 0 {
				s += offsetText(off / 60)
			} else {
				s += "Z"
			}
			if _, fixed := offsetMinutes(id.id); !fixed {
				s += "[" + id.id + "]"
			}
		}
		return s, nil
	}
	return text, nil
}

func nanoGroups(n int) string {
	switch {
	case n == 0:
		return ""
	case n%1e6 == 0:
		return fmt.Sprintf(".%03d", n/1e6)
	case n%1e3 == 0:
		return fmt.Sprintf(".%06d", n/1e3)
	}
	return fmt.Sprintf(".%09d", n)
}

// javaFloatText is Double.toString or Float.toString.
func javaFloatText(v float64, bits int) string {
	if a := math.Abs(v); v == 0 || a >= 1e-3 && a < 1e7 {
		s := strconv.FormatFloat(v, 'f', -1, bits)
		if !strings.Contains(s, ".") {
			s += ".0"
		}
		return s
	}
	return scientific(v, JavaDigits(v, bits))
}

func (d *directive) has(flag string) bool { return strings.Contains(d.flags, flag) }

func (d *directive) integer(text string) (string, error) {
	v, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return "", invalid("format argument is not an integer: %s", shorten(text))
	}
	if d.conv == 'd' {
		return d.signed(v < 0, strings.TrimPrefix(text, "-"), ""), nil
	}
	base, mark := 16, "0x"
	if d.conv == 'o' {
		base, mark = 8, "0"
	}
	s := strconv.FormatUint(uint64(v), base)
	if !d.has("#") {
		mark = ""
	}
	if d.has("0") {
		s = strings.Repeat("0", max(d.width-len(s)-len(mark), 0)) + s
	}
	return mark + s, nil
}

// signed puts sign, grouping and leading zeros around a number's digits.
func (d *directive) signed(negative bool, whole, rest string) string {
	if d.has(",") {
		for i := len(whole) - 3; i > 0; i -= 3 {
			whole = whole[:i] + "," + whole[i:]
		}
	}
	before, after := "", ""
	switch {
	case negative && d.has("("):
		before, after = "(", ")"
	case negative:
		before = "-"
	case d.has("+"):
		before = "+"
	case d.has(" "):
		before = " "
	}
	if d.has("0") {
		whole = strings.Repeat("0", max(d.width-len(before)-len(whole)-len(rest)-len(after), 0)) + whole
	}
	return before + whole + rest + after
}

func (d *directive) float(kind byte, text string) (string, error) {
	digits := text
	if kind != 'd' {
		bits := 64
		if kind == 'r' {
			bits = 32
		}
		v, err := strconv.ParseFloat(text, bits)
		if err != nil {
			return "", invalid("format argument is not a number: %s", shorten(text))
		}
		if !finite(v) {
			return d.infinite(v), nil
		}
		digits = strconv.FormatFloat(v, 'e', -1, bits)
	}
	negative := strings.HasPrefix(digits, "-")
	v, ok := parseDecimal(strings.TrimPrefix(digits, "-"))
	if !ok {
		return "", invalid("format argument is not a number: %s", shorten(text))
	}
	prec := d.prec
	if prec < 0 {
		prec = 6
	}
	switch d.conv {
	case 'e':
		return d.exponent(negative, v, prec), nil
	case 'g':
		return d.general(negative, v, max(prec, 1)), nil
	}
	return d.fixed(negative, v, prec), nil
}

func (d *directive) infinite(v float64) string {
	f := *d
	f.flags = strings.ReplaceAll(strings.ReplaceAll(d.flags, "0", ""), ",", "")
	d.flags = f.flags
	if v != v {
		return "NaN"
	}
	return f.signed(v < 0, "Infinity", "")
}

func (d *directive) fixed(negative bool, v decimal, prec int) string {
	s, ok := v.text(100_000, prec)
	if !ok {
		return ""
	}
	whole, frac, _ := strings.Cut(s, ".")
	if frac != "" {
		frac = "." + frac
	} else if d.has("#") {
		frac = "."
	}
	return d.signed(negative, whole, frac)
}

// scale is v's exponent in scientific notation once rounded to digits places.
func (v decimal) scale(digits int) (rounded string, exp int) {
	s := v.digits.String()
	exp = len(s) - 1 + v.exp
	if len(s) > digits {
		q := divHalfUp(v.digits, pow10(len(s)-digits)).String()
		if len(q) > digits {
			exp++
			q = q[:digits]
		}
		s = q
	}
	return s + strings.Repeat("0", digits-len(s)), exp
}

func (d *directive) exponent(negative bool, v decimal, prec int) string {
	digits, exp := strings.Repeat("0", prec+1), 0
	if v.digits.Sign() != 0 {
		digits, exp = v.scale(prec + 1)
	}
	rest := ""
	if prec > 0 {
		rest = "." + digits[1:]
	} else if d.has("#") {
		rest = "."
	}
	return d.signed(negative, digits[:1], rest+fmt.Sprintf("e%+03d", exp))
}

func (d *directive) general(negative bool, v decimal, prec int) string {
	if v.digits.Sign() == 0 {
		return d.fixed(negative, v, prec-1)
	}
	digits, exp := v.scale(prec)
	if exp < -4 || exp >= prec {
		return d.exponent(negative, v, prec-1)
	}
	n, _ := new(big.Int).SetString(digits, 10)
	return d.fixed(negative, decimal{n, exp - prec + 1}, prec-1-exp)
}

func formatDefs(z *Zones) []Def {
	return []Def{nulls(variadic("mg_format", func(format *string, args []*string) (*string, error) {
		if format == nil {
			return nil, nil
		}
		s, err := z.Format(*format, args)
		return &s, err
	}))}
}
