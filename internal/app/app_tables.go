package app

import (
	"context"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/connector/duckdb"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/lake/external"
	"github.com/mulgil/mulgil/internal/query"
	"github.com/mulgil/mulgil/internal/query/worker"
)

// hiveType spells an engine type as Hive does; types Hive lacks keep their name.
func hiveType(engine string) string {
	t, err := duckdb.ParseType(engine)
	if err != nil {
		return strings.ToLower(engine)
	}
	return t.String()
}

// TableList implements Backend.
func (a *App) TableList(ctx context.Context, req TableListRequest) ([]TableInfo, error) {
	dbs := []string{req.Database}
	if req.Database == "" {
		var err error
		if dbs, err = a.databases(ctx); err != nil {
			return nil, err
		}
	}
	out := []TableInfo{}
	for _, db := range dbs {
		managed, err := a.lake.Tables(ctx, db)
		if err != nil && (base.KindOf(err) != base.NotFound || req.Database != "" && !a.hasExternal(ctx, db)) {
			return nil, err
		}
		for _, t := range managed {
			out = append(out, managedInfo(t))
		}
		ext, err := a.external.List(ctx, db)
		if err != nil {
			return nil, err
		}
		for _, t := range ext {
			out = append(out, externalInfo(t))
		}
	}
	return out, nil
}

func (a *App) hasExternal(ctx context.Context, db string) bool {
	l, err := a.external.List(ctx, db)
	return err == nil && len(l) > 0
}

func (a *App) databases(ctx context.Context) ([]string, error) {
	dbs, err := a.lake.Databases(ctx)
	if err != nil {
		return nil, err
	}
	more, err := a.external.Databases(ctx)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	var out []string
	for _, d := range append(dbs, more...) {
		if !seen[d] {
			seen[d] = true
			out = append(out, d)
		}
	}
	sort.Strings(out)
	return out, nil
}

func managedInfo(t lake.TableInfo) TableInfo {
	if t.Damage != nil {
		return TableInfo{Database: t.Database, Name: t.Table, Kind: "iceberg", Rows: -1, Files: -1, Bytes: -1, Error: t.Damage.Error()}
	}
	return TableInfo{Database: t.Database, Name: t.Table, Kind: "iceberg", Comment: t.Comment, Rows: t.Rows, Files: t.Files, Bytes: t.Bytes, UpdatedAt: utc(&t.UpdatedAt)}
}

func externalInfo(t external.Table) TableInfo {
	return TableInfo{Database: t.Database, Name: t.Name, Kind: "external", Comment: t.Comment, Rows: -1, Files: -1, Bytes: -1, UpdatedAt: utc(&t.Updated)}
}

// name reads "database.table", `"a.b".c` or a bare table name.
func (a *App) name(s string) (lake.Name, error) {
	var parts []string
	var cur strings.Builder
	quoted := false
	for _, r := range s {
		switch {
		case r == '"':
			quoted = !quoted
		case r == '.' && !quoted:
			parts = append(parts, cur.String())
			cur.Reset()
		default:
			cur.WriteRune(r)
		}
	}
	parts = append(parts, cur.String())
	switch {
	case quoted || len(parts) > 2 || parts[len(parts)-1] == "":
		return lake.Name{}, base.Errorf(base.Usage, "table name %q is not well formed", s).WithHint(`write table or database.table, with "" around a part that holds a dot`)
	case len(parts) == 1:
		return lake.Name{Database: a.p.Database, Table: parts[0]}, nil
	}
	return lake.Name{Database: parts[0], Table: parts[1]}, nil
}

