package worker

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

// Launcher starts children.
type Launcher struct {
	// Command is the argument list that starts this binary's worker command.
	Command []string
	// Env is the child's whole environment.
	Env []string
}

// Handler receives what a child says. Plan answers a Described; a refusal goes
// back to the child, which then fails with it.
type Handler struct {
	Message func(Message)
	Plan    func(ctx context.Context, d Described) (Plan, error)
	// Log receives the child's stderr.
	Log io.Writer
}

// Run runs one task to its end in a child of its own. When ctx ends the child
// and all its children are killed. The error is the task's own, or tells how
// the child died.
func (l Launcher) Run(ctx context.Context, t Task, h Handler) (Usage, error) {
	p, err := l.start()
	if err != nil {
		return Usage{}, err
	}
	_, err = p.run(ctx, t, h)
	p.dismiss()
	if errors.Is(err, errHungUp) {
		err = p.died()
	}
	return usage(p.cmd.ProcessState), err
}

// errHungUp says that a child ended without the last word of its task.
var errHungUp = errors.New("the worker hung up")

// process is a running child. One task at a time.
type process struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *os.File
	enc  *gob.Encoder
	dec  *gob.Decoder
	tail *tailWriter
	// gone is closed once the child has ended; cmd.ProcessState is set then.
	gone chan struct{}
	// heard is set once the child said a word of the task it has.
	heard bool
	// spill is the folder of its kept engines' spill files, "" if it has none.
	spill string
	// kept are the keys of engines it may have.
	kept []string
}

// start starts a child that waits for its first task.
func (l Launcher) start() (*process, error) {
	register()
	cmd := exec.Command(l.Command[0], l.Command[1:]...)
	// The child's own set-up is quicker without collecting; Serve turns it on.
	cmd.Env = append(append([]string{}, l.Env...), "GOGC=off")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p := &process{cmd: cmd, tail: &tailWriter{}, gone: make(chan struct{})}
	cmd.Stderr = p.tail
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start worker: %w", err)
	}
	out, childOut, err := os.Pipe()
	if err != nil {
		in.Close()
		return nil, fmt.Errorf("start worker: %w", err)
	}
	cmd.Stdout = childOut
	err = cmd.Start()
	childOut.Close()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start worker: %w", err), in.Close(), out.Close())
	}
	p.in, p.out, p.enc, p.dec = in, out, gob.NewEncoder(in), gob.NewDecoder(out)
	go func() {
		_ = cmd.Wait()
		close(p.gone)
	}()
	return p, nil
}

// run runs one task. If ctx ends, or the child does not keep to its words, the
// child is killed and must not be used again: the error is then errHungUp or
// of kind Canceled. What the child logs goes to h.Log until its next task or its
// end: its last lines may come after its last word.
func (p *process) run(ctx context.Context, t Task, h Handler) (Usage, error) {
	p.tail.passTo(h.Log)
	stop := context.AfterFunc(ctx, p.kill)
	u, err := p.converse(ctx, t, h)
	if !stop() {
		return u, base.Errorf(base.Canceled, "stopped: %w", context.Cause(ctx))
	}
	return u, err
}

// kill kills the child and everything it started.
func (p *process) kill() { _ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) }

// dismiss lets an idle child end, takes what it started with it, and waits.
func (p *process) dismiss() {
	p.in.Close()
	_, _ = io.Copy(io.Discard, p.out)
	<-p.gone
	p.kill()
	p.out.Close()
	if p.spill != "" {
		_ = os.RemoveAll(p.spill)
	}
}

// discard ends a child that is not to be trusted any more, and waits.
func (p *process) discard() {
	p.kill()
	p.dismiss()
}

// alive tells whether an idle child can still take a task.
func (p *process) alive() bool {
	select {
	case <-p.gone:
		return false
	default:
		return true
	}
}

// converse hands over the task and listens until the child is done. A child
// that hangs up early is errHungUp.
func (p *process) converse(ctx context.Context, t Task, h Handler) (Usage, error) {
	p.heard = false
	if err := p.enc.Encode(Word{Task: &t}); err != nil {
		return Usage{}, errHungUp
	}
	for {
		var m Message
		if err := p.dec.Decode(&m); err != nil {
			return Usage{}, errHungUp
		}
		p.heard = true
		if m.Described != nil {
			if err := p.answer(ctx, h, *m.Described); err != nil {
				return Usage{}, err
			}
			continue
		}
		if h.Message != nil {
			h.Message(m)
		}
		switch {
		case m.Err != nil:
			e := m.Err.Error
			return m.Err.Usage, &e
		case m.Done != nil:
			return m.Done.Usage, nil
		}
	}
}

func (p *process) answer(ctx context.Context, h Handler, d Described) error {
	plan, err := h.Plan(ctx, d)
	if err != nil {
		plan.Err = flat(err)
	}
	if err := p.enc.Encode(Word{Plan: &plan}); err != nil {
		return errHungUp
	}
	return nil
}

// flat is err as a base.Error without its cause, which gob could not carry.
func flat(err error) *base.Error {
	out := &base.Error{Kind: base.KindOf(err), Code: base.CodeOf(err), Msg: err.Error()}
	var e *base.Error
	if errors.As(err, &e) {
		out.Hint = e.Hint
		if e == err {
			out.Place, out.Msg = e.Place, e.Msg
		}
	}
	return out
}

// died tells how a child that is gone ended.
func (p *process) died() error {
	how := p.cmd.ProcessState.String()
	ws, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	if ok && ws.Signaled() && ws.Signal() == syscall.SIGKILL {
		return base.Errorf(base.Internal, "the worker was killed (%s)", how).
			WithHint("the machine ran out of memory, or someone killed it: lower `memory` or `workers`, and run it again; nothing was published")
	}
	if last := strings.TrimSpace(lastLine(p.tail.String())); last != "" {
		how += ": " + last
	}
	return base.Errorf(base.Internal, "the worker died (%s)", how).WithHint("the run's log has its last words; nothing was published")
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}

// tailWriter passes on what it is given and remembers the end of it.
type tailWriter struct {
	mu   sync.Mutex // guards buf and next
	buf  bytes.Buffer
	next io.Writer
}

func (w *tailWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	w.buf.Write(p)
	if w.buf.Len() > 8192 {
		w.buf.Next(w.buf.Len() - 4096)
	}
	next := w.next
	w.mu.Unlock()
	if next != nil {
		return next.Write(p)
	}
	return len(p), nil
}

// passTo names who hears what is written from now on; nil is nobody.
func (w *tailWriter) passTo(next io.Writer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.next = next
}

func (w *tailWriter) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.buf.String()
}

// Elapsed is a stage's time since start, in seconds.
func Elapsed(start time.Time) float64 { return time.Since(start).Seconds() }

// keeps notes which engines the child has after a task, as its keeper does. It
// may be wrong about one that the child closed for want of memory.
func (p *process) keeps(engine string, ok bool) {
	if engine == "" {
		return
	}
	p.kept = slices.DeleteFunc(p.kept, func(k string) bool { return k == engine })
	if ok {
		p.kept = append(p.kept, engine)
	}
	if len(p.kept) > maxKept {
		p.kept = p.kept[1:]
	}
}
