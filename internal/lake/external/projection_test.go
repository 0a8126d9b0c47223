package external_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake/external"
)

var noon = time.Date(2024, 3, 2, 12, 34, 56, 0, time.UTC)

// projected is a table with keys "name type" and properties in pairs.
func projected(keys []string, props ...string) external.Table {
	t := external.Table{Database: "shop", Name: "판매", Columns: []base.Field{text("금액")}, Format: external.JSON, Location: "s3://b/판매", Parameters: map[string]string{"projection.enabled": "TRUE"}}
	for _, k := range keys {
		name, typ, _ := strings.Cut(k, " ")
		parsed, err := base.ParseType(typ)
		if err != nil {
			panic(err)
		}
		t.PartitionKeys = append(t.PartitionKeys, base.Field{Name: name, Type: parsed})
	}
	for i := 0; i < len(props); i += 2 {
		t.Parameters["projection."+props[i]] = props[i+1]
	}
	return t
}

// values are the partitions' names, as "a=1/b=2".
func values(t *testing.T, tb external.Table, where base.Predicate) []string {
	t.Helper()
	p, err := external.NewProjection(tb, noon)
	if err != nil {
		t.Fatal(base.Render(err))
	}
	seq, err := p.Partitions(external.Narrow(where, tb.PartitionKeys))
	if err != nil {
		t.Fatal(base.Render(err))
	}
	out := []string{}
	for x := range seq {
		out = append(out, external.ShownPartition(tb, x.Values))
	}
	return out
}

func eq(c string, v any) base.Predicate { return base.Compare{Column: c, Op: base.Eq, Value: v} }
func cmp(c string, op base.Op, v any) base.Predicate {
	return base.Compare{Column: c, Op: op, Value: v}
}

func TestProjectionOfEachType(t *testing.T) {
	day := func(s string) time.Time { d, _ := time.Parse(time.DateOnly, s); return d }
	for name, c := range map[string]struct {
		table external.Table
		where base.Predicate
		want  string
	}{
		"enum":              {projected([]string{"r string"}, "r.type", "enum", "r.values", "서울, 부산,A/B"), nil, "r=서울 r=부산 r=A%2FB"},
		"enum narrowed":     {projected([]string{"r string"}, "r.type", "enum", "r.values", "서울,부산"), base.In{Column: "R", Values: []any{"부산", "대구"}}, "r=부산"},
		"enum range":        {projected([]string{"r string"}, "r.type", "enum", "r.values", "a,b,c"), cmp("r", base.Ge, "b"), "r=b r=c"},
		"integer":           {projected([]string{"n int"}, "n.type", "integer", "n.range", "1,10", "n.interval", "4"), nil, "n=1 n=5 n=9"},
		"integer digits":    {projected([]string{"n int"}, "n.type", "integer", "n.range", "-1,1", "n.digits", "3"), nil, "n=-1 n=000 n=001"},
		"integer above":     {projected([]string{"n bigint"}, "n.type", "integer", "n.range", "1,9000000000", "n.interval", "2"), base.And{cmp("n", base.Gt, int64(8)), cmp("n", base.Lt, int64(12))}, "n=9 n=11"},
		"integer of text":   {projected([]string{"n string"}, "n.type", "integer", "n.range", "1,12", "n.digits", "2"), eq("n", "08"), "n=08"},
		"integer not text":  {projected([]string{"n string"}, "n.type", "integer", "n.range", "1,12", "n.digits", "2"), eq("n", "8"), ""},
		"integer off grid":  {projected([]string{"n int"}, "n.type", "integer", "n.range", "1,10", "n.interval", "4"), eq("n", int64(6)), ""},
		"days":              {projected([]string{"d string"}, "d.type", "date", "d.range", "2024-02-28,NOW", "d.format", "yyyy-MM-dd"), nil, "d=2024-02-28 d=2024-02-29 d=2024-03-01 d=2024-03-02"},
		"days of a date":    {projected([]string{"d date"}, "d.type", "date", "d.range", "2000/01/01,NOW", "d.format", "yyyy/MM/dd"), cmp("d", base.Ge, day("2024-03-01")), "d=2024%2F03%2F01 d=2024%2F03%2F02"},
		"one day":           {projected([]string{"d date"}, "d.type", "date", "d.range", "0001-01-01,9999-12-31", "d.format", "yyyy-MM-dd"), eq("d", day("2024-03-01")), "d=2024-03-01"},
		"beyond 292 years":  {projected([]string{"d date"}, "d.type", "date", "d.range", "0001-01-01,9999-12-31", "d.format", "yyyy-MM-dd"), cmp("d", base.Gt, day("9999-12-30")), "d=9999-12-30 d=9999-12-31"},
		"months":            {projected([]string{"m string"}, "m.type", "date", "m.range", "NOW-3MONTHS,NOW", "m.format", "yyyyMM"), nil, "m=202312 m=202401 m=202402 m=202403"},
		"years":             {projected([]string{"y int"}, "y.type", "date", "y.range", "NOW - 1YEAR , NOW", "y.format", "yyyy", "y.interval.unit", "YEARS", "y.interval", "1"), nil, "y=2023 y=2024"},
		"hours":             {projected([]string{"h string"}, "h.type", "date", "h.range", "NOW-2HOURS,NOW+1HOUR", "h.format", "yyyy/MM/dd/HH", "h.interval", "1", "h.interval.unit", "HOURS"), base.Or{eq("h", "2024/03/02/13"), eq("h", "2024/03/02/10")}, "h=2024%2F03%2F02%2F13 h=2024%2F03%2F02%2F10"},
		"literal":           {projected([]string{"h string"}, "h.type", "date", "h.range", "2024-03-02T00,2024-03-02T12", "h.format", "yyyy-MM-dd'T'HH", "h.interval", "12", "h.interval.unit", "HOURS"), nil, "h=2024-03-02T00 h=2024-03-02T12"},
		"text not in order": {projected([]string{"d string"}, "d.type", "date", "d.range", "30-01-2024,02-02-2024", "d.format", "dd-MM-yyyy"), cmp("d", base.Le, "02-02-2024"), "d=01-02-2024 d=02-02-2024"},
		"injected":          {projected([]string{"u string"}, "u.type", "injected"), base.In{Column: "u", Values: []any{"b", "a", "b"}}, "u=a u=b"},
		"two keys":          {projected([]string{"a int", "b string"}, "a.type", "integer", "a.range", "1,2", "b.type", "enum", "b.values", "x,y"), eq("a", int64(2)), "a=2/b=x a=2/b=y"},
	} {
		if got := strings.Join(values(t, c.table, c.where), " "); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, c.want)
		}
	}
}

