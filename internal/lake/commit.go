package lake

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/apache/iceberg-go"
	icebergio "github.com/apache/iceberg-go/io"
	"github.com/apache/iceberg-go/table"
	"github.com/google/uuid"

	"github.com/mulgil/mulgil/internal/base"
)

// commitTries bounds how often a commit is redone because another program
// changed a table; inside this process commits wait for each other instead.
const commitTries = 20

// Commit makes the outputs, one per target, part of their tables: all of them
// in one transaction, or none. New tables come into being with it. props go
// into the snapshots' summaries. If another attempt committed this write id
// meanwhile, its result is returned and this attempt's files are removed. After
// an error the write may be committed again or aborted.
func (w *Write) Commit(ctx context.Context, outs []Output, props map[string]string) ([]Committed, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.done != nil {
		return w.done, nil
	}
	if w.ended {
		return nil, base.Errorf(base.Usage, "write %s is over", w.id)
	}
	if err := w.check(outs); err != nil {
		return nil, err
	}
	l := w.lake
	var names []Name
	for i, t := range w.targets {
		names = append(names, t.Table)
		disk := newFS(t.dir, l.observe)
		if err := disk.syncTree(t.dir, outs[i].Files); err != nil {
			return nil, base.WhatIfFull(err)
		}
		if err := disk.syncAbove(l.root, t.dir); err != nil {
			return nil, err
		}
	}
	if err := l.step("files-synced"); err != nil {
		return nil, err
	}
	defer l.lock(names)()
	for try := 1; ; try++ {
		done, empty, err := w.attempt(ctx, outs, props)
		if err == nil {
			w.done = done
			w.end()
			w.removeEmpty(empty)
			_ = l.step("swapped")
			return done, nil
		}
		if !errors.Is(err, table.ErrCommitFailed) || try == commitTries {
			return nil, base.WhatIfFull(err)
		}
		l.log.Debug("commit again after a conflict", "write_id", w.id, "try", try, "error", err)
	}
}

func (w *Write) check(outs []Output) error {
	if len(outs) != len(w.targets) {
		return base.Errorf(base.Usage, "write %s has %d tables, %d outputs were given", w.id, len(w.targets), len(outs))
	}
	for i, t := range w.targets {
		if t.plan == nil {
			return base.Errorf(base.Usage, "table %s: commit without prepare", t.Table)
		}
		for _, f := range outs[i].Files {
			if !within(t.plan.Dir, f) || filepath.Clean(f) != f || !strings.HasPrefix(filepath.Base(f), w.prefix) {
				return base.Errorf(base.Internal, "file %s is not one of this write of table %s", f, t.Table)
			}
		}
	}
	return nil
}

func (w *Write) removeEmpty(files []string) {
	for _, t := range w.targets {
		if err := removeFiles(t.plan.Dir, files); err != nil {
			w.lake.log.Warn("remove files without rows", "error", err)
		}
	}
}

// attempt tries the whole commit once on the tables as they are now.
func (w *Write) attempt(ctx context.Context, outs []Output, props map[string]string) (done []Committed, empty []string, err error) {
	l := w.lake
	if done, err := l.recorded(ctx, w); err != nil || done != nil {
		return w.superseded(ctx, done, err)
	}
	var parts []*part
	defer func() {
		if err != nil {
			for _, p := range parts {
				err = errors.Join(err, p.fs.forget())
			}
		}
	}()
	var commits []table.TableCommit
	for i, t := range w.targets {
		p, err := w.part(ctx, t, outs[i], props)
		if p != nil {
			parts = append(parts, p)
		}
		if err != nil {
			return nil, nil, base.Errorf(base.KindOf(err), "commit to table %s: %w", t.Table, err)
		}
		commits = append(commits, p.commit)
		done = append(done, p.result)
		empty = append(empty, p.empty...)
	}
	err = l.cat.CommitWith(ctx, commits, func(tx *sql.Tx) error { return w.also(ctx, tx, done) })
	if err == nil {
		return done, empty, nil
	}
	// The outcome may be unknown (a failing disk): the record decides.
	if was, rerr := l.recorded(context.WithoutCancel(ctx), w); rerr != nil {
		parts = nil // keep the files
		return nil, nil, errors.Join(err, rerr)
	} else if was != nil && was[0].SnapshotID == done[0].SnapshotID {
		parts = nil
		return was, empty, nil
	} else if was != nil {
		done, empty, serr := w.superseded(ctx, was, nil)
		for _, p := range parts {
			serr = errors.Join(serr, p.fs.forget())
		}
		parts = nil
		return done, empty, serr
	}
	return nil, nil, err
}

