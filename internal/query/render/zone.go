package render

import (
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// zoned writes an instant in UTC and a zone as that zone's wall time with the
// zone's name behind it.
type zoned struct {
	s         *array.Struct
	t         *array.Timestamp
	z         *array.String
	perSecond int64
	digits    int
	zones     map[string]*zone
}

// zone is one zone, with the span of time its offset was last looked up for.
type zone struct {
	name            string
	loc             *time.Location
	from, to, shift int64
}

func newZoned(t types.Type, in arrow.DataType) column {
	switch d := in.(type) {
	case *arrow.StructType:
		if d.NumFields() != 2 {
			return nil
		}
		u, ok := d.Field(0).Type.(*arrow.TimestampType)
		if !ok || d.Field(1).Type.ID() != arrow.STRING {
			return nil
		}
		return &zoned{perSecond: perSecond(u.Unit), digits: t.P, zones: map[string]*zone{}}
	case *arrow.TimestampType:
		return &utc{timestamp{perSecond: perSecond(d.Unit), digits: t.P}}
	}
	return nil
}

func (c *zoned) bind(a arrow.Array) {
	c.s = a.(*array.Struct)
	c.t, c.z = c.s.Field(0).(*array.Timestamp), c.s.Field(1).(*array.String)
}

func (c *zoned) write(dst []byte, i int) []byte {
	if c.s.IsNull(i) || c.t.IsNull(i) || c.z.IsNull(i) {
		return append(dst, null...)
	}
	v, name := int64(c.t.Value(i)), c.z.Value(i)
	z, ok := c.zones[name]
	if !ok {
		name = strings.Clone(name)
		z = newZone(name)
		c.zones[name] = z
	}
	dst = append(dst, '"')
	dst = appendMoment(dst, v+z.offset(floorDiv(v, c.perSecond))*c.perSecond, c.perSecond, c.digits)
	dst = append(dst, ' ')
	dst = append(dst, z.name...)
	return append(dst, '"')
}

// offset is how many seconds the zone is ahead of UTC at a moment.
func (z *zone) offset(unix int64) int64 {
	if unix >= z.from && unix < z.to {
		return z.shift
	}
	t := time.Unix(unix, 0).In(z.loc)
	_, shift := t.Zone()
	start, end := t.ZoneBounds()
	z.shift, z.from, z.to = int64(shift), unix, unix+1
	if !start.IsZero() && !end.IsZero() {
		z.from, z.to = start.Unix(), end.Unix()
	}
	return z.shift
}

// newZone is the zone of a name or of an offset such as +09:00. Binding knows
// which zones exist; one that does not is shown as UTC, which is its instant.
func newZone(name string) *zone {
	if len(name) == len("+09:00") && (name[0] == '+' || name[0] == '-') {
		if t, err := time.Parse("-07:00", name); err == nil {
			_, shift := t.Zone()
			return &zone{name: name, loc: time.FixedZone(name, shift)}
		}
	}
	if loc, err := time.LoadLocation(name); err == nil && name != "" && name != "Local" {
		return &zone{name: name, loc: loc}
	}
	return &zone{name: "UTC", loc: time.UTC}
}

// utc is an instant without a zone of its own.
type utc struct{ timestamp }

func (c *utc) write(dst []byte, i int) []byte {
	if c.a.IsNull(i) {
		return append(dst, null...)
	}
	dst = append(dst, '"')
	dst = appendMoment(dst, int64(c.a.Value(i)), c.perSecond, c.digits)
	return append(dst, ` UTC"`...)
}
