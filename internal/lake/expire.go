package lake

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/apache/iceberg-go/table"

	"github.com/mulgil/mulgil/internal/base"
)

// ExpireOptions say which snapshots may go.
type ExpireOptions struct {
	// OlderThan is the age from which a snapshot may go.
	OlderThan time.Duration
	// Keep is how many of the newest stay whatever their age; at least 1.
	Keep int
}

// Cleaned counts what clean-up removed.
type Cleaned struct {
	Snapshots int   `json:"snapshots,omitempty"`
	Files     int   `json:"files"`
	Bytes     int64 `json:"bytes"`
}

// Expire forgets old snapshots of a table and deletes the files only they
// needed. Snapshots that a branch or tag names or a reader holds stay.
func (l *Lake) Expire(ctx context.Context, name Name, o ExpireOptions) (Cleaned, error) {
	n, _, err := l.find(ctx, name)
	if err != nil {
		return Cleaned{}, err
	}
	defer l.lock([]Name{n})()
	if err := l.dropIdleLeases(ctx); err != nil {
		return Cleaned{}, err
	}
	for try := 1; ; try++ {
		c, err := l.expire(ctx, n, o)
		if err == nil || !errors.Is(err, table.ErrCommitFailed) || try == commitTries {
			return c, err
		}
	}
}

func (l *Lake) expire(ctx context.Context, n Name, o ExpireOptions) (Cleaned, error) {
	_, t, err := l.find(ctx, n)
	if err != nil {
		return Cleaned{}, err
	}
	var leased map[int64]bool
	err = l.store.Update(ctx, func(tx *sql.Tx) (err error) {
		leased, err = l.leased(ctx, tx, n)
		return err
	})
	if err != nil {
		return Cleaned{}, err
	}
	kept, gone := l.divide(t, o, leased)
	if len(gone) == 0 {
		return Cleaned{}, nil
	}
	if t.Properties()["gc.enabled"] == "false" {
		return Cleaned{}, base.Errorf(base.Conflict, "table %s forbids clean-up (gc.enabled=false)", n)
	}
	keep, err := reachOf(ctx, t, kept)
	if err != nil {
		return Cleaned{}, err
	}
	drop, err := reachOf(ctx, t, gone)
	if err != nil {
		return Cleaned{}, err
	}
	if err := l.forgetSnapshots(ctx, n, t, gone); err != nil {
		return Cleaned{}, err
	}
	var files []string
	for f := range drop.files {
		if !keep.files[f] {
			files = append(files, f)
		}
	}
	c, err := l.remove(plainPath(t.Location()), files)
	c.Snapshots = len(gone)
	return c, err
}

// divide splits a table's snapshots into those that stay and those that go.
func (l *Lake) divide(t *table.Table, o ExpireOptions, leased map[int64]bool) (kept, gone []table.Snapshot) {
	stay := map[int64]bool{}
	for _, ref := range t.Metadata().Refs() {
		stay[ref.SnapshotID] = true
	}
	s := t.CurrentSnapshot()
	for i := 0; s != nil && i < max(o.Keep, 1); i++ {
		stay[s.SnapshotID] = true
		if s.ParentSnapshotID == nil {
			break
		}
		s = t.SnapshotByID(*s.ParentSnapshotID)
	}
	cut := l.clock.Now().Add(-o.OlderThan).UnixMilli()
	for _, s := range t.Metadata().Snapshots() {
		if stay[s.SnapshotID] || leased[s.SnapshotID] || s.TimestampMs > cut {
			kept = append(kept, s)
		} else {
			gone = append(gone, s)
		}
	}
	return kept, gone
}

func (l *Lake) forgetSnapshots(ctx context.Context, n Name, t *table.Table, gone []table.Snapshot) error {
	ids := make([]int64, len(gone))
	for i, s := range gone {
		ids[i] = s.SnapshotID
	}
	commit := table.TableCommit{Identifier: n.ident(), Requirements: requireUnchanged(t), Updates: []table.Update{table.NewRemoveSnapshotsUpdate(ids, false)}}
	return l.cat.CommitWith(ctx, []table.TableCommit{commit}, func(tx *sql.Tx) error {
		now, err := l.leased(ctx, tx, n)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if now[id] {
				return fmt.Errorf("%w: snapshot %d of %s is being read", table.ErrCommitFailed, id, n)
			}
		}
		return nil
	})
}

// remove deletes files, those outside dir excepted.
func (l *Lake) remove(dir string, files []string) (Cleaned, error) {
	var c Cleaned
	mine := realWithin(dir)
	for _, f := range files {
		if st, err := os.Stat(f); err == nil && mine(f) {
			c.Files++
			c.Bytes += st.Size()
			if l.observe != nil {
				l.observe("remove", f)
			}
		}
	}
	return c, removeFiles(dir, files)
}

// OrphanAge is how old a file nobody knows must be before Orphans takes it.
const OrphanAge = 72 * time.Hour

// Orphans deletes files in a table's folders that no snapshot needs, no
// unfinished write has announced and that were last written longer ago than
// olderThan (0 means OrphanAge). Such files are left by crashed writers of
// other programs.
func (l *Lake) Orphans(ctx context.Context, name Name, olderThan time.Duration) (Cleaned, error) {
	n, t, err := l.find(ctx, name)
	if err != nil {
		return Cleaned{}, err
	}
	defer l.lock([]Name{n})()
	files, err := l.orphans(ctx, n, olderThan)
	if err != nil {
		return Cleaned{}, err
	}
	return l.remove(plainPath(t.Location()), files)
}

// FindOrphans lists what Orphans would delete.
func (l *Lake) FindOrphans(ctx context.Context, name Name, olderThan time.Duration) ([]FileInfo, error) {
	n, _, err := l.find(ctx, name)
	if err != nil {
		return nil, err
	}
	files, err := l.orphans(ctx, n, olderThan)
	var out []FileInfo
	for _, f := range files {
		if st, err := os.Stat(f); err == nil {
			out = append(out, FileInfo{Path: f, Bytes: st.Size()})
		}
	}
	return out, err
}

func (l *Lake) orphans(ctx context.Context, n Name, olderThan time.Duration) ([]string, error) {
	if olderThan <= 0 {
		olderThan = OrphanAge
	}
	// Files are listed before live ones are known: what is committed in between
	// is live, what is begun in between is young or announced.
	_, t, err := l.find(ctx, n)
	if err != nil {
		return nil, err
	}
	dir := plainPath(t.Location())
	var found []string
	for _, sub := range []string{"data", "metadata"} {
		more, err := oldFiles(filepath.Join(dir, sub), l.clock.Now().Add(-olderThan))
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	announced, err := l.intents(ctx, `database = ? AND name = ?`, n.Database, n.Table)
	if err != nil {
		return nil, err
	}
	if _, t, err = l.find(ctx, n); err != nil {
		return nil, err
	}
	needed, err := live(ctx, t)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, f := range found {
		if !needed[f] && !isAnnounced(f, announced) {
			files = append(files, f)
		}
	}
	return files, nil
}

func isAnnounced(file string, list []intent) bool {
	for _, i := range list {
		if strings.HasPrefix(filepath.Base(file), i.prefix) {
			return true
		}
	}
	return false
}

func oldFiles(dir string, before time.Time) ([]string, error) {
	var out []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.Type().IsRegular() {
			return nil
		}
		st, err := d.Info()
		if err == nil && st.ModTime().Before(before) {
			out = append(out, path)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	return out, err
}
