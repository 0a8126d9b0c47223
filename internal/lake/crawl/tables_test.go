package crawl_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake/crawl"
)

func one(name, path string) crawl.Definition {
	return crawl.Definition{Name: name, Database: "shop", Targets: []crawl.Target{{Path: path}}}
}

func same(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got  %s\n want %s", what, strings.Join(got, "\n      "), strings.Join(want, "\n      "))
	}
}

func logs(t *testing.T, r crawl.Run, want string) {
	t.Helper()
	if text := strings.Join(r.Log, "\n"); !strings.Contains(text, want) {
		t.Errorf("log lacks %q:\n%s", want, text)
	}
}

func TestFoldersOfDifferentSchemasBecomeTablesOfTheirOwn(t *testing.T) {
	b := newBench(t)
	b.parquet("glue/data/dimension/customer/part-0.parquet", "customer_id string", "age int", "zip string")
	b.parquet("glue/data/dimension/products_info/part-0.parquet", "product_id string", "price decimal(12,2)")
	b.parquet("glue/data/dimension/zipcode/part-0.parquet", "zip string", "sido string", "lat double")
	b.file("glue/data/dimension/_SUCCESS", "x")
	b.file("glue/data/dimension/customer/.part-0.parquet.crc", "x")
	s := b.service(one("dim", "s3://lake/glue/data/dimension/"))
	r := b.crawl(s, "dim")
	same(t, "tables", b.columns("shop"),
		"customer customer_id:string,age:int,zip:string",
		"products_info product_id:string,price:decimal(12,2)",
		"zipcode zip:string,sido:string,lat:double")
	if r.TablesCreated != 3 || r.FilesSeen != 3 {
		t.Errorf("created %d, files %d", r.TablesCreated, r.FilesSeen)
	}
	got, err := b.tables.Get(context.Background(), "shop", "customer")
	if err != nil {
		t.Fatal(err)
	}
	if got.Location != "s3://lake/glue/data/dimension/customer/" || got.Parameters["classification"] != "parquet" || got.Crawler != "dim" {
		t.Errorf("table %+v", got)
	}
	if r := b.crawl(s, "dim"); !r.Diff.Empty() || r.Diff.String() != "no changes\n" {
		t.Errorf("second crawl found changes:\n%s", r.Diff)
	}
}

func TestHiveFoldersBecomePartitionsOfOneTable(t *testing.T) {
	b := newBench(t)
	for _, at := range []string{"affiliate=L01/purchase_year=2014/purchase_month=01", "affiliate=L01/purchase_year=2014/purchase_month=02", "affiliate=L02/purchase_year=2014/purchase_month=01"} {
		// as written with the partition columns inside the files too
		b.parquet("silver/Purchase All-Info/"+at+"/f.parquet", "receipt string", "amount bigint", "affiliate string", "purchase_year string", "purchase_month string")
	}
	s := b.service(one("silver", "s3://lake/silver/Purchase All-Info"))
	r := b.crawl(s, "silver")
	same(t, "tables", b.columns("shop"), "purchase_all_info receipt:string,amount:bigint | affiliate:string,purchase_year:string,purchase_month:string")
	same(t, "partitions", b.partitions("shop", "purchase_all_info"), "L01/2014/01", "L01/2014/02", "L02/2014/01")
	if r.PartitionsAdded != 3 {
		t.Errorf("added %d", r.PartitionsAdded)
	}
	want := `+ table shop.purchase_all_info (parquet) s3://lake/silver/Purchase All-Info/
    + column receipt: string
    + column amount: bigint
    partitioned by affiliate, purchase_year, purchase_month
    + partition affiliate=L01/purchase_year=2014/purchase_month=01
    + partition affiliate=L01/purchase_year=2014/purchase_month=02
    + partition affiliate=L02/purchase_year=2014/purchase_month=01
`
	if got := r.Diff.String(); got != want {
		t.Errorf("diff:\n%s\nwant:\n%s", got, want)
	}
}

