package postgres

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

// where renders a predicate as SQL text, "" for none. COPY takes no
// parameters, so values become literals of their column's type.
func (t *table) where(p port.Predicate) (string, error) {
	if p == nil {
		return "", nil
	}
	switch p := p.(type) {
	case port.And:
		return t.terms(p, " AND ", "TRUE")
	case port.Or:
		return t.terms(p, " OR ", "FALSE")
	case port.Compare:
		return t.compare(p)
	case port.In:
		return t.in(p)
	case port.IsNull:
		c, err := t.column(p.Column)
		if err != nil {
			return "", err
		}
		if p.Not {
			return quote(c.field.Name) + " IS NOT NULL", nil
		}
		return quote(c.field.Name) + " IS NULL", nil
	}
	return "", base.Errorf(base.Internal, "a predicate of type %T cannot be sent to PostgreSQL", p)
}

func (t *table) terms(list []port.Predicate, glue, empty string) (string, error) {
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
			s = "TRUE"
		}
		out[i] = s
	}
	return "(" + strings.Join(out, glue) + ")", nil
}

func (t *table) compare(p port.Compare) (string, error) {
	c, err := t.column(p.Column)
	if err != nil {
		return "", err
	}
	switch p.Op {
	case port.Eq, port.Ne, port.Lt, port.Le, port.Gt, port.Ge:
	default:
		return "", base.Errorf(base.Internal, "column %q: unknown comparison %q", p.Column, p.Op)
	}
	if p.Value == nil {
		return "NULL::boolean", nil
	}
	lit, lerr := t.literal(c, p.Value)
	if lerr != nil {
		return "", lerr
	}
	return c.side(p.Op != port.Eq && p.Op != port.Ne) + " " + string(p.Op) + " " + lit, nil
}

func (t *table) in(p port.In) (string, error) {
	c, err := t.column(p.Column)
	if err != nil {
		return "", err
	}
	if len(p.Values) == 0 {
		return "FALSE", nil
	}
	out := make([]string, len(p.Values))
	for i, v := range p.Values {
		if v == nil {
			out[i] = "NULL"
			continue
		}
		lit, err := t.literal(c, v)
		if err != nil {
			return "", err
		}
		out[i] = lit
	}
	return c.side(false) + " IN (" + strings.Join(out, ", ") + ")", nil
}

// side is the column's side of a comparison. Text that is ordered, or whose
// collation holds different texts equal, compares by code point.
func (c *column) side(ordered bool) string {
	s := quote(c.field.Name)
	if c.field.Type.ID != base.String {
		return s
	}
	if c.typ != "text" && !strings.HasPrefix(c.typ, "character varying") {
		s += "::text"
		ordered = true
	}
	if ordered || c.loose {
		s += ` COLLATE "C"`
	}
	return s
}

// literal writes a value as a constant that fits the column.
func (t *table) literal(c *column, v any) (string, error) {
	mismatch := func(what string) error {
		return base.Errorf(base.Invalid, "table %s: column %q is %s and cannot be compared with %s", t, c.field.Name, c.typ, what).
			WithHint("give a value of the column's own type")
	}
	id := c.field.Type.ID
	switch v := v.(type) {
	case string:
		switch id {
		case base.String:
			if strings.HasPrefix(c.typ, "character(") {
				v = strings.TrimRight(v, " ")
			}
			return textLiteral(v)
		case base.UUID:
			u, err := uuid.Parse(v)
			if err != nil {
				return "", mismatch("the text " + strconv.Quote(v))
			}
			return "'" + u.String() + "'::uuid", nil
		}
		return "", mismatch("text")
	case bool:
		if id != base.Boolean {
			return "", mismatch("a boolean")
		}
		return strings.ToUpper(strconv.FormatBool(v)), nil
	case int64:
		if !isNumber(id) {
			return "", mismatch("a number")
		}
		return "'" + strconv.FormatInt(v, 10) + "'::bigint", nil
	case float64:
		if !isNumber(id) {
			return "", mismatch("a number")
		}
		return floatLiteral(v), nil
	case port.Decimal:
		if !isNumber(id) {
			return "", mismatch("a number")
		}
		if !extract.IsDecimal(string(v)) {
			return "", mismatch(strconv.Quote(string(v)))
		}
		return "'" + string(v) + "'::numeric", nil
	case time.Time:
		return timeLiteral(id, v, mismatch)
	}
	return "", base.Errorf(base.Internal, "column %q: a value of type %T cannot be sent to PostgreSQL", c.field.Name, v)
}

func isNumber(id base.TypeID) bool {
	switch id {
	case base.Int, base.Long, base.Float, base.Double, base.Decimal:
		return true
	}
	return false
}

func floatLiteral(v float64) string {
	switch {
	case math.IsNaN(v):
		return "'NaN'::float8"
	case math.IsInf(v, 1):
		return "'Infinity'::float8"
	case math.IsInf(v, -1):
		return "'-Infinity'::float8"
	}
	return "'" + strconv.FormatFloat(v, 'g', -1, 64) + "'::float8"
}

// timeLiteral writes an instant: its UTC clock for columns without a zone.
func timeLiteral(id base.TypeID, v time.Time, mismatch func(string) error) (string, error) {
	v = v.UTC()
	if v.Year() < 1 || v.Year() > 9999 {
		return "", mismatch("a time outside the years 1 to 9999")
	}
	switch id {
	case base.TimestampTZ:
		return v.Format("'2006-01-02 15:04:05.999999+00'") + "::timestamptz", nil
	case base.Timestamp, base.Date:
		if id == base.Date && v.Equal(v.Truncate(24*time.Hour)) {
			return v.Format("'2006-01-02'") + "::date", nil
		}
		return v.Format("'2006-01-02 15:04:05.999999'") + "::timestamp", nil
	}
	return "", mismatch("a date or time")
}

// textLiteral quotes text so that it reads the same under any server setting.
func textLiteral(v string) (string, error) {
	if strings.ContainsRune(v, 0) {
		return "", base.Errorf(base.Invalid, "the text %q holds a zero byte, which PostgreSQL text cannot", v)
	}
	q := "'" + strings.ReplaceAll(v, "'", "''") + "'"
	if strings.Contains(v, `\`) {
		q = " E" + strings.ReplaceAll(q, `\`, `\\`)
	}
	return q, nil
}
