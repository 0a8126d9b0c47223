package query_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
)

const transformed = `CREATE TABLE sales.t (id bigint, 이름 string, d date, ts timestamp, 금액 decimal(12,2), n int) PARTITIONED BY (bucket(4, id), truncate(2, 이름), year(d), %s(ts))
TBLPROPERTIES ('table_type'='ICEBERG')`

const transformedRows = `INSERT INTO t VALUES
  (1, '김민수', DATE '2014-03-01', TIMESTAMP '2014-03-01 09:00:00.123456', 1.05, 1),
  (2, '김민정', DATE '1969-12-31', TIMESTAMP '1969-12-31 23:59:59.999999', -1.05, -1),
  (3, '', DATE '0001-01-01', TIMESTAMP '1970-01-01 00:00:00', 0, 0),
  (NULL, NULL, NULL, NULL, NULL, NULL),
  (-5, 'é', DATE '9999-12-31', TIMESTAMP '0099-11-30 01:00:00', 9999999999.99, -2147483648)`

// divided wants a table's partition values and rows as $partitions tells them.
func (b *bench) divided(fields, table string, want ...string) {
	b.Helper()
	var names []string
	for _, f := range strings.Split(fields, ", ") {
		names = append(names, `partition."`+f+`"`)
	}
	b.gives("SELECT "+strings.Join(names, ", ")+`, record_count FROM "`+table+`$partitions"`, want...)
}

// The buckets are those that pyiceberg gives; so are the others.
func TestTransformsDivideWhatIsWritten(t *testing.T) {
	b := newSQL(t)
	b.do(fmt.Sprintf(transformed, "month"))
	b.counts(5, transformedRows)
	all := []string{"-5 é 9999-12-31 0099-11-30 01:00:00.000000 9999999999.99 -2147483648", "1 김민수 2014-03-01 2014-03-01 09:00:00.123456 1.05 1",
		"2 김민정 1969-12-31 1969-12-31 23:59:59.999999 -1.05 -1", "3  0001-01-01 1970-01-01 00:00:00.000000 0.00 0", "NULL NULL NULL NULL NULL NULL"}
	b.gives("SELECT * FROM t ORDER BY id", all...)
	b.divided("id_bucket, 이름_trunc, d_year, ts_month", "t",
		"0 김민 -1 -1 1", "0 김민 44 530 1", "2 é 8029 -22442 1", "3  -1969 0 1", "NULL NULL NULL NULL 1")
	b.counts(1, "UPDATE t SET ts = TIMESTAMP '2020-02-29 00:00:00', id = 7 WHERE id = 1")
	b.counts(1, "DELETE FROM t WHERE 이름 = ''")
	b.counts(2, `MERGE INTO t USING (VALUES (2, '박'), (8, '김나')) s(id, 이름) ON t.id = s.id WHEN MATCHED THEN UPDATE SET 이름 = s.이름
  WHEN NOT MATCHED THEN INSERT (id, 이름) VALUES (s.id, s.이름)`)
	b.gives("SELECT id, 이름, ts FROM t ORDER BY id", "-5 é 0099-11-30 01:00:00.000000", "2 박 1969-12-31 23:59:59.999999", "7 김민수 2020-02-29 00:00:00.000000", "8 김나 NULL", "NULL NULL NULL")
	b.counts(1, "INSERT INTO t (id, 이름) VALUES (8, '김가')")
	b.do("OPTIMIZE t REWRITE DATA USING BIN_PACK")
	b.divided("id_bucket, 이름_trunc, d_year, ts_month", "t", "0 박 -1 -1 1", "2 é 8029 -22442 1",
		"3 김가 NULL NULL 1", "3 김나 NULL NULL 1", "3 김민 44 601 1", "NULL NULL NULL NULL 1")
	b.gives("SELECT 이름 FROM t WHERE id = 8 ORDER BY 1", "김가", "김나")
}

