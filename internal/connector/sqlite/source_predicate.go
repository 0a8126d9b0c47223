package sqlite

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
	"github.com/mulgil/mulgil/internal/port/extract"
)

// where renders a predicate as SQL text, "" for none.
func (t *sourceTable) where(p port.Predicate) (string, error) {
	switch p := p.(type) {
	case nil:
		return "", nil
	case port.And:
		return t.terms(p, " AND ", "1")
	case port.Or:
		return t.terms(p, " OR ", "0")
	case port.Compare:
		return t.compare(p)
	case port.In:
		return t.in(p)
	case port.IsNull:
		if _, err := t.field(p.Column); err != nil {
			return "", err
		}
		if p.Not {
			return sqlName(p.Column) + " IS NOT NULL", nil
		}
		return sqlName(p.Column) + " IS NULL", nil
	}
	return "", base.Errorf(base.Internal, "a predicate of type %T cannot be sent to SQLite", p)
}

func (t *sourceTable) terms(list []port.Predicate, glue, empty string) (string, error) {
	if len(list) == 0 {
		return empty, nil
	}
	out := make([]string, len(list))
	for i, p := range list {
		s, err := t.where(p)
		if err != nil {
			return "", err
		}
		if s == "" {
			s = "1"
		}
		out[i] = s
	}
	return "(" + strings.Join(out, glue) + ")", nil
}

func (t *sourceTable) compare(p port.Compare) (string, error) {
	f, err := t.field(p.Column)
	if err != nil {
		return "", err
	}
	switch p.Op {
	case port.Eq, port.Ne:
	case port.Lt, port.Le, port.Gt, port.Ge:
		if t.utf16 && f.Type.ID == base.String {
			return "", base.Errorf(base.Invalid, "table %s: column %q is kept as UTF-16, where text does not order by code point", t, p.Column).
				WithHint("compare such columns with = or <> only")
		}
	default:
		return "", base.Errorf(base.Internal, "column %q: unknown comparison %q", p.Column, p.Op)
	}
	if p.Value == nil {
		return "NULL", nil
	}
	lit, lerr := t.literal(f, p.Value)
	if lerr != nil {
		return "", lerr
	}
	return t.dayRange(f, p) + side(f) + " " + string(p.Op) + " " + lit, nil
}

// dayRange is a condition that rows of a comparison with a date or timestamp
// fulfil whatever form their text has, and that an index can answer; it ends
// with AND. "~" follows everything that can stand behind the day.
func (t *sourceTable) dayRange(f base.Field, p port.Compare) string {
	v, ok := p.Value.(time.Time)
	if !ok || t.utf16 {
		return ""
	}
	c, day := sqlName(f.Name), sqlText(v.UTC().Format(time.DateOnly))
	end := sqlText(v.UTC().Format(time.DateOnly) + "~")
	switch p.Op {
	case port.Eq:
		return c + " BETWEEN " + day + " AND " + end + " AND "
	case port.Gt, port.Ge:
		return c + " >= " + day + " AND "
	case port.Lt, port.Le:
		return c + " <= " + end + " AND "
	}
	return ""
}

func (t *sourceTable) in(p port.In) (string, error) {
	f, err := t.field(p.Column)
	if err != nil {
		return "", err
	}
	if len(p.Values) == 0 {
		return "0", nil
	}
	out := make([]string, len(p.Values))
	for i, v := range p.Values {
		if v == nil {
			out[i] = "NULL"
			continue
		}
		lit, err := t.literal(f, v)
		if err != nil {
			return "", err
		}
		out[i] = lit
	}
	return side(f) + " IN (" + strings.Join(out, ", ") + ")", nil
}

// side is the column's side of a comparison, in the form its literals have:
// timestamps are kept as text of several lengths and are brought to one.
func side(f base.Field) string {
	c := sqlName(f.Name)
	switch f.Type.ID {
	case base.String:
		return c + " COLLATE BINARY"
	case base.UUID:
		return "lower(" + c + ")"
	case base.Timestamp, base.Date:
		t := "replace(" + c + ", 'T', ' ')"
		return "substr(CASE length(" + c + ") WHEN 10 THEN " + c + " || ' 00:00:00.000000' WHEN 16 THEN " + t +
			" || ':00.000000' WHEN 19 THEN " + t + " || '.000000' ELSE " + t + " || '000000' END, 1, 26)"
	}
	return c
}

// literal writes a value as a constant that fits the column.
func (t *sourceTable) literal(f base.Field, v any) (string, error) {
	mismatch := func(what string) error {
		return base.Errorf(base.Invalid, "table %s: column %q is %s and cannot be compared with %s", t, f.Name, f.Type, what).
			WithHint("give a value of the column's own type")
	}
	id := f.Type.ID
	number := id == base.Long || id == base.Double || id == base.Decimal
	switch v := v.(type) {
	case string:
		if id == base.UUID {
			if u, err := uuid.Parse(v); err == nil {
				return sqlText(u.String()), nil
			}
		}
		if id != base.String {
			return "", mismatch("text")
		}
		if strings.ContainsRune(v, 0) {
			return "", mismatch("text that holds a zero byte")
		}
		return sqlText(v), nil
	case bool:
		if id != base.Boolean {
			return "", mismatch("a boolean")
		}
		if v {
			return "1", nil
		}
		return "0", nil
	case int64:
		if !number {
			return "", mismatch("a number")
		}
		return strconv.FormatInt(v, 10), nil
	case float64:
		if !number || math.IsNaN(v) {
			return "", mismatch("the number " + strconv.FormatFloat(v, 'g', -1, 64))
		}
		if math.IsInf(v, 0) {
			return strconv.FormatFloat(math.Copysign(9, v), 'f', 0, 64) + "e999", nil
		}
		return strconv.FormatFloat(v, 'g', -1, 64), nil
	case port.Decimal:
		if !number || !extract.IsDecimal(string(v)) {
			return "", mismatch("the number " + strconv.Quote(string(v)))
		}
		return string(v), nil
	case time.Time:
		if v = v.UTC(); id != base.Date && id != base.Timestamp || v.Year() < 1 || v.Year() > 9999 {
			return "", mismatch("the time " + v.Format(time.RFC3339))
		}
		return v.Format("'2006-01-02 15:04:05.000000'"), nil
	}
	return "", base.Errorf(base.Internal, "column %q: a value of type %T cannot be sent to SQLite", f.Name, v)
}
