package duckdb

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// typedLit binds TYPE 'text'.
func (b *binder) typedLit(x *trino.TypedLit) (expr, error) {
	t, err := types.Parse(x.Type.Text)
	if err != nil {
		return expr{}, b.fail(x.Type, "TYPE_NOT_FOUND", "unknown type: %s", x.Type.Text)
	}
	bad := func() error {
		return b.fail(x, "INVALID_LITERAL", "%s is not a valid %s literal", quote(x.Value), t)
	}
	switch t.Kind {
	case types.Decimal:
		d, err := b.decimalLit(x, strings.TrimSpace(x.Value))
		return d, err
	case types.Timestamp, types.TimestampTZ:
		return b.timestampLit(x)
	case types.Time, types.TimeTZ:
		return b.timeLit(x)
	case types.Date:
		d, ok := parseDate(x.Value)
		if !ok {
			return expr{}, bad()
		}
		return expr{typ: t, sql: "DATE '" + dateText(d) + "'", val: d}, nil
	case types.Char:
		v := strings.TrimRight(x.Value, " ")
		if strings.Contains(x.Type.Text, "(") {
			r := []rune(v)
			return expr{typ: t, sql: textSQL(string(r[:min(len(r), t.P)])), val: v}, nil
		}
		return expr{typ: types.CharOf(len([]rune(x.Value))), sql: textSQL(v), val: v}, nil
	case types.JSON:
		if !json.Valid([]byte(x.Value)) {
			return expr{}, bad()
		}
		return expr{typ: t, sql: b.fn("mg_json_parse", textSQL(x.Value))}, nil
	case types.Tinyint, types.Smallint, types.Integer, types.Bigint:
		n, err := strconv.ParseInt(strings.TrimSpace(x.Value), 10, map[types.Kind]int{types.Tinyint: 8, types.Smallint: 16, types.Integer: 32, types.Bigint: 64}[t.Kind])
		if err != nil {
			return expr{}, bad()
		}
		return expr{typ: t, sql: fmt.Sprintf("CAST(%d AS %s)", n, physical(t)), val: n}, nil
	case types.Real, types.Double:
		f, err := strconv.ParseFloat(strings.TrimSpace(x.Value), 64)
		if err != nil {
			return expr{}, bad()
		}
		return expr{typ: t, sql: "CAST(" + quote(strconv.FormatFloat(f, 'g', -1, 64)) + " AS " + physical(t) + ")", val: f}, nil
	}
	if valid := validLiterals[t.Kind]; valid != nil && !valid(x.Value) {
		return expr{}, bad()
	}
	e := expr{typ: types.VarcharOf(len([]rune(x.Value))), sql: textSQL(x.Value), val: x.Value}
	return b.convert(x, e, t)
}

var tooFine = regexp.MustCompile(`:\d{2}\.\d{13,}`)

var uuidForm = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// validLiterals are checks of literals whose CAST would fail only while running.
var validLiterals = map[types.Kind]func(s string) bool{
	types.Boolean: func(s string) bool {
		switch strings.ToLower(s) {
		case "t", "true", "1", "f", "false", "0":
			return true
		}
		return false
	},
	types.UUID:      uuidForm.MatchString,
	types.IPAddress: func(s string) bool { _, err := netip.ParseAddr(s); return err == nil },
}

func dateText(t time.Time) string { return t.Format("2006-01-02") }

// timestampLit has the precision of its digits; a zone makes it one with time zone.
func (b *binder) timestampLit(x *trino.TypedLit) (expr, error) {
	ts, ok := parseStamp(x.Value)
	if !ok && tooFine.MatchString(x.Value) {
		return expr{}, b.fail(x, "NUMERIC_VALUE_OUT_OF_RANGE", "timestamp precision must be in range [0, 12]")
	}
	if !ok {
		return expr{}, b.fail(x, "INVALID_LITERAL", "%s is not a valid timestamp literal", quote(x.Value))
	}
	if ts.Zone == "" {
		return expr{typ: types.TimestampOf(ts.Digits), sql: clockSQL(ts.UTC, ts.Digits), val: ts.UTC}, nil
	}
	return expr{typ: types.TimestampTZOf(ts.Digits), sql: zoned(clockSQL(ts.UTC, ts.Digits), quote(ts.Zone)), val: ts.UTC}, nil
}

// clockSQL is a timestamp constant of p digits.
func clockSQL(t time.Time, p int) string {
	return clockType(p) + " '" + t.Format("2006-01-02 15:04:05.999999999") + "'"
}

// zoned packs an instant in UTC and a zone: NULL where the instant is.
func zoned(instant, zone string) string {
	packed := "struct_pack(t := " + instant + ", z := " + zone + ")"
	if strings.HasPrefix(instant, "TIMESTAMP") {
		return packed // a constant
	}
	return "CASE WHEN " + instant + " IS NULL THEN NULL ELSE " + packed + " END"
}

// instant is the UTC time of a timestamp with time zone, looked into where it is packed in place.
func instant(sql string) string {
	if t, _, ok := unpack(sql); ok {
		return t
	}
	return "struct_extract(" + sql + ", 't')"
}

// zone is its zone.
func zone(sql string) string {
	if _, z, ok := unpack(sql); ok {
		return z
	}
	return "struct_extract(" + sql + ", 'z')"
}

