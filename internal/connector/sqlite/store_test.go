package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"sync"
	"testing"
)

func openTemp(t *testing.T) *Store {
	t.Helper()
	s, err := OpenStore(filepath.Join(t.TempDir(), "a b", "s.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestUpdatesShareCommitsButFailAlone(t *testing.T) {
	s := openTemp(t)
	ctx := context.Background()
	if err := s.Migrate(ctx, "t", []string{`CREATE TABLE t (n INTEGER PRIMARY KEY)`}); err != nil {
		t.Fatal(err)
	}
	bad := errors.New("bad")
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			err := s.Update(ctx, func(tx *sql.Tx) error {
				if _, err := tx.Exec(`INSERT INTO t VALUES (?)`, i); err != nil {
					return err
				}
				if i%10 == 0 {
					return bad
				}
				return nil
			})
			if want := i%10 == 0; errors.Is(err, bad) != want || !want && err != nil {
				t.Errorf("update %d: %v", i, err)
			}
		}()
	}
	wg.Wait()
	var n int
	if err := s.Reader().QueryRow(`SELECT count(*) FROM t`).Scan(&n); err != nil || n != 180 {
		t.Fatalf("rows = %d, %v; want 180", n, err)
	}
	if _, err := s.Reader().Exec(`DELETE FROM t`); err == nil {
		t.Fatal("the reader pool could write")
	}
}

func TestMigrateRunsEachStepOnceAndRefusesNewer(t *testing.T) {
	s := openTemp(t)
	ctx := context.Background()
	steps := []string{`CREATE TABLE a (x)`, `ALTER TABLE a ADD COLUMN y`}
	for range 2 {
		if err := s.Migrate(ctx, "c", steps); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Migrate(ctx, "c", steps[:1]); err == nil {
		t.Fatal("a newer store was accepted")
	}
}