// TableDescribe implements Backend.
func (a *App) TableDescribe(ctx context.Context, req TableDescribeRequest) (TableDetail, error) {
	n, err := a.name(req.Table)
	if err != nil {
		return TableDetail{}, err
	}
	if t, err := a.external.Get(ctx, n.Database, n.Table); err == nil {
		return a.describeExternal(ctx, t)
	}
	t, err := a.lake.Table(ctx, n)
	if err != nil {
		return TableDetail{}, err
	}
	d := TableDetail{TableInfo: managedInfo(t), Location: t.Location, Format: "parquet", PartitionBy: t.PartitionBy, Properties: t.Properties}
	if t.SnapshotID != 0 {
		d.SnapshotID = strconv.FormatInt(t.SnapshotID, 10)
	}
	keys := map[string]bool{}
	for _, k := range t.PartitionBy {
		keys[k] = true
	}
	d.Columns = columnsOf(t.Fields, keys)
	files, err := a.lake.DataFiles(ctx, n)
	seen := map[string]bool{}
	for _, f := range files {
		seen[partitionText(t.PartitionBy, f.Partition)] = true
	}
	if len(t.PartitionBy) > 0 {
		d.Partitions = int64(len(seen))
	}
	return d, err
}

func columnsOf(fields []base.Field, keys map[string]bool) []Column {
	var out []Column
	for _, f := range fields {
		out = append(out, Column{Name: f.Name, Type: f.Type.String(), Comment: f.Comment, Required: f.Required, Partition: keys[f.Name]})
	}
	return out
}

func (a *App) describeExternal(ctx context.Context, t external.Table) (TableDetail, error) {
	d := TableDetail{TableInfo: externalInfo(t), Location: t.Location, Format: t.Format, Properties: t.Parameters, Columns: columnsOf(t.Columns, nil)}
	keys := map[string]bool{}
	for _, k := range t.PartitionKeys {
		keys[k.Name] = true
		d.PartitionBy = append(d.PartitionBy, k.Name)
	}
	d.Columns = append(d.Columns, columnsOf(t.PartitionKeys, keys)...)
	parts, err := a.external.Partitions(ctx, t.Database, t.Name)
	d.Partitions = int64(len(parts))
	return d, err
}

func partitionText(by []string, values map[string]*string) string {
	var out []string
	for _, k := range by {
		v := external.NullPartition
		if p := values[k]; p != nil {
			v = *p
		}
		out = append(out, k+"="+v)
	}
	return strings.Join(out, "/")
}

// TableFiles implements Backend.
func (a *App) TableFiles(ctx context.Context, req TableFilesRequest) ([]TableFile, error) {
	n, err := a.name(req.Table)
	if err != nil {
		return nil, err
	}
	t, err := a.lake.Table(ctx, n)
	if err != nil {
		return nil, err
	}
	files, err := a.lake.DataFiles(ctx, n)
	out := make([]TableFile, 0, len(files))
	for _, f := range files {
		out = append(out, TableFile{Path: f.Path, Partition: partitionText(t.PartitionBy, f.Partition), Rows: f.Rows, Bytes: f.Bytes})
	}
	return out, err
}

// TableHistory implements Backend.
func (a *App) TableHistory(ctx context.Context, req TableHistoryRequest) ([]TableSnapshot, error) {
	n, err := a.name(req.Table)
	if err != nil {
		return nil, err
	}
	t, err := a.lake.Table(ctx, n)
	if err != nil {
		return nil, err
	}
	snaps, err := a.lake.Snapshots(ctx, n)
	out := make([]TableSnapshot, 0, len(snaps))
	for _, s := range snaps {
		x := TableSnapshot{ID: strconv.FormatInt(s.ID, 10), Time: s.Time.UTC(), Operation: s.Operation, WriteID: s.WriteID, Current: s.ID == t.SnapshotID, Summary: s.Summary}
		if s.Parent != 0 {
			x.ParentID = strconv.FormatInt(s.Parent, 10)
		}
		out = append(out, x)
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Time.After(out[j].Time) })
	return out, err
}

// TableOptimize implements Backend.
func (a *App) TableOptimize(ctx context.Context, req TableOptimizeRequest, report base.Report) (TableOptimized, error) {
	n, err := a.name(req.Table)
	if err != nil {
		return TableOptimized{}, err
	}
	before, err := a.lake.Table(ctx, n)
	if err != nil {
		return TableOptimized{}, err
	}
	done, err := a.lake.Optimize(ctx, n, lake.OptimizeOptions{TargetBytes: req.TargetBytes, MinFiles: 2}, rewriter{a, report})
	if err != nil {
		return TableOptimized{}, err
	}
	after, err := a.lake.Table(ctx, n)
	out := TableOptimized{Table: before.Name.String(), FilesBefore: before.Files, FilesAfter: after.Files, BytesBefore: before.Bytes, BytesAfter: after.Bytes}
	if done.RemovedFiles+done.RemovedDeletes > 0 {
		out.SnapshotID = strconv.FormatInt(after.SnapshotID, 10)
	}
	return out, err
}

