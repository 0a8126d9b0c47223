package query

import (
	"testing"

	"github.com/mulgil/mulgil/internal/base"
)

func TestListingLeavesOutOnlyWhatCannotMatch(t *testing.T) {
	l := newListing("table_cat, table_schem, table_name, n bigint")
	eq := func(c, v string) base.Predicate { return base.Compare{Column: c, Op: base.Eq, Value: v} }
	for _, c := range []struct {
		where base.Predicate
		want  bool
	}{
		{nil, true},
		{eq("table_schem", "가게"), true},
		{eq("table_schem", "x"), false},
		{eq("table_name", "x"), true}, // not known yet
		{base.And{eq("table_cat", "a"), eq("table_schem", "x")}, false},
		{base.Or{eq("table_schem", "x"), eq("table_name", "x")}, true},
		{base.Or{eq("table_schem", "x"), eq("table_cat", "x")}, false},
		{base.In{Column: "table_schem", Values: []any{"x", "가게"}}, true},
		{base.In{Column: "table_schem", Values: []any{"x"}}, false},
		{base.Compare{Column: "n", Op: base.Eq, Value: int64(1)}, true},
		{base.Compare{Column: "table_schem", Op: base.Lt, Value: "a"}, true},
		{base.Compare{Column: "table_schem", Op: base.Ne, Value: "가게"}, false},
	} {
		l.where = c.where
		if got := l.admits("a", "가게"); got != c.want {
			t.Errorf("%+v: %v", c.where, got)
		}
	}
}
