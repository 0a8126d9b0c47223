package duckdb

import (
	"fmt"

	"github.com/mulgil/mulgil/internal/lang/trino"
)

// Constant is the text of a constant expression's value; ok is false for
// anything that is not a constant.
func Constant(x trino.Expr) (text string, ok bool) {
	b := newBinder("", Options{})
	e, err := b.expr(x, (&scope{}).clause("constant", true, true))
	if err != nil || e.val == nil {
		return "", false
	}
	return fmt.Sprint(e.val), true
}
