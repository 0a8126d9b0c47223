package lake

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/mulgil/mulgil/internal/base"
)

// Stage is a write of files that belong to no table of the lake: those of a
// Hive folder. Its files begin with Prefix. Until Commit they are known as
// unfinished, and a crash leaves none of them once the lake is opened again.
type Stage struct {
	lake   *Lake
	prefix string
	dir    string
	ended  bool
}

// Stage announces files below dir, written for a statement or job of this id.
// The intent is durable when it returns.
func (l *Lake) Stage(ctx context.Context, writeID string, n Name, dir string) (*Stage, error) {
	s := &Stage{lake: l, prefix: newPrefix(), dir: filepath.Clean(dir)}
	err := l.recordIntents(ctx, []intent{{prefix: s.prefix, writeID: writeID, name: n, dir: s.dir}})
	if err != nil {
		return nil, base.WhatIfFull(err)
	}
	return s, nil
}

// Prefix starts the name of every file of this write and of no other.
func (s *Stage) Prefix() string { return s.prefix }

// Commit makes the files durable and, in one transaction of the catalog, does
// also and forgets that they are unfinished.
func (s *Stage) Commit(ctx context.Context, files []string, also func(*sql.Tx) error) error {
	disk := newFS(s.dir, s.lake.observe)
	if err := disk.syncTree(s.dir, files); err != nil {
		return base.WhatIfFull(err)
	}
	if err := disk.syncAbove(s.lake.root, s.dir); err != nil {
		return err
	}
	if err := s.lake.step("files-synced"); err != nil {
		return err
	}
	err := s.lake.store.Update(ctx, func(tx *sql.Tx) error {
		if also != nil {
			if err := also(tx); err != nil {
				return err
			}
		}
		if err := dropIntents(ctx, tx, s.prefix); err != nil {
			return err
		}
		return s.lake.step("before-swap")
	})
	if err != nil {
		return base.WhatIfFull(err)
	}
	s.ended = true
	_ = s.lake.step("swapped")
	return nil
}

// Abort removes the files. After a Commit that went well it does nothing.
func (s *Stage) Abort(ctx context.Context) error {
	if s.ended {
		return nil
	}
	s.ended = true
	if err := s.lake.giveUp(ctx, s.prefix); err != nil {
		return errors.Join(fmt.Errorf("remove unfinished files below %s", s.dir), err)
	}
	return nil
}
