package hive_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/hive"
)

func split(text string) []string {
	var out []string
	for _, s := range hive.Split(text) {
		out = append(out, s.SQL)
	}
	return out
}

func TestTextIsCutWhereStatementsEnd(t *testing.T) {
	for text, want := range map[string][]string{
		"SHOW TABLES; SHOW DATABASES;;":                                                  {"SHOW TABLES", "SHOW DATABASES"},
		"SELECT ';' -- ;\n, \"a;b\" FROM t /* ; */; MSCK REPAIR TABLE t":                 {"SELECT ';' -- ;\n, \"a;b\" FROM t", "MSCK REPAIR TABLE t"},
		"MSCK REPAIR TABLE t\n\nSELECT 1\nFROM t":                                        {"MSCK REPAIR TABLE t", "SELECT 1\nFROM t"},
		"SELECT a\nFROM (\nSELECT 1\n)\nSHOW TABLES":                                     {"SELECT a\nFROM (\nSELECT 1\n)\nSHOW TABLES"},
		"SHOW PARTITIONS t\n# 확인\na=1/b=08\na=2/b=x%2Fy\nSHOW TABLES":                    {"SHOW PARTITIONS t", "SHOW TABLES"},
		"SHOW PARTITIONS t\na=1":                                                         {"SHOW PARTITIONS t\na=1"},
		"SHOW PARTITIONS t\n# 확인\nPARTITION (a=1)":                                       {"SHOW PARTITIONS t\n# 확인\nPARTITION (a=1)"},
		"CREATE EXTERNAL TABLE t (a int)\n# 위치\nLOCATION 's3://b/'\nMSCK REPAIR TABLE t": {"CREATE EXTERNAL TABLE t (a int)\n# 위치\nLOCATION 's3://b/'", "MSCK REPAIR TABLE t"},
		"DROP TABLE a\nDROP TABLE b":                                                     {"DROP TABLE a", "DROP TABLE b"},
		"ALTER TABLE t\nDROP PARTITION (a=1)":                                            {"ALTER TABLE t\nDROP PARTITION (a=1)"},
		"CREATE TABLE t AS\nSELECT 1":                                                    {"CREATE TABLE t AS\nSELECT 1"},
		"CREATE DATABASE d\nWITH DBPROPERTIES ('a'='b')":                                 {"CREATE DATABASE d\nWITH DBPROPERTIES ('a'='b')"},
		"  -- nothing\n# 없음\n":                                                           {},
	} {
		if got := split(text); len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
			t.Errorf("%q:\ngot  %q\nwant %q", text, got, want)
		}
	}
}

func TestPlaceOfACutStatementIsOneInTheText(t *testing.T) {
	text := "SHOW TABLES;\n  MSCK REPAIR\n TABEL 판매"
	st := hive.Split(text)[1]
	_, err := hive.Parse(st.SQL)
	e, ok := err.(*base.Error)
	if !ok {
		t.Fatal(err)
	}
	if p := st.Locate(text, e.Place); p.Line != 3 || p.Col != 2 || p.Text != " TABEL 판매" {
		t.Errorf("%+v", p)
	}
	st = hive.Split("SHOW TABLES; SHOW TABEL")[1]
	_, err = hive.Parse(st.SQL)
	if p := st.Locate("SHOW TABLES; SHOW TABEL", err.(*base.Error).Place); p.Line != 1 || p.Col != 19 {
		t.Errorf("%+v", p)
	}
}

