package query

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sort"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/lang/ducksql"
	"github.com/mulgil/mulgil/internal/port"
	"github.com/mulgil/mulgil/internal/query/worker"
)

// Text is one statement to bind. Locate turns a place in it into one in the
// user's file; nil leaves places as they are.
type Text struct {
	SQL    string
	Locate func(*base.Place) *base.Place
}

// Bound is a set of statements whose names are resolved and whose lake tables
// are pinned at one moment. Release it once the work is done.
type Bound struct {
	Relations  []worker.Relation
	Sources    []worker.SourceRead
	Analyses   []*ducksql.Analysis
	Statements []*ducksql.Statement
	// Tables are the managed tables read, as they were when pinned.
	Tables []lake.TableInfo
	// ScanFiles and ScanBytes are what must be read after pruning, of TotalFiles.
	ScanFiles, TotalFiles int
	ScanBytes             int64
	view                  *lake.View
	past                  []*lake.View
}

// Release ends the lease on the tables read. Safe to call twice.
func (b *Bound) Release() {
	if b.view != nil {
		b.view.Release()
		b.view = nil
	}
	for _, v := range b.past {
		v.Release()
	}
	b.past = nil
}

// use collects what all statements ask of one table.
type use struct {
	table table
	// names the statements call it by
	names map[lake.Name]bool
	refs  []ducksql.Ref
	// plain is set while a single statement reads it once and does nothing else.
	plain bool
	// as is the bare name the lowered text has for a source's table; empty
	// leaves it connection.schema.table.
	as string
}

// Bind parses the statements and resolves what they read. extra tables are
// pinned too (a test that refers to them).
func (s *Service) Bind(ctx context.Context, texts []Text, params []port.Arg, extra []lake.Name) (*Bound, error) {
	b := &Bound{}
	values := ducksql.Params{}
	for _, p := range params {
		values[p.Name] = p.Value
	}
	uses, order := map[string]*use{}, []string{}
	var mistakes base.Errors
	for _, t := range texts {
		st, a, err := s.analyze(ctx, t, values)
		if err != nil {
			mistakes = append(mistakes, located(err, t.Locate)...)
			continue
		}
		b.Analyses, b.Statements = append(b.Analyses, a), append(b.Statements, st)
		for _, r := range a.Refs {
			found, err := s.resolve(ctx, r, t.SQL)
			if err != nil {
				mistakes = append(mistakes, located(err, t.Locate)...)
				continue
			}
			order = note(uses, order, found, r, len(a.Refs) == 1 && len(a.Joins) == 0 && len(a.CTEs) == 0, s.o.Database)
		}
	}
	if err := mistakes.Err(); err != nil {
		return nil, err
	}
	for _, n := range extra {
		found, err := s.lakeTable(ctx, n, nil)
		if err != nil {
			return nil, err
		}
		order = note(uses, order, found, ducksql.Ref{Schema: n.Database, Table: n.Table, All: true}, false, s.o.Database)
	}
	if err := s.scan(ctx, b, uses, order); err != nil {
		b.Release()
		return nil, err
	}
	return b, nil
}

func (s *Service) analyze(ctx context.Context, t Text, values ducksql.Params) (*ducksql.Statement, *ducksql.Analysis, error) {
	st, err := s.Parse(ctx, t.SQL)
	if err != nil {
		return nil, nil, err
	}
	a, err := st.Analyze(values)
	return st, a, err
}

func note(uses map[string]*use, order []string, t table, r ducksql.Ref, plain bool, database string) []string {
	key := t.key()
	u, ok := uses[key]
	if !ok {
		u = &use{table: t, names: map[lake.Name]bool{}, plain: plain}
		uses[key], order = u, append(order, key)
	} else {
		u.plain = false
	}
	n := lake.Name{Database: r.Schema, Table: r.Table}
	if n.Database == "" {
		n.Database = database
	}
	u.names[n] = true
	u.refs = append(u.refs, r)
	return order
}

func (t table) key() string {
	switch {
	case t.managed != nil:
		return "managed " + t.managed.String()
	case t.external != nil:
		return "external " + t.external.Database + "." + t.external.Name
	}
	return "source " + t.connection + " " + t.source.String()
}

