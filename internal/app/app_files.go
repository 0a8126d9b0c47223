package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/connector/textfile"
	"github.com/mulgil/mulgil/internal/project"
	"github.com/mulgil/mulgil/internal/query"
)

// Files looks at data files without opening a project.
type Files struct {
	// Path is a file, a folder or an s3:// address; relative ones start at Dir.
	Path, Dir string
	// Root and Target find the project's buckets; Root may be empty.
	Root, Target string
	Worker       []string
}

// FileFacts describes data files.
type FileFacts struct {
	Format             string
	Rows, Files, Bytes int64
	Columns            []Column
}

// Head returns the first rows.
func (f Files) Head(ctx context.Context, rows int) (ResultSet, error) {
	q, t, _, done, err := f.open()
	if err != nil {
		return ResultSet{}, err
	}
	defer done()
	r, err := q.Inspect(ctx, t.From, t.Paths, max(rows, 1))
	if err != nil {
		return ResultSet{}, err
	}
	return resultSet(r), nil
}

// Schema returns the columns.
func (f Files) Schema(ctx context.Context) (FileFacts, error) {
	q, t, format, done, err := f.open()
	if err != nil {
		return FileFacts{}, err
	}
	defer done()
	r, err := q.Inspect(ctx, t.From, t.Paths, 0)
	if err != nil {
		return FileFacts{}, err
	}
	out := FileFacts{Format: format, Rows: -1, Files: int64(len(t.Paths)), Columns: resultSet(r).Columns}
	for _, p := range t.Paths {
		if st, err := os.Stat(p); err == nil {
			out.Bytes += st.Size()
		}
	}
	if format == textfile.Parquet {
		n, err := q.Inspect(ctx, "(SELECT count(*) AS n FROM "+t.From+")", t.Paths, 1)
		if err != nil {
			return out, err
		}
		if _, err := fmt.Sscan(fmt.Sprint(n.Rows[0][0]), &out.Rows); err != nil {
			return out, fmt.Errorf("count rows: %w", err)
		}
	}
	return out, nil
}

func (f Files) open() (*query.Service, query.FileTable, string, func(), error) {
	fail := func(err error) (*query.Service, query.FileTable, string, func(), error) {
		return nil, query.FileTable{}, "", nil, err
	}
	path, err := f.resolve()
	if err != nil {
		return fail(err)
	}
	files, err := dataFiles(path)
	if err != nil {
		return fail(err)
	}
	tmp, err := os.MkdirTemp("", "mulgil-")
	if err != nil {
		return fail(fmt.Errorf("make temporary folder: %w", err))
	}
	done := func() { _ = os.RemoveAll(tmp) }
	a := &App{p: &project.Project{TmpDir: tmp}}
	t, err := a.readFiles(files, "")
	if err != nil {
		done()
		return fail(err)
	}
	format, err := textfile.Format(files[0])
	if err != nil {
		done()
		return fail(err)
	}
	q := query.New(query.Options{Launcher: launcher(f.Worker), Memory: defaultMemory, Threads: 2, TempDir: tmp})
	end := func() {
		_ = q.Close() // idle children only
		done()
	}
	return q, t, format, end, nil
}

func (f Files) resolve() (string, error) {
	if strings.Contains(f.Path, "://") {
		if f.Root == "" {
			return "", base.Errorf(base.Usage, "%s is a bucket's address, and no project is near that knows the bucket", f.Path).WithHint("run this in a project's folder")
		}
		p, err := project.Load(f.Root, project.Options{Target: f.Target})
		if err != nil {
			return "", err
		}
		return p.Resolve(f.Path)
	}
	if filepath.IsAbs(f.Path) {
		return f.Path, nil
	}
	return filepath.Join(f.Dir, f.Path), nil
}

// dataFiles is the file, or all data files below the folder; names that begin
// with _ or . are passed over.
func dataFiles(path string) ([]string, error) {
	var out []string
	err := filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case p != path && strings.ContainsRune("_.", rune(d.Name()[0])):
			if d.IsDir() {
				return fs.SkipDir
			}
		case d.IsDir() && isTable(p):
			return base.Errorf(base.Invalid, "%s is a table's folder: beside its rows it holds those of older snapshots", p).
				WithHint("ask for the table: mulgil table describe NAME, or mulgil query 'select * from NAME limit 10'")
		case d.Type().IsRegular():
			if _, err := textfile.Format(p); err == nil || p == path {
				out = append(out, p)
			}
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, base.Errorf(base.NotFound, "no file or folder %s", path)
	}
	if base.KindOf(err) == base.Invalid {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("look for files: %w", err)
	}
	if len(out) == 0 {
		return nil, base.Errorf(base.NotFound, "%s holds no data files", path).WithHint("known endings: .parquet .csv .tsv .txt .json .jsonl .ndjson")
	}
	return out, nil
}

// isTable tells whether a folder holds an Iceberg table.
func isTable(dir string) bool {
	entries, err := os.ReadDir(filepath.Join(dir, "metadata"))
	return err == nil && slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return strings.HasSuffix(e.Name(), ".metadata.json") })
}
