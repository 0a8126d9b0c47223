package query

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mulgil/mulgil/internal/base"
)

// sameEverywhere are the functions that DuckDB and Athena answer alike for
// every argument; an operator not listed here is one they differ in (integer
// division, date arithmetic).
var sameEverywhere = map[string]bool{
	"count": true, "count_star": true, "sum": true, "min": true, "max": true, "round": true, "coalesce": true,
	"+": true, "-": true, "*": true, "lower": true, "upper": true, "row_number": true, "rank": true, "dense_rank": true,
	"~~": true, "!~~": true,
}

// portable refuses a statement that needs the Athena front end.
func portable(b *Bound) error {
	types := map[string]base.Type{}
	for _, r := range b.Relations {
		for _, f := range r.Fields {
			k := strings.ToLower(f.Name)
			if t, ok := types[k]; ok && !t.Equal(f.Type) {
				f.Type = base.Type{}
			}
			types[k] = f.Type
		}
	}
	for i, st := range b.Statements {
		var odd []string
		for f := range b.Analyses[i].Functions {
			if !sameEverywhere[f] && (f != "/" || !st.DividesDoublesOnly(types)) {
				odd = append(odd, f)
			}
		}
		if len(odd) == 0 {
			continue
		}
		sort.Strings(odd)
		at := st.FunctionAt(odd[0])
		return base.Errorf(base.Invalid, "the Athena dialect is not there yet, and %s does not mean the same to DuckDB", quoted(odd[0])).At(at).
			WithHint("--dialect duckdb runs the statement with DuckDB's own meaning")
	}
	return nil
}

func quoted(f string) string {
	if f == "/" {
		return "/ on whole numbers"
	}
	if r, _ := utf8.DecodeRuneInString(f); r != '_' && !unicode.IsLetter(r) {
		return f
	}
	return f + "()"
}