func TestEveryTransformTakesItsTypes(t *testing.T) {
	b := newSQL(t)
	n := 0
	for _, x := range []struct{ by, rows string }{
		{"year(x)", "DATE '1969-12-31', DATE '1970-01-01', NULL"}, {"month(x)", "DATE '1969-11-30', DATE '2014-03-01'"}, {"day(x)", "DATE '1969-12-31', DATE '1970-01-01'"},
		{"year(x)", "TIMESTAMP '1969-12-31 23:59:59.999999', TIMESTAMP '1970-01-01 00:00:00'"}, {"day(x)", "TIMESTAMP '1969-12-31 23:59:59.999999', TIMESTAMP '1970-01-01 00:00:00', NULL"},
		{"hour(x)", "TIMESTAMP '1969-12-31 23:59:59.999999', TIMESTAMP '1969-12-31 22:59:59', TIMESTAMP '1970-01-01 00:00:00'"},
		{"hour(x)", "TIMESTAMP '1969-12-31 23:59:59.999999 UTC', TIMESTAMP '2014-03-01 00:30:00 Asia/Seoul', NULL"},
		{"month(x)", "TIMESTAMP '2014-03-01 00:30:00 Asia/Seoul', TIMESTAMP '2014-03-01 00:30:00 UTC'"},
		{"truncate(10, x)", "-1, 0, 9, 10, -11, NULL"}, {"truncate(10, x)", "BIGINT '-1', BIGINT '9223372036854775807', BIGINT '-9223372036854775800'"},
		{"truncate(50, x)", "DECIMAL '-0.01', DECIMAL '0.49', DECIMAL '9.99', NULL"}, {"truncate(7, x)", "DECIMAL '12345678901234567890123456789012345.678', DECIMAL '-0.001'"},
		{"truncate(2, x)", "'가나다', '가나라', 'éa', '', NULL, '긴 글이 여기에 이어지고 또 이어집니다'"}, {"truncate(1, x)", "X'ff00', X'ff01', X'', NULL"},
		{"bucket(5, x)", "1, 2, 3, -1, NULL"}, {"bucket(5, x)", "BIGINT '1', BIGINT '-9223372036854775808'"}, {"bucket(5, x)", "'가나다', 'abc', '', NULL"},
		{"bucket(5, x)", "DECIMAL '-1.28', DECIMAL '1.27', DECIMAL '1.28', DECIMAL '0.00', NULL"}, {"bucket(5, x)", "DECIMAL '12345678901234567890123456789012345.678', DECIMAL '-0.001'"},
		{"bucket(5, x)", "DATE '1969-12-31', DATE '2014-03-01'"}, {"bucket(5, x)", "TIMESTAMP '1969-12-31 23:59:59.999999', TIMESTAMP '2014-03-01 00:00:00'"},
		{"bucket(5, x)", "TIMESTAMP '1969-12-31 23:59:59.999999 UTC', NULL"}, {"bucket(5, x)", "X'00', X'', X'ff'"}, {"bucket(5, x)", "UUID '12151fd2-7586-11e9-8f9e-2a86e4085a59', NULL"},
		{"bucket(5, x)", "TIME '00:00:01', TIME '23:59:59.999'"},
	} {
		n++
		rows := int64(strings.Count(x.rows, ", ") + 1)
		table := fmt.Sprintf("t%d", n)
		b.counts(rows, fmt.Sprintf("CREATE TABLE %s WITH (table_type = 'ICEBERG', is_external = false, partitioning = ARRAY['%s']) AS SELECT x FROM (VALUES %s) v(x)", table, x.by, x.rows))
		shown := "x"
		if strings.Contains(x.rows, " UTC'") {
			shown = "to_unixtime(x)" // whatever the zone
		}
		b.gives(fmt.Sprintf("SELECT count(*) FROM (SELECT %s FROM %s INTERSECT ALL SELECT %[1]s FROM (VALUES %[3]s) v(x))", shown, table, x.rows), fmt.Sprint(rows))
		b.counts(rows, fmt.Sprintf("INSERT INTO %s SELECT x FROM %[1]s", table))
		before, err := b.lake.DataFiles(t.Context(), lake.Name{Database: "sales", Table: table})
		b.ok(err)
		b.do("OPTIMIZE " + table + " REWRITE DATA USING BIN_PACK")
		after, err := b.lake.DataFiles(t.Context(), lake.Name{Database: "sales", Table: table})
		b.ok(err)
		if len(before) != 2*len(after) {
			t.Errorf("%s of %s: %d files became %d", x.by, x.rows, len(before), len(after))
		}
		b.gives("SELECT count(*) FROM "+table, fmt.Sprint(2*rows))
	}
}

func TestTransformsThatCannotBeWrittenAreRefused(t *testing.T) {
	b := newSQL(t)
	for by, want := range map[string]string{
		"hour(d)": "hour transform", "truncate(2, d)": "truncate transform", "bucket(2, ok)": "bucket transform", "bucket(d)": "number", "month(zz)": "zz",
		"f": "type double", "month(ts)', 'day(ts)": "divide the same column", "month(d)": `column "d_month"`, "bucket(2, d)', 'bucket(3, d)": "divide the same column",
	} {
		sql := "CREATE TABLE x WITH (table_type = 'ICEBERG', is_external = false, partitioning = ARRAY['" + by + "']) AS SELECT DATE '2014-01-01' d, 1 d_month, true ok, 1e0 f, TIMESTAMP '2014-01-01 00:00:00' ts"
		_, _, err := b.ask(sql)
		if err == nil || !strings.Contains(base.Render(err), want) {
			t.Errorf("%s: %v, want %q", by, err, want)
		}
	}
	b.do("CREATE TABLE low (n integer) WITH (partitioning = ARRAY['truncate(10, n)'])")
	if _, _, err := b.ask("INSERT INTO low VALUES -2147483648"); err == nil || !strings.Contains(base.Render(err), "too low") {
		t.Error(err)
	}
}

