package duckdb_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/connector/duckdb"
	"github.com/mulgil/mulgil/internal/port"
)

func testFunctions() []port.Function {
	same := func(a []any) (any, error) { return a[0], nil }
	types := []string{"BOOLEAN", "INTEGER", "BIGINT", "FLOAT", "DOUBLE", "VARCHAR", "BLOB", "DATE", "TIMESTAMP", "TIMESTAMP_NS", "VARCHAR[]", "BIGINT[][]",
		"MAP(VARCHAR, VARCHAR[])", "STRUCT(t TIMESTAMP, z VARCHAR)", "STRUCT(a BIGINT, m MAP(VARCHAR, DOUBLE))[]"}
	var out []port.Function
	for i, t := range types {
		out = append(out, port.Function{Name: fmt.Sprintf("mg_same%d", i), Params: []string{t}, Returns: t, Body: same})
	}
	return append(out,
		port.Function{Name: "mg_twice", Params: []string{"VARCHAR"}, Returns: "VARCHAR", Body: func(a []any) (any, error) { return a[0].(string) + a[0].(string), nil }},
		port.Function{Name: "mg_break", Params: []string{"VARCHAR"}, Returns: "VARCHAR", Body: func(a []any) (any, error) { panic("놀람") }},
		port.Function{Name: "mg_fail", Params: []string{"VARCHAR"}, Returns: "VARCHAR", Body: func(a []any) (any, error) {
			return nil, base.Errorf(base.Invalid, "invalid format: %q", a[0]).WithCode("INVALID_FUNCTION_ARGUMENT")
		}},
		port.Function{Name: "mg_nulls", Params: []string{"VARCHAR"}, Variadic: "VARCHAR", Returns: "BIGINT", NullArgs: true, Body: func(a []any) (any, error) {
			n := int64(0)
			for _, v := range a {
				if v == nil {
					n++
				}
			}
			return n, nil
		}},
		port.Function{Name: "mg_null", Params: []string{"BIGINT"}, Returns: "VARCHAR[]", Body: func(a []any) (any, error) {
			switch a[0].(int64) % 3 {
			case 0:
				return nil, nil
			case 1:
				return []any{nil, "가"}, nil
			}
			return []any{}, nil
		}})
}

