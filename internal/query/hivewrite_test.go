package query_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// parquetFiles are the visible and hidden files below a folder of the bench.
func (b *bench) filesBelow(dir string) []string {
	b.Helper()
	var out []string
	_ = filepath.WalkDir(filepath.Join(b.dir, filepath.FromSlash(dir)), func(p string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(b.dir, p)
			out = append(out, rel)
		}
		return nil
	})
	return out
}

func TestHiveTableIsMadeOfAQuery(t *testing.T) {
	b := newSQL(t)
	b.counts(3, `CREATE TABLE 손님 AS SELECT * FROM (VALUES (1, '김', DATE '2024-01-01'), (2, NULL, NULL), (3, '이', DATE '2024-02-01')) v(번호, 이름, 날)`)
	b.gives("SELECT * FROM 손님 ORDER BY 번호", "1 김 2024-01-01", "2 NULL NULL", "3 이 2024-02-01")
	for _, format := range []string{"PARQUET", "JSON", "TEXTFILE"} {
		b.counts(4, `CREATE TABLE h_`+format+` WITH (format = '`+format+`', external_location = 's3://lake/out/`+format+`', partitioned_by = ARRAY['달', '해'])
AS SELECT * FROM (VALUES (1, '가 나', REAL '1.5', TIMESTAMP '2024-01-02 03:04:05.120', true, DECIMAL '1.50', '1월', 2024), (2, NULL, NULL, NULL, NULL, NULL, NULL, 2024),
  (3, 'c"d', REAL '2.5', TIMESTAMP '2024-01-02 00:00:00.000', false, DECIMAL '2.25', '1월', 2024), (4, '', REAL '0.1', NULL, false, DECIMAL '0.00', 'a/b', 2023)) v(a, 글, c, d, e, f, 달, 해)`)
		b.gives("SELECT * FROM h_"+format+" ORDER BY a", "1 가 나 1.5 2024-01-02 03:04:05.120 true 1.50 1월 2024", "2 NULL NULL NULL NULL NULL NULL 2024",
			"3 c\"d 2.5 2024-01-02 00:00:00.000 false 2.25 1월 2024", "4  0.1 NULL false 0.00 a/b 2023")
		b.gives(`SELECT a FROM h_`+format+` WHERE 달 = 'a/b'`, "4")
		b.counts(2, `INSERT INTO h_`+format+` (해, a, 달) VALUES (2025, 10, '2월'), (2024, 11, '1월')`)
		b.gives(`SELECT a, 글, 달, 해 FROM h_`+format+` WHERE a >= 10 ORDER BY a`, "10 NULL 2월 2025", "11 NULL 1월 2024")
		b.gives(`SELECT count(*) FROM "h_`+format+`$partitions"`, "4")
	}
	b.gives("DESCRIBE h_parquet", "a integer  ", "글 varchar(3)  ", "c real  ", "d timestamp(3)  ", "e boolean  ", "f decimal(3,2)  ", "달 varchar(3) partition key ", "해 integer partition key ")
	for _, f := range b.filesBelow("lake/out") {
		if strings.Contains(f, "/_") {
			t.Errorf("%s was left behind", f)
		}
	}
	b.fails("HIVE_PATH_ALREADY_EXISTS", "CREATE TABLE again WITH (external_location = 's3://lake/out/JSON') AS SELECT 1 a")
	b.fails("HIVE_COLUMN_ORDER_MISMATCH", "CREATE TABLE again WITH (partitioned_by = ARRAY['a']) AS SELECT 1 a, 2 b", "last columns")
	b.fails("NOT_SUPPORTED", "CREATE TABLE again WITH (bucketed_by = ARRAY['a'], bucket_count = 4) AS SELECT 1 a", "bucketed_by")
	b.fails("NOT_SUPPORTED", "CREATE TABLE again WITH (format = 'ORC') AS SELECT 1 a", "ORC")
	b.fails("NOT_SUPPORTED", "CREATE TABLE again AS SELECT current_timestamp AS 지금", "지금", "timestamp(3) with time zone")
	b.fails("NOT_SUPPORTED", "CREATE TABLE again AS SELECT TIMESTAMP '2024-01-01 00:00:00.000000' x", "MILLISECONDS")
	b.fails("NOT_SUPPORTED", "CREATE TABLE again WITH (format = 'TEXTFILE') AS SELECT ARRAY[1] x", "TEXTFILE")
	b.fails("HIVE_WRITER_DATA_ERROR", "CREATE TABLE again WITH (format = 'TEXTFILE') AS SELECT 'a' || chr(10) AS x")
	b.fails("TABLE_NOT_FOUND", "SELECT * FROM again")
	b.counts(0, "CREATE TABLE empty WITH (partitioned_by = ARRAY['p']) AS SELECT 1 a, 'x' p WITH NO DATA")
	b.counts(1, "INSERT INTO empty VALUES (1, 'x')")
	b.gives("SELECT * FROM empty", "1 x")
	b.fails("NOT_SUPPORTED", "DELETE FROM empty", "Hive table")
	b.do("CREATE TABLE declared (a smallint, b varchar(2), c char(3)) WITH (external_location = 's3://lake/declared/')")
	b.fails("TYPE_MISMATCH", "INSERT INTO declared VALUES (70000, 'x', 'y')")
	b.fails("INVALID_CAST_ARGUMENT", "INSERT INTO declared (b) VALUES ('셋셋셋')", "varchar(2)")
	b.counts(1, "INSERT INTO declared VALUES (SMALLINT '7', '둘둘', 'y')")
	b.gives("SELECT * FROM declared", "7 둘둘 y  ")
	b.do("DROP TABLE declared")
	if len(b.filesBelow("lake/declared")) != 1 {
		t.Error("dropping a Hive table must leave its files")
	}
}

