package hive_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/hive"
)

func parse[T any](t *testing.T, sql string) T {
	t.Helper()
	n, err := hive.Parse(sql)
	if err != nil {
		t.Fatalf("%s\n%s", sql, base.Render(err))
	}
	v, ok := n.(T)
	if !ok {
		t.Fatalf("%s is a %T", sql, n)
	}
	return v
}

func TestExternalTableKeepsWhatWasDeclared(t *testing.T) {
	n := parse[*hive.CreateExternalTable](t, "create external table if not exists `shop-db`.`판매` (\n"+
		"  `금액` decimal(12, 2) COMMENT '원화 ''금액''', a tinyint, b smallint, c varchar(10), d CHAR(3), e float,\n"+
		"  f array<struct<x:int,`y z`:map<string, double>>>, g double precision) -- note\n"+
		"COMMENT \"매출\" PARTITIONED BY (`year` int, region string COMMENT '지역')\n"+
		"CLUSTERED BY (a, b) INTO 4 BUCKETS /* x */\n"+
		"ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\001' ESCAPED BY '\\\\' COLLECTION ITEMS TERMINATED BY '\\u0002'\n"+
		" MAP KEYS TERMINATED BY ':' LINES TERMINATED BY '\\n' NULL DEFINED AS '\\N' STORED AS TEXTFILE\n"+
		"LOCATION 's3://bucket/판매/' TBLPROPERTIES ('skip.header.line.count' = '1', 'a'='1', 'a'='2');")
	var types []string
	for _, c := range n.Columns {
		types = append(types, c.Name+" "+c.Type.String())
	}
	want := []string{"금액 decimal(12,2)", "a tinyint", "b smallint", "c varchar(10)", "d char(3)", "e float",
		"f array<struct<x:int,`y z`:map<string,double>>>", "g double"}
	if !reflect.DeepEqual(types, want) {
		t.Errorf("%q", types)
	}
	if n.Name.Database != "shop-db" || n.Name.Table != "판매" || !n.IfNotExists || n.Columns[0].Comment != "원화 '금액'" || n.Comment != "매출" {
		t.Errorf("%+v", n)
	}
	d := n.Storage.Delimited
	if *d.Fields != "\x01" || *d.Escaped != `\` || *d.Items != "\x02" || *d.MapKeys != ":" || *d.Lines != "\n" || *d.Null != "N" {
		t.Errorf("%q %q %q %q %q %q", *d.Fields, *d.Escaped, *d.Items, *d.MapKeys, *d.Lines, *d.Null)
	}
	if n.Storage.Format != "TEXTFILE" || n.Location != "s3://bucket/판매/" || n.Buckets.Count != 4 || len(n.PartitionKeys) != 2 || n.PartitionKeys[1].Comment != "지역" {
		t.Errorf("%+v", n)
	}
	if len(n.Properties) != 2 || n.Properties[1].Value != "2" {
		t.Errorf("%+v", n.Properties)
	}
	if b := n.Columns[1].Type.Base(); b.ID != base.Int {
		t.Errorf("tinyint is %s", b)
	}
}

func TestNamesAreDividedAtTheirDots(t *testing.T) {
	for in, want := range map[string]string{
		"t": "..t", "a.t": ".a.t", "`a.t`": ".a.t", "`a`.`t`": ".a.t", "`a-b`.t": ".a-b.t", "awsdatacatalog.a.t": "awsdatacatalog.a.t",
		`"a"."t"`: ".a.t", "`c.a.t`": "c.a.t", "2023_sales": "..2023_sales", "`판매-2023`": "..판매-2023", "`a``b`": "..a`b",
	} {
		n := parse[*hive.DropTable](t, "DROP TABLE "+in).Name
		if got := n.Catalog + "." + n.Database + "." + n.Table; got != want {
			t.Errorf("%s is %s", in, got)
		}
	}
}

