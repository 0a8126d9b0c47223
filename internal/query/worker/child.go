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

// Serve is the worker command: one task, then the end. It returns the exit code.
func Serve(ctx context.Context, h Host, in io.Reader, out io.Writer) int {
	register()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c := &child{host: h, out: gob.NewEncoder(out), plans: make(chan Plan), start: time.Now()}
	dec := gob.NewDecoder(in)
	var t Task
	if err := dec.Decode(&t); err != nil {
		fmt.Fprintln(h.Log, "read task:", err)
		return 2
	}
	go c.listen(dec)
	err := c.run(ctx, t)
	if err != nil {
		c.send(Message{Err: &Failure{Error: *flat(err), Output: c.output}})
		return 1
	}
	return 0
}

type child struct {
	host   Host
	mu     sync.Mutex // guards out
	out    *gob.Encoder
	plans  chan Plan
	ended  atomic.Bool // the last word is said: the owner may hang up
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

// listen passes the owner's answers on; its silence means it is gone.
func (c *child) listen(dec *gob.Decoder) {
	for {
		var p Plan
		if err := dec.Decode(&p); err != nil {
			if !c.ended.Load() {
				c.host.Orphaned()
			}
			return
		}
		c.plans <- p
	}
}

func (c *child) send(m Message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if m.Done != nil || m.Err != nil {
		c.ended.Store(true)
	}
	if err := c.out.Encode(m); err != nil {
		c.host.Orphaned()
	}
}

func (c *child) stage(name string, start time.Time) {
	c.send(Message{Stage: &Stage{Name: name, Seconds: Elapsed(start)}})
}

func (c *child) run(ctx context.Context, t Task) (err error) {
	defer func() {
		if p := recover(); p != nil {
			fmt.Fprintf(c.host.Log, "panic: %v\n%s", p, debug.Stack())
			err = base.Errorf(base.Internal, "the worker broke down: %v", p).WithHint("the run's log has the details")
		}
	}()
	c.task, c.output, c.args = t, -1, t.Params
	if t.Command != nil {
		return c.command(ctx, *t.Command)
	}
	c.s, err = c.host.Engine.Open(ctx, t.Engine)
	if err != nil {
		return err
	}
	defer func() {
		err = c.folderError(ctx, err)
		if cerr := c.s.Close(); err == nil {
			err = cerr
		}
	}()
	if err := c.names(ctx); err != nil {
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
	truncated := false
	switch {
	case t.Select != nil:
		truncated, err = c.query(ctx, *t.Select)
	case t.Write != nil:
		err = c.write(ctx, *t.Write)
	case t.Rewrite != nil:
		err = c.rewrite(ctx, *t.Rewrite)
	case t.Inspect != nil:
		truncated, err = c.inspect(ctx, *t.Inspect)
	}
	if err != nil {
		return c.streamError(err)
	}
	c.warn()
	c.send(Message{Done: &Done{Truncated: truncated, Elapsed: time.Since(c.start)}})
	return nil
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
	c.send(Message{Rows: b})
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
