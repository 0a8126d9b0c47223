package external_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/connector/sqlite"
	"github.com/mulgil/mulgil/internal/lake/external"
)

var ctx = context.Background()

func open(t *testing.T) (*external.Store, *base.FakeClock) {
	t.Helper()
	db, err := sqlite.OpenStore(filepath.Join(t.TempDir(), "catalog.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	clock := base.NewFakeClock(time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC))
	s, err := external.New(ctx, db, clock)
	if err != nil {
		t.Fatal(err)
	}
	return s, clock
}

func text(name string) base.Field { return base.Field{Name: name, Type: base.Type{ID: base.String}} }

func sales() external.Table {
	return external.Table{Database: "Shop", Name: "판매_Sales", Columns: []base.Field{text("금액")}, PartitionKeys: []base.Field{text("지역")},
		Format: external.Parquet, Serde: external.DefaultSerde(external.Parquet), Location: "s3://b/판매/", Crawler: "c"}
}

func TestTableLivesThroughItsChanges(t *testing.T) {
	s, clock := open(t)
	made, err := s.Create(ctx, sales(), external.Partition{Values: []string{"서울"}, Location: "s3://b/판매/지역=서울/"})
	if err != nil {
		t.Fatal(err)
	}
	if made.Database != "shop" || made.Name != "판매_sales" || made.Version != 1 {
		t.Errorf("%+v", made)
	}
	if _, err := s.Create(ctx, sales()); base.KindOf(err) != base.Exists {
		t.Errorf("second create: %v", err)
	}
	clock.Advance(time.Hour)
	changed, err := s.Change(ctx, "SHOP", "판매_SALES", func(t *external.Table) error {
		t.Columns = append(t.Columns, text("메모"))
		t.Name = "other"
		return nil
	})
	if err != nil || changed.Version != 2 || changed.Name != "판매_sales" || !changed.Created.Equal(made.Created) || changed.Updated.Sub(made.Updated) != time.Hour {
		t.Errorf("%+v %v", changed, err)
	}
	stop := errors.New("stop")
	if _, err := s.Change(ctx, "shop", "판매_sales", func(t *external.Table) error { t.Comment = "lost"; return stop }); !errors.Is(err, stop) {
		t.Error(err)
	}
	got, err := s.Get(ctx, "shop", "판매_sales")
	if err != nil || got.Version != 2 || len(got.Columns) != 2 || got.Comment != "" {
		t.Errorf("%+v %v", got, err)
	}
	if err := s.Drop(ctx, "shop", "판매_sales"); err != nil {
		t.Fatal(err)
	}
	if parts, err := s.Partitions(ctx, "shop", "판매_sales"); err != nil || len(parts) != 0 {
		t.Errorf("partitions of a dropped table: %v %v", parts, err)
	}
	if err := s.Drop(ctx, "shop", "판매_sales"); base.KindOf(err) != base.NotFound || base.CodeOf(err) != "EntityNotFoundException" {
		t.Error(err)
	}
}

func TestPartitionsKeepTheirText(t *testing.T) {
	s, _ := open(t)
	if _, err := s.Create(ctx, sales()); err != nil {
		t.Fatal(err)
	}
	var parts []external.Partition
	for _, v := range []string{"", external.NullPartition, "01", "1", "부산/해운대", "a<b&c"} {
		parts = append(parts, external.Partition{Values: []string{v}, Location: "x/" + v})
	}
	if n, err := s.AddPartitions(ctx, "shop", "판매_sales", parts); err != nil || n != 6 {
		t.Fatal(n, err)
	}
	if n, err := s.AddPartitions(ctx, "shop", "판매_sales", parts[:2]); err != nil || n != 0 {
		t.Errorf("added again: %d %v", n, err)
	}
	if err := s.SetPartitionLocation(ctx, "shop", "판매_sales", []string{"01"}, "y/"); err != nil {
		t.Fatal(err)
	}
	if n, err := s.DropPartitions(ctx, "shop", "판매_sales", [][]string{{"1"}, {"none"}}); err != nil || n != 1 {
		t.Errorf("dropped %d %v", n, err)
	}
	list, err := s.Partitions(ctx, "shop", "판매_sales")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range list {
		got = append(got, p.Values[0]+"@"+p.Location)
	}
	want := []string{"01@y/", "@x/", "__HIVE_DEFAULT_PARTITION__@x/__HIVE_DEFAULT_PARTITION__", "a<b&c@x/a<b&c", "부산/해운대@x/부산/해운대"}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestManyPartitionsAreAddedInSteps(t *testing.T) {
	s, _ := open(t)
	if _, err := s.Create(ctx, sales()); err != nil {
		t.Fatal(err)
	}
	var parts []external.Partition
	for i := range 2500 {
		parts = append(parts, external.Partition{Values: []string{fmt.Sprint(i)}})
	}
	if n, err := s.AddPartitions(ctx, "shop", "판매_sales", parts); err != nil || n != 2500 {
		t.Error(n, err)
	}
}

func TestBadPartitionsAndTablesAreRefused(t *testing.T) {
	s, _ := open(t)
	if _, err := s.Create(ctx, sales()); err != nil {
		t.Fatal(err)
	}
	for v, want := range map[string]string{
		"..":                     `partition value 지역=".." (1 times) is a path, not a folder name`,
		"a\x00b":                 `partition value 지역="a\x00b" (1 times) contains a NUL byte`,
		strings.Repeat("가", 100): `is longer than 255 bytes once encoded`,
		strings.Repeat("/", 86):  `is longer than 255 bytes once encoded`,
	} {
		_, err := s.AddPartitions(ctx, "shop", "판매_sales", []external.Partition{{Values: []string{v}}})
		if base.KindOf(err) != base.Invalid || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", v, err)
		}
	}
	if _, err := s.AddPartitions(ctx, "shop", "판매_sales", []external.Partition{{Values: []string{"a", "b"}}}); base.KindOf(err) != base.Invalid {
		t.Error(err)
	}
	twice := sales()
	twice.Name, twice.PartitionKeys = "x", []base.Field{text("금액")}
	if _, err := s.Create(ctx, twice); base.KindOf(err) != base.Invalid {
		t.Error(err)
	}
}

func TestLinksShareTheNamesOfTables(t *testing.T) {
	s, _ := open(t)
	if _, err := s.Create(ctx, sales()); err != nil {
		t.Fatal(err)
	}
	l := external.Link{Database: "shop", Name: "판매_sales", TargetDatabase: "lake", TargetName: "sales", Crawler: "c"}
	if _, err := s.PutLink(ctx, l); base.KindOf(err) != base.Exists {
		t.Error(err)
	}
	l.Name = "purchase"
	if got, err := s.PutLink(ctx, l); err != nil || got.Version != 1 {
		t.Error(got, err)
	}
	if got, err := s.PutLink(ctx, l); err != nil || got.Version != 2 {
		t.Error(got, err)
	}
	table := sales()
	table.Name = "Purchase"
	if _, err := s.Create(ctx, table); base.KindOf(err) != base.Exists {
		t.Error(err)
	}
	if dbs, err := s.Databases(ctx); err != nil || !slices.Equal(dbs, []string{"shop"}) {
		t.Error(dbs, err)
	}
	if err := s.DropLink(ctx, "shop", "purchase"); err != nil {
		t.Error(err)
	}
	if _, err := s.GetLink(ctx, "shop", "purchase"); base.KindOf(err) != base.NotFound {
		t.Error(err)
	}
}

func TestValuesSurviveEscaping(t *testing.T) {
	for _, v := range []string{"", "a b", "100%", "a/b=c:d", "서울", "\x01\x7f", `"#'*?\{[]^`} {
		if got := external.UnescapeValue(external.EscapeValue(v)); got != v {
			t.Errorf("%q became %q", v, got)
		}
	}
	for in, want := range map[string]string{"100%": "100%", "%B0%A1": "%B0%A1", "a%2Fb": "a/b", "a+b": "a+b"} {
		if got := external.UnescapeValue(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}
