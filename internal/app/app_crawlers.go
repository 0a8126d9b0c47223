package app

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake/crawl"
	"github.com/mulgil/mulgil/internal/project"
)

// stopping is how long a crawler shows STOPPING after its work: long enough to
// be seen by a state machine that looks, as on AWS.
const stopping = 200 * time.Millisecond

func (a *App) crawlOptions() crawl.Options {
	o := crawl.Options{State: a.state, Tables: a.external, Managed: managedTables{a}, Resolve: a.p.Resolve,
		Clock: a.cfg.Clock, Log: a.cfg.Log, StoppingFor: stopping}
	for _, c := range a.p.Crawlers {
		o.Definitions = append(o.Definitions, crawlDefinition(c))
	}
	return o
}

func crawlDefinition(c *project.Crawler) crawl.Definition {
	d := crawl.Definition{Name: c.Name, Description: c.Description, Database: c.Database, Role: c.Role, TablePrefix: c.TablePrefix,
		Recrawl: c.Recrawl, Update: c.Update, Delete: c.Delete}
	for _, t := range c.Targets {
		d.Targets = append(d.Targets, crawl.Target{Path: t.Path, Exclusions: t.Exclusions})
	}
	return d
}

// managedTables tells a crawler which lake tables lie near a folder.
type managedTables struct{ a *App }

func (m managedTables) Under(ctx context.Context, path string) ([]crawl.ManagedTable, error) {
	dbs, err := m.a.lake.Databases(ctx)
	if err != nil {
		return nil, err
	}
	var out []crawl.ManagedTable
	for _, db := range dbs {
		tables, err := m.a.lake.Tables(ctx, db)
		if err != nil {
			return nil, err
		}
		for _, t := range tables {
			loc, err := m.a.p.Resolve(t.Location)
			if err != nil {
				return nil, err
			}
			if within(path, loc) || within(loc, path) {
				if t.Damage != nil {
					return nil, t.Damage
				}
				out = append(out, crawl.ManagedTable{Database: t.Database, Name: t.Table, Location: loc, Fields: t.Fields,
					PartitionBy: t.PartitionBy, Rows: t.Rows, Files: t.Files, Bytes: t.Bytes, SnapshotID: t.SnapshotID})
			}
		}
	}
	return out, nil
}

// within tells whether inner is outer or lies below it.
func within(outer, inner string) bool {
	rel, err := filepath.Rel(outer, inner)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(os.PathSeparator))
}

// CrawlerList implements Backend.
func (a *App) CrawlerList(ctx context.Context, _ CrawlerListRequest) ([]CrawlerInfo, error) {
	list, err := a.crawl.List(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]CrawlerInfo, 0, len(list))
	for _, c := range list {
		info := CrawlerInfo{Name: c.Name, State: c.State, Database: c.DatabaseName}
		for _, t := range c.Targets.S3Targets {
			info.Targets = append(info.Targets, t.Path)
		}
		runs, err := a.crawl.Runs(ctx, c.Name)
		if err != nil {
			return nil, err
		}
		if len(runs) > 0 {
			last := crawlRun(runs[0])
			info.Last = &last
		}
		out = append(out, info)
	}
	return out, nil
}

// CrawlerGet implements Backend.
func (a *App) CrawlerGet(ctx context.Context, req CrawlerGetRequest) (json.RawMessage, error) {
	if _, err := a.p.Crawler(req.Name); err != nil {
		return nil, err
	}
	c, err := a.crawl.Get(ctx, req.Name)
	if err != nil {
		return nil, err
	}
	return json.Marshal(crawl.Output{Crawler: c})
}

