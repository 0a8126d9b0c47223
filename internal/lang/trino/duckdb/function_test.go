package duckdb

import (
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
)

func wantSQL(t *testing.T, expr, want string) {
	t.Helper()
	got, err := lower(t, "select "+expr)
	if err != nil {
		t.Fatalf("%s: %v", expr, err)
	}
	if got = strings.TrimSuffix(strings.TrimPrefix(got, "SELECT "), " AS c0"); got != want {
		t.Errorf("%s\n got %s\nwant %s", expr, got, want)
	}
}

func wantCode(t *testing.T, expr, code string) {
	t.Helper()
	got, err := lower(t, "select "+expr)
	if base.CodeOf(err) != code {
		t.Errorf("%s: want %s, got %v, %s", expr, code, err, got)
	}
}

func TestConstantFormatsBecomeTheEngines(t *testing.T) {
	wantSQL(t, `date_format(date '2014-01-31', '%Y년 %c월 %W %i')`, `strftime(CAST(DATE '2014-01-31' AS TIMESTAMP), '%Y년 %-m월 %A %M')`)
	wantSQL(t, `format_datetime(timestamp '2014-01-31 00:00:00', 'yyyy''년'' EEEE 100%')`, `strftime(TIMESTAMP '2014-01-31 00:00:00', '%Y년 %A 100%%')`)
	for _, format := range []string{"%U", "%D", "", "%"} {
		if _, ok := mysqlPrint(format); ok {
			t.Errorf("%q must be left to Go", format)
		}
	}
	for _, pattern := range []string{"", "yyyyy", "Z", "k", "'x", "SSSS"} {
		if _, ok := jodaPrint(pattern); ok {
			t.Errorf("%q must be left to Go", pattern)
		}
	}
}

func TestDateParseReadsNumbersByTheEngine(t *testing.T) {
	for format, engine := range map[string]string{
		"%Y%m%d":    "try_strptime('!' || x || '!', '!%Y%m%d!')",
		"%Y/%c/%eT": "try_strptime('!' || x || '!', '!%Y/%m/%dT!')",
		"%Y.%m %T":  `try_strptime(regexp_extract(x, '\A(?:\d{4}\.\d{1,2} \d{1,2}:\d{1,2}:\d{1,2})\z'), '%Y.%m %H:%M:%S')`,
	} {
		if got, _ := mysqlParse("x", format); got != engine {
			t.Errorf("%s\n got %s\nwant %s", format, got, engine)
		}
	}
	for _, format := range []string{"%m-%d", "%y%m%d", "%Y%m%m", "%Y!", "%Y%f", "%Y\t%m", "%Y%", "%Y %M"} {
		if got, ok := mysqlParse("x", format); ok {
			t.Errorf("%s must be left to Go, got %s", format, got)
		}
	}
}

func TestFormattingGoesIntoBothReadings(t *testing.T) {
	const from = ` AS c0 FROM (SELECT * FROM (VALUES (CAST('20140131' AS VARCHAR))) v(c0)) r1`
	wantSQL(t, `date_format(date_parse(x, '%Y%m%d'), '%W') from (values '20140131') t(x)`,
		`coalesce(strftime(try_strptime('!' || r1.c0 || '!', '!%Y%m%d!'), '%A'), strftime(mg_date_parse(r1.c0, CAST('%Y%m%d' AS VARCHAR)), '%A'))`+from)
}

func TestZonesAreSeenThroughWhereTheyArePacked(t *testing.T) {
	in := zoned("(a + CASE WHEN b IS NULL THEN 1 END)", "struct_extract(c, 'z')")
	if i, z := instant(in), zone(in); i != "(a + CASE WHEN b IS NULL THEN 1 END)" || z != "struct_extract(c, 'z')" {
		t.Errorf("got %s and %s", i, z)
	}
	if got := instant(zoned(instant(in), "'UTC'")); got != instant(in) {
		t.Errorf("got %s", got)
	}
	if got := instant("r1.c0"); got != "struct_extract(r1.c0, 't')" {
		t.Errorf("got %s", got)
	}
	wantSQL(t, `at_timezone(timestamp '2014-01-31 13:00:00 Asia/Seoul', 'UTC')`, `struct_pack(t := TIMESTAMP '2014-01-31 04:00:00', z := 'UTC')`)
}