func TestUnnamedFoldersAreNumberedPartitions(t *testing.T) {
	b := newBench(t)
	for _, at := range []string{"2022/08/19", "2022/08/20", "2023/01/01"} {
		b.parquet("events/"+at+"/f.parquet", "id string", "at timestamp")
	}
	b.parquet("single/2022/08/f.parquet", "id string")
	b.parquet("folder1/table1/partition1/f.parquet", "id string")
	b.parquet("folder1/table1/partition2/f.parquet", "id string")
	b.parquet("folder1/table2/partition3/f.parquet", "id string")
	b.parquet("year/y=1/a/f.parquet", "id string")
	b.crawl(b.service(crawl.Definition{Name: "c", Database: "shop", Targets: []crawl.Target{
		{Path: "s3://lake/events/"}, {Path: "s3a://lake/single"}, {Path: "s3://lake/folder1"}, {Path: "s3://lake/year"}}}), "c")
	same(t, "tables", b.columns("shop"),
		"events id:string,at:timestamp | partition_0:string,partition_1:string,partition_2:string",
		"folder1 id:string | partition_0:string,partition_1:string",
		"single id:string | partition_0:string,partition_1:string",
		"year id:string | y:string,partition_1:string")
	same(t, "events", b.partitions("shop", "events"), "2022/08/19", "2022/08/20", "2023/01/01")
	same(t, "folder1", b.partitions("shop", "folder1"), "table1/partition1", "table1/partition2", "table2/partition3")
}

func TestKoreanFoldersAndEncodedValuesAreKept(t *testing.T) {
	b := newBench(t)
	b.parquet("판매/지역=서울/날짜=2014-01-01 10%3A00/f.parquet", "고객번호 string", "금액 bigint")
	b.parquet("판매/지역=부산%2F해운대/날짜=__HIVE_DEFAULT_PARTITION__/f.parquet", "고객번호 string", "금액 bigint")
	b.parquet("판매/지역=/날짜=100%/f.parquet", "고객번호 string", "금액 bigint")
	b.crawl(b.service(one("판매수집", "s3://lake/판매/")), "판매수집")
	same(t, "tables", b.columns("shop"), "판매 고객번호:string,금액:bigint | 지역:string,날짜:string")
	same(t, "partitions", b.partitions("shop", "판매"), "/100%", "부산/해운대/__HIVE_DEFAULT_PARTITION__", "서울/2014-01-01 10:00")
	parts, err := b.tables.Partitions(context.Background(), "shop", "판매")
	if err != nil {
		t.Fatal(err)
	}
	if want := "s3://lake/판매/지역=부산%2F해운대/날짜=__HIVE_DEFAULT_PARTITION__/"; parts[1].Location != want {
		t.Errorf("location %s, want %s", parts[1].Location, want)
	}
}

func TestBadPartitionValuesAreReportedAndLeftOut(t *testing.T) {
	b := newBench(t)
	b.parquet("t/k=a/f.parquet", "id string")
	b.parquet("t/k=b%00c/f.parquet", "id string")
	b.parquet("t/k=%2E%2E/f.parquet", "id string")
	r := b.crawl(b.service(one("c", "s3://lake/t")), "c")
	same(t, "partitions", b.partitions("shop", "t"), "a")
	logs(t, r, `partition value k="b\x00c" (1 times) contains a NUL byte`)
	logs(t, r, `k=".."`)
}

func TestCSVAndJSONAreReadAndOthersNamed(t *testing.T) {
	b := newBench(t)
	b.file("in/orders/a.csv", "Order_ID,Memo\n1,x\n")
	b.file("in/tabs/a.csv", "a\tb\n1\t2\n")
	b.file("in/bare/a.csv", "1,2,3\n4,5,6\n")
	b.file("in/logs/a.json", `{"ip":"1","path":"/"}`)
	b.file("in/logs/readme.txt", "hello")
	var gz bytes.Buffer
	w := gzip.NewWriter(&gz)
	w.Write([]byte("zip,city\n01234,서울\n"))
	w.Close()
	b.file("in/zips/z.csv.gz", gz.String())
	b.file("in/broken/x.parquet", "not parquet at all")
	b.file("in/photos/a.png", "png")
	s := b.service(one("c", "s3://lake/in/"))
	r := b.crawl(s, "c")
	same(t, "tables", b.columns("shop"), "bare col0:bigint,col1:bigint,col2:bigint", "logs ip:string,path:string", "orders order_id:bigint,memo:string", "tabs a:bigint,b:bigint", "zips zip:string,city:string")
	logs(t, r, "s3://lake/in/photos/ not classified (parquet, csv, json and their .gz are known): a.png")
	logs(t, r, "s3://lake/in/logs/ not classified (parquet, csv, json and their .gz are known): readme.txt")
	logs(t, r, "s3://lake/in/broken/x.parquet left out: read parquet footer")
	zips, _ := b.tables.Get(context.Background(), "shop", "zips")
	if zips.Parameters["compressionType"] != "gzip" || zips.Parameters["skip.header.line.count"] != "1" {
		t.Errorf("zips %v", zips.Parameters)
	}
	tabs, _ := b.tables.Get(context.Background(), "shop", "tabs")
	if tabs.Serde.Parameters["field.delim"] != "\t" {
		t.Errorf("tabs %v", tabs.Serde)
	}
}

