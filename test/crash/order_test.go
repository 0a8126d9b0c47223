package crash

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestDurabilityOrder watches the system calls of a job's run: nothing durable
// may name a file that is not. Each data file, manifest, manifest list and
// metadata file, with the folder entry that leads to it, has to be synced before
// the file that names it is made, and all before the catalog's transaction
// writes its first byte.
func TestDurabilityOrder(t *testing.T) {
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip("strace is not installed: the order of syncs is not watched")
	}
	if text, err := exec.Command("strace", "-f", "-o", os.DevNull, "true").CombinedOutput(); err != nil {
		t.Skipf("strace may not trace here (ptrace), the order of syncs is not watched: %v %s", err, text)
	}
	p := newProject(t, 10000)
	for _, c := range []struct{ name, job string }{
		{"new table", "T0_FACT"}, {"table that exists", "T0_FACT"}, {"three tables at once", "T0_DIMENSION"},
	} {
		t.Run(c.name, func(t *testing.T) { watch(t, p, c.job) })
	}
}

// watch runs a job under strace and judges what it did.
func watch(t *testing.T, p *project, job string) {
	had := map[string]bool{}
	for _, path := range allFiles(t, p.data("lake")) {
		had[path] = true
	}
	log := filepath.Join(t.TempDir(), "trace")
	cmd := exec.Command("strace", "-f", "-y", "-s", "6000", "-o", log,
		"-e", "trace=openat,mkdir,mkdirat,write,pwrite64,pwritev,writev,fsync,fdatasync,rename,renameat,renameat2", p.bin, "job", "run", job, "-q")
	cmd.Dir = p.dir
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("strace mulgil job run %s: %v\n%s", job, err, text)
	}
	tr := readTrace(t, log)
	f := &walker{p: p, manifests: map[string][]string{}}
	watched := 0
	for name, at := range p.pointers() {
		if had[at] {
			continue
		}
		n := f.walk(at)
		swap := tr.swap(at)
		lake := p.data("lake")
		named := func(what string, paths []string, before int, by string) {
			for _, path := range paths {
				if had[path] {
					continue
				}
				watched++
				if err := tr.durable(path, lake, before); err != "" {
					t.Errorf("table %s: %s %s: %s before %s", name, what, path, err, by)
				}
			}
		}
		made := tr.made(at)
		named("data file", n.data, made, "its metadata file was made")
		named("manifest", n.manifests, made, "its metadata file was made")
		named("manifest list", n.lists, made, "its metadata file was made")
		named("metadata file", n.metadata[:1], swap, "the catalog named it")
		if made < 0 || swap < made {
			t.Errorf("table %s: made at %d, swapped at %d", name, made, swap)
		}
		if tr.next(tr.first(swap, isWrite, at), isSync, "catalog.db-wal") < 0 {
			t.Errorf("table %s: the catalog's log was not synced after the swap", name)
		}
	}
	t.Logf("%d new files were synced in order, %d calls watched", watched, len(tr.calls))
	if watched < 5 {
		t.Errorf("only %d new files were watched", watched)
	}
}

// call is a system call: begun is its line in the trace, over the line on which
// it had returned.
type call struct {
	begun, over  int
	name         string
	path, target string // target is the second path of a rename
	text         string
	made         bool // made a file or folder that was not there, or may have
}

type trace struct {
	t     *testing.T
	calls []call
}

var (
	lineShape  = regexp.MustCompile(`^(\d+) +(\w+)\((.*)$`)
	resumeLine = regexp.MustCompile(`^(\d+) +<\.\.\. (\w+) resumed>(.*)$`)
	handle     = regexp.MustCompile(`^\d+<(.*?)>`)
	quoted     = regexp.MustCompile(`"((?:[^"\\]|\\.)*)"`)
	failed     = regexp.MustCompile(`= -1 E\w+ \(.*\)$`)
)

func readTrace(t *testing.T, path string) *trace {
	text, err := os.ReadFile(path)
	check(t, err)
	tr := &trace{t: t}
	open := map[string]int{} // the unfinished call of each thread
	for i, line := range strings.Split(string(text), "\n") {
		if m := resumeLine.FindStringSubmatch(line); m != nil {
			if c, ok := open[m[1]]; ok {
				tr.calls[c].over = i
				if failed.MatchString(line) {
					tr.calls[c].name = "failed"
				}
				delete(open, m[1])
			}
			continue
		}
		m := lineShape.FindStringSubmatch(line)
		if m == nil || failed.MatchString(line) {
			continue
		}
		c := call{begun: i, over: i, name: m[2], text: m[3]}
		if h := handle.FindStringSubmatch(m[3]); h != nil {
			c.path = h[1]
		} else if q := quoted.FindAllStringSubmatch(m[3], 2); q != nil {
			c.path = q[0][1]
			if len(q) > 1 {
				c.target = q[1][1]
			}
		}
		c.made = strings.HasPrefix(c.name, "mkdir") || opensNew(c)
		if strings.HasSuffix(line, "<unfinished ...>") {
			c.over = 1 << 30
			open[m[1]] = len(tr.calls)
		}
		tr.calls = append(tr.calls, c)
	}
	tr.follow()
	return tr
}

