package render_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/connector/duckdb"
	"github.com/mulgil/mulgil/internal/port"
	"github.com/mulgil/mulgil/internal/query/render"
)

func open(t testing.TB) port.Session {
	t.Helper()
	s, err := duckdb.Engine{}.Open(t.Context(), port.EngineConfig{Memory: 1 << 30, Threads: 1, TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// rows renders a SELECT of a real engine.
func rows(t testing.TB, s port.Session, sql string, types ...string) (string, error) {
	t.Helper()
	b, err := s.Batches(t.Context(), sql, nil)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	defer b.Close()
	r, err := render.New(types)
	if err != nil {
		return "", err
	}
	var out []byte
	for b.Next() {
		if err := r.Bind(b.Batch()); err != nil {
			return "", err
		}
		for i := range int(b.Batch().NumRows()) {
			out = r.Append(out, i)
		}
	}
	if err := b.Err(); err != nil {
		return "", err
	}
	if n := strings.Count(string(out), "]["); n == 0 && !json.Valid(out) {
		t.Errorf("%s: not JSON: %s", sql, out)
	}
	return string(out), nil
}

func TestValuesTakeTheFormsOfTrinosProtocol(t *testing.T) {
	s := open(t)
	for _, c := range []struct{ typ, sql, want string }{
		{"boolean", "true", `true`},
		{"tinyint", "(-128)::TINYINT", `-128`},
		{"smallint", "32767::SMALLINT", `32767`},
		{"integer", "(-2147483648)::INTEGER", `-2147483648`},
		{"bigint", "9223372036854775807", `9223372036854775807`},
		{"bigint", "sum(x) FROM (VALUES (1), (2)) v(x)", `3`},
		{"double", "1::DOUBLE", `1.0`},
		{"double", "1e7", `1.0E7`},
		{"double", "12345678.9::DOUBLE", `1.23456789E7`},
		{"double", "0.001::DOUBLE", `0.001`},
		{"double", "0.0001::DOUBLE", `1.0E-4`},
		{"double", "-0.0::DOUBLE", `-0.0`},
		{"double", "1e300", `1.0E300`},
		{"double", "0.1::DOUBLE + 0.2::DOUBLE", `0.30000000000000004`},
		{"double", "'nan'::DOUBLE", `"NaN"`},
		{"double", "'inf'::DOUBLE", `"Infinity"`},
		{"double", "'-inf'::DOUBLE", `"-Infinity"`},
		{"real", "2841.2844::FLOAT", `2841.2844`},
		{"real", "0.1::FLOAT", `0.1`},
		{"real", "'nan'::FLOAT", `"NaN"`},
		{"decimal(12, 2)", "-1.5::DECIMAL(12,2)", `"-1.50"`},
		{"decimal(3, 3)", "-0.005::DECIMAL(3,3)", `"-0.005"`},
		{"decimal(5, 0)", "12::DECIMAL(5,0)", `"12"`},
		{"decimal(38, 10)", "-1234567890123456789012345678.0123456789::DECIMAL(38,10)", `"-1234567890123456789012345678.0123456789"`},
		{"decimal(20, 4)", "1.5::DECIMAL(20,1)", `"1.5000"`},
		{"varchar", `'따옴표 " \ ' || chr(10) || chr(9) || chr(1) || '끝🦆'`, `"따옴표 \" \\ \n\t\u0001끝🦆"`},
		{"varchar(3)", "''", `""`},
		{"char(5)", "'가나'", `"가나   "`},
		{"varbinary", `'\xEB\xAC\xBC\x00'::BLOB`, `"66y8AA=="`},
		{"json", `'{"a":[1,null]}'`, `"{\"a\":[1,null]}"`},
		{"uuid", "'12151fd2-7586-11e9-8f9e-2a86e4085a59'::UUID", `"12151fd2-7586-11e9-8f9e-2a86e4085a59"`},
		{"ipaddress", "'2001:db8::1'", `"2001:db8::1"`},
		{"date", "DATE '2014-01-31'", `"2014-01-31"`},
		{"date", "DATE '1970-01-01'", `"1970-01-01"`},
		{"date", "DATE '1969-12-31'", `"1969-12-31"`},
		{"date", "DATE '2000-02-29'", `"2000-02-29"`},
		{"date", "DATE '0001-03-01'", `"0001-03-01"`},
		{"date", "DATE '12014-01-31'", `"+12014-01-31"`},
		{"time(0)", "TIME '13:05:09'", `"13:05:09"`},
		{"time(3)", "TIME '13:05:09.12'", `"13:05:09.120"`},
		{"time(9)", "TIME '00:00:00.000001'", `"00:00:00.000001000"`},
		{"timestamp(0)", "TIMESTAMP '2014-01-31 13:05:09'", `"2014-01-31 13:05:09"`},
		{"timestamp(3)", "TIMESTAMP '2014-01-31 13:05:09.12'", `"2014-01-31 13:05:09.120"`},
		{"timestamp(6)", "TIMESTAMP '1969-12-31 23:59:59.999999'", `"1969-12-31 23:59:59.999999"`},
		{"timestamp(9)", "'2014-01-31 13:05:09.123456789'::TIMESTAMP_NS", `"2014-01-31 13:05:09.123456789"`},
		{"timestamp(12)", "TIMESTAMP '2014-01-31 13:05:09.12'", `"2014-01-31 13:05:09.120000000000"`},
		{"timestamp(3) with time zone", "{'t': TIMESTAMP '2014-01-31 04:05:09.123', 'z': 'Asia/Seoul'}", `"2014-01-31 13:05:09.123 Asia/Seoul"`},
		{"timestamp(3) with time zone", "{'t': TIMESTAMP '2014-07-31 04:05:09', 'z': 'America/New_York'}", `"2014-07-31 00:05:09.000 America/New_York"`},
		{"timestamp(0) with time zone", "{'t': TIMESTAMP '2014-01-31 04:05:09', 'z': '-03:30'}", `"2014-01-31 00:35:09 -03:30"`},
		{"timestamp(9) with time zone", "{'t': '2014-01-31 04:05:09.000000001'::TIMESTAMP_NS, 'z': 'UTC'}", `"2014-01-31 04:05:09.000000001 UTC"`},
		{"interval day to second", "172800000", `"2 00:00:00.000"`},
		{"INTERVAL DAY TO SECOND", "-3723004", `"-0 01:02:03.004"`},
		{"interval year to month", "14::INTEGER", `"1-2"`},
		{"interval year to month", "(-14)::INTEGER", `"-1-2"`},
		{"unknown", "NULL", `null`},
		{"array(integer)", "[1, NULL, 3]::INTEGER[]", `[1,null,3]`},
		{"array(array(varchar))", "[['가'], [], NULL]", `[["가"],[],null]`},
		{"map(varchar, integer)", "MAP {'가\"': 1, 'b': NULL}", `{"가\"":1,"b":null}`},
		{"map(double, double)", "MAP {1.0::DOUBLE: 0.5::DOUBLE}", `{"1.0":0.5}`},
		{"map(decimal(3, 1), date)", "MAP {1.5::DECIMAL(3,1): DATE '2014-01-31'}", `{"1.5":"2014-01-31"}`},
		{"map(array(integer), boolean)", "MAP {[1, 2]::INTEGER[]: true}", `{"[1, 2]":true}`},
		{"row(x integer, varchar)", "{'f1': 1::INTEGER, 'f2': '가'}", `[1,"가"]`},
		{"array(row(integer, timestamp(3) with time zone))", "[{'f1': 1::INTEGER, 'f2': {'t': TIMESTAMP '2014-01-31 04:05:09', 'z': 'Asia/Seoul'}}, NULL]", `[[1,"2014-01-31 13:05:09.000 Asia/Seoul"],null]`},
	} {
		got, err := rows(t, s, "SELECT "+c.sql, c.typ)
		if err != nil || got != "["+c.want+"]" {
			t.Errorf("%s from %s = %s, %v; want [%s]", c.typ, c.sql, got, err, c.want)
		}
		if strings.Contains(c.sql, " FROM ") {
			continue
		}
		// NULL of the same physical type, behind a value.
		got, err = rows(t, s, "SELECT CASE WHEN i = 0 THEN "+c.sql+" END FROM range(2) r(i) ORDER BY i", c.typ)
		if err != nil || got != "["+c.want+"][null]" {
			t.Errorf("%s with NULL behind = %s, %v", c.typ, got, err)
		}
	}
}

func TestWrongPhysicalFormsAreRefused(t *testing.T) {
	s := open(t)
	for _, c := range []struct{ typ, sql, want string }{
		{"bigint", "1.5::DOUBLE", "bigint cannot be sent from"},
		{"decimal(12, 1)", "1.25::DECIMAL(12,2)", "decimal(12,1) cannot be sent from"},
		{"boolean", "1", "boolean cannot be sent from"},
		{"array(bigint)", "[true]", "bigint cannot be sent from"},
		{"row(integer)", "{'a': 1, 'b': 2}", "cannot be sent from"},
		{"interval day to second", "INTERVAL 1 DAY", "cannot be sent from"},
		{"geometry", "1", "unknown type"},
	} {
		if got, err := rows(t, s, "SELECT "+c.sql, c.typ); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s from %s = %s, %v", c.typ, c.sql, got, err)
		}
	}
	if _, err := rows(t, s, "SELECT 1, 2", "integer"); err == nil || !strings.Contains(err.Error(), "2 columns") {
		t.Errorf("column count: %v", err)
	}
}

func TestManyBatchesKeepOrderAndErrorsComeInMidResult(t *testing.T) {
	s := open(t)
	got, err := rows(t, s, "SELECT i FROM range(10000) r(i) ORDER BY i", "bigint")
	if err != nil || !strings.HasPrefix(got, "[0][1][2]") || !strings.HasSuffix(got, "[9998][9999]") || strings.Count(got, "[") != 10000 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	_, err = rows(t, s, "SELECT CASE WHEN i = 900000 THEN error('[[X]] 안 됨') ELSE 'x' END FROM range(1000000) r(i)", "varchar")
	if err == nil || !strings.Contains(err.Error(), "[[X]] 안 됨") {
		t.Errorf("%v", err)
	}
}

func FuzzTextIsJSON(f *testing.F) {
	f.Add("가\x00\"\\\n끝")
	f.Add("\xff\xfe plain")
	f.Fuzz(func(t *testing.T, in string) {
		var got string
		if err := json.Unmarshal(render.Text(in), &got); err != nil || got != string([]rune(in)) {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	})
}

func BenchmarkRows(b *testing.B) {
	s := open(b)
	const n = 200_000
	sql := `SELECT i AS a, 'customer ' || i AS b, i * 1.37::DOUBLE AS c, DATE '2014-01-01' + (i % 365)::INTEGER AS d,
		TIMESTAMP '2014-01-01 00:00:00' + to_milliseconds(i * 1001) AS e FROM range(200000) r(i)`
	if err := s.Exec(b.Context(), "CREATE TABLE t AS "+sql); err != nil {
		b.Fatal(err)
	}
	r, err := render.New([]string{"bigint", "varchar", "double", "date", "timestamp(3)"})
	if err != nil {
		b.Fatal(err)
	}
	var out []byte
	for b.Loop() {
		batches, err := s.Batches(b.Context(), "SELECT * FROM t", nil)
		if err != nil {
			b.Fatal(err)
		}
		for batches.Next() {
			if err := r.Bind(batches.Batch()); err != nil {
				b.Fatal(err)
			}
			out = out[:0]
			for i := range int(batches.Batch().NumRows()) {
				out = r.Append(out, i)
			}
		}
		batches.Close()
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
}

func FuzzFloatsReadBack(f *testing.F) {
	for _, v := range []float64{0, 1, 1e-3, 9999999, 1e7, 5e-324, -1.7976931348623157e308} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v float64) {
		if got, err := strconv.ParseFloat(strings.Trim(string(render.Float(v, 64)), `"`), 64); err != nil || got != v && v == v {
			t.Errorf("%g: %s, %v", v, render.Float(v, 64), err)
		}
	})
}

func FuzzDaysAreCalendarDays(f *testing.F) {
	f.Add(int64(0))
	f.Add(int64(-719162))
	f.Fuzz(func(t *testing.T, d int64) {
		d %= 2_900_000
		want := time.Unix(d*86400, 0).UTC()
		if y := want.Year(); y < 0 || y > 9999 {
			return
		}
		if got := render.Day(d); got != want.Format(time.DateOnly) {
			t.Errorf("day %d = %s, want %s", d, got, want.Format(time.DateOnly))
		}
	})
}
