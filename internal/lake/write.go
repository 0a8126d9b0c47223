package lake

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/apache/iceberg-go/table"

	"github.com/mulgil/mulgil/internal/base"
)

// Mode says what happens to the rows a table has.
type Mode string

const (
	// Append keeps them.
	Append Mode = "append"
	// Overwrite removes them all.
	Overwrite Mode = "overwrite"
	// OverwritePartitions removes those in partitions the new rows fall into.
	OverwritePartitions Mode = "overwrite_partitions"
	// Merge removes the files the writer says it replaced.
	Merge Mode = "merge"
)

// Target is one table of a Write.
type Target struct {
	Table Name
	Mode  Mode
	// PartitionBy names columns and transforms of them (base.ParsePartitionBy)
	// whose values become folders. For a table that exists it must be empty or
	// say what the table has.
	PartitionBy []string
	// Key is the merge key; the lake only checks that its columns exist.
	Key []string
	// Location is a folder's URI; empty means <root>/<database>/<table>.
	Location string
	// Comment and Properties are set with the commit; an empty comment keeps
	// the table's.
	Comment    string
	Properties map[string]string
	// Create means a new table: one that exists is base.Exists. Keep means one
	// that is there: a missing one is base.NotFound.
	Create, Keep bool
	// Moment, for Merge, is the view that the rows are computed on; nil is the
	// one Prepare takes. It must stay until the write is over.
	Moment *View
}

// Plan tells a writer how to write one target.
type Plan struct {
	// Fields is the table's schema once the write is committed, with field ids
	// at every level, in table order. Every file holds these columns under
	// these ids; an optional one may be left out.
	Fields      []base.Field
	PartitionBy []base.PartitionField
	// Dir is the folder for data files: Dir/<column>=<value>/.../<file>.
	Dir string
	// FilePrefix starts the name of every file of this write and of no other.
	FilePrefix string
	// Existing are the table's current files, for Merge without a Moment only; nil
	// for a new table.
	Existing *Scan
}

// Output is what a writer made for one target.
type Output struct {
	// Files are the absolute paths of all Parquet files, closed by their writer;
	// Commit syncs them to disk. A file holds one partition only. Files without
	// rows are dropped.
	Files []string
	// Replaced are the data files that Merge's new files stand for.
	Replaced []string
}

// Committed is the result for one target.
type Committed struct {
	Table        Name  `json:"table"`
	SnapshotID   int64 `json:"snapshot_id"`
	Rows         int64 `json:"rows"`
	AddedFiles   int64 `json:"added_files"`
	RemovedFiles int64 `json:"removed_files"`
	AddedBytes   int64 `json:"added_bytes"`
	// Partitions counts the partitions the new rows lie in; 1 for a table without.
	Partitions int `json:"partitions"`
}

// Write is one write to one or more tables, from Begin to Commit or Abort.
// Methods for different targets may run at the same time.
type Write struct {
	lake    *Lake
	id      string
	prefix  string
	targets []*target
	done    []Committed

	mu    sync.Mutex // guards ended and the targets' plans
	ended bool
}

type target struct {
	Target
	dir  string // the table's location
	plan *Plan
	view *View // Merge: holds the files it starts from
	from int64 // Merge: the snapshot it starts from
}

// Begin starts a write. Before it returns, the intent to write is durable, so
// that a crash leaves nothing behind that is not known. writeID names the write
// for good: if it is committed already, Done tells the result and nothing else
// needs to be called.
func (l *Lake) Begin(ctx context.Context, writeID string, targets []Target) (*Write, error) {
	if writeID == "" || len(targets) == 0 {
		return nil, base.Errorf(base.Usage, "a write needs an id and a table")
	}
	w := &Write{lake: l, id: writeID, prefix: newPrefix()}
	ptrs, err := l.cat.Pointers(ctx, nil)
	if err != nil {
		return nil, err
	}
	for _, t := range targets {
		n, err := w.target(ctx, t, ptrs)
		if err != nil {
			return nil, base.Errorf(base.KindOf(err), "write to %s: %w", t.Table, err).WithCode(base.CodeOf(err))
		}
		if slices.ContainsFunc(w.targets, func(o *target) bool { return strings.EqualFold(o.Table.String(), n.Table.String()) }) {
			return nil, base.Errorf(base.Invalid, "table %s is written twice by one job", n.Table)
		}
		w.targets = append(w.targets, n)
	}
	if w.done, err = l.recorded(ctx, w); err != nil || w.done != nil {
		w.ended = true
		return w, err
	}
	if err := l.checkApart(ptrs, w.targets); err != nil {
		return nil, err
	}
	var list []intent
	for i, t := range w.targets {
		if _, exists := ptrs[t.Table.key()]; !exists {
			if err := l.checkVacant(ctx, t.dir); err != nil {
				return nil, err
			}
		}
		list = append(list, intent{prefix: w.prefix, part: i, writeID: writeID, name: t.Table, dir: filepath.Join(t.dir, "data")})
	}
	if err := l.recordIntents(ctx, list); err != nil {
		return nil, err
	}
	return w, nil
}