// follow gives what was done to a file before it was renamed its last name.
// Its entry is then the rename's doing.
func (tr *trace) follow() {
	for i := range tr.calls {
		r := &tr.calls[i]
		if !strings.HasPrefix(r.name, "rename") {
			continue
		}
		for j := range tr.calls[:i] {
			if c := &tr.calls[j]; c.path == r.path {
				c.path, c.made = r.target, false
			}
		}
		r.path, r.made = r.target, true
	}
}

func opensNew(c call) bool { return c.name == "openat" && strings.Contains(c.text, "O_CREAT") }

func isSync(c call) bool { return c.name == "fsync" || c.name == "fdatasync" }
func isWrite(c call) bool {
	return strings.HasPrefix(c.name, "write") || strings.HasPrefix(c.name, "pwrite")
}

// made is the line at which a file, or folder, came to be under its name; -1
// if it was not made in this trace.
func (tr *trace) made(path string) int {
	for _, c := range tr.calls {
		if c.made && c.path == path {
			return c.begun
		}
	}
	return -1
}

// first is the index of the first call of a kind begun at line from or later
// whose text holds word; -1 if there is none.
func (tr *trace) first(from int, kind func(call) bool, word string) int {
	for i, c := range tr.calls {
		if c.begun >= from && kind(c) && strings.Contains(c.text, filepath.Base(word)) {
			return i
		}
	}
	return -1
}

// next is like first, after the call of index i; a negative i finds nothing.
func (tr *trace) next(i int, kind func(call) bool, file string) int {
	if i < 0 {
		return -1
	}
	for j := i + 1; j < len(tr.calls); j++ {
		if kind(tr.calls[j]) && filepath.Base(tr.calls[j].path) == file {
			return j
		}
	}
	return -1
}

// swap is the line of the first byte of the transaction that wrote the name of
// a metadata file to the catalog's log: what follows the log's sync before it.
func (tr *trace) swap(metadata string) int {
	tr.t.Helper()
	begin := 0
	for _, c := range tr.calls {
		if b := filepath.Base(c.path); b != "catalog.db-wal" && b != "catalog.db" {
			continue
		}
		switch {
		case isSync(c):
			begin = 0
		case isWrite(c):
			if begin == 0 {
				begin = c.begun
			}
			if strings.Contains(c.text, filepath.Base(metadata)) {
				return begin
			}
		}
	}
	tr.t.Fatalf("the catalog was never seen to name %s", metadata)
	return 0
}

// durable says what is missing for path to survive a power cut at a line: its
// own bytes synced after the last write, and each folder from its own up to
// root synced after the entry that leads to path was made.
func (tr *trace) durable(path, root string, line int) string {
	names := map[string]bool{path: true} // a file may be written under another name and moved
	for _, c := range tr.calls {
		if strings.HasPrefix(c.name, "rename") && c.target == path {
			names[c.path] = true
		}
	}
	wrote := -1
	for _, c := range tr.calls {
		if names[c.path] && (isWrite(c) || c.made) {
			wrote = max(wrote, c.over)
		}
	}
	switch {
	case wrote < 0:
		return "nobody was seen to write it"
	case wrote > line:
		return "it was still written, not only"
	case !tr.synced(path, wrote, line):
		return "its bytes were not synced"
	}
	for ; path != root; path = filepath.Dir(path) {
		if made := tr.made(path); made >= 0 && !tr.synced(filepath.Dir(path), made, line) {
			return "the entry of " + path + " in its folder was not synced"
		}
	}
	return ""
}

// synced tells whether a sync of path began after one line and was over before another.
func (tr *trace) synced(path string, after, before int) bool {
	for _, c := range tr.calls {
		if isSync(c) && c.path == path && c.begun > after && c.over < before {
			return true
		}
	}
	return false
}

func allFiles(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	check(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil
		}
		if err == nil && !d.IsDir() {
			out = append(out, path)
		}
		return err
	}))
	return out
}
