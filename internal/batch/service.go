package batch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/port"
	"github.com/mulgil/mulgil/internal/query"
)

// Options are what a Service works with.
type Options struct {
	Query *query.Service
	Lake  *lake.Lake
	// Store is state.db.
	Store port.Store
	// LogDir takes one file for each run.
	LogDir string
	// Owner is the start id of this process.
	Owner string
	Clock base.Clock
	Log   *slog.Logger
}

// Service runs jobs. Safe for concurrent use.
type Service struct {
	o       Options
	records records
	mu      sync.Mutex // guards active and unsaved
	active  map[string]*activeRun
	unsaved []*Run // ended runs whose record is still that of a running one
	idle    sync.WaitGroup
}

type activeRun struct {
	job  string
	stop context.CancelCauseFunc
	done chan struct{}
}

var errStopped = errors.New("stopped by request")

// New opens the service and settles the runs a dead owner left: those whose
// outputs were committed become SUCCEEDED, the others FAILED.
func New(ctx context.Context, o Options) (*Service, error) {
	s := &Service{o: o, records: records{o.Store}, active: map[string]*activeRun{}}
	if err := o.Store.Migrate(ctx, "batch", schema); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.LogDir, 0o755); err != nil {
		return nil, fmt.Errorf("open jobs: %w", err)
	}
	return s, s.settle(ctx)
}

// Close stops active runs and waits for them. Safe to call twice.
func (s *Service) Close() error {
	s.mu.Lock()
	for _, a := range s.active {
		a.stop(errStopped)
	}
	s.mu.Unlock()
	s.idle.Wait()
	s.catchUp(context.Background())
	return nil
}

func (s *Service) settle(ctx context.Context) error {
	left, err := s.records.list(ctx, `WHERE state = ? AND owner <> ?`, Running, s.o.Owner)
	if err != nil {
		return err
	}
	for _, run := range left {
		done, err := s.o.Lake.Written(ctx, run.ID)
		if err != nil {
			return err
		}
		now := s.o.Clock.Now().UTC()
		run.EndedAt, run.State = &now, Succeeded
		if done == nil {
			run.State = Failed
			run.Error = runError(base.Errorf(base.Internal, "the owner of the project died while the job ran; nothing was published").
				WithCode("OwnerDied").WithHint("run the job again"))
		} else {
			fill(&run, done)
			run.Warnings = append(run.Warnings, "the owner of the project died after the commit; times and tests of this run were not recorded")
		}
		if err := s.records.save(ctx, &run); err != nil {
			return err
		}
	}
	return nil
}

// RunID is the id of the run that serves a workflow task: the same task always
// meets the same run.
func RunID(task string) string {
	sum := sha256.Sum256([]byte(task))
	return "jr_" + hex.EncodeToString(sum[:])
}

func newRunID() string {
	u := uuid.New()
	sum := sha256.Sum256(u[:])
	return "jr_" + hex.EncodeToString(sum[:])
}

// Get returns a run's record.
func (s *Service) Get(ctx context.Context, id string) (*Run, error) {
	s.catchUp(ctx)
	return s.records.get(ctx, id)
}

// Wait returns a run's record once it is over, or with ctx's error.
func (s *Service) Wait(ctx context.Context, id string) (*Run, error) {
	if run, err := s.attach(ctx, id); run != nil || err != nil {
		return run, err
	}
	return s.Get(ctx, id)
}

// List returns the newest runs, of one job if it is not empty.
func (s *Service) List(ctx context.Context, job string, limit int) ([]Run, error) {
	s.catchUp(ctx)
	if limit <= 0 {
		limit = 20
	}
	if job == "" {
		return s.records.list(ctx, `ORDER BY started DESC LIMIT ?`, limit)
	}
	return s.records.list(ctx, `WHERE job = ? ORDER BY started DESC LIMIT ?`, job, limit)
}

// Stop ends an active run and waits for its record.
func (s *Service) Stop(ctx context.Context, id string) (*Run, error) {
	s.mu.Lock()
	a, ok := s.active[id]
	s.mu.Unlock()
	if ok {
		a.stop(errStopped)
		select {
		case <-a.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return s.Get(ctx, id)
}

// LogPath is the file of a run's log.
func (s *Service) LogPath(id string) string {
	return filepath.Join(s.o.LogDir, filepath.Base(id)+".log")
}

// Log reads a run's log from a byte offset; done is set at the end of an ended run.
func (s *Service) Log(ctx context.Context, id string, offset int64) (text string, next int64, done bool, err error) {
	run, err := s.Get(ctx, id)
	if err != nil {
		return "", 0, false, err
	}
	f, err := os.Open(s.LogPath(id))
	if errors.Is(err, os.ErrNotExist) {
		return "", offset, run.State != Running, nil
	}
	if err != nil {
		return "", 0, false, fmt.Errorf("read log: %w", err)
	}
	defer f.Close()
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		return "", 0, false, fmt.Errorf("read log: %w", err)
	}
	b, err := io.ReadAll(io.LimitReader(f, 1<<20))
	if err != nil {
		return "", 0, false, fmt.Errorf("read log: %w", err)
	}
	return string(b), offset + int64(len(b)), run.State != Running && len(b) < 1<<20, nil
}

// admit enters a run among the active ones, or refuses it.
func (s *Service) admit(id string, j Job, stop context.CancelCauseFunc) (*activeRun, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for other, a := range s.active {
		if a.job == j.Name {
			n++
			if n >= max(j.MaxConcurrency, 1) {
				return nil, base.Errorf(base.Conflict, "job %s is running already (run %s)", j.Name, other).WithCode("ConcurrentRunsExceededException").
					WithHint("wait for it, stop it with: mulgil job stop %s, or raise max_concurrency in the job's file", other)
			}
		}
	}
	a := &activeRun{job: j.Name, stop: stop, done: make(chan struct{})}
	s.active[id] = a
	s.idle.Add(1)
	return a, nil
}

func (s *Service) leave(id string, a *activeRun) {
	s.mu.Lock()
	delete(s.active, id)
	s.mu.Unlock()
	close(a.done)
	s.idle.Done()
}

// attach waits for a run that is active under this id, if there is one.
func (s *Service) attach(ctx context.Context, id string) (*Run, error) {
	s.mu.Lock()
	a, ok := s.active[id]
	s.mu.Unlock()
	if !ok {
		return nil, nil
	}
	select {
	case <-a.done:
		return s.Get(ctx, id)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *Service) now() time.Time { return s.o.Clock.Now().UTC() }
