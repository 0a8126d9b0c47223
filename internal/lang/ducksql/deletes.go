package ducksql

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// DataFile is a file of a lake table, some of whose rows no longer exist.
type DataFile struct {
	Path string
	// Positions are Parquet files of (file_path, pos) that name deleted rows.
	Positions []string
	// Keys are Parquet files whose rows delete by value.
	Keys []KeyFile
}

// KeyFile deletes the rows that equal one of its own in all of Columns, which
// are field ids; NULL equals NULL.
type KeyFile struct {
	Path    string
	Columns []int
}

// ReadLive is a relation over the rows of data files that still exist, with
// the columns of fields in order. hidden are further columns that keys compare.
// Without any delete it is what ReadParquet makes.
func ReadLive(files []DataFile, fields, hidden []base.Field) string {
	groups := group(files)
	if len(groups) == 0 {
		return ReadParquet(nil, fields)
	}
	if len(groups) == 1 && len(groups[0].positions)+len(groups[0].keys) == 0 {
		return ReadParquet(groups[0].paths, fields)
	}
	parts := make([]string, len(groups))
	for i, g := range groups {
		parts[i] = g.read(fields, hidden)
	}
	return "(" + strings.Join(parts, " UNION ALL ") + ")"
}

// Columns of ReadTracked that find a row again: its file and its place in it.
const (
	TrackedFile = "__mulgil_file"
	TrackedRow  = "__mulgil_row"
)

// ReadTracked is ReadLive with two more columns, TrackedFile and TrackedRow.
func ReadTracked(files []DataFile, fields, hidden []base.Field) string {
	groups := group(files)
	if len(groups) == 0 {
		return "(SELECT *, CAST(NULL AS VARCHAR) AS " + TrackedFile + ", CAST(NULL AS BIGINT) AS " + TrackedRow + " FROM " + ReadParquet(nil, fields) + ")"
	}
	parts := make([]string, len(groups))
	for i, g := range groups {
		parts[i] = g.readWith(fields, hidden, true)
	}
	return "(" + strings.Join(parts, " UNION ALL ") + ")"
}

// Paths lists all files that ReadLive's relation reads.
func Paths(files []DataFile) []string {
	var out []string
	for _, f := range files {
		out = append(append(out, f.Path), f.Positions...)
		for _, k := range f.Keys {
			out = append(out, k.Path)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// fileGroup is files that the same keys apply to. Position deletes name their
// file in every row, so those of all files of the group are read as one.
type fileGroup struct {
	paths, positions []string
	keys             []KeyFile
}

// group divides files, in order of first appearance.
func group(files []DataFile) []*fileGroup {
	var out []*fileGroup
	by := map[string]*fileGroup{}
	for _, f := range files {
		sign := fmt.Sprint(len(f.Positions) > 0)
		for _, k := range f.Keys {
			sign += fmt.Sprintf("\x00%s%v", k.Path, k.Columns)
		}
		g := by[sign]
		if g == nil {
			g = &fileGroup{keys: f.Keys}
			by[sign] = g
			out = append(out, g)
		}
		g.paths = append(g.paths, f.Path)
		g.positions = append(g.positions, f.Positions...)
	}
	for _, g := range out {
		slices.Sort(g.positions)
		g.positions = slices.Compact(g.positions)
	}
	return out
}

// read selects the group's live rows. Columns are called by their field ids
// within, so that no name of a user's meets one that is needed here.
func (g *fileGroup) read(fields, hidden []base.Field) string {
	return g.readWith(fields, hidden, false)
}

func (g *fileGroup) readWith(fields, hidden []base.Field, tracked bool) string {
	cols := make([]string, len(fields))
	for i, f := range fields {
		cols[i] = "d." + column(f.ID) + " AS " + Ident(f.Name)
	}
	if tracked {
		cols = append(cols, "d.data_file AS "+TrackedFile, "d.file_row_number AS "+TrackedRow)
	}
	all := append(slices.Clone(fields), hidden...)
	q := "SELECT " + strings.Join(cols, ", ") + " FROM read_parquet(" + List(g.paths) + ", hive_partitioning = false"
	if tracked || len(g.positions) > 0 {
		q += ", filename = 'data_file', file_row_number = true"
	}
	q += ", " + byID(all) + ") AS d"
	if len(g.positions) > 0 {
		q += " ANTI JOIN (SELECT " + plainFile("file_path") + " AS f, pos AS n FROM read_parquet(" + List(g.positions) +
			", hive_partitioning = false)) AS p ON d.data_file = p.f AND d.file_row_number = p.n"
	}
	for i, k := range byColumns(g.keys) {
		q += k.antiJoin(fmt.Sprintf("k%d", i), all)
	}
	return q
}

// plainFile is a file's name without the scheme that some writers give it.
func plainFile(col string) string {
	return "regexp_replace(" + col + ", '^file:(//localhost)?/+', '/')"
}

func column(id int) string { return fmt.Sprintf("c%d", id) }

// byID is the schema option that finds fields by id and calls them by it.
func byID(fields []base.Field) string {
	named := make([]base.Field, len(fields))
	for i, f := range fields {
		f.Name = column(f.ID)
		named[i] = f
	}
	return schemaOption(named)
}

// keySet is the key files that compare the same columns.
type keySet struct {
	columns []int
	paths   []string
}

func byColumns(keys []KeyFile) []*keySet {
	var out []*keySet
	for _, k := range keys {
		i := slices.IndexFunc(out, func(s *keySet) bool { return slices.Equal(s.columns, k.Columns) })
		if i < 0 {
			out = append(out, &keySet{columns: k.Columns})
			i = len(out) - 1
		}
		out[i].paths = append(out[i].paths, k.Path)
	}
	return out
}

func (s *keySet) antiJoin(name string, fields []base.Field) string {
	var of []base.Field
	var same []string
	for _, id := range s.columns {
		for _, f := range fields {
			if f.ID == id {
				of = append(of, f)
				same = append(same, "d."+column(id)+" IS NOT DISTINCT FROM "+name+"."+column(id))
			}
		}
	}
	return " ANTI JOIN read_parquet(" + List(s.paths) + ", hive_partitioning = false, " + byID(of) + ") AS " + name + " ON " + strings.Join(same, " AND ")
}