func (w *Write) target(ctx context.Context, t Target, ptrs map[[2]string]string) (*target, error) {
	switch t.Mode {
	case Append, Overwrite, OverwritePartitions, Merge:
	default:
		return nil, base.Errorf(base.Invalid, "unknown mode %q", t.Mode).WithHint("modes are append, overwrite, overwrite_partitions, merge")
	}
	if err := t.Table.check(); err != nil {
		return nil, err
	}
	l := w.lake
	out := &target{Target: t, dir: filepath.Join(l.root, t.Table.Database, t.Table.Table)}
	if t.Location != "" {
		dir, err := l.resolve(t.Location)
		if err != nil {
			return nil, fmt.Errorf("location %s: %w", t.Location, err)
		}
		out.dir = filepath.Clean(dir)
	}
	if err := checkLocation(out.dir); err != nil {
		return nil, err
	}
	n, err := lookup(ptrs, t.Table)
	if err != nil {
		if t.Keep {
			return nil, err
		}
		return out, nil // a new table
	}
	if t.Create {
		return nil, tableExists(n)
	}
	out.Table = n
	cur, err := l.loadAt(ctx, n, ptrs[n.key()])
	if err != nil {
		return nil, err
	}
	dir := plainPath(cur.Location())
	if t.Location != "" && out.dir != dir {
		return nil, base.Errorf(base.Invalid, "the table lies at %s, not at %s", dir, out.dir).WithHint("remove the location, or drop the table first")
	}
	out.dir = dir
	return out, checkPartitions(cur, t.PartitionBy)
}

func tableExists(n Name) error {
	return base.Errorf(base.Exists, "table %s already exists", n).WithCode(CodeExists)
}

func checkPartitions(cur *table.Table, text []string) error {
	have := partitionedBy(cur.Spec(), cur.Schema())
	fields, err := FieldsOf(cur.Schema())
	if err != nil {
		return err
	}
	if _, err := specOf(fields, have); err != nil {
		return base.Errorf(base.Invalid, "only the program that made the table can write it: %w", err)
	}
	want, err := base.ParsePartitionBy(text, fields)
	if err != nil {
		return err
	}
	same := func(a, b base.PartitionField) bool { return strings.EqualFold(a.String(), b.String()) }
	if len(want) > 0 && !slices.EqualFunc(want, have, same) {
		return base.Errorf(base.Invalid, "the table is partitioned by (%s), not by (%s)", strings.Join(partitionNames(cur.Spec(), cur.Schema()), ", "), strings.Join(text, ", ")).
			WithHint("partitioning is fixed when a table is created; drop it to change it")
	}
	return nil
}

// checkApart refuses tables that would share or nest their folders.
func (l *Lake) checkApart(ptrs map[[2]string]string, targets []*target) error {
	taken := l.folders(ptrs)
	for _, t := range targets {
		for dir, n := range taken {
			if n != t.Table && (within(dir, t.dir) || within(t.dir, dir)) {
				return base.Errorf(base.Invalid, "table %s at %s and table %s at %s would share files", t.Table, t.dir, n, dir).
					WithHint("give it a location of its own")
			}
		}
		taken[t.dir] = t.Table
	}
	return nil
}

// spelled is a metadata file's real path.
func (l *Lake) spelled(n Name, loc string) string {
	l.mu.Lock()
	t := l.loaded[n]
	l.mu.Unlock()
	if t != nil && t.MetadataLocation() == loc {
		return newFS(t.Location(), nil).path(loc)
	}
	return plainPath(loc)
}

// Done returns the results of a write that was committed before Begin; nil if
// it was not.
func (w *Write) Done() []Committed { return w.done }

// Abort removes the files of this write and forgets it. After a Commit that
// succeeded it does nothing. Safe to call twice.
func (w *Write) Abort(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended {
		return nil
	}
	if err := w.lake.giveUp(ctx, w.prefix); err != nil {
		return fmt.Errorf("abort write %s: %w", w.id, err)
	}
	w.end()
	return nil
}

// end marks the write as over; w.mu is held.
func (w *Write) end() {
	w.ended = true
	for _, t := range w.targets {
		if t.view != nil {
			t.view.Release()
		}
	}
}

func properties(t *target, writeID string) map[string]string {
	p := map[string]string{}
	maps.Copy(p, t.Properties)
	p[propWriteID] = writeID
	if t.Comment != "" {
		p[propComment] = t.Comment
	}
	return p
}
