package crawl

import (
	"context"
	"encoding/json"
	"slices"
	"sort"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake/external"
)

// plan is a crawl before anything is written.
type plan struct {
	diff  Diff
	steps []step // one per diff.Tables
	notes notes
	// seen are the folders read, for CRAWL_NEW_FOLDERS_ONLY.
	seen map[string]*summary
}

// step is what apply does for one TableDiff. At most one of create, change,
// link and drop is set; partitions go with create, change or alone.
type step struct {
	create *external.Table
	change func(*external.Table) error
	link   *external.Link
	drop   func(ctx context.Context, t *external.Store) error
	add    []external.Partition
	remove [][]string
}

// planner compares what was found with one database of the catalog.
type planner struct {
	s       *Service
	def     Definition
	p       *plan
	tables  map[string]external.Table // by local path of the location
	links   map[string]external.Link
	names   map[string]bool // taken
	found   map[string]bool // local paths with a table or a managed table
	covered []string        // local paths of the targets
	// unread are local paths of folders whose files could not be read: what
	// the catalog says about them stays.
	unread []string
}

// plan compares a crawler's targets with the catalog. It returns the notes
// made so far even with an error.
func (s *Service) plan(ctx context.Context, def Definition) (*plan, error) {
	p := &plan{diff: Diff{Crawler: def.Name, Database: def.Database, Tables: []TableDiff{}}, seen: map[string]*summary{}}
	pl, err := s.newPlanner(ctx, def, p)
	if err != nil {
		return p, err
	}
	known := map[string]*summary{}
	if def.Recrawl == CrawlNewFoldersOnly {
		if known, err = s.state.folders(ctx, def.Name); err != nil {
			return p, err
		}
	}
	for _, t := range def.Targets {
		if err := pl.target(ctx, t, known); err != nil {
			return p, err
		}
	}
	pl.gone()
	return p, nil
}

func (s *Service) newPlanner(ctx context.Context, def Definition, p *plan) (*planner, error) {
	pl := &planner{s: s, def: def, p: p, tables: map[string]external.Table{}, links: map[string]external.Link{}, names: map[string]bool{}, found: map[string]bool{}}
	tables, err := s.o.Tables.List(ctx, def.Database)
	if err != nil {
		return nil, err
	}
	for _, t := range tables {
		pl.names[t.Name] = true
		if at, err := localPath(t.Location, s.o.Resolve); err == nil { // a table of an outside bucket is none of ours
			pl.tables[at] = t
		}
	}
	links, err := s.o.Tables.Links(ctx, def.Database)
	if err != nil {
		return nil, err
	}
	for _, l := range links {
		pl.names[l.Name] = true
		pl.links[l.TargetDatabase+"."+l.TargetName] = l
	}
	return pl, nil
}

func (pl *planner) target(ctx context.Context, t Target, known map[string]*summary) error {
	n := &pl.p.notes
	root, w, err := pl.s.target(ctx, t, known, n)
	if err != nil {
		return err
	}
	at, err := localPath(t.Path, pl.s.o.Resolve)
	if err != nil {
		return err
	}
	pl.covered = append(pl.covered, at)
	pl.p.diff.Files += w.files
	for _, m := range w.recorded {
		if err := pl.managed(m); err != nil {
			return err
		}
	}
	if root == nil {
		return nil
	}
	if err := pl.mustExist(t, at); err != nil {
		return err
	}
	g := &grouper{summaries: map[*folder]*summary{}, notes: n}
	if err := pl.readAll(ctx, root, known, g.summaries); err != nil {
		return err
	}
	for _, u := range g.group(root) {
		if err := pl.unit(ctx, u); err != nil {
			return err
		}
	}
	return nil
}

// mustExist takes a missing include path for a mistake unless an earlier crawl
// found something there: then its data was removed.
func (pl *planner) mustExist(t Target, at string) error {
	if _, err := pl.s.o.FS.Stat(at); err == nil {
		return nil
	}
	for path, old := range pl.tables {
		if old.Crawler == pl.def.Name && within(path, at) {
			pl.p.notes.add("WARN %s does not exist any more", t.Path)
			return nil
		}
	}
	return base.Errorf(base.NotFound, "crawler %q: path %s does not exist", pl.def.Name, t.Path).
		WithHint("run the job that writes it first, or correct the path (it is looked for at %s)", at)
}

// readAll infers every folder's schema, taking known ones as they were.
func (pl *planner) readAll(ctx context.Context, f *folder, known map[string]*summary, out map[*folder]*summary) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(f.files) > 0 {
		sum, ok := known[f.uri]
		if !ok {
			var err error
			if sum, err = pl.s.read(ctx, f, &pl.p.notes); err != nil {
				return err
			}
			pl.p.seen[f.uri] = sum
		}
		if sum == nil {
			pl.unread = append(pl.unread, f.path)
		} else {
			out[f] = sum
		}
	}
	for _, d := range f.dirs {
		if err := pl.readAll(ctx, d, known, out); err != nil {
			return err
		}
	}
	return nil
}

func (pl *planner) emit(d TableDiff, s step) {
	pl.p.diff.Tables = append(pl.p.diff.Tables, d)
	pl.p.steps = append(pl.p.steps, s)
}

