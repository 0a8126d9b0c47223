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
	"runtime"
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

// Usage is what a child used of the machine.
type Usage struct {
	PeakMemory int64
	CPUSeconds float64
}

// Run runs one task to its end. When ctx ends the child and all its children
// are killed. The error is the task's own, or tells how the child died.
func (l Launcher) Run(ctx context.Context, t Task, h Handler) (Usage, error) {
	register()
	cmd := exec.Command(l.Command[0], l.Command[1:]...)
	cmd.Env = append(append([]string{}, l.Env...), fmt.Sprintf("GOMEMLIMIT=%d", goMemory(t.Engine.Memory)), "GOGC=100")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	tail := &tailWriter{next: h.Log}
	cmd.Stderr = tail
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return Usage{}, fmt.Errorf("start worker: %w", err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return Usage{}, fmt.Errorf("start worker: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return Usage{}, fmt.Errorf("start worker: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { killGroup(cmd) })
	failure := converse(ctx, t, h, stdin, stdout)
	stdin.Close()
	_, _ = io.Copy(io.Discard, stdout)
	err = cmd.Wait()
	stop()
	killGroup(cmd)
	u := usage(cmd.ProcessState)
	switch {
	case ctx.Err() != nil:
		return u, base.Errorf(base.Canceled, "stopped: %w", context.Cause(ctx))
	case failure != nil && !errors.Is(failure, io.ErrUnexpectedEOF):
		return u, failure
	case failure != nil || err != nil:
		return u, died(cmd.ProcessState, tail.String())
	}
	return u, nil
}

// killGroup kills the child and everything it started.
func killGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

// goMemory is the child's Go heap target: the engine has its own limit.
func goMemory(engine int64) int64 { return max(192<<20, engine/8) }

// converse hands over the task and listens until the child is done. A child
// that hangs up early is io.ErrUnexpectedEOF.
func converse(ctx context.Context, t Task, h Handler, in io.Writer, out io.Reader) error {
	enc, dec := gob.NewEncoder(in), gob.NewDecoder(out)
	if err := enc.Encode(t); err != nil {
		return io.ErrUnexpectedEOF
	}
	for {
		var m Message
		if err := dec.Decode(&m); err != nil {
			return io.ErrUnexpectedEOF
		}
		switch {
		case m.Err != nil:
			e := m.Err.Error
			if h.Message != nil {
				h.Message(m)
			}
			return &e
		case m.Described != nil:
			p, err := h.Plan(ctx, *m.Described)
			if err != nil {
				p.Err = flat(err)
			}
			if err := enc.Encode(p); err != nil {
				return io.ErrUnexpectedEOF
			}
		default:
			if h.Message != nil {
				h.Message(m)
			}
			if m.Done != nil {
				return nil
			}
		}
	}
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

func died(p *os.ProcessState, stderr string) error {
	how := p.String()
	ws, ok := p.Sys().(syscall.WaitStatus)
	if ok && ws.Signaled() && ws.Signal() == syscall.SIGKILL {
		return base.Errorf(base.Internal, "the worker was killed (%s)", how).
			WithHint("the machine ran out of memory, or someone killed it: lower `memory` or `workers`, and run it again; nothing was published")
	}
	if last := strings.TrimSpace(lastLine(stderr)); last != "" {
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
	mu   sync.Mutex // guards buf
	buf  bytes.Buffer
	next io.Writer
}

func (w *tailWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	w.buf.Write(p)
	if w.buf.Len() > 8192 {
		w.buf.Next(w.buf.Len() - 4096)
	}
	w.mu.Unlock()
	if w.next != nil {
		return w.next.Write(p)
	}
	return len(p), nil
}

func (w *tailWriter) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.buf.String()
}

func usage(p *os.ProcessState) Usage {
	if p == nil {
		return Usage{}
	}
	u := Usage{CPUSeconds: (p.UserTime() + p.SystemTime()).Seconds()}
	if ru, ok := p.SysUsage().(*syscall.Rusage); ok {
		u.PeakMemory = ru.Maxrss * maxRSSUnit
	}
	return u
}

// maxRSSUnit is what Rusage.Maxrss counts in: kilobytes, except on macOS.
var maxRSSUnit = map[bool]int64{true: 1, false: 1024}[runtime.GOOS == "darwin"]

// Elapsed is a stage's time since start, in seconds.
func Elapsed(start time.Time) float64 { return time.Since(start).Seconds() }
