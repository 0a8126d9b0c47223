package base

// Predicate is a filter on one table's columns, the part of a WHERE clause
// that can be handed to a source or used to prune files. It is one of And, Or,
// Compare, In, IsNull. NULL rules are SQL's: a comparison with NULL is not true.
// Text compares by code point (C collation), whatever the source's locale.
type Predicate interface{ predicate() }

// And is true if all of its terms are; empty is true.
type And []Predicate

// Or is true if any of its terms is; empty is false.
type Or []Predicate

// Op is a comparison.
type Op string

const (
	Eq Op = "="
	Ne Op = "<>"
	Lt Op = "<"
	Le Op = "<="
	Gt Op = ">"
	Ge Op = ">="
)

// Compare is column op value.
type Compare struct {
	Column string
	Op     Op
	// Value is one of: string, int64, float64, bool, DecimalText, time.Time (date or timestamp).
	Value any
}

// In is column IN (values); Values are as in Compare.
type In struct {
	Column string
	Values []any
}

// IsNull is column IS NULL, or IS NOT NULL if Not is set.
type IsNull struct {
	Column string
	Not    bool
}

// DecimalText is an exact number in decimal notation ("12.50").
type DecimalText string

func (And) predicate()     {}
func (Or) predicate()      {}
func (Compare) predicate() {}
func (In) predicate()      {}
func (IsNull) predicate()  {}

// Holds tells whether a comparison of two values holds whose order is negative,
// 0 or positive.
func (op Op) Holds(order int) bool {
	switch op {
	case Eq:
		return order == 0
	case Ne:
		return order != 0
	case Lt:
		return order < 0
	case Le:
		return order <= 0
	case Gt:
		return order > 0
	case Ge:
		return order >= 0
	}
	return true
}

// MayHold tells whether p can be true where compare and null tell it of a single
// term: true if that can be, or cannot be known. An In is asked value by value.
func MayHold(p Predicate, compare func(Compare) bool, null func(IsNull) bool) bool {
	switch p := p.(type) {
	case And:
		for _, q := range p {
			if !MayHold(q, compare, null) {
				return false
			}
		}
	case Or:
		for _, q := range p {
			if MayHold(q, compare, null) {
				return true
			}
		}
		return false
	case Compare:
		return compare(p)
	case In:
		for _, v := range p.Values {
			if compare(Compare{Column: p.Column, Op: Eq, Value: v}) {
				return true
			}
		}
		return false
	case IsNull:
		return null(p)
	}
	return true
}
