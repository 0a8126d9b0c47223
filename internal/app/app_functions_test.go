package app

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/connector/duckdb"
	"github.com/mulgil/mulgil/internal/port"
)

func openAllFunctions(t *testing.T) port.Session {
	t.Helper()
	cfg := port.EngineConfig{TempDir: filepath.Join(t.TempDir(), "spill"), Threads: 2}
	for _, f := range functions() {
		cfg.Functions = append(cfg.Functions, f.Name)
	}
	s, err := duckdb.Engine{Functions: functions()}.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func one(t *testing.T, s port.Session, sql string) (any, error) {
	t.Helper()
	r, err := s.Query(t.Context(), sql)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if !r.Next() {
		return nil, r.Err()
	}
	v, err := r.Values()
	if err != nil {
		return nil, err
	}
	return v[0], nil
}

func TestFunctionsCanBeCalledFromSQL(t *testing.T) {
	s := openAllFunctions(t)
	for sql, want := range map[string]string{
		"mg_date_format(TIMESTAMP '2014-01-31 13:05:09', '%Y년 %c월 %W')":                                "2014년 1월 Friday",
		"mg_date_parse('20140131', '%Y%m%d')":                                                          "2014-01-31 00:00:00",
		"mg_parse_datetime('2014-01-31 +0900', 'yyyy-MM-dd Z')":                                        "{'t': '2014-01-30 15:00:00', 'z': '+09:00'}",
		"mg_zone_wall(TIMESTAMP '2014-01-31 00:00:00', 'Asia/Seoul')":                                  "2014-01-31 09:00:00",
		"mg_timestamp_tz_text({'t': TIMESTAMP '2014-01-31 00:00:00', 'z': '+09:00'}, 3)":               "2014-01-31 09:00:00.000 +09:00",
		"mg_text_timestamp_tz_ns('2014-01-31 00:00:00.123456789 UTC', 9)":                              "{'t': '2014-01-31 00:00:00.123456789', 'z': UTC}",
		"mg_from_iso8601_date('2014-W05-5')":                                                           "2014-01-31",
		"mg_double_text(1e7)":                                                                          "1.0E7",
		"mg_real_text(1.1::FLOAT)":                                                                     "1.1E0",
		"mg_text_decimal('12.345', 5, 2)::DECIMAL(5,2)":                                                "12.35",
		"mg_text_time('13:05:09.5', 3)::TIME":                                                          "13:05:09.5",
		"mg_split_to_multimap('가=1,가=2', ',', '=')":                                                    "{가=[1, 2]}",
		"mg_regexp_extract_all('a1b', '(\\d)|([a-z])', 1)":                                             "[NULL, 1, NULL]",
		"mg_regexp_groups('new york', '(\\w)(\\w*)')":                                                  "[['', n, ew], [' ', y, ork], ['']]",
		"mg_sha256('abc'::BLOB)[1:2]":                                                                  `\xBAx`,
		"mg_width_bucket_bins(5, [1, 3, 7])":                                                           "2",
		"mg_cosine_similarity(MAP {'a': 1.0::DOUBLE}, MAP {'a': 2.0::DOUBLE})":                         "1.0",
		"mg_cosine_similarity(MAP {'a': NULL::DOUBLE}, MAP {'a': 2.0::DOUBLE})":                        "NULL",
		"mg_combination_indexes(3, 2)":                                                                 "[[1, 2], [1, 3], [2, 3]]",
		"list_transform(mg_ngram_indexes(3, 2), p -> ['가', '나', '다'][p[1]:p[2]])":                      "[[가, 나], [나, 다]]",
		"mg_format('%s %,d %s', 's:편의점', 'i:1234567', NULL)":                                           "편의점 1,234,567 null",
		"mg_format(NULL, 's:x')":                                                                       "NULL",
		"mg_json_value('{\"a\": 5}', 'lax $.a', NULL, 'bigint', 'NULL', NULL, 'NULL', NULL)::BIGINT":   "5",
		"mg_json_exists('{\"a\": 5}', 'lax $.a?(@ > $x)', '{\"x\": 3}', 'FALSE')":                      "true",
		"mg_json_query('[1,2]', 'lax $[*]', NULL, 'UNCONDITIONAL', 'KEEP', 'NULL', 'NULL')":            "[1,2]",
		"mg_raise(NULL, 'x')":                                                                          "NULL",
		"mg_from_big_endian_32(mg_to_big_endian_32(258::INTEGER))":                                     "258",
		"mg_url_extract_port('http://h:80/')":                                                          "80",
		"from_json(mg_json_cast('[1,\"2\",null]', 'array(bigint)'), '[\"BIGINT\"]')":                   "[1, 2, NULL]",
		"from_json(mg_json_cast('{\"2\":\"x\"}', 'map(bigint, varchar)'), '\"MAP(BIGINT, VARCHAR)\"')": "{2=x}",
		"from_json(mg_json_cast('[[1.235,\"y\"]]', 'array(row(a decimal(5,2), b varchar))'), '[{\"f1\":\"DECIMAL(5,2)\",\"f2\":\"VARCHAR\"}]')": "[{'f1': 1.24, 'f2': y}]",
		"from_json(mg_json_cast('[1e400, 0.1]', 'array(double)'), '[\"DOUBLE\"]')":                                                              "[inf, 0.1]",
	} {
		got, err := one(t, s, "SELECT coalesce(("+sql+")::VARCHAR, 'NULL')")
		if err != nil || fmt.Sprint(got) != want {
			t.Errorf("%s: got %v, %v; want %s", sql, got, err, want)
		}
	}
}

func TestFunctionErrorsKeepTheirNames(t *testing.T) {
	s := openAllFunctions(t)
	for sql, want := range map[string]string{
		"mg_date_parse(v, '%Y')":                                              "[[INVALID_FUNCTION_ARGUMENT]] invalid format: \"값\"",
		"mg_text_bigint(v)":                                                   "[[INVALID_CAST_ARGUMENT]] cannot cast '값' to BIGINT",
		"mg_zone_wall(now()::TIMESTAMP, v)":                                   "[[INVALID_FUNCTION_ARGUMENT]] '값' is not a valid time zone",
		"mg_raise('DIVISION_BY_ZERO: Division by zero', v)":                   "[[DIVISION_BY_ZERO]] Division by zero",
		"mg_raise('[[INVALID_ARGUMENTS]] 값: 1', v)":                           "[[INVALID_ARGUMENTS]] 값: 1",
		"mg_repeat(v, 1000000000)":                                            "[[INVALID_FUNCTION_ARGUMENT]] result of",
		"mg_json_value('{}', v, NULL, 'varchar', 'NULL', NULL, 'NULL', NULL)": "[[SYNTAX_ERROR]]",
	} {
		_, err := one(t, s, "SELECT "+sql+" FROM (VALUES ('값')) t(v)")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", sql, err, want)
		}
	}
}

