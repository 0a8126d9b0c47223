package lake

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/apache/iceberg-go/table"

	"github.com/mulgil/mulgil/internal/base"
)

// recorded looks the write up among the committed ones: in the lake's own
// record, or for a catalog rebuilt from its files in the tables themselves.
func (l *Lake) recorded(ctx context.Context, w *Write) ([]Committed, error) {
	rows, err := l.store.Reader().QueryContext(ctx, `SELECT result FROM mulgil_write WHERE write_id = ? ORDER BY part`, w.id)
	if err != nil {
		return nil, fmt.Errorf("look up write %s: %w", w.id, err)
	}
	defer rows.Close()
	var out []Committed
	for rows.Next() {
		var text string
		var c Committed
		if err := rows.Scan(&text); err != nil {
			return nil, fmt.Errorf("look up write %s: %w", w.id, err)
		}
		if err := json.Unmarshal([]byte(text), &c); err != nil {
			return nil, fmt.Errorf("read result of write %s: %w", w.id, err)
		}
		out = append(out, c)
	}
	if err := rows.Err(); err != nil || out != nil {
		return out, err
	}
	return l.recordedInTables(ctx, w)
}

func (l *Lake) recordedInTables(ctx context.Context, w *Write) ([]Committed, error) {
	var out []Committed
	for _, t := range w.targets {
		_, cur, err := l.find(ctx, t.Table)
		if base.KindOf(err) == base.NotFound {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		if cur.Properties()[propWriteID] != w.id {
			return nil, nil
		}
		out = append(out, fromSummary(t.Table, cur, w.id))
	}
	return out, nil
}

func fromSummary(n Name, t *table.Table, id string) Committed {
	c := Committed{Table: n, SnapshotID: snapshotID(t)}
	for _, s := range t.Metadata().Snapshots() {
		if s.Summary != nil && s.Summary.Properties[propWriteID] == id {
			c = Committed{Table: n, SnapshotID: s.SnapshotID, Rows: total(&s, "added-records"), AddedFiles: total(&s, "added-data-files"),
				RemovedFiles: total(&s, "deleted-data-files"), AddedBytes: total(&s, "added-files-size"), Partitions: int(total(&s, "changed-partition-count"))}
		}
	}
	return c
}
