package types

// Trino's TypeCoercion: which values become another type by themselves.

// MaxChar is the longest char.
const MaxChar = 65536

// integers' decimal form.
var integerDigits = map[Kind]int{Tinyint: 3, Smallint: 5, Integer: 10, Bigint: 19}

// AsDecimal is the decimal that holds every value of an integral or decimal type.
func (t Type) AsDecimal() (Type, bool) {
	if t.Kind == Decimal {
		return t, true
	}
	n, ok := integerDigits[t.Kind]
	return DecimalOf(n, 0), ok
}

// Coercible tells whether a value of type from becomes to without a CAST.
func Coercible(from, to Type) bool {
	if from.Equal(to) {
		return true
	}
	common, ok := Common(from, to)
	return ok && sameButNames(common, to)
}

func sameButNames(a, b Type) bool {
	if a.Kind != b.Kind || a.P != b.P || a.S != b.S || len(a.Elems) != len(b.Elems) {
		return false
	}
	for i := range a.Elems {
		if !sameButNames(a.Elems[i], b.Elems[i]) {
			return false
		}
	}
	return true
}

// SameButNames is Equal but for the names of row fields.
func SameButNames(a, b Type) bool { return sameButNames(a, b) }

// Common is the type both a and b coerce to (Trino's common super type).
func Common(a, b Type) (Type, bool) {
	switch {
	case a.Equal(b):
		return a, true
	case a.Kind == Unknown:
		return b, true
	case b.Kind == Unknown:
		return a, true
	case a.Kind == b.Kind:
		return sameKind(a, b)
	}
	if t, ok := oneWay(a, b); ok {
		return t, true
	}
	return oneWay(b, a)
}

func sameKind(a, b Type) (Type, bool) {
	switch a.Kind {
	case Decimal:
		s := max(a.S, b.S)
		return DecimalOf(max(a.P-a.S, b.P-b.S)+s, s), true
	case Varchar:
		if a.P == Unbounded || b.P == Unbounded {
			return TVarchar, true
		}
		return VarcharOf(max(a.P, b.P)), true
	case Char, Time, TimeTZ, Timestamp, TimestampTZ:
		return Type{Kind: a.Kind, P: max(a.P, b.P)}, true
	case Array, Map, Row:
		return nested(a, b)
	}
	return a, true
}

func nested(a, b Type) (Type, bool) {
	if len(a.Elems) != len(b.Elems) {
		return Type{}, false
	}
	out := Type{Kind: a.Kind, Elems: make([]Type, len(a.Elems))}
	if a.Kind == Row {
		out.Names = make([]string, len(a.Elems))
	}
	for i := range a.Elems {
		t, ok := Common(a.Elems[i], b.Elems[i])
		if !ok {
			return Type{}, false
		}
		out.Elems[i] = t
		if a.Kind == Row && a.Names[i] == b.Names[i] {
			out.Names[i] = a.Names[i]
		}
	}
	return out, true
}

// oneWay is b's family where a, of another kind, coerces into it.
func oneWay(a, b Type) (Type, bool) {
	switch {
	case a.Integral() && b.Integral():
		if a.Kind < b.Kind {
			return b, true
		}
	case a.Integral() && b.Kind == Decimal:
		d, _ := a.AsDecimal()
		return sameKind(d, b)
	case (a.Integral() || a.Kind == Decimal) && b.Is(Real, Double):
		return b, true
	case a.Kind == Real && b.Kind == Double:
		return b, true
	case a.Kind == Varchar && b.Kind == Char:
		if a.P == Unbounded {
			return CharOf(MaxChar), true
		}
		return CharOf(min(MaxChar, max(a.P, b.P))), true
	case a.Kind == Date && b.Is(Timestamp, TimestampTZ):
		return b, true
	case a.Kind == Time && b.Kind == TimeTZ, a.Kind == Timestamp && b.Kind == TimestampTZ:
		return Type{Kind: b.Kind, P: max(a.P, b.P)}, true
	}
	return Type{}, false
}
