package seeds

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// typesTable has a column of each type a source may have, comments in Korean,
// values at the edges and a row of NULLs.
const typesTable = `
CREATE TABLE public.types (
	id int PRIMARY KEY, n numeric(20,4), d date, ts timestamp, tz timestamptz, b bool, i2 int2, i4 int4, i8 int8,
	f4 float4, f8 float8, by bytea, u uuid, j jsonb, ai int[], at text[], s text, "한글 이름" varchar(20));
COMMENT ON TABLE public.types IS '모든 자료형';
COMMENT ON COLUMN public.types.n IS '금액(소수 4자리)';
COMMENT ON COLUMN public.types.at IS '꼬리표 "목록"; 여러 개';
COMMENT ON COLUMN public.types."한글 이름" IS '이름이 한글인 열';
INSERT INTO public.types VALUES
(1, 1234567890123456.7891, '2014-02-28', '2014-02-28 23:59:59.123456', '2014-03-01 00:30:00.5+09', true, 32767, 2147483647, 9223372036854775807,
	1.5, 0.1, '\x00ff10', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"b": 1, "가": [null, 1.50]}', '{1,NULL,-3}', '{"가,나",NULL,"","a\"b"}', '한글 "따옴표"', '서울'),
(2, -9999999999999999.9999, '0001-01-01', '0001-01-01 00:00:00', '0001-01-01 00:00:00+00', false, -32768, -2147483648, -9223372036854775808,
	'-Infinity', '-1e-300', '', '00000000-0000-0000-0000-000000000000', '"text"', '{}', '{}', '', ''),
(3, 0.0001, '9999-12-31', '9999-12-31 23:59:59.999999', '9999-12-31 23:59:59.999999+00', NULL, 0, 0, 0,
	'NaN', 'Infinity', '\x5c6e', 'ffffffff-ffff-ffff-ffff-ffffffffffff', '[]', '{2147483647,-2147483648}', '{NULL}', E'a\nb\tc\\', '부산광역시'),
(4, 0, '1582-10-14', '1969-12-31 23:59:59.999999', '1969-12-31 23:59:59.999999+00', true, 1, 1, 1,
	3.4028235e38, 1.7976931348623157e308, '\x00', '12345678-1234-1234-1234-123456789abc', 'null', '{7}', '{"NULL","null"}', ' ', NULL),
(5, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)`

// compared are each column's value in a form both systems write alike:
// PostgreSQL's expression and the lake's.
var compared = [][2]string{
	{"id::int8", "id"}, {"n::text", "CAST(n AS VARCHAR)"}, {"d::text", "CAST(d AS VARCHAR)"}, {"ts::text", "CAST(ts AS VARCHAR)"},
	{"(extract(epoch FROM tz) * 1000000)::int8", "epoch_us(tz)"}, {"b", "b"}, {"i2::int8", "i2"}, {"i4::int8", "i4"}, {"i8", "i8"},
	{"f4::float8", "CAST(f4 AS DOUBLE)"}, {"f8", "f8"},
	{"encode(by, 'hex')", "lower(hex(\"by\"))"}, {"u::text", "CAST(u AS VARCHAR)"}, {"j::text", "j"},
	{"to_json(ai)::text", "CAST(to_json(ai) AS VARCHAR)"}, {"to_json(at)::text", "CAST(to_json(\"at\") AS VARCHAR)"}, {"s", "s"}, {`"한글 이름"`, `"한글 이름"`},
}

// TestTypesComeThroughTheLakeUnchanged copies a table of every type from
// PostgreSQL into the lake and compares all values, types and comments.
func TestTypesComeThroughTheLakeUnchanged(t *testing.T) {
	s := newSource(t, "types")
	s.exec(t, typesTable)
	p := project{dir: filepath.Join(t.TempDir(), "types")}
	p.write(t, "mulgil.yaml", fmt.Sprintf("name: types\ntimezone: Asia/Seoul\ndatabase: raw\nconnections:\n  src: {type: postgres, url: %q}\n", s.url))
	p.write(t, "jobs/types.sql", "/*---\nname: types\ndialect: duckdb\ntarget: types\nmode: overwrite\n---*/\nSELECT * FROM src.public.types\n")
	p.must(t, "job", "run", "types")
	var theirs, ours []string
	for _, c := range compared {
		theirs, ours = append(theirs, c[0]), append(ours, c[1])
	}
	same(t, "types", p.rows(t, "SELECT "+strings.Join(ours, ", ")+" FROM types"), s.rows(t, "SELECT "+strings.Join(theirs, ", ")+" FROM public.types"))
	describesTypes(t, p)
}

func describesTypes(t *testing.T, p project) {
	t.Helper()
	var d struct {
		Comment string
		Columns []column
	}
	p.ask(t, &d, "table", "describe", "types")
	want := []column{ // the lake's format has no smallint
		{"id", "int", ""}, {"n", "decimal(20,4)", "금액(소수 4자리)"}, {"d", "date", ""}, {"ts", "timestamp", ""}, {"tz", "timestamp with time zone", ""},
		{"b", "boolean", ""}, {"i2", "int", ""}, {"i4", "int", ""}, {"i8", "bigint", ""}, {"f4", "float", ""}, {"f8", "double", ""},
		{"by", "binary", ""}, {"u", "uuid", ""}, {"j", "string", ""}, {"ai", "array<int>", ""}, {"at", "array<string>", `꼬리표 "목록"; 여러 개`},
		{"s", "string", ""}, {"한글 이름", "string", "이름이 한글인 열"},
	}
	if d.Comment != "모든 자료형" {
		t.Errorf("the table's comment is %q", d.Comment)
	}
	for i, c := range d.Columns {
		if i >= len(want) || c != want[i] {
			t.Errorf("column %d is %q", i+1, c)
		}
	}
	if len(d.Columns) != len(want) {
		t.Errorf("%d columns, want %d", len(d.Columns), len(want))
	}
}