// CrawlerRun implements Backend.
func (a *App) CrawlerRun(ctx context.Context, req CrawlerRunRequest, _ base.Report) (CrawlerRun, error) {
	if _, err := a.p.Crawler(req.Name); err != nil {
		return CrawlerRun{}, err
	}
	if req.DryRun {
		d, err := a.crawl.Plan(ctx, req.Name)
		if err != nil {
			return CrawlerRun{}, err
		}
		now := a.cfg.Clock.Now().UTC()
		return CrawlerRun{Crawler: req.Name, State: Succeeded, DryRun: true, StartedAt: now, EndedAt: &now, Files: d.Files, Changes: diffTables(&d)}, nil
	}
	id, err := a.crawl.Start(ctx, req.Name)
	if err != nil {
		return CrawlerRun{}, err
	}
	if !req.Wait {
		return CrawlerRun{ID: id, Crawler: req.Name, State: Running, StartedAt: a.cfg.Clock.Now().UTC()}, nil
	}
	run, err := a.crawl.Wait(ctx, id)
	if err != nil {
		return CrawlerRun{}, err
	}
	return crawlRun(run), nil
}

// CrawlerStop implements Backend.
func (a *App) CrawlerStop(ctx context.Context, req CrawlerStopRequest) (CrawlerRun, error) {
	if _, err := a.p.Crawler(req.Name); err != nil {
		return CrawlerRun{}, err
	}
	if err := a.crawl.Stop(ctx, req.Name); err != nil {
		return CrawlerRun{}, err
	}
	runs, err := a.crawl.Runs(ctx, req.Name)
	if err != nil || len(runs) == 0 {
		return CrawlerRun{Crawler: req.Name}, err
	}
	return crawlRun(runs[0]), nil
}

// CrawlerRuns implements Backend.
func (a *App) CrawlerRuns(ctx context.Context, req CrawlerRunsRequest) ([]CrawlerRun, error) {
	if _, err := a.p.Crawler(req.Name); err != nil {
		return nil, err
	}
	runs, err := a.crawl.Runs(ctx, req.Name)
	limit := req.Limit
	if limit <= 0 {
		limit = 20
	}
	out := []CrawlerRun{}
	for _, r := range runs[:min(limit, len(runs))] {
		out = append(out, crawlRun(r))
	}
	return out, err
}

var crawlStates = map[string]RunState{crawl.Running: Running, crawl.Succeeded: Succeeded, crawl.Cancelled: Stopped, crawl.Failed: Failed}

func crawlRun(r crawl.Run) CrawlerRun {
	out := CrawlerRun{ID: r.ID, Crawler: r.Crawler, State: crawlStates[r.Status], StartedAt: r.Started.UTC(), EndedAt: utc(r.Ended), Files: r.FilesSeen, Changes: diffTables(r.Diff), Log: r.Log}
	if r.Error != "" {
		out.Error = &ErrorInfo{Kind: base.Invalid.String(), Message: r.Error}
	}
	return out
}

func diffTables(d *crawl.Diff) []TableDiff {
	if d == nil {
		return nil
	}
	var out []TableDiff
	for _, t := range d.Tables {
		x := TableDiff{Table: t.Table, Change: t.Action, PartitionsAdded: int64(len(t.PartitionsAdded)), PartitionsRemoved: int64(len(t.PartitionsRemoved)), Note: t.Reason}
		for _, c := range t.Columns {
			x.Columns = append(x.Columns, ColumnDiff{Name: c.Name, Before: c.From, After: c.To, Applied: c.Applied})
		}
		out = append(out, x)
	}
	return out
}

// CrawlerTables implements Backend.
func (a *App) CrawlerTables(ctx context.Context, req CrawlerTablesRequest) ([]CrawledTable, error) {
	tables, err := a.crawl.Crawled(ctx, req.Database)
	if err != nil {
		return nil, err
	}
	out := make([]CrawledTable, len(tables))
	for i, t := range tables {
		out[i] = CrawledTable{Database: t.Database, Name: t.Name, Crawler: t.Crawler, Columns: crawledColumns(t.Columns, false),
			PartitionKeys: crawledColumns(t.PartitionKeys, true), Location: t.Location, Format: t.Format, Target: t.Target,
			Deprecated: t.Deprecated, Version: t.Version, UpdatedAt: t.Updated.UTC()}
	}
	return out, nil
}

func crawledColumns(cols []crawl.Column, keys bool) []Column {
	out := make([]Column, len(cols))
	for i, c := range cols {
		out[i] = Column{Name: c.Name, Type: c.Type, Comment: c.Comment, Partition: keys}
	}
	return out
}
