package app

import (
	"context"
	"path/filepath"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/connector/postgres"
	"github.com/mulgil/mulgil/internal/connector/sqlite"
	"github.com/mulgil/mulgil/internal/port"
	"github.com/mulgil/mulgil/internal/project"
	"github.com/mulgil/mulgil/internal/sample"
)

// samples by name.
var samples = map[string]func(context.Context, port.Loader, sample.Options) (sample.Summary, error){
	"retail": sample.Retail, "store": sample.Store,
}

// Sample fills the database at address with made-up data. Relative files start
// at dir. It returns the seconds it took.
func Sample(ctx context.Context, kind, address, dir string, rows int64, seed uint64, report base.Report) (sample.Summary, float64, error) {
	start := time.Now()
	fill, ok := samples[kind]
	if !ok {
		return sample.Summary{}, 0, base.Errorf(base.Usage, "no sample %q", kind).WithHint("there are: retail, store")
	}
	ld, err := loader(ctx, address, dir)
	if err != nil {
		return sample.Summary{}, 0, err
	}
	sum, err := fill(ctx, ld, sample.Options{Rows: rows, Seed: seed, Report: report})
	if cerr := ld.Close(); err == nil {
		err = cerr
	}
	return sum, time.Since(start).Seconds(), err
}

func loader(ctx context.Context, address, dir string) (port.Loader, error) {
	c, err := project.ParseConnection(dir, "target", address)
	if err != nil {
		return nil, err
	}
	if c.Type == project.SQLite {
		path := c.Path
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		return sqlite.NewLoader(path)
	}
	return postgres.NewLoader(ctx, strings.TrimPrefix(address, "jdbc:"))
}