func TestRoutesByFirstWords(t *testing.T) {
	for sql, want := range map[string][2]bool{
		"/* x */ MSCK REPAIR TABLE t":                                                     {true, false},
		"create table t (a int) tblproperties ('x'='y')":                                  {true, false},
		"CREATE TABLE t AS SELECT 1":                                                      {false, false},
		"CREATE TABLE t (a, b) AS SELECT 1, 2":                                            {false, false},
		"CREATE TABLE t WITH (format='ORC') AS SELECT 1":                                  {false, false},
		"CREATE TABLE IF NOT EXISTS s.t (a integer, b row(c bigint)) WITH (format='ORC')": {false, false},
		"CREATE SCHEMA s":                                                                 {true, true},
		"CREATE SCHEMA s WITH (location = 's3://b/')":                                     {false, false},
		"CREATE VIEW v AS SELECT 1":                                                       {false, false},
		"ALTER TABLE t RENAME TO u":                                                       {false, false},
		"ALTER TABLE t ADD COLUMN a bigint":                                               {false, false},
		"ALTER TABLE t ADD COLUMNS (a bigint)":                                            {true, false},
		"ALTER TABLE t SET PROPERTIES x = 1":                                              {false, false},
		"ALTER TABLE t DROP COLUMN a":                                                     {true, true},
		"DROP TABLE \"a\".\"b\"":                                                          {true, true},
		"DROP TABLE `a.b`":                                                                {true, false},
		"DROP VIEW v":                                                                     {false, false},
		"SHOW TABLES":                                                                     {true, true},
		"SHOW FUNCTIONS":                                                                  {false, false},
		"SHOW CREATE VIEW v":                                                              {false, false},
		"DESCRIBE a.b":                                                                    {true, true},
		"DESCRIBE a.b c":                                                                  {true, false},
		"DESCRIBE OUTPUT q":                                                               {false, false},
		"SELECT 1":                                                                        {false, false},
		"":                                                                                {false, false},
	} {
		if got := [2]bool{hive.Is(sql), hive.Shared(sql)}; got != want {
			t.Errorf("%s: %v", sql, got)
		}
	}
}

func TestHugeTextIsCutQuickly(t *testing.T) {
	start := time.Now()
	for _, text := range []string{
		"CREATE EXTERNAL TABLE t (" + strings.Repeat("\nselect int,", 50000),
		"SHOW PARTITIONS t\n" + strings.Repeat("# x\na=1\n", 50000),
		strings.Repeat("SHOW TABLES\n", 50000),
		"SELECT (" + strings.Repeat("\nSELECT 1 UNION", 50000),
	} {
		hive.Split(text)
	}
	if d := time.Since(start); d > 20*time.Second {
		t.Errorf("it took %s", d)
	}
}

// seed is a document of the users; the test is skipped where they are not.
func seed(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("MULGIL_SEEDS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "..", "shared", "seeds")
	}
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Skipf("set MULGIL_SEEDS to the folder of the source documents: %v", err)
	}
	return string(b)
}

// blocks are a document's code blocks that contain a word.
func blocks(text, word string) []string {
	var out []string
	for i, b := range strings.Split(text, "```") {
		if i%2 == 1 && strings.Contains(b, word) {
			out = append(out, strings.TrimPrefix(b, "sql"))
		}
	}
	return out
}

func TestDocumentsDDLIsReadVerbatim(t *testing.T) {
	text := seed(t, "004.txt")
	n := parse[*hive.CreateExternalTable](t, blocks(text, "CREATE EXTERNAL TABLE")[0])
	if n.Name.Database != "de_enhancement_db_blee" || n.Name.Table != "transaction_order2" || len(n.Columns) != 19 || len(n.PartitionKeys) != 4 ||
		n.Storage.Serde != "org.openx.data.jsonserde.JsonSerDe" || n.Location != "s3://hist-streaming-lab-blee/data/stream_data" {
		t.Errorf("%+v", n)
	}
	got := hive.Split(blocks(text, "MSCK REPAIR")[0])
	if len(got) != 2 || got[1].Output != "year=2023/month=08/day=09/hour=23\nyear=2023/month=08/day=10/hour=00" {
		t.Fatalf("%+v", got)
	}
	parse[*hive.RepairTable](t, got[0].SQL)
	if s := parse[*hive.ShowPartitions](t, got[1].SQL); s.Name.String() != "de_enhancement_db_blee.transaction_order" {
		t.Errorf("%+v", s)
	}
	for _, b := range blocks(text, "FROM de_enhancement_db_blee") {
		if hive.Is(b) || len(hive.Split(b)) != 1 {
			t.Errorf("%s", b)
		}
	}
}
