package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
)

// fromLake asks the program for a mart's facts, as a user would.
func fromLake(ctx context.Context, project, mulgil, table string) (mart, error) {
	sql := `SELECT affiliate, purchase_year, purchase_month, count(*),
		coalesce(sum(total_purchase_amount), 0), sum(count_of_purchase)
		FROM ` + table + ` GROUP BY affiliate, purchase_year, purchase_month`
	cmd := exec.CommandContext(ctx, mulgil, "query", "--project", project, "--json", "--limit", "0", sql)
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", table, err)
	}
	var answer struct{ Rows [][6]json.RawMessage }
	if err := json.Unmarshal(text, &answer); err != nil {
		return nil, fmt.Errorf("read the answer of %s: %w", table, err)
	}
	m := mart{}
	for _, row := range answer.Rows {
		var p part
		var f facts
		for i, to := range []any{&p.affiliate, &p.year, &p.month, &f.Rows, &f.Amount, &f.Count} {
			if err := json.Unmarshal(row[i], to); err != nil {
				return nil, fmt.Errorf("read the answer of %s: column %d: %w", table, i+1, err)
			}
		}
		m[p] = f
	}
	return m, nil
}
