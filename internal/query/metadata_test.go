package query_test

import (
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/query"
)

// tell runs a statement and gives its rows as JSON.
func (b *bench) tell(sql string) string {
	b.Helper()
	a := &answered{}
	if _, err := b.query.Execute(b.Context(), query.Request{Text: query.Text{SQL: sql}, Session: query.Session{User: "analyst"}}, a); err != nil {
		b.Fatalf("%s\n%s", sql, base.Render(err))
	}
	return text(a.rows)
}

func TestMetadataTablesAreAsked(t *testing.T) {
	b := newBench(t)
	b.tell("CREATE SCHEMA IF NOT EXISTS sales")
	b.tell("CREATE TABLE 매출 WITH (table_type = 'ICEBERG', location = 's3://lake/매출/', is_external = false, partitioning = ARRAY['지점']) AS SELECT * FROM (VALUES (1, '서울', timestamp '2024-01-01 09:00:00'), (2, '부산', NULL)) t(번호, 지점, 때)")
	b.tell("INSERT INTO 매출 VALUES (3, '서울', NULL)")
	for sql, want := range map[string]string{
		`SELECT count(*), count(DISTINCT snapshot_id), bool_and(is_current_ancestor) FROM "매출$history"`:                     `[[2,2,true]]`,
		`SELECT operation, summary['added-records'] FROM "매출$snapshots" ORDER BY committed_at`:                              `[["append","2"],["append","1"]]`,
		`SELECT sum(record_count), count(*) FROM "매출$files" WHERE file_format = 'PARQUET'`:                                  `[[3,3]]`,
		`SELECT partition.지점, record_count, file_count FROM "매출$partitions" ORDER BY 1`:                                     `[["부산",1,1],["서울",2,2]]`,
		`SELECT name, type FROM "매출$refs"`:                                                                                  `[["main","BRANCH"]]`,
		`SELECT sum(added_data_files_count) FROM "매출$manifests"`:                                                            `[[3]]`,
		`SELECT count(*) > 0 FROM "매출$properties"`:                                                                          `[[true]]`,
		`SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'sales' ORDER BY 2`: `[["매출","때","timestamp(6)"],["매출","번호","integer"],["매출","지점","varchar"]]`,
	} {
		if got := b.tell(sql); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", sql, got, want)
		}
	}
	first := strings.Trim(b.tell(`SELECT min_by(snapshot_id, committed_at) FROM "매출$snapshots"`), "[]")
	if got := b.tell("SELECT count(*) FROM 매출 FOR VERSION AS OF " + first); got != "[[2]]" {
		t.Errorf("the first snapshot has %s rows", got)
	}
}

func TestExplainAnalyzeRunsTheWholeQuery(t *testing.T) {
	b := newBench(t)
	plan := b.tell("EXPLAIN ANALYZE SELECT x FROM unnest(sequence(1, 5000)) t(x) WHERE x % 2 = 0")
	if !strings.Contains(plan, "Rows: 2500,") || !strings.Contains(plan, `["Output: x bigint"]`) {
		t.Error(plan)
	}
}
