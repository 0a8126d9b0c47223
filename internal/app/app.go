package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/mulgil/mulgil/internal/app/owner"
	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/batch"
	"github.com/mulgil/mulgil/internal/connector/duckdb"
	"github.com/mulgil/mulgil/internal/connector/sqlite"
	"github.com/mulgil/mulgil/internal/keyvalue"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/lake/crawl"
	"github.com/mulgil/mulgil/internal/lake/external"
	"github.com/mulgil/mulgil/internal/notice"
	"github.com/mulgil/mulgil/internal/project"
	"github.com/mulgil/mulgil/internal/query"
	"github.com/mulgil/mulgil/internal/query/history"
	"github.com/mulgil/mulgil/internal/query/results"
	"github.com/mulgil/mulgil/internal/query/worker"
	"github.com/mulgil/mulgil/internal/schedule"
	"github.com/mulgil/mulgil/internal/workflow"
)

// Config is what an App needs besides the project.
type Config struct {
	Project *project.Project
	// Owner is the lock this process holds on the project.
	Owner   *owner.Owner
	Version string
	// Worker is the argument list that starts this binary's worker command.
	Worker []string
	// Warm starts a worker for statements at once, while the rest opens.
	Warm  bool
	Clock base.Clock
	Log   *slog.Logger
	// LakeHook is called at the steps of a commit; nil outside fault tests.
	LakeHook func(step string) error
}

// App is an open project: every service, joined to its connectors. It is the
// Backend of the process that owns the project.
type App struct {
	cfg      Config
	p        *project.Project
	catalog  *sqlite.Store
	state    *sqlite.Store
	items    *sqlite.KeyValue // nil in a project without key-value tables
	kv       *keyvalue.Service
	lake     *lake.Lake
	external *external.Store
	pool     *worker.Pool
	query    *query.Service
	history  *history.Log
	results  *results.Store
	batch    *batch.Service
	crawl    *crawl.Service
	workflow *workflow.Engine
	notice   *notice.Service
	behind   behind
	schedule *schedule.Service
	watchers watchers
	live     live
	once     sync.Once
	closeErr error
	// endSchedules ends what StartSchedules began, endExpiry what startExpiry did.
	endSchedules, endExpiry func()
}

var _ Backend = (*App)(nil)

