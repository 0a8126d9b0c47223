package query_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/query"
)

// heard is a Receiver that keeps what it hears.
type heard struct {
	columns []query.Column
	rows    [][]any
}

func (h *heard) Queued(string)                  {}
func (h *heard) Running()                       {}
func (h *heard) Columns(c []query.Column) error { h.columns = c; return nil }

func (h *heard) Rows(b []byte, n int) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var rows [][]any
	if err := d.Decode(&rows); err != nil {
		return err
	}
	h.rows = append(h.rows, rows...)
	return nil
}

func (h *heard) lines() []string {
	out := make([]string, len(h.rows))
	for i, r := range h.rows {
		cells := make([]string, len(r))
		for k, v := range r {
			cells[k] = fmt.Sprint(v)
			if v == nil {
				cells[k] = "NULL"
			}
		}
		out[i] = strings.Join(cells, " ")
	}
	return out
}

// newSQL is a bench whose statements are Athena's.
func newSQL(t testing.TB) *bench {
	b := newBench(t)
	b.do("CREATE DATABASE sales")
	return b
}

func (b *bench) ask(sql string) (*query.Outcome, *heard, error) {
	h := &heard{}
	out, err := b.query.Execute(b.Context(), query.Request{Text: query.Text{SQL: sql}, Session: query.Session{User: "민수"}}, h)
	return out, h, err
}

// do runs a statement that must go well.
func (b *bench) do(sql string) *query.Outcome {
	b.Helper()
	out, _, err := b.ask(sql)
	if err != nil {
		b.Fatalf("%s\n%s", sql, base.Render(err))
	}
	return out
}

// counts runs a statement that must count n rows.
func (b *bench) counts(n int64, sql string) {
	b.Helper()
	out := b.do(sql)
	if out.UpdateCount == nil || *out.UpdateCount != n {
		b.Errorf("%s: counted %v, want %d", sql, out.UpdateCount, n)
	}
}

// gives wants a query's rows.
func (b *bench) gives(sql string, rows ...string) {
	b.Helper()
	_, h, err := b.ask(sql)
	if err != nil {
		b.Fatalf("%s\n%s", sql, base.Render(err))
	}
	if got := strings.Join(h.lines(), "\n"); got != strings.Join(rows, "\n") {
		b.Errorf("%s\n%s\nwant:\n%s", sql, got, strings.Join(rows, "\n"))
	}
}

// fails wants an error of this code whose text has the words.
func (b *bench) fails(code, sql string, words ...string) {
	b.Helper()
	_, _, err := b.ask(sql)
	if err == nil || base.CodeOf(err) != code {
		b.Errorf("%s: error %v (%q), want %s", sql, err, base.CodeOf(err), code)
		return
	}
	for _, w := range words {
		if !strings.Contains(base.Render(err), w) {
			b.Errorf("%s: error lacks %q:\n%s", sql, w, base.Render(err))
		}
	}
}

const iceberg = " WITH (table_type = 'ICEBERG', is_external = false) "

