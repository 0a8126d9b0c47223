package crawl_test

import (
	"context"
	"testing"

	"github.com/mulgil/mulgil/internal/lake/crawl"
)

func with(d crawl.Definition, recrawl, update, del string) crawl.Definition {
	d.Recrawl, d.Update, d.Delete = recrawl, update, del
	return d
}

// grown is a table crawled once, then changed in every way.
func grown(t *testing.T, d crawl.Definition) (*bench, *crawl.Service, *watchedFS) {
	t.Helper()
	b := newBench(t)
	fs := &watchedFS{}
	b.options.FS = fs
	b.parquet("t/k=1/f.parquet", "a int", "b string", "c float")
	b.parquet("t/k=2/f.parquet", "a int", "b string", "c float")
	b.parquet("u/f.parquet", "z string")
	d.Targets = []crawl.Target{{Path: "s3://lake/t"}, {Path: "s3://lake/u"}}
	s := b.service(d)
	b.crawl(s, d.Name)
	b.remove("t/k=2")
	b.remove("u")
	b.parquet("t/k=3/f.parquet", "a bigint", "b int", "c double", "d date")
	fs.reset()
	return b, s, fs
}

func TestUpdateAndDeleteInDatabase(t *testing.T) {
	b, s, _ := grown(t, with(one("c", ""), crawl.CrawlEverything, crawl.UpdateInDatabase, crawl.DeleteFromDatabase))
	plan, err := s.Plan(context.Background(), "c")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "tables after plan", b.columns("shop"), "t a:int,b:string,c:float | k:string", "u z:string")
	r := b.crawl(s, "c")
	same(t, "tables", b.columns("shop"), "t a:bigint,b:string,c:double,d:date | k:string")
	same(t, "partitions", b.partitions("shop", "t"), "1", "3")
	want := `~ table shop.t
    ~ column a: int -> bigint
    ~ column c: float -> double
    + column d: date
    + partition k=3
    - partition k=2
- table shop.u delete: no files found
`
	if r.Diff.String() != want || plan.String() != want {
		t.Errorf("diff:\n%s\nplan:\n%s\nwant:\n%s", r.Diff, plan, want)
	}
	logs(t, r, "column b is int, elsewhere string; kept string")
	if r.TablesUpdated != 1 || r.TablesDeleted != 1 || r.PartitionsAdded != 1 || r.PartitionsRemoved != 1 {
		t.Errorf("%+v", r)
	}
	got, _ := b.tables.Get(context.Background(), "shop", "t")
	if got.Version != 2 {
		t.Errorf("version %d", got.Version)
	}
}

func TestConflictWithTheCatalogKeepsItsType(t *testing.T) {
	b := newBench(t)
	b.parquet("t/f.parquet", "a int", "b string")
	s := b.service(one("c", "s3://lake/t"))
	b.crawl(s, "c")
	b.parquet("t/f.parquet", "a string", "b string")
	r := b.crawl(s, "c")
	same(t, "tables", b.columns("shop"), "t a:int,b:string")
	if want := "~ table shop.t\n    ! column a: int in the catalog, string in the files; kept int\n"; r.Diff.String() != want {
		t.Errorf("diff %q", r.Diff.String())
	}
	b.parquet("t/f.parquet", "a int")
	b.parquet("t/x/k=1/f.parquet", "a int")
	b.remove("t/f.parquet")
	b.parquet("t/k=1/f.parquet", "a int", "b string")
	b.remove("t/x")
	r = b.crawl(s, "c")
	logs(t, r, "the catalog is partitioned by (), the folders by (k)")
	same(t, "tables", b.columns("shop"), "t a:int,b:string")
}

