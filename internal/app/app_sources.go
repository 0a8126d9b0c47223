package app

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/connector/postgres"
	"github.com/mulgil/mulgil/internal/connector/sqlite"
	"github.com/mulgil/mulgil/internal/connector/textfile"
	"github.com/mulgil/mulgil/internal/lang/ducksql"
	"github.com/mulgil/mulgil/internal/port"
	"github.com/mulgil/mulgil/internal/project"
	"github.com/mulgil/mulgil/internal/query"
)

// sourceConfig is a connection as it travels to the worker, through its
// standard input only: it holds the password.
type sourceConfig struct {
	Type     string
	Postgres postgres.Config
	SQLite   sqlite.SourceConfig
}

// connections are the project's sources for queries and jobs. Secrets are read
// when a source is used.
func (a *App) connections() map[string]query.Connection {
	out := map[string]query.Connection{}
	for name, c := range a.p.Connections {
		if c.Type == project.Files {
			out[name] = query.Connection{
				Files: func(table string) (query.FileTable, error) { return a.fileTable(c, table) },
				List:  func() []string { return listed(c.Path) },
			}
			continue
		}
		out[name] = query.Connection{Open: func() ([]byte, error) { return encodeSource(c) }}
	}
	return out
}

func encodeSource(c project.Connection) ([]byte, error) {
	s := sourceConfig{Type: c.Type}
	switch c.Type {
	case project.SQLite:
		s.SQLite = sqlite.SourceConfig{Name: c.Name, Path: c.Path}
	case project.Postgres:
		addr, err := c.Address()
		if err != nil {
			return nil, err
		}
		s.Postgres = postgres.Config{Name: c.Name, URL: addr.PostgresURL().Reveal(), Workers: c.Workers}
		if t := c.Tunnel; t != nil {
			s.Postgres.Tunnel = &postgres.Tunnel{Host: t.Host, Port: t.Port, User: t.User, KeyFile: t.Key, KnownHosts: t.KnownHosts, HostKey: t.HostKey}
		}
	}
	b, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("connection %s: %w", c.Name, err)
	}
	return b, nil
}

// openSource is the worker's side of encodeSource: the one table of systems
// that jobs can extract from.
func openSource(_ context.Context, b []byte) (port.Source, error) {
	var s sourceConfig
	if err := json.Unmarshal(b, &s); err != nil {
		return nil, fmt.Errorf("read connection: %w", err)
	}
	switch s.Type {
	case project.Postgres:
		return postgres.New(s.Postgres)
	case project.SQLite:
		return sqlite.NewSource(s.SQLite)
	}
	return nil, base.Errorf(base.Invalid, "connection type %q is not known", s.Type)
}

// fileTable finds table NAME of a files connection: NAME.csv, .tsv, .parquet,
// .json, .jsonl or .ndjson, perhaps .gz, or a folder NAME of such files.
func (a *App) fileTable(c project.Connection, table string) (query.FileTable, error) {
	if table == ".." || strings.ContainsAny(table, `/\*?[`) {
		return query.FileTable{}, base.Errorf(base.Invalid, "%q cannot name a file of connection %s", table, c.Name).
			WithHint("a table is a file's name without its ending, or a folder's; the files lie in %s", c.Path)
	}
	var found []string
	for _, pattern := range []string{table + ".*", filepath.Join(table, "*")} {
		m, err := filepath.Glob(filepath.Join(c.Path, pattern))
		if err != nil {
			return query.FileTable{}, fmt.Errorf("connection %s: %w", c.Name, err)
		}
		for _, f := range m {
			if st, err := os.Stat(f); err == nil && st.Mode().IsRegular() && !strings.HasPrefix(filepath.Base(f), ".") {
				found = append(found, f)
			}
		}
		if len(found) > 0 {
			break
		}
	}
	if len(found) == 0 {
		e := base.Errorf(base.NotFound, "connection %s has no file for table %q in %s", c.Name, table, c.Path)
		if near := Nearest(table, fileTables(c.Path)); near != "" {
			return query.FileTable{}, e.WithHint("did you mean %q?", near)
		}
		return query.FileTable{}, e.WithHint("put %s.csv, %s.parquet or %s.json there, or a folder %s of such files", table, table, table, table)
	}
	return a.readFiles(found, c.Encoding)
}

// fileTables are the tables a folder of files seems to hold.
func fileTables(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		name, _, _ := strings.Cut(e.Name(), ".")
		out = append(out, name)
	}
	return out
}

// listed are those that can be read: not hidden, of a known format.
func listed(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil // nothing there yet
	}
	var out []string
	for _, e := range entries {
		name, _, _ := strings.Cut(e.Name(), ".")
		if _, err := textfile.Format(e.Name()); name != "" && (err == nil || e.IsDir()) && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// readFiles is the call that reads files of one format, judged by their
// endings; text that is not UTF-8 is converted first.
func (a *App) readFiles(files []string, encoding string) (query.FileTable, error) {
	format := ""
	for _, f := range files {
		kind, err := textfile.Format(f)
		if err != nil {
			return query.FileTable{}, err
		}
		if format != "" && kind != format {
			return query.FileTable{}, base.Errorf(base.Invalid, "%s and %s have different formats", files[0], f).WithHint("keep one format in a folder")
		}
		format = kind
	}
	if format != textfile.Parquet {
		var err error
		if files, err = textfile.UTF8(files, encoding, filepath.Join(a.p.TmpDir, "text")); err != nil {
			return query.FileTable{}, err
		}
	}
	list := ducksql.List(files)
	from := map[string]string{
		textfile.Parquet: "read_parquet(" + list + ", hive_partitioning = false, union_by_name = true)",
		textfile.CSV:     "read_csv(" + list + ", union_by_name = true)",
		textfile.JSON:    "read_json_auto(" + list + ", union_by_name = true)",
	}[format]
	return query.FileTable{From: from, Paths: files}, nil
}
