package fn

import (
	"math/big"
	"strings"
)

// truth is that of SQL.
type truth byte

const (
	isFalse truth = iota
	isTrue
	isUnknown
)

func truthOf(b bool) truth {
	if b {
		return isTrue
	}
	return isFalse
}

func (r *pathRun) test(n *pathNode) truth {
	switch n.op {
	case pAnd, pOr:
		stop := truthOf(n.op == pOr)
		a := r.test(n.args[0])
		if a == stop {
			return stop
		}
		if b := r.test(n.args[1]); b == stop || a != isUnknown {
			return b
		}
		return isUnknown
	case pNot:
		if a := r.test(n.args[0]); a != isUnknown {
			return truthOf(a == isFalse)
		}
		return isUnknown
	case pUnknown:
		return truthOf(r.test(n.args[0]) == isUnknown)
	case pExists:
		v, err := r.eval(n.args[0])
		if err != nil {
			return isUnknown
		}
		return truthOf(len(v) > 0)
	}
	return r.compare(n)
}

// compare holds for some pair of items. In strict mode a pair that cannot be
// compared makes all unknown; in lax mode a true one wins.
func (r *pathRun) compare(n *pathNode) truth {
	left, err := r.eval(n.args[0])
	right, err2 := r.eval(n.args[1])
	if err != nil || err2 != nil {
		return isUnknown
	}
	out := isFalse
	for _, a := range r.unwrap(left) {
		for _, b := range r.unwrap(right) {
			if r.steps++; r.steps > maxPathItems {
				return isUnknown
			}
			t := comparePair(n, a, b)
			if t == isTrue && !r.strict || t == isUnknown && r.strict {
				return t
			}
			if t != isFalse && out != isUnknown {
				out = t
			}
		}
	}
	return out
}

func comparePair(n *pathNode, a, b jsonValue) truth {
	if n.op == pStartsWith {
		if a.kind != jString || b.kind != jString {
			return isUnknown
		}
		return truthOf(strings.HasPrefix(a.text, b.text))
	}
	if a.kind == jNull || b.kind == jNull {
		same := a.kind == b.kind
		switch n.text {
		case "==", "=":
			return truthOf(same)
		case "!=", "<>":
			return truthOf(!same)
		}
		return truthOf(same && strings.HasSuffix(n.text, "="))
	}
	if a.typeName() != b.typeName() || a.kind > jString {
		return isUnknown
	}
	c := compareScalars(a, b)
	if c == 2 {
		return truthOf(n.text == "!=" || n.text == "<>")
	}
	switch n.text {
	case "==", "=":
		return truthOf(c == 0)
	case "!=", "<>":
		return truthOf(c != 0)
	case "<":
		return truthOf(c < 0)
	case "<=":
		return truthOf(c <= 0)
	case ">":
		return truthOf(c > 0)
	}
	return truthOf(c >= 0)
}

// compareScalars is 2 where a NaN is compared.
func compareScalars(a, b jsonValue) int {
	switch {
	case a.kind == jString:
		return strings.Compare(a.text, b.text)
	case a.kind != jNumber:
		return int(a.kind) - int(b.kind)
	case a.isInteger() && b.isInteger():
		x, _ := new(big.Int).SetString(a.text, 10)
		y, _ := new(big.Int).SetString(b.text, 10)
		return x.Cmp(y)
	}
	x, y := a.float(), b.float()
	switch {
	case x != x || y != y:
		return 2
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}
