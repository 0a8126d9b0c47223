package worker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/ducksql"
)

// fileError names the file of a table that err is about, and gives it Trino's
// name: the file is gone, or it is damaged. The engine does not always say
// which file it was; then each is tried.
func (c *child) fileError(ctx context.Context, err error) error {
	if err == nil || base.CodeOf(err) != "" || ctx.Err() != nil {
		return err
	}
	text := err.Error()
	for _, r := range c.task.Relations {
		if r.Origin == nil {
			continue
		}
		for _, f := range r.Files {
			if strings.Contains(text, f) {
				return r.Origin.unreadable(f, err)
			}
		}
	}
	var e *base.Error
	if errors.As(err, &e) && e.Place != nil || explained(err) || c.s.Exec(ctx, "SELECT 1") != nil {
		return err // a mistake in the statement, or the engine is broken
	}
	ctx, cancel := context.WithTimeout(ctx, trying)
	defer cancel()
	return c.damaged(ctx, err)
}

// After an error that names no file, so many are tried for so long.
const (
	maxTried = 1000
	trying   = 5 * time.Second
)

// damaged finds the file that the engine cannot read.
func (c *child) damaged(ctx context.Context, err error) error {
	tried := 0
	for _, r := range c.task.Relations {
		if r.Origin == nil {
			continue
		}
		for _, f := range r.Files {
			if tried++; tried > maxTried || ctx.Err() != nil {
				return err
			}
			if e := c.s.Exec(ctx, "SELECT max(hash(COLUMNS(*))) FROM read_parquet("+ducksql.List([]string{f})+", hive_partitioning = false)"); e != nil && ctx.Err() == nil {
				return r.Origin.unreadable(f, fmt.Errorf("%s: %w", f, e))
			}
		}
	}
	return err
}

// unreadable is err about a file of the table.
func (o Origin) unreadable(file string, err error) error {
	address := o.address(file)
	if _, gone := os.Stat(file); gone != nil {
		return base.Errorf(base.Unavailable, "read table %s: file %s cannot be opened: %w", o.Table, address, errors.Unwrap(gone)).WithCode(o.Errors + "_CANNOT_OPEN_SPLIT").
			WithHint("if it was replaced just now, run the statement again")
	}
	return base.Errorf(base.Invalid, "read table %s: %s", o.Table, strings.ReplaceAll(err.Error(), file, address)).WithCode(o.Errors+"_BAD_DATA").
		WithHint("file %s is damaged: replace or remove it", address)
}

// address is what the catalog calls a file.
func (o Origin) address(file string) string {
	for _, f := range o.Folders {
		if rest, ok := strings.CutPrefix(file, f.Path+"/"); ok {
			return strings.TrimSuffix(f.Address, "/") + "/" + rest
		}
	}
	return file
}
