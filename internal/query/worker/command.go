package worker

import (
	"context"
	"os/exec"
	"syscall"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

// command runs a program to its end; both of its outputs go to the log.
func (c *child) command(ctx context.Context, q Command) error {
	start := time.Now()
	cmd := exec.CommandContext(ctx, q.Args[0], q.Args[1:]...)
	cmd.Env, cmd.Dir = q.Env, q.Dir
	cmd.Stdout, cmd.Stderr = c.host.Log, c.host.Log
	err := cmd.Run()
	c.stage("command", start)
	if err != nil {
		return base.Errorf(base.Invalid, "command %s: %w", q.Args[0], err).WithHint("the run's log has what it printed")
	}
	c.done(false)
	return nil
}

// killSelf kills the whole process group, programs started included.
func killSelf() { _ = syscall.Kill(0, syscall.SIGKILL) }