// rewriter has a worker rewrite files.
type rewriter struct {
	a      *App
	report base.Report
}

func (r rewriter) Rewrite(ctx context.Context, t lake.RewriteTask) ([]string, error) {
	var out []string
	_, err := r.a.query.Run(ctx, query.RewriteTask(t, r.a.query.Engine(0, 0)), worker.Handler{Message: func(m worker.Message) {
		if m.Written != nil {
			out = m.Written.Files
			r.report.Do(base.Progress{Stage: "rewrite", Rows: m.Written.Rows, Bytes: m.Written.Bytes, Files: int64(len(out))})
		}
	}})
	return out, err
}

// Defaults of expiry.
const (
	keepSnapshots = 10
	keepFor       = 7 * 24 * time.Hour
	orphanAge     = 72 * time.Hour
)

// TableExpire implements Backend.
func (a *App) TableExpire(ctx context.Context, req TableExpireRequest, _ base.Report) (TableExpired, error) {
	n, err := a.name(req.Table)
	if err != nil {
		return TableExpired{}, err
	}
	o := lake.ExpireOptions{OlderThan: keepFor, Keep: keepSnapshots}
	if req.OlderThanSeconds != nil {
		o.OlderThan = time.Duration(*req.OlderThanSeconds) * time.Second
	}
	if req.Keep > 0 {
		o.Keep = req.Keep
	}
	c, err := a.lake.Expire(ctx, n, o)
	if err != nil {
		return TableExpired{}, err
	}
	left, err := a.lake.Snapshots(ctx, n)
	return TableExpired{Table: n.String(), Snapshots: int64(c.Snapshots), Kept: int64(len(left)), Files: int64(c.Files), Bytes: c.Bytes}, err
}

// TableClean implements Backend.
func (a *App) TableClean(ctx context.Context, req TableCleanRequest, _ base.Report) (TableCleaned, error) {
	names, err := a.cleanTargets(ctx, req.Table)
	if err != nil {
		return TableCleaned{}, err
	}
	out := TableCleaned{DryRun: req.DryRun, Paths: []string{}}
	for _, n := range names {
		c, err := a.lake.FindOrphans(ctx, n, orphanAge)
		if err == nil && !req.DryRun {
			_, err = a.lake.Orphans(ctx, n, orphanAge)
		}
		if err != nil {
			return out, err
		}
		for _, f := range c {
			out.Paths, out.Files, out.Bytes = append(out.Paths, f.Path), out.Files+1, out.Bytes+f.Bytes
		}
	}
	return out, nil
}

func (a *App) cleanTargets(ctx context.Context, table string) ([]lake.Name, error) {
	if table != "" {
		n, err := a.name(table)
		return []lake.Name{n}, err
	}
	dbs, err := a.lake.Databases(ctx)
	if err != nil {
		return nil, err
	}
	var out []lake.Name
	for _, db := range dbs {
		l, err := a.lake.Tables(ctx, db)
		if err != nil {
			return nil, err
		}
		for _, t := range l {
			out = append(out, t.Name)
		}
	}
	return out, nil
}

// TableExportHive implements Backend.
func (a *App) TableExportHive(ctx context.Context, req TableExportHiveRequest, _ base.Report) (TableExported, error) {
	n, err := a.name(req.Table)
	if err != nil {
		return TableExported{}, err
	}
	e, err := a.lake.ExportHive(ctx, n, req.Dir)
	if err != nil {
		return TableExported{}, err
	}
	return TableExported{Table: n.String(), Dir: req.Dir, SnapshotID: strconv.FormatInt(e.SnapshotID, 10), Rows: e.Rows, Files: int64(e.Files), Bytes: e.Bytes}, nil
}
