// Package crash kills, starves and moves the real program and looks at what
// the next command finds.
//
// The shop under test is small and changes before every write, and beside it
// runs a model: a SQLite file in which hand-written SQL does what the jobs do.
// After each fault every table must be exactly what the model had before the
// write or has after it, every file that the catalog names must be there, and
// no file of an unfinished write may be left.
package crash

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mulgil/mulgil/test/harness"
)

func TestMain(m *testing.M) {
	// Under nohup a hang-up is ignored, and by every program started then.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	os.Exit(harness.Main(m))
}

// project is a project folder and the program that works in it.
type project struct {
	t   testing.TB
	dir string
	// bin is a name of the program that no other test uses, so that its
	// processes can be told from theirs.
	bin string
}

func newProject(t testing.TB, rows int) *project {
	t.Helper()
	return &project{t: t, dir: harness.Project(t, rows), bin: ownBinary(t)}
}

// ownBinary gives the program under test a name of its own.
func ownBinary(t testing.TB) string {
	t.Helper()
	own := filepath.Join(t.TempDir(), "mulgil")
	from := harness.Binary(t)
	if os.Link(from, own) == nil {
		return own
	}
	text, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(own, text, 0o755)
	}
	check(t, err)
	return own
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// process is a running command.
type process struct {
	*exec.Cmd
	args      string
	out, errs bytes.Buffer
	done      chan struct{} // closed once it ended and was waited for
}

func (p *project) start(args ...string) *process {
	p.t.Helper()
	r := &process{Cmd: exec.Command(p.bin, args...), args: strings.Join(args, " "), done: make(chan struct{})}
	r.Dir = p.dir
	r.Stdout, r.Stderr = &r.out, &r.errs
	check(p.t, r.Start())
	go func() {
		defer close(r.done)
		var exit *exec.ExitError
		if err := r.Wait(); err != nil && !errors.As(err, &exit) {
			r.errs.WriteString(err.Error())
		}
	}()
	p.t.Cleanup(func() { r.kill() })
	return r
}

// kill ends the process alone, as a power cut for this one program would.
func (r *process) kill() {
	_ = r.Process.Kill()
	<-r.done
}

// ended tells whether the process is over, waiting up to d.
func (r *process) ended(d time.Duration) bool {
	select {
	case <-r.done:
		return true
	default: // with no time to wait both cases below are ready
	}
	select {
	case <-r.done:
		return true
	case <-time.After(d):
		return false
	}
}

// code waits for the end and returns the exit code, -1 if killed.
func (r *process) code() int {
	<-r.done
	return r.ProcessState.ExitCode()
}

func (r *process) killed() bool {
	ws, ok := r.ProcessState.Sys().(syscall.WaitStatus)
	return ok && ws.Signaled()
}

// run runs a command to its end.
func (p *project) run(args ...string) *process {
	p.t.Helper()
	r := p.start(args...)
	<-r.done
	return r
}

// must runs a command that has to succeed and returns its standard output.
func (p *project) must(args ...string) string {
	p.t.Helper()
	r := p.run(args...)
	if r.code() != 0 {
		p.t.Fatalf("mulgil %s: exit code %d\n%s%s", r.args, r.code(), &r.out, &r.errs)
	}
	return r.out.String()
}

// ask runs a command with --json and reads what it prints into out.
func (p *project) ask(out any, args ...string) {
	p.t.Helper()
	text := p.must(append(args, "--json", "-q")...)
	if err := json.Unmarshal([]byte(text), out); err != nil {
		p.t.Fatalf("mulgil %s printed %s: %v", strings.Join(args, " "), text, err)
	}
}

// up starts an owner that serves the project and waits until it does.
func (p *project) up() *process {
	p.t.Helper()
	r := p.start("up", "--port", "0")
	for !r.ended(5 * time.Millisecond) {
		if o := p.owner(); o.PID == r.Process.Pid && o.Address != "" {
			return r
		}
	}
	p.t.Fatalf("mulgil up: exit code %d\n%s%s", r.code(), &r.out, &r.errs)
	return nil
}

// down stops an owner as Ctrl-C does.
func (r *process) down(t testing.TB) {
	t.Helper()
	check(t, r.Process.Signal(syscall.SIGTERM))
	if !r.ended(20 * time.Second) {
		t.Fatalf("mulgil %s does not stop\n%s", r.args, &r.errs)
	}
	if r.code() != 0 {
		t.Fatalf("mulgil %s: exit code %d after SIGTERM\n%s", r.args, r.code(), &r.errs)
	}
}

type ownerInfo struct {
	PID     int    `json:"pid"`
	Address string `json:"address"`
	Token   string `json:"token"`
}

// owner reads the description of the project's owner, zero if there is none.
func (p *project) owner() ownerInfo {
	var o ownerInfo
	text, err := os.ReadFile(filepath.Join(p.dir, ".mulgil", "data", "owner.json"))
	if err != nil || json.Unmarshal(text, &o) != nil {
		return ownerInfo{}
	}
	return o
}

// processes lists the live processes of this project's program, by what they
// were started as: "worker", "up", ...
func (p *project) processes(first string) []int {
	all, err := filepath.Glob("/proc/[0-9]*")
	check(p.t, err)
	var out []int
	for _, dir := range all {
		if exe, err := os.Readlink(filepath.Join(dir, "exe")); err != nil || exe != p.bin {
			continue
		}
		line, err := os.ReadFile(filepath.Join(dir, "cmdline"))
		if args := strings.Split(string(line), "\x00"); err != nil || len(args) < 2 || args[1] != first {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(dir)); err == nil {
			out = append(out, pid)
		}
	}
	return out
}

// noOrphans expects workers to end by themselves soon after their owner.
func (p *project) noOrphans() {
	p.t.Helper()
	left := p.processes("worker")
	for end := time.Now().Add(5 * time.Second); len(left) > 0; left = p.processes("worker") {
		if time.Now().After(end) {
			p.t.Fatalf("workers %v outlive their killed owner", left)
		}
		time.Sleep(2 * time.Millisecond)
	}
}
