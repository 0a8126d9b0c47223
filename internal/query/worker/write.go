package worker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/ducksql"
	"github.com/mulgil/mulgil/internal/port"
)

// write runs every output, then the join checks and the tests over what was
// written. Nothing is published here.
func (c *child) write(ctx context.Context, w Write) error {
	done := make([]finished, len(w.Outputs))
	for i, o := range w.Outputs {
		c.output = i
		f, err := c.writeOutput(ctx, i, o)
		if err != nil {
			return c.streamError(err)
		}
		if w.RefuseEmpty && f.rows == 0 {
			return base.Errorf(base.Invalid, "%s: the SELECT gave no row", o.Name).
				WithHint("check the parameters; set `allow_empty: true` if no row is a good answer")
		}
		done[i] = f
	}
	c.output = -1
	start := time.Now()
	if err := c.joinChecks(ctx, w.Joins, done); err != nil {
		return err
	}
	if len(w.Joins) > 0 {
		c.stage("join checks", start)
	}
	return c.tests(ctx, w.Checks)
}

// finished is an output whose files are on disk.
type finished struct {
	fields []base.Field
	rows   int64
}

func (c *child) writeOutput(ctx context.Context, i int, o Output) (finished, error) {
	args := bind(c.args, o.SQL)
	planned := c.planning()
	fields, err := c.s.Describe(ctx, o.SQL, args...)
	planned()
	if err != nil {
		return finished{}, err
	}
	shown := fields
	if o.Change != nil {
		shown = fields[changeColumns:]
	}
	c.send(Message{Described: &Described{I: i, Fields: shown}})
	var plan Plan
	select {
	case plan = <-c.plans:
	case <-ctx.Done():
		return finished{}, ctx.Err()
	}
	if plan.Err != nil {
		return finished{}, plan.Err
	}
	c.explain(ctx, o.Name, o.SQL, args)
	start := time.Now()
	text := "SELECT " + ducksql.Casts(plan.Fields, fields) + " FROM (\n" + o.SQL + "\n) AS q"
	var replaced []string
	var changed int64
	switch {
	case o.Change != nil:
		if text, replaced, changed, err = c.changed(ctx, i, o, plan, fields); err != nil {
			return finished{}, ducksql.Unwrap(err, o.SQL)
		}
		args = nil
	case o.Merge:
		if text, replaced, err = c.merge(ctx, i, o, plan, text, args); err != nil {
			return finished{}, ducksql.Unwrap(err, o.SQL)
		}
		args = nil
	}
	files, err := c.copy(ctx, text, plan, args)
	if err != nil {
		return finished{}, ducksql.Unwrap(err, o.SQL)
	}
	for _, s := range c.streams {
		if err := s.verify(); err != nil && s.ended {
			return finished{}, err
		}
	}
	c.stage("write "+o.Name, start)
	start = time.Now()
	if err := syncFiles(files.paths, plan.Dir); err != nil {
		return finished{}, err
	}
	c.stage("sync "+o.Name, start)
	c.send(Message{Written: &Written{I: i, Files: files.paths, Replaced: replaced, Rows: files.rows, Bytes: files.bytes, Changed: changed}})
	return finished{fields: plan.Fields, rows: files.rows}, c.s.Exec(ctx, "CREATE VIEW memory.main."+ducksql.Ident(o.Name)+" AS SELECT * FROM "+ducksql.ReadParquet(files.paths, plan.Fields))
}

// explain sends the engine's plan of a query whose rows will be written.
func (c *child) explain(ctx context.Context, name, sql string, args []port.Arg) {
	defer c.planning()()
	v, err := c.one(ctx, "EXPLAIN "+sql, args...)
	if err == nil && len(v) > 1 {
		c.send(Message{Plan: fmt.Sprintf("-- %s\n%v", name, v[1])})
	}
}

type written struct {
	paths []string
	rows  int64
	bytes int64
}

// maxFile is the size at which an unpartitioned write starts a new file.
const maxFile = "256MB"

// copy writes a query's rows as Parquet files below p.Dir and returns those
// that hold rows.
func (c *child) copy(ctx context.Context, text string, p Plan, args []port.Arg) (written, error) {
	var w written
	if err := os.MkdirAll(p.Dir, 0o755); err != nil {
		return w, fmt.Errorf("write files: %w", err)
	}
	opts := "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, RETURN_STATS true, OVERWRITE_OR_IGNORE true, FILENAME_PATTERN " +
		ducksql.Quote(p.Prefix+"{uuid}") + ", FIELD_IDS " + ducksql.FieldIDs(p.Fields)
	if len(p.PartitionBy) > 0 {
		opts += ", PARTITION_BY (" + partitionKey + "), WRITE_PARTITION_COLUMNS false"
		text = withPartitionKey(text, p)
		if slices.ContainsFunc(p.PartitionBy, func(f base.PartitionField) bool { return f.Transform == "bucket" }) {
			if err := c.s.Extend(ducksql.BucketFunctions); err != nil {
				return w, err
			}
		}
	} else {
		opts += ", FILE_SIZE_BYTES " + ducksql.Quote(maxFile)
	}
	r, err := c.s.Query(ctx, "COPY ("+text+") TO "+ducksql.Quote(p.Dir)+" ("+opts+")", args...)
	if err != nil {
		return w, err
	}
	defer r.Close()
	var files []dataFile
	for r.Next() {
		v, err := r.Values()
		if err != nil {
			return w, err
		}
		path, _ := v[0].(string)
		rows, size := number(v[1]), number(v[2])
		if rows == 0 {
			if err := os.Remove(path); err != nil {
				return w, fmt.Errorf("write files: %w", err)
			}
			continue
		}
		files = append(files, dataFile{path: path, rows: rows, values: oneValue(v[4], rows, p)})
		w.paths, w.rows, w.bytes = append(w.paths, path), w.rows+rows, w.bytes+size
	}
	if err := r.Err(); err != nil {
		return w, err
	}
	if len(p.PartitionBy) > 0 {
		w.paths, err = c.place(ctx, p, files)
	}
	return w, err
}

