// Command mulgil is a data platform in one program: see `mulgil --help`.
package main

import (
	"context"
	"io"
	"os"
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
