package lake

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"
	"golang.org/x/sync/errgroup"

	"github.com/mulgil/mulgil/internal/base"
)

// checkReadable refuses tables of other programs that the engine would read
// wrongly without a word.
func (l *Lake) checkReadable(ctx context.Context, t *table.Table, schema *iceberg.Schema, files []ScanFile) error {
	if err := checkMembers(t, schema); err != nil {
		return err
	}
	if t.Properties()[table.DefaultNameMappingKey] == "" {
		return nil
	}
	return l.ids.check(ctx, files)
}

// checkMembers: columns are found in files by field id, but what lies inside a
// column by its name. A member that had another name, or whose name another
// member had, would be read as NULL or as the other.
func checkMembers(t *table.Table, schema *iceberg.Schema) error {
	now := members(schema)
	names := map[int]string{}
	for path, id := range now {
		names[id] = path
	}
	for _, s := range t.Metadata().Schemas() {
		for was, id := range members(s) {
			name, still := names[id]
			other, taken := now[was]
			if still && name != was || taken && other != id {
				return base.Errorf(base.Invalid, "field %q inside a column was renamed or replaced: files from before cannot be read", was[strings.IndexByte(was, '.')+1:]).
					WithHint("rewrite the table's data files with the program that changed it")
			}
		}
	}
	return nil
}

// members maps the paths of all fields inside columns, which begin with the
// column's id, to their ids.
func members(s *iceberg.Schema) map[string]int {
	out := map[string]int{}
	for _, f := range s.Fields() {
		walkMembers(fmt.Sprint(f.ID), f.Type, out)
	}
	return out
}

func walkMembers(path string, t iceberg.Type, out map[string]int) {
	switch t := t.(type) {
	case *iceberg.StructType:
		for _, f := range t.FieldList {
			p := path + "." + f.Name
			out[p] = f.ID
			walkMembers(p, f.Type, out)
		}
	case *iceberg.ListType:
		walkMembers(path+".element", t.Element, out)
	case *iceberg.MapType:
		walkMembers(path+".key", t.KeyType, out)
		walkMembers(path+".value", t.ValueType, out)
	}
}

// fieldIDs remembers which files were seen to have field ids.
type fieldIDs struct {
	mu   sync.Mutex // guards seen
	seen map[string]bool
}

// check refuses files whose columns carry no field ids: such files are not
// written by Iceberg but added to a table as they are, and every column of
// theirs would be NULL.
func (x *fieldIDs) check(ctx context.Context, files []ScanFile) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for _, f := range files {
		g.Go(func() error { return x.one(ctx, f.Path) })
	}
	return g.Wait()
}

func (x *fieldIDs) one(ctx context.Context, path string) error {
	x.mu.Lock()
	known := x.seen[path]
	x.mu.Unlock()
	if known || ctx.Err() != nil {
		return ctx.Err()
	}
	r, err := file.OpenParquetFile(path, false)
	if err != nil {
		return fmt.Errorf("read file %s: %w", path, err)
	}
	defer r.Close()
	root := r.MetaData().Schema.Root()
	for i := range root.NumFields() {
		if root.Field(i).FieldID() < 0 {
			return base.Errorf(base.Invalid, "file %s has no field ids: it was added to the table as it is, not written by Iceberg", path).
				WithHint("rewrite it with the program that added it")
		}
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.seen == nil || len(x.seen) > 1<<20 {
		x.seen = map[string]bool{}
	}
	x.seen[path] = true
	return nil
}
