package app

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/project"
)

// Files smaller than smallFile cost more to open than to read; a table is
// warned of once it has more than manyFiles of them.
const (
	smallFile = 1 << 20
	manyFiles = 200
)

// smallFiles predicts, from what each target holds now, tables made of many
// small files, and finds partitionings that are bound to make them.
func smallFiles(p *project.Project) base.Errors {
	var out base.Errors
	for _, j := range p.Jobs {
		for _, o := range j.Outputs {
			for _, c := range o.PartitionBy {
				if fine(c) {
					e := base.Errorf(base.Invalid, "output %s is partitioned by %s: a file for each of its values is likely to be too small", o.Name, c).At(o.Place)
					out = append(out, e.WithHint("partition by month or a code with few values"))
				}
			}
			files, bytes := existing(p, o)
			if files > manyFiles && bytes/files < smallFile {
				e := base.Errorf(base.Invalid, "table %s has %d files of %d kB on average", o.Target, files, bytes/files>>10).At(o.Place)
				out = append(out, e.WithHint("partition by fewer columns, or run: mulgil table optimize %s", o.Target))
			}
		}
	}
	return out
}

// fine tells whether a column's name promises a value for nearly every row.
func fine(column string) bool {
	c := strings.ToLower(column)
	for _, end := range []string{"receipt_no", "customer_id", "_time", "timestamp", "_id", "uuid"} {
		if strings.HasSuffix(c, end) {
			return true
		}
	}
	return false
}

// existing counts an output's data files on disk, without opening the lake.
func existing(p *project.Project, o project.Output) (files, bytes int64) {
	dir := filepath.Join(p.LakeDir, o.Target.Database, o.Target.Table)
	if o.Location != "" {
		d, err := p.Resolve(o.Location)
		if err != nil {
			return 0, 0
		}
		dir = d
	}
	_ = filepath.WalkDir(filepath.Join(dir, "data"), func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil
		}
		if st, err := d.Info(); err == nil {
			files, bytes = files+1, bytes+st.Size()
		}
		return nil
	})
	return files, bytes
}
