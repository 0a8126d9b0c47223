package lake

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"

	"github.com/mulgil/mulgil/internal/base"
)

// Rewriter copies rows into new files.
type Rewriter interface {
	// Rewrite writes all rows of the task's files, each once, into files of
	// about TargetBytes under Dir, named as Plan asks, and returns
	// their absolute paths.
	Rewrite(ctx context.Context, task RewriteTask) ([]string, error)
}

// RewriteTask is one partition's small files.
type RewriteTask struct {
	Fields      []base.Field
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
}

// Optimize has the small files of each partition rewritten into few large
// ones. The rows stay the same; files that have row deletes are left alone.
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
	groups, err := smallFiles(ctx, t, o)
	if err != nil || len(groups) == 0 {
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

// smallFiles groups a table's small files by partition, in a fixed order.
func smallFiles(ctx context.Context, t *table.Table, o OptimizeOptions) ([][]table.FileScanTask, error) {
	tasks, err := plan(ctx, t, t.CurrentSnapshot())
	if err != nil {
		return nil, err
	}
	deleted, err := withDeletes(ctx, t, t.CurrentSnapshot(), tasks)
	if err != nil {
		return nil, err
	}
	by := map[string][]table.FileScanTask{}
	for _, task := range tasks {
		f := task.File
		if int(f.SpecID()) != t.Metadata().DefaultPartitionSpec() || f.FileSizeBytes() >= o.TargetBytes/4*3 || deleted[f.FilePath()] ||
			o.Only != nil && !o.Only[plainPath(f.FilePath())] {
			continue
		}
		key := tuple(t.Spec(), f)
		by[key] = append(by[key], task)
	}
	var keys []string
	for k, g := range by {
		if len(g) >= o.MinFiles {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	var out [][]table.FileScanTask
	for _, k := range keys {
		out = append(out, by[k])
	}
	return out, nil
}

func (l *Lake) rewrite(ctx context.Context, t *table.Table, i intent, groups [][]table.FileScanTask, o OptimizeOptions, rw Rewriter) (Optimized, error) {
	fields, err := FieldsOf(t.Schema())
	if err != nil {
		return Optimized{}, err
	}
	var olds, news []iceberg.DataFile
	for _, g := range groups {
		task := RewriteTask{Fields: fields, PartitionBy: partitionedBy(t.Spec(), t.Schema()), Dir: i.dir, FilePrefix: i.prefix, TargetBytes: o.TargetBytes}
		for _, x := range g {
			f, err := scanFile(x, nil)
			if err != nil {
				return Optimized{}, err
			}
			task.Files = append(task.Files, f)
			olds = append(olds, x.File)
		}
		made, err := l.rewriteGroup(ctx, t, fields, task, tuple(t.Spec(), g[0].File), rw)
		if err != nil {
			return Optimized{}, err
		}
		news = append(news, made...)
	}
	if err := l.replaceFiles(ctx, i, olds, news); err != nil {
		return Optimized{}, err
	}
	return Optimized{Partitions: len(groups), RemovedFiles: len(olds), AddedFiles: len(news)}, nil
}

// rewriteGroup has one partition rewritten and checks that no row was lost.
func (l *Lake) rewriteGroup(ctx context.Context, t *table.Table, fields []base.Field, task RewriteTask, key string, rw Rewriter) ([]iceberg.DataFile, error) {
	files, err := rw.Rewrite(ctx, task)
	if err != nil {
		return nil, err
	}
	if err := newFS(t.Location(), l.observe).syncTree(plainPath(t.Location()), files); err != nil {
		return nil, err
	}
	made, _, err := describe(ctx, fields, t.Spec(), t.Properties(), files)
	if err != nil {
		return nil, err
	}
	var before, after int64
	for _, f := range task.Files {
		before += f.Rows
	}
	for _, f := range made {
		after += f.Count()
		if tuple(t.Spec(), f) != key || !within(task.Dir, f.FilePath()) || !strings.HasPrefix(filepath.Base(f.FilePath()), task.FilePrefix) {
			return nil, base.Errorf(base.Internal, "rewritten file %s is not where it belongs", f.FilePath())
		}
	}
	if before != after {
		return nil, base.Errorf(base.Internal, "rewriting %d files turned %d rows into %d", len(task.Files), before, after)
	}
	return made, nil
}

// replaceFiles commits a rewrite; a file that is no longer in the table makes
// it fail with base.Conflict.
func (l *Lake) replaceFiles(ctx context.Context, i intent, olds, news []iceberg.DataFile) error {
	defer l.lock([]Name{i.name})()
	for try := 1; ; try++ {
		_, cur, err := l.find(ctx, i.name)
		if err != nil {
			return err
		}
		if err := stillLive(ctx, cur, olds); err != nil {
			return err
		}
		p := &part{fs: newFS(cur.Location(), l.observe)}
		tx := onto(i.name, cur.Metadata(), p.fs).NewTransaction()
		if err = tx.NewRewrite(nil).Apply(olds, news, nil).Commit(ctx); err == nil {
			err = p.finish(tx, cur, i.name, nil, requireUnchanged(cur))
		}
		if err == nil {
			err = l.cat.CommitWith(ctx, []table.TableCommit{p.commit}, func(tx *sql.Tx) error { return dropIntents(ctx, tx, i.prefix) })
		}
		if err == nil {
			return nil
		}
		if left, ierr := l.intents(context.WithoutCancel(ctx), `prefix = ?`, i.prefix); ierr != nil || len(left) == 0 {
			return ierr // committed although an error was reported, or not to be known: the files stay
		}
		err = errors.Join(err, p.fs.forget())
		if !errors.Is(err, table.ErrCommitFailed) || try == commitTries {
			return err
		}
	}
}

func stillLive(ctx context.Context, cur *table.Table, olds []iceberg.DataFile) error {
	tasks, err := plan(ctx, cur, cur.CurrentSnapshot())
	if err != nil {
		return err
	}
	deleted, err := withDeletes(ctx, cur, cur.CurrentSnapshot(), tasks)
	if err != nil {
		return err
	}
	clean := map[string]bool{}
	for _, t := range tasks {
		clean[t.File.FilePath()] = !deleted[t.File.FilePath()]
	}
	for _, f := range olds {
		if !clean[f.FilePath()] {
			return base.Errorf(base.Conflict, "file %s was replaced meanwhile", f.FilePath())
		}
	}
	return nil
}
