package worker

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/ducksql"
)

// Export writes a query's rows as files that are no table's of the lake: one
// for each combination of the Keys' values, whose folder is for the owner to
// make.
type Export struct {
	SQL string
	// Keys are columns of SQL that files do not hold; Columns are the others.
	Keys, Columns []string
	// Text, if set, is an expression over Columns that makes one line of text,
	// which is written instead of them.
	Text string
	// Dir takes the files; their names start with Prefix and end with Suffix.
	Dir, Prefix, Suffix string
	// Options are those of COPY: "FORMAT parquet".
	Options string
}

// Exported is one file of an Export.
type Exported struct {
	Path string
	Rows int64
	// Values are the keys', as text; that of NULL is what Hive calls its folder.
	Values []string
}

func (c *child) export(ctx context.Context, e Export) error {
	c.explain(ctx, "files", e.SQL, nil)
	start := time.Now()
	if err := os.MkdirAll(e.Dir, 0o755); err != nil {
		return fmt.Errorf("write files: %w", err)
	}
	what := ducksql.Idents(e.Columns)
	if e.Text != "" {
		what = e.Text + " AS line"
	}
	var err error
	if len(e.Keys) == 0 {
		err = c.exportFile(ctx, e, "SELECT "+what+" FROM ("+e.SQL+") q", nil)
	} else {
		err = c.exportParts(ctx, e, what)
	}
	c.stage("write", start)
	return err
}

// exportFile writes one file, none if there are no rows.
func (c *child) exportFile(ctx context.Context, e Export, sql string, values []string) error {
	path := filepath.Join(e.Dir, e.Prefix+uuid.NewString()+e.Suffix)
	v, err := c.one(ctx, "COPY ("+sql+") TO "+ducksql.Quote(path)+" ("+e.Options+")")
	if err != nil {
		return ducksql.Unwrap(err, e.SQL)
	}
	rows := number(v[0])
	if rows == 0 {
		return os.Remove(path)
	}
	if err := syncFiles([]string{path}, e.Dir); err != nil {
		return err
	}
	c.send(Message{Exported: &Exported{Path: path, Rows: rows, Values: values}})
	return nil
}

// exportParts numbers the partitions, sorts the rows by number, and writes each.
func (c *child) exportParts(ctx context.Context, e Export, what string) error {
	keys := ducksql.Idents(e.Keys)
	const parts, rows = "memory.main.export_parts", "memory.main.export_rows"
	raw := "memory.main.export_raw"
	same := make([]string, len(e.Keys))
	texts := make([]string, len(e.Keys))
	for i, k := range e.Keys {
		same[i] = "r." + ducksql.Ident(k) + " IS NOT DISTINCT FROM p." + ducksql.Ident(k)
		texts[i] = "CAST(" + ducksql.Ident(k) + " AS VARCHAR)"
	}
	for _, q := range []string{
		"CREATE TABLE " + raw + " AS " + e.SQL,
		"CREATE TABLE " + parts + " AS SELECT *, row_number() OVER (ORDER BY " + keys + ") AS mulgil_part FROM (SELECT DISTINCT " + keys + " FROM " + raw + ")",
		"CREATE TABLE " + rows + " AS SELECT r.*, p.mulgil_part FROM " + raw + " r JOIN " + parts + " p ON " + strings.Join(same, " AND ") + " ORDER BY p.mulgil_part",
		"DROP TABLE " + raw,
	} {
		if err := c.s.Exec(ctx, q); err != nil {
			return ducksql.Unwrap(err, e.SQL)
		}
	}
	list, err := c.partitions(ctx, "SELECT "+strings.Join(texts, ", ")+" FROM "+parts+" ORDER BY mulgil_part")
	if err != nil {
		return err
	}
	for i, values := range list {
		if err := c.exportFile(ctx, e, fmt.Sprintf("SELECT %s FROM %s WHERE mulgil_part = %d", what, rows, i+1), values); err != nil {
			return err
		}
	}
	return nil
}

func (c *child) partitions(ctx context.Context, sql string) ([][]string, error) {
	r, err := c.s.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var out [][]string
	for r.Next() {
		v, err := r.Values()
		if err != nil {
			return nil, err
		}
		row := make([]string, len(v))
		for i, x := range v {
			switch x := x.(type) {
			case nil:
				row[i] = nullFolder
			case string:
				row[i] = x
			default:
				return nil, base.Errorf(base.Internal, "a partition value is %T, not text", x)
			}
		}
		out = append(out, row)
	}
	return out, r.Err()
}
