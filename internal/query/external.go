package query

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake/external"
	"github.com/mulgil/mulgil/internal/port"
	"github.com/mulgil/mulgil/internal/query/worker"
)

// scanExternal lists the files of a Hive folder whose partitions the
// statement's predicate leaves over, and says how they are read: Parquet by
// the engine, text by the reader of its SerDe.
func (s *Service) scanExternal(ctx context.Context, b *Bound, u *use) error {
	t := *u.table.external
	list, err := s.folders(ctx, t, wanted(u.refs, t.PartitionKeys))
	if err != nil {
		return err
	}
	version, changed := sha256.New(), time.Time{}
	for _, f := range list {
		b.ScanFiles, b.TotalFiles = b.ScanFiles+len(f.files), b.TotalFiles+len(f.files)
		for _, x := range f.files {
			b.ScanBytes += x.size
			fmt.Fprintln(version, x.size, x.modified.UnixNano())
			if x.modified.After(changed) {
				changed = x.modified
			}
		}
	}
	r := worker.Relation{Origin: origin(t, list), Version: hex.EncodeToString(version.Sum(nil)), Changed: changed, Fields: append(append([]base.Field{}, t.Columns...), t.PartitionKeys...)}
	if t.Format == external.Parquet {
		if err := s.parquetRelation(ctx, t, u, list, &r); err != nil {
			return err
		}
	} else {
		r.Hive = hiveRead(t, u, list)
		r.Hive.ID = len(b.Relations)
	}
	b.name(r, u)
	return nil
}

// origin is what messages about the table's files say of it.
func origin(t external.Table, list []folder) *worker.Origin {
	o := &worker.Origin{Table: t.Database + "." + t.Name, Errors: "HIVE"}
	for _, f := range list {
		o.Folders = append(o.Folders, worker.Folder{Path: filepath.Clean(f.path), Address: f.location})
	}
	return o
}

// hiveRead describes a text table for the worker.
func hiveRead(t external.Table, u *use, list []folder) *worker.HiveRead {
	h := &worker.HiveRead{Names: map[string]bool{}, Materialize: !u.plain, Table: port.HiveTable{
		Name: t.Database + "." + t.Name, Serde: serde(t).Library, Parameters: map[string]string{},
		Columns: hiveColumns(t, t.Columns), Keys: hiveColumns(t, t.PartitionKeys),
	}}
	maps.Copy(h.Table.Parameters, t.Parameters)
	maps.Copy(h.Table.Parameters, serde(t).Parameters)
	for _, ref := range u.refs {
		h.All = h.All || ref.All
		maps.Copy(h.Names, ref.Names)
	}
	for i, f := range list {
		h.Table.Partitions = append(h.Table.Partitions, f.values)
		for _, x := range f.files {
			h.Table.Files = append(h.Table.Files, port.HiveFile{Path: x.path, Address: f.address(x.path), Size: x.size, Modified: x.modified, Partition: i})
		}
	}
	return h
}

// serde is the table's class, or the one its format has in Glue.
func serde(t external.Table) external.Serde {
	if t.Serde.Library != "" {
		return t.Serde
	}
	d := external.DefaultSerde(t.Format)
	for k, v := range t.Serde.Parameters {
		d.Parameters[k] = v
	}
	return d
}

func hiveColumns(t external.Table, fields []base.Field) []port.HiveColumn {
	out := make([]port.HiveColumn, len(fields))
	for i, f := range fields {
		out[i] = port.HiveColumn{Name: strings.ToLower(f.Name), Type: declaredType(t, f)}
	}
	return out
}

// declaring is a table that keeps its types as they were declared.
type declaring interface{ ColumnType(base.Field) string }

// declaredType is a column's type in Hive's spelling.
func declaredType(t external.Table, f base.Field) string {
	if d, ok := any(t).(declaring); ok {
		return d.ColumnType(f)
	}
	return external.HiveType(f.Type)
}