func TestProjectedFoldersFollowTheTemplate(t *testing.T) {
	tb := projected([]string{"year int", "r string"}, "year.type", "integer", "year.range", "2024,2024", "r.type", "enum", "r.values", "a/b")
	first := func() external.Partition {
		p, err := external.NewProjection(tb, noon)
		if err != nil {
			t.Fatal(err)
		}
		seq, err := p.Partitions(nil)
		if err != nil {
			t.Fatal(err)
		}
		return slices.Collect(seq)[0]
	}
	if got := first().Location; got != "s3://b/판매/year=2024/r=a%2Fb/" {
		t.Error(got)
	}
	tb.Parameters["storage.location.template"] = "s3://c/${r}/${year}/x"
	if got := first().Location; got != "s3://c/a/b/2024/x/" {
		t.Error(got)
	}
}

func TestProjectionMistakesNameTheirKey(t *testing.T) {
	for want, tb := range map[string]external.Table{
		"projection of partition key n: it has no projection.n.type":                                               projected([]string{"n int"}),
		`projection of partition key n: unknown type "int"`:                                                        projected([]string{"n int"}, "n.type", "int"),
		`projection of partition key n: range "5,1" is not two whole numbers in order`:                             projected([]string{"n int"}, "n.type", "integer", "n.range", "5,1"),
		`projection of partition key n: interval "0" is not a whole number above 0`:                                projected([]string{"n int"}, "n.type", "integer", "n.range", "1,5", "n.interval", "0"),
		"projection of partition key n: an enum needs projection.n.values":                                         projected([]string{"n int"}, "n.type", "enum"),
		"projection of partition key d: a date needs projection.d.format":                                          projected([]string{"d string"}, "d.type", "date", "d.range", "NOW,NOW"),
		`projection of partition key d: format: "YYYY" in "YYYY" is not supported, only y M d H m s S`:             projected([]string{"d string"}, "d.type", "date", "d.range", "NOW,NOW", "d.format", "YYYY"),
		`projection of partition key d: range: "2024-13-01" does not fit the format`:                               projected([]string{"d string"}, "d.type", "date", "d.range", "2024-13-01,NOW", "d.format", "yyyy-MM-dd"),
		`projection of partition key d: range: "NOW-3" is not NOW and a distance`:                                  projected([]string{"d string"}, "d.type", "date", "d.range", "NOW-3,NOW", "d.format", "yyyy-MM-dd"),
		"projection of partition key d: its format is neither of days nor of months, so interval.unit must be set": projected([]string{"d string"}, "d.type", "date", "d.range", "NOW-3DAYS,NOW", "d.format", "yyyy-MM-dd-HH"),
		`projection of partition key n: storage.location.template "s3://b/x/" lacks ${n}`: func() external.Table {
			tb := projected([]string{"n int"}, "n.type", "injected")
			tb.Parameters["storage.location.template"] = "s3://b/x/"
			return tb
		}(),
	} {
		_, err := external.NewProjection(tb, noon)
		if err == nil || err.Error() != want || base.CodeOf(err) != "INVALID_TABLE_PROPERTY" {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	wide := projected([]string{"n bigint", "s string"}, "n.type", "integer", "n.range", "0,9000000000000000000", "s.type", "injected")
	p, err := external.NewProjection(wide, noon)
	if err != nil {
		t.Fatal(err)
	}
	for want, where := range map[string]base.Predicate{
		"for the injected projected partition column s, the WHERE clause must contain only static equality conditions, and at least one such condition must be present": cmp("s", base.Gt, "a"),
		"projection of shop.판매 makes 9000000000000000000 partitions, more than 1000000":                                                                                 eq("s", "a"),
	} {
		if _, err := p.Partitions(external.Narrow(where, wide.PartitionKeys)); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestStoredPartitionsArePrunedByTheirType(t *testing.T) {
	s, _ := open(t)
	tb := sales()
	tb.PartitionKeys = []base.Field{{Name: "월", Type: base.Type{ID: base.Int}}, text("지역")}
	var parts []external.Partition
	for _, v := range []string{"08", "8", "9", "10", external.NullPartition} {
		parts = append(parts, external.Partition{Values: []string{v, ""}, Location: "s3://b/" + v})
	}
	made, err := s.Create(ctx, tb, parts...)
	if err != nil {
		t.Fatal(err)
	}
	for want, where := range map[string]base.Predicate{
		"08 10 8 9 __HIVE_DEFAULT_PARTITION__":  nil,
		"08 8":                                  eq("월", int64(8)),
		"10 9":                                  cmp("월", base.Ge, int64(9)),
		"":                                      eq("지역", "x"),
		"08 10 8 9 __HIVE_DEFAULT_PARTITION__ ": eq("지역", ""),
		" 08 10 8 9 __HIVE_DEFAULT_PARTITION__": base.IsNull{Column: "월"},
	} {
		list, err := s.ReadPartitions(ctx, made, where)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range list {
			got = append(got, p.Values[0])
		}
		slices.Sort(got)
		if g := strings.Join(got, " "); g != strings.TrimSpace(want) {
			t.Errorf("%v: %s", where, g)
		}
	}
}

func FuzzProjection(f *testing.F) {
	f.Add("date", "NOW-3YEARS,NOW", "yyyy-MM-dd", "1", "DAYS", "2024-03-01")
	f.Add("date", "2020-01-31T05,NOW+1MONTH", "yyyy-MM-dd'T'HH", "3", "MONTHS", "x")
	f.Add("integer", "-5,100", "", "7", "", "9")
	f.Add("enum", "a,b", "3", "", "", "b")
	f.Fuzz(func(t *testing.T, kind, span, format, interval, unit, want string) {
		tb := projected([]string{"k string"}, "k.type", kind, "k.range", span, "k.values", span, "k.format", format, "k.digits", format, "k.interval", interval, "k.interval.unit", unit)
		p, err := external.NewProjection(tb, noon)
		if err != nil {
			return
		}
		for _, where := range []base.Predicate{eq("k", want), cmp("k", base.Ge, want)} {
			seq, err := p.Partitions(external.Narrow(where, tb.PartitionKeys))
			if err != nil {
				continue
			}
			for x := range seq {
				if v := x.Values[0]; where == eq("k", want) && v != want {
					t.Errorf("%q is not %q", v, want)
				}
			}
		}
	})
}
