package worker

import (
	"context"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/ducksql"
	"github.com/mulgil/mulgil/internal/port"
)

// Host is what the child's binary supplies.
type Host struct {
	Engine port.Engine
	// OpenSource opens a source from the bytes the owner put in SourceRead.Connection.
	OpenSource func(ctx context.Context, connection []byte) (port.Source, error)
	// OpenHive reads the text files of a Hive folder.
	OpenHive port.OpenHive
	Log      io.Writer
	// Orphaned is called when the owner has gone; it must end the process.
	Orphaned func()
}

// Serve is the worker command: tasks one after the other until the owner
// closes in. It returns the exit code.
func Serve(ctx context.Context, h Host, in io.Reader, out io.Writer) int {
	register()
	debug.SetGCPercent(100)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	l := &line{host: h, out: gob.NewEncoder(out), tasks: make(chan Task), plans: make(chan Plan)}
	go l.listen(gob.NewDecoder(in))
	var open opener
	var keep keeper
	for {
		open.prepare(h.Engine)
		t, ok := <-l.tasks
		if !ok {
			keep.drop(len(keep.list), h.Log)
			return open.close(h.Log)
		}
		debug.SetMemoryLimit(goMemory(t.Engine.Memory))
		c := &child{host: h, line: l, open: open.engine, keeper: &keep, meter: startMeter(), start: time.Now(), output: -1, task: t, args: t.Params}
		end := c.watch()
		err := c.run(ctx)
		end()
		if err != nil {
			c.send(Message{Err: &Failure{Error: *flat(c.sqlError(err)), Output: c.output, Usage: c.meter.usage()}})
		}
		tidy(&keep, h.Log)
	}
}

// opener has an engine started before the task that needs it is known.
type opener struct{ ready port.Started }

func (o *opener) prepare(e port.Engine) {
	if s, ok := e.(port.Starter); ok && o.ready == nil {
		o.ready, _ = s.Start() // the task's own opening tells what is wrong
	}
}

func (o *opener) engine(ctx context.Context, e port.Engine, cfg port.EngineConfig) (port.Session, error) {
	ready := o.ready
	if ready == nil {
		return e.Open(ctx, cfg)
	}
	o.ready = nil
	return ready.Open(ctx, cfg)
}

// close ends what no task needed and returns the exit code.
func (o *opener) close(log io.Writer) int {
	if o.ready == nil {
		return 0
	}
	if err := o.ready.Close(); err != nil {
		fmt.Fprintln(log, "close engine:", err)
	}
	return 0
}

// goMemory is the Go heap's target: the engine has its own limit.
func goMemory(engine int64) int64 { return max(192<<20, engine/8) }

// large is when memory is handed back to the machine between two tasks.
const large = 256 << 20

func tidy(k *keeper, log io.Writer) {
	if statusKB("VmRSS:")<<10 > maxKeptMemory {
		k.drop(len(k.list), log)
	}
	if statusKB("VmRSS:")<<10 > large {
		debug.FreeOSMemory()
	}
}

// line is the child's end of the conversation.
type line struct {
	host  Host
	mu    sync.Mutex // guards out
	out   *gob.Encoder
	tasks chan Task
	plans chan Plan
	busy  atomic.Bool // a task's last word is not said: the owner must not hang up
}

// listen passes the owner's words on; its silence means it is gone.
func (l *line) listen(dec *gob.Decoder) {
	for {
		var w Word
		if err := dec.Decode(&w); err != nil {
			if l.busy.Load() {
				l.host.Orphaned()
			}
			close(l.tasks)
			return
		}
		switch {
		case w.Task != nil:
			l.busy.Store(true)
			l.tasks <- *w.Task
		case w.Plan != nil:
			l.plans <- *w.Plan
		}
	}
}

func (l *line) send(m Message) {
	l.mu.Lock()
	defer l.mu.Unlock()
	last := m.Done != nil || m.Err != nil
	if last && !l.busy.Swap(false) {
		return // the task has ended already
	}
	if err := l.out.Encode(m); err != nil {
		l.host.Orphaned()
	}
}

// child carries out one task.
type child struct {
	host Host
	*line
	open   func(context.Context, port.Engine, port.EngineConfig) (port.Session, error)
	keeper *keeper
	meter  meter
	start  time.Time
	output int
	task   Task
	s      port.Session
	args   []port.Arg
	// streams are the extracts in flight; attached the connections already named.
	streams  []*checkedStream
	attached map[string]bool
	home     string
	hives    map[int]*hiveRelation
}

// StageOpen is the time until a task's tables are there; its SQL runs next.
const StageOpen = "open"

func (c *child) stage(name string, start time.Time) {
	c.send(Message{Stage: &Stage{Name: name, Seconds: Elapsed(start)}})
}

func (c *child) run(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			fmt.Fprintf(c.host.Log, "panic: %v\n%s", p, debug.Stack())
			err = base.Errorf(base.Internal, "the worker broke down: %v", p).WithHint("the run's log has the details")
		}
	}()
	t := c.task
	if t.Command != nil {
		return c.command(ctx, *t.Command)
	}
	defer func() {
		if c.s != nil {
			err = c.fileError(ctx, err)
		}
		c.leave(err != nil)
	}()
	if err := c.prepare(ctx); err != nil {
		return err
	}
	done, err := c.sources(ctx)
	defer done()
	if err != nil {
		return err
	}
	close, err := c.hive(ctx)
	defer close()
	if err != nil {
		return err
	}
	if c.home != "" {
		if err := c.s.Exec(ctx, "USE "+c.home); err != nil {
			return fmt.Errorf("prepare tables: %w", err)
		}
	}
	if t.Select != nil {
		c.stage(StageOpen, c.start)
	}
	truncated := false
	switch {
	case t.Select != nil:
		truncated, err = c.query(ctx, *t.Select)
	case t.Write != nil:
		err = c.write(ctx, *t.Write)
	case t.Rewrite != nil:
		err = c.rewrite(ctx, *t.Rewrite)
	case t.Export != nil:
		err = c.export(ctx, *t.Export)
	case t.Inspect != nil:
		truncated, err = c.inspect(ctx, *t.Inspect)
	}
	if err != nil {
		return c.streamError(err)
	}
	c.warn()
	c.done(truncated)
	return nil
}

