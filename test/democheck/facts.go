package main

import (
	"fmt"
	"sort"
	"strconv"
)

// part is one affiliate's month, as the marts are partitioned.
type part struct{ affiliate, year, month string }

// facts are what must agree: the mart's rows, the sum of its amounts in won and
// the purchases it counts.
type facts struct {
	Rows   int64
	Amount float64 // whole won, far below 2^53: exact
	Count  int64
}

// mart is the facts of each part.
type mart map[part]facts

func (m mart) total() facts {
	var t facts
	for _, f := range m {
		t = facts{t.Rows + f.Rows, t.Amount + f.Amount, t.Count + f.Count}
	}
	return t
}

// compare lists the parts in which got is not want, in order.
func compare(got, want mart) []string {
	var out []string
	for p, w := range want {
		if g := got[p]; g != w {
			out = append(out, fmt.Sprintf("%s %s-%s: %+v, the source says %+v", p.affiliate, p.year, p.month, g, w))
		}
	}
	for p, g := range got {
		if _, ok := want[p]; !ok {
			out = append(out, fmt.Sprintf("%s %s-%s: %+v, the source has nothing", p.affiliate, p.year, p.month, g))
		}
	}
	sort.Strings(out)
	return out
}

func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