func TestIcebergTableKeepsItsTransforms(t *testing.T) {
	n := parse[*hive.CreateIcebergTable](t, "CREATE TABLE shop.t (id bigint, c string, ts timestamp) PARTITIONED BY (c, day(ts), bucket(16, id), truncate(10,`c`))\n"+
		"LOCATION 's3://b/t/' TBLPROPERTIES ('table_type'='ICEBERG','format'='parquet')")
	var got []string
	for _, p := range n.PartitionBy {
		got = append(got, strings.Join([]string{p.Func, p.Column}, ":"))
	}
	if want := []string{":c", "day:ts", "bucket:id", "truncate:c"}; !reflect.DeepEqual(got, want) || n.PartitionBy[2].Arg != 16 {
		t.Errorf("%q", got)
	}
}

// every statement kind, and how Go prints the node.
func TestStatementsAreReadAsTheirKind(t *testing.T) {
	for sql, want := range map[string]string{
		"CREATE DATABASE IF NOT EXISTS 매장 COMMENT 'c' LOCATION 's3://b/' WITH DBPROPERTIES ('a'='b')": "*hive.CreateDatabase",
		"create schema s":                             "*hive.CreateDatabase",
		"DROP DATABASE IF EXISTS s CASCADE":           "*hive.DropDatabase",
		"DROP SCHEMA s RESTRICT":                      "*hive.DropDatabase",
		"ALTER DATABASE s SET DBPROPERTIES ('a'='b')": "*hive.AlterDatabase",
		"DROP TABLE IF EXISTS `s.t`":                  "*hive.DropTable",
		"msck repair table s.t;":                      "*hive.RepairTable",
		"ALTER TABLE t ADD IF NOT EXISTS PARTITION (a=1, b='x') LOCATION 's3://b/x/' PARTITION (a=2,b='') ": "*hive.AddPartitions",
		"ALTER TABLE t DROP IF EXISTS PARTITION (a > 1), PARTITION (b <> 'x', a <= -2)":                     "*hive.DropPartitions",
		"ALTER TABLE t PARTITION (a=1) RENAME TO PARTITION (a=2)":                                           "*hive.RenamePartition",
		"ALTER TABLE t PARTITION (a=1) SET LOCATION 's3://b/'":                                              "*hive.SetLocation",
		"ALTER TABLE t SET LOCATION 's3://b/'":                                                              "*hive.SetLocation",
		"ALTER TABLE t ADD COLUMNS (a int, b string)":                                                       "*hive.AddColumns",
		"ALTER TABLE t REPLACE COLUMNS (a int) CASCADE":                                                     "*hive.ReplaceColumns",
		"ALTER TABLE t CHANGE a b bigint COMMENT 'x' AFTER c":                                               "*hive.ChangeColumn",
		"ALTER TABLE t CHANGE COLUMN a a bigint FIRST":                                                      "*hive.ChangeColumn",
		"ALTER TABLE t DROP COLUMN a":                                                                       "*hive.DropColumn",
		"ALTER TABLE t SET TBLPROPERTIES ('a'='b')":                                                         "*hive.SetProperties",
		"ALTER TABLE t UNSET TBLPROPERTIES IF EXISTS ('a', 'b')":                                            "*hive.UnsetProperties",
		"SHOW PARTITIONS s.t":                                                                               "*hive.ShowPartitions",
		"SHOW PARTITIONS t PARTITION (a=1)":                                                                 "*hive.ShowPartitions",
		"SHOW CREATE TABLE t":                                                                               "*hive.ShowCreateTable",
		"SHOW TABLES IN s '*a|b*'":                                                                          "*hive.ShowTables",
		"SHOW VIEWS FROM s LIKE 'v*'":                                                                       "*hive.ShowViews",
		"SHOW DATABASES LIKE 'a*'":                                                                          "*hive.ShowDatabases",
		"SHOW SCHEMAS":                                                                                      "*hive.ShowDatabases",
		"SHOW COLUMNS IN t IN s":                                                                            "*hive.ShowColumns",
		"SHOW TBLPROPERTIES t ('a')":                                                                        "*hive.ShowProperties",
		"DESCRIBE EXTENDED s.t":                                                                             "*hive.Describe",
		"DESC FORMATTED t PARTITION (a=1) c.x.'$elem$'":                                                     "*hive.Describe",
		"DESCRIBE formatted":                                                                                "*hive.Describe",
	} {
		n, err := hive.Parse(sql)
		if err != nil {
			t.Errorf("%s\n%s", sql, base.Render(err))
			continue
		}
		if got := reflect.TypeOf(n).String(); got != want {
			t.Errorf("%s is %s", sql, got)
		}
		if !hive.Is(sql) {
			t.Errorf("%s is not routed here", sql)
		}
	}
}

