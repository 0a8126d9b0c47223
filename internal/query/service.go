// Package query answers SQL over the lake: it finds out what a statement
// reads, pins those tables at one moment, and has a worker run it. Jobs use the
// same binding for what they read.
package query

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/lake/external"
	"github.com/mulgil/mulgil/internal/lang/ducksql"
	"github.com/mulgil/mulgil/internal/port"
	"github.com/mulgil/mulgil/internal/query/admission"
	"github.com/mulgil/mulgil/internal/query/history"
	"github.com/mulgil/mulgil/internal/query/results"
	"github.com/mulgil/mulgil/internal/query/worker"
)

// Catalog is the name of the lake in SQL, as in Athena.
const Catalog = "AwsDataCatalog"

// Options are what a Service works with.
type Options struct {
	Lake     *lake.Lake
	External *external.Store
	// Resolve maps an object address to a local path.
	Resolve func(uri string) (string, error)
	Engine  port.Engine
	// Launcher starts workers for jobs, Pool has those for statements; nil
	// makes one. Close closes it.
	Launcher worker.Launcher
	Pool     *worker.Pool
	// Database is where unqualified names are looked up.
	Database string
	// Connections are the sources by name.
	Connections map[string]Connection
	// OpenSource opens what a Connection's Open returned, to ask for columns.
	OpenSource func(ctx context.Context, connection []byte) (port.Source, error)
	// Memory in bytes and Threads bound one statement; TempDir takes what spills.
	// Concurrent statements share Memory; a job has it alone.
	Memory  int64
	Threads int
	TempDir string
	Limits  Limits
	// History and Results keep what was asked and answered; nil keeps nothing.
	History *history.Log
	Results *results.Store
	// Clock is the machine's if nil.
	Clock base.Clock
	// Log hears of faults; nil means none.
	Log *slog.Logger
}

// Connection is one source. Either Open returns the form the worker opens it
// from (secrets are read then, not before), or Files finds what a table name
// means in a folder of files.
type Connection struct {
	Open  func() ([]byte, error)
	Files func(name string) (FileTable, error)
	// List names what Files may find; nil tells nothing.
	List func() []string
}

// FileTable is one file, or a folder of files, read as a table.
type FileTable struct {
	// From is the table function call that reads Paths.
	From  string
	Paths []string
}

// Service binds and runs statements. Safe for concurrent use.
type Service struct {
	o      Options
	limits Limits
	queue  *admission.Queue
	mu     sync.Mutex // guards parser: one session, one statement at a time
	parser port.Session
	// footers remembers the columns of Parquet files of external tables.
	footers footers
}

