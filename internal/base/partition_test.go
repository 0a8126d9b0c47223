package base

import "testing"

func TestPartitionFieldsAreReadAndWritten(t *testing.T) {
	for text, want := range map[string]string{
		"city": "city city", "month(ts)": "month(ts) ts_month", " HOUR ( 시각 ) ": "hour(시각) 시각_hour", "bucket(16, id)": "bucket(16, id) id_bucket",
		`bucket("a b", 16)`: "bucket(16, a b) a b_bucket", "truncate(name,4)": "truncate(4, name) name_trunc", "truncate(2, a(b))": "truncate(2, a(b)) a(b)_trunc",
		"week(ts)": "week(ts) week(ts)", `"city"`: "city city",
	} {
		p, err := ParsePartitionField(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if got := p.String() + " " + p.Name(); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	for _, text := range []string{"bucket(id)", "bucket(0, id)", "truncate(99999999999, id)", "month()", "bucket(4,)"} {
		if p, err := ParsePartitionField(text); err == nil {
			t.Errorf("%s: read as %+v", text, p)
		}
	}
	list, err := ParsePartitionBy([]string{"month(ts)", "day(ts)"}, []Field{{Name: "ts"}, {Name: "Month(ts)"}})
	if err != nil || list[0].Transform != "" || list[1].Transform != "day" {
		t.Errorf("a column of that name: %+v %v", list, err)
	}
}