func TestTableIsMadeOfAQuery(t *testing.T) {
	b := newSQL(t)
	b.counts(3, `CREATE TABLE "손님" `+iceberg+`AS SELECT * FROM (VALUES (1, '김민수', DECIMAL '1.50'), (2, NULL, NULL), (3, '이영희', DECIMAL '-2.25')) t("번호", 이름, 금액)`)
	b.gives(`SELECT * FROM "손님" ORDER BY 번호`, "1 김민수 1.50", "2 NULL NULL", "3 이영희 -2.25")
	b.gives(`SHOW COLUMNS FROM "손님"`, "번호 integer  ", "이름 varchar  ", "금액 decimal(3,2)  ")
	b.counts(0, `CREATE TABLE IF NOT EXISTS "손님" `+iceberg+`AS SELECT 1 x`)
	b.counts(0, `CREATE TABLE empty `+iceberg+`AS SELECT * FROM "손님" WITH NO DATA`)
	b.gives("SELECT count(*) FROM empty", "0")
	b.counts(2, `CREATE TABLE named (a, b)`+iceberg+`AS VALUES (1, true), (2, false)`)
	b.gives("SELECT b, a FROM named ORDER BY a", "true 1", "false 2")
	b.fails("TABLE_ALREADY_EXISTS", `CREATE TABLE "손님" `+iceberg+`AS SELECT 1 x`, "손님")
	b.fails("MISSING_COLUMN_NAME", `CREATE TABLE t `+iceberg+`AS SELECT 1`, "position 1")
	b.fails("DUPLICATE_COLUMN_NAME", `CREATE TABLE t `+iceberg+`AS SELECT 1 a, 2 A`)
	b.fails("COLUMN_TYPE_UNKNOWN", `CREATE TABLE t `+iceberg+`AS SELECT NULL 빈칸`, "빈칸")
	b.fails("NOT_SUPPORTED", `CREATE TABLE t `+iceberg+`AS SELECT CAST('a' AS char(3)) 글자`, "글자", "char(3)")
	b.fails("NOT_SUPPORTED", `CREATE TABLE t `+iceberg+`AS SELECT INTERVAL '1' DAY i`, "interval")
	b.fails("SCHEMA_NOT_FOUND", `CREATE TABLE nowhere.t `+iceberg+`AS SELECT 1 a`)
	b.fails("INVALID_TABLE_PROPERTY", `CREATE TABLE t WITH (table_type = 'ICEBERG', locaton = 's3://lake/x/') AS SELECT 1 a`, "location")
	b.fails("DIVISION_BY_ZERO", `CREATE TABLE t `+iceberg+`AS SELECT 1 / a.x AS y FROM (VALUES 0) a(x)`)
	b.fails("TABLE_NOT_FOUND", "SELECT * FROM t")
	b.counts(1, `CREATE TABLE t WITH (table_type = 'ICEBERG', location = 's3://lake/판매/t/', partitioning = ARRAY['월']) AS SELECT 1 a, '1월' 월`)
	b.gives(`SELECT 월 FROM t`, "1월")
}

func TestEveryTypeIsStoredAndReadBack(t *testing.T) {
	b := newSQL(t)
	query := `SELECT TINYINT '1' a, SMALLINT '2' b, BIGINT '3' c, REAL '1.5' d, 2.5e0 e, CAST('가나' AS varchar(5)) f, X'00ff' g, DATE '2024-02-29' h,
  TIMESTAMP '2024-01-02 03:04:05.123' i, TIMESTAMP '2024-01-02 03:04:05.123456789' j, TIMESTAMP '2024-01-02 03:04:05 Asia/Seoul' k, TIME '03:04:05' l,
  ARRAY[1, NULL] m, MAP(ARRAY['ㄱ'], ARRAY[TIMESTAMP '2024-01-02 00:00:00 +09:00']) n, CAST(ROW(1, '둘') AS row(하나 integer, b varchar)) o,
  ARRAY[CAST(ROW(TIMESTAMP '2024-01-02 00:00:00 UTC') AS row(t timestamp(3) with time zone))] p, UUID '12151fd2-7586-11e9-8f9e-2a86e4085a59' q,
  CAST(NULL AS row(x integer)) r`
	b.counts(1, "CREATE TABLE t"+iceberg+"AS "+query)
	want := []string{"1 2 3 1.5 2.5 가나 AP8= 2024-02-29 2024-01-02 03:04:05.123000 2024-01-02 03:04:05.123457 2024-01-01 18:04:05.000000 UTC 03:04:05.000000 [1 <nil>] " +
		"map[ㄱ:2024-01-01 15:00:00.000000 UTC] [1 둘] [[2024-01-02 00:00:00.000000 UTC]] 12151fd2-7586-11e9-8f9e-2a86e4085a59 NULL"}
	b.gives("SELECT * FROM t", want...)
	b.gives("SELECT o.하나, o.b, p[1].t, n['ㄱ'] = TIMESTAMP '2024-01-01 15:00:00 UTC' FROM t", "1 둘 2024-01-02 00:00:00.000000 UTC true")
	b.counts(1, "INSERT INTO t "+strings.ReplaceAll(query, "TIMESTAMP '2024-01-02 03:04:05.123456789'", "TIMESTAMP '2024-01-02 03:04:05.123457'"))
	b.gives("SELECT * FROM t", want[0], want[0])
	b.counts(2, "UPDATE t SET o = CAST(ROW(2, NULL) AS row(하나 integer, b varchar)) WHERE k = TIMESTAMP '2024-01-01 18:04:05 UTC'")
	b.gives("SELECT DISTINCT o.하나, o.b, k, m, n FROM t", "2 NULL 2024-01-01 18:04:05.000000 UTC [1 <nil>] map[ㄱ:2024-01-01 15:00:00.000000 UTC]")
}