// New returns a Service.
func New(o Options) *Service {
	if o.Pool == nil {
		o.Pool = worker.NewPool(o.Launcher, 1)
	}
	if o.Clock == nil {
		o.Clock = base.SystemClock{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	limits := o.Limits.withDefaults(o.Threads)
	return &Service{o: o, limits: limits, queue: admission.New(limits.Concurrent, limits.Queued)}
}

// Close stops the statements at work, the idle workers and the parser's
// engine. Safe to call twice.
func (s *Service) Close() error {
	if s.o.History != nil {
		s.o.History.StopAll(errClosing)
	}
	err := s.o.Pool.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.parser == nil {
		return err
	}
	err = errors.Join(err, s.parser.Close())
	s.parser = nil
	return err
}

// Parse reads one SELECT. Only parsing happens in this process.
func (s *Service) Parse(ctx context.Context, sql string) (*ducksql.Statement, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.parser == nil {
		p, err := s.o.Engine.Open(ctx, port.EngineConfig{Threads: 1, Memory: 256 << 20, TempDir: s.o.TempDir})
		if err != nil {
			return nil, fmt.Errorf("parse: %w", err)
		}
		s.parser = p
	}
	r, err := s.parser.Query(ctx, ducksql.ParseQuery, port.Arg{Name: "sql", Value: sql})
	if err != nil {
		return nil, fmt.Errorf("parse: %w", err)
	}
	defer r.Close()
	if !r.Next() {
		return nil, fmt.Errorf("parse: %w", r.Err())
	}
	v, err := r.Values()
	if err != nil {
		return nil, fmt.Errorf("parse: %w", err)
	}
	tree, _ := v[0].(string)
	return ducksql.Parse(sql, tree)
}

// Engine is the configuration for one statement's worker: the given limits, or
// the service's own where they are zero.
func (s *Service) Engine(memory int64, threads int) port.EngineConfig {
	if memory == 0 {
		memory = s.o.Memory
	}
	if threads == 0 {
		threads = s.o.Threads
	}
	return port.EngineConfig{Memory: memory, Threads: threads}
}

// Run runs a task in a worker with a spill folder of its own: statements in
// one that is ready, everything else in one that ends with the task.
func (s *Service) Run(ctx context.Context, t worker.Task, h worker.Handler) (worker.Usage, error) {
	t.Engine.TempDir = s.o.TempDir
	if t.Kept == "" {
		dir, remove, err := tempDir(s.o.TempDir)
		if err != nil {
			return worker.Usage{}, err
		}
		defer remove()
		t.Engine.TempDir = dir
	}
	for _, r := range t.Relations {
		t.Engine.Files = append(t.Engine.Files, r.Files...)
	}
	if t.Select != nil || t.Inspect != nil || t.Statement {
		return s.o.Pool.Run(ctx, t, h)
	}
	return s.o.Launcher.Run(ctx, t, h)
}

// table is where a name leads.
type table struct {
	managed    *lake.Name
	external   *external.Table
	connection string
	source     port.TableName
}

// resolve finds what a reference means: connection.schema.table is a source,
// everything else a table of the lake.
func (s *Service) resolve(ctx context.Context, r ducksql.Ref, sql string) (table, error) {
	p := r.Parts()
	if _, ok := s.o.Connections[p[0]]; ok && len(p) > 1 {
		return table{connection: p[0], source: port.TableName{Schema: strings.Join(p[1:len(p)-1], "."), Name: p[len(p)-1]}}, nil
	}
	at := base.PlaceAt("", []byte(sql), r.Offset, len(p[0]))
	if len(p) == 3 && !strings.EqualFold(p[0], Catalog) {
		return table{}, base.Errorf(base.NotFound, "no catalog or connection %q", p[0]).At(at).WithHint("%s", s.connectionHint(p[0]))
	}
	name := lake.Name{Database: s.o.Database, Table: p[len(p)-1]}
	if len(p) > 1 {
		name.Database = p[len(p)-2]
	}
	t, err := s.lakeTable(ctx, name, at)
	var e *base.Error
	if len(p) == 2 && errors.As(err, &e) && e.Kind == base.NotFound && e.Hint == "" {
		e.Hint = s.connectionHint(p[0])
	}
	return t, err
}

// connectionHint helps with the first part of a name that leads nowhere.
func (s *Service) connectionHint(word string) string {
	if near := lake.Near(word, slices.Sorted(maps.Keys(s.o.Connections))); len(near) > 0 {
		return fmt.Sprintf("did you mean the connection %q?", near[0])
	}
	return fmt.Sprintf("lake tables are %s.database.table, sources connection.schema.table", Catalog)
}

// lakeTable finds a managed table, else an external one, else what a crawler
// recorded under the name.
func (s *Service) lakeTable(ctx context.Context, name lake.Name, at *base.Place) (table, error) {
	info, err := s.o.Lake.Table(ctx, name)
	if err == nil {
		return table{managed: &info.Name}, nil
	}
	if base.KindOf(err) == base.NotFound && s.o.External != nil {
		if t, err := s.o.External.Get(ctx, name.Database, name.Table); err == nil && !t.Deprecated {
			return table{external: &t}, nil
		}
		if l, err := s.o.External.GetLink(ctx, name.Database, name.Table); err == nil && !l.Deprecated {
			return table{managed: &lake.Name{Database: l.TargetDatabase, Table: l.TargetName}}, nil
		}
	}
	e := base.Errorf(base.KindOf(err), "%w", err).At(at)
	e.Hint = hint(err)
	return table{}, e
}

// Database is where unqualified names are looked up.
func (s *Service) Database() string { return s.o.Database }
