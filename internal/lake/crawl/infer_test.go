package crawl_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/mulgil/mulgil/internal/lake/crawl"
	"github.com/mulgil/mulgil/internal/lake/external"
)

func (b *bench) table(name string) external.Table {
	b.t.Helper()
	got, err := b.tables.Get(context.Background(), "shop", name)
	if err != nil {
		b.t.Fatal(err)
	}
	return got
}

func TestDeliveryStreamFilesWithoutEndingAreJSON(t *testing.T) {
	b := newBench(t)
	line := `{"TR_NO":"가1","mount":2.5,"qty":3,"at":"2023-08-10T06:23:13.7Z","day":"2023-08-10","tags":["x"],"who":{"Age":7,"이름":"김"},"ok":true,"none":null,"free":{"a<b":1}}`
	b.file("t/2023/08/10/06/order-stream-1-2023-08-10-06-23-13-b06b9d4e-0f2c", line+"\n"+line+"\n")
	b.file("t/2023/08/10/07/order-stream-1-2023-08-10-07-00-01-c1", `{"tr_no":"나2","mount":7,"qty":2.5,"at":null,"day":"2023-08-10","tags":[],"who":{"age":1,"city":"서울"},"ok":true}`+line+"\n")
	r := b.crawl(b.service(one("c", "s3://lake/t")), "c")
	same(t, "columns", b.columns("shop"), "t tr_no:string,mount:double,qty:double,at:timestamp,day:date,tags:array<string>,"+
		"who:struct<age:bigint,이름:string,city:string>,ok:boolean,none:string,free:string | partition_0:string,partition_1:string,partition_2:string,partition_3:string")
	same(t, "partitions", b.partitions("shop", "t"), "2023/08/10/06", "2023/08/10/07")
	logs(t, r, "1 lines hold more than one object")
	if got := b.table("t"); got.Format != external.JSON || got.Serde.Library != "org.openx.data.jsonserde.JsonSerDe" || got.Parameters["classification"] != "json" {
		t.Errorf("%+v", got)
	}
}

func TestTextTypesJoinToWhatHoldsAll(t *testing.T) {
	b := newBench(t)
	b.file("n/k=1/a.json", `{"a":1,"b":1,"c":"2023-08-10","d":[1],"e":{"x":1},"f":true}`)
	b.file("n/k=2/a.json", `{"a":2.5,"b":"x","c":"2023-08-10 06:00:00","d":["x"],"e":{"y":"z"},"g":1}`+"\n"+`{"a":null}`)
	b.file("d/a.csv", "id,price,day,at,flag,memo,zip\n1,2,2023-08-10,2023-08-10 06:23:13,true,,01234\n2,2.5,2023-08-11,2023-08-10 06:23:13.5,FALSE,메모,99999\n")
	r := b.crawl(b.service(crawl.Definition{Name: "c", Database: "shop", Targets: []crawl.Target{{Path: "s3://lake/n"}, {Path: "s3://lake/d"}}}), "c")
	same(t, "columns", b.columns("shop"), "d id:bigint,price:double,day:date,at:timestamp,flag:boolean,memo:string,zip:string",
		"n a:double,b:string,c:string,d:array<string>,e:struct<x:bigint,y:string>,f:boolean,g:bigint | k:string")
	logs(t, r, "column b is string, elsewhere bigint; string holds both")
	if got := b.table("d"); got.Serde.Library != "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe" || got.Serde.Parameters["field.delim"] != "," || got.Parameters["skip.header.line.count"] != "1" {
		t.Errorf("%+v", got)
	}
}

func TestQuotedTextIsOpenCSVs(t *testing.T) {
	b := newBench(t)
	b.file("q/a.csv", "이름;수량\n\"김; 철수\";1\n\"이 \"\"영희\"\"\";2\n")
	r := b.crawl(b.service(one("c", "s3://lake/q")), "c")
	same(t, "columns", b.columns("shop"), "q 이름:string,수량:string")
	got := b.table("q")
	if got.Serde.Library != "org.apache.hadoop.hive.serde2.OpenCSVSerde" || got.Serde.Parameters["separatorChar"] != ";" || got.Serde.Parameters["quoteChar"] != `"` || got.Parameters["skip.header.line.count"] != "1" {
		t.Errorf("%+v", got)
	}
	logs(t, r, "OpenCSVSerDe reads it")
}

func TestContentTellsWhatEndingsDoNot(t *testing.T) {
	b := newBench(t)
	b.parquet("x/pq/f.parquet", "a int")
	moved := b.path("x/pq/part-00000")
	b.move("x/pq/f.parquet", "x/pq/part-00000")
	b.file("x/tabs/data.txt", "이름\t수\n가\t1\n나\t2\n")
	var zs, gz bytes.Buffer
	z, err := zstd.NewWriter(&zs)
	if err != nil {
		t.Fatal(err)
	}
	z.Write([]byte("{\"a\":1}\n"))
	z.Close()
	b.file("x/packed/1.zst", zs.String())
	g := gzip.NewWriter(&gz)
	g.Write([]byte("{\"가\":1}\n"))
	g.Close()
	b.file("x/gz/stream-1.gz", gz.String())
	b.file("x/pretty/a.json", "{\n \"a\": 1\n}\n")
	b.file("x/list/a.json", "[{\"a\":1},{\"a\":2}]")
	b.file("x/legacy/a.csv", "a,b\n\xb0\xa1,1\n")
	b.file("x/prose/readme", "This is a text.\nIt has no columns.\n")
	r := b.crawl(b.service(one("c", "s3://lake/x")), "c")
	same(t, "columns", b.columns("shop"), "gz 가:bigint", "packed a:bigint", "pq a:int", "tabs 이름:string,수:bigint")
	logs(t, r, "s3://lake/x/pretty/a.json: it is JSON, but not one object per line")
	logs(t, r, "s3://lake/x/list/a.json: it is JSON, but not one object per line")
	logs(t, r, "s3://lake/x/legacy/a.csv left out: the text is not UTF-8")
	logs(t, r, "s3://lake/x/prose/ not classified")
	if got := b.table("packed"); got.Parameters["compressionType"] != "zstd" {
		t.Errorf("%s: %+v", moved, got)
	}
}

func TestTextColumnsWidenInTheCatalogAndTheDiffShowsIt(t *testing.T) {
	b := newBench(t)
	b.file("t/a.json", `{"a":1,"b":1}`)
	d := with(one("c", "s3://lake/t"), crawl.CrawlEverything, crawl.UpdateInDatabase, "")
	s := b.service(d)
	b.crawl(s, "c")
	b.file("t/b.json", `{"a":1.5,"b":"나","c":true}`)
	plan, err := s.Plan(context.Background(), "c")
	if err != nil {
		t.Fatal(err)
	}
	want := "~ table shop.t\n    ~ column a: bigint -> double\n    ~ column b: bigint -> string\n    + column c: boolean\n"
	if plan.String() != want {
		t.Errorf("plan:\n%s", plan)
	}
	same(t, "before", b.columns("shop"), "t a:bigint,b:bigint")
	if r := b.crawl(s, "c"); r.Diff.String() != want {
		t.Errorf("diff:\n%s", r.Diff)
	}
	same(t, "after", b.columns("shop"), "t a:double,b:string,c:boolean")
	b.file("t/c.json", `{"a":1,"b":1}`)
	if plan, err = s.Plan(context.Background(), "c"); err != nil || !plan.Empty() {
		t.Errorf("a narrower file changes nothing: %v\n%s", err, plan)
	}
}
