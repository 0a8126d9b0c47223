package query_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake/external"
	"github.com/mulgil/mulgil/internal/query"
	"github.com/mulgil/mulgil/internal/query/worker"
)

func TestTextTableIsReadByItsSerde(t *testing.T) {
	b := newBench(t)
	b.write("주문/a.json", "{\"ID\":1,\"가격\":\"2.5\",\"memo\":{\"k\":[1,2]}}\nnot json\n{\"id\":3}{\"id\":4}\n")
	b.create("주문", external.JSON, "id int, 가격 double, memo string", "")
	res := b.want("SELECT * FROM 주문 ORDER BY id", `1 2.5 {"k":[1,2]}`, "3 <nil> <nil>", "<nil> <nil> <nil>")
	if len(res.Warnings) != 1 || !strings.Contains(res.Warnings[0], "1 malformed line read as NULL in s3://lake/주문/a.json: line 2") {
		t.Errorf("warnings %q", res.Warnings)
	}
	b.want("SELECT count(*) FROM 주문", "3")
	b.want("SELECT a.id, b.가격 FROM 주문 a JOIN sales.주문 b ON a.id = b.id ORDER BY 1", "1 2.5", "3 <nil>")
	b.want(`SELECT "$path", "$file_size" > 10 FROM 주문 LIMIT 1`, "s3://lake/주문/a.json true")
}

func TestPartitionValuesBecomeTypedColumns(t *testing.T) {
	b := newBench(t)
	for _, format := range []string{external.JSON, external.Parquet} {
		name := "sales_" + format
		b.create(name, format, "id int", "year int, month string, day date")
		folders := []string{"year=2014/month=01/day=2014-01-31", "year=0015/month=/day=2015-02-28", "year=__HIVE_DEFAULT_PARTITION__/month=__HIVE_DEFAULT_PARTITION__/day=2016-01-01"}
		for i, f := range folders {
			if format == external.JSON {
				b.write(name+"/"+f+"/x.json", `{"id":`+string(rune('1'+i))+"}\n")
			} else {
				b.write(name+"/"+f+"/.keep", "")
				b.engine("COPY (SELECT " + string(rune('1'+i)) + "::INTEGER AS id) TO 'LAKE/" + name + "/" + f + "/x.parquet'")
			}
		}
		b.partition(name, folders[0], "2014", "01", "2014-01-31")
		b.partition(name, folders[1], "0015", "", "2015-02-28")
		b.partition(name, folders[2], external.NullPartition, external.NullPartition, "2016-01-01")
		b.want("SELECT id, year, month, day::VARCHAR FROM "+name+" ORDER BY id", "1 2014 01 2014-01-31", "2 15  2015-02-28", "3 <nil> <nil> 2016-01-01")
		for where, files := range map[string]int{"year = 2014": 1, "month = '01'": 1, "year IS NULL": 1, "year > 20 OR month = ''": 2, "day >= DATE '2015-02-28'": 2, "year <> 2014": 1, "year IN (15, 16)": 1, "id = 1": 3} {
			rows, res, err := b.run("SELECT count(*) FROM " + name + " WHERE " + where)
			b.ok(err)
			if res.Stats.ScanFiles != files {
				t.Errorf("%s: %s reads %d files (%v rows), want %d", format, where, res.Stats.ScanFiles, rows, files)
			}
		}
		b.partition(name, "year=x/month=1/day=2014-01-01", "이천", "1", "2014-01-01")
		b.write(name+"/year=x/month=1/day=2014-01-01/y.json", "{}\n")
		if format == external.JSON {
			b.refused("SELECT * FROM "+name, "HIVE_INVALID_PARTITION_VALUE", `"이천"`, "s3://lake/sales_json/year=x/month=1/day=2014-01-01/", "year")
		}
	}
}

func TestParquetTypesAreTheDeclaredOnes(t *testing.T) {
	b := newBench(t)
	b.write("p/.keep", "")
	b.engine("COPY (SELECT 1::INTEGER AS \"ID\", 1.5::FLOAT AS price, '한글' AS name) TO 'LAKE/p/old.parquet'",
		"COPY (SELECT 10000000000::BIGINT AS id, 2.5::DOUBLE AS price, {'x': 1, 'y': 'z'} AS extra) TO 'LAKE/p/new.parquet'")
	b.create("p", external.Parquet, "id bigint, price double, name string, extra struct<y:string,x:int,w:double>", "")
	b.want("SELECT id, price, name, extra.x, extra.y, extra.w FROM p ORDER BY id", "1 1.5 한글 <nil> <nil> <nil>", "10000000000 2.5 <nil> 1 z <nil>")
	b.want(`SELECT "$path" FROM p ORDER BY 1`, "s3://lake/p/new.parquet", "s3://lake/p/old.parquet")
	b.engine("COPY (SELECT 'x' AS id) TO 'LAKE/p/bad.parquet'")
	b.refused("SELECT * FROM p", "HIVE_BAD_DATA", "s3://lake/p/bad.parquet", "column id is string", "bigint")
	b.write("p/bad.parquet", "PAR1 this is not one PAR1")
	b.refused("SELECT count(*) FROM p", "HIVE_BAD_DATA", "s3://lake/p/bad.parquet")
}

func TestCustomPartitionFoldersAndMissingOnes(t *testing.T) {
	b := newBench(t)
	b.write("q/2026/01/.keep", "")
	b.engine("COPY (SELECT 1 AS id) TO 'LAKE/q/2026/01/a.parquet'")
	b.create("q", external.Parquet, "id int", "month string")
	b.partition("q", "2026/01", "1월")
	b.partition("q", "gone", "2월")
	b.want("SELECT * FROM q", "1 1월")
	b.want("SELECT * FROM q WHERE month = '2월'")
	b.want("SELECT count(*) FROM q WHERE month = '3월'", "0")
}

