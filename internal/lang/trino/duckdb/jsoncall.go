package duckdb

import (
	"github.com/mulgil/mulgil/internal/lang/trino"
)

// jsonCall binds the SQL/JSON functions.
func (b *binder) jsonCall(x *trino.JSONCall, sc *scope) (expr, error) {
	return expr{}, b.fail(x, "NOT_SUPPORTED", "%s is not supported", x.Name)
}
