package fn

import "testing"

// BenchmarkBodies is what one call of a function costs without the engine.
func BenchmarkBodies(b *testing.B) {
	defs := map[string]Def{}
	for _, d := range All() {
		defs[d.Name] = d
	}
	for _, c := range []struct {
		name string
		args []any
	}{
		{"mg_date_format", []any{someTime, "%Y-%m-%d %H:%i:%s"}},
		{"mg_date_parse", []any{"2014-01-31 13:05:09", "%Y-%m-%d %H:%i:%s"}},
		{"mg_date_parse", []any{"20140131", "%Y%m%d"}},
		{"mg_parse_datetime", []any{"2014-01-31T13:05:09+09:00", "yyyy-MM-dd'T'HH:mm:ssZZ"}},
		{"mg_from_iso8601_timestamp", []any{"2014-01-31T13:05:09+09:00"}},
		{"mg_text_timestamp", []any{"2014-01-31 13:05:09.123", int64(3)}},
		{"mg_zone_wall", []any{someTime, "Asia/Seoul"}},
		{"mg_double_text", []any{1234.5678}},
		{"mg_text_decimal", []any{"1234.5678", int64(10), int64(2)}},
		{"mg_regexp_like", []any{"편의점 25호", `\d+호`}},
		{"mg_regexp_like", []any{"상품 12345670", `(?<!1)0$`}},
		{"mg_regexp_replace", []any{"1a 2b 14m", `(\d+)([ab]) `, "3c$2 "}},
		{"mg_json_extract_scalar", []any{`{"store": {"name": "편의점", "id": 5}, "qty": 3}`, "$.store.id"}},
		{"mg_json_parse", []any{`{"store": {"name": "편의점", "id": 5}, "qty": 3}`}},
		{"mg_json_value", []any{`{"store": {"name": "편의점", "id": 5}, "qty": 3}`, "lax $.store.id", nil, "bigint", "NULL", nil, "NULL", nil}},
		{"mg_format", []any{"%s %,.2f", "s:편의점", "f:1234567.891"}},
		{"mg_levenshtein_distance", []any{"kitten", "sitting"}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := defs[c.name].Body(c.args); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
