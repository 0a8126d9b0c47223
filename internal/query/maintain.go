package query

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/lang/ducksql"
	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/lang/trino/duckdb"
	"github.com/mulgil/mulgil/internal/port"
	"github.com/mulgil/mulgil/internal/query/worker"
)

// optimize is OPTIMIZE ... REWRITE DATA USING BIN_PACK: small files become
// few large ones, row deletes are merged into the files they apply to. Where
// WHERE is given, only files of partitions that can hold such rows are read.
func (a *athena) optimize(ctx context.Context, st *trino.Optimize) (*Outcome, error) {
	info, err := a.managed(ctx, st.Name, "OPTIMIZE")
	if err != nil {
		return nil, err
	}
	o := lake.OptimizeOptions{MinFiles: 2}
	if v, err := strconv.ParseInt(info.Properties["write_target_data_file_size_bytes"], 10, 64); err == nil {
		o.TargetBytes = v
	}
	for _, p := range st.Args {
		v, _ := duckdb.Constant(p.Value)
		n, ok := dataSize(v)
		if !strings.EqualFold(p.Name, "file_size_threshold") && p.Name != "" || !ok {
			return nil, a.at(p, "INVALID_PROCEDURE_ARGUMENT", "optimize takes file_size_threshold => '100MB'")
		}
		o.TargetBytes = n/3*4 + 1 // files under three quarters of the target are small
	}
	if st.Where != nil {
		if o.Only, err = a.partitionFiles(ctx, st, info); err != nil {
			return nil, err
		}
	}
	leave, err := a.s.enter(ctx, a.w)
	if err != nil {
		return nil, err
	}
	defer leave()
	_, err = a.s.o.Lake.Optimize(ctx, info.Name, o, rewriter{a})
	return a.done("OPTIMIZE", a.placed(st.Name, err))
}

var sizeUnits = map[string]int64{"B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}

// dataSize reads Trino's spelling of a size: "100MB".
func dataSize(s string) (int64, bool) {
	digits := strings.TrimRight(strings.ToUpper(strings.TrimSpace(s)), "BKMG")
	n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 32)
	unit, ok := sizeUnits[strings.ToUpper(strings.TrimSpace(s))[len(digits):]]
	return n * unit, err == nil && ok && n > 0
}

// partitionFiles are the files of the partitions that WHERE names.
func (a *athena) partitionFiles(ctx context.Context, st *trino.Optimize, info lake.TableInfo) (map[string]bool, error) {
	q := &trino.Query{Span: st.Span, Body: &trino.Select{Span: st.Span, Where: st.Where,
		Items: []trino.SelectItem{{X: &trino.IntLit{Span: st.Span, Text: "1"}}}, From: []trino.TableRef{&trino.Table{Span: st.Name.Span, Name: st.Name}}}}
	p, b, err := a.bind(ctx, q)
	if err != nil {
		return nil, err
	}
	defer b.Release()
	if len(p.Scans) != 1 {
		return nil, a.at(st.Where, "NOT_SUPPORTED", "OPTIMIZE cannot read other tables")
	}
	by, err := base.ParsePartitionBy(info.PartitionBy, info.Fields)
	if err != nil {
		return nil, err
	}
	keys := map[string]bool{}
	for _, k := range by {
		keys[strings.ToLower(k.Column)] = true
	}
	for c := range p.Scans[0].Used {
		if !keys[strings.ToLower(c)] {
			return nil, a.at(st.Where, "NOT_SUPPORTED", "unexpected WHERE: column %q is not one the table is partitioned by", c)
		}
	}
	only := map[string]bool{}
	for _, r := range b.Relations {
		for _, f := range r.Files {
			only[f] = true
		}
	}
	return only, nil
}

// RewriteTask is what a worker is given to rewrite files of the lake.
func RewriteTask(t lake.RewriteTask, engine port.EngineConfig) worker.Task {
	q := &worker.Rewrite{Fields: t.Fields, Hidden: t.Hidden, PartitionBy: t.PartitionBy, Files: dataFiles(t.Files), Dir: t.Dir, Prefix: t.FilePrefix}
	engine.Dirs, engine.Files = []string{t.Dir}, ducksql.Paths(q.Files)
	return worker.Task{Engine: engine, Rewrite: q}
}