func TestLogPoliciesOnlyAddTablesAndPartitions(t *testing.T) {
	b, s, _ := grown(t, with(one("c", ""), crawl.CrawlEverything, crawl.LogOnly, crawl.LogOnly))
	b.parquet("u/new/f.parquet", "n int")
	r := b.crawl(s, "c")
	same(t, "tables", b.columns("shop"), "new n:int", "t a:int,b:string,c:float | k:string", "u z:string")
	same(t, "partitions", b.partitions("shop", "t"), "1", "2", "3")
	logs(t, r, "    ~ column a: int -> bigint (logged only)")
	logs(t, r, "- table shop.u delete (logged only): no files found")
	logs(t, r, "shop.t: no files for partition k=2; kept")
	if r.TablesUpdated != 0 || r.TablesDeleted != 0 {
		t.Errorf("%+v", r)
	}
}

func TestDeprecatedTableComesBackWithItsFiles(t *testing.T) {
	b, s, _ := grown(t, with(one("c", ""), crawl.CrawlEverything, crawl.UpdateInDatabase, crawl.DeprecateInDatabase))
	r := b.crawl(s, "c")
	same(t, "tables", b.columns("shop"), "t a:bigint,b:string,c:double,d:date | k:string", "u z:string deprecated")
	same(t, "partitions", b.partitions("shop", "t"), "1", "2", "3")
	logs(t, r, "- table shop.u deprecate: no files found")
	b.parquet("u/f.parquet", "z string")
	r = b.crawl(s, "c")
	same(t, "tables", b.columns("shop"), "t a:bigint,b:string,c:double,d:date | k:string", "u z:string")
	logs(t, r, "~ table shop.u: its files are back")
}

func TestNewFoldersOnlyOpensNoKnownFolder(t *testing.T) {
	b, s, fs := grown(t, with(one("c", ""), crawl.CrawlNewFoldersOnly, "", ""))
	b.parquet("t/k=1/later.parquet", "a int", "b string", "c float", "unseen int")
	b.crawl(s, "c")
	same(t, "tables", b.columns("shop"), "t a:int,b:string,c:float | k:string", "u z:string")
	same(t, "partitions", b.partitions("shop", "t"), "1", "2", "3")
	for _, p := range fs.below(b.path("t/k=1")) {
		if p != b.path("t/k=1") {
			t.Errorf("opened %s of a known folder", p)
		}
	}
	if got := fs.below(b.path("t/k=3/f.parquet")); len(got) != 1 {
		t.Errorf("new folder's file opened %d times", len(got))
	}
}

func TestUnreadableFilesDoNotDeleteTheirTable(t *testing.T) {
	b := newBench(t)
	b.parquet("t/k=1/f.parquet", "a int")
	b.parquet("t/k=2/f.parquet", "a int")
	b.parquet("u/f.parquet", "b int")
	d := with(crawl.Definition{Name: "c", Database: "shop", Targets: []crawl.Target{{Path: "s3://lake/t"}, {Path: "s3://lake/u"}}}, "", "", crawl.DeleteFromDatabase)
	s := b.service(d)
	b.crawl(s, "c")
	b.file("t/k=2/f.parquet", "damaged")
	b.file("u/f.parquet", "damaged")
	r := b.crawl(s, "c")
	same(t, "tables", b.columns("shop"), "t a:int | k:string", "u b:int")
	same(t, "partitions", b.partitions("shop", "t"), "1", "2")
	logs(t, r, "s3://lake/u/f.parquet left out")
}

func TestOtherCrawlersTablesAreLeftAlone(t *testing.T) {
	b := newBench(t)
	b.parquet("x/a/f.parquet", "a int")
	b.parquet("x/b/f.parquet", "b string", "c string")
	all := with(one("all", "s3://lake/x"), "", "", crawl.DeleteFromDatabase)
	other := with(one("other", "s3://lake/x/b"), "", "", crawl.DeleteFromDatabase)
	s := b.service(all, other)
	b.crawl(s, "other")
	b.crawl(s, "all")
	same(t, "tables", b.columns("shop"), "a a:int", "b b:string,c:string")
	b.remove("x/a")
	b.remove("x/b")
	b.file("x/keep/readme.txt", "x")
	b.crawl(s, "all")
	same(t, "tables", b.columns("shop"), "b b:string,c:string")
}