func TestPartitionValuesKeepTheirText(t *testing.T) {
	n := parse[*hive.AddPartitions](t, "ALTER TABLE t ADD PARTITION (a=08, b='08', c=-1, d='', e=NULL, f=DATE '2024-01-01', g=true)")
	var got []string
	for _, x := range n.Partitions[0].Spec.Terms {
		got = append(got, x.Value)
	}
	if want := []string{"08", "08", "-1", "", "", "2024-01-01", "true"}; !reflect.DeepEqual(got, want) || !n.Partitions[0].Spec.Terms[4].Null {
		t.Errorf("%q", got)
	}
}

func TestMistakesAreUnderlined(t *testing.T) {
	deep := "CREATE EXTERNAL TABLE t (a " + strings.Repeat("array<", 200) + "int" + strings.Repeat(">", 200) + ") LOCATION 'x'"
	for sql, want := range map[string]string{
		"CREATE EXTRNAL TABLE t (a int)": `line 1:8: unexpected "EXTRNAL", expected EXTERNAL, DATABASE, SCHEMA or TABLE
    CREATE EXTRNAL TABLE t (a int)
           ~~~~~~~
hint: did you mean EXTERNAL?`,
		"CREATE EXTERNAL TABLE t (가격 strng) LOCATION 's3://b/'": `line 1:29: unknown type "strng"
    CREATE EXTERNAL TABLE t (가격 strng) LOCATION 's3://b/'
                                  ~~~~~
hint: did you mean string?`,
		"CREATE EXTERNAL TABLE t (a int)\nPARTITIOND BY (y int)\nLOCATION 's3://b/'": `line 2:1: unexpected "PARTITIOND", expected COMMENT, PARTITIONED BY, CLUSTERED BY, ROW FORMAT, STORED AS, LOCATION, TBLPROPERTIES or the end of the statement
    PARTITIOND BY (y int)
    ~~~~~~~~~~
hint: did you mean PARTITIONED?`,
		"MSCK REPAIR my-db.t": `line 1:13: unexpected "my", expected TABLE
    MSCK REPAIR my-db.t
                ~~`,
		"SHOW PARTITIONS my-db.t": `line 1:19: unexpected "-" in the name "my"
    SHOW PARTITIONS my-db.t
                      ~
hint: put the whole name into back-ticks: ` + "`my-...`",
		"CREATE TABLE t (a int) STORED AS PARQUET LOCATION 's3://b/'": `line 1:8: missing EXTERNAL before TABLE
    CREATE TABLE t (a int) STORED AS PARQUET LOCATION 's3://b/'
           ~~~~~
hint: write CREATE EXTERNAL TABLE for files that others write, or TBLPROPERTIES ('table_type'='ICEBERG') for a table of the lake`,
		"CREATE EXTERNAL TABLE t (a int)": `line 1:23: external table t has no LOCATION
    CREATE EXTERNAL TABLE t (a int)
                          ~
hint: add LOCATION 's3://bucket/folder/'`,
		"CREATE EXTERNAL TABLE t (a varchar) LOCATION 'x'": `line 1:28: type varchar needs a length
    CREATE EXTERNAL TABLE t (a varchar) LOCATION 'x'
                               ~~~~~~~
hint: write varchar(n), or string for text of any length`,
		"CREATE EXTERNAL TABLE t (a array(int)) LOCATION 'x'": `line 1:33: unexpected "(" after array
    CREATE EXTERNAL TABLE t (a array(int)) LOCATION 'x'
                                    ~
hint: Hive writes array<...>`,
		"CREATE EXTERNAL TABLE t (a int) LOCATION 's3://b/": `line 1:42: the quote is never closed
    CREATE EXTERNAL TABLE t (a int) LOCATION 's3://b/
                                             ~~~~~~~~`,
		"SHOW TABLES; SHOW TABLES": `line 1:14: unexpected "SHOW", expected the end of the statement
    SHOW TABLES; SHOW TABLES
                 ~~~~`,
		"ALTER TABLE t SET TBLPROPERTIES ('a' = 1)": `line 1:40: the value of property "a" is not a text
    ALTER TABLE t SET TBLPROPERTIES ('a' = 1)
                                           ~
hint: put it into quotes: '1'`,
		"ALTER TABLE t ADD PARTITION (a > 1)": `line 1:30: a partition to be named is key = value, not >
    ALTER TABLE t ADD PARTITION (a > 1)
                                 ~`,
		"CREATE EXTERNAL TABLE t (a int) LOCATION 'x' LOCATION 'y'": `line 1:46: LOCATION is written twice
    CREATE EXTERNAL TABLE t (a int) LOCATION 'x' LOCATION 'y'
                                                 ~~~~~~~~`,
		"CREATE TABLE t (a int) PARTITIONED BY (dy(a)) TBLPROPERTIES ('table_type'='ICEBERG')": `line 1:40: unknown partition transform "dy"
    CREATE TABLE t (a int) PARTITIONED BY (dy(a)) TBLPROPERTIES ('table_type'='ICEBERG')
                                           ~~
hint: did you mean day?`,
		"CREATE EXTERNAL TABLE t (a decimal(40,2)) LOCATION 'x'": `line 1:28: decimal(40,2) is out of range, its precision is 1 to 38 and its scale at most that
    CREATE EXTERNAL TABLE t (a decimal(40,2)) LOCATION 'x'
                               ~~~~~~~`,
	} {
		_, err := hive.Parse(sql)
		if err == nil {
			t.Errorf("%s was read", sql)
			continue
		}
		if got := base.Render(err); got != want {
			t.Errorf("%s:\ngot\n%s\nwant\n%s", sql, got, want)
		}
		if base.CodeOf(err) != hive.SyntaxError || base.KindOf(err) != base.Invalid {
			t.Errorf("%s: %v %v", sql, base.CodeOf(err), base.KindOf(err))
		}
	}
	if _, err := hive.Parse(deep); err == nil || !strings.Contains(err.Error(), "types nest deeper than 100") {
		t.Error(err)
	}
}

