package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/app/owner"
	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/project"
)

// ownerWait is how long a command waits for an owner that serves no API.
const ownerWait = 5 * time.Second

// session is an open backend.
type session struct {
	app.Backend
	// remote is set if another process does the work.
	remote bool
	close  func() error
}

// with opens the project, runs do and closes it.
func (c *cli) with(cmd *cobra.Command, do func(ctx context.Context, s *session) error) error {
	return c.withOptions(cmd, func(*OpenOptions) {}, do)
}

// withStatement is with for commands that run SQL for someone who waits.
func (c *cli) withStatement(cmd *cobra.Command, do func(ctx context.Context, s *session) error) error {
	return c.withOptions(cmd, func(o *OpenOptions) { o.Warm = true }, do)
}

func (c *cli) withOptions(cmd *cobra.Command, set func(*OpenOptions), do func(ctx context.Context, s *session) error) error {
	ctx := cmd.Context()
	opt, err := c.open()
	if err != nil {
		return err
	}
	set(&opt)
	s, err := c.session(ctx, opt)
	if err != nil {
		return err
	}
	err = do(ctx, s)
	c.progress.close()
	if closing := s.close(); err == nil && closing != nil {
		return fmt.Errorf("close project: %w", closing)
	}
	return err
}

// open finds the project the flags mean.
func (c *cli) open() (OpenOptions, error) {
	opt := OpenOptions{Target: c.target, Log: c.logger()}
	if c.project != "" {
		opt.Root = c.abs(c.project)
		if _, err := os.Stat(filepath.Join(opt.Root, project.File)); err != nil {
			return opt, base.Errorf(base.NotFound, "no %s in %s", project.File, opt.Root).WithHint("--project takes the folder that holds it")
		}
		return opt, nil
	}
	root, err := project.Find(c.env.Dir)
	opt.Root = root
	return opt, err
}

// dataDir is where the owner of a project leaves its description.
func dataDir(root string) string { return filepath.Join(root, ".mulgil", "data") }

// session becomes a client of the project's owner, or the owner if there is
// none. An owner without an API (another command at work) is waited for.
func (c *cli) session(ctx context.Context, opt OpenOptions) (*session, error) {
	deadline := c.env.Clock.Now().Add(ownerWait)
	told := false
	for {
		info, live := owner.Find(dataDir(opt.Root))
		if live && info.Address != "" {
			return c.connect(ctx, opt, *info)
		}
		held := &owner.Held{}
		if live {
			held.Info = *info
		} else {
			b, done, err := c.env.OpenLocal(ctx, opt)
			if err == nil {
				return &session{Backend: b, close: done}, nil
			}
			if !errors.As(err, &held) {
				return nil, err
			}
		}
		if !c.env.Clock.Now().Before(deadline) {
			return nil, held
		}
		if !told {
			c.note("waiting for process %d, which is using the project", held.Info.PID)
			told = true
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-c.env.Clock.After(50 * time.Millisecond):
		}
	}
}

func (c *cli) connect(ctx context.Context, opt OpenOptions, info owner.Info) (*session, error) {
	b := c.env.Connect(info)
	s := &session{Backend: b, remote: true, close: func() error { return nil }}
	if closer, ok := b.(io.Closer); ok {
		s.close = closer.Close
	}
	if opt.Target == "" {
		return s, nil
	}
	st, err := b.Status(ctx, app.StatusRequest{})
	if err == nil && st.Target != opt.Target {
		err = base.Errorf(base.Conflict, "the project is open for target %q, not %q", st.Target, opt.Target).
			WithHint("stop process %d, or leave --target out", info.PID)
	}
	return s, err
}

// needOwner refuses what makes sense only beside a process that carries work on.
func (s *session) needOwner(what string) error {
	if s.remote {
		return nil
	}
	return base.Errorf(base.Usage, "%s needs a running owner to carry the work on", what).WithHint("start one first: mulgil up")
}