// rewriter has a worker rewrite files.
type rewriter struct{ a *athena }

func (r rewriter) Rewrite(ctx context.Context, t lake.RewriteTask) ([]string, error) {
	task := RewriteTask(t, r.a.s.statementEngine())
	task.Statement = true
	var out []string
	err := r.a.runWrite(ctx, task, worker.Handler{Message: func(m worker.Message) {
		r.a.hear(m)
		if m.Written != nil {
			out = m.Written.Files
		}
	}})
	return out, err
}

// Athena's defaults of VACUUM.
const (
	vacuumAge  = 432000 * time.Second
	vacuumKeep = 1
)

// vacuum forgets old snapshots as the table's properties say and removes files
// that no snapshot needs.
func (a *athena) vacuum(ctx context.Context, st *trino.Vacuum) (*Outcome, error) {
	info, err := a.managed(ctx, st.Name, "VACUUM")
	if err != nil {
		return nil, err
	}
	o := lake.ExpireOptions{OlderThan: vacuumAge, Keep: vacuumKeep}
	if n, err := strconv.ParseInt(info.Properties["vacuum_max_snapshot_age_seconds"], 10, 64); err == nil {
		o.OlderThan = time.Duration(n) * time.Second
	}
	if n, err := strconv.Atoi(info.Properties["vacuum_min_snapshots_to_keep"]); err == nil {
		o.Keep = n
	}
	a.w.running()
	if _, err := a.s.o.Lake.Expire(ctx, info.Name, o); err != nil {
		return nil, a.placed(st.Name, err)
	}
	_, err = a.s.o.Lake.Orphans(ctx, info.Name, 0)
	return a.done("VACUUM", a.placed(st.Name, err))
}

// executeProcedure is ALTER TABLE ... EXECUTE; optimize is a statement of its own.
func (a *athena) executeProcedure(ctx context.Context, st *trino.AlterTable) (*Outcome, error) {
	if st.Procedure != "expire_snapshots" && st.Procedure != "remove_orphan_files" {
		return nil, a.at(st, "PROCEDURE_NOT_FOUND", "table procedure %q is not supported", st.Procedure).WithHint("there are optimize, expire_snapshots and remove_orphan_files")
	}
	info, err := a.managed(ctx, st.Name, "EXECUTE "+st.Procedure)
	if err != nil {
		return nil, err
	}
	age := 7 * 24 * time.Hour
	for _, p := range st.Args {
		v, _ := duckdb.Constant(p.Value)
		d, ok := retention(v)
		if !strings.EqualFold(p.Name, "retention_threshold") && p.Name != "" || !ok {
			return nil, a.at(p, "INVALID_PROCEDURE_ARGUMENT", "%s takes retention_threshold => '7d'", st.Procedure)
		}
		age = d
	}
	a.w.running()
	if st.Procedure == "expire_snapshots" {
		_, err = a.s.o.Lake.Expire(ctx, info.Name, lake.ExpireOptions{OlderThan: age, Keep: 1})
	} else if age < lake.OrphanAge {
		err = base.Errorf(base.Invalid, "retention_threshold must be at least 3d: younger files may belong to a write under way").WithCode("INVALID_PROCEDURE_ARGUMENT")
	} else {
		_, err = a.s.o.Lake.Orphans(ctx, info.Name, age)
	}
	return a.done("ALTER TABLE EXECUTE", a.placed(st, err))
}

var spanUnits = map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}

// retention reads Trino's spelling of a duration in one unit: "7d", "12h".
func retention(s string) (time.Duration, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	if s == "" {
		return 0, false
	}
	unit, ok := spanUnits[s[len(s)-1]]
	n, err := strconv.ParseInt(strings.TrimSpace(s[:len(s)-1]), 10, 32)
	return time.Duration(n) * unit, ok && err == nil && n >= 0
}