// TestTransformsPruneOnlyWhatCannotMatch asks the same of a partitioned table
// and of a plain one.
func TestTransformsPruneOnlyWhatCannotMatch(t *testing.T) {
	b := newSQL(t)
	rows := `SELECT * FROM (SELECT CAST(i AS integer) n, CAST(i * 1000003 AS bigint) id, date_add('day', i * 37, DATE '1969-12-31') d, date_add('minute', i * 1717, TIMESTAMP '1970-01-01 00:00:00') ts,
  CAST(i * 7.77 AS decimal(10,2)) m, substr('가나다라마', 1 + abs(i) %% 5) || CAST(i AS varchar) s FROM (SELECT x - 20 i FROM UNNEST(sequence(0, 39)) u(x))) UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL`
	rows = strings.ReplaceAll(rows, "%%", "%")
	b.do("CREATE TABLE plain" + iceberg + "AS " + rows)
	tables := []string{"year(d)", "month(d)", "day(d)", "month(ts)", "hour(ts)", "bucket(7, n)", "bucket(7, id)", "bucket(7, d)", "bucket(7, ts)", "bucket(7, m)", "bucket(7, s)",
		"truncate(10, n)", "truncate(1000000, id)", "truncate(500, m)", "truncate(1, s)", "year(ts)', 'bucket(3, s)"}
	for i, by := range tables {
		b.do(fmt.Sprintf("CREATE TABLE t%d WITH (table_type = 'ICEBERG', is_external = false, partitioning = ARRAY['%s']) AS %s", i, by, rows))
	}
	r := rand.New(rand.NewPCG(1, 2))
	value := map[string]func() string{
		"n": func() string { return fmt.Sprint(r.IntN(50) - 25) }, "id": func() string { return fmt.Sprint((r.IntN(50) - 25) * 1000003) },
		"d": func() string {
			return "DATE '" + time.Unix(int64(r.IntN(50)-25)*37*86400-86400, 0).UTC().Format(time.DateOnly) + "'"
		},
		"ts": func() string {
			return "TIMESTAMP '" + time.Unix(int64(r.IntN(50)-25)*1717*60, 0).UTC().Format(time.DateTime) + "'"
		},
		"m": func() string { n := (r.IntN(50) - 25) * 777; return fmt.Sprintf("DECIMAL '%.2f'", float64(n)/100) },
		"s": func() string {
			i := r.IntN(40) - 20
			return fmt.Sprintf("'%s%d'", string([]rune("가나다라마")[max(i, -i)%5:]), i)
		},
	}
	columns := []string{"n", "id", "d", "ts", "m", "s"}
	term := func() string {
		c := columns[r.IntN(len(columns))]
		switch r.IntN(6) {
		case 0:
			return c + " IS NULL"
		case 1:
			return c + " IN (" + value[c]() + ", " + value[c]() + ")"
		case 2:
			return c + " BETWEEN " + value[c]() + " AND " + value[c]()
		}
		return c + " " + []string{"=", "<", "<=", ">", ">=", "<>"}[r.IntN(6)] + " " + value[c]()
	}
	for range 30 {
		where := term()
		if r.IntN(2) == 0 {
			where = "(" + where + []string{" OR ", " AND "}[r.IntN(2)] + term() + ")"
		}
		ask := "SELECT 'plain', count(*), sum(n), min(s) FROM plain WHERE " + where
		for i, by := range tables {
			ask += fmt.Sprintf(" UNION ALL SELECT '%s', count(*), sum(n), min(s) FROM t%d WHERE %s", strings.ReplaceAll(by, "'", ""), i, where)
		}
		_, h, err := b.ask(ask)
		b.ok(err)
		want := ""
		for _, row := range h.rows {
			if row[0] == "plain" {
				want = fmt.Sprint(row[1:])
			}
		}
		for _, row := range h.rows {
			if got := fmt.Sprint(row[1:]); got != want {
				t.Errorf("%s, WHERE %s: %s, want %s", row[0], where, got, want)
			}
		}
	}
	for i, where := range map[int]base.Predicate{
		0: base.Compare{Column: "d", Op: base.Lt, Value: time.Date(1968, 1, 1, 0, 0, 0, 0, time.UTC)}, 1: base.Compare{Column: "d", Op: base.Eq, Value: time.Date(1969, 12, 31, 0, 0, 0, 0, time.UTC)},
		4: base.Compare{Column: "ts", Op: base.Lt, Value: time.Date(1969, 12, 20, 0, 0, 0, 0, time.UTC)}, 10: base.Compare{Column: "s", Op: base.Eq, Value: "가나다라마0"},
		6: base.Compare{Column: "id", Op: base.Eq, Value: int64(1000003)}, 11: base.Compare{Column: "n", Op: base.Ge, Value: int64(10)}, 14: base.IsNull{Column: "s"},
	} {
		n := lake.Name{Database: "sales", Table: fmt.Sprintf("t%d", i)}
		v, err := b.lake.Pin(t.Context(), []lake.Name{n})
		b.ok(err)
		s, err := v.Scan(t.Context(), n, where)
		v.Release()
		b.ok(err)
		if len(s.Files) == 0 || 2*len(s.Files) > s.TotalFiles {
			t.Errorf("%s, %v: %d of %d files are read", tables[i], where, len(s.Files), s.TotalFiles)
		}
	}
}