func TestRaiseInABranchNotTakenIsSilent(t *testing.T) {
	s := openAllFunctions(t)
	for _, sql := range []string{
		"SELECT count(CASE WHEN i < 0 THEN mg_raise('DIVISION_BY_ZERO: x', 'y') ELSE 'ok' END) FROM range(3000) t(i)",
		"SELECT sum(CASE WHEN i = 0 THEN mg_raise('DIVISION_BY_ZERO: x', NULL)::BIGINT ELSE 1 END) FROM range(1, 3001) t(i)",
		"SELECT count(*) FROM (SELECT i FROM range(3000) t(i) WHERE i >= 0 OR mg_raise('DIVISION_BY_ZERO: x', i::VARCHAR) = '')",
	} {
		if got, err := one(t, s, sql); err != nil || fmt.Sprint(got) != "3000" {
			t.Errorf("%s: got %v, %v", sql, got, err)
		}
	}
}

func TestFunctionsRunInParallel(t *testing.T) {
	s := openAllFunctions(t)
	got, err := one(t, s, `SELECT count(*)::VARCHAR || ' ' || count(DISTINCT d)::VARCHAR || ' ' || sum((d <> strftime(ts, '%Y-%m-%d %H'))::INTEGER)::VARCHAR || ' ' || sum(r::INTEGER)::VARCHAR
		FROM (SELECT ts, mg_date_format(ts, CASE WHEN i % 2 = 0 THEN '%Y-%m-%d %H' ELSE '%Y-%m-%d %k' END) d0, mg_date_format(ts, '%Y-%m-%d %H') d, mg_regexp_like('상품' || i, '(?<!1)0$') r
			FROM (SELECT i, TIMESTAMP '2014-01-01' + to_minutes(i) ts FROM range(50000) t(i)))`)
	if want := "50000 834 0 4500"; err != nil || got != want {
		t.Errorf("got %v, %v; want %s", got, err, want)
	}
}