// scan pins the managed tables and lists the files each statement needs.
func (s *Service) scan(ctx context.Context, b *Bound, uses map[string]*use, order []string) error {
	var names []lake.Name
	for _, k := range order {
		if m := uses[k].table.managed; m != nil {
			names = append(names, *m)
		}
	}
	view, err := s.o.Lake.Pin(ctx, names)
	if err != nil {
		return err
	}
	b.view = view
	for _, k := range order {
		u := uses[k]
		switch {
		case u.table.managed != nil:
			err = s.scanManaged(ctx, b, u)
		case u.table.external != nil:
			err = s.scanExternal(ctx, b, u)
		default:
			err = s.source(b, u)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) scanManaged(ctx context.Context, b *Bound, u *use) error {
	info, err := b.view.Info(*u.table.managed)
	if err != nil {
		return err
	}
	sc, err := b.view.Scan(ctx, *u.table.managed, wanted(u.refs, info.Fields))
	if err != nil {
		return err
	}
	b.Tables = append(b.Tables, info)
	b.ScanFiles, b.TotalFiles, b.ScanBytes = b.ScanFiles+len(sc.Files), b.TotalFiles+sc.TotalFiles, b.ScanBytes+sc.Bytes
	b.name(Managed(info.Name, sc), u)
	return nil
}

// Managed is the relation of a table's planned scan: the rows of its files that still
// exist. Database and Table are left to the caller.
func Managed(name lake.Name, sc lake.Scan) worker.Relation {
	r := worker.Relation{Fields: sc.Fields, Origin: &worker.Origin{Table: name.String(), Errors: "ICEBERG"}}
	files := dataFiles(sc.Files)
	r.Files = ducksql.Paths(files)
	if slices.ContainsFunc(sc.Files, lake.ScanFile.Deleted) {
		r.From = ducksql.ReadLive(files, sc.Fields, sc.Hidden)
	}
	return r
}

func dataFiles(list []lake.ScanFile) []ducksql.DataFile {
	files := make([]ducksql.DataFile, len(list))
	for i, f := range list {
		files[i] = ducksql.DataFile{Path: f.Path, Positions: f.Deletes}
		for _, k := range f.Keys {
			files[i].Keys = append(files[i].Keys, ducksql.KeyFile(k))
		}
	}
	return files
}

// name adds the relation under every name the statements use.
func (b *Bound) name(r worker.Relation, u *use) {
	seen := map[string]bool{}
	var names []lake.Name
	for n := range u.names {
		if k := strings.ToLower(n.String()); !seen[k] {
			seen[k] = true
			names = append(names, n)
		}
	}
	sort.Slice(names, func(i, j int) bool { return names[i].String() < names[j].String() })
	for _, n := range names {
		r.Database, r.Table = n.Database, n.Table
		b.Relations = append(b.Relations, r)
	}
}

func wanted(refs []ducksql.Ref, fields []base.Field) base.Predicate {
	preds := make([]base.Predicate, len(refs))
	for i, r := range refs {
		preds[i] = ducksql.Fit(r.Where, fields)
	}
	return ducksql.AnyOf(preds)
}

func (s *Service) source(b *Bound, u *use) error {
	conn := s.o.Connections[u.table.connection]
	if conn.Files != nil {
		f, err := conn.Files(u.table.source.Name)
		if err != nil {
			return err
		}
		r := worker.Relation{Catalog: u.table.connection, Database: "main", Table: u.table.source.Name, From: f.From, Files: f.Paths}
		if u.as != "" {
			r.Catalog, r.Database, r.Table = "", s.o.Database, u.as
		}
		b.Relations = append(b.Relations, r)
		return nil
	}
	open, err := conn.Open()
	if err != nil {
		return err
	}
	r := worker.SourceRead{Alias: u.table.connection, Connection: open, Table: u.table.source, As: u.as, Names: map[string]bool{}, Materialize: !u.plain}
	preds := make([]base.Predicate, len(u.refs))
	for i, ref := range u.refs {
		r.All = r.All || ref.All
		for n := range ref.Names {
			r.Names[n] = true
		}
		preds[i] = ref.Where
	}
	r.Where = ducksql.AnyOf(preds)
	b.Sources = append(b.Sources, r)
	return nil
}

func hint(err error) string {
	var e *base.Error
	for errors.As(err, &e) {
		if e.Hint != "" {
			return e.Hint
		}
		err = e.Err
	}
	return ""
}

// located moves the places of err's mistakes into the user's file.
func located(err error, locate func(*base.Place) *base.Place) base.Errors {
	var list base.Errors
	if !errors.As(err, &list) {
		var e *base.Error
		if !errors.As(err, &e) {
			e = base.Errorf(base.KindOf(err), "%w", err)
		}
		list = base.Errors{e}
	}
	for _, e := range list {
		if e.Place != nil && e.Place.File == "" && locate != nil {
			e.Place = locate(e.Place)
		}
	}
	return list
}

// Locate moves the place of an error that came from running t into the user's file.
func (t Text) Located(err error) error {
	var e *base.Error
	if t.Locate != nil && errors.As(err, &e) && e.Place != nil && e.Place.File == "" {
		e.Place = t.Locate(e.Place)
	}
	return err
}

// tempDir makes a folder of its own below dir for one piece of work.
func tempDir(dir string) (string, func(), error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", nil, fmt.Errorf("make spill folder: %w", err)
	}
	d, err := os.MkdirTemp(dir, "work-")
	if err != nil {
		return "", nil, fmt.Errorf("make spill folder: %w", err)
	}
	return d, func() { _ = os.RemoveAll(d) }, nil
}
