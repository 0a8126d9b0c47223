package lake

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"

	"github.com/mulgil/mulgil/internal/base"
)

// Rewriter copies rows into new files.
type Rewriter interface {
	// Rewrite writes all rows of the task's files that still exist, each once,
	// into files of about TargetBytes under Dir, named as Plan asks, and returns
	// their absolute paths: none if no row is left.
	Rewrite(ctx context.Context, task RewriteTask) ([]string, error)
}

// RewriteTask is one partition's files that are worth rewriting. Hidden are
// columns that their deletes compare, as in Scan.
type RewriteTask struct {
	Fields      []base.Field
	Hidden      []base.Field
	PartitionBy []base.PartitionField
	Files       []ScanFile
	Dir         string
	FilePrefix  string
	TargetBytes int64
}

// OptimizeOptions say what is worth rewriting. Zero values mean 128 MiB and 5.
type OptimizeOptions struct {
	// TargetBytes is the wanted file size; files under three quarters of it
	// are small.
	TargetBytes int64
	// MinFiles is how many small files a partition must have to be rewritten.
	MinFiles int
	// Only, if not nil, are the files that may be rewritten, by path.
	Only map[string]bool
}

// Optimized counts what Optimize did.
type Optimized struct {
	Partitions   int `json:"partitions"`
	RemovedFiles int `json:"removed_files"`
	AddedFiles   int `json:"added_files"`
	// RemovedDeletes are files of row deletes that no data file needs any more.
	RemovedDeletes int `json:"removed_deletes"`
}

// Optimize has the small files of each partition rewritten into few large
// ones, and with them those of any size that have row deletes. The rows stay
// the same. Delete files that then apply to nothing leave the table; Expire
// removes them from disk with the last snapshot that needs them. Files of an
// earlier partitioning are rewritten only if they have row deletes.
func (l *Lake) Optimize(ctx context.Context, name Name, o OptimizeOptions, rw Rewriter) (Optimized, error) {
	if o.TargetBytes <= 0 {
		o.TargetBytes = 128 << 20
	}
	if o.MinFiles <= 0 {
		o.MinFiles = 5
	}
	v, err := l.Pin(ctx, []Name{name})
	if err != nil {
		return Optimized{}, err
	}
	defer v.Release()
	n, t, err := v.table(name)
	if err != nil {
		return Optimized{}, err
	}
	groups, idle, err := worthRewriting(ctx, t, o)
	if err != nil || len(groups)+idle == 0 {
		return Optimized{}, err
	}
	i := intent{prefix: newPrefix(), writeID: "optimize", name: n, dir: filepath.Join(plainPath(t.Location()), "data")}
	if err := l.recordIntents(ctx, []intent{i}); err != nil {
		return Optimized{}, err
	}
	done, err := l.rewrite(ctx, t, i, groups, o, rw)
	if err != nil {
		return Optimized{}, errors.Join(fmt.Errorf("optimize %s: %w", n, err), l.giveUp(ctx, i.prefix))
	}
	return done, nil
}

