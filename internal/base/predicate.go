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
