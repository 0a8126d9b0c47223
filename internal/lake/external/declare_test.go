package external_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/connector/sqlite"
	"github.com/mulgil/mulgil/internal/lake/external"
	"github.com/mulgil/mulgil/internal/lang/hive"
)

func declare(sql string) (external.Table, error) {
	n, err := hive.Parse(sql)
	if err != nil {
		return external.Table{}, err
	}
	return external.Declare(sql, n.(*hive.CreateExternalTable), "shop")
}

const salesDDL = "CREATE EXTERNAL TABLE `판매`(\n" +
	"  `금액` tinyint COMMENT '원화 \\'금액\\'', \n" +
	"  `c` varchar(10), \n" +
	"  `s` struct<a:smallint,b:array<char(3)>>)\n" +
	"COMMENT '매출'\n" +
	"PARTITIONED BY ( \n" +
	"  `year` int, \n" +
	"  `지역` string COMMENT '시도')\n" +
	"ROW FORMAT SERDE \n" +
	"  'org.openx.data.jsonserde.JsonSerDe' \n" +
	"WITH SERDEPROPERTIES ( \n" +
	"  'ignore.malformed.json'='true', \n" +
	"  'mapping.a'='b') \n" +
	"STORED AS INPUTFORMAT \n" +
	"  'org.apache.hadoop.mapred.TextInputFormat' \n" +
	"OUTPUTFORMAT \n" +
	"  'org.apache.hadoop.hive.ql.io.IgnoreKeyTextOutputFormat'\n" +
	"LOCATION\n" +
	"  's3://b/판매'\n" +
	"TBLPROPERTIES (\n" +
	"  'a'='1', \n" +
	"  'b'='2')"

func TestCreateTextMakesTheSameTableAgain(t *testing.T) {
	for _, sql := range []string{salesDDL,
		"CREATE EXTERNAL TABLE `shop.x`(\n  `a` int)\nROW FORMAT DELIMITED \n  FIELDS TERMINATED BY ',' ESCAPED BY '\\\\' \n  COLLECTION ITEMS TERMINATED BY '\\u0002' \n  MAP KEYS TERMINATED BY '\\u0003' \n  LINES TERMINATED BY '\\n' \n  NULL DEFINED AS '' \n" +
			"STORED AS INPUTFORMAT \n  'org.apache.hadoop.mapred.TextInputFormat' \nOUTPUTFORMAT \n  'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'\nLOCATION\n  's3://b/x/'",
		"CREATE EXTERNAL TABLE `p`(\n  `a` int)\nCLUSTERED BY ( \n  a) \nINTO 3 BUCKETS\nROW FORMAT SERDE \n  'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' \n" +
			"STORED AS INPUTFORMAT \n  'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat' \nOUTPUTFORMAT \n  'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat'\nLOCATION\n  's3://b/x/'",
	} {
		tb, err := declare(sql)
		if err != nil {
			t.Fatal(base.Render(err))
		}
		name := tb.Name
		if strings.Contains(sql, "`shop.x`") {
			name = "shop.x"
		}
		if got := strings.Join(tb.CreateText(name), "\n"); got != sql {
			t.Errorf("got\n%s\nwant\n%s", got, sql)
		}
	}
	tb, err := declare(salesDDL)
	if err != nil || tb.Columns[0].Type.ID != base.Int || tb.ColumnType(tb.Columns[0]) != "tinyint" || tb.Serde.Parameters["serialization.format"] != "1" {
		t.Errorf("%+v %v", tb, err)
	}
	tb.Columns[0].Type.ID = base.Long // a crawler widened it
	if got := tb.ColumnType(tb.Columns[0]); got != "bigint" {
		t.Error(got)
	}
}

func TestStorageIsChosenAsHiveDoes(t *testing.T) {
	for clause, want := range map[string]string{
		"":                   "csv " + external.LazySimple,
		"STORED AS parquet":  "parquet " + external.ParquetSerde,
		"STORED AS TEXTFILE": "csv " + external.LazySimple,
		"STORED AS JSONFILE": "json " + external.HiveJSON,
		"ROW FORMAT SERDE '" + external.OpenCSV + "'":                     "csv " + external.OpenCSV,
		"ROW FORMAT SERDE '" + external.HiveJSON + "' STORED AS TEXTFILE": "json " + external.HiveJSON,
		"ROW FORMAT DELIMITED FIELDS TERMINATED BY '|'":                   "csv " + external.LazySimple,
	} {
		tb, err := declare("CREATE EXTERNAL TABLE t (a int) " + clause + " LOCATION 's3://b/x'")
		if err != nil || tb.Format+" "+tb.Serde.Library != want {
			t.Errorf("%s: %s %s %v", clause, tb.Format, tb.Serde.Library, err)
		}
	}
}

