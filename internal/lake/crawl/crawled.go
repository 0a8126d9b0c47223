package crawl

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake/external"
)

// Table is a crawled table, external or managed, in the shape of Glue's
// GetTable: columns without partition keys, partition keys apart.
type Table struct {
	Database      string    `json:"database"`
	Name          string    `json:"name"`
	Columns       []Column  `json:"columns"`
	PartitionKeys []Column  `json:"partition_keys"`
	Location      string    `json:"location"`
	Format        string    `json:"format"` // "iceberg" for a managed table
	Managed       bool      `json:"managed"`
	Target        string    `json:"target,omitempty"` // the managed table, "database.name"
	Crawler       string    `json:"crawler"`
	Deprecated    bool      `json:"deprecated,omitempty"`
	Version       int64     `json:"version"`
	Updated       time.Time `json:"updated"`
}

// Column is a column with its Hive type.
type Column struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Comment string `json:"comment,omitempty"`
}

// Crawled returns a database's crawled tables, by name; every database's if db is empty.
func (s *Service) Crawled(ctx context.Context, db string) ([]Table, error) {
	tables, err := s.o.Tables.List(ctx, db)
	if err != nil {
		return nil, err
	}
	links, err := s.o.Tables.Links(ctx, db)
	if err != nil {
		return nil, err
	}
	out := []Table{}
	for _, t := range tables {
		if t.Crawler == "" {
			continue
		}
		out = append(out, Table{t.Database, t.Name, hiveColumns(t.Columns), hiveColumns(t.PartitionKeys), t.Location, t.Format, false, "", t.Crawler, t.Deprecated, t.Version, t.Updated})
	}
	for _, l := range links {
		out = append(out, Table{l.Database, l.Name, hiveColumns(l.Columns), hiveColumns(l.PartitionKeys), l.Location, "iceberg", true, l.TargetDatabase + "." + l.TargetName, l.Crawler, l.Deprecated, l.Version, l.Updated})
	}
	slices.SortFunc(out, func(a, b Table) int {
		return cmp.Or(cmp.Compare(a.Database, b.Database), cmp.Compare(a.Name, b.Name))
	})
	return out, nil
}

func hiveColumns(fields []base.Field) []Column {
	out := make([]Column, len(fields))
	for i, f := range fields {
		out[i] = Column{f.Name, external.HiveType(f.Type), f.Comment}
	}
	return out
}
