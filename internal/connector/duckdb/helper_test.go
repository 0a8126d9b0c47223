package duckdb_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/connector/duckdb"
	"github.com/mulgil/mulgil/internal/port"
)

func open(t *testing.T, cfg port.EngineConfig) port.Session {
	t.Helper()
	cfg.TempDir, cfg.Threads, cfg.Memory = filepath.Join(t.TempDir(), "spill"), 1, 256<<20
	s, err := duckdb.Engine{}.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// run executes a statement to its end.
func run(t *testing.T, s port.Session, sql string, args ...port.Arg) ([][]any, error) {
	t.Helper()
	r, err := s.Query(t.Context(), sql, args...)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var out [][]any
	for r.Next() {
		v, err := r.Values()
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, r.Err()
}

func asError(t *testing.T, err error) *base.Error {
	t.Helper()
	var e *base.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want a base.Error", err)
	}
	return e
}
