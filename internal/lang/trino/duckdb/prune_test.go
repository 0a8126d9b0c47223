package duckdb

import (
	"fmt"
	"testing"

	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// oneTable is a Catalog with a table t of one column, day.
type oneTable struct{}

func (oneTable) Resolve(parts []string, _ *Version) (*Relation, error) {
	return &Relation{Parts: parts, Columns: []Column{{Name: "day", Type: types.TDate}}}, nil
}

func TestCoalesceOfConstantsPrunes(t *testing.T) {
	for value, want := range map[string]string{"NULL": "2024-01-01", "DATE '2024-02-02'": "2024-02-02"} {
		const sql = "SELECT day FROM t WHERE day <= coalesce($TO, DATE '2024-01-01')"
		q, err := trino.ParseJob(sql)
		if err != nil {
			t.Fatal(err)
		}
		to, err := trino.ParseExpr(value)
		if err != nil {
			t.Fatal(err)
		}
		p, err := Bind(sql, q, Options{Catalog: oneTable{}, Named: map[string]trino.Expr{"TO": to}})
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(p.Scans[0].Where); got != "{day <= "+want+" 00:00:00 +0000 UTC}" {
			t.Errorf("TO %s prunes by %s", value, got)
		}
	}
}
