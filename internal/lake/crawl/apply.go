package crawl

import (
	"context"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake/external"
)

// apply carries a plan out, table by table, and counts what was done in r. A
// cancelled crawl stops between tables; what is done is whole and stays.
func (s *Service) apply(ctx context.Context, p *plan, r *Run) error {
	for i, st := range p.steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.step(ctx, &p.diff.Tables[i], p.diff.Database, st, r); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) step(ctx context.Context, d *TableDiff, db string, st step, r *Run) error {
	tables := s.o.Tables
	switch {
	case st.create != nil:
		t, err := s.create(ctx, *st.create, st.add)
		if err != nil {
			return err
		}
		d.Table = t.Name
		r.TablesCreated++
		r.PartitionsAdded += len(st.add)
		return nil
	case st.link != nil:
		if _, err := tables.PutLink(ctx, *st.link); err != nil {
			return err
		}
	case st.drop != nil:
		if err := st.drop(ctx, tables); err != nil && base.KindOf(err) != base.NotFound {
			return err
		}
	case st.change != nil:
		if _, err := tables.Change(ctx, db, d.Table, st.change); err != nil {
			return err
		}
	}
	added, err := tables.AddPartitions(ctx, db, d.Table, st.add)
	r.PartitionsAdded += added
	if err != nil {
		return err
	}
	removed, err := tables.DropPartitions(ctx, db, d.Table, st.remove)
	r.PartitionsRemoved += removed
	if err != nil {
		return err
	}
	count(d, st, r)
	return nil
}

func count(d *TableDiff, st step, r *Run) {
	switch {
	case !d.Applied:
	case d.Action == ActionCreate:
		r.TablesCreated++
	case d.Action == ActionDelete || d.Action == ActionDeprecate:
		r.TablesDeleted++
	case d.Action == ActionUpdate && (st.change != nil || st.link != nil):
		r.TablesUpdated++
	}
}

// create adds a table with its partitions at one moment. If another crawler
// took the name since the plan was made, the table gets the name with a hash.
func (s *Service) create(ctx context.Context, t external.Table, parts []external.Partition) (external.Table, error) {
	made, err := s.o.Tables.Create(ctx, t, parts...)
	if base.KindOf(err) != base.Exists {
		return made, err
	}
	if old, getErr := s.o.Tables.Get(ctx, t.Database, t.Name); getErr == nil && strings.TrimRight(old.Location, "/") == strings.TrimRight(t.Location, "/") {
		return old, base.Errorf(base.Conflict, "table %s.%s was made by crawler %q meanwhile: %w", t.Database, t.Name, old.Crawler, err).WithHint("crawl again")
	}
	t.Name = collided(t.Name, t.Location)
	return s.o.Tables.Create(ctx, t, parts...)
}