// done says the last word of a task that went well.
func (c *child) done(truncated bool) {
	c.send(Message{Done: &Done{Truncated: truncated, Elapsed: time.Since(c.start), Usage: c.meter.usage()}})
}

// names makes the lake's tables visible under catalog.database.table. The
// task's database becomes the home of bare names only after the sources are
// named too: the engine puts streams into the home it finds.
func (c *child) names(ctx context.Context) error {
	if c.task.Catalog == "" {
		return nil
	}
	c.attached = map[string]bool{}
	var stmts []string
	made := map[string]bool{}
	schema := func(catalog, name string) string {
		if !c.attached[catalog] {
			c.attached[catalog] = true
			stmts = append(stmts, "ATTACH ':memory:' AS "+ducksql.Ident(catalog))
		}
		full := ducksql.Ident(catalog) + "." + ducksql.Ident(name)
		if !made[full] && name != "main" {
			made[full] = true
			stmts = append(stmts, "CREATE SCHEMA IF NOT EXISTS "+full)
		}
		return full
	}
	c.home = schema(c.task.Catalog, c.task.Database)
	for _, r := range c.task.Relations {
		from := r.From
		if from == "" {
			from = ducksql.ReadParquet(r.Files, r.Fields)
		}
		catalog := r.Catalog
		if catalog == "" {
			catalog = c.task.Catalog
		}
		name := schema(catalog, r.Database)
		if r.Hive != nil {
			continue
		}
		stmts = append(stmts, "CREATE VIEW "+name+"."+ducksql.Ident(r.Table)+" AS SELECT * FROM "+from)
	}
	for _, q := range stmts {
		if err := c.s.Exec(ctx, q); err != nil {
			return fmt.Errorf("prepare tables: %w", err)
		}
	}
	return nil
}

// query runs a SELECT and sends its rows in batches.
func (c *child) query(ctx context.Context, q Select) (truncated bool, err error) {
	text := q.SQL
	if q.Tree != "" {
		if text, err = c.printTree(ctx, q.Tree); err != nil {
			return false, err
		}
	}
	if len(q.Types) > 0 {
		return c.typed(ctx, text, q)
	}
	r, err := c.s.Query(ctx, text, bind(c.args, text)...)
	if err != nil {
		return false, err
	}
	defer r.Close()
	c.send(Message{Columns: r.Columns()})
	var batch [][]any
	sent := 0
	for r.Next() {
		if q.Limit > 0 && sent == q.Limit {
			truncated = true
			break
		}
		v, err := r.Values()
		if err != nil {
			return false, err
		}
		batch = append(batch, jsonValues(v, r.Columns()))
		sent++
		if len(batch) == 1000 {
			if err := c.sendRows(batch); err != nil {
				return false, err
			}
			batch = batch[:0]
		}
	}
	if err := r.Err(); err != nil && !truncated {
		return false, err
	}
	return truncated, c.sendRows(batch)
}

func (c *child) sendRows(batch [][]any) error {
	if len(batch) == 0 {
		return nil
	}
	b, err := json.Marshal(batch)
	if err != nil {
		return fmt.Errorf("send rows: %w", err)
	}
	c.send(Message{Rows: &Rows{JSON: b, N: len(batch)}})
	return nil
}

func (c *child) printTree(ctx context.Context, tree string) (string, error) {
	v, err := c.one(ctx, ducksql.PrintQuery, port.Arg{Name: "tree", Value: tree})
	if err != nil {
		return "", fmt.Errorf("print query: %w", err)
	}
	s, _ := v[0].(string)
	return strings.TrimSuffix(strings.TrimSpace(s), ";"), nil
}

// one runs a query of one row.
func (c *child) one(ctx context.Context, sql string, args ...port.Arg) ([]any, error) {
	r, err := c.s.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if !r.Next() {
		return nil, errors.Join(base.Errorf(base.Internal, "a query of one row gave none"), r.Err())
	}
	return r.Values()
}

// bind keeps of the task's parameters those a statement names: the engine
// refuses surplus ones.
func bind(args []port.Arg, sql string) []port.Arg {
	var out []port.Arg
	for _, a := range args {
		if usesParam(sql, a.Name) {
			out = append(out, a)
		}
	}
	return out
}

func usesParam(sql, name string) bool {
	for rest := sql; ; {
		i := strings.Index(rest, "$"+name)
		if i < 0 {
			return false
		}
		rest = rest[i+1+len(name):]
		if rest == "" || !wordByte(rest[0]) {
			return true
		}
	}
}

func wordByte(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80
}

func (c *child) inspect(ctx context.Context, q Inspect) (bool, error) {
	if q.Rows > 0 {
		return c.query(ctx, Select{SQL: "SELECT * FROM " + q.From, Limit: q.Rows})
	}
	cols, err := c.s.Columns(ctx, "SELECT * FROM "+q.From)
	if err != nil {
		return false, err
	}
	c.send(Message{Columns: cols})
	return false, nil
}

// ExitOrphan ends the process and all it started, at once.
func ExitOrphan() {
	killSelf()
	os.Exit(3)
}