func TestInsertPutsRowsWhereTheyBelong(t *testing.T) {
	b := newSQL(t)
	b.do("CREATE TABLE t (id bigint, 이름 varchar, at timestamp(6))")
	b.counts(2, "INSERT INTO t VALUES (1, '가', TIMESTAMP '2024-01-01 00:00:00'), (2, NULL, NULL)")
	b.counts(1, "INSERT INTO t (이름, id) SELECT '나', 3")
	b.counts(0, "INSERT INTO t SELECT * FROM t WHERE false")
	b.counts(3, "INSERT INTO t (id) SELECT id + 10 FROM t")
	b.gives("SELECT * FROM t ORDER BY id", "1 가 2024-01-01 00:00:00.000000", "2 NULL NULL", "3 나 NULL", "11 NULL NULL", "12 NULL NULL", "13 NULL NULL")
	b.fails("TYPE_MISMATCH", "INSERT INTO t VALUES ('1', 'x', NULL)", "Table: [bigint, varchar, timestamp(6)]", "Query: [varchar(1), varchar(1), unknown]")
	b.fails("TYPE_MISMATCH", "INSERT INTO t VALUES (1, 'x')")
	b.fails("COLUMN_NOT_FOUND", "INSERT INTO t (이믈) VALUES ('x')", "이름")
	b.fails("DUPLICATE_COLUMN_NAME", "INSERT INTO t (id, id) VALUES (1, 2)")
	b.fails("TABLE_NOT_FOUND", "INSERT INTO tt VALUES (1)", `"t"`)
	b.fails("CATALOG_NOT_FOUND", "INSERT INTO other.sales.t VALUES (1)")
	b.fails("DIVISION_BY_ZERO", "INSERT INTO t (id) SELECT 1 / (id - 1) FROM t")
	b.gives("SELECT count(*) FROM t", "6")
}

func TestRowsAreChanged(t *testing.T) {
	b := newSQL(t)
	b.do("CREATE TABLE 주문 (id integer, 도시 varchar, 금액 double, 달 integer) WITH (partitioning = ARRAY['달'])")
	b.counts(6, "INSERT INTO 주문 VALUES (1, '서울', 10, 1), (2, '부산', 20.5, 1), (3, NULL, NULL, 2), (4, '서울', 40, 2), (5, '대구', 50, NULL), (6, '서울', 60, 3)")
	b.counts(3, "UPDATE 주문 SET 금액 = 금액 * 2, 달 = 9 WHERE 도시 = '서울'")
	b.gives("SELECT * FROM 주문 ORDER BY id", "1 서울 20.0 9", "2 부산 20.5 1", "3 NULL NULL 2", "4 서울 80.0 9", "5 대구 50.0 NULL", "6 서울 120.0 9")
	b.gives(`SELECT count(*) FROM 주문 WHERE 달 = 9`, "3")
	b.counts(0, "UPDATE 주문 SET 금액 = 0 WHERE 도시 = '제주'")
	b.counts(0, "DELETE FROM 주문 WHERE 도시 <> 도시")
	b.counts(2, "DELETE FROM 주문 WHERE 도시 IS NULL OR 달 IS NULL")
	b.counts(1, "DELETE FROM 주문 WHERE 금액 = (SELECT max(금액) FROM 주문)")
	b.gives("SELECT id FROM 주문 ORDER BY id", "1", "2", "4")
	b.fails("TYPE_MISMATCH", "UPDATE 주문 SET 금액 = '많이'", "double", "varchar(2)")
	b.fails("COLUMN_NOT_FOUND", "UPDATE 주문 SET 금 = 1", "금액")
	b.fails("COLUMN_NOT_FOUND", "DELETE FROM 주문 WHERE 도세 = 'x'")
	b.fails("DUPLICATE_COLUMN_NAME", "UPDATE 주문 SET id = 1, id = 2")
	b.fails("TYPE_MISMATCH", "DELETE FROM 주문 WHERE 금액")
	b.fails("TYPE_MISMATCH", "DELETE FROM 주문 WHERE 도시 = 1")
	b.counts(3, "DELETE FROM 주문")
	b.gives("SELECT count(*) FROM 주문", "0")
}

