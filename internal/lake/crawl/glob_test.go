package crawl_test

import (
	"testing"

	"github.com/mulgil/mulgil/internal/lake/crawl"
)

func TestGlobMatchesAsGlueDocuments(t *testing.T) {
	for _, c := range []struct {
		pattern, object string
		want            bool
	}{
		{"*.csv", "a.csv", true},
		{"*.csv", "folder/a.csv", false},
		{"*.*", "a.b", true},
		{"*.*", "ab", false},
		{"*.{csv,avro}", "x.avro", true},
		{"*.{csv,avro}", "x.json", false},
		{"foo.?", "foo.c", true},
		{"foo.?", "foo.cc", false},
		{"foo.?", "foo./", false},
		{"myfolder/*", "myfolder/mytable.csv", true},
		{"myfolder/*", "myfolder/a/b.csv", false},
		{"myfolder/*/*", "myfolder/a/b.csv", true},
		{"myfolder/**", "myfolder/a/b.csv", true},
		{"myfolder**", "myfolder.csv", true},
		{"**/_temporary/**", "a/b/_temporary/0/f", true},
		{"**/_temporary/**", "_temporary/0/f", true},
		{"**/_temporary/**", "x_temporary/0/f", false},
		{"**.tmp", "a/b/c.tmp", true},
		{"data[a-c]/*", "datab/f", true},
		{"data[a-c]/*", "datad/f", false},
		{"data[!a-c]/*", "datad/f", true},
		{"data[!a-c]/*", "dataa/f", false},
		{"[*?]", "*", true},
		{"[*?]", "a", false},
		{`\*`, "*", true},
		{`\*`, "a", false},
		{"{a,b*}/x", "bcd/x", true},
		{"a,b", "a,b", true},
		{".hidden", ".hidden", true},
		{"지역=[가-나]*/**", "지역=강원/f", true},
		{"지역=?/**", "지역=서/f", true},
		{"departments/market?(1)+$", "departments/markets(1)+$", true},
	} {
		g, err := crawl.CompileGlob(c.pattern)
		if err != nil {
			t.Errorf("%s: %v", c.pattern, err)
			continue
		}
		if got := g.Match(c.object); got != c.want {
			t.Errorf("%q on %q = %v", c.pattern, c.object, got)
		}
	}
}

func TestGlobMistakesAreNamed(t *testing.T) {
	for pattern, want := range map[string]string{
		"a[b":     `pattern "a[b": missing ]`,
		"{a,b":    `pattern "{a,b": missing }`,
		"{a,{b}}": `pattern "{a,{b}}": { inside { } is not allowed`,
		`a\`:      `pattern "a\\": nothing follows the last \`,
	} {
		if _, err := crawl.CompileGlob(pattern); err == nil || err.Error() != want {
			t.Errorf("%s: %v", pattern, err)
		}
	}
}

func TestExcludedFoldersAreNotListed(t *testing.T) {
	b := newBench(t)
	fs := &watchedFS{}
	b.options.FS = fs
	b.parquet("t/f.parquet", "a int")
	b.parquet("t/archive/old/f.parquet", "wrong string")
	b.parquet("t/bad.parquet", "wrong string")
	b.parquet("t/tmp_1.parquet", "wrong string")
	d := one("c", "s3://lake/t")
	d.Targets[0].Exclusions = []string{"**/_temporary/**", "archive/**", "bad.*", "tmp_[0-9].{parquet,csv}"}
	b.crawl(b.service(d), "c")
	same(t, "tables", b.columns("shop"), "t a:int")
	if got := fs.below(b.path("t/archive")); len(got) != 0 {
		t.Errorf("touched %v", got)
	}
}
