package query

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/lake/external"
	"github.com/mulgil/mulgil/internal/lang/hive"
)

func (d *ddl) show(n hive.Node) error {
	switch n := n.(type) {
	case *hive.ShowPartitions:
		return d.showPartitions(n)
	case *hive.ShowCreateTable:
		return d.showCreate(n)
	case *hive.ShowTables:
		return d.showNames("tab_name", n.Database, n.At, n.Pattern, d.tables, d.views)
	case *hive.ShowViews:
		return d.showNames("views", n.Database, n.At, n.Pattern, d.views)
	case *hive.ShowDatabases:
		all, err := d.databases()
		if err != nil {
			return err
		}
		return d.column("database_name", matched(all, n.Pattern))
	case *hive.ShowColumns:
		return d.showColumns(n)
	case *hive.ShowProperties:
		return d.showProperties(n)
	case *hive.Describe:
		return d.describe(n)
	}
	return base.Errorf(base.Internal, "statement %T is read and not run", n)
}

// matched keeps the names that a Hive pattern fits: * (or .*) stands for any
// text, | divides alternatives, case does not count.
func matched(names []string, pattern string) []string {
	if pattern == "" {
		return names
	}
	var alternatives []string
	for _, p := range strings.Split(pattern, "|") {
		p = regexp.QuoteMeta(strings.ReplaceAll(strings.TrimSpace(p), ".*", "*"))
		alternatives = append(alternatives, strings.ReplaceAll(p, `\*`, ".*"))
	}
	re := regexp.MustCompile(`(?is)^(?:` + strings.Join(alternatives, "|") + `)$`)
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !re.MatchString(n) })
}

func (d *ddl) showNames(column, db string, at hive.Span, pattern string, lists ...func(string) ([]string, error)) error {
	db = d.database(db)
	if err := d.needDatabase(db, at); err != nil {
		return err
	}
	var names []string
	for _, list := range lists {
		more, err := list(db)
		if err != nil {
			return err
		}
		names = append(names, more...)
	}
	slices.Sort(names)
	return d.column(column, matched(slices.Compact(names), pattern))
}

func (d *ddl) showPartitions(n *hive.ShowPartitions) error {
	f, err := d.find(n.Name)
	if err != nil {
		return err
	}
	switch {
	case f.view != nil:
		return d.notForViews(n.Name, f)
	case f.managed != nil:
		return d.managedPartitions(n, *f.managed)
	}
	t := *f.external
	if len(t.PartitionKeys) == 0 {
		return d.unpartitioned(n.Name, f.name)
	}
	all, err := d.s.o.External.Partitions(d.ctx, t.Database, t.Name)
	if err != nil {
		return err
	}
	if n.Spec != nil {
		if all, err = d.matching(t, all, *n.Spec); err != nil {
			return err
		}
	}
	out := make([]string, len(all))
	for i, p := range all {
		out[i] = external.ShownPartition(t, p.Values)
	}
	slices.Sort(out)
	return d.column("partition", out)
}

func (d *ddl) unpartitioned(n hive.Name, name lake.Name) error {
	return d.at(n.At, base.Errorf(base.Invalid, "table %s is not a partitioned table", name).WithCode("NOT_SUPPORTED"))
}

// managedPartitions lists what partitions the files of a lake's table lie in.
func (d *ddl) managedPartitions(n *hive.ShowPartitions, t lake.TableInfo) error {
	if len(t.PartitionBy) == 0 {
		return d.unpartitioned(n.Name, t.Name)
	}
	if n.Spec != nil || slices.ContainsFunc(t.PartitionBy, func(s string) bool { return strings.Contains(s, "(") }) {
		return d.at(n.Name.At, base.Errorf(base.Invalid, "SHOW PARTITIONS of a part, or of transformed columns, is not supported for Iceberg tables").WithCode("NOT_SUPPORTED"))
	}
	files, err := d.s.o.Lake.DataFiles(d.ctx, t.Name)
	if err != nil {
		return err
	}
	names := map[string]bool{}
	for _, f := range files {
		parts := make([]string, len(t.PartitionBy))
		for i, k := range t.PartitionBy {
			v := external.NullPartition
			if p := f.Partition[k]; p != nil {
				v = *p
			}
			parts[i] = external.EscapeValue(k) + "=" + external.EscapeValue(v)
		}
		names[strings.Join(parts, "/")] = true
	}
	return d.column("partition", slices.Sorted(maps.Keys(names)))
}

func (d *ddl) showCreate(n *hive.ShowCreateTable) error {
	f, err := d.find(n.Name)
	if err != nil {
		return err
	}
	asked := f.name.Table
	if n.Name.Database != "" {
		asked = f.name.String()
	}
	switch {
	case f.view != nil:
		return d.at(n.Name.At, base.Errorf(base.Invalid, "%s is a view, not a table", f.name).WithCode("NOT_SUPPORTED").WithHint("write SHOW CREATE VIEW"))
	case f.managed != nil:
		return d.column("createtab_stmt", d.facts(f).CreateText(asked))
	}
	return d.column("createtab_stmt", f.external.CreateText(asked))
}