func TestMergeFollowsItsClausesInOrder(t *testing.T) {
	b := newSQL(t)
	b.do("CREATE TABLE 재고 (품목 varchar, 수량 integer, 비고 varchar)")
	b.do("INSERT INTO 재고 VALUES ('사과', 5, NULL), ('배', 2, '큰 것'), ('감', 1, NULL), (NULL, 9, '이름 없음')")
	b.do("CREATE TABLE 변동" + iceberg + "AS SELECT * FROM (VALUES ('사과', -5), ('배', 3), ('귤', 7), ('귤', 8), ('포도', -1), (NULL, 1)) v(품목, 변화)")
	b.counts(5, `MERGE INTO 재고 AS t USING (SELECT 품목, 변화 FROM 변동) s ON t.품목 = s.품목
WHEN MATCHED AND t.수량 + s.변화 = 0 THEN DELETE
WHEN MATCHED THEN UPDATE SET 수량 = t.수량 + s.변화, 비고 = '갱신'
WHEN NOT MATCHED AND s.변화 > 0 THEN INSERT (수량, 품목) VALUES (s.변화, s.품목)`)
	b.gives("SELECT * FROM 재고 ORDER BY 품목, 수량", "감 1 NULL", "귤 7 NULL", "귤 8 NULL", "배 5 갱신", "NULL 1 NULL", "NULL 9 이름 없음")
	b.fails("MERGE_TARGET_ROW_MULTIPLE_MATCHES", `MERGE INTO 재고 USING (VALUES ('감', 1), ('감', 2)) s(품목, n) ON 재고.품목 = s.품목 WHEN MATCHED THEN UPDATE SET 수량 = s.n`)
	b.fails("TYPE_MISMATCH", `MERGE INTO 재고 t USING 변동 s ON t.품목 = s.품목 WHEN NOT MATCHED THEN INSERT (수량) VALUES (s.품목)`, "수량", "varchar")
	b.fails("COLUMN_NOT_FOUND", `MERGE INTO 재고 t USING 변동 s ON t.품 = s.품목 WHEN MATCHED THEN DELETE`)
	b.counts(2, `MERGE INTO 재고 t USING 재고 s ON t.품목 = s.품목 AND s.수량 = t.수량 AND t.수량 < 6 WHEN MATCHED THEN DELETE`)
	b.gives("SELECT count(*) FROM 재고", "4")
}

func TestChangesTakeParameters(t *testing.T) {
	b := newSQL(t)
	session := query.Session{Prepared: map[string]string{
		"put": "INSERT INTO t VALUES (?, ?)", "mend": "UPDATE t SET b = ? WHERE a = ?", "make": "CREATE TABLE t" + iceberg + "AS SELECT CAST(? AS integer) a, CAST(? AS varchar) b",
	}}
	run := func(sql string) {
		t.Helper()
		_, err := b.query.Execute(t.Context(), query.Request{Text: query.Text{SQL: sql}, Session: session}, &heard{})
		b.ok(err)
	}
	run("EXECUTE make USING 1, '하나'")
	run("EXECUTE put USING 2, 'it''s'")
	run("EXECUTE mend USING '둘; DROP TABLE t', 2")
	b.gives("SELECT * FROM t ORDER BY a", "1 하나", "2 둘; DROP TABLE t")
}

func TestConcurrentMergesBothLand(t *testing.T) {
	b := newSQL(t)
	b.do("CREATE TABLE 계좌" + iceberg + "AS SELECT * FROM (VALUES (1, 0), (2, 0)) v(id, 잔액)")
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			_, _, err := b.ask("MERGE INTO 계좌 t USING (VALUES (1, 10), (2, 20)) s(id, n) ON t.id = s.id WHEN MATCHED THEN UPDATE SET 잔액 = t.잔액 + s.n")
			if err != nil {
				t.Error(base.Render(err))
			}
		})
	}
	wg.Wait()
	b.gives("SELECT * FROM 계좌 ORDER BY id", "1 30", "2 60")
}

