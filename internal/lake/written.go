package lake

import (
	"context"
	"path/filepath"
)

// Dirs are the folders the write's data files go to, one for each target.
func (w *Write) Dirs() []string {
	out := make([]string, len(w.targets))
	for i, t := range w.targets {
		out[i] = filepath.Join(t.dir, "data")
	}
	return out
}

// Written returns the results of a committed write, nil if there is none of
// this id.
func (l *Lake) Written(ctx context.Context, writeID string) ([]Committed, error) {
	return l.recorded(ctx, &Write{lake: l, id: writeID})
}

// DescribeTarget gives target i's table a comment, unless the target has one
// already. Call it before Commit.
func (w *Write) DescribeTarget(i int, comment string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.targets[i].Comment == "" {
		w.targets[i].Comment = comment
	}
}
