package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/base"
)

// Exit codes.
const (
	exitOK      = 0
	exitFailed  = 1
	exitUsage   = 2
	exitStopped = 130 // as shells report a program ended by Ctrl-C
)

// cli is one run of the command line.
type cli struct {
	env *Env
	// Global flags.
	json    bool
	project string
	target  string
	noColor bool
	quiet   bool
	verbose bool

	interrupted atomic.Bool
	// onInterrupt, if set, takes Ctrl-C in place of the command's end.
	onInterrupt atomic.Pointer[func()]
	progress    *progress
}

// exitCode ends a command with a code of its own and no message.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// Run carries out one command line and returns the exit code.
func Run(ctx context.Context, env Env) int {
	c := &cli{env: &env}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	endWatch := c.watchSignals(cancel)
	root := c.root()
	root.SetArgs(sqlComments(env.Args))
	err := root.ExecuteContext(ctx)
	c.progress.close()
	endWatch()
	return c.finish(err)
}

// watchSignals cancels on the first interrupt and aborts on the second. The
// returned function ends the watch.
func (c *cli) watchSignals(cancel context.CancelFunc) func() {
	over, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for first := true; ; {
			select {
			case <-over:
				return
			case sig := <-c.env.Signals:
				if own := c.onInterrupt.Load(); own != nil && sig == os.Interrupt {
					(*own)()
					continue
				}
			}
			if first {
				first = false
				c.interrupted.Store(true)
				cancel()
			} else if c.env.Abort != nil {
				c.env.Abort()
			}
		}
	}()
	return func() { close(over); <-ended }
}

// finish prints err and chooses the exit code.
func (c *cli) finish(err error) int {
	var code exitCode
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &code):
		return int(code)
	case c.interrupted.Load():
		fmt.Fprintln(c.env.Stderr, "stopped")
		return exitStopped
	}
	c.printError(err)
	if base.KindOf(err) == base.Usage {
		return exitUsage
	}
	return exitFailed
}

// logger writes to standard error what the flags ask for.
func (c *cli) logger() *slog.Logger {
	level := slog.LevelWarn
	switch {
	case c.verbose:
		level = slog.LevelDebug
	case c.quiet:
		level = slog.LevelError
	}
	return slog.New(slog.NewTextHandler(c.env.Stderr, &slog.HandlerOptions{Level: level, ReplaceAttr: utcTime}))
}

func utcTime(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		a.Value = slog.TimeValue(a.Value.Time().UTC())
	}
	return a
}

// abs makes a path the user wrote absolute.
func (c *cli) abs(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(c.env.Dir, path)
}

// group is a noun: a command that only holds others.
func group(use, short, long, example string, subs ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short, Long: long, Example: example,
		Args: cobra.ArbitraryArgs, // RunE words what is unknown
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return unknownCommand(cmd, args[0])
		},
	}
	cmd.AddCommand(subs...)
	return cmd
}
