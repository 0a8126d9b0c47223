package lake

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/iceberg-go/table"

	"github.com/mulgil/mulgil/internal/base"
)

// Change is another program's commit to one table, in Iceberg's JSON.
type Change struct {
	Name         Name
	Requirements json.RawMessage
	Updates      json.RawMessage
}

// CommitDocs applies changes to tables, all in one transaction, or none. Files
// that a change brings must exist in the lake; they are made durable before
// the pointers move. A requirement that does not hold is base.Conflict with
// CodeCommitFailed. CodeUnknownCommit is returned only if it cannot be told
// whether the commit happened.
func (l *Lake) CommitDocs(ctx context.Context, changes []Change) ([]Doc, error) {
	names := make([]Name, len(changes))
	for i, c := range changes {
		names[i] = c.Name
	}
	defer l.lock(names)()
	var all []*foreign
	var commits []table.TableCommit
	were := map[Name]string{}
	for _, c := range changes {
		f, err := l.foreign(ctx, c)
		if err != nil {
			return nil, err
		}
		all, commits = append(all, f), append(commits, f.commit)
		were[f.name] = f.location()
	}
	if slices.ContainsFunc(all, func(f *foreign) bool { return len(f.gone) > 0 }) {
		if err := l.dropIdleLeases(ctx); err != nil {
			return nil, err
		}
	}
	err := l.cat.CommitWith(ctx, commits, func(tx *sql.Tx) error { return l.alsoForeign(ctx, tx, all) })
	if err != nil {
		return nil, l.outcome(ctx, were, err)
	}
	docs := make([]Doc, len(names))
	for i, n := range names {
		if docs[i], err = l.LoadDoc(ctx, n); err != nil {
			return nil, base.Errorf(base.Internal, "read the committed metadata: %w", err).WithCode(CodeUnknownCommit)
		}
	}
	return docs, nil
}

// foreign is a change that was read and checked.
type foreign struct {
	name    Name
	base    *table.Table // nil for a table the change creates
	commit  table.TableCommit
	gone    []int64 // snapshots the change removes
	dir     string  // folder of a new table
	arrived arrivals
}

// location is the metadata location the change starts from, empty for none.
func (f *foreign) location() string {
	if f.base == nil {
		return ""
	}
	return f.base.MetadataLocation()
}

func (l *Lake) foreign(ctx context.Context, c Change) (*foreign, error) {
	if err := c.Name.check(); err != nil {
		return nil, err
	}
	f := &foreign{name: c.Name, commit: table.TableCommit{Identifier: c.Name.ident()}}
	var reqs table.Requirements
	var updates table.Updates
	if len(c.Requirements) > 0 {
		if err := json.Unmarshal(c.Requirements, &reqs); err != nil {
			return nil, base.Errorf(base.Invalid, "table %s: read requirements: %w", c.Name, err)
		}
	}
	if err := json.Unmarshal(c.Updates, &updates); err != nil {
		return nil, base.Errorf(base.Invalid, "table %s: read updates: %w", c.Name, err)
	}
	f.commit.Requirements, f.commit.Updates = reqs, updates
	if err := l.start(ctx, f, reqs); err != nil {
		return nil, err
	}
	if err := l.judge(ctx, f, c.Updates); err != nil {
		return nil, base.Errorf(base.KindOf(err), "commit to table %s: %w", c.Name, err).WithCode(base.CodeOf(err))
	}
	return f, l.dryRun(f)
}

// start finds the table a change is for.
func (l *Lake) start(ctx context.Context, f *foreign, reqs table.Requirements) error {
	t, err := l.exact(ctx, f.name)
	if err == nil {
		f.base = t
		return nil
	}
	if base.CodeOf(err) != CodeNoTable {
		return err
	}
	for _, r := range reqs {
		if r.GetType() == table.AssertCreate().GetType() {
			return l.vacant(ctx, f.name)
		}
	}
	return err
}

// wire is what the lake must look at in an update; all else is iceberg-go's.
type wire struct {
	Action    string            `json:"action"`
	Location  string            `json:"location"`
	Version   int               `json:"format-version"`
	Updates   map[string]string `json:"updates"`
	Removals  []string          `json:"removals"`
	Snapshots []int64           `json:"snapshot-ids"`
	Snapshot  *table.Snapshot   `json:"snapshot"`
	Stats     *statsPath        `json:"statistics"`
	PartStats *statsPath        `json:"partition-statistics"`
}

type statsPath struct {
	Path string `json:"statistics-path"`
}

// judge checks what a change says against the rules of the lake and makes the
// files it brings durable.
func (l *Lake) judge(ctx context.Context, f *foreign, updates json.RawMessage) error {
	var list []wire
	if err := json.Unmarshal(updates, &list); err != nil {
		return base.Errorf(base.Invalid, "read updates: %w", err)
	}
	own := ""
	if f.base != nil {
		own = plainPath(f.base.Location())
	}
	fence, err := l.newFence(ctx, f.name, own)
	if err != nil {
		return err
	}
	f.dir = own
	if f.base == nil {
		if err := f.place(fence, list); err != nil {
			return err
		}
	}
	f.arrived = arrivals{fence: fence, fs: newFS(f.dir, l.observe)}
	known, err := knownManifests(f.base, f.arrived.fs)
	if err != nil {
		return err
	}
	for _, u := range list {
		if err := f.update(u, known); err != nil {
			return err
		}
	}
	if f.base == nil {
		f.commit.Updates = append(f.commit.Updates, table.NewSetPropertiesUpdate(l.newProperties(f.name, setIn(list))))
	}
	return f.arrived.fs.syncTree(f.dir, f.arrived.files)
}