// unpack takes zoned's text apart.
func unpack(sql string) (t, z string, ok bool) {
	const then = " IS NULL THEN NULL ELSE struct_pack(t := "
	rest, guarded := strings.CutPrefix(sql, "CASE WHEN ")
	if !guarded {
		return unpackStruct(sql)
	}
	for from := 0; ; {
		i := strings.Index(rest[from:], then)
		if i < 0 {
			return "", "", false
		}
		t, from = rest[:from+i], from+i+len(then)
		tail, ok := strings.CutPrefix(rest[from:], t+", z := ")
		if z, end := strings.CutSuffix(tail, ") END"); ok && end && balanced(z) {
			return t, z, true
		}
	}
}

func unpackStruct(sql string) (t, z string, ok bool) {
	rest, ok := strings.CutPrefix(sql, "struct_pack(t := ")
	if !ok {
		return "", "", false
	}
	i := strings.LastIndex(rest, ", z := ")
	if i < 0 || !strings.HasSuffix(rest, ")") || !balanced(rest[:i]) {
		return "", "", false
	}
	return rest[:i], rest[i+len(", z := ") : len(rest)-1], balanced(rest[i+len(", z := ") : len(rest)-1])
}

// balanced tells whether parentheses outside quotes pair up.
func balanced(s string) bool {
	depth, in := 0, byte(0)
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case in != 0:
			if c == in {
				in = 0
			}
		case c == '\'' || c == '"':
			in = c
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth < 0 {
				return false
			}
		}
	}
	return depth == 0 && in == 0
}

func (b *binder) timeLit(x *trino.TypedLit) (expr, error) {
	micros, digits, off, ok := parseTime(x.Value)
	if !ok {
		return expr{}, b.fail(x, "INVALID_LITERAL", "%s is not a valid time literal", quote(x.Value))
	}
	if off != "" {
		return expr{}, b.fail(x, "NOT_SUPPORTED", "time with time zone is not supported by the embedded engine")
	}
	if digits > 6 {
		return expr{}, b.fail(x, "NOT_SUPPORTED", "time with more than 6 digits is not supported by the embedded engine")
	}
	t := time.UnixMicro(micros).UTC()
	return expr{typ: types.TimeOf(digits), sql: "TIME '" + t.Format("15:04:05.999999") + "'"}, nil
}

// units of interval literals in milliseconds, or months.
var intervalMillis = map[string]int64{"second": 1000, "minute": 60_000, "hour": 3_600_000, "day": 86_400_000, "week": 7 * 86_400_000}
var intervalMonths = map[string]int64{"month": 1, "year": 12}

// interval binds INTERVAL '1' DAY, '1-2' YEAR TO MONTH, '2 03:04:05.678' DAY TO SECOND.
func (b *binder) interval(x *trino.IntervalLit) (expr, error) {
	sign := int64(1)
	if x.Negative {
		sign = -1
	}
	text := strings.TrimSpace(x.Value)
	if t, ok := strings.CutPrefix(text, "-"); ok {
		sign, text = -sign, t
	} else {
		text = strings.TrimPrefix(text, "+")
	}
	bad := b.fail(x, "INVALID_LITERAL", "%s is not a valid interval literal", quote(x.Value))
	if _, ok := intervalMonths[x.From]; ok {
		months, ok := yearMonth(text, x.From, x.To)
		if !ok {
			return expr{}, bad
		}
		return expr{typ: types.TIntervalY, sql: fmt.Sprintf("CAST(%d AS INTEGER)", sign*months), val: sign * months}, nil
	}
	ms, ok := dayTime(text, x.From, x.To)
	if !ok {
		return expr{}, bad
	}
	return expr{typ: types.TIntervalD, sql: fmt.Sprintf("CAST(%d AS BIGINT)", sign*ms), val: sign * ms}, nil
}

func yearMonth(text, from, to string) (int64, bool) {
	if to == "" || to == from {
		n, err := strconv.ParseInt(text, 10, 32)
		return n * intervalMonths[from], err == nil
	}
	y, m, ok := strings.Cut(text, "-")
	years, err := strconv.ParseInt(y, 10, 32)
	months, err2 := int64(0), error(nil)
	if ok {
		months, err2 = strconv.ParseInt(m, 10, 32)
	}
	return years*12 + months, err == nil && err2 == nil
}

// dayTime reads "d h:m:s.f" from unit from to unit to.
func dayTime(text, from, to string) (int64, bool) {
	order := []string{"day", "hour", "minute", "second"}
	if to == "" {
		to = from
	}
	if from == "week" {
		n, err := strconv.ParseInt(text, 10, 32)
		return n * intervalMillis["week"], err == nil
	}
	i, j := index(order, from), index(order, to)
	if i < 0 || j < i {
		return 0, false
	}
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ':' })
	if len(parts) == 0 {
		return 0, text == ""
	}
	if len(parts) > j-i+1 {
		return 0, false
	}
	var ms int64
	for k, p := range parts {
		unit := order[i+k]
		if unit == "second" {
			f, err := strconv.ParseFloat(p, 64)
			if err != nil || f < 0 {
				return 0, false
			}
			ms += int64(f*1000 + 0.5)
			continue
		}
		n, err := strconv.ParseInt(p, 10, 32)
		if err != nil || n < 0 {
			return 0, false
		}
		ms += n * intervalMillis[unit]
	}
	return ms, true
}

func index(list []string, s string) int {
	for i, x := range list {
		if x == s {
			return i
		}
	}
	return -1
}
