package port

import "github.com/mulgil/mulgil/internal/base"

// The filter language lives in base, so that the SQL front ends can write it
// and sources can read it.
type (
	Predicate = base.Predicate
	And       = base.And
	Or        = base.Or
	Op        = base.Op
	Compare   = base.Compare
	In        = base.In
	IsNull    = base.IsNull
	Decimal   = base.DecimalText
)

const (
	Eq = base.Eq
	Ne = base.Ne
	Lt = base.Lt
	Le = base.Le
	Gt = base.Gt
	Ge = base.Ge
)
