package query

import (
	"context"
	"fmt"
	"strings"

	"github.com/mulgil/mulgil/internal/lang/trino"
)

// explain answers EXPLAIN. TYPE VALIDATE binds only; the others show what is
// read and the SQL that the engine runs.
func (a *athena) explain(ctx context.Context, st *trino.Explain) (*Outcome, error) {
	q, ok := st.Of.(*trino.QueryStatement)
	if !ok {
		return nil, a.at(st.Of, "NOT_SUPPORTED", "EXPLAIN is only for queries here")
	}
	p, b, err := a.bind(ctx, q.Query)
	if err != nil {
		return nil, err
	}
	defer b.Release()
	if st.Type == "validate" {
		return a.table([][]any{{true}}, Column{"Valid", "boolean"})
	}
	var out strings.Builder
	for _, c := range p.Columns {
		fmt.Fprintf(&out, "Output: %s %s\n", c.Name, c.Type)
	}
	for _, sc := range p.Scans {
		fmt.Fprintf(&out, "Scan %s: %s", sc.Name, strings.Join(sc.Relation.Parts, "."))
		if sc.Where != nil {
			fmt.Fprintf(&out, " where %v", sc.Where)
		}
		out.WriteString("\n")
	}
	fmt.Fprintf(&out, "Read: %d of %d files, %d bytes\n", b.ScanFiles, b.TotalFiles, b.ScanBytes)
	if st.Analyze {
		rows, err := a.measure(ctx, q)
		if err != nil {
			return nil, err
		}
		out.WriteString(rows)
	}
	fmt.Fprintf(&out, "Engine: %s", p.SQL)
	if o := p.Alternative; o != nil {
		fmt.Fprintf(&out, "\nOr, if %s: %s", strings.Join(o.If, " AND "), o.SQL)
	}
	var rows [][]any
	for _, line := range strings.Split(out.String(), "\n") {
		rows = append(rows, []any{line})
	}
	return a.table(rows, Column{"Query Plan", "varchar"})
}

// measure runs the query for EXPLAIN ANALYZE and tells what it took.
func (a *athena) measure(ctx context.Context, q *trino.QueryStatement) (string, error) {
	p, b, err := a.bind(ctx, q.Query)
	if err != nil {
		return "", err
	}
	defer b.Release()
	whole := *a
	whole.req.MaxRows = 0
	x := whole.execution(p, b)
	x.Volatile = true // to be measured, not answered from a kept result
	c, w := &counter{}, *a.w
	w.recv = c
	if _, err := a.s.execute(ctx, &w, x); err != nil {
		return "", err
	}
	return fmt.Sprintf("Rows: %v, CPU: %.3f s, peak memory: %d bytes\n", c.rows, w.stats.CPUSeconds, w.stats.PeakMemory), nil
}

// counter is a Receiver that only counts.
type counter struct{ rows int }

func (c *counter) Queued(string)          {}
func (c *counter) Running()               {}
func (c *counter) Columns([]Column) error { return nil }

func (c *counter) Rows(_ []byte, n int) error {
	c.rows += n
	return nil
}
