package query

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/connector/sqlite"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/lake/external"
	"github.com/mulgil/mulgil/internal/lang/hive"
)

// ddlWorld is a service over a real lake and catalog; buckets are folders.
type ddlWorld struct {
	t    *testing.T
	root string
	s    *Service
}

func newDDLWorld(t *testing.T) *ddlWorld {
	t.Helper()
	root := t.TempDir()
	store, err := sqlite.OpenStore(filepath.Join(root, "catalog.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	cat, err := sqlite.NewCatalog(t.Context(), store, "mulgil", lake.NewIO(nil))
	if err != nil {
		t.Fatal(err)
	}
	clock := base.NewFakeClock(time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC))
	resolve := func(uri string) (string, error) {
		return filepath.Join(root, "lake", filepath.FromSlash(strings.TrimPrefix(uri, "s3://"))), nil
	}
	l, err := lake.Open(t.Context(), lake.Options{Root: filepath.Join(root, "lake"), Store: store, Catalog: cat, StartID: uuid.NewString(), Clock: clock, Resolve: resolve})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	ext, err := external.New(t.Context(), store, clock)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.EnsureDatabase(t.Context(), "shop"); err != nil {
		t.Fatal(err)
	}
	return &ddlWorld{t, root, New(Options{Lake: l, External: ext, Resolve: resolve, Database: "shop"})}
}

// got collects an answer.
type got struct {
	columns []Column
	rows    [][]string
}

func (*got) Queued(string) {}
func (*got) Running()      {}
func (g *got) Columns(c []Column) error {
	g.columns = c
	return nil
}
func (g *got) Rows(b []byte, n int) error {
	var rows [][]string
	if err := json.Unmarshal(b, &rows); err != nil {
		return err
	}
	if len(rows) != n {
		return errors.New("wrong number of rows")
	}
	g.rows = append(g.rows, rows...)
	return nil
}

func (w *ddlWorld) try(sql string) (*got, *Outcome, error) {
	g := &got{}
	out, err := w.s.hiveDDL(context.Background(), Text{SQL: sql}, Session{}, g)
	return g, out, err
}

// run runs statements and returns the last one's rows, cells joined by tabs.
func (w *ddlWorld) run(list ...string) []string {
	w.t.Helper()
	var out []string
	for _, sql := range list {
		g, _, err := w.try(sql)
		if err != nil {
			w.t.Fatalf("%s\n%s", sql, base.Render(err))
		}
		out = nil
		for _, r := range g.rows {
			out = append(out, strings.Join(r, "\t"))
		}
	}
	return out
}

func (w *ddlWorld) want(rows []string, want ...string) {
	w.t.Helper()
	if !slices.Equal(rows, want) {
		w.t.Errorf("got\n%s\nwant\n%s", strings.Join(rows, "\n"), strings.Join(want, "\n"))
	}
}

func (w *ddlWorld) refused(sql, want, code string) {
	w.t.Helper()
	_, _, err := w.try(sql)
	if err == nil {
		w.t.Errorf("%s ran", sql)
		return
	}
	if r := base.Render(err); r != want {
		w.t.Errorf("%s:\ngot\n%s\nwant\n%s", sql, r, want)
	}
	if base.CodeOf(err) != code {
		w.t.Errorf("%s: code %s, want %s", sql, base.CodeOf(err), code)
	}
}

// file puts a file into a bucket.
func (w *ddlWorld) file(name string) {
	w.t.Helper()
	p := filepath.Join(w.root, "lake", filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(p, []byte("{}\n"), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

// seed004 is the streaming document; the test is skipped where it is not.
func seed004(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("MULGIL_SEEDS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "seeds")
	}
	b, err := os.ReadFile(filepath.Join(dir, "004.txt"))
	if err != nil {
		t.Skipf("set MULGIL_SEEDS to the folder of the source documents: %v", err)
	}
	return string(b)
}

func TestDocumentsStatementsRunVerbatim(t *testing.T) {
	text := seed004(t)
	block := func(word string) string {
		for i, b := range strings.Split(text, "```") {
			if i%2 == 1 && strings.Contains(b, word) {
				return strings.TrimPrefix(b, "sql")
			}
		}
		t.Fatalf("no block with %s", word)
		return ""
	}
	w := newDDLWorld(t)
	ddl := block("CREATE EXTERNAL TABLE")
	w.run("CREATE DATABASE de_enhancement_db_blee", ddl, strings.Replace(ddl, "transaction_order2", "transaction_order", 1))
	for _, p := range []string{"08/day=09/hour=23", "08/day=10/hour=00"} {
		w.file("hist-streaming-lab-blee/data/stream_data/year=2023/month=" + p + "/a.json")
	}
	list := hive.Split(block("MSCK REPAIR"))
	w.want(w.run(list[0].SQL), "Partitions not in metastore:\ttransaction_order:year=2023/month=08/day=09/hour=23\ttransaction_order:year=2023/month=08/day=10/hour=00",
		"Repair: Added partition to metastore transaction_order:year=2023/month=08/day=09/hour=23", "Repair: Added partition to metastore transaction_order:year=2023/month=08/day=10/hour=00")
	w.want(w.run(list[1].SQL), strings.Split(list[1].Output, "\n")...)
	w.want(w.run("SHOW CREATE TABLE `de_enhancement_db_blee.transaction_order2`")[:2], "CREATE EXTERNAL TABLE `de_enhancement_db_blee.transaction_order2`(", "  `tr_date` string COMMENT 'transaction date', ")
	w.refused(block("MSCK REPAIR"), `line 4:1: only one statement is allowed, this text has 2
    SHOW PARTITIONS de_enhancement_db_blee.transaction_order 
    ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
hint: nothing was run; send them one by one`, "SYNTAX_ERROR")
}

const sale = "CREATE EXTERNAL TABLE 판매 (`금액` int COMMENT '원', v varchar(3)) PARTITIONED BY (`월` int, r string) " +
	"ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' LOCATION 's3://b/판매/'"

func TestPartitionsAreAddedDroppedRenamedAndMoved(t *testing.T) {
	w := newDDLWorld(t)
	w.run(sale, "ALTER TABLE 판매 ADD PARTITION (r='서울', `월`=08) PARTITION (`월`='8', r='a/b') LOCATION 's3://b/other/' PARTITION (`월`=10, r='')",
		"ALTER TABLE 판매 ADD IF NOT EXISTS PARTITION (`월`=08, r='서울'), PARTITION (`월`=NULL, r='x')")
	w.want(w.run("SHOW PARTITIONS 판매"), "월=08/r=서울", "월=10/r=", "월=8/r=a%2Fb", "월=__HIVE_DEFAULT_PARTITION__/r=x")
	w.want(w.run("SHOW PARTITIONS shop.판매 PARTITION (`월` = 8)"), "월=08/r=서울", "월=8/r=a%2Fb")
	w.refused("ALTER TABLE 판매 ADD PARTITION (`월`=9, r='x') PARTITION (`월`=08, r='서울')", `line 1:20: add partitions to shop.판매: partition already exists: 월=08/r=서울
    ALTER TABLE 판매 ADD PARTITION (`+"`월`"+`=9, r='x') PARTITION (`+"`월`"+`=08, r='서울')
                         ~~~~~~~~~~~~~~~~~~~~~~~~~
hint: ADD IF NOT EXISTS PARTITION leaves it as it is`, "ALREADY_EXISTS")
	w.refused("ALTER TABLE 판매 ADD PARTITION (`월`=abc, r='x')", "line 1:35: unexpected \"abc\", expected a value\n    ALTER TABLE 판매 ADD PARTITION (`월`=abc, r='x')\n                                         ~~~\nhint: put text into quotes: 'abc'", "SYNTAX_ERROR")
	w.refused("ALTER TABLE 판매 ADD PARTITION (`월`='1.5', r='x')", "line 1:31: invalid partition value \"1.5\" for INT partition key: 월\n    ALTER TABLE 판매 ADD PARTITION (`월`='1.5', r='x')\n                                    ~~~~", "HIVE_INVALID_PARTITION_VALUE")
	w.refused("ALTER TABLE 판매 ADD PARTITION (`월`=1)", "line 1:20: partition spec lacks the key r\n    ALTER TABLE 판매 ADD PARTITION (`월`=1)\n                         ~~~~~~~~~~~~~~~~~~\nhint: 판매 is partitioned by (월, r)", "GENERIC_USER_ERROR")
	w.run("ALTER TABLE 판매 PARTITION (`월`=10, r='') RENAME TO PARTITION (`월`=11, r='새')", "ALTER TABLE 판매 PARTITION (`월`=11, r='새') SET LOCATION 's3://b/moved'",
		"ALTER TABLE 판매 DROP PARTITION (`월` > 10), PARTITION (r='서울')", "ALTER TABLE 판매 DROP IF EXISTS PARTITION (r='없음')")
	w.want(w.run("SHOW PARTITIONS 판매"), "월=8/r=a%2Fb", "월=__HIVE_DEFAULT_PARTITION__/r=x")
	w.refused("ALTER TABLE 판매 DROP PARTITION (r='없음')", "line 1:21: partition not found: PARTITION (r='없음')\n    ALTER TABLE 판매 DROP PARTITION (r='없음')\n                          ~~~~~~~~~~~~~~~~~~~~\nhint: DROP IF EXISTS PARTITION leaves it at that; SHOW PARTITIONS 판매 lists them", "NOT_FOUND")
}

func TestColumnsOfExternalTablesChange(t *testing.T) {
	w := newDDLWorld(t)
	w.run(sale, "ALTER TABLE 판매 ADD COLUMNS (a tinyint, b char(2) COMMENT '비')", "ALTER TABLE 판매 CHANGE v v2 varchar(9) FIRST", "ALTER TABLE 판매 CHANGE COLUMN a a smallint AFTER v2")
	w.want(w.run("DESCRIBE 판매")[:4], "v2                  \tvarchar(9)          \t                    ", "a                   \tsmallint            \t                    ",
		"금액                  \tint                 \t원                   ", "b                   \tchar(2)             \t비                   ")
	w.run("ALTER TABLE 판매 REPLACE COLUMNS (a int)")
	w.want(w.run("SHOW COLUMNS IN 판매 IN shop"), "a", "월", "r")
	w.refused("ALTER TABLE 판매 ADD COLUMNS (`월` int)", "line 1:29: duplicate column name: 월\n    ALTER TABLE 판매 ADD COLUMNS (`월` int)\n                                  ~~~~", "COLUMN_ALREADY_EXISTS")
	w.refused("ALTER TABLE 판매 CHANGE b c int", "line 1:23: column \"b\" does not exist\n    ALTER TABLE 판매 CHANGE b c int\n                            ~\nhint: did you mean \"a\"?", "COLUMN_NOT_FOUND")
	w.refused("ALTER TABLE 판매 DROP COLUMN a", "line 1:13: DROP COLUMN is for Iceberg tables, shop.판매 is not one\n    ALTER TABLE 판매 DROP COLUMN a\n                ~~~~\nhint: list the columns to keep: ALTER TABLE ... REPLACE COLUMNS (...)", "NOT_SUPPORTED")
}

func TestPropertiesAreSetShownAndRemoved(t *testing.T) {
	w := newDDLWorld(t)
	w.run(sale, "ALTER TABLE 판매 SET TBLPROPERTIES ('a'='<1>', '한글'='값', 'comment'='매출')", "ALTER TABLE 판매 UNSET TBLPROPERTIES ('a')")
	w.want(w.run("SHOW TBLPROPERTIES 판매"), "EXTERNAL\tTRUE", "comment\t매출", "한글\t값")
	w.want(w.run("SHOW TBLPROPERTIES 판매 ('한글')"), "한글\t값")
	w.want(w.run("SHOW TBLPROPERTIES 판매 ('none')"), "Table shop.판매 does not have property: none\t")
	w.refused("ALTER TABLE 판매 UNSET TBLPROPERTIES ('b')", "line 1:37: table shop.판매 has no property \"b\"\n    ALTER TABLE 판매 UNSET TBLPROPERTIES ('b')\n                                          ~~~\nhint: UNSET TBLPROPERTIES IF EXISTS leaves it at that", "NOT_FOUND")
}

func TestIcebergTablesAreMadeChangedAndDropped(t *testing.T) {
	w := newDDLWorld(t)
	w.run("CREATE TABLE `shop`.`주문` (id bigint COMMENT '번호', ts timestamp, r string, s struct<a:int,b:string>) COMMENT '주문표' PARTITIONED BY (r, day(ts), bucket(16, id), truncate(4, r)) "+
		"TBLPROPERTIES ('table_type'='ICEBERG', 'format'='parquet', 'write_compression'='zstd')",
		"CREATE TABLE IF NOT EXISTS 주문 (id bigint) TBLPROPERTIES ('table_type'='ICEBERG')")
	w.run("ALTER TABLE 주문 ADD COLUMNS (extra int COMMENT '더')", "ALTER TABLE 주문 CHANGE extra more bigint FIRST", "ALTER TABLE 주문 DROP COLUMN s", "ALTER TABLE 주문 SET TBLPROPERTIES ('k'='v')")
	rows := w.run("SHOW CREATE TABLE 주문")
	w.want(rows[:8], "CREATE TABLE `주문` (", "  `more` bigint COMMENT '더', ", "  `id` bigint COMMENT '번호', ", "  `ts` timestamp, ", "  `r` string)", "COMMENT '주문표'",
		"PARTITIONED BY (`r`, day(`ts`), bucket(16, `id`), truncate(4, `r`))", "LOCATION 's3://shop/주문'")
	if !slices.Contains(rows, "  'k'='v', ") || !slices.Contains(rows, "  'table_type'='iceberg', ") || strings.Contains(strings.Join(rows, "\n"), "mulgil.") {
		t.Errorf("%q", rows)
	}
	rows = w.run("DESCRIBE 주문")
	w.want(rows[:3], "# Table schema:\t \t ", "# col_name            \tdata_type           \tcomment             ", "more                \tbigint              \t더                   ")
	w.want(rows[len(rows)-2:], "id_bucket           \tbucket[16]          \tid                  ", "r_trunc             \ttruncate[4]         \tr                   ")
	w.refused("ALTER TABLE 주문 CHANGE id id int", "line 1:23: alter table shop.주문: column \"id\" cannot change from bigint to int\n    ALTER TABLE 주문 CHANGE id id int\n                            ~~\nhint: types can only be widened: int to bigint, float to double, decimal to more digits", "NOT_SUPPORTED")
	w.refused("ALTER TABLE 주문 DROP COLUMN r", "line 1:28: alter table shop.주문: cannot drop column \"r\": the table is partitioned by it\n    ALTER TABLE 주문 DROP COLUMN r\n                                 ~", "NOT_SUPPORTED")
	w.refused("CREATE TABLE t (a tinyint) TBLPROPERTIES ('table_type'='ICEBERG')", "line 1:17: column a: Iceberg tables have no type tinyint\n    CREATE TABLE t (a tinyint) TBLPROPERTIES ('table_type'='ICEBERG')\n                    ~\nhint: use int for small numbers and string for text", "NOT_SUPPORTED")
	w.refused("CREATE TABLE t (a int) TBLPROPERTIES ('table_type'='ICEBERG', 'format'='orc')", "line 1:63: property format=orc is not supported: tables of the lake are Iceberg with Parquet files\n    CREATE TABLE t (a int) TBLPROPERTIES ('table_type'='ICEBERG', 'format'='orc')\n                                                                  ~~~~~~~~", "NOT_SUPPORTED")
	w.refused("CREATE TABLE t (a int) PARTITIONED BY (day(a)) TBLPROPERTIES ('table_type'='ICEBERG')", "line 1:14: create table shop.t: cannot partition by day transform of column \"a\" of type int\n    CREATE TABLE t (a int) PARTITIONED BY (day(a)) TBLPROPERTIES ('table_type'='ICEBERG')\n                 ~", "NOT_SUPPORTED")
	w.refused("MSCK REPAIR TABLE 주문", "line 1:19: MSCK REPAIR TABLE is for external tables, shop.주문 is an Iceberg table of the lake\n    MSCK REPAIR TABLE 주문\n                      ~~~~", "NOT_SUPPORTED")
	dir := filepath.Join(w.root, "lake", "shop", "주문")
	if _, err := os.Stat(dir); err != nil {
		t.Fatal(err)
	}
	w.run("DROP TABLE 주문", "DROP TABLE IF EXISTS 주문")
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("%s remains: %v", dir, err)
	}
}

func TestDatabasesAreMadeListedAndDropped(t *testing.T) {
	w := newDDLWorld(t)
	w.run("CREATE DATABASE 매장 COMMENT '가게' LOCATION 's3://b/' WITH DBPROPERTIES ('a'='b')", "CREATE SCHEMA IF NOT EXISTS 매장", "ALTER DATABASE 매장 SET DBPROPERTIES ('c'='d')", "CREATE DATABASE Analytics")
	w.want(w.run("SHOW DATABASES"), "analytics", "shop", "매장")
	w.want(w.run("SHOW DATABASES LIKE '.*LYTICS|매*'"), "analytics", "매장")
	props, err := w.s.o.Lake.DatabaseProperties(t.Context(), "매장")
	if err != nil || props["comment"] != "가게" || props["a"] != "b" || props["c"] != "d" || props["mulgil.location"] != "s3://b/" {
		t.Errorf("%v %v", props, err)
	}
	w.refused("CREATE DATABASE shop", "line 1:17: database shop already exists\n    CREATE DATABASE shop\n                    ~~~~", "SCHEMA_ALREADY_EXISTS")
	w.refused("SHOW TABLES IN shap", "line 1:16: database does not exist: shap\n    SHOW TABLES IN shap\n                   ~~~~\nhint: did you mean \"shop\"?", "SCHEMA_NOT_FOUND")
	w.run(strings.Replace(sale, "판매 ", "매장.판매 ", 1), "CREATE TABLE 매장.t (a int) TBLPROPERTIES ('table_type'='ICEBERG')")
	w.file("b/판매/월=1/r=x/a.json")
	w.want(w.run("SHOW TABLES IN 매장"), "t", "판매")
	w.want(w.run("SHOW TABLES IN 매장 'x|판*'"), "판매")
	w.want(w.run("SHOW VIEWS IN 매장"))
	w.refused("DROP DATABASE 매장", "line 1:15: database 매장 is not empty, one or more tables exist\n    DROP DATABASE 매장\n                  ~~~~\nhint: DROP DATABASE `매장` CASCADE drops its 2 tables and views as well", "SCHEMA_NOT_EMPTY")
	w.run("DROP DATABASE 매장 CASCADE", "DROP DATABASE IF EXISTS 매장")
	w.want(w.run("SHOW DATABASES"), "analytics", "shop")
	if _, err := os.Stat(filepath.Join(w.root, "lake", "b", "판매", "월=1", "r=x", "a.json")); err != nil {
		t.Errorf("the files of an external table are gone: %v", err)
	}
}

func TestExternalTablesStayOutsideTheLakesOwn(t *testing.T) {
	w := newDDLWorld(t)
	w.run("CREATE TABLE 주문 (a int) LOCATION 's3://b/gold/주문/' TBLPROPERTIES ('table_type'='ICEBERG')")
	w.file("b/one.json")
	create := func(location string) string { return "CREATE EXTERNAL TABLE t (a int) LOCATION '" + location + "'" }
	if err := os.Symlink(filepath.Join(w.root, "lake", "b", "gold"), filepath.Join(w.root, "lake", "b", "link")); err != nil {
		t.Fatal(err)
	}
	for location, want := range map[string]string{
		"s3://b/link/주문/":     `location "s3://b/link/주문/" shares its files with table shop.주문 of the lake`,
		"s3://b/gold/주문/data": `location "s3://b/gold/주문/data" shares its files with table shop.주문 of the lake`,
		"s3://b/gold/":        `location "s3://b/gold/" shares its files with table shop.주문 of the lake`,
		"s3://b/one.json":     `location "s3://b/one.json" is a file, not a folder`,
		"file:///etc":         `location "file:///etc" is not in a bucket`,
		"secret/":             `location "secret/" is not in a bucket`,
	} {
		if _, _, err := w.try(create(location)); err == nil || err.Error() != "line 1:42: "+want || base.CodeOf(err) != "INVALID_TABLE_PROPERTY" {
			t.Errorf("%s: %v", location, err)
		}
	}
	if err := os.Symlink(t.TempDir(), filepath.Join(w.root, "lake", "b", "out")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.try(create("s3://b/out/")); base.KindOf(err) != base.Denied || err.Error() != `line 1:42: location "s3://b/out/" leads out of its bucket` {
		t.Error(err)
	}
	if _, _, err := w.try(create("s3://b/out/later/")); base.KindOf(err) != base.Denied {
		t.Error(err)
	}
	w.run(sale, create("s3://b/x"), "DROP TABLE t", create("s3://new/x/y"), "DROP TABLE t", create("s3://b/x"))
	for _, sql := range []string{"ALTER TABLE t SET LOCATION 's3://b/gold/주문/data'", "ALTER TABLE 판매 ADD PARTITION (`월`=1, r='x') LOCATION 'file:///etc'"} {
		if _, _, err := w.try(sql); base.CodeOf(err) != "INVALID_TABLE_PROPERTY" {
			t.Errorf("%s: %v", sql, err)
		}
	}
	w.refused(create("s3://b/y"), "line 1:23: table shop.t already exists\n    CREATE EXTERNAL TABLE t (a int) LOCATION 's3://b/y'\n                          ~", "TABLE_ALREADY_EXISTS")
	w.run("CREATE EXTERNAL TABLE IF NOT EXISTS t (a int) LOCATION 's3://b/y'", "DROP TABLE `shop.t`")
	w.refused("DROP TABLE 판메", "line 1:12: table not found: shop.판메\n    DROP TABLE 판메\n               ~~~~\nhint: did you mean \"판매\"?", "TABLE_NOT_FOUND")
	w.refused("DROP TABLE other.shop.t", "line 1:12: catalog \"other\" does not exist\n    DROP TABLE other.shop.t\n               ~~~~~~~~~~~~\nhint: tables of the lake are in AwsDataCatalog", "CATALOG_NOT_FOUND")
	w.run("DROP TABLE awsdatacatalog.shop.판매")
}

// oneView is a catalog with a single view.
func TestViewsAreDescribedAndNotTakenForTables(t *testing.T) {
	w := newDDLWorld(t)
	err := w.s.o.Lake.PutView(t.Context(), lake.ViewDef{Name: lake.Name{Database: "shop", Table: "보기"}, SQL: "SELECT\n  1 AS n", Fields: []base.Field{{Name: "n", Type: base.Type{ID: base.Long}}}}, false)
	if err != nil {
		t.Fatal(err)
	}
	w.want(w.run("SHOW VIEWS"), "보기")
	w.want(w.run("SHOW TABLES"), "보기")
	w.want(w.run("DESCRIBE 보기"), "n                   \tbigint              \t                    ")
	rows := w.run("DESCRIBE FORMATTED 보기")
	if !slices.Contains(rows, "View Original Text: \tSELECT 1 AS n       \t ") {
		t.Errorf("%q", rows)
	}
	w.refused("DROP TABLE 보기", "line 1:12: shop.보기 is a view, not a table\n    DROP TABLE 보기\n               ~~~~\nhint: write DROP VIEW", "GENERIC_USER_ERROR")
	w.refused("ALTER TABLE 보기 ADD COLUMNS (a int)", "line 1:13: shop.보기 is a view, not a table\n    ALTER TABLE 보기 ADD COLUMNS (a int)\n                ~~~~", "NOT_SUPPORTED")
}