func TestTypesAreReadAgainAsTheyArePrinted(t *testing.T) {
	for _, s := range []string{"tinyint", "varchar(10)", "char(3)", "decimal(38,0)", "array<array<int>>", "map<string,struct<a:int,한글:date>>", "struct<`a b`:binary>"} {
		got, err := hive.ParseType(s)
		if err != nil || got.String() != s {
			t.Errorf("%s became %s, %v", s, got, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"CREATE EXTERNAL TABLE `a.b` (c struct<x:int COMMENT 'y'>) PARTITIONED BY (d int) ROW FORMAT SERDE 'x' WITH SERDEPROPERTIES ('a'='b') STORED AS INPUTFORMAT 'i' OUTPUTFORMAT 'o' LOCATION 's3://b/' TBLPROPERTIES ('c'='d')",
		"CREATE TABLE t (a int) PARTITIONED BY (bucket(16, a)) TBLPROPERTIES ('table_type'='ICEBERG')", "MSCK REPAIR TABLE a.b\nSHOW PARTITIONS a.b\n# 확인\na=1/b=2", "ALTER TABLE t DROP PARTITION (a >= 1), PARTITION (b='')",
		"DESCRIBE FORMATTED t PARTITION (a=1) c", "SHOW TABLES IN s 'a|b*'; -- x\n/* y */ SHOW DATABASES", "ALTER TABLE t CHANGE a b decimal(1,2) AFTER c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		_, err := hive.Parse(s)
		var e *base.Error
		if err != nil && (!errors.As(err, &e) || e.Code != hive.SyntaxError) {
			t.Errorf("%q: %v", s, err)
		}
		_ = base.Render(errors.Join(err, errors.New("x")))
		hive.Is(s)
		hive.Shared(s)
		end := 0
		for _, st := range hive.Split(s) {
			if st.Offset < end || s[st.Offset:st.Offset+len(st.SQL)] != st.SQL || st.SQL == "" {
				t.Errorf("%q: %+v", s, st)
			}
			end = st.Offset + len(st.SQL)
		}
	})
}