func (d *ddl) facts(f found) external.Facts {
	switch {
	case f.managed != nil:
		out := managedFacts(f.name, *f.managed)
		out.Location = d.address(out.Location)
		return out
	case f.view != nil:
		out := external.Facts{Database: f.name.Database, Name: f.name.Table, Kind: "VIRTUAL_VIEW", ViewText: f.view.SQL, Parameters: map[string]string{}}
		out.Columns = factColumns(f.view.Columns)
		if f.view.Comment != "" {
			out.Parameters["comment"] = f.view.Comment
		}
		return out
	}
	out := f.external.Facts()
	out.Parameters = maps.Clone(out.Parameters)
	if f.external.Comment != "" {
		if out.Parameters == nil {
			out.Parameters = map[string]string{}
		}
		out.Parameters["comment"] = f.external.Comment
	}
	return out
}

// address is the object address that leads to a local folder, or the folder
// itself if none does.
func (d *ddl) address(dir string) string {
	parts := strings.Split(strings.Trim(filepath.ToSlash(dir), "/"), "/")
	for i := len(parts) - 1; i >= 0; i-- {
		uri := "s3://" + strings.Join(parts[i:], "/")
		if got, err := d.s.o.Resolve(uri); err == nil && filepath.Clean(got) == filepath.Clean(dir) {
			return uri
		}
	}
	return dir
}

func factColumns(fields []base.Field) []external.FactColumn {
	out := make([]external.FactColumn, len(fields))
	for i, f := range fields {
		out[i] = external.FactColumn{Name: f.Name, Type: f.Type.String(), Comment: f.Comment}
	}
	return out
}

func managedFacts(name lake.Name, t lake.TableInfo) external.Facts {
	f := external.Facts{Database: name.Database, Name: name.Table, Kind: "EXTERNAL_TABLE", Iceberg: true, Created: t.CreatedAt, Location: t.Location,
		Parameters: map[string]string{"table_type": "ICEBERG"}, Columns: factColumns(t.Fields),
		Serde:       external.Serde{Library: "org.apache.iceberg.mr.hive.HiveIcebergSerDe"},
		InputFormat: "org.apache.iceberg.mr.hive.HiveIcebergInputFormat", OutputFormat: "org.apache.iceberg.mr.hive.HiveIcebergOutputFormat"}
	for k, v := range t.Properties {
		if !strings.HasPrefix(k, "mulgil.") && k != "table_type" {
			f.Parameters[k] = v
		}
	}
	by, _ := base.ParsePartitionBy(t.PartitionBy, t.Fields)
	for _, p := range by {
		tr := cmp.Or(p.Transform, "identity")
		if p.N > 0 {
			tr = fmt.Sprintf("%s[%d]", tr, p.N)
		}
		f.Transforms = append(f.Transforms, external.Transform{Field: p.Name(), Transform: tr, Column: p.Column})
	}
	return f
}

func (d *ddl) showColumns(n *hive.ShowColumns) error {
	f, err := d.find(n.Name)
	if err != nil {
		return err
	}
	facts := d.facts(f)
	var out []string
	for _, c := range slices.Concat(facts.Columns, facts.Keys) {
		out = append(out, c.Name)
	}
	return d.column("field", out)
}

func (d *ddl) showProperties(n *hive.ShowProperties) error {
	f, err := d.find(n.Name)
	if err != nil {
		return err
	}
	props := d.facts(f).Parameters
	keys := slices.Sorted(maps.Keys(props))
	if n.Key != "" {
		if _, ok := props[n.Key]; !ok {
			return d.answer([]string{"prpt_name", "prpt_value"}, [][]string{{"Table " + f.name.String() + " does not have property: " + n.Key, ""}})
		}
		keys = []string{n.Key}
	}
	rows := make([][]string, len(keys))
	for i, k := range keys {
		rows[i] = []string{k, props[k]}
	}
	return d.answer([]string{"prpt_name", "prpt_value"}, rows)
}

func (d *ddl) describe(n *hive.Describe) error {
	f, err := d.find(n.Name)
	if err != nil {
		return err
	}
	facts := d.facts(f)
	if n.Partition != nil {
		if f.external == nil {
			return d.at(n.Partition.At, base.Errorf(base.Invalid, "DESCRIBE ... PARTITION is for external tables").WithCode("NOT_SUPPORTED"))
		}
		p, err := d.one(*f.external, *n.Partition)
		if err != nil {
			return err
		}
		facts.Partition = &p
	}
	var lines []string
	switch {
	case len(n.Path) > 0:
		lines, err = facts.Inner(n.Path)
		var e *base.Error
		if errors.As(err, &e) {
			return d.at(n.PathAt, err)
		}
	case n.Formatted:
		lines = facts.FormattedLines()
	case n.Extended:
		lines = facts.ExtendedLines()
	default:
		lines = facts.Lines()
	}
	if err != nil {
		return err
	}
	rows := make([][]string, len(lines))
	for i, l := range lines {
		rows[i] = append(strings.SplitN(l, "\t", 3), "", "")[:3]
	}
	return d.answer([]string{"col_name", "data_type", "comment"}, rows)
}