func TestParquetTypesAreHives(t *testing.T) {
	b := newBench(t)
	b.parquet("t/f.parquet", "A string", "b int", "c bigint", "d float", "e double", "f boolean", "g date", "h timestamp", "i timestamptz",
		"j decimal(12,2)", "k array<int>", "l map<string,bigint>", "m struct<a:int>", "n ubigint", "o smallint")
	b.crawl(b.service(one("c", "s3://lake/t")), "c")
	same(t, "columns", b.columns("shop"), "t a:string,b:int,c:bigint,d:float,e:double,f:boolean,g:date,h:timestamp,i:timestamp,"+
		"j:decimal(12,2),k:array<int>,l:map<string,bigint>,m:struct<a:int>,n:decimal(20,0),o:int")
}

func TestTakenNamesGetAHash(t *testing.T) {
	b := newBench(t)
	b.parquet("x/data/f.parquet", "a string")
	b.parquet("y/data/f.parquet", "b int")
	r := b.crawl(b.service(crawl.Definition{Name: "c", Database: "shop", TablePrefix: "raw_", Targets: []crawl.Target{{Path: "s3://lake/x/data"}, {Path: "s3://lake/y/data/"}}}), "c")
	got := b.columns("shop")
	if len(got) != 2 || got[0] != "raw_data a:string" || !strings.HasPrefix(got[1], "raw_data_") || len(strings.Fields(got[1])[0]) != len("raw_data_")+32 {
		t.Errorf("tables %q", got)
	}
	logs(t, r, "the name raw_data is taken in shop")
}

func TestFilesOfOneFolderAreMergedAndConflictsReported(t *testing.T) {
	b := newBench(t)
	b.parquet("t/a.parquet", "id int", "v float", "s string")
	b.parquet("t/b.parquet", "id bigint", "v double", "s int", "extra string")
	r := b.crawl(b.service(one("c", "s3://lake/t")), "c")
	same(t, "columns", b.columns("shop"), "t id:bigint,v:double,s:string,extra:string")
	logs(t, r, "s3://lake/t/b.parquet: column s is int, elsewhere string; kept string")
	logs(t, r, "column id is bigint, elsewhere int; bigint holds both")
}

func TestMissingPathIsAClearErrorUntilDataWasThere(t *testing.T) {
	b := newBench(t)
	s := b.service(one("c", "s3://lake/typo/"))
	r := b.ended(s, "c")
	if r.Status != crawl.Failed || !strings.Contains(r.Error, "path s3://lake/typo/ does not exist") {
		t.Fatalf("%s %q", r.Status, r.Error)
	}
	if _, err := s.Plan(context.Background(), "c"); base.KindOf(err) != base.NotFound {
		t.Errorf("plan: %v", err)
	}
	b.parquet("typo/f.parquet", "a int")
	b.crawl(s, "c")
	b.remove("typo")
	b.crawl(s, "c")
	same(t, "tables", b.columns("shop"), "typo a:int deprecated")
}

func TestASingleFileCanBeCrawled(t *testing.T) {
	b := newBench(t)
	b.parquet("one/f.parquet", "a int")
	b.parquet("one/g.parquet", "b int")
	b.crawl(b.service(one("c", "s3://lake/one/g.parquet")), "c")
	same(t, "tables", b.columns("shop"), "g_parquet b:int")
}
