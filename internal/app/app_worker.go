package app

import (
	"context"
	"io"

	"github.com/mulgil/mulgil/internal/connector/duckdb"
	"github.com/mulgil/mulgil/internal/connector/hivefile"
	"github.com/mulgil/mulgil/internal/query/worker"
)

// Worker is the child process of jobs and queries: one task from stdin,
// messages to stdout. It returns the exit code.
func Worker(ctx context.Context, stdin io.Reader, stdout, stderr io.Writer) int {
	return worker.Serve(ctx, worker.Host{Engine: duckdb.Engine{Functions: functions()}, OpenSource: openSource, OpenHive: hivefile.Open, Log: stderr, Orphaned: worker.ExitOrphan}, stdin, stdout)
}
