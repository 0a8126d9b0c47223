package query

import (
	"context"

	"github.com/mulgil/mulgil/internal/lang/trino"
)

// change carries out statements that change tables, views and schemas.
func (a *athena) change(ctx context.Context, st trino.Statement) (*Outcome, error) {
	return nil, a.at(st, "NOT_SUPPORTED", "this statement is not supported")
}