// place finds where a table that is created lies.
func (f *foreign) place(fence *fence, list []wire) error {
	for _, u := range list {
		if u.Action == table.UpdateSetLocation {
			dir, err := fence.location(u.Location)
			f.dir = dir
			return err
		}
	}
	return base.Errorf(base.Invalid, "a new table needs a location")
}

// setIn joins the properties a change sets.
func setIn(list []wire) map[string]string {
	out := map[string]string{}
	for _, u := range list {
		if u.Action == table.UpdateSetProperties {
			for k, v := range u.Updates {
				out[k] = v
			}
		}
	}
	return out
}

func (f *foreign) update(u wire, known map[string]bool) error {
	switch u.Action {
	case table.UpdateSetLocation:
		if plainPath(strings.TrimRight(u.Location, "/")) != f.dir {
			return base.Errorf(base.Invalid, "the table lies at %s and cannot move to %q", f.dir, u.Location)
		}
	case table.UpdateUpgradeFormatVersion:
		if u.Version != 2 {
			return otherFormat(u.Version)
		}
	case table.UpdateSetProperties:
		return checkProperties(f.arrived.fence, u.Updates, f.properties())
	case table.UpdateRemoveProperties:
		for _, k := range u.Removals {
			if _, has := f.properties()[k]; has && strings.HasPrefix(k, "mulgil.") {
				return base.Errorf(base.Invalid, "property %s belongs to mulgil", k)
			}
		}
	case table.UpdateAddSnapshot:
		if u.Snapshot == nil {
			return base.Errorf(base.Invalid, "%s has no snapshot", u.Action)
		}
		return f.arrived.snapshot(*u.Snapshot, known, false)
	case table.UpdateRemoveSnapshots:
		f.gone = append(f.gone, u.Snapshots...)
	case table.UpdateSetStatistics, table.UpdateSetPartitionStatistics:
		s := u.Stats
		if s == nil {
			s = u.PartStats
		}
		if s == nil {
			return base.Errorf(base.Invalid, "%s has no path", u.Action)
		}
		return f.arrived.file(s.Path)
	}
	return nil
}

func (f *foreign) properties() map[string]string {
	if f.base == nil {
		return nil
	}
	return f.base.Properties()
}

// dryRun applies a change in memory, so that what cannot be applied is the
// client's mistake and not a failed commit.
func (l *Lake) dryRun(f *foreign) error {
	for _, r := range f.commit.Requirements {
		if err := r.Validate(metadataOf(f.base)); err != nil {
			return base.Errorf(base.Conflict, "commit to table %s: %w", f.name, err).WithCode(CodeCommitFailed)
		}
	}
	var after table.Metadata
	var err error
	if f.base == nil {
		after, err = build(f.commit.Updates)
	} else {
		after, err = table.UpdateTableMetadata(f.base.Metadata(), f.commit.Updates, f.location())
	}
	if err == nil {
		_, err = FieldsOf(after.CurrentSchema())
	}
	if err != nil {
		return base.Errorf(base.Invalid, "commit to table %s: %w", f.name, err)
	}
	return nil
}

// metadataOf is nil for no table, which a typed nil would not be.
func metadataOf(t *table.Table) table.Metadata {
	if t == nil {
		return nil
	}
	return t.Metadata()
}

// alsoForeign runs in the transaction that moves the pointers.
func (l *Lake) alsoForeign(ctx context.Context, tx *sql.Tx, all []*foreign) error {
	if err := l.step("metadata-written"); err != nil {
		return err
	}
	for _, f := range all {
		if f.base == nil {
			if err := l.alsoNew(ctx, tx, f.name, f.dir); err != nil {
				return err
			}
		}
		if len(f.gone) == 0 {
			continue
		}
		leased, err := l.leased(ctx, tx, f.name)
		if err != nil {
			return err
		}
		for _, id := range f.gone {
			if leased[id] {
				return fmt.Errorf("%w: snapshot %d of %s is being read", table.ErrCommitFailed, id, f.name)
			}
		}
	}
	return l.step("before-swap")
}

// outcome turns a failed commit into what a client may believe: that it did
// not happen, where every pointer is as it was, or else that nobody knows.
func (l *Lake) outcome(ctx context.Context, were map[Name]string, err error) error {
	if errors.Is(err, table.ErrCommitFailed) {
		return foreignError(err)
	}
	if base.KindOf(err) != base.Internal { // refused by a rule before anything moved
		return err
	}
	now, perr := l.cat.Pointers(context.WithoutCancel(ctx), nil)
	for n, was := range were {
		if perr != nil || now[n.key()] != was {
			return base.Errorf(base.Internal, "the outcome of the commit is unknown: %w", errors.Join(err, perr)).WithCode(CodeUnknownCommit)
		}
	}
	return base.Errorf(base.Unavailable, "nothing was committed: %w", base.WhatIfFull(err))
}
