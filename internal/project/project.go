// Package project reads the folder users write: mulgil.yaml, jobs, crawlers,
// workflows, schedules, saved queries. Load turns it into typed values or reports every
// mistake of every file at once, each with its line, column and a hint.
//
// A YAML text becomes a tree of nodes that know their positions (yaml.go),
// variables are replaced (expand.go), the tree is checked against the published
// JSON Schema (validate.go) and then decoded; decoding reports what a schema
// cannot say. A job is SQL with YAML in its leading comment (frontmatter.go);
// its SQL is kept with its offset in the file, so that errors found in it later
// can be placed. Nothing here runs, connects or reads a secret.
package project

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // zones on machines without their own

	"github.com/mulgil/mulgil/internal/base"
)

// File is the file that makes a folder a project.
const File = "mulgil.yaml"

// Options are what reading a project depends on besides its files.
type Options struct {
	// Target picks an entry of targets: in mulgil.yaml; empty means the values as written.
	Target string
	// Env looks up environment variables; nil means the process's.
	Env func(string) (string, bool)
}

// Project is a project folder, read and checked. It is not changed after Load.
type Project struct {
	// Root is the absolute path of the folder.
	Root string
	Name string
	// Target is the chosen entry of targets:, empty if none.
	Target string
	// Timezone governs schedules, dates given to jobs and displayed times; UTC if not given.
	Timezone *time.Location
	// Database is where tables named without one live; "default" if not given.
	Database string
	// DataDir is <root>/.mulgil/data, TmpDir <root>/.mulgil/tmp.
	DataDir, TmpDir string
	// LakeDir holds tables and unlisted buckets; <DataDir>/lake if not given.
	LakeDir     string
	Connections map[string]Connection
	// Buckets maps a bucket name to an absolute folder or an s3:// address.
	Buckets map[string]string
	Limits  Limits
	Notify  Notify
	// Functions are what workflows call as Lambda functions, HTTP what they
	// name as connections of HTTP tasks.
	Functions map[string]Function
	HTTP      map[string]HTTPConnection
	// KeyTables are the tables of the key-value store, in the order of their names.
	KeyTables []KeyTable
	// PgwirePort is where PostgreSQL's clients are answered, 0 for nowhere.
	PgwirePort int
	// Jobs, Crawlers, Workflows and Queries are in the order of their names or files.
	Jobs      []*Job
	Crawlers  []*Crawler
	Workflows []*Workflow
	Queries   []*Query
	// Schedules are those of schedules.yaml, then the crawlers' own.
	Schedules []*Schedule
	// Warnings are oddities that do not stop the project from being used.
	Warnings base.Errors
}

// Limits bound what the project takes of the machine. Zero means not given.
type Limits struct {
	Memory  int64 // bytes
	Threads int
	Disk    DiskFloor
	// The rest bounds interactive statements.
	QueryTimeout      time.Duration
	ScannedBytes      int64
	ResultRows        int64
	ResultBytes       int64
	ConcurrentQueries int
	QueuedQueries     int
	WarmWorkers       int
	NoResultCache     bool
	// History is how long what has ended is remembered: 0 the usual time,
	// negative for ever.
	History time.Duration
	// WorkflowPayload and WorkflowEvents are limits of state machines, in bytes
	// and events: 0 the usual ones, negative none.
	WorkflowPayload int
	WorkflowEvents  int64
}

// DiskFloor is the free space to be kept, the larger of both.
type DiskFloor struct {
	Percent float64
	Bytes   int64
}

// Find walks up from dir to the folder that holds mulgil.yaml. The error is
// base.NotFound.
func Find(dir string) (string, error) {
	start, err := filepath.Abs(dir)
	if err != nil {
		return "", base.Errorf(base.Internal, "find project: %w", err)
	}
	for d := start; ; d = filepath.Dir(d) {
		if st, err := os.Stat(filepath.Join(d, File)); err == nil && !st.IsDir() {
			return d, nil
		}
		if d == filepath.Dir(d) {
			return "", base.Errorf(base.NotFound, "no %s in %s or any folder above", File, start).
				WithHint("make a project with: mulgil init NAME --template retail-batch")
		}
	}
}

// Load reads the project in root. The error is base.Errors with everything
// wrong in every file, ordered by file and position; a root without mulgil.yaml
// is base.NotFound and an unknown Options.Target base.Usage.
func Load(root string, opts Options) (*Project, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, base.Errorf(base.Internal, "read project: %w", err)
	}
	if _, err := os.Stat(filepath.Join(root, File)); errors.Is(err, fs.ErrNotExist) {
		return nil, base.Errorf(base.NotFound, "no %s in %s", File, root).
			WithHint("make a project with: mulgil init NAME --template retail-batch")
	}
	if opts.Env == nil {
		opts.Env = os.LookupEnv
	}
	v, err := newValidator()
	if err != nil {
		return nil, err
	}
	r := &reader{root: root, opts: opts, v: v, places: map[string]*base.Place{}, bad: map[string]bool{}, own: map[*Crawler]*node{}, p: &Project{Root: root, Target: opts.Target,
		Timezone: time.UTC, Database: "default", DataDir: filepath.Join(root, ".mulgil", "data"), TmpDir: filepath.Join(root, ".mulgil", "tmp")}}
	r.p.LakeDir = filepath.Join(r.p.DataDir, "lake")
	for _, step := range []func() error{r.config, r.jobs, r.crawlers, r.workflows, r.schedules, r.queries, r.unsupported} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	r.checkNames()
	r.checkSources()
	inOrder(r.p.Warnings, nil)
	if len(r.errs) > 0 {
		inOrder(r.errs, []string{File})
		return nil, r.errs
	}
	return r.p, nil
}

