package crawl

import (
	"context"
	"slices"
	"sort"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake/external"
)

// managed plans the record of a managed table: its columns come from the
// lake's catalog, no file is looked at.
func (pl *planner) managed(m ManagedTable) error {
	at, err := localPath(m.Location, pl.s.o.Resolve)
	if err != nil {
		return err
	}
	if pl.found[at] {
		return nil
	}
	pl.found[at] = true
	columns, keys := split(m)
	target := strings.ToLower(m.Database) + "." + strings.ToLower(m.Name)
	pl.p.notes.add("INFO managed table %s taken from the catalog (snapshot %d: %d rows, %d files); no files listed", target, m.SnapshotID, m.Rows, m.Files)
	l := &external.Link{
		Database: pl.def.Database, TargetDatabase: strings.ToLower(m.Database), TargetName: strings.ToLower(m.Name),
		Columns: columns, PartitionKeys: keys, Location: m.Location, Crawler: pl.def.Name,
	}
	if old, ok := pl.links[target]; ok {
		delete(pl.links, target)
		pl.changedLink(old, l)
		return nil
	}
	pl.replaced(at)
	l.Name = pl.take(l.TargetName, l.Location)
	if l.TargetDatabase != l.Database {
		pl.p.notes.add("WARN the crawler's database is %s, but %s lies in %s: %s.%s is an entry that points at it", l.Database, target, l.TargetDatabase, l.Database, l.Name)
	}
	d := TableDiff{Action: ActionCreate, Table: l.Name, Location: l.Location, Managed: true, Target: target, Applied: true}
	for _, f := range columns {
		d.Columns = append(d.Columns, ColumnDiff{Action: ColumnAdd, Name: f.Name, To: external.HiveType(f.Type), Applied: true})
	}
	for _, k := range keys {
		d.PartitionKeys = append(d.PartitionKeys, k.Name)
	}
	pl.emit(d, step{link: l})
	return nil
}

// split separates partition keys, in partition order, from other columns.
func split(m ManagedTable) (columns, keys []base.Field) {
	for _, name := range m.PartitionBy {
		if i := fieldIndex(m.Fields, name); i >= 0 {
			keys = append(keys, m.Fields[i])
		}
	}
	for _, f := range m.Fields {
		if fieldIndex(keys, f.Name) < 0 {
			columns = append(columns, f)
		}
	}
	return columns, keys
}

// replaced drops this crawler's external tables in a folder that a managed
// table has taken over: their files are the managed table's now.
func (pl *planner) replaced(at string) {
	for path, t := range pl.tables {
		if !within(path, at) || t.Crawler != pl.def.Name {
			continue
		}
		delete(pl.tables, path)
		delete(pl.names, t.Name)
		pl.emit(TableDiff{Action: ActionDelete, Table: t.Name, Location: t.Location, Format: t.Format, Applied: true, Reason: "a managed table has its folder now"},
			step{drop: func(ctx context.Context, st *external.Store) error { return st.Drop(ctx, t.Database, t.Name) }})
	}
}

// changedLink plans for a table recorded before.
func (pl *planner) changedLink(old external.Link, l *external.Link) {
	l.Name = old.Name
	apply := !pl.frozen()
	d := TableDiff{Action: ActionNone, Table: l.Name, Location: l.Location, Managed: true, Target: l.TargetDatabase + "." + l.TargetName, Applied: apply}
	d.Columns = append(fieldDiff(old.Columns, l.Columns, apply), fieldDiff(old.PartitionKeys, l.PartitionKeys, apply)...)
	switch {
	case !sameFields(old.Columns, l.Columns) || !sameFields(old.PartitionKeys, l.PartitionKeys):
		d.Reason = "the managed table changed"
	case old.Deprecated:
		d.Reason = "the managed table is back"
	case old.Location != l.Location:
		d.Reason = "the managed table moved"
	}
	st := step{}
	if d.Reason != "" {
		d.Action = ActionUpdate
		if apply {
			st.link = l
		} else {
			d.Reason += " (logged only)"
		}
	}
	if d.Action == ActionNone {
		d.Applied = true
	}
	pl.emit(d, st)
}

func sameFields(a, b []base.Field) bool {
	return slices.EqualFunc(a, b, func(x, y base.Field) bool {
		return x.Name == y.Name && x.Type.Equal(y.Type) && x.Comment == y.Comment
	})
}

func fieldDiff(old, now []base.Field, applied bool) []ColumnDiff {
	var out []ColumnDiff
	for _, f := range now {
		i := fieldIndex(old, f.Name)
		c := ColumnDiff{Action: ColumnAdd, Name: f.Name, To: external.HiveType(f.Type), Applied: applied}
		if i >= 0 {
			c.Action, c.From = ColumnChange, external.HiveType(old[i].Type)
		}
		if i < 0 || !old[i].Type.Equal(f.Type) {
			out = append(out, c)
		}
	}
	for _, f := range old {
		if fieldIndex(now, f.Name) < 0 {
			out = append(out, ColumnDiff{Action: ColumnRemove, Name: f.Name, From: external.HiveType(f.Type), Applied: applied})
		}
	}
	return out
}

// goneLinks plans for records whose managed table is not there any more.
func (pl *planner) goneLinks() {
	var targets []string
	for target, l := range pl.links {
		at, err := localPath(l.Location, pl.s.o.Resolve)
		if err == nil && l.Crawler == pl.def.Name && !l.Deprecated && !pl.found[at] && pl.touches(at) {
			targets = append(targets, target)
		}
	}
	sort.Strings(targets)
	for _, target := range targets {
		pl.goneLink(pl.links[target], target)
	}
}

// touches tells whether a managed table at path would have been met.
func (pl *planner) touches(path string) bool {
	return pl.covers(path) || slices.ContainsFunc(pl.covered, func(c string) bool { return within(c, path) })
}

func (pl *planner) goneLink(l external.Link, target string) {
	d := TableDiff{Action: ActionDelete, Table: l.Name, Location: l.Location, Managed: true, Target: target, Applied: true, Reason: "the managed table is gone"}
	switch pl.def.Delete {
	case DeleteFromDatabase:
		pl.emit(d, step{drop: func(ctx context.Context, st *external.Store) error { return st.DropLink(ctx, l.Database, l.Name) }})
	case DeprecateInDatabase:
		d.Action, l.Deprecated = ActionDeprecate, true
		pl.emit(d, step{link: &l})
	default:
		d.Applied = false
		pl.emit(d, step{})
	}
}