func TestViewsAreBoundAndRead(t *testing.T) {
	b := newSQL(t)
	b.do("CREATE TABLE t" + iceberg + "AS SELECT * FROM (VALUES (1, '가'), (2, '나')) v(a, 이름)")
	b.do("CREATE VIEW v AS SELECT a * 2 AS 두배, 이름, CAST('ab' AS varchar(3)) c FROM t")
	b.do("CREATE VIEW w AS SELECT max(두배) AS 최대 FROM v")
	b.gives("SELECT 최대 FROM w", "4")
	b.gives("DESCRIBE v", "두배 integer  ", "이름 varchar  ", "c varchar(3)  ")
	b.gives("SHOW CREATE VIEW v", "CREATE VIEW awsdatacatalog.sales.v AS\nSELECT a * 2 AS 두배, 이름, CAST('ab' AS varchar(3)) c FROM t")
	b.fails("TABLE_ALREADY_EXISTS", "CREATE VIEW v AS SELECT 1 a")
	b.fails("TABLE_ALREADY_EXISTS", "CREATE OR REPLACE VIEW t AS SELECT 1 a")
	b.fails("COLUMN_NOT_FOUND", "CREATE VIEW x AS SELECT zz FROM t")
	b.fails("MISSING_COLUMN_NAME", "CREATE VIEW x AS SELECT a + 1 FROM t")
	b.fails("VIEW_IS_RECURSIVE", "CREATE OR REPLACE VIEW v AS SELECT 최대 FROM w")
	b.fails("NOT_SUPPORTED", "INSERT INTO v VALUES (1)", "view")
	b.fails("NOT_SUPPORTED", "DROP VIEW t", "DROP TABLE")
	b.do("CREATE OR REPLACE VIEW v AS SELECT '글' AS 두배")
	b.gives("SELECT 두배 FROM v", "글")
	b.fails("VIEW_IS_STALE", "SELECT * FROM w", "최대")
	b.do("DROP VIEW v")
	b.fails("INVALID_VIEW", "SELECT * FROM w", "v")
	b.do("DROP VIEW IF EXISTS v")
	b.fails("TABLE_NOT_FOUND", "DROP VIEW v")
	b.do("CREATE VIEW over_t AS SELECT * FROM t")
	b.do("DROP TABLE t")
	b.fails("INVALID_VIEW", "SELECT * FROM over_t")
}

func TestTablesAreDefinedAndAltered(t *testing.T) {
	b := newSQL(t)
	b.do("CREATE TABLE t (a integer COMMENT '하나', b row(x integer, y varchar)) COMMENT '표'")
	b.do("ALTER TABLE t ADD COLUMN c real")
	b.do("ALTER TABLE t ADD COLUMN IF NOT EXISTS c real")
	b.do("INSERT INTO t VALUES (1, ROW(1, '둘'), REAL '1.5')")
	b.do("ALTER TABLE t ALTER COLUMN a SET DATA TYPE bigint")
	b.do(`ALTER TABLE t RENAME COLUMN c TO "비율"`)
	b.do("COMMENT ON COLUMN t.b IS '행'")
	b.do("COMMENT ON TABLE t IS NULL")
	b.gives("DESCRIBE t", "a bigint  하나", "b row(x integer, y varchar)  행", "비율 real  ")
	b.gives("SELECT * FROM t", "1 [1 둘] 1.5")
	b.do("ALTER TABLE t DROP COLUMN b")
	b.do("ALTER TABLE t DROP COLUMN IF EXISTS b")
	b.do("ALTER TABLE t SET PROPERTIES vacuum_min_snapshots_to_keep = 3")
	b.do("ALTER TABLE t RENAME TO u")
	b.gives("SELECT * FROM u", "1 1.5")
	b.fails("COLUMN_NOT_FOUND", "ALTER TABLE u DROP COLUMN zz")
	b.fails("COLUMN_ALREADY_EXISTS", "ALTER TABLE u ADD COLUMN a integer")
	b.fails("TABLE_NOT_FOUND", "ALTER TABLE t ADD COLUMN z integer")
	b.do("ALTER TABLE IF EXISTS t ADD COLUMN z integer")
	b.fails("INVALID_TABLE_PROPERTY", "ALTER TABLE u SET PROPERTIES colour = 'red'")
	b.fails("TYPE_NOT_FOUND", "CREATE TABLE x (a strnig)")
	b.fails("NOT_SUPPORTED", "CREATE TABLE x (a json)", `"a"`)
	b.do(`CREATE SCHEMA "둘째 곳"`)
	b.do(`CREATE TABLE "둘째 곳".x (LIKE u)`)
	b.fails("SCHEMA_NOT_EMPTY", `DROP SCHEMA "둘째 곳"`)
	b.do(`DROP TABLE "둘째 곳"."x"`)
	b.do(`DROP SCHEMA "둘째 곳"`)
	b.do(`DROP SCHEMA IF EXISTS "둘째 곳"`)
	b.do("DROP TABLE IF EXISTS nothing")
	b.fails("TABLE_NOT_FOUND", `DROP TABLE "nothing"`)
	b.fails("NOT_SUPPORTED", "CALL system.sync_partition_metadata('a', 'b', 'FULL')", "sync_partition_metadata")
}

