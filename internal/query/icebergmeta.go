package query

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/lang/trino/duckdb"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// icebergMetadata answers "t$history", "t$snapshots", "t$files", "t$partitions" and
// "t$properties" with the columns Trino's Iceberg connector names.
func (s *Service) icebergMetadata(ctx context.Context, name lake.Name, what string) (*rowSet, error) {
	switch what {
	case "history", "snapshots":
		list, err := s.o.Lake.Snapshots(ctx, name)
		if err != nil {
			return nil, err
		}
		if what == "history" {
			return historyRows(list), nil
		}
		return snapshotRows(list), nil
	case "files":
		files, err := s.o.Lake.DataFiles(ctx, name)
		return fileRows(files), err
	case "partitions":
		files, err := s.o.Lake.DataFiles(ctx, name)
		return partitionRows(files), err
	case "properties":
		info, err := s.o.Lake.Table(ctx, name)
		set := &rowSet{columns: columnsNamed(types.TVarchar, "key", "value")}
		for _, k := range sortedKeys(info.Properties) {
			set.add(text(k), text(info.Properties[k]))
		}
		return set, err
	}
	return nil, base.Errorf(base.NotFound, "table %s$%s does not exist", name, what).WithCode("TABLE_NOT_FOUND").
		WithHint("metadata tables: $history, $snapshots, $files, $partitions, $properties")
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

func column(name string, t types.Type) duckdb.Column { return duckdb.Column{Name: name, Type: t} }

// at is an instant as a value of timestamp(3) with time zone.
func at(s lake.Snapshot) string {
	return "TIMESTAMP '" + s.Time.UTC().Format("2006-01-02 15:04:05.000") + "'"
}

func parent(s lake.Snapshot) string {
	if s.Parent == 0 {
		return "NULL"
	}
	return fmt.Sprint(s.Parent)
}

// The stored form of an instant is a plain timestamp in UTC: the scan packs it with its zone.
func historyRows(list []lake.Snapshot) *rowSet {
	set := &rowSet{columns: []duckdb.Column{column("made_current_at", types.TimestampTZOf(3)), column("snapshot_id", types.TBigint), column("parent_id", types.TBigint), column("is_current_ancestor", types.TBoolean)}}
	ancestor, byID := map[int64]bool{}, map[int64]lake.Snapshot{}
	for _, s := range list {
		byID[s.ID] = s
		if s.Current {
			ancestor[s.ID] = true
		}
	}
	for i := len(list) - 1; i >= 0; i-- {
		if ancestor[list[i].ID] {
			ancestor[list[i].Parent] = true
		}
	}
	for _, s := range list {
		set.add(at(s), fmt.Sprint(s.ID), parent(s), fmt.Sprint(ancestor[s.ID]))
	}
	return set
}

func snapshotRows(list []lake.Snapshot) *rowSet {
	set := &rowSet{columns: []duckdb.Column{column("committed_at", types.TimestampTZOf(3)), column("snapshot_id", types.TBigint), column("parent_id", types.TBigint),
		column("operation", types.TVarchar), column("manifest_list", types.TVarchar), column("summary", types.MapOf(types.TVarchar, types.TVarchar))}}
	for _, s := range list {
		keys := sortedKeys(s.Summary)
		k, v := make([]string, len(keys)), make([]string, len(keys))
		for i, key := range keys {
			k[i], v[i] = text(key), text(s.Summary[key])
		}
		set.add(at(s), fmt.Sprint(s.ID), parent(s), text(s.Operation), "NULL", "map(CAST(["+strings.Join(k, ", ")+"] AS VARCHAR[]), CAST(["+strings.Join(v, ", ")+"] AS VARCHAR[]))")
	}
	return set
}

func fileRows(files []lake.FileInfo) *rowSet {
	set := &rowSet{columns: []duckdb.Column{column("content", types.TInteger), column("file_path", types.TVarchar), column("file_format", types.TVarchar), column("record_count", types.TBigint), column("file_size_in_bytes", types.TBigint)}}
	for _, f := range files {
		set.add("0", text(f.Path), text("PARQUET"), fmt.Sprint(f.Rows), fmt.Sprint(f.Bytes))
	}
	return set
}

// partitionRows sums files by partition; its values are a map from column to text.
func partitionRows(files []lake.FileInfo) *rowSet {
	type sum struct {
		values      []string
		rows, count int64
		size        int64
	}
	set := &rowSet{columns: []duckdb.Column{column("partition", types.MapOf(types.TVarchar, types.TVarchar)), column("record_count", types.TBigint), column("file_count", types.TBigint), column("total_size", types.TBigint)}}
	sums, order := map[string]*sum{}, []string{}
	for _, f := range files {
		key := partitionKey(f)
		if sums[key] == nil {
			sums[key], order = &sum{}, append(order, key)
		}
		s := sums[key]
		s.rows, s.count, s.size = s.rows+f.Rows, s.count+1, s.size+f.Bytes
	}
	sort.Strings(order)
	for _, key := range order {
		s := sums[key]
		set.add(key, fmt.Sprint(s.rows), fmt.Sprint(s.count), fmt.Sprint(s.size))
	}
	return set
}

func partitionKey(f lake.FileInfo) string {
	var names []string
	for n := range f.Partition {
		names = append(names, n)
	}
	sort.Strings(names)
	k, v := make([]string, len(names)), make([]string, len(names))
	for i, n := range names {
		k[i], v[i] = text(n), "NULL"
		if p := f.Partition[n]; p != nil {
			v[i] = text(*p)
		}
	}
	return "map(CAST([" + strings.Join(k, ", ") + "] AS VARCHAR[]), CAST([" + strings.Join(v, ", ") + "] AS VARCHAR[]))"
}
