// Command mulgil is a data platform in one program: see `mulgil --help`.
package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime/debug"
	"syscall"

	"golang.org/x/term"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/cli"
)

// version is set by the linker for releases.
var version string

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run is the program: arguments and streams in, exit code out.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	dir, err := os.Getwd()
	if err != nil {
		io.WriteString(stderr, "error: find the working folder: "+err.Error()+"\n")
		return 1
	}
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	env := cli.Env{
		Args: args, Stdin: stdin, Stdout: stdout, Stderr: stderr,
		Getenv: os.Getenv, Dir: dir, IsTerminal: isTerminal, Width: width(stderr),
		Size: size(stdin), Raw: raw(stdin), Program: program,
		Clock: base.SystemClock{}, Version: programVersion(),
		Signals: signals, Abort: func() { os.Exit(130) },
	}
	wire(&env)
	return cli.Run(context.Background(), env)
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// width measures the terminal that progress is drawn on.
func width(stream any) func() int {
	return func() int {
		if f, ok := stream.(*os.File); ok {
			if w, _, err := term.GetSize(int(f.Fd())); err == nil {
				return w
			}
		}
		return 80
	}
}

// size measures the terminal that is typed at.
func size(stream any) func() (int, int) {
	return func() (int, int) {
		if f, ok := stream.(*os.File); ok {
			if w, h, err := term.GetSize(int(f.Fd())); err == nil && w > 0 && h > 0 {
				return w, h
			}
		}
		return 80, 24
	}
}

// raw takes the terminal that is typed at out of line mode.
func raw(stream any) func() (func() error, error) {
	return func() (func() error, error) {
		f, ok := stream.(*os.File)
		if !ok {
			return func() error { return nil }, nil
		}
		old, err := term.MakeRaw(int(f.Fd()))
		if err != nil {
			return nil, err
		}
		return func() error { return term.Restore(int(f.Fd()), old) }, nil
	}
}

// program runs a pager or an editor on the terminal.
func program(command []string, stdin io.Reader) error {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, os.Stdout, os.Stderr
	if stdin == nil {
		cmd.Stdin = os.Stdin
	}
	return cmd.Run()
}

// programVersion is the linker's, else the module's as go install leaves it.
func programVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
