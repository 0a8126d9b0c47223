package trino_test

import (
	"errors"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/trino"
)

// FuzzParse checks that any text is either refused with a place in it or
// becomes a tree that, printed and read again, is the same tree.
func FuzzParse(f *testing.F) {
	for _, file := range []string{"statements.txt", "mistakes.txt"} {
		for _, sql := range cases(f, file) {
			f.Add(sql)
		}
	}
	f.Fuzz(func(t *testing.T, sql string) {
		trino.Tokens(sql)
		for _, p := range trino.Split(sql) {
			if p.Start < 0 || p.End > len(sql) || p.Start >= p.End {
				t.Fatalf("%q: piece %+v", sql, p)
			}
		}
		if _, err := trino.Parse(sql); err != nil {
			var e *base.Error
			if !errors.As(err, &e) || e.Kind != base.Invalid || e.Code == "" || e.Place == nil && e.Code != "QUERY_TEXT_TOO_LARGE" {
				t.Fatalf("%q: %#v", sql, err)
			}
			base.Render(err)
			return
		}
		roundTrip(t, sql)
	})
}
