package owner

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// Find returns the live owner of the project whose data folder is dataDir, and
// whether there is one. Files left by an owner that is gone do not count. If
// the owner is alive but cannot be described, Info.PID is 0.
func Find(dataDir string) (*Info, bool) {
	if !locked(dataDir) {
		return nil, false
	}
	info, alive := readLive(dataDir)
	if !alive {
		return nil, false
	}
	return &info, true
}

// locked tells whether somebody holds the project's lock.
func locked(dataDir string) bool {
	f, err := os.Open(filepath.Join(dataDir, lockName))
	if err != nil {
		return false
	}
	defer f.Close() // also unlocks
	return errors.Is(flock(f, unix.LOCK_SH|unix.LOCK_NB), unix.EWOULDBLOCK)
}

// readLive reads the description of the owner that holds the lock now. A new
// owner writes it within an instant of locking, so a missing or outdated one is
// waited for, a second at most. It reports false if the owner goes meanwhile.
func readLive(dataDir string) (Info, bool) {
	var last Info
	for range 100 {
		if info, ok := read(dataDir); ok {
			last = info
			if alive(info.PID) {
				return info, true
			}
		}
		time.Sleep(10 * time.Millisecond)
		if !locked(dataDir) {
			return Info{}, false
		}
	}
	return last, true // an owner in another PID namespace looks dead but holds the lock
}

// read returns owner.json if it belongs to the start id in the lock file.
func read(dataDir string) (Info, bool) {
	id, err := os.ReadFile(filepath.Join(dataDir, lockName))
	if err != nil || len(id) == 0 {
		return Info{}, false
	}
	data, err := os.ReadFile(filepath.Join(dataDir, infoName))
	if err != nil {
		return Info{}, false
	}
	var info Info
	if json.Unmarshal(data, &info) != nil || info.StartID != string(id) {
		return Info{}, false
	}
	return info, true
}

func alive(pid int) bool {
	err := unix.Kill(pid, 0)
	return err == nil || errors.Is(err, unix.EPERM)
}