// unit plans one external table.
func (pl *planner) unit(ctx context.Context, u *unit) error {
	if pl.found[u.root.path] {
		pl.p.notes.add("INFO %s was reached by another target of this crawler already", u.root.uri)
		return nil
	}
	pl.found[u.root.path] = true
	if len(u.columns()) == 0 {
		pl.p.notes.add("WARN %s has no columns besides its partition keys; left out", u.root.uri)
		return nil
	}
	parts := pl.partitions(u)
	if old, ok := pl.tables[u.root.path]; ok {
		return pl.update(ctx, old, u, parts)
	}
	pl.create(u, parts)
	return nil
}

// name is a folder's table name.
func (pl *planner) name(folder, location string) string {
	return pl.take(tableName(pl.def.TablePrefix+folder), location)
}

// take reserves a name, made unique by its place if it is taken.
func (pl *planner) take(name, location string) string {
	if pl.names[name] {
		taken := name
		name = collided(name, location)
		pl.p.notes.add("WARN the name %s is taken in %s; %s becomes %s", taken, pl.def.Database, location, name)
	}
	pl.names[name] = true
	return name
}

func (pl *planner) create(u *unit, parts []external.Partition) {
	t := &external.Table{
		Database: pl.def.Database, Name: pl.name(u.root.name, u.root.uri), Columns: u.columns(), PartitionKeys: u.keys(),
		Format: u.Format, Serde: u.serde(), Parameters: u.parameters(pl.def.Name), Location: u.root.uri, Crawler: pl.def.Name,
	}
	d := TableDiff{Action: ActionCreate, Table: t.Name, Location: t.Location, Format: u.Format, Applied: true}
	for _, f := range t.Columns {
		d.Columns = append(d.Columns, ColumnDiff{Action: ColumnAdd, Name: f.Name, To: external.HiveType(f.Type), Applied: true})
	}
	for _, k := range t.PartitionKeys {
		d.PartitionKeys = append(d.PartitionKeys, k.Name)
	}
	for _, p := range parts {
		d.PartitionsAdded = append(d.PartitionsAdded, partitionText(t.PartitionKeys, p.Values))
	}
	pl.emit(d, step{create: t, add: parts})
}

// partitions checks the values of a unit's partitions; those that cannot be
// held are noted and left out.
func (pl *planner) partitions(u *unit) []external.Partition {
	keys := u.keys()
	var out []external.Partition
	seen := map[string]bool{}
next:
	for _, p := range u.parts {
		for i, v := range p.values {
			if err := external.CheckValue(keys[i].Name, v, int64(len(p.at.files))); err != nil {
				pl.p.notes.add("ERROR %s left out: %v", p.at.uri, err)
				continue next
			}
		}
		if k := valuesKey(p.values); seen[k] {
			pl.p.notes.add("ERROR %s left out: another folder has the same partition values", p.at.uri)
			continue
		} else {
			seen[k] = true
		}
		out = append(out, external.Partition{Values: p.values, Location: p.at.uri})
	}
	return out
}

func valuesKey(v []string) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // text always encodes
	}
	return string(b)
}

func partitionText(keys []base.Field, values []string) string {
	s := make([]string, len(values))
	for i, v := range values {
		s[i] = keys[i].Name + "=" + v
	}
	return strings.Join(s, "/")
}

func (u *unit) parameters(crawler string) map[string]string {
	m := map[string]string{"classification": u.Format, "compressionType": u.Compression, "typeOfData": "file", "UPDATED_BY_CRAWLER": crawler}
	if u.Header {
		m["skip.header.line.count"] = "1"
	}
	return m
}

// gone plans for this crawler's tables whose files were not found.
func (pl *planner) gone() {
	if pl.def.Recrawl == CrawlNewFoldersOnly {
		return
	}
	var paths []string
	for path, t := range pl.tables {
		if t.Crawler == pl.def.Name && !pl.found[path] && pl.covers(path) && !t.Deprecated && !pl.unreadIn(path) {
			paths = append(paths, path)
		}
	}
	sort.Strings(paths)
	for _, path := range paths {
		pl.goneTable(pl.tables[path])
	}
	pl.goneLinks()
}

func (pl *planner) covers(path string) bool {
	return slices.ContainsFunc(pl.covered, func(c string) bool { return within(path, c) })
}

func (pl *planner) unreadIn(path string) bool {
	return slices.ContainsFunc(pl.unread, func(u string) bool { return within(u, path) })
}

func (pl *planner) goneTable(t external.Table) {
	d := TableDiff{Action: ActionDelete, Table: t.Name, Location: t.Location, Format: t.Format, Applied: true, Reason: "no files found"}
	switch pl.def.Delete {
	case DeleteFromDatabase:
		pl.emit(d, step{drop: func(ctx context.Context, st *external.Store) error { return st.Drop(ctx, t.Database, t.Name) }})
	case DeprecateInDatabase:
		d.Action = ActionDeprecate
		pl.emit(d, step{change: func(t *external.Table) error { t.Deprecated = true; return nil }})
	default:
		d.Applied = false
		pl.emit(d, step{})
	}
}