func openFunctions(t testing.TB, names ...string) port.Session {
	t.Helper()
	fs := testFunctions()
	if len(names) == 0 {
		for _, f := range fs {
			names = append(names, f.Name)
		}
	}
	cfg := port.EngineConfig{TempDir: filepath.Join(t.TempDir(), "spill"), Threads: 2, Memory: 256 << 20, Functions: names}
	s, err := duckdb.Engine{Functions: fs}.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestFunctionsKeepValuesOfEveryType(t *testing.T) {
	s := openFunctions(t)
	values := []string{"true", "-7", "9007199254740993", "1.5", "'Infinity'::DOUBLE", "'편의점 매출 2014 긴 글자열'", `'\xEA\xB0'::BLOB`, "DATE '1583-01-31'", "TIMESTAMP '1960-01-31 13:05:09.123456'",
		"TIMESTAMP_NS '2014-01-31 13:05:09.123456789'", "['콜라', NULL, '']", "[[1, NULL], NULL, []]", "MAP {'가': ['a', NULL], 'b': NULL}",
		"{'t': TIMESTAMP '2014-01-31 00:00:00', 'z': 'Asia/Seoul'}", "[{'a': 1, 'm': MAP {'x': 1.5}}, NULL, {'a': NULL, 'm': NULL}]"}
	for i, v := range values {
		got, err := run(t, s, fmt.Sprintf("SELECT mg_same%d(%s) IS NOT DISTINCT FROM %s, mg_same%d(NULL) IS NULL, mg_same%d(%s)::VARCHAR", i, v, v, i, i, v))
		if err != nil {
			t.Errorf("%s: %v", v, err)
		} else if got[0][0] != true || got[0][1] != true {
			t.Errorf("%s: got %v", v, got)
		}
	}
}

func TestFunctionSeesEveryRow(t *testing.T) {
	s := openFunctions(t)
	got, err := run(t, s, `SELECT count(*), sum((mg_twice(v) IS NOT DISTINCT FROM v || v)::INTEGER), sum(len(mg_null(i))), count(mg_null(i)), sum((mg_null(i)[1] IS NULL)::INTEGER), count(mg_null(i)[2])
		FROM (SELECT i, CASE WHEN i % 5 = 0 THEN NULL ELSE '상품 번호 ' || i END v FROM range(30000) t(i))`)
	if err != nil {
		t.Fatal(err)
	}
	if want := "[[30000 30000 20000 20000 30000 10000]]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestFunctionErrors(t *testing.T) {
	s := openFunctions(t)
	for sql, want := range map[string]string{
		"SELECT mg_fail('가'||i) FROM range(3) t(i)":      `[[INVALID_FUNCTION_ARGUMENT]] invalid format: "가0"`,
		"SELECT mg_fail('x')":                            `[[INVALID_FUNCTION_ARGUMENT]] invalid format: "x"`,
		"SELECT mg_break(i::VARCHAR) FROM range(3) t(i)": "function mg_break broke down: 놀람",
	} {
		if _, err := run(t, s, sql); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", sql, err, want)
		}
	}
	if got, err := run(t, s, "SELECT mg_twice('살아 있다'), mg_nulls('a', NULL, 'b', NULL), mg_nulls(NULL)"); err != nil || fmt.Sprint(got) != "[[살아 있다살아 있다 2 1]]" {
		t.Errorf("after errors: got %v, %v", got, err)
	}
}

func TestOnlyWantedFunctionsAreThere(t *testing.T) {
	s := openFunctions(t, "mg_twice", "mg_twice")
	if _, err := run(t, s, "SELECT mg_fail('x')"); err == nil || !strings.Contains(err.Error(), "mg_fail does not exist") {
		t.Errorf("got %v", err)
	}
	_, err := duckdb.Engine{}.Open(t.Context(), port.EngineConfig{TempDir: t.TempDir(), Functions: []string{"mg_twice"}})
	if diff := cmp.Diff("open engine: no function mg_twice", fmt.Sprint(err)); diff != "" {
		t.Error(diff)
	}
}

func BenchmarkOpenWithFunctions(b *testing.B) {
	for b.Loop() {
		s, err := duckdb.Engine{Functions: testFunctions()}.Open(b.Context(), port.EngineConfig{TempDir: b.TempDir(), Threads: 1,
			Functions: []string{"mg_twice", "mg_same0", "mg_same1", "mg_same2", "mg_same3", "mg_same12", "mg_same13", "mg_same14", "mg_null", "mg_nulls"}})
		if err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
}

// BenchmarkFunctionCall reports what a call costs beyond its body.
func BenchmarkFunctionCall(b *testing.B) {
	s := openFunctions(b)
	if err := s.Exec(b.Context(), "CREATE TABLE t AS SELECT i, 'item number ' || i v, TIMESTAMP '2014-01-01' + INTERVAL (i) SECOND ts FROM range(1000000) t(i)"); err != nil {
		b.Fatal(err)
	}
	for name, q := range map[string][2]string{"varchar": {"count(mg_same5(v))", "count(v||'')"}, "bigint": {"sum(mg_same2(i))", "sum(i+0)"}, "timestamp": {"count(mg_same8(ts))", "count(ts)"}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				start := time.Now()
				if err := s.Exec(b.Context(), "SELECT "+q[0]+" FROM t"); err != nil {
					b.Fatal(err)
				}
				with := time.Since(start)
				start = time.Now()
				if err := s.Exec(b.Context(), "SELECT "+q[1]+" FROM t"); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(with-time.Since(start))/1e6, "ns/row")
			}
		})
	}
}
