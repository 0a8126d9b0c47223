package query

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake/footer"
)

// layout is the columns of a Parquet file; files of equal columns share one.
type layout struct{ fields []base.Field }

// maxFooters bounds how many files are remembered.
const maxFooters = 200_000

// footers remembers files by path, size and time, so that each is opened once.
type footers struct {
	mu      sync.Mutex // guards the maps
	files   map[footerKey]*layout
	layouts map[string]*layout
}

type footerKey struct {
	path     string
	size     int64
	modified time.Time
}

func (c *footers) get(k footerKey) *layout {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.files[k]
}

func (c *footers) put(k footerKey, fields []base.Field) (*layout, error) {
	text, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.files == nil || len(c.files) >= maxFooters {
		c.files, c.layouts = map[footerKey]*layout{}, map[string]*layout{}
	}
	l := c.layouts[string(text)]
	if l == nil {
		l = &layout{fields}
		c.layouts[string(text)] = l
	}
	c.files[k] = l
	return l, nil
}

// read returns the layout of every file of the folders, in their order.
func (c *footers) read(ctx context.Context, list []folder) ([][]*layout, error) {
	type job struct{ folder, file int }
	out := make([][]*layout, len(list))
	var jobs []job
	for i, f := range list {
		out[i] = make([]*layout, len(f.files))
		for j, x := range f.files {
			if out[i][j] = c.get(footerKey{x.path, x.size, x.modified}); out[i][j] == nil {
				jobs = append(jobs, job{i, j})
			}
		}
	}
	var wg sync.WaitGroup
	var once sync.Once
	var failure error
	next := make(chan job)
	for range min(len(jobs), 2*runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for j := range next {
				f := list[j.folder]
				l, err := c.open(f, f.files[j.file])
				if err != nil {
					once.Do(func() { failure = err })
				}
				out[j.folder][j.file] = l
			}
		})
	}
	for _, j := range jobs {
		if ctx.Err() != nil {
			break
		}
		next <- j
	}
	close(next)
	wg.Wait()
	return out, errors.Join(failure, ctx.Err())
}

func (c *footers) open(f folder, x folderFile) (*layout, error) {
	r, err := os.Open(x.path)
	if err != nil {
		e := base.Errorf(base.Unavailable, "open %s: %w", f.address(x.path), err).WithCode("HIVE_CANNOT_OPEN_SPLIT")
		if errors.Is(err, fs.ErrNotExist) {
			e.Hint = "the file was there when the statement began; run it again"
		}
		return nil, e
	}
	defer r.Close()
	fields, err := footer.Read(r)
	if err != nil {
		return nil, base.Errorf(base.Invalid, "%s is not a readable Parquet file: %w", f.address(x.path), err).WithCode("HIVE_BAD_DATA").
			WithHint("remove or replace the file; files whose names begin with _ or . are not read")
	}
	return c.put(footerKey{x.path, x.size, x.modified}, fields)
}
