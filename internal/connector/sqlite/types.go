package sqlite

import (
	"strconv"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port/extract"
)

// declared are the type names we read, without their arguments.
var declared = map[string]base.TypeID{
	"text": base.String, "varchar": base.String, "char": base.String, "character": base.String, "string": base.String, "clob": base.String,
	"character varying": base.String, "varying character": base.String, "nchar": base.String, "nvarchar": base.String, "native character": base.String,
	"bpchar": base.String, "json": base.String,
	"int": base.Long, "integer": base.Long, "bigint": base.Long, "smallint": base.Long, "tinyint": base.Long, "mediumint": base.Long,
	"int2": base.Long, "int4": base.Long, "int8": base.Long, "long": base.Long,
	"real": base.Double, "double": base.Double, "double precision": base.Double, "float": base.Double, "float4": base.Double, "float8": base.Double,
	"numeric": base.Decimal, "decimal": base.Decimal,
	"boolean": base.Boolean, "bool": base.Boolean, "date": base.Date, "time": base.Time,
	"timestamp": base.Timestamp, "datetime": base.Timestamp, "timestamp without time zone": base.Timestamp,
	"blob": base.Binary, "bytea": base.Binary, "binary": base.Binary, "varbinary": base.Binary, "uuid": base.UUID,
}

// typeOf maps a declared type. One that is not known has its own name as type
// id: Describe shows it, Read refuses it.
func typeOf(decl string) base.Type {
	unknown := base.Type{ID: base.TypeID(strings.TrimSpace(decl))}
	word, args, _ := strings.Cut(strings.ToLower(decl), "(")
	id, ok := declared[strings.Join(strings.Fields(word), " ")]
	if !ok {
		return unknown
	}
	if id != base.Decimal {
		return base.Type{ID: id}
	}
	p, s, _ := strings.Cut(strings.TrimSuffix(strings.TrimSpace(args), ")"), ",")
	precision, err := strconv.Atoi(strings.TrimSpace(p))
	scale := 0
	if err == nil && s != "" {
		scale, err = strconv.Atoi(strings.TrimSpace(s))
	}
	if err != nil || precision < 1 || precision > extract.MaxPrecision || scale < 0 || scale > precision {
		return unknown
	}
	return base.DecimalOf(precision, scale)
}

// refuse explains why a column cannot be read; nil if it can.
func refuse(table string, f base.Field) *base.Error {
	if _, err := extract.ArrowType(f.Type); err == nil {
		return nil
	}
	name := string(f.Type.ID)
	switch lower := strings.ToLower(name); {
	case name == "":
		return base.Errorf(base.Invalid, "table %s column %q has no declared type", table, f.Name).
			WithHint("declare one, or leave the column out by listing columns")
	case strings.HasPrefix(lower, "numeric"), strings.HasPrefix(lower, "decimal"):
		return base.Errorf(base.Invalid, "table %s column %q: %s is no exact decimal", table, f.Name, name).
			WithHint("declare it as numeric(p,s) with p up to 38, or leave it out by listing columns")
	}
	return base.Errorf(base.Invalid, "table %s column %q: type %s is not known", table, f.Name, name).
		WithHint("leave it out by listing columns, or declare one of: text, integer, real, numeric(p,s), boolean, date, time, timestamp, blob")
}

// microsPerDay is a day's length in microseconds.
const microsPerDay = 86_400_000_000

// parseDate reads YYYY-MM-DD as days since 1970-01-01.
func parseDate(b []byte) (int32, bool) {
	if len(b) != 10 || b[4] != '-' || b[7] != '-' {
		return 0, false
	}
	y, ok1 := digits(b[:4])
	m, ok2 := digits(b[5:7])
	d, ok3 := digits(b[8:])
	if !ok1 || !ok2 || !ok3 || y < 1 || m < 1 || m > 12 || d < 1 || d > monthDays(y, m) {
		return 0, false
	}
	return civilDays(y, m, d), true
}

// parseTime reads HH:MM, HH:MM:SS or HH:MM:SS.ffffff as microseconds.
func parseTime(b []byte) (int64, bool) {
	if len(b) < 5 || b[2] != ':' {
		return 0, false
	}
	h, ok1 := digits(b[:2])
	m, ok2 := digits(b[3:5])
	s, ok3, frac := 0, true, []byte(nil)
	if len(b) > 5 {
		if len(b) < 8 || b[5] != ':' {
			return 0, false
		}
		s, ok3 = digits(b[6:8])
		frac = b[8:]
	}
	if !ok1 || !ok2 || !ok3 || h > 23 || m > 59 || s > 59 {
		return 0, false
	}
	micros := int64((h*60+m)*60+s) * 1_000_000
	if len(frac) == 0 {
		return micros, true
	}
	n, ok := digits(frac[1:])
	if frac[0] != '.' || len(frac) < 2 || len(frac) > 7 || !ok {
		return 0, false
	}
	for range 7 - len(frac) {
		n *= 10
	}
	return micros + int64(n), true
}

// parseTimestamp reads a date, alone or followed by a blank or T and a time.
func parseTimestamp(b []byte) (int64, bool) {
	if len(b) < 10 {
		return 0, false
	}
	day, ok := parseDate(b[:10])
	if !ok || len(b) == 10 {
		return int64(day) * microsPerDay, ok
	}
	if b[10] != ' ' && b[10] != 'T' {
		return 0, false
	}
	t, ok := parseTime(b[11:])
	return int64(day)*microsPerDay + t, ok
}

func digits(b []byte) (int, bool) {
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

func monthDays(y, m int) int {
	switch m {
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// civilDays counts the days from 1970-01-01 in the Gregorian calendar.
func civilDays(y, m, d int) int32 {
	if m <= 2 {
		y--
		m += 12
	}
	return int32(365*y + y/4 - y/100 + y/400 + (153*(m-3)+2)/5 + d - 1 - 719_468)
}