func TestWhatAthenaRefusesIsRefused(t *testing.T) {
	for sql, want := range map[string]string{
		"(a int, A string) LOCATION 's3://b/'":                                                    "line 1:33: duplicate column name: a",
		"(a int) PARTITIONED BY (A int) LOCATION 's3://b/'":                                       "line 1:49: column repeated in partitioning columns: a",
		"(a int) PARTITIONED BY (b int, b int) LOCATION 's3://b/'":                                "line 1:56: duplicate partition key: b",
		"(a int) PARTITIONED BY (b array<int>) LOCATION 's3://b/'":                                "line 1:49: partition key b cannot have type array<int>",
		"PARTITIONED BY (b int) LOCATION 's3://b/'":                                               "line 1:23: external table t has no columns",
		"(a int) STORED AS ORC LOCATION 's3://b/'":                                                "line 1:43: ORC files cannot be read: STORED AS ORC is not supported",
		"(a int) STORED AS AVRO LOCATION 's3://b/'":                                               "line 1:43: Avro files cannot be read: STORED AS AVRO is not supported",
		"(a int) STORED AS PARQET LOCATION 's3://b/'":                                             "line 1:43: unknown file format PARQET",
		"(a int) ROW FORMAT SERDE 'org.apache.hadoop.hive.ql.io.orc.OrcSerde' LOCATION 's3://b/'": "line 1:50: ORC files cannot be read: SerDe org.apache.hadoop.hive.ql.io.orc.OrcSerde is not supported",
		"(a int) ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe' LOCATION 's3://b/'":  "line 1:50: RegexSerDe files cannot be read: SerDe org.apache.hadoop.hive.serde2.RegexSerDe is not supported",
		"(a int) ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerde' LOCATION 's3://b/'":        "line 1:50: SerDe does not exist: org.openx.data.jsonserde.JsonSerde",
		"(a int) STORED AS INPUTFORMAT 'x.Y' OUTPUTFORMAT 'z' LOCATION 's3://b/'":                 "line 1:23: input format x.Y is not supported",
		"(a int) ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' STORED AS INPUTFORMAT 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat' OUTPUTFORMAT 'o' LOCATION 's3://b/'": "line 1:50: SerDe org.openx.data.jsonserde.JsonSerDe cannot read files of input format org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
		"(a int) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' STORED AS PARQUET LOCATION 's3://b/'":                                                                                              "line 1:23: ROW FORMAT DELIMITED is for text files, not for parquet",
		"(a int) LOCATION 's3://b/*.json'":                           `line 1:42: location "s3://b/*.json" has a wildcard`,
		"(a int) LOCATION 's3://'":                                   `line 1:42: location "s3://" names no bucket`,
		"(a int) CLUSTERED BY (b) INTO 2 BUCKETS LOCATION 's3://b/'": "line 1:43: bucket column b is not among the columns",
		"(a int) PARTITIONED BY (y int) LOCATION 's3://b/' TBLPROPERTIES ('projection.enabled'='true')": "projection of partition key y: it has no projection.y.type",
	} {
		_, err := declare("CREATE EXTERNAL TABLE t " + sql)
		if err == nil || err.Error() != want || base.KindOf(err) != base.Invalid {
			t.Errorf("%s\ngot  %v\nwant %s", sql, err, want)
		}
	}
	_, err := declare("CREATE EXTERNAL TABLE t (a int) ROW FORMAT SERDE 'no.Such' LOCATION 's3://b/'")
	if !strings.Contains(base.Render(err), "hint: supported are org.openx.data.jsonserde.JsonSerDe, ") {
		t.Error(base.Render(err))
	}
}

func TestDescribeIsPaddedAsHiveDoes(t *testing.T) {
	tb, err := declare(salesDDL)
	if err != nil {
		t.Fatal(err)
	}
	want := "금액                  \ttinyint             \t원화 '금액'             \n" +
		"c                   \tvarchar(10)         \t                    \n" +
		"s                   \tstruct<a:smallint,b:array<char(3)>>\t                    \n" +
		"year                \tint                 \t                    \n" +
		"지역                  \tstring              \t시도                  \n" +
		"\t \t \n# Partition Information\t \t \n# col_name            \tdata_type           \tcomment             \n\t \t \n" +
		"year                \tint                 \t                    \n" +
		"지역                  \tstring              \t시도                  "
	if got := strings.Join(tb.Facts().Lines(), "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	formatted := strings.Join(tb.Facts().FormattedLines(), "\n")
	for _, line := range []string{"# Detailed Table Information\t \t ", "Location:           \ts3://b/판매           \t ", "Table Type:         \tEXTERNAL_TABLE      \t ",
		"Table Parameters:\t \t ", "\tEXTERNAL            \tTRUE                ", "# Storage Information\t \t ",
		"SerDe Library:      \torg.openx.data.jsonserde.JsonSerDe\t ", "Num Buckets:        \t-1                  \t ", "\tignore.malformed.json\ttrue                "} {
		if !strings.Contains(formatted, "\n"+line+"\n") {
			t.Errorf("no %q in\n%s", line, formatted)
		}
	}
	inner, err := tb.Facts().Inner([]string{"S", "b", "$elem$"})
	if err != nil || inner[0] != "$elem$              \tchar(3)             \tfrom deserializer   " {
		t.Errorf("%q %v", inner, err)
	}
	if _, err := tb.Facts().Inner([]string{"yaer"}); base.Render(err) != "column \"yaer\" does not exist\nhint: did you mean \"year\"?" {
		t.Error(base.Render(err))
	}
}

func TestDefinitionsOfOlderProgramsGetTheirClasses(t *testing.T) {
	db, err := sqlite.OpenStore(filepath.Join(t.TempDir(), "catalog.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Migrate(ctx, "external", external.Migrations[:1]); err != nil {
		t.Fatal(err)
	}
	old := `{"database":"shop","name":"판매","columns":[{"name":"a","type":{"id":"int"}}],"partition_keys":[],"format":"parquet","serde":{"library":"x"},"location":"s3://b/","version":3}`
	if err := db.Update(ctx, external.Insert(old)); err != nil {
		t.Fatal(err)
	}
	s, err := external.New(ctx, db, base.SystemClock{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Get(ctx, "shop", "판매")
	if err != nil || got.InputFormat != "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat" || got.Version != 3 || got.Serde.Library != "x" {
		t.Errorf("%+v %v", got, err)
	}
}
