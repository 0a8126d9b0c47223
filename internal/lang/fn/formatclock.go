package fn

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

func formatMoment(kind byte, text string) (wall time.Time, zone string, err error) {
	if kind == 'T' {
		text = "1970-01-01 " + text
	}
	wall, zone, ok := stamp(text, 9)
	if !ok {
		return wall, "", invalid("format argument is not a moment: %s", shorten(text))
	}
	return wall, zone, nil
}

// clockParts are the conversions behind t as Go layouts.
var clockParts = map[byte]string{'H': "15", 'M': "04", 'S': "05", 'B': "January", 'b': "Jan", 'h': "Jan", 'A': "Monday", 'a': "Mon", 'Y': "2006", 'y': "06",
	'm': "01", 'd': "02", 'e': "2", 'R': "15:04", 'T': "15:04:05", 'r': "03:04:05 PM", 'D': "01/02/06", 'F': "2006-01-02", 'p': "pm", 'I': "03", 'l': "3", 'L': "000", 'N': "000000000", 'j': "002"}

func (z *Zones) clockPart(d *directive, kind byte, text string) (s, why string, err error) {
	mismatch := "conversion t" + string(d.clock) + " of a value of another type"
	day, clock, zoned := "BbhAaCYyjmdeDF", "HIklMSLNpRTr", "zZsQc"
	allowed := map[byte]string{'D': day, 't': day + clock, 'T': clock, 'z': day + clock + zoned}[kind]
	if strings.IndexByte(day+clock+zoned, d.clock) < 0 {
		return "", "unknown conversion t" + string(d.clock), nil
	}
	if strings.IndexByte(allowed, d.clock) < 0 {
		return "", mismatch, nil
	}
	wall, zone, err := formatMoment(kind, text)
	if err != nil {
		return "", "", err
	}
	switch d.clock {
	case 'k':
		return strconv.Itoa(wall.Hour()), "", nil
	case 'C':
		return fmt.Sprintf("%02d", wall.Year()/100), "", nil
	case 'L':
		return fmt.Sprintf("%03d", wall.Nanosecond()/1e6), "", nil
	case 'N':
		return fmt.Sprintf("%09d", wall.Nanosecond()), "", nil
	case 'z', 'Z', 's', 'Q', 'c':
		s, err = z.zonedPart(d.clock, wall, zone)
		return s, "", err
	}
	return wall.Format(clockParts[d.clock]), "", nil
}

func (z *Zones) zonedPart(c byte, wall time.Time, zone string) (string, error) {
	id, err := z.known.get(zone)
	if err != nil {
		return "", err
	}
	at := instantIn(wall, id.loc)
	var b strings.Builder
	switch c {
	case 's':
		return strconv.FormatInt(at.Unix(), 10), nil
	case 'Q':
		return strconv.FormatInt(at.UnixMilli(), 10), nil
	case 'z':
		return strings.ReplaceAll(offsetText(offsetAt(at, id.loc)/60), ":", ""), nil
	case 'Z':
		err = zoneName(&b, kZoneShort, at, id)
		return b.String(), err
	}
	if err = zoneName(&b, kZoneShort, at, id); err != nil {
		return "", err
	}
	return wall.Format("Mon Jan 02 15:04:05 ") + b.String() + wall.Format(" 2006"), nil
}
