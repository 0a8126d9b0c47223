package pgwire

import (
	"encoding/json"
	"testing"

	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// FuzzParameters: a parameter's value never becomes anything but one literal.
func FuzzParameters(f *testing.F) {
	f.Add("select $1", "it's", uint32(25))
	f.Add("select '$1', \"$2\", $2 -- $3\n /* $4 */", "1); drop table t; --", uint32(20))
	f.Add("select $1 - $1", "-5", uint32(23))
	f.Add("$0 $99999", "x", uint32(0))
	f.Fuzz(func(t *testing.T, sql, value string, oid uint32) {
		l, err := literal([]byte(value), oid)
		if err != nil {
			return
		}
		if list := trino.Split("select " + l); len(list) != 1 {
			t.Fatalf("%q of type %d became %q: %d statements", value, oid, l, len(list))
		}
		n := 0
		for _, p := range placeholders(sql) {
			n = max(n, p.n)
		}
		values := make([]string, n)
		for i := range values {
			values[i] = l
		}
		if got := filled(sql, values); n == 0 && got != sql {
			t.Errorf("%q became %q without a parameter", sql, got)
		}
	})
}

func TestCellsHavePostgresForms(t *testing.T) {
	for _, c := range []struct {
		json string
		typ  types.Type
		want string
	}{
		{"true", types.TBoolean, "t"}, {"1.5", types.TDouble, "1.5"}, {`"NaN"`, types.TDouble, "NaN"}, {`"1.50"`, types.DecimalOf(3, 2), "1.50"}, {`"AP8="`, types.TVarbinary, `\x00ff`},
		{`"2020-01-01 09:00:00.123 Asia/Seoul"`, types.TimestampTZOf(3), "2020-01-01 00:00:00.123+00"}, {`"2020-01-01 09:00:00.000 +09:00"`, types.TimestampTZOf(3), "2020-01-01 00:00:00+00"},
		{`["가",null]`, types.ArrayOf(types.TVarchar), `["가",null]`}, {`"<가>"`, types.TVarchar, "<가>"},
	} {
		got, err := cell(json.RawMessage(c.json), c.typ)
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %s %v, want %s", c.json, got, err, c.want)
		}
	}
	if got, err := cell(json.RawMessage(" null"), types.TVarchar); got != nil || err != nil {
		t.Errorf("%q %v", got, err)
	}
	if position("가\n나다", 2, 2) != 4 {
		t.Error("places are counted in characters")
	}
}
