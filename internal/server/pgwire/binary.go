package pgwire

import (
	"encoding/binary"
	"math"
	"strconv"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

// epoch is where PostgreSQL's binary dates and timestamps count from.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// widths are how long binary values of fixed length are.
var widths = map[uint32]int{16: 1, 21: 2, 23: 4, 20: 8, 700: 4, 701: 8, 1082: 4, 1114: 8, 1184: 8}

// decoded is a parameter sent in binary form, as text.
func decoded(v []byte, oid uint32) ([]byte, error) {
	if v == nil {
		return nil, nil
	}
	switch oid {
	case 0, 25, 705, 1042, 1043:
		return v, nil
	}
	if w, ok := widths[oid]; !ok || w != len(v) {
		return nil, base.Errorf(base.Invalid, "parameters of type %d in binary form are not supported", oid).WithCode("NOT_SUPPORTED").WithHint("send it as text")
	}
	return []byte(fixed(v, oid)), nil
}

// fixed reads a value whose length is right.
func fixed(v []byte, oid uint32) string {
	be := binary.BigEndian
	switch oid {
	case 16:
		return strconv.FormatBool(v[0] != 0)
	case 21:
		return strconv.Itoa(int(int16(be.Uint16(v))))
	case 23:
		return strconv.Itoa(int(int32(be.Uint32(v))))
	case 20:
		return strconv.FormatInt(int64(be.Uint64(v)), 10)
	case 700:
		return strconv.FormatFloat(float64(math.Float32frombits(be.Uint32(v))), 'g', -1, 32)
	case 701:
		return strconv.FormatFloat(math.Float64frombits(be.Uint64(v)), 'g', -1, 64)
	case 1082:
		return epoch.AddDate(0, 0, int(int32(be.Uint32(v)))).Format(time.DateOnly)
	}
	us := int64(be.Uint64(v))
	t := epoch.AddDate(0, 0, int(us/86_400_000_000)).Add(time.Duration(us%86_400_000_000) * time.Microsecond).Format("2006-01-02 15:04:05.000000")
	if oid == 1184 {
		t += "+00"
	}
	return t
}
