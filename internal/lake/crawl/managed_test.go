package crawl_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake/crawl"
)

func field(name, typ string) base.Field {
	t, err := base.ParseType(typ)
	if err != nil {
		panic(err)
	}
	return base.Field{Name: name, Type: t}
}

// purchase is a managed table with real files at the usual place.
func purchase(b *bench) crawl.ManagedTable {
	b.parquet("fact/bronze/purchase/data/purchase_month=01/f.parquet", "wrong int")
	b.file("fact/bronze/purchase/metadata/v1.metadata.json", "{}")
	at := field("receipt_at", "timestamp with time zone")
	at.Comment = "구매일시"
	return crawl.ManagedTable{
		Database: "shop", Name: "purchase", Location: "file://" + b.path("fact/bronze/purchase"),
		Fields:      []base.Field{field("receipt", "string"), field("purchase_month", "string"), at, field("amount", "bigint")},
		PartitionBy: []string{"purchase_month", "bucket(8, receipt)"}, Rows: 10, Files: 1, SnapshotID: 77,
	}
}

func crawledText(t *testing.T, s *crawl.Service, db string) []string {
	t.Helper()
	list, err := s.Crawled(context.Background(), db)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, c := range list {
		c.Updated = start
		c.Location = ""
		b, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(b))
	}
	return out
}

func TestManagedTablesAreRecordedWithoutListingTheirFiles(t *testing.T) {
	for _, path := range []string{"s3://lake/fact/bronze/purchase/", "s3://lake/fact/bronze/purchase/data/purchase_month=01/", "s3://lake/fact/bronze/", "s3://lake/fact"} {
		t.Run(path, func(t *testing.T) {
			b := newBench(t)
			fs := &watchedFS{}
			b.options.FS, b.options.Managed = fs, managedTables{purchase(b)}
			b.parquet("fact/bronze/other/f.parquet", "a int")
			s := b.service(one("c", path))
			r := b.crawl(s, "c")
			if got := fs.below(b.path("fact/bronze/purchase")); len(got) != 0 {
				t.Errorf("touched %v", got)
			}
			got := crawledText(t, s, "shop")
			want := `{"database":"shop","name":"purchase","columns":[{"name":"receipt","type":"string"},{"name":"receipt_at","type":"timestamp","comment":"구매일시"},{"name":"amount","type":"bigint"}],` +
				`"partition_keys":[{"name":"purchase_month","type":"string"}],"location":"","format":"iceberg","managed":true,"target":"shop.purchase","crawler":"c","version":1,"updated":"2022-08-19T08:01:25Z"}`
			if len(got) == 0 || got[len(got)-1] != want {
				t.Errorf("crawled %v\nwant %s", got, want)
			}
			logs(t, r, "managed table shop.purchase taken from the catalog (snapshot 77: 10 rows, 1 files); no files listed")
			if r := b.crawl(s, "c"); !r.Diff.Empty() {
				t.Errorf("second crawl: %s", r.Diff)
			}
		})
	}
}

func TestManagedAndExternalTablesAreBothCrawled(t *testing.T) {
	b := newBench(t)
	b.options.Managed = managedTables{purchase(b)}
	b.parquet("fact/bronze/other/k=1/f.parquet", "a int")
	s := b.service(one("c", "s3://lake/fact/bronze"))
	b.crawl(s, "c")
	got, err := s.Crawled(context.Background(), "")
	if err != nil || len(got) != 2 || got[0].Name != "other" || got[0].Managed || got[0].PartitionKeys[0] != (crawl.Column{Name: "k", Type: "string"}) || !got[1].Managed {
		t.Errorf("%+v %v", got, err)
	}
}

func TestManagedTableOfAnotherDatabaseBecomesAnEntryThatPointsAtIt(t *testing.T) {
	b := newBench(t)
	b.options.Managed = managedTables{purchase(b)}
	d := one("c", "s3://lake/fact/bronze/purchase")
	d.Database = "crawled-db"
	s := b.service(d)
	r := b.crawl(s, "c")
	logs(t, r, "the crawler's database is crawled-db, but shop.purchase lies in shop: crawled-db.purchase is an entry that points at it")
	logs(t, r, "+ table crawled-db.purchase (managed shop.purchase)")
	l, err := b.tables.GetLink(context.Background(), "crawled-db", "purchase")
	if err != nil || l.TargetDatabase != "shop" || l.TargetName != "purchase" {
		t.Errorf("%+v %v", l, err)
	}
	if list, err := s.Crawled(context.Background(), "shop"); err != nil || len(list) != 0 {
		t.Errorf("shop: %v %v", list, err)
	}
}

func TestChangedManagedTableIsShownAndFollowsThePolicies(t *testing.T) {
	b := newBench(t)
	m := purchase(b)
	b.options.Managed = managedTables{m}
	log := with(one("log", "s3://lake/fact"), "", crawl.LogOnly, crawl.LogOnly)
	log.Database = "other"
	s := b.service(one("c", "s3://lake/fact"), log)
	b.crawl(s, "c")
	b.crawl(s, "log")
	m.Fields = []base.Field{field("receipt", "string"), field("purchase_month", "string"), field("amount", "decimal(20,0)"), field("memo", "string")}
	b.options.Managed = managedTables{m}
	s = b.service(b.options.Definitions...)
	want := `~ table shop.purchase: the managed table changed
    ~ column amount: bigint -> decimal(20,0)
    + column memo: string
    - column receipt_at: timestamp
`
	if r := b.crawl(s, "c"); r.Diff.String() != want || r.TablesUpdated != 1 {
		t.Errorf("diff:\n%s", r.Diff)
	}
	r := b.crawl(s, "log")
	logs(t, r, "~ column amount: bigint -> decimal(20,0) (logged only)")
	if l, _ := b.tables.GetLink(context.Background(), "other", "purchase"); len(l.Columns) != 3 || l.Version != 1 {
		t.Errorf("%+v", l)
	}
	b.options.Managed = nil
	b.remove("fact/bronze/purchase")
	b.parquet("fact/x/f.parquet", "a int")
	s = b.service(b.options.Definitions...)
	logs(t, b.crawl(s, "c"), "- table shop.purchase deprecate: the managed table is gone")
	logs(t, b.crawl(s, "log"), "- table other.purchase delete (logged only): the managed table is gone")
	if l, _ := b.tables.GetLink(context.Background(), "shop", "purchase"); !l.Deprecated {
		t.Errorf("%+v", l)
	}
}

func TestManagedTableTakesOverAnExternalTablesFolder(t *testing.T) {
	b := newBench(t)
	m := purchase(b)
	s := b.service(one("c", "s3://lake/fact/bronze/purchase/data"))
	b.crawl(s, "c")
	same(t, "tables", b.columns("shop"), "data wrong:int | purchase_month:string")
	b.options.Managed = managedTables{m}
	s = b.service(b.options.Definitions...)
	logs(t, b.crawl(s, "c"), "- table shop.data delete: a managed table has its folder now")
	same(t, "tables", b.columns("shop"))
}

func TestMisplacedManagedTableFailsTheCrawlRatherThanListIt(t *testing.T) {
	b := newBench(t)
	b.parquet("t/f.parquet", "a int")
	b.options.Managed = everywhere{}
	s := b.service(one("c", "s3://lake/t"))
	if r := b.ended(s, "c"); r.Status != crawl.Failed {
		t.Errorf("%+v", r)
	}
}

type everywhere struct{}

func (everywhere) Under(context.Context, string) ([]crawl.ManagedTable, error) {
	return []crawl.ManagedTable{{Database: "d", Name: "n", Location: "/somewhere/else"}}, nil
}