func TestMalformedLineEndsTheStatementWhereTheSerdeSaysSo(t *testing.T) {
	b := newBench(t)
	b.write("h/a.json", "{\"id\":1}\n{\"id\":\n")
	b.create("h", external.JSON, "id int", "", func(t *external.Table) { t.Serde.Library = "org.apache.hive.hcatalog.data.JsonSerDe" })
	b.refused("SELECT * FROM h", "HIVE_CURSOR_ERROR", "s3://lake/h/a.json:2")
	b.refused("SELECT sum(a.id) FROM h a JOIN h b ON a.id = b.id", "HIVE_CURSOR_ERROR", "s3://lake/h/a.json:2")
}

func TestFileThatVanishesOrIsDamagedIsNamed(t *testing.T) {
	b := newBench(t)
	b.write("v/.keep", "")
	b.engine("COPY (SELECT range AS id, 'x' || range AS s FROM range(20000)) TO 'LAKE/v/a.parquet' (COMPRESSION zstd)", "COPY (SELECT 1::BIGINT AS id, 'y' AS s) TO 'LAKE/v/b.parquet'")
	b.create("v", external.Parquet, "id bigint, s string", "")
	sql := "SELECT sum(id), max(s) FROM v"
	b.want(sql, "199990001 y")
	bound, err := b.query.Bind(t.Context(), []query.Text{{SQL: sql}}, nil, nil)
	b.ok(err)
	defer bound.Release()
	run := func() error {
		_, err := b.query.Run(t.Context(), worker.Task{Engine: b.query.Engine(0, 0), Catalog: query.Catalog, Database: "sales", Relations: bound.Relations,
			Select: &worker.Select{SQL: sql}}, worker.Handler{Log: os.Stderr, Message: func(worker.Message) {}})
		return err
	}
	b.ok(run())
	path := filepath.Join(b.dir, "lake", "v", "a.parquet")
	good, err := os.ReadFile(path)
	b.ok(err)
	bad := bytes.Clone(good)
	for i := 4; i < len(bad)*3/4; i++ {
		bad[i] = 0xff
	}
	b.ok(os.WriteFile(path, bad, 0o600))
	if err := run(); base.CodeOf(err) != "HIVE_BAD_DATA" || !strings.Contains(err.Error(), "a.parquet") {
		t.Errorf("damaged: %v (%s)", err, base.CodeOf(err))
	}
	b.ok(os.Remove(path))
	if err := run(); base.CodeOf(err) != "HIVE_CANNOT_OPEN_SPLIT" || !strings.Contains(err.Error(), "a.parquet") {
		t.Errorf("gone: %v (%s)", err, base.CodeOf(err))
	}
}

// TestPartitionsOfOtherLayoutsReadAsTheTableSays: columns are found by name,
// as Athena reads Parquet; what a partition's files lack is NULL, what only
// they have is not seen, and a type that cannot stand for the table's is an error.
func TestPartitionsOfOtherLayoutsReadAsTheTableSays(t *testing.T) {
	b := newBench(t)
	b.create("m", external.Parquet, "id bigint, price double, name string, amount decimal(12,2), tags array<bigint>", "day string")
	add := func(day, columns string) {
		b.write("m/day="+day+"/.keep", "")
		b.engine("COPY (SELECT " + columns + ") TO 'LAKE/m/day=" + day + "/a.parquet'")
		b.partition("m", "day="+day, day)
	}
	add("1", "1::BIGINT AS id, 1.5::DOUBLE AS price, 'a' AS name, 1.25::DECIMAL(12,2) AS amount, [1]::BIGINT[] AS tags")
	add("2", "'b' AS name, 2.5::FLOAT AS price, 2::INTEGER AS id, 2.5::DECIMAL(6,1) AS amount, [2]::INTEGER[] AS tags") // another order, narrower types
	add("3", "3::SMALLINT AS id, 'more' AS extra")                                                                      // missing ones and one more
	add("4", "4::BIGINT AS ID, 'c' AS \"Name\"")                                                                        // other spelling
	b.want("SELECT * FROM m ORDER BY id", "1 1.5 a 1.25 [1] 1", "2 2.5 b 2.50 [2] 2", "3 <nil> <nil> <nil> <nil> 3", "4 <nil> c <nil> <nil> 4")
	b.want("SELECT day, count(name), sum(id) FROM m GROUP BY day ORDER BY day", "1 1 1", "2 1 2", "3 0 3", "4 1 4")
	for bad, words := range map[string][]string{
		"'5' AS id":                               {"column id is string in the file", "bigint"},
		"5::DOUBLE AS id":                         {"column id is double in the file", "bigint"},
		"5::BIGINT AS id, 'x' AS price":           {"column price is string in the file", "double"},
		"5 AS id, 5.125::DECIMAL(12,3) AS amount": {"column amount is decimal(12,3) in the file", "decimal(12,2)"},
		"5 AS id, ['x'] AS tags":                  {"column tags is array<string> in the file", "array<bigint>"},
	} {
		add("5", bad)
		b.refused("SELECT count(name) FROM m", "HIVE_BAD_DATA", append(words, "s3://lake/m/day=5/a.parquet")...)
		b.want("SELECT count(*) FROM m WHERE day < '5'", "4") // it is not read
	}
	b.create("n", external.Parquet, "id int", "")
	b.write("n/.keep", "")
	b.engine("COPY (SELECT 1::BIGINT AS id) TO 'LAKE/n/a.parquet'")
	b.refused("SELECT * FROM n", "HIVE_BAD_DATA", "column id is bigint in the file", "int")
}
