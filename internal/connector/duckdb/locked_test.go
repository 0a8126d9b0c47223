package duckdb_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/mulgil/mulgil/internal/port"
)

func TestNothingOutsideTheAllowedFoldersIsReached(t *testing.T) {
	inside, outside := t.TempDir(), t.TempDir()
	secret := filepath.Join(outside, "secret.csv")
	if err := os.WriteFile(secret, []byte("a\n1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, filepath.Join(inside, "link.csv")); err != nil {
		t.Fatal(err)
	}
	s := open(t, port.EngineConfig{Dirs: []string{inside}})
	for _, sql := range []string{
		"SELECT * FROM read_csv('/etc/passwd')",
		"SELECT * FROM '" + secret + "'",
		"SELECT * FROM read_text('" + secret + "')",
		"SELECT * FROM read_csv('" + inside + "/../" + filepath.Base(outside) + "/secret.csv')",
		"SELECT * FROM glob('" + outside + "/*')",
		"COPY (SELECT 1) TO '" + outside + "/out.csv'",
		"COPY (SELECT 1) TO '/tmp/mulgil-locked-test.csv'",
		"ATTACH '" + outside + "/x.db'",
		"EXPORT DATABASE '" + outside + "/all'",
		"INSTALL httpfs",
		"LOAD httpfs",
		"SELECT * FROM 'https://example.invalid/x.parquet'",
		"SET enable_external_access = true",
		"SET allowed_directories = ['/']",
		"SET lock_configuration = false",
		"SET memory_limit = '100GB'",
		"SET threads = 64",
		"SET temp_directory = '/tmp'",
		"RESET memory_limit",
		"PRAGMA memory_limit = '100GB'",
	} {
		if rows, err := run(t, s, sql); err == nil {
			t.Errorf("%s: allowed, gave %v", sql, rows)
		}
	}
	left, err := os.ReadDir(outside)
	if err != nil || len(left) != 1 {
		t.Errorf("files outside: %v, %v", left, err)
	}
}

func TestAllowedFoldersAndFilesWork(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	file := filepath.Join(other, "one.csv")
	if err := os.WriteFile(file, []byte("a\n1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, port.EngineConfig{Dirs: []string{dir}, Files: []string{file}})
	for _, sql := range []string{
		"COPY (SELECT 1 AS a, 'x' AS p) TO '" + dir + "/t' (FORMAT parquet, PARTITION_BY (p))",
		"SELECT * FROM read_parquet('" + dir + "/t/p=x/*.parquet')",
		"SELECT * FROM read_csv('" + file + "')",
	} {
		if _, err := run(t, s, sql); err != nil {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

func TestSessionsRunInUTC(t *testing.T) {
	s := open(t, port.EngineConfig{})
	rows, err := run(t, s, "SELECT TIMESTAMPTZ '2014-01-01 00:00:00+09'::VARCHAR, current_setting('TimeZone')")
	if err != nil || rows[0][0] != "2013-12-31 15:00:00+00" || rows[0][1] != "UTC" {
		t.Errorf("got %v, %v", rows, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("second close: %v", err)
	}
}
