package query

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/duckdb"
)

// given are the properties of WITH (...), each taken once.
type given struct {
	a    *athena
	list map[string]trino.Property
}

func (a *athena) given(list []trino.Property) (*given, error) {
	g := &given{a: a, list: map[string]trino.Property{}}
	for _, p := range list {
		key := strings.ToLower(p.Name)
		if _, twice := g.list[key]; twice {
			return nil, a.at(p, "DUPLICATE_PROPERTY", "duplicate property: %s", key)
		}
		g.list[key] = p
	}
	return g, nil
}

// text takes a property as text: a string, number or boolean.
func (g *given) text(name string) (string, trino.Node, error) {
	p, ok := g.list[name]
	if !ok {
		return "", nil, nil
	}
	delete(g.list, name)
	v, ok := duckdb.Constant(p.Value)
	if p.Value == nil || !ok {
		return "", p, g.bad(p, "property %s takes a constant", name)
	}
	return v, p, nil
}

// texts takes a property that is an ARRAY of strings.
func (g *given) texts(name string) ([]string, trino.Node, error) {
	p, ok := g.list[name]
	if !ok {
		return nil, nil, nil
	}
	delete(g.list, name)
	arr, ok := p.Value.(*trino.Array)
	if !ok {
		return nil, p, g.bad(p, "property %s takes ARRAY['...']", name)
	}
	out := make([]string, len(arr.Elems))
	for i, e := range arr.Elems {
		s, ok := e.(*trino.StringLit)
		if !ok {
			return nil, p, g.bad(p, "property %s takes ARRAY['...']", name)
		}
		out[i] = s.Value
	}
	return out, p, nil
}

func (g *given) bad(n trino.Node, format string, args ...any) error {
	return g.a.at(n, "INVALID_TABLE_PROPERTY", format, args...)
}

// refuse takes properties that mean something in Athena and cannot be had.
func (g *given) refuse(names ...string) error {
	for _, n := range names {
		if p, ok := g.list[n]; ok {
			return g.a.at(p, "NOT_SUPPORTED", "property %s is not supported", n)
		}
	}
	return nil
}

// rest is an error if a property was not taken.
func (g *given) rest(known ...string) error {
	for _, n := range slices.Sorted(maps.Keys(g.list)) {
		e := g.a.at(g.list[n], "INVALID_TABLE_PROPERTY", "property %q does not exist", n)
		if near := lake.Near(n, known); len(near) > 0 {
			return e.WithHint("did you mean %s?", near[0])
		}
		return e.WithHint("there are %s", strings.Join(known, ", "))
	}
	return nil
}

// icebergKept are properties of Iceberg tables that are kept as they are.
var icebergKept = []string{
	"vacuum_min_snapshots_to_keep", "vacuum_max_snapshot_age_seconds", "vacuum_max_metadata_files_to_keep", "write_target_data_file_size_bytes",
	"optimize_rewrite_min_data_file_size_bytes", "optimize_rewrite_max_data_file_size_bytes", "optimize_rewrite_data_file_threshold", "optimize_rewrite_delete_file_threshold",
	"max_snapshot_age", "format_version",
}

// keep takes the properties of icebergKept.
func (g *given) keep() (map[string]string, error) {
	out := map[string]string{}
	for _, k := range icebergKept {
		v, at, err := g.text(k)
		if err != nil {
			return nil, err
		}
		if at == nil {
			continue
		}
		if _, err := strconv.ParseInt(v, 10, 64); err != nil {
			return nil, g.bad(at, "property %s takes a whole number, not %q", k, v)
		}
		if k == "format_version" && v != "2" {
			return nil, g.a.at(at, "NOT_SUPPORTED", "Iceberg tables are written in format version 2")
		}
		out[k] = v
	}
	return out, nil
}

// partitioning takes Iceberg's partition fields: 'a', 'day(ts)', 'bucket(16, a)'.
func (g *given) partitioning(columns []base.Field) ([]base.PartitionField, error) {
	list, at, err := g.texts("partitioning")
	if err != nil || at == nil {
		return nil, err
	}
	out, err := base.ParsePartitionBy(list, columns)
	if err != nil {
		return nil, g.bad(at, "%w", err)
	}
	for _, f := range out {
		if fieldAt(columns, f.Column) < 0 {
			return nil, g.a.at(at, "COLUMN_NOT_FOUND", "partition column %q is not among the columns", f.Column)
		}
	}
	return out, nil
}