// superseded ends a write whose id was committed by another attempt.
func (w *Write) superseded(ctx context.Context, done []Committed, err error) ([]Committed, []string, error) {
	if err != nil {
		return nil, nil, err
	}
	for _, t := range w.targets {
		if _, err := removePrefixed(t.plan.Dir, w.prefix); err != nil {
			return nil, nil, err
		}
	}
	return done, nil, w.lake.store.Update(ctx, func(tx *sql.Tx) error { return dropIntents(ctx, tx, w.prefix) })
}

// also runs in the transaction that moves the pointers.
func (w *Write) also(ctx context.Context, tx *sql.Tx, done []Committed) error {
	l := w.lake
	if err := l.step("metadata-written"); err != nil {
		return err
	}
	for i, c := range done {
		text, err := json.Marshal(c)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO mulgil_write VALUES (?, ?, ?, ?, ?, ?, ?)`,
			w.id, i, c.Table.Database, c.Table.Table, c.SnapshotID, string(text), l.clock.Now().UnixMilli())
		if err != nil {
			return fmt.Errorf("record write %s: %w", w.id, err)
		}
	}
	ptrs, err := l.cat.Pointers(ctx, tx)
	if err != nil {
		return err
	}
	if err := l.checkApart(ptrs, w.targets); err != nil {
		return err
	}
	for _, t := range w.targets {
		if err := vacantView(ctx, tx, t.Table); err != nil {
			return err
		}
	}
	if err := dropIntents(ctx, tx, w.prefix); err != nil {
		return err
	}
	return l.step("before-swap")
}

// part is one table's share of a commit.
type part struct {
	commit table.TableCommit
	result Committed
	empty  []string
	fs     *localFS // knows the metadata files written
}

func (w *Write) part(ctx context.Context, t *target, out Output, props map[string]string) (*part, error) {
	p := &part{fs: newFS(t.dir, w.lake.observe)}
	cur, prefix, reqs, err := w.base(ctx, t, p.fs)
	if err != nil {
		return p, err
	}
	fields, err := FieldsOf(cur.Schema())
	if err != nil {
		return p, err
	}
	news, empty, err := describe(ctx, fields, cur.Spec(), cur.Properties(), out.Files)
	if err != nil {
		return p, err
	}
	p.empty = empty
	olds, deletes, err := w.replaced(ctx, t, cur, news, out.Replaced)
	if err != nil {
		return p, err
	}
	tx := cur.NewTransaction()
	summary := iceberg.Properties{}
	maps.Copy(summary, props)
	summary[propWriteID] = w.id
	if len(olds) > 0 {
		err = tx.ReplaceFiles(ctx, olds, news, deletes, summary, table.WithoutAutoNameMapping(), table.WithoutDuplicateCheck())
	} else {
		err = tx.AddDataFiles(ctx, news, summary, table.WithoutAutoNameMapping(), table.WithoutDuplicateCheck())
	}
	if err != nil {
		return p, err
	}
	p.result = result(t.Table, cur.Spec(), news, len(olds))
	return p, p.finish(tx, cur, t.Table, prefix, reqs)
}

// finish makes the commit of a transaction on cur, which is the real table
// with the changes in prefix applied.
func (p *part) finish(tx *table.Transaction, cur *table.Table, n Name, prefix []table.Update, reqs []table.Requirement) error {
	c, err := tx.TableCommit()
	if err != nil {
		return err
	}
	after, err := tx.StagedTable()
	if err != nil {
		return err
	}
	p.result.SnapshotID = snapshotID(after.Table)
	if err := emptyBounds(after.Table, p.fs); err != nil {
		return err
	}
	updates, err := p.fs.spelled(c.Updates)
	if err != nil {
		return err
	}
	p.commit = table.TableCommit{Identifier: n.ident(), Requirements: reqs, Updates: append(prefix, updates...)}
	return nil
}

// base is the table as the write needs it: current, or new, with the plan's
// columns and properties. It also returns the changes that lead there from
// what the catalog has, and what they require of it.
func (w *Write) base(ctx context.Context, t *target, fs *localFS) (*table.Table, []table.Update, []table.Requirement, error) {
	l := w.lake
	have, last, cur, err := l.shape(ctx, t.Table)
	if err != nil {
		return nil, nil, nil, err
	}
	fields, _, err := evolve(have, t.plan.Fields, last)
	if err != nil {
		return nil, nil, nil, err
	}
	if !agree(t.plan.Fields, fields) {
		return nil, nil, nil, base.Errorf(base.Conflict, "its columns were changed by another write").WithHint("run the job again")
	}
	schema, err := SchemaOf(fields)
	if err != nil {
		return nil, nil, nil, err
	}
	var updates []table.Update
	if cur == nil && t.Keep {
		return nil, nil, nil, base.Errorf(base.NotFound, "table %s was dropped meanwhile", t.Table)
	}
	if cur == nil {
		if updates, err = w.creation(t, schema, fields); err != nil {
			return nil, nil, nil, err
		}
		made, err := build(updates)
		if err != nil {
			return nil, nil, nil, err
		}
		return onto(t.Table, made, fs), updates, []table.Requirement{table.AssertCreate()}, nil
	}
	if t.Create {
		return nil, nil, nil, tableExists(t.Table)
	}
	if t.Mode == Merge && snapshotID(cur) != t.from {
		return nil, nil, nil, base.Errorf(base.Conflict, "it was changed by another write while this one merged into it").WithHint("run the job again")
	}
	reqs := requireUnchanged(cur)
	if !sameSchema(have, fields) {
		updates = append(updates, table.NewAddSchemaUpdate(schema), table.NewSetCurrentSchemaUpdate(-1))
	}
	updates = append(updates, table.NewSetPropertiesUpdate(properties(t, w.id)))
	next, err := table.UpdateTableMetadata(cur.Metadata(), updates, cur.MetadataLocation())
	if err != nil {
		return nil, nil, nil, err
	}
	return onto(t.Table, next, fs), updates, reqs, nil
}

// agree tells whether files written by plan fit a table with these columns.
func agree(plan, fields []base.Field) bool {
	for _, f := range plan {
		i := findField(fields, f.Name)
		if i < 0 || fields[i].ID != f.ID || !sameIDs(f.Type, fields[i].Type) {
			return false
		}
	}
	return true
}

func sameIDs(a, b base.Type) bool {
	if a.ID != b.ID || a.Precision != b.Precision || a.Scale != b.Scale {
		return false
	}
	return len(a.Fields) <= len(b.Fields) && agree(a.Fields, b.Fields)
}

// requireUnchanged pins a commit to the version of the table it was made from.
func requireUnchanged(cur *table.Table) []table.Requirement {
	var head *int64
	if s := cur.CurrentSnapshot(); s != nil {
		head = &s.SnapshotID
	}
	return []table.Requirement{table.AssertTableUUID(cur.Metadata().TableUUID()), table.AssertRefSnapshotID(table.MainBranch, head),
		table.AssertCurrentSchemaID(cur.Schema().ID), table.AssertDefaultSpecID(cur.Metadata().DefaultPartitionSpec())}
}

func onto(n Name, m table.Metadata, fs *localFS) *table.Table {
	return table.New(n.ident(), m, "", func(context.Context) (icebergio.IO, error) { return fs, nil }, nil)
}

// creation lists the changes that make a new table.
func (w *Write) creation(t *target, schema *iceberg.Schema, fields []base.Field) ([]table.Update, error) {
	spec, err := newSpec(fields, t.plan.PartitionBy)
	if err != nil {
		return nil, err
	}
	props := iceberg.Properties{
		table.MetadataDeleteAfterCommitEnabledKey: "true",
		table.MetadataPreviousVersionsMaxKey:      "100",
		propTable:                                 t.Table.String(),
		propCreated:                               strconv.FormatInt(w.lake.clock.Now().UnixMilli(), 10),
	}
	maps.Copy(props, properties(t, w.id))
	order := table.UnsortedSortOrder
	return []table.Update{
		table.NewAssignUUIDUpdate(uuid.New()), table.NewUpgradeFormatVersionUpdate(2), table.NewSetLocationUpdate(t.dir),
		table.NewAddSchemaUpdate(schema), table.NewSetCurrentSchemaUpdate(-1),
		table.NewAddPartitionSpecUpdate(&spec, true), table.NewSetDefaultSpecUpdate(-1),
		table.NewAddSortOrderUpdate(&order), table.NewSetDefaultSortOrderUpdate(-1),
		table.NewSetPropertiesUpdate(props),
	}, nil
}

func build(updates []table.Update) (table.Metadata, error) {
	b, err := table.NewMetadataBuilder(2)
	if err != nil {
		return nil, err
	}
	for _, u := range updates {
		if err := u.Apply(b); err != nil {
			return nil, err
		}
	}
	return b.Build()
}