func number(v any) int64 {
	switch x := v.(type) {
	case int64:
		return x
	case fmt.Stringer:
		var n int64
		_, _ = fmt.Sscan(x.String(), &n)
		return n
	}
	return 0
}

// rewrite copies data files into fewer of the same content.
func (c *child) rewrite(ctx context.Context, q Rewrite) error {
	start := time.Now()
	p := Plan{Fields: q.Fields, PartitionBy: q.PartitionBy, Dir: q.Dir, Prefix: q.Prefix}
	w, err := c.copy(ctx, "SELECT "+columns(q.Fields)+" FROM "+ducksql.ReadLive(q.Files, q.Fields, q.Hidden)+" AS q", p, nil)
	if err != nil {
		return err
	}
	if err := syncFiles(w.paths, q.Dir); err != nil {
		return err
	}
	c.stage("rewrite", start)
	c.send(Message{Written: &Written{Files: w.paths, Rows: w.rows, Bytes: w.bytes}})
	return nil
}

func columns(fields []base.Field) string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	return ducksql.Idents(names)
}

// merge computes the new rows, finds which data files hold rows of the same
// key, and returns a query for those files' replacement.
func (c *child) merge(ctx context.Context, i int, o Output, p Plan, text string, args []port.Arg) (string, []string, error) {
	fresh := fmt.Sprintf("memory.main.merge_%d", i)
	if err := c.s.Exec(ctx, "CREATE TABLE "+fresh+" AS "+text, args...); err != nil {
		return "", nil, err
	}
	key := ducksql.Idents(o.Key)
	v, err := c.one(ctx, "SELECT count(*) FROM (SELECT "+key+" FROM "+fresh+" GROUP BY ALL HAVING count(*) > 1)")
	if err != nil {
		return "", nil, err
	}
	if n := number(v[0]); n > 0 {
		return "", nil, base.Errorf(base.Invalid, "%s: %d keys (%s) occur more than once among the new rows", o.Name, n, strings.Join(o.Key, ", ")).
			WithHint("a merge needs one row for each key: aggregate, or pick the newest with row_number()")
	}
	if len(p.Existing) == 0 {
		return "SELECT * FROM " + fresh, nil, nil
	}
	var same []string
	for _, k := range o.Key {
		same = append(same, "e."+ducksql.Ident(k)+" = n."+ducksql.Ident(k))
	}
	on := strings.Join(same, " AND ")
	replaced, err := c.matchingFiles(ctx, p, fresh, on)
	if err != nil || len(replaced) == 0 {
		return "SELECT * FROM " + fresh, nil, err
	}
	cols := columns(p.Fields)
	return "SELECT " + cols + " FROM " + fresh + " UNION ALL SELECT " + cols + " FROM " + ducksql.ReadParquet(replaced, p.Fields) +
		" AS e WHERE NOT EXISTS (SELECT 1 FROM " + fresh + " AS n WHERE " + on + ")", replaced, nil
}

func (c *child) matchingFiles(ctx context.Context, p Plan, fresh, on string) ([]string, error) {
	var out []string
	for _, file := range p.Existing {
		v, err := c.one(ctx, "SELECT EXISTS (SELECT 1 FROM "+ducksql.ReadParquet([]string{file}, p.Fields)+" AS e, "+fresh+" AS n WHERE "+on+")")
		if err != nil {
			return nil, err
		}
		if hit, _ := v[0].(bool); hit {
			out = append(out, file)
		}
	}
	return out, nil
}

// syncFiles makes files and the folders between them and root durable: the
// engine itself does not.
func syncFiles(paths []string, root string) error {
	dirs := map[string]bool{root: true}
	for _, p := range paths {
		if err := syncPath(p); err != nil {
			return err
		}
		for d := filepath.Dir(p); strings.HasPrefix(d, root) && !dirs[d]; d = filepath.Dir(d) {
			dirs[d] = true
		}
	}
	dirs[filepath.Dir(root)] = true
	for d := range dirs {
		if err := syncPath(d); err != nil {
			return err
		}
	}
	return nil
}

func syncPath(p string) error {
	f, err := os.Open(p)
	if err != nil {
		return fmt.Errorf("make durable: %w", err)
	}
	return errors.Join(f.Sync(), f.Close())
}