func TestTablesAreKeptInShape(t *testing.T) {
	b := newSQL(t)
	b.do("CREATE TABLE t (a integer, 달 integer) WITH (partitioning = ARRAY['달'], vacuum_max_snapshot_age_seconds = 0)")
	for i := range 3 {
		b.do(fmt.Sprintf("INSERT INTO t VALUES (%d, 1), (%d, 2)", i, i))
	}
	files := func() int {
		list, err := filepath.Glob(filepath.Join(b.dir, "lake", "sales", "t", "data", "*", "*.parquet"))
		b.ok(err)
		return len(list)
	}
	b.do("OPTIMIZE t REWRITE DATA USING BIN_PACK WHERE 달 = 1")
	if n := files(); n != 7 {
		t.Errorf("%d files after one partition was rewritten, want 6 old and 1 new", n)
	}
	b.fails("NOT_SUPPORTED", "OPTIMIZE t REWRITE DATA USING BIN_PACK WHERE a = 1", "partitioned by")
	b.do("ALTER TABLE t EXECUTE optimize(file_size_threshold => '10MB')")
	b.gives(`SELECT 달, count(*), sum(a) FROM t GROUP BY 달 ORDER BY 달`, "1 3 3", "2 3 3")
	b.do("VACUUM t")
	if n := files(); n != 2 {
		t.Errorf("%d files after VACUUM, want 2", n)
	}
	b.gives(`SELECT count(*) FROM "t$snapshots"`, "1")
	b.fails("PROCEDURE_NOT_FOUND", "ALTER TABLE t EXECUTE drop_extended_stats")
}

// TestFailedStatementLeavesTheOldState breaks each kind of write at every step
// of its commit.
func TestFailedStatementLeavesTheOldState(t *testing.T) {
	b := newSQL(t)
	b.do("CREATE TABLE 표" + iceberg + "AS SELECT * FROM (VALUES (1, '하나'), (2, '둘')) v(a, b)")
	b.do("CREATE TABLE 폴더 WITH (external_location = 's3://lake/f/') AS SELECT 1 a")
	before := strings.Join(append(b.filesBelow("lake/sales/표/data"), b.filesBelow("lake/f")...), "\n")
	broken := errors.New("the power went out")
	for _, sql := range []string{
		"INSERT INTO 표 VALUES (3, '셋')", "UPDATE 표 SET b = 'x'", "DELETE FROM 표 WHERE a = 1",
		"MERGE INTO 표 t USING (VALUES 1, 9) s(n) ON t.a = s.n WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (s.n, 'y')",
		"CREATE TABLE 새 " + iceberg + "AS SELECT 1 x", "CREATE TABLE 새 WITH (external_location = 's3://lake/new/') AS SELECT 1 x",
		"INSERT INTO 폴더 VALUES 2", "UNLOAD (SELECT 1) TO 's3://lake/out/' WITH (format = 'JSON')",
	} {
		for _, at := range []string{"files-synced", "before-swap"} {
			reached := false
			b.hook = func(step string) error {
				if step != at {
					return nil
				}
				reached = true
				return broken
			}
			_, _, err := b.ask(sql)
			b.hook = nil
			if !errors.Is(err, broken) || !reached {
				t.Errorf("%s broken at %s: %v", sql, at, err)
			}
		}
	}
	b.gives("SELECT * FROM 표 ORDER BY a", "1 하나", "2 둘")
	b.gives("SELECT * FROM 폴더", "1")
	b.fails("TABLE_NOT_FOUND", "SELECT * FROM 새")
	if after := strings.Join(append(b.filesBelow("lake/sales/표/data"), b.filesBelow("lake/f")...), "\n"); after != before {
		t.Errorf("files before:\n%s\nafter:\n%s", before, after)
	}
	if left := append(b.filesBelow("lake/new"), b.filesBelow("lake/out")...); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
