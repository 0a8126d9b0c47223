package fn

import (
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// DoubleText is CAST(double AS varchar): 1.0E7, 1.0E-1, Infinity.
func DoubleText(v float64) string { return scientific(v, JavaDigits(v, 64)) }

// RealText is CAST(real AS varchar), which shows seven digits.
func RealText(v float32) string {
	wide, _ := strconv.ParseFloat(JavaDigits(float64(v), 32), 64)
	m, e, _ := strings.Cut(strconv.FormatFloat(wide, 'e', 6, 64), "e")
	return scientific(wide, strings.TrimRight(strings.TrimRight(m, "0"), ".")+"e"+e)
}

// scientific turns Go's 1e+07 into Trino's 1.0E7.
func scientific(v float64, s string) string {
	switch {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 1):
		return "Infinity"
	case math.IsInf(v, -1):
		return "-Infinity"
	case v == 0 && math.Signbit(v):
		return "-0E0"
	case v == 0:
		return "0E0"
	}
	m, e, _ := strings.Cut(s, "e")
	if !strings.Contains(m, ".") {
		m += ".0"
	}
	exp, _ := strconv.Atoi(e)
	return m + "E" + strconv.Itoa(exp)
}

var javaFloat = regexp.MustCompile(`^[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?[0-9]+)[dDfF]?$`)

// parseJavaFloat reads what Java's Double.parseDouble reads.
func parseJavaFloat(text string, bits int) (float64, bool) {
	s := strings.Trim(text, "\x00\x01\x02\x03\x04\x05\x06\a\b\t\n\v\f\r\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f ")
	switch s {
	case "NaN", "+NaN", "-NaN":
		return math.NaN(), true
	case "Infinity", "+Infinity":
		return math.Inf(1), true
	case "-Infinity":
		return math.Inf(-1), true
	}
	if !javaFloat.MatchString(s) {
		return 0, false
	}
	if hex := strings.ContainsAny(s, "xX"); !hex || strings.ContainsAny(s, "pP") {
		s = strings.TrimRight(s, "dDfF")
	}
	v, _ := strconv.ParseFloat(s, bits) // out of range gives the infinity it should
	return v, true
}

// TextDouble is CAST(varchar AS double).
func TextDouble(s string) (float64, error) {
	v, ok := parseJavaFloat(s, 64)
	if !ok {
		return 0, badCast("cannot cast '%s' to DOUBLE", s)
	}
	return v, nil
}

// TextReal is CAST(varchar AS real).
func TextReal(s string) (float32, error) {
	v, ok := parseJavaFloat(s, 32)
	if !ok {
		return 0, badCast("cannot cast '%s' to REAL", s)
	}
	return float32(v), nil
}

func textInteger(s string, bits int, name string) (int64, error) {
	v, err := strconv.ParseInt(s, 10, bits)
	if err != nil {
		return 0, badCast("cannot cast '%s' to %s", s, name)
	}
	return v, nil
}

// TextBigint is CAST(varchar AS bigint): digits with a sign, nothing else.
func TextBigint(s string) (int64, error) { return textInteger(s, 64, "BIGINT") }

// TextInteger is CAST(varchar AS integer).
func TextInteger(s string) (int64, error) { return textInteger(s, 32, "INT") }

// TextSmallint is CAST(varchar AS smallint).
func TextSmallint(s string) (int64, error) { return textInteger(s, 16, "SMALLINT") }

// TextTinyint is CAST(varchar AS tinyint).
func TextTinyint(s string) (int64, error) { return textInteger(s, 8, "TINYINT") }

// TextBoolean is CAST(varchar AS boolean).
func TextBoolean(s string) (bool, error) {
	switch strings.ToLower(s) {
	case "t", "true", "1":
		return true, nil
	case "f", "false", "0":
		return false, nil
	}
	return false, badCast("cannot cast '%s' to BOOLEAN", s)
}

var decimalForm = regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,9})?$`)

// TextDecimal is CAST(varchar AS decimal(precision, scale)) as the decimal's
// text with its full scale, rounded half up.
func TextDecimal(s string, precision, scale int64) (string, error) {
	v, ok := parseDecimal(s)
	if !ok {
		return "", badCast("cannot cast '%s' to DECIMAL(%d, %d): value is not a number", s, precision, scale)
	}
	text, ok := v.text(int(precision), int(scale))
	if !ok {
		return "", badCast("cannot cast '%s' to DECIMAL(%d, %d): value too large", s, precision, scale)
	}
	return text, nil
}

// decimal is digits times ten to the power exp.
type decimal struct {
	digits *big.Int
	exp    int
}

func parseDecimal(s string) (decimal, bool) {
	if !decimalForm.MatchString(s) || len(s) > 100_000 {
		return decimal{}, false
	}
	m, exp := s, 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		m = s[:i]
		exp, _ = strconv.Atoi(s[i+1:])
	}
	whole, frac, _ := strings.Cut(m, ".")
	d, ok := new(big.Int).SetString(strings.TrimPrefix(whole+frac, "+"), 10)
	return decimal{d, exp - len(frac)}, ok
}

// text is the value with scale digits after the point, false if it has more
// than precision digits.
func (d decimal) text(precision, scale int) (string, bool) {
	unscaled, ok := d.unscaled(precision, scale)
	if !ok {
		return "", false
	}
	s := new(big.Int).Abs(unscaled).String()
	if len(s) <= scale {
		s = strings.Repeat("0", scale+1-len(s)) + s
	}
	if scale > 0 {
		s = s[:len(s)-scale] + "." + s[len(s)-scale:]
	}
	if unscaled.Sign() < 0 {
		s = "-" + s
	}
	return s, true
}

func (d decimal) unscaled(precision, scale int) (*big.Int, bool) {
	shift := d.exp + scale
	size := len(new(big.Int).Abs(d.digits).String())
	switch {
	case d.digits.Sign() == 0 || size+shift < 0:
		return new(big.Int), true
	case size+shift > precision+1:
		return nil, false
	}
	v := new(big.Int).Set(d.digits)
	if shift >= 0 {
		v.Mul(v, pow10(shift))
	} else {
		v = divHalfUp(v, pow10(-shift))
	}
	return v, v.Sign() == 0 || len(new(big.Int).Abs(v).String()) <= precision
}

func pow10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// divHalfUp divides and rounds halves away from zero.
func divHalfUp(a, b *big.Int) *big.Int {
	q, r := new(big.Int).QuoRem(a, b, new(big.Int))
	if r.Abs(r).Lsh(r, 1).Cmp(b) >= 0 {
		q.Add(q, big.NewInt(int64(a.Sign())))
	}
	return q
}

func numberTextDefs() []Def {
	return []Def{
		def1("mg_double_text", sure(DoubleText)),
		def1("mg_real_text", sure(RealText)),
		def1("mg_text_double", TextDouble),
		def1("mg_text_real", TextReal),
		def1("mg_text_bigint", TextBigint),
		def1("mg_text_integer", TextInteger),
		def1("mg_text_smallint", TextSmallint),
		def1("mg_text_tinyint", TextTinyint),
		def1("mg_text_boolean", TextBoolean),
		def3("mg_text_decimal", TextDecimal),
	}
}
