package main

import (
	"strings"
	"testing"
)

func TestEveryDifferenceIsFound(t *testing.T) {
	jan, feb := part{"A", "2014", "01"}, part{"A", "2014", "02"}
	want := mart{jan: {Rows: 2, Amount: 300, Count: 3}}
	cases := map[string]struct {
		got  mart
		says string
	}{
		"equal":         {mart{jan: {2, 300, 3}}, ""},
		"another row":   {mart{jan: {3, 300, 3}}, "Rows:3"},
		"another sum":   {mart{jan: {2, 310, 3}}, "Amount:310"},
		"missing month": {mart{}, "the source says {Rows:2"},
		"extra month":   {mart{jan: {2, 300, 3}, feb: {1, 10, 1}}, "2014-02"},
	}
	for name, c := range cases {
		got := strings.Join(compare(c.got, want), "\n")
		if (got == "") != (c.says == "") || !strings.Contains(got, c.says) {
			t.Errorf("%s: compare says %q, want %q in it", name, got, c.says)
		}
	}
}

func TestThousandsAreSetApart(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -123456: "-123,456", 28593030: "28,593,030"} {
		if got := thousands(n); got != want {
			t.Errorf("thousands(%d) = %q, want %q", n, got, want)
		}
	}
}
