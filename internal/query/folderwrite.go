package query

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/lake/external"
	"github.com/mulgil/mulgil/internal/lang/trino/duckdb"
	"github.com/mulgil/mulgil/internal/query/worker"
)

// folderWrite is a statement's write of files to a Hive folder.
type folderWrite struct {
	name lake.Name
	// dir is the folder; keys of rows' last columns become folders in it.
	dir    string
	keys   int
	format fileFormat
	bound  *Bound
	rows   *duckdb.Stored
	// place is the folder of a partition.
	place func(values []string) (dir string, err error)
	// also runs in the transaction that ends the write; nil does nothing.
	also func(*sql.Tx) error
}

// writeFolder has a worker write the files into a hidden folder, moves them to
// their places and lets the catalog know. What a crash leaves of them is
// removed when the lake is opened again.
func (a *athena) writeFolder(ctx context.Context, x folderWrite) (int64, error) {
	leave, err := a.s.admit(ctx, a.w, x.bound)
	if err != nil {
		return 0, err
	}
	defer leave()
	stage, err := a.s.o.Lake.Stage(ctx, a.w.id, x.name, x.dir)
	if err != nil {
		return 0, err
	}
	hidden := filepath.Join(x.dir, "_"+stage.Prefix()+"staging")
	made, err := a.export(ctx, x, hidden, stage.Prefix())
	var files []string
	if err == nil {
		files, err = x.move(made)
	}
	if rerr := os.RemoveAll(hidden); err == nil {
		err = rerr
	}
	if err == nil {
		err = os.MkdirAll(x.dir, 0o755)
	}
	if err == nil {
		err = stage.Commit(ctx, files, x.also)
	}
	if err != nil {
		err = errors.Join(err, stage.Abort(ctx))
		_ = os.Remove(x.dir) // stays unless it is empty
		return 0, single(err)
	}
	var n int64
	for _, m := range made {
		n += m.Rows
	}
	return n, nil
}

// single is the only error of a list of one.
func single(err error) error {
	if l, ok := err.(interface{ Unwrap() []error }); ok && len(l.Unwrap()) == 1 {
		return l.Unwrap()[0]
	}
	return err
}

// export has a worker write the files.
func (a *athena) export(ctx context.Context, x folderWrite, hidden, prefix string) ([]worker.Exported, error) {
	cut := len(x.rows.Fields) - x.keys
	e := &worker.Export{SQL: x.rows.SQL, Dir: hidden, Prefix: prefix, Suffix: x.format.suffix(), Options: x.format.options()}
	for i, f := range x.rows.Fields {
		if i < cut {
			e.Columns = append(e.Columns, f.Name)
		} else {
			e.Keys = append(e.Keys, f.Name)
		}
	}
	if x.format.name == external.CSV {
		e.Text = x.format.line(x.rows.Fields[:cut])
	}
	t := a.task(x.bound, x.rows.Functions)
	t.Engine.Dirs, t.Export = []string{hidden}, e
	var out []worker.Exported
	err := a.runWrite(ctx, t, worker.Handler{Message: func(m worker.Message) {
		a.hear(m)
		if m.Exported != nil {
			out = append(out, *m.Exported)
		}
	}})
	return out, err
}

// move puts the files where they belong.
func (x folderWrite) move(made []worker.Exported) ([]string, error) {
	var out []string
	for _, m := range made {
		dir := x.dir
		if x.keys > 0 {
			var err error
			if dir, err = x.place(m.Values); err != nil {
				return nil, err
			}
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, base.WhatIfFull(fmt.Errorf("write files: %w", err))
		}
		to := filepath.Join(dir, filepath.Base(m.Path))
		if err := os.Rename(m.Path, to); err != nil {
			return nil, fmt.Errorf("write files: %w", err)
		}
		out = append(out, to)
	}
	return out, nil
}

// partitions finds the folders of an external table's partitions and collects
// those the catalog lacks.
type partitions struct {
	s    *Service
	t    external.Table
	have []external.Partition
	made []external.Partition
}

// place is the folder of one partition.
func (p *partitions) place(values []string) (string, error) {
	for i, k := range p.t.PartitionKeys {
		if err := external.CheckPartitionValue(k, p.t.ColumnType(k), values[i]); err != nil {
			return "", err
		}
		if err := external.CheckValue(k.Name, values[i], 1); err != nil {
			return "", err
		}
	}
	if i := slices.IndexFunc(p.have, func(h external.Partition) bool {
		return p.same(h.Values, values)
	}); i >= 0 {
		return p.s.inBucket(p.have[i].Location)
	}
	at := external.Partition{Values: values, Location: external.PartitionLocation(p.t, values)}
	p.made = append(p.made, at)
	return p.s.inBucket(at.Location)
}

// same compares partitions by their keys' types: 8 is 08 of an int key.
func (p *partitions) same(a, b []string) bool {
	for i, k := range p.t.PartitionKeys {
		null := a[i] == external.NullPartition || b[i] == external.NullPartition
		if null && a[i] != b[i] || !null && external.CompareValues(a[i], b[i], k.Type) != 0 {
			return false
		}
	}
	return true
}