// reader collects the project and the mistakes in it.
type reader struct {
	root    string
	opts    Options
	v       *validator
	p       *Project
	errs    base.Errors
	blind   bool                   // mulgil.yaml could not be read, so what it declares is unknown
	bad     map[string]bool        // places whose variables could not be replaced
	places  map[string]*base.Place // where databases are named, by lower-case name
	own     map[*Crawler]*node     // the crawlers' own schedules
	express map[string]*node       // workflows of the type EXPRESS that no file was met of
}

// add reports mistakes, but for those that only follow from a variable that
// could not be replaced.
func (r *reader) add(list ...*base.Error) {
	for _, e := range list {
		if e.Place == nil || !r.bad[e.Place.String()] {
			r.errs = append(r.errs, e)
		}
	}
}

// parse reads a YAML document and reports its mistakes; what follows from one
// at the same place is not reported.
func (r *reader) parse(s *source, text []byte) (n *node, ok bool) {
	n, errs := parseYAML(s, text)
	r.add(errs...)
	for _, e := range errs {
		r.bad[e.Place.String()] = true
	}
	return n, len(errs) == 0
}

// expand replaces variables below each node.
func (r *reader) expand(nodes ...*node) {
	x := &expander{env: r.opts.Env, done: map[*node]bool{}}
	for _, n := range nodes {
		x.expand(n)
	}
	r.add(x.errs...)
	for n := range x.done {
		if n.bad {
			r.bad[n.place().String()] = true
		}
	}
}

func (r *reader) warn(e *base.Error) { r.p.Warnings = append(r.p.Warnings, e) }

// inOrder sorts mistakes by file and position, files in first before others.
func inOrder(l base.Errors, first []string) {
	key := func(e *base.Error) (int, string, int, int) {
		if e.Place == nil {
			return len(first) + 1, "", 0, 0
		}
		i := slices.Index(first, e.Place.File)
		if i < 0 {
			i = len(first)
		}
		return i, e.Place.File, e.Place.Line, e.Place.Col
	}
	slices.SortStableFunc(l, func(a, b *base.Error) int {
		ai, af, al, ac := key(a)
		bi, bf, bl, bc := key(b)
		return cmp.Or(ai-bi, strings.Compare(af, bf), al-bl, ac-bc)
	})
}

// check validates n; only a broken schema is an error of Load itself.
func (r *reader) check(ref string, n *node, raw bool) error {
	errs, err := r.v.check(ref, n, raw)
	r.add(errs...)
	return err
}

// Job finds a job by name or alias, letter case not counting. The error is
// base.NotFound and names the nearest job.
func (p *Project) Job(name string) (*Job, error) {
	var known []string
	for _, j := range p.Jobs {
		for _, n := range append([]string{j.Name}, j.Aliases...) {
			if strings.EqualFold(n, name) {
				return j, nil
			}
			known = append(known, n)
		}
	}
	return nil, notFound("job", name, known, "EntityNotFoundException")
}

// Crawler finds a crawler by its exact name. The error is base.NotFound.
func (p *Project) Crawler(name string) (*Crawler, error) {
	var known []string
	for _, c := range p.Crawlers {
		if c.Name == name {
			return c, nil
		}
		known = append(known, c.Name)
	}
	return nil, notFound("crawler", name, known, "EntityNotFoundException")
}

// Workflow finds a workflow by its exact name. The error is base.NotFound.
func (p *Project) Workflow(name string) (*Workflow, error) {
	var known []string
	for _, w := range p.Workflows {
		if w.Name == name {
			return w, nil
		}
		known = append(known, w.Name)
	}
	return nil, notFound("workflow", name, known, "StateMachineDoesNotExist")
}

// Query finds a saved query by its exact name. The error is base.NotFound.
func (p *Project) Query(name string) (*Query, error) {
	var known []string
	for _, q := range p.Queries {
		if q.Name == name {
			return q, nil
		}
		known = append(known, q.Name)
	}
	return nil, notFound("query", name, known, "")
}

// KeyTable finds a key-value table by its exact name. The error is base.NotFound.
func (p *Project) KeyTable(name string) (KeyTable, error) {
	var known []string
	for _, t := range p.KeyTables {
		if t.Name == name {
			return t, nil
		}
		known = append(known, t.Name)
	}
	return KeyTable{}, notFound("key-value table", name, known, "ResourceNotFoundException")
}

// Connection finds a connection by its exact name. The error is base.NotFound.
func (p *Project) Connection(name string) (Connection, error) {
	if c, ok := p.Connections[name]; ok {
		return c, nil
	}
	var known []string
	for n := range p.Connections {
		known = append(known, n)
	}
	return Connection{}, notFound("connection", name, known, "")
}

func notFound(what, name string, known []string, code string) error {
	return base.Errorf(base.NotFound, "no %s %q in this project", what, name).WithCode(code).WithHint("%s", didYouMean(name, known))
}