func TestALiteralInAGapIsNone(t *testing.T) {
	wantCode(t, `timestamp '2014-03-09 02:30:00 America/New_York'`, "INVALID_LITERAL")
	wantSQL(t, `timestamp '2014-11-02 01:30:00 America/New_York'`, `struct_pack(t := TIMESTAMP '2014-11-02 05:30:00', z := 'America/New_York')`)
}

func TestWrongUnitsAreNamed(t *testing.T) {
	wantCode(t, `date_add('hour', 1, date '2014-01-31')`, "INVALID_FUNCTION_ARGUMENT")
	wantCode(t, `date_trunc('fortnight', timestamp '2014-01-31 00:00:00')`, "INVALID_FUNCTION_ARGUMENT")
	wantCode(t, `date_diff('day', time '10:00:00', time '11:00:00')`, "INVALID_FUNCTION_ARGUMENT")
	wantCode(t, `at_timezone(timestamp '2014-01-31 00:00:00', '없는/곳')`, "INVALID_FUNCTION_ARGUMENT")
	wantCode(t, `timestamp_objectid('x')`, "NOT_SUPPORTED")
	wantCode(t, `array_join(array[row(1)], ',')`, "OPERATOR_NOT_FOUND")
}

func TestTheMoreSpecificOverloadIsCalled(t *testing.T) {
	wantSQL(t, `mod(bigint '9', 4)`, `(CAST(9 AS BIGINT) % CAST(CAST(4 AS INTEGER) AS BIGINT))`)
	wantSQL(t, `typeof(mod(7.5, 2))`, `CAST('decimal(2,1)' AS VARCHAR)`)
	wantSQL(t, `typeof(abs(smallint '1'))`, `CAST('smallint' AS VARCHAR)`)
}

func TestNestedCallsDoNotDoubleTheirText(t *testing.T) {
	expr := "array[1, null]"
	for range 12 {
		expr = "array_union(array_except(" + expr + ", array[5]), array[2])"
	}
	got, err := lower(t, "select contains("+expr+", 1)")
	if err != nil || len(got) > 20_000 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	at := "a"
	for range 12 {
		at += "[1]"
	}
	deep := "integer"
	for range 12 {
		deep = "array(" + deep + ")"
	}
	if got, err = lower(t, "select "+at+" from (values cast(null as "+deep+")) t(a)"); err != nil || len(got) > 20_000 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func TestNamesInQuotesAreNotReplaced(t *testing.T) {
	got := substituted(`concat(l0_0, 'l0_0', "l0_0", x.l0_0, l0_01, 'it''s l0_0')`, map[string]string{"l0_0": "e.key"})
	if want := `concat(e.key, 'l0_0', "l0_0", x.l0_0, l0_01, 'it''s l0_0')`; got != want {
		t.Errorf("got %s", got)
	}
}

func TestNaNEqualsNothing(t *testing.T) {
	wantSQL(t, `x > 1e0 from (values 1e0) t(x)`, `((r1.c0 > CAST('1' AS DOUBLE)) AND NOT isnan(r1.c0)) AS c0 FROM (SELECT * FROM (VALUES (CAST('1' AS DOUBLE))) v(c0)) r1`)
	wantSQL(t, `x < 1e0 from (values 1e0) t(x)`, `(r1.c0 < CAST('1' AS DOUBLE)) AS c0 FROM (SELECT * FROM (VALUES (CAST('1' AS DOUBLE))) v(c0)) r1`)
}

func FuzzFormatsOfDates(f *testing.F) {
	for _, s := range []string{"%Y-%m-%d %H:%i:%s", "%", "yyyy''MM", "'", "%Y년", "EEE, d MMM"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		mysqlPrint(s)
		mysqlParse("x", s)
		jodaPrint(s)
	})
}

// The engine's COALESCE leaves values unset within its TRY.
func TestTryHoldsNoCoalesce(t *testing.T) {
	for _, sql := range []string{"try(coalesce(10 / x, 5, x))", "try(cast(y as integer))", "try(if(x > 0, coalesce(try_cast(y as integer), coalesce(x, 1)), 10 / x))", "try(array_position(array[x], 10 / x))"} {
		got, err := lower(t, "select "+sql+" from (values (1, 'coalesce(')) t(x, y)")
		if err != nil || strings.Contains(strings.ReplaceAll(got, "'coalesce('", ""), "coalesce(") {
			t.Errorf("%s: %v %s", sql, err, got)
		}
	}
}
