package crawl

import (
	"context"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake/external"
)

// frozen tells whether existing definitions must not change.
func (pl *planner) frozen() bool {
	return pl.def.Update == LogOnly || pl.def.Recrawl == CrawlNewFoldersOnly
}

// update plans for a table that the catalog has at the unit's folder.
func (pl *planner) update(ctx context.Context, old external.Table, u *unit, parts []external.Partition) error {
	d := TableDiff{Action: ActionNone, Table: old.Name, Location: old.Location, Format: old.Format, Applied: true}
	if why := incompatible(old, u); why != "" {
		d.Action, d.Applied, d.Reason = ActionUpdate, false, why
		pl.p.notes.add("WARN table %s.%s kept as it is: %s", old.Database, old.Name, why)
		pl.emit(d, step{})
		return nil
	}
	st := step{}
	columns, changed := pl.columns(old, u, &d)
	revived := old.Deprecated && !pl.frozen()
	if revived {
		d.Reason = "its files are back"
	}
	if changed || revived {
		d.Action = ActionUpdate
		st.change = func(t *external.Table) error {
			t.Columns, t.Deprecated = columns, false
			return nil
		}
	}
	if err := pl.diffPartitions(ctx, old, parts, &d, &st); err != nil {
		return err
	}
	if d.Action == ActionNone && len(st.add)+len(st.remove) > 0 {
		d.Action = ActionUpdate
	}
	pl.emit(d, st)
	return nil
}

// incompatible says why a table cannot be brought in line with its files.
func incompatible(old external.Table, u *unit) string {
	if old.Format != u.Format {
		return "the catalog says " + old.Format + ", the files are " + u.Format
	}
	names := func(fields []base.Field) string {
		s := make([]string, len(fields))
		for i, f := range fields {
			s[i] = f.Name
		}
		return strings.Join(s, ", ")
	}
	if was, is := names(old.PartitionKeys), names(u.keys()); !strings.EqualFold(was, is) {
		return "the catalog is partitioned by (" + was + "), the folders by (" + is + ")"
	}
	return ""
}

// columns compares the columns and returns what the catalog shall have.
func (pl *planner) columns(old external.Table, u *unit, d *TableDiff) (out []base.Field, changed bool) {
	apply := !pl.frozen()
	out = append(out, old.Columns...)
	for _, f := range u.columns() {
		i := fieldIndex(out, f.Name)
		if i < 0 {
			d.Columns = append(d.Columns, ColumnDiff{Action: ColumnAdd, Name: f.Name, To: external.HiveType(f.Type), Applied: apply})
			out, changed = append(out, f), true
			continue
		}
		c := ColumnDiff{Action: ColumnChange, Name: f.Name, From: external.HiveType(out[i].Type), To: external.HiveType(f.Type), Applied: apply}
		t, ok := joined(old.Format, out[i].Type, f.Type)
		switch {
		case !ok:
			c.Action, c.Applied = ColumnConflict, false
			d.Columns = append(d.Columns, c)
		case !t.Equal(out[i].Type):
			c.To = external.HiveType(t)
			d.Columns = append(d.Columns, c)
			out[i].Type, changed = t, true
		}
	}
	if pl.def.Recrawl == CrawlEverything {
		for _, f := range old.Columns {
			if fieldIndex(u.columns(), f.Name) < 0 {
				pl.p.notes.add("INFO %s.%s: column %s is in no file; kept", old.Database, old.Name, f.Name)
			}
		}
	}
	return out, changed && apply
}

// diffPartitions adds what is new, under every policy, and removes what is
// gone under DELETE_FROM_DATABASE.
func (pl *planner) diffPartitions(ctx context.Context, old external.Table, parts []external.Partition, d *TableDiff, st *step) error {
	have, err := pl.s.o.Tables.Partitions(ctx, old.Database, old.Name)
	if err != nil {
		return err
	}
	known, present := map[string]bool{}, map[string]bool{}
	for _, p := range have {
		known[valuesKey(p.Values)] = true
	}
	for _, p := range parts {
		k := valuesKey(p.Values)
		present[k] = true
		if !known[k] {
			st.add = append(st.add, p)
			d.PartitionsAdded = append(d.PartitionsAdded, partitionText(old.PartitionKeys, p.Values))
		}
	}
	if pl.def.Recrawl == CrawlNewFoldersOnly {
		return nil
	}
	for _, p := range have {
		if present[valuesKey(p.Values)] {
			continue
		}
		text := partitionText(old.PartitionKeys, p.Values)
		if at, err := localPath(p.Location, pl.s.o.Resolve); err != nil || pl.unreadIn(at) {
			continue
		}
		if pl.def.Delete != DeleteFromDatabase {
			pl.p.notes.add("INFO %s.%s: no files for partition %s; kept", old.Database, old.Name, text)
			continue
		}
		st.remove = append(st.remove, p.Values)
		d.PartitionsRemoved = append(d.PartitionsRemoved, text)
	}
	return nil
}
