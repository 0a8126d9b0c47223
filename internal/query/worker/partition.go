package worker

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/ducksql"
)

// partitionKey is the column rows are told apart by while they are written: a
// hash of the partition columns. DuckDB makes a boxed value of every partition
// column for every row, which for text costs a tenth of the whole write; for
// one number it costs next to nothing. The files are then moved to the folders
// their values name. Should two tuples ever share a hash, the commit refuses
// the file, which must hold one value.
const partitionKey = "__mulgil_partition"

// folderLimit is the longest name of a folder, "column=value" encoded.
const folderLimit = 255

// nullFolder stands for NULL in Hive's folder names.
const nullFolder = "__HIVE_DEFAULT_PARTITION__"

func withPartitionKey(text string, p Plan) string {
	keys := make([]string, len(p.PartitionBy))
	for i, f := range p.PartitionBy {
		keys[i], _ = ducksql.PartitionKey(f, p.typeOf(f.Column))
	}
	return "SELECT *, hash(" + strings.Join(keys, ", ") + ") AS " + partitionKey + " FROM (" + text + ") AS p"
}

func (p Plan) typeOf(column string) base.Type {
	for _, f := range p.Fields {
		if strings.EqualFold(f.Name, column) {
			return f.Type
		}
	}
	return base.Type{}
}

// place moves freshly written files into Hive-shaped folders: dir/a=x/b=y/name.
func (c *child) place(ctx context.Context, p Plan, files []dataFile) ([]string, error) {
	tooLong := map[string]int64{}
	out := make([]string, len(files))
	var spare []string
	for i, f := range files {
		parts, err := c.folders(ctx, p, f, tooLong)
		if err != nil {
			return nil, err
		}
		if parts == nil {
			continue
		}
		dir := filepath.Join(append([]string{p.Dir}, parts...)...)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, fmt.Errorf("write files: %w", err)
		}
		out[i] = filepath.Join(dir, filepath.Base(f.path))
		if err := os.Rename(f.path, out[i]); err != nil {
			return nil, fmt.Errorf("write files: %w", err)
		}
		spare = append(spare, filepath.Dir(f.path))
	}
	for _, d := range spare {
		_ = os.Remove(d) // holds files of another write if it is not empty
	}
	return out, tooLongError(tooLong)
}

// folders are the folder names of a file's partition values; nil if one of
// them is too long, which is counted.
func (c *child) folders(ctx context.Context, p Plan, f dataFile, tooLong map[string]int64) ([]string, error) {
	var out []string
	for _, by := range p.PartitionBy {
		col := by.Name()
		v, ok := f.values[by.Column]
		if !ok || by.Transform != "" {
			_, text := ducksql.PartitionKey(by, p.typeOf(by.Column))
			row, err := c.one(ctx, "SELECT "+text+" FROM "+ducksql.ReadParquet([]string{f.path}, p.Fields)+" LIMIT 1")
			if err != nil {
				return nil, err
			}
			v = row[0]
		}
		name := nullFolder
		if s, ok := v.(string); ok {
			name = escape(s)
		}
		if len(escape(col))+1+len(name) > folderLimit {
			s, _ := v.(string)
			tooLong[fmt.Sprintf("%s = %q", col, cut(s, 8)+"…")] += f.rows
			return nil, nil
		}
		out = append(out, escape(col)+"="+name)
	}
	return out, nil
}

// dataFile is one file as COPY's RETURN_STATS tells of it.
type dataFile struct {
	path string
	rows int64
	// values are the columns whose one value the statistics leave no doubt of:
	// short text, or nil for NULL.
	values map[string]any
}

// sureText is a length that no statistics cut text to.
const sureText = 16

// oneValue reads from a file's statistics the columns of text that hold a
// single value.
func oneValue(stats any, rows int64, p Plan) map[string]any {
	m, _ := stats.(map[string]any)
	out := map[string]any{}
	for _, f := range p.Fields {
		s, _ := m[ducksql.Ident(f.Name)].(map[string]any)
		if s == nil || f.Type.ID != base.String {
			continue
		}
		nulls, lo, hi := fmt.Sprint(s["null_count"]), s["min"], s["max"]
		text, isText := lo.(string)
		switch {
		case nulls == fmt.Sprint(rows) && lo == nil:
			out[f.Name] = nil
		case nulls == "0" && isText && lo == hi && text != "" && len(text) < sureText:
			out[f.Name] = text
		}
	}
	return out
}

// escape encodes every byte but letters, digits, -, _, . and ~, so that folder
// names are plain ASCII whatever the value.
func escape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < 0x80 && (wordByte(c) || c == '-' || c == '.' || c == '~') {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// cut is the first n characters.
func cut(s string, n int) string {
	for i := range s {
		if utf8.RuneCountInString(s[:i]) == n {
			return s[:i]
		}
	}
	return s
}

func tooLongError(values map[string]int64) error {
	if len(values) == 0 {
		return nil
	}
	var list []string
	for v, n := range values {
		list = append(list, fmt.Sprintf("%s (%d rows)", v, n))
	}
	sort.Strings(list)
	return base.Errorf(base.Invalid, "partition value too long for a folder name, over %d bytes when encoded: %s", folderLimit, strings.Join(list, ", ")).
		WithHint("shorten the value in the SELECT, or partition by another column")
}
