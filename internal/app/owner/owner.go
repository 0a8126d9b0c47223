// Package owner keeps a project in one process at a time.
//
// The owner holds an exclusive lock on owner.lock in the project's data folder
// for as long as it lives; the kernel drops it when the process ends, however
// it ends. Beside it lies owner.json, readable by the user only: who the owner
// is, where its API listens and the token that opens it. The start id is in
// both files, so that a description left behind by a killed owner is never
// taken for the living one's.
package owner

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"

	"github.com/mulgil/mulgil/internal/base"
)

const (
	lockName = "owner.lock"
	infoName = "owner.json"
)

// Info describes the owner of a project.
type Info struct {
	PID int `json:"pid"`
	// Address is host:port of its API; empty while it serves none.
	Address string `json:"address,omitempty"`
	// Token opens the API. It is a secret: never log or print it.
	Token   string `json:"token"`
	Version string `json:"version"`
	// StartID is new for every owner.
	StartID string    `json:"start_id"`
	Started time.Time `json:"started"`
}

// Owner is the lock held. Its methods are safe for concurrent use.
type Owner struct {
	dir  string
	lock *os.File

	mu       sync.Mutex // guards info and released, and writing owner.json
	info     Info
	released bool
}

// Held is the error of Acquire while another process owns the project.
type Held struct {
	// Info is the live owner's; PID is 0 if it could not be read.
	Info Info
}

// Error names the owner.
func (h *Held) Error() string {
	if h.Info.PID == 0 {
		return "the project is in use by another process"
	}
	return fmt.Sprintf("the project is in use by process %d since %s", h.Info.PID, h.Info.Started.UTC().Format("2006-01-02 15:04:05 UTC"))
}

// Unwrap gives the error its kind, base.Conflict, and a hint.
func (h *Held) Unwrap() error {
	e := base.Errorf(base.Conflict, "the project is in use")
	if h.Info.Address != "" {
		return e.WithHint("it answers at http://%s; stop it to own the project yourself", h.Info.Address)
	}
	return e.WithHint("wait for it to end, or keep `mulgil up` running: commands beside it then share the project")
}

// Acquire makes this process the owner of the project whose data folder is
// dataDir; missing folders are made. It returns *Held if another process is.
func Acquire(dataDir, version string) (*Owner, error) {
	if err := os.MkdirAll(dataDir, 0o755); err != nil {
		return nil, fmt.Errorf("make data folder: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dataDir, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open owner lock: %w", err)
	}
	if err := lockAfterDead(f, dataDir); err != nil {
		f.Close()
		var held *Held
		if errors.As(err, &held) {
			return nil, held
		}
		return nil, fmt.Errorf("lock %s: %w", f.Name(), err)
	}
	o := &Owner{dir: dataDir, lock: f, info: Info{
		PID: os.Getpid(), Token: newToken(), Version: version,
		StartID: uuid.NewString(), Started: time.Now().UTC().Truncate(time.Millisecond),
	}}
	if err := o.announce(); err != nil {
		f.Close()
		return nil, err
	}
	return o, nil
}

// lockAfterDead takes the lock, or says in a Held who has it. That of an owner
// that died just now may be held a moment longer, by a process it was starting.
func lockAfterDead(f *os.File, dataDir string) error {
	for i := 0; ; i++ {
		err := lockExclusive(f)
		if !errors.Is(err, unix.EWOULDBLOCK) {
			return err
		}
		info, alive := readLive(dataDir)
		if alive || i == 3 {
			return &Held{Info: info}
		}
	}
}

// lockExclusive takes the lock without waiting for an owner. Somebody merely
// looking (Find) holds it shared for an instant: that is waited out.
func lockExclusive(f *os.File) error {
	for i := 0; ; i++ {
		err := flock(f, unix.LOCK_EX|unix.LOCK_NB)
		if !errors.Is(err, unix.EWOULDBLOCK) || i == 100 {
			return err
		}
		if shared := flock(f, unix.LOCK_SH|unix.LOCK_NB); shared != nil {
			return err
		}
		if err := flock(f, unix.LOCK_UN); err != nil {
			return err
		}
		time.Sleep(time.Millisecond)
	}
}

func flock(f *os.File, how int) error {
	for {
		err := unix.Flock(int(f.Fd()), how)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// announce writes owner.json and, after it, the start id into the lock file.
func (o *Owner) announce() error {
	if err := o.lock.Truncate(0); err != nil {
		return fmt.Errorf("clear owner lock: %w", err)
	}
	if err := o.write(); err != nil {
		return err
	}
	if _, err := o.lock.WriteAt([]byte(o.info.StartID), 0); err != nil {
		return fmt.Errorf("write owner lock: %w", base.WhatIfFull(err))
	}
	return nil
}

func (o *Owner) write() error {
	data, err := json.MarshalIndent(o.info, "", "  ")
	if err != nil {
		return err
	}
	tmp := filepath.Join(o.dir, infoName+"."+o.info.StartID)
	if err := os.WriteFile(tmp, append(data, '\n'), 0o600); err != nil {
		return fmt.Errorf("describe owner: %w", base.WhatIfFull(err))
	}
	if err := os.Rename(tmp, filepath.Join(o.dir, infoName)); err != nil {
		return fmt.Errorf("describe owner: %w", base.WhatIfFull(err))
	}
	return nil
}

// Info describes this owner.
func (o *Owner) Info() Info {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.info
}

// SetAddress publishes where the API listens (host:port); "" withdraws it.
func (o *Owner) SetAddress(address string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.released {
		return errors.New("set owner's address: the project was released")
	}
	o.info.Address = address
	return o.write()
}

// Release gives the project up. Safe to call twice.
func (o *Owner) Release() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.released {
		return nil
	}
	o.released = true
	err := os.Remove(filepath.Join(o.dir, infoName))
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, o.lock.Truncate(0), o.lock.Close())
}

func newToken() string {
	b := make([]byte, 32)
	rand.Read(b) // never fails: it ends the process instead
	return base64.RawURLEncoding.EncodeToString(b)
}