func TestInsertFindsAPartitionByItsValue(t *testing.T) {
	b := newSQL(t)
	b.do("CREATE EXTERNAL TABLE p (a int) PARTITIONED BY (월 int) STORED AS PARQUET LOCATION 's3://lake/p/'")
	b.do("ALTER TABLE p ADD PARTITION (월 = '08') LOCATION 's3://lake/elsewhere/august/'")
	b.counts(2, "INSERT INTO p VALUES (1, 8), (2, 9)")
	b.gives("SELECT a, 월 FROM p ORDER BY a", "1 8", "2 9")
	if len(b.filesBelow("lake/elsewhere")) != 1 {
		t.Error("the rows of 8 belong to the partition 08")
	}
	b.do("CREATE EXTERNAL TABLE csv (a string) ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde' LOCATION 's3://lake/csv/'")
	b.fails("NOT_SUPPORTED", "INSERT INTO csv VALUES ('x')", "OpenCSVSerde")
}

func TestUnloadWritesToAnEmptyFolder(t *testing.T) {
	b := newSQL(t)
	b.counts(2, `UNLOAD (SELECT * FROM (VALUES (1, '가'), (2, NULL)) v(a, b)) TO 's3://lake/내보냄/' WITH (format = 'TEXTFILE', field_delimiter = ',', compression = 'NONE')`)
	files := b.filesBelow("lake/내보냄")
	if len(files) != 1 {
		t.Fatalf("files %v", files)
	}
	text, err := os.ReadFile(filepath.Join(b.dir, files[0]))
	b.ok(err)
	if got := string(text); got != "1,가\n2,\\N\n" {
		t.Errorf("%q", got)
	}
	b.fails("HIVE_PATH_ALREADY_EXISTS", `UNLOAD (SELECT 1) TO 's3://lake/내보냄/' WITH (format = 'JSON')`)
	b.counts(1, `UNLOAD (SELECT 1) TO 's3://lake/u2' WITH (format = 'JSON', compression = 'gzip')`)
	b.counts(2, `UNLOAD (SELECT * FROM (VALUES (1, 'x'), (2, 'y')) v(a, p)) TO 's3://lake/u3/' WITH (format = 'PARQUET', partitioned_by = ARRAY['p'])`)
	if n := len(b.filesBelow("lake/u3/p=x")); n != 1 {
		t.Errorf("%d files in p=x", n)
	}
	b.fails("INVALID_TABLE_PROPERTY", `UNLOAD (SELECT 1) TO '/etc' WITH (format = 'JSON')`)
	b.fails("INVALID_TABLE_PROPERTY", `UNLOAD (SELECT 1) TO 's3://lake/u4' WITH (formt = 'JSON')`, "format")
	b.ok(os.Symlink(t.TempDir(), filepath.Join(b.dir, "lake", "link")))
	b.fails("PERMISSION_DENIED", `UNLOAD (SELECT 1) TO 's3://lake/link/x' WITH (format = 'JSON')`, "out of its bucket")
	b.fails("DIVISION_BY_ZERO", `UNLOAD (SELECT 1 / x FROM (VALUES 0) v(x)) TO 's3://lake/u5' WITH (format = 'JSON')`)
	if left := b.filesBelow("lake/u5"); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestTextFilesAreFiltered(t *testing.T) {
	b := newSQL(t)
	b.do("CREATE EXTERNAL TABLE j (a int, g string) PARTITIONED BY (p string) ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' LOCATION 's3://lake/j/'")
	b.write("j/p=x/1.json", "{\"a\":1}\n{\"a\":20,\"g\":\"가\"}\n")
	b.do("MSCK REPAIR TABLE j")
	b.gives("SELECT a, g, p FROM j WHERE a >= 10", "20 가 x")
	b.gives("SELECT a FROM j WHERE g IS NULL", "1")
	b.gives("SELECT a FROM j WHERE g LIKE '가%'", "20")
	b.want("SELECT a FROM j WHERE a IN (1, 2)", "1")
}
