package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/apache/iceberg-go/catalog"
	icebergio "github.com/apache/iceberg-go/io"
	icetable "github.com/apache/iceberg-go/table"
	"github.com/google/uuid"
)

// staged is one table's next version: written, not yet pointed at.
type staged struct {
	ident    icetable.Identifier
	old, new string // metadata locations; old is empty for a new table
	base     icetable.Metadata
	meta     icetable.Metadata
	fs       icebergio.WriteFileIO
}

// CommitTable implements catalog.Catalog. A lost race is icetable.ErrCommitFailed.
func (c *Catalog) CommitTable(ctx context.Context, ident icetable.Identifier, reqs []icetable.Requirement, updates []icetable.Update) (icetable.Metadata, string, error) {
	s, err := c.commit(ctx, []icetable.TableCommit{{Identifier: ident, Requirements: reqs, Updates: updates}}, nil)
	if err != nil {
		return nil, "", err
	}
	return s[0].meta, s[0].new, nil
}

// CommitTransaction implements catalog.TransactionalCatalog: all of the
// commits happen or none.
func (c *Catalog) CommitTransaction(ctx context.Context, commits []icetable.TableCommit) error {
	if len(commits) == 0 {
		return catalog.ErrEmptyCommitList
	}
	return c.CommitWith(ctx, commits, nil)
}

// CommitWith applies the commits and runs also in one transaction of the
// store. All new metadata is on disk before that transaction begins. A table
// that does not exist is created if its commit requires so (assert-create). A
// requirement that does not hold and a lost race are icetable.ErrCommitFailed; the
// metadata files written for nothing are removed. also may be nil; it runs
// after the pointers are swapped and may refuse by returning an error.
func (c *Catalog) CommitWith(ctx context.Context, commits []icetable.TableCommit, also func(*sql.Tx) error) error {
	_, err := c.commit(ctx, commits, also)
	return err
}

func (c *Catalog) commit(ctx context.Context, commits []icetable.TableCommit, also func(*sql.Tx) error) ([]staged, error) {
	all, err := c.stage(ctx, commits)
	if err == nil {
		err = c.store.Update(ctx, func(tx *sql.Tx) error {
			for _, s := range all {
				if s.old == s.new {
					continue
				}
				if err := c.Repoint(ctx, tx, s.ident, s.old, s.new); err != nil {
					return err
				}
			}
			if also != nil {
				return also(tx)
			}
			return nil
		})
	}
	if err != nil {
		return nil, errors.Join(err, c.discard(all))
	}
	for _, s := range all {
		s.trim()
	}
	return all, nil
}

// stage computes and writes every table's next metadata. On an error it
// returns what was written so far.
func (c *Catalog) stage(ctx context.Context, commits []icetable.TableCommit) ([]staged, error) {
	var all []staged
	seen := map[string]bool{}
	for _, commit := range commits {
		key := strings.Join(commit.Identifier, "\x00")
		if seen[key] {
			return all, fmt.Errorf("table %s appears twice in one commit", strings.Join(commit.Identifier, "."))
		}
		seen[key] = true
		s, err := c.next(ctx, commit)
		if err != nil {
			return all, err
		}
		all = append(all, s)
		if s.old == s.new {
			continue
		}
		body, err := encodeMetadata(s.meta)
		if err == nil {
			err = s.fs.WriteFile(s.new, body)
		}
		if err != nil {
			return all, fmt.Errorf("write metadata of %s: %w", strings.Join(commit.Identifier, "."), err)
		}
	}
	return all, nil
}

func (c *Catalog) next(ctx context.Context, commit icetable.TableCommit) (staged, error) {
	s := staged{ident: commit.Identifier}
	cur, err := c.LoadTable(ctx, commit.Identifier)
	switch {
	case err == nil:
		s.old, s.base = cur.MetadataLocation(), cur.Metadata()
	case !errors.Is(err, catalog.ErrNoSuchTable) || !creates(commit):
		return s, err
	}
	for _, r := range commit.Requirements {
		if err := r.Validate(s.base); err != nil {
			return s, fmt.Errorf("%w: table %s: %w", icetable.ErrCommitFailed, strings.Join(commit.Identifier, "."), err)
		}
	}
	if s.meta, err = apply(s.base, s.old, commit.Updates); err != nil {
		return s, fmt.Errorf("change table %s: %w", strings.Join(commit.Identifier, "."), err)
	}
	if s.base != nil && len(commit.Updates) == 0 {
		s.new = s.old
		return s, nil
	}
	fs, ok := c.fs(s.meta.Location()).(icebergio.WriteFileIO)
	if !ok {
		return s, icetable.ErrWriteIORequired
	}
	s.fs = fs
	s.new = fmt.Sprintf("%s/metadata/%05d-%s.metadata.json", strings.TrimRight(s.meta.Location(), "/"), version(s.old)+1, uuid.New())
	return s, nil
}

func creates(commit icetable.TableCommit) bool {
	for _, r := range commit.Requirements {
		if r.GetType() == icetable.AssertCreate().GetType() {
			return true
		}
	}
	return false
}

// apply runs updates on base, or on nothing for a new table.
func apply(base icetable.Metadata, location string, updates []icetable.Update) (icetable.Metadata, error) {
	if base != nil {
		return icetable.UpdateTableMetadata(base, updates, location)
	}
	b, err := icetable.NewMetadataBuilder(2)
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

// version is the number a metadata file's name begins with, -1 if none.
func version(location string) int {
	name := location[strings.LastIndexByte(location, '/')+1:]
	digits, _, _ := strings.Cut(strings.TrimPrefix(name, "v"), "-")
	digits, _, _ = strings.Cut(digits, ".")
	n, err := strconv.Atoi(digits)
	if err != nil {
		return -1
	}
	return n
}

// discard removes metadata files that no pointer names. Where that cannot be
// found out the file stays.
func (c *Catalog) discard(all []staged) error {
	ctx := context.Background() // clean-up also after a cancelled commit
	var errs []error
	for _, s := range all {
		if s.old == s.new || s.fs == nil {
			continue
		}
		loc, err := c.pointer(ctx, c.store.Reader(), s.ident)
		if err != nil && !errors.Is(err, catalog.ErrNoSuchTable) || loc == s.new {
			continue
		}
		if err := s.fs.Remove(s.new); err != nil && !isNotExist(err) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// trim removes the metadata files that fell off the end of the table's log, if
// the table asks for it. A file that cannot be removed is left for the
// orphan clean-up.
func (s staged) trim() {
	if s.base == nil || s.old == s.new ||
		!s.meta.Properties().GetBool(icetable.MetadataDeleteAfterCommitEnabledKey, icetable.MetadataDeleteAfterCommitEnabledDefault) {
		return
	}
	keep := map[string]bool{s.new: true, s.old: true}
	for e := range s.meta.PreviousFiles() {
		keep[e.MetadataFile] = true
	}
	for e := range s.base.PreviousFiles() {
		if !keep[e.MetadataFile] {
			_ = s.fs.Remove(e.MetadataFile)
		}
	}
}