// Open opens the stores and services of a project this process owns, and
// settles what a dead owner left. Close it before the owner's lock is released.
func Open(ctx context.Context, cfg Config) (*App, error) {
	a := &App{cfg: cfg, p: cfg.Project}
	if err := a.open(ctx); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

func (a *App) open(ctx context.Context) (err error) {
	p, c := a.p, a.cfg
	a.pool = worker.NewPool(launcher(c.Worker), cmp.Or(p.Limits.WarmWorkers, defaultIdle))
	if c.Warm {
		a.pool.Warm()
	}
	for _, dir := range []string{p.LakeDir, p.TmpDir} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return fmt.Errorf("open project: %w", err)
		}
	}
	if err := a.sweepTemp(); err != nil {
		return err
	}
	if a.catalog, err = sqlite.OpenStore(filepath.Join(p.DataDir, "catalog.db")); err != nil {
		return err
	}
	if a.state, err = sqlite.OpenStore(filepath.Join(p.DataDir, "state.db")); err != nil {
		return err
	}
	opts, err := lakeOptions(ctx, p, a.catalog, c)
	if err != nil {
		return err
	}
	if a.lake, err = lake.Open(ctx, opts); err != nil {
		return err
	}
	if err := a.lake.EnsureDatabase(ctx, p.Database); err != nil {
		return err
	}
	if a.external, err = external.New(ctx, a.catalog, c.Clock); err != nil {
		return err
	}
	if err := a.openHistory(ctx); err != nil {
		return err
	}
	a.query = query.New(query.Options{
		Limits: a.queryLimits(), History: a.history, Results: a.results, Clock: c.Clock, Log: c.Log,
		Lake: a.lake, External: a.external, Resolve: p.Resolve, Engine: duckdb.Engine{}, Launcher: launcher(c.Worker), Pool: a.pool,
		Database: p.Database, Connections: a.connections(), OpenSource: openSource, Memory: memory(p), Threads: threads(p), TempDir: p.TmpDir,
	})
	if err := a.openNotice(ctx); err != nil {
		return err
	}
	a.batch, err = batch.New(ctx, batch.Options{
		Query: a.query, Lake: a.lake, Store: a.state, LogDir: filepath.Join(p.DataDir, "logs", "jobs"),
		Owner: c.Owner.Info().StartID, Clock: c.Clock, Log: c.Log, Ended: a.jobEnded,
	})
	if err != nil {
		return err
	}
	if err := a.lake.CleanDeadIntents(ctx); err != nil {
		return err
	}
	if a.crawl, err = crawl.New(ctx, a.crawlOptions()); err != nil {
		return err
	}
	if err := a.openKeyValue(ctx); err != nil {
		return err
	}
	a.workflow, err = workflow.Open(ctx, workflow.Options{
		Store: a.state, Clock: c.Clock, Tasks: a.tasks(), Log: c.Log, Report: a.watchers.report, Ended: a.executionEnded,
		Query: newJSONata(nil, nil), Objects: buckets{p.Resolve}, Limits: workflow.Limits{Payload: p.Limits.WorkflowPayload, Events: p.Limits.WorkflowEvents},
	})
	if err != nil {
		return err
	}
	if a.schedule, err = schedule.Open(ctx, a.scheduleOptions()); err != nil {
		return err
	}
	a.startExpiry(ctx)
	return nil
}

func lakeOptions(ctx context.Context, p *project.Project, store *sqlite.Store, c Config) (lake.Options, error) {
	cat, err := sqlite.NewCatalog(ctx, store, "mulgil", lake.NewIO(nil))
	if err != nil {
		return lake.Options{}, err
	}
	start := "maintenance"
	if c.Owner != nil {
		start = c.Owner.Info().StartID
	}
	return lake.Options{Root: p.LakeDir, Store: store, Catalog: cat, Resolve: p.Resolve, StartID: start, Clock: c.Clock, Log: c.Log, Hook: c.LakeHook}, nil
}

// sweepTemp removes what earlier owners' work left in the temporary folder.
func (a *App) sweepTemp() error {
	left, err := filepath.Glob(filepath.Join(a.p.TmpDir, "work*-*")) // of statements and of workers
	if err != nil {
		return fmt.Errorf("clear temporary folder: %w", err)
	}
	for _, d := range left {
		if err := os.RemoveAll(d); err != nil {
			return fmt.Errorf("clear temporary folder: %w", err)
		}
	}
	return nil
}

// SQL runs statements, for servers of other protocols.
func (a *App) SQL() *query.Service { return a.query }

// PgwirePort is where the project wants PostgreSQL's clients answered, 0 for nowhere.
func (a *App) PgwirePort() int { return a.p.PgwirePort }

// Lake is the open lake, for servers of other protocols.
func (a *App) Lake() *lake.Lake { return a.lake }

// Drain waits for work that goes on by itself, begun by an operation that has
// ended: what a state machine started and did not wait for. It returns ctx's
// error if that ends first.
func (a *App) Drain(ctx context.Context) error {
	return errors.Join(a.crawl.Drain(ctx), a.behind.drain(ctx))
}

