package external_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake/external"
)

func folders(t *testing.T, root string, names ...string) func(string) (string, error) {
	t.Helper()
	for _, n := range names {
		dir := filepath.Join(root, filepath.FromSlash(n))
		if strings.HasSuffix(n, ".json") {
			if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(dir, []byte("{}"), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return func(uri string) (string, error) {
		return filepath.Join(root, filepath.FromSlash(strings.TrimPrefix(uri, "s3://b"))), nil
	}
}

func TestRepairFindsPartitionsInTheirFolders(t *testing.T) {
	s, _ := open(t)
	root := t.TempDir()
	resolve := folders(t, root, "판매/year=2023/지역=서울/a.json", "판매/year=08/지역=부산%2F해운대/a.json", "판매/year=2023/지역=__HIVE_DEFAULT_PARTITION__",
		"판매/year=2023/지역=100%", "판매/year=2023/지역=", "판매/year=abc/지역=x", "판매/year=2024/city=x", "판매/Year=2025/지역=x", "판매/misc/지역=x",
		"판매/_temporary/지역=x", "판매/.hidden/year=1", "판매/year=2026", "판매/b.json", "판매/year=2023/지역=서울/deeper=1/c.json")
	tb := sales()
	tb.Location, tb.PartitionKeys = "s3://b/판매", []base.Field{{Name: "year", Type: base.Type{ID: base.Int}}, text("지역")}
	if _, err := s.Create(ctx, tb, external.Partition{Values: []string{"2023", "서울"}, Location: "s3://b/판매/year=2023/지역=서울/"},
		external.Partition{Values: []string{"1999", "없음"}, Location: "s3://b/판매/year=1999/지역=없음/"}); err != nil {
		t.Fatal(err)
	}
	r, err := s.Repair(ctx, "shop", tb.Name, resolve)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"Partitions not in metastore:\t판매_sales:year=08/지역=부산%2F해운대\t판매_sales:year=2023/지역=\t판매_sales:year=2023/지역=100%25\t판매_sales:year=2023/지역=__HIVE_DEFAULT_PARTITION__",
		"Partitions missing from filesystem:\t판매_sales:year=1999/지역=없음",
		"Repair: Added partition to metastore 판매_sales:year=08/지역=부산%2F해운대",
		"Repair: Added partition to metastore 판매_sales:year=2023/지역=",
		"Repair: Added partition to metastore 판매_sales:year=2023/지역=100%25",
		"Repair: Added partition to metastore 판매_sales:year=2023/지역=__HIVE_DEFAULT_PARTITION__",
	}
	if got := r.Lines(); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	skipped := []string{
		"s3://b/판매/Year=2025: the key is written Year, the table has year",
		"s3://b/판매/misc: the name is not year=value",
		`s3://b/판매/year=abc: invalid partition value "abc" for INT partition key: year`,
		"s3://b/판매/year=2024/city=x: the key is city, here it should be 지역",
	}
	slices.Sort(r.Skipped)
	slices.Sort(skipped)
	if !slices.Equal(r.Skipped, skipped) {
		t.Errorf("%q", r.Skipped)
	}
	all, err := s.Partitions(ctx, "shop", tb.Name)
	if err != nil || len(all) != 6 {
		t.Fatal(all, err)
	}
	for _, p := range all {
		if p.Values[1] == "부산/해운대" && p.Location != "s3://b/판매/year=08/지역=부산%2F해운대/" || p.Values[1] == "100%" && p.Location != "s3://b/판매/year=2023/지역=100%/" {
			t.Errorf("%+v", p)
		}
	}
	if r, err = s.Repair(ctx, "shop", tb.Name, resolve); err != nil || len(r.Added) != 0 {
		t.Errorf("repaired again: %v %v", r.Added, err)
	}
}

func TestPartitionsAreCreatedAllOrNoneAndRenamed(t *testing.T) {
	s, _ := open(t)
	tb := sales()
	if _, err := s.Create(ctx, tb, external.Partition{Values: []string{"b"}, Location: "x"}); err != nil {
		t.Fatal(err)
	}
	err := s.CreatePartitions(ctx, "shop", tb.Name, []external.Partition{{Values: []string{"a"}}, {Values: []string{"b"}}})
	if base.KindOf(err) != base.Exists || !strings.Contains(err.Error(), "partition already exists: 지역=b") {
		t.Error(err)
	}
	if all, _ := s.Partitions(ctx, "shop", tb.Name); len(all) != 1 {
		t.Errorf("%v", all)
	}
	if err := s.RenamePartition(ctx, "shop", tb.Name, []string{"b"}, []string{"가"}); err != nil {
		t.Fatal(err)
	}
	if all, _ := s.Partitions(ctx, "shop", tb.Name); len(all) != 1 || all[0].Values[0] != "가" || all[0].Location != "x" {
		t.Errorf("%v", all)
	}
	if err := s.RenamePartition(ctx, "shop", tb.Name, []string{"b"}, []string{"c"}); base.KindOf(err) != base.NotFound {
		t.Error(err)
	}
	if err := s.RenamePartition(ctx, "shop", tb.Name, []string{"가"}, []string{"가"}); base.KindOf(err) != base.Exists {
		t.Error(err)
	}
}
