package query

import (
	"context"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake/external"
	"github.com/mulgil/mulgil/internal/lang/ducksql"
	"github.com/mulgil/mulgil/internal/port"
	"github.com/mulgil/mulgil/internal/query/worker"
)

// parquetRelation reads a Parquet folder through the engine. The declared types
// win: a column that a file lacks is NULL, one whose type in a file cannot
// stand for the declared one is an error naming both. Columns are found by
// name, partition keys come from the catalog and follow in declared order.
func (s *Service) parquetRelation(ctx context.Context, t external.Table, u *use, list []folder, r *worker.Relation) error {
	p := &parquetPlan{table: t, hidden: hiddenColumns(u)}
	layouts, err := s.footers.read(ctx, list)
	if err != nil {
		return err
	}
	for i, f := range list {
		if err := p.checkValues(f); err != nil {
			return err
		}
		for j, x := range f.files {
			if err := p.add(f, x, layouts[i][j]); err != nil {
				return err
			}
			r.Files = append(r.Files, x.path)
		}
	}
	r.From = p.from()
	return nil
}

// hiddenColumns are those of $path and its like that the statement names.
func hiddenColumns(u *use) []string {
	var out []string
	for _, n := range []string{port.HivePath, port.HiveSize, port.HiveModified} {
		for _, ref := range u.refs {
			if !ref.All && ref.Names[n] && !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	for _, ref := range u.refs {
		if ref.All { // a star must not show them
			return nil
		}
	}
	return out
}

// parquetPlan groups files that one SELECT can read: those of one layout, and
// of one partition unless the folders' names tell the values.
type parquetPlan struct {
	table  external.Table
	hidden []string
	groups []*parquetGroup
	known  map[string]*parquetGroup
	seen   map[*layout]error
}

type parquetGroup struct {
	layout *layout
	// values are the partition's; nil if the folders' names have them.
	values []string
	files  []string
	infos  []port.HiveFile
}

// add puts a file into its group.
func (p *parquetPlan) add(f folder, x folderFile, l *layout) error {
	if p.seen == nil {
		p.seen, p.known = map[*layout]error{}, map[string]*parquetGroup{}
	}
	if _, ok := p.seen[l]; !ok {
		p.seen[l] = p.check(l, f.address(x.path))
	}
	if err := p.seen[l]; err != nil {
		return err
	}
	values := f.values
	if len(values) > 0 && p.named(f) {
		values = nil
	}
	key := layoutKey(l) + "\x00" + strings.Join(values, "\x00")
	if values == nil {
		key = layoutKey(l)
	}
	g := p.known[key]
	if g == nil {
		g = &parquetGroup{layout: l, values: values}
		p.known[key], p.groups = g, append(p.groups, g)
	}
	g.files = append(g.files, x.path)
	if len(p.hidden) > 0 {
		g.infos = append(g.infos, port.HiveFile{Path: x.path, Address: f.address(x.path), Size: x.size, Modified: x.modified})
	}
	return nil
}

func layoutKey(l *layout) string {
	var b strings.Builder
	for _, f := range l.fields {
		b.WriteString(f.Name + " " + f.Type.String() + "\x01")
	}
	return b.String()
}

// named tells whether the folder's names are exactly key=value for each key,
// so that the engine can take the values from them.
func (p *parquetPlan) named(f folder) bool {
	dir := f.path
	for i := len(p.table.PartitionKeys) - 1; i >= 0; i-- {
		key, value, ok := strings.Cut(filepath.Base(dir), "=")
		if !ok || key != p.table.PartitionKeys[i].Name || external.UnescapeValue(value) != f.values[i] || value == "" {
			return false
		}
		dir = filepath.Dir(dir)
	}
	return !strings.Contains(dir, "=")
}

// checkValues refuses a partition whose value is none of its key's type.
func (p *parquetPlan) checkValues(f folder) error {
	for i, k := range p.table.PartitionKeys {
		if f.values[i] == external.NullPartition || k.Type.ID == base.Float {
			continue
		}
		if v, ok := typed(k.Type, f.values[i]); !ok || !inRange(v, k.Type) {
			return base.Errorf(base.Invalid, "table %s.%s: partition value %q of folder %s is no %s, the type of key %s", p.table.Database, p.table.Name,
				f.values[i], f.location, declaredType(p.table, k), k.Name).WithCode("HIVE_INVALID_PARTITION_VALUE").
				WithHint("drop the partition, or declare the key as string")
		}
	}
	return nil
}

func inRange(v any, t base.Type) bool {
	n, ok := v.(int64)
	return !ok || t.ID != base.Int || n == int64(int32(n))
}

// check compares a file's columns with the declared ones.
func (p *parquetPlan) check(l *layout, address string) error {
	for _, f := range p.table.Columns {
		in, ok := fieldNamed(l.fields, f.Name)
		if !ok || readable(in.Type, f.Type) {
			continue
		}
		return base.Errorf(base.Invalid, "%s: column %s is %s in the file, which cannot be read as %s, its type in table %s.%s", address, f.Name,
			external.HiveType(in.Type), declaredType(p.table, f), p.table.Database, p.table.Name).WithCode("HIVE_BAD_DATA").
			WithHint("declare the column with the file's type, or write the file anew")
	}
	return nil
}

func fieldNamed(fields []base.Field, name string) (base.Field, bool) {
	for _, f := range fields {
		if strings.EqualFold(f.Name, name) {
			return f, true
		}
	}
	return base.Field{}, false
}

// readable tells whether values of type in, as a file has them, are values of
// the declared type: the same one or a wider one.
func readable(in, declared base.Type) bool {
	switch {
	case in.ID == base.Int && declared.ID == base.Long, in.ID == base.Float && declared.ID == base.Double,
		in.ID == base.Binary && declared.ID == base.String, in.ID == base.String && declared.ID == base.Binary,
		in.ID == base.TimestampTZ && declared.ID == base.Timestamp:
		return true
	case in.ID != declared.ID:
		return false
	case in.ID == base.Decimal:
		return declared.Scale >= in.Scale && declared.Precision-declared.Scale >= in.Precision-in.Scale
	case in.ID == base.List || in.ID == base.Map:
		for i := range declared.Fields {
			if !readable(in.Fields[i].Type, declared.Fields[i].Type) {
				return false
			}
		}
	case in.ID == base.Struct:
		for _, d := range declared.Fields {
			if f, ok := fieldNamed(in.Fields, d.Name); ok && !readable(f.Type, d.Type) {
				return false
			}
		}
	}
	return true
}

// from is the SQL that reads all groups.
func (p *parquetPlan) from() string {
	if len(p.groups) == 0 {
		fields := append(append([]base.Field{}, p.table.Columns...), p.table.PartitionKeys...)
		cols := make([]string, 0, len(fields))
		for _, f := range fields {
			cols = append(cols, nothing(f))
		}
		for _, h := range p.hidden {
			cols = append(cols, nothing(base.Field{Name: h, Type: hiddenTypes()[h]}))
		}
		return "(SELECT " + strings.Join(cols, ", ") + " WHERE false)"
	}
	selects := make([]string, len(p.groups))
	for i, g := range p.groups {
		selects[i] = p.selectGroup(g)
	}
	return "(" + strings.Join(selects, " UNION ALL ") + ")"
}

func nothing(f base.Field) string {
	return "CAST(NULL AS " + ducksql.Type(f.Type) + ") AS " + ducksql.Ident(f.Name)
}

func hiddenTypes() map[string]base.Type {
	return map[string]base.Type{port.HivePath: {ID: base.String}, port.HiveSize: {ID: base.Long}, port.HiveModified: {ID: base.Timestamp}}
}

func (p *parquetPlan) selectGroup(g *parquetGroup) string {
	var cols []string
	for _, f := range p.table.Columns {
		in, ok := fieldNamed(g.layout.fields, f.Name)
		if !ok {
			cols = append(cols, nothing(f))
			continue
		}
		v := cut("CAST("+fileValue(in, f)+" AS "+ducksql.Type(f.Type)+")", declaredType(p.table, f))
		cols = append(cols, v+" AS "+ducksql.Ident(f.Name))
	}
	var types []string
	for i, k := range p.table.PartitionKeys {
		v := ducksql.Ident(k.Name)
		switch {
		case g.values == nil:
			types = append(types, ducksql.Ident(k.Name)+": "+ducksql.Type(k.Type))
		case g.values[i] == external.NullPartition:
			v = "NULL"
		default:
			v = ducksql.Quote(g.values[i])
		}
		cols = append(cols, "CAST("+v+" AS "+ducksql.Type(k.Type)+") AS "+ducksql.Ident(k.Name))
	}
	for _, h := range p.hidden {
		cols = append(cols, "hidden."+ducksql.Ident(h)+" AS "+ducksql.Ident(h))
	}
	read := "read_parquet(" + ducksql.List(g.files) + ", hive_partitioning = false"
	if len(types) > 0 {
		read = "read_parquet(" + ducksql.List(g.files) + ", hive_partitioning = true, hive_types_autocast = false, hive_types = {" + strings.Join(types, ", ") + "}"
	}
	if len(p.hidden) > 0 {
		return "SELECT " + strings.Join(cols, ", ") + " FROM " + read + ", filename = true) AS file JOIN " + fileTable(g.infos) + " ON file.filename = hidden.file"
	}
	return "SELECT " + strings.Join(cols, ", ") + " FROM " + read + ")"
}

// fileValue is a column as the file has it, structs by their members' names.
func fileValue(in, declared base.Field) string {
	name := ducksql.Ident(in.Name)
	if declared.Type.ID != base.Struct || in.Type.Equal(declared.Type) {
		return name
	}
	var parts []string
	for _, d := range declared.Type.Fields {
		v := "NULL"
		if f, ok := fieldNamed(in.Type.Fields, d.Name); ok {
			v = name + "." + ducksql.Ident(f.Name)
		}
		parts = append(parts, ducksql.Ident(d.Name)+" := CAST("+v+" AS "+ducksql.Type(d.Type)+")")
	}
	return "CASE WHEN " + name + " IS NULL THEN NULL ELSE struct_pack(" + strings.Join(parts, ", ") + ") END"
}

// cut keeps of a text what varchar(n) and char(n) hold; blanks at a char's end
// are no part of it.
func cut(v, declared string) string {
	name, rest, ok := strings.Cut(strings.ToLower(declared), "(")
	n, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(rest, ")")))
	if !ok || err != nil {
		return v
	}
	switch strings.TrimSpace(name) {
	case "varchar":
		return "left(" + v + ", " + strconv.Itoa(n) + ")"
	case "char":
		return "rtrim(left(" + v + ", " + strconv.Itoa(n) + "), ' ')"
	}
	return v
}

// fileTable is a relation of the files' hidden columns.
func fileTable(infos []port.HiveFile) string {
	sort.Slice(infos, func(i, j int) bool { return infos[i].Path < infos[j].Path })
	rows := make([]string, len(infos))
	for i, f := range infos {
		rows[i] = "(" + ducksql.Quote(f.Path) + ", " + ducksql.Quote(f.Address) + ", " + number(f.Size) + ", make_timestamp(" + number(f.Modified.UnixMilli()*1000) + "))"
	}
	return "(VALUES " + strings.Join(rows, ", ") + ") AS hidden(file, " + ducksql.Idents([]string{port.HivePath, port.HiveSize, port.HiveModified}) + ")"
}

func number(n int64) string { return "CAST(" + strconv.FormatInt(n, 10) + " AS BIGINT)" }