// Close stops running work and closes everything. Executions stay resumable.
// Safe to call twice.
func (a *App) Close() error {
	a.once.Do(func() {
		if a.endSchedules != nil {
			a.endSchedules()
		}
		if a.endExpiry != nil {
			a.endExpiry()
		}
		if a.workflow != nil {
			a.workflow.Close()
		}
		a.behind.close()
		if a.notice != nil {
			a.notice.Close()
		}
		var errs []error
		closers := []interface{ Close() error }{a.pool, a.batch, a.crawl, a.query, a.history, a.lake, a.items, a.state, a.catalog}
		for i, open := range []bool{a.pool != nil, a.batch != nil, a.crawl != nil, a.query != nil, a.history != nil, a.lake != nil, a.items != nil, a.state != nil, a.catalog != nil} {
			if open {
				errs = append(errs, closers[i].Close())
			}
		}
		a.closeErr = errors.Join(errs...)
	})
	return a.closeErr
}

// launcher starts workers with nothing of this process's environment but
// where to find programs, zones and scratch space.
func launcher(command []string) worker.Launcher {
	return worker.Launcher{Command: command, Env: inherited("PATH", "HOME", "LANG", "TZDIR", "TMPDIR")}
}

// defaultIdle is how many idle workers are kept for statements.
const defaultIdle = 2

// defaultMemory is the engine's limit for one statement or job.
const defaultMemory = 2 << 30

func memory(p *project.Project) int64 {
	if p.Limits.Memory > 0 {
		return p.Limits.Memory
	}
	return defaultMemory
}

func threads(p *project.Project) int {
	if p.Limits.Threads > 0 {
		return p.Limits.Threads
	}
	return runtime.NumCPU()
}

// Status implements Backend.
func (a *App) Status(ctx context.Context, _ StatusRequest) (Status, error) {
	info := a.cfg.Owner.Info()
	s := Status{Project: a.p.Name, Root: a.p.Root, Target: a.p.Target, Version: a.cfg.Version, PID: os.Getpid(), Address: info.Address,
		StartedAt: info.Started, Timezone: a.p.Timezone.String(), LakeRoot: a.p.LakeDir, Jobs: len(a.p.Jobs), Workflows: len(a.p.Workflows),
		Crawlers: len(a.p.Crawlers), Schedules: len(a.p.Schedules), FreeBytes: freeBytes(a.p.LakeDir)}
	tables, err := a.TableList(ctx, TableListRequest{})
	if err != nil {
		return s, err
	}
	s.Tables = len(tables)
	runs, err := a.JobRuns(ctx, JobRunsRequest{Limit: 100})
	if err != nil {
		return s, err
	}
	for _, r := range runs {
		if r.State == Running {
			s.RunningJobs = append(s.RunningJobs, r)
		}
	}
	list, err := a.workflow.List(ctx, workflow.Filter{Status: workflow.Running})
	if err != nil {
		return s, err
	}
	for _, x := range list {
		if e := a.execution(x); e.Interrupted {
			s.Interrupted = append(s.Interrupted, e)
		} else {
			s.RunningExecutions = append(s.RunningExecutions, e)
		}
	}
	return s, nil
}

// watchers passes reports of executions to the calls that wait for them.
type watchers struct {
	mu   sync.Mutex // guards subs
	subs map[string]map[int]base.Report
	next int
}

func (w *watchers) report(p base.Progress) {
	w.mu.Lock()
	var to []base.Report
	for key, subs := range w.subs {
		if p.Run == key || strings.HasPrefix(p.Run, key+"/") {
			for _, r := range subs {
				to = append(to, r)
			}
		}
	}
	w.mu.Unlock()
	for _, r := range to {
		r.Do(p)
	}
}

// watch sends reports of key to r until the returned function is called.
func (w *watchers) watch(key string, r base.Report) func() {
	if r == nil {
		return func() {}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.subs == nil {
		w.subs = map[string]map[int]base.Report{}
	}
	if w.subs[key] == nil {
		w.subs[key] = map[int]base.Report{}
	}
	id := w.next
	w.next++
	w.subs[key][id] = r
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.subs[key], id)
		if len(w.subs[key]) == 0 {
			delete(w.subs, key)
		}
	}
}

func utc(t *time.Time) *time.Time {
	if t == nil || t.IsZero() {
		return nil
	}
	u := t.UTC()
	return &u
}
