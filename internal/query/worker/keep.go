package worker

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/mulgil/mulgil/internal/port"
)

// A task that only reads lake files may leave its engine, with its tables and
// the footers it read, to the next task over the same files: opening an engine,
// naming tables and reading 96 footers took 20 to 40 ms of each statement.
// Engines are shared only among tasks that may read exactly the same files in
// exactly the same way; what a kept engine can reach is what the next task may.

// maxKept is how many engines a child keeps; maxKeptMemory is the resident
// size from which it keeps none.
const (
	maxKept       = 3
	maxKeptMemory = 512 << 20
)

// Keep marks t as one whose engine may serve equal tasks: a SELECT made by the
// Athena front end over lake files, without parameters. Other tasks, above all
// those whose SQL a user wrote in the engine's own dialect, stay as they are.
func (t *Task) Keep() {
	if t.Select == nil || len(t.Select.Types) == 0 || len(t.Sources) > 0 || len(t.Params) > 0 || len(t.Relations) == 0 {
		return
	}
	h := sha256.New()
	fmt.Fprintf(h, "%d\n%d\n%q\n%q\n%q\n", t.Engine.Memory, t.Engine.Threads, t.Engine.Dirs, t.Catalog, t.Database)
	for _, r := range t.Relations {
		if len(r.Files) == 0 || r.Hive != nil {
			return
		}
		fmt.Fprintf(h, "%q %q %q %q %q %d\n", r.Catalog, r.Database, r.Table, r.Version, r.From, len(r.Files))
		for _, f := range r.Files {
			_, _ = io.WriteString(h, f)
			_, _ = h.Write([]byte{0})
		}
		if r.From == "" {
			fmt.Fprintf(h, "%v\n", r.Fields)
		}
	}
	t.Kept, t.Engine.Footers = string(h.Sum(nil)), true
}

// keptEngine is an engine that a task left behind.
type keptEngine struct {
	key, home string
	attached  map[string]bool
	s         port.Session
}

// keeper has the engines of past tasks, the last used at the end.
type keeper struct {
	list []keptEngine
	made int
}

// take returns the engine kept under key and forgets it.
func (k *keeper) take(key string) (keptEngine, bool) {
	for i, e := range k.list {
		if key != "" && e.key == key {
			k.list = append(k.list[:i], k.list[i+1:]...)
			return e, true
		}
	}
	return keptEngine{}, false
}

// put keeps e; the engine used longest ago makes room.
func (k *keeper) put(e keptEngine, warn io.Writer) {
	k.list = append(k.list, e)
	if len(k.list) > maxKept {
		k.drop(1, warn)
	}
}

// drop closes the n engines used longest ago.
func (k *keeper) drop(n int, warn io.Writer) {
	for _, e := range k.list[:n] {
		if err := e.s.Close(); err != nil {
			fmt.Fprintln(warn, "close engine:", err)
		}
	}
	k.list = append(k.list[:0], k.list[n:]...)
}

// spill is a spill folder for an engine of its own below dir.
func (k *keeper) spill(dir string) string {
	k.made++
	return filepath.Join(dir, strconv.Itoa(k.made))
}

// prepare gives the task its engine with the tables named, a kept one if
// there is one.
func (c *child) prepare(ctx context.Context) error {
	cfg := c.task.Engine
	if e, ok := c.keeper.take(c.task.Kept); ok {
		c.s, c.home, c.attached = e.s, e.home, e.attached
		// Temporary folders may be deleted at any time.
		return errors.Join(os.MkdirAll(cfg.TempDir, 0o700), c.s.Extend(cfg.Functions))
	}
	if c.task.Kept != "" {
		cfg.TempDir = c.keeper.spill(cfg.TempDir)
	}
	var err error
	if c.s, err = c.open(ctx, c.host.Engine, cfg); err != nil {
		return err
	}
	return c.names(ctx)
}

// leave keeps the engine of a task that went well, and ends any other.
func (c *child) leave(failed bool) {
	if c.s == nil {
		return
	}
	if c.task.Kept != "" && !failed {
		c.keeper.put(keptEngine{key: c.task.Kept, home: c.home, attached: c.attached, s: c.s}, c.host.Log)
		return
	}
	if err := c.s.Close(); err != nil {
		fmt.Fprintln(c.host.Log, "close engine:", err)
	}
}