// giveUp removes the files of a write that was not committed. If its intents
// are gone it was committed after all, and nothing is touched.
func (l *Lake) giveUp(ctx context.Context, prefix string) error {
	ctx = context.WithoutCancel(ctx)
	list, err := l.intents(ctx, `prefix = ?`, prefix)
	if err != nil {
		return err
	}
	var errs []error
	for _, i := range list {
		_, err := removePrefixed(i.dir, i.prefix)
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return l.store.Update(ctx, func(tx *sql.Tx) error { return dropIntents(ctx, tx, prefix) })
}

// oldFile is a file to be rewritten.
type oldFile struct {
	file iceberg.DataFile
	scan ScanFile
}

// worthRewriting groups by partition, in a fixed order, the small files of
// partitions that have many of them, and those with row deletes. idle counts
// the delete files that apply to nothing as it is.
func worthRewriting(ctx context.Context, t *table.Table, o OptimizeOptions) (groups [][]oldFile, idle int, err error) {
	tasks, err := plan(ctx, t, t.CurrentSnapshot())
	if err != nil {
		return nil, 0, err
	}
	deletes, err := indexDeletes(ctx, t, t.CurrentSnapshot())
	if err != nil {
		return nil, 0, err
	}
	by, dirty, specs := map[string][]oldFile{}, map[string]bool{}, specsOf(t)
	for _, task := range tasks {
		f, err := scanFile(task, deletes)
		if err != nil {
			return nil, 0, err
		}
		small := f.Bytes < o.TargetBytes/4*3 && int(task.File.SpecID()) == t.Metadata().DefaultPartitionSpec()
		if !small && !f.Deleted() || o.Only != nil && !o.Only[f.Path] {
			continue
		}
		key := tuple(specs[int(task.File.SpecID())], task.File)
		by[key] = append(by[key], oldFile{task.File, f})
		dirty[key] = dirty[key] || f.Deleted()
	}
	for _, k := range slices.Sorted(maps.Keys(by)) {
		if len(by[k]) >= o.MinFiles || dirty[k] {
			groups = append(groups, by[k])
		}
	}
	return groups, len(deletes.idle(tasks, nil)), nil
}

func (l *Lake) rewrite(ctx context.Context, t *table.Table, i intent, groups [][]oldFile, o OptimizeOptions, rw Rewriter) (Optimized, error) {
	fields, err := FieldsOf(t.Schema())
	if err != nil {
		return Optimized{}, err
	}
	deletes, err := indexDeletes(ctx, t, t.CurrentSnapshot())
	if err != nil {
		return Optimized{}, err
	}
	var olds []oldFile
	var news []iceberg.DataFile
	for _, g := range groups {
		task := RewriteTask{Fields: fields, PartitionBy: partitionedBy(t.Spec(), t.Schema()), Dir: i.dir, FilePrefix: i.prefix, TargetBytes: o.TargetBytes}
		for _, x := range g {
			task.Files = append(task.Files, x.scan)
		}
		if task.Hidden, err = keyFields(t, fields, task.Files); err != nil {
			return Optimized{}, err
		}
		key := ""
		if int(g[0].file.SpecID()) == t.Metadata().DefaultPartitionSpec() {
			key = tuple(t.Spec(), g[0].file)
		}
		made, err := l.rewriteGroup(ctx, t, task, key, deletes.fewest(task.Files), rw)
		if err != nil {
			return Optimized{}, err
		}
		olds, news = append(olds, g...), append(news, made...)
	}
	removed, err := l.replaceFiles(ctx, i, olds, news)
	if err != nil {
		return Optimized{}, err
	}
	return Optimized{Partitions: len(groups), RemovedFiles: len(olds), AddedFiles: len(news), RemovedDeletes: removed}, nil
}

// rewriteGroup has one partition rewritten and checks that no row was lost: at
// least fewest exist. The new files lie in the partition key, if it is not empty.
func (l *Lake) rewriteGroup(ctx context.Context, t *table.Table, task RewriteTask, key string, fewest int64, rw Rewriter) ([]iceberg.DataFile, error) {
	files, err := rw.Rewrite(ctx, task)
	if err != nil {
		return nil, err
	}
	if err := newFS(t.Location(), l.observe).syncTree(plainPath(t.Location()), files); err != nil {
		return nil, err
	}
	made, _, err := describe(ctx, task.Fields, t.Spec(), t.Properties(), files)
	if err != nil {
		return nil, err
	}
	var before, after int64
	for _, f := range task.Files {
		before += f.Rows
	}
	for _, f := range made {
		after += f.Count()
		if key != "" && tuple(t.Spec(), f) != key || !within(task.Dir, f.FilePath()) || !strings.HasPrefix(filepath.Base(f.FilePath()), task.FilePrefix) {
			return nil, base.Errorf(base.Internal, "rewritten file %s is not where it belongs", f.FilePath())
		}
	}
	if after < fewest || after > before {
		return nil, base.Errorf(base.Internal, "rewriting %d files turned %d rows into %d", len(task.Files), before, after)
	}
	return made, nil
}

// replaceFiles commits a rewrite, and counts the delete files that go with it.
// A file that is no longer in the table, or has other deletes than it had, makes
// it fail with base.Conflict.
func (l *Lake) replaceFiles(ctx context.Context, i intent, olds []oldFile, news []iceberg.DataFile) (removed int, err error) {
	defer l.lock([]Name{i.name})()
	for try := 1; ; try++ {
		_, cur, err := l.find(ctx, i.name)
		if err != nil {
			return 0, err
		}
		files, idle, err := replaceable(ctx, cur, olds)
		if err != nil {
			return 0, err
		}
		p := &part{fs: newFS(cur.Location(), l.observe)}
		tx := onto(i.name, cur.Metadata(), p.fs).NewTransaction()
		if err = tx.NewRewrite(nil).Apply(files, news, idle).Commit(ctx); err == nil {
			err = p.finish(tx, cur, i.name, nil, requireUnchanged(cur))
		}
		if err == nil {
			err = l.cat.CommitWith(ctx, []table.TableCommit{p.commit}, func(tx *sql.Tx) error { return dropIntents(ctx, tx, i.prefix) })
		}
		if err == nil {
			return len(idle), nil
		}
		if left, ierr := l.intents(context.WithoutCancel(ctx), `prefix = ?`, i.prefix); ierr != nil || len(left) == 0 {
			return len(idle), ierr // committed although an error was reported, or not to be known: the files stay
		}
		err = errors.Join(err, p.fs.forget())
		if !errors.Is(err, table.ErrCommitFailed) || try == commitTries {
			return 0, err
		}
	}
}

// replaceable finds olds in the table as it is now, and the delete files that
// nothing needs once they are gone.
func replaceable(ctx context.Context, cur *table.Table, olds []oldFile) (files, idle []iceberg.DataFile, err error) {
	tasks, err := plan(ctx, cur, cur.CurrentSnapshot())
	if err != nil {
		return nil, nil, err
	}
	deletes, err := indexDeletes(ctx, cur, cur.CurrentSnapshot())
	if err != nil {
		return nil, nil, err
	}
	now := map[string]oldFile{}
	for _, t := range tasks {
		f, err := scanFile(t, deletes)
		if err != nil {
			return nil, nil, err
		}
		now[f.Path] = oldFile{t.File, f}
	}
	gone := map[string]bool{}
	for _, o := range olds {
		f, ok := now[o.scan.Path]
		if !ok || !reflect.DeepEqual(f.scan, o.scan) {
			return nil, nil, base.Errorf(base.Conflict, "file %s was replaced meanwhile, or rows of it were deleted", o.scan.Path)
		}
		files, gone[o.scan.Path] = append(files, f.file), true
	}
	return files, deletes.idle(tasks, gone), nil
}
