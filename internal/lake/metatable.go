package lake

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/apache/iceberg-go/table"

	"github.com/mulgil/mulgil/internal/base"
)

// MetaTable is what Iceberg knows of a table as rows, under the columns that
// Trino's metadata tables ("t$history") have.
//
// Values are nil, bool, int32 (int), int64 (long), float32, float64, string,
// []byte, time.Time in UTC (date, timestamp, timestamptz), base.DecimalText,
// []any (list, struct: members in order) and maps of int32 or string.
type MetaTable struct {
	Fields []base.Field
	Rows   [][]any
}

type metaMaker func(ctx context.Context, n Name, t *table.Table, m moment) (MetaTable, error)

// metaTables are the kinds of metadata tables, the part of the name after "$".
func metaTables() map[string]metaMaker {
	return map[string]metaMaker{
		"history": historyTable, "snapshots": snapshotsTable, "refs": refsTable, "properties": propertiesTable,
		"manifests": manifestsTable, "files": filesTable, "partitions": partitionsTable,
	}
}

// MetaTables lists the kinds of metadata tables.
func MetaTables() []string { return slices.Sorted(maps.Keys(metaTables())) }

// Meta returns a metadata table of a pinned table. An unknown kind is
// base.NotFound.
func (v *View) Meta(ctx context.Context, p Pin, kind string) (MetaTable, error) {
	make, ok := metaTables()[strings.ToLower(kind)]
	if !ok {
		return MetaTable{}, base.Errorf(base.NotFound, "table %s has no metadata table %q", p.Name, kind).WithCode("TABLE_NOT_FOUND").
			WithHint("there are: %s", strings.Join(MetaTables(), ", "))
	}
	n, t, m, err := v.moment(p)
	if err != nil {
		return MetaTable{}, err
	}
	return make(ctx, n, t, m)
}

func col(name string, id base.TypeID) base.Field {
	return base.Field{Name: name, Type: base.Type{ID: id}}
}

func nested(name string, t base.Type) base.Field { return base.Field{Name: name, Type: t} }

func mapType(key, value base.TypeID) base.Type {
	return base.Type{ID: base.Map, Fields: []base.Field{{Name: "key", Type: base.Type{ID: key}, Required: true}, {Name: "value", Type: base.Type{ID: value}}}}
}

func structType(fields ...base.Field) base.Type { return base.Type{ID: base.Struct, Fields: fields} }

func millis(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// orNull is what a pointer points to, nil for none.
func orNull[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

func historyTable(_ context.Context, _ Name, t *table.Table, m moment) (MetaTable, error) {
	out := MetaTable{Fields: []base.Field{col("made_current_at", base.TimestampTZ), col("snapshot_id", base.Long), col("parent_id", base.Long), col("is_current_ancestor", base.Boolean)}}
	line := map[int64]bool{}
	for s := m.snapshot; s != nil && !line[s.SnapshotID]; {
		line[s.SnapshotID] = true
		if s.ParentSnapshotID == nil {
			break
		}
		s = t.SnapshotByID(*s.ParentSnapshotID)
	}
	for e := range t.Metadata().SnapshotLogs() {
		var parent any
		if s := t.SnapshotByID(e.SnapshotID); s != nil {
			parent = orNull(s.ParentSnapshotID)
		}
		out.Rows = append(out.Rows, []any{millis(e.TimestampMs), e.SnapshotID, parent, line[e.SnapshotID]})
	}
	return out, nil
}

func snapshotsTable(_ context.Context, _ Name, t *table.Table, _ moment) (MetaTable, error) {
	out := MetaTable{Fields: []base.Field{col("committed_at", base.TimestampTZ), col("snapshot_id", base.Long), col("parent_id", base.Long),
		col("operation", base.String), col("manifest_list", base.String), nested("summary", mapType(base.String, base.String))}}
	for _, s := range t.Metadata().Snapshots() {
		var operation, summary any
		if s.Summary != nil {
			operation, summary = string(s.Summary.Operation), maps.Clone(map[string]string(s.Summary.Properties))
		}
		out.Rows = append(out.Rows, []any{millis(s.TimestampMs), s.SnapshotID, orNull(s.ParentSnapshotID), operation, plainPath(s.ManifestList), summary})
	}
	slices.SortStableFunc(out.Rows, func(a, b []any) int { return a[0].(time.Time).Compare(b[0].(time.Time)) })
	return out, nil
}

func refsTable(_ context.Context, _ Name, t *table.Table, _ moment) (MetaTable, error) {
	out := MetaTable{Fields: []base.Field{col("name", base.String), col("type", base.String), col("snapshot_id", base.Long),
		col("max_reference_age_in_ms", base.Long), col("min_snapshots_to_keep", base.Int), col("max_snapshot_age_in_ms", base.Long)}}
	for name, r := range t.Metadata().Refs() {
		var keep any
		if r.MinSnapshotsToKeep != nil {
			keep = int32(*r.MinSnapshotsToKeep)
		}
		out.Rows = append(out.Rows, []any{name, strings.ToUpper(string(r.SnapshotRefType)), r.SnapshotID, orNull(r.MaxRefAgeMs), keep, orNull(r.MaxSnapshotAgeMs)})
	}
	slices.SortFunc(out.Rows, func(a, b []any) int { return strings.Compare(a[0].(string), b[0].(string)) })
	return out, nil
}

func propertiesTable(_ context.Context, _ Name, t *table.Table, _ moment) (MetaTable, error) {
	out := MetaTable{Fields: []base.Field{col("key", base.String), col("value", base.String)}}
	for _, k := range slices.Sorted(maps.Keys(t.Properties())) {
		out.Rows = append(out.Rows, []any{k, t.Properties()[k]})
	}
	return out, nil
}
