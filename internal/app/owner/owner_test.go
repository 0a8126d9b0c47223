package owner

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
)

func acquire(t *testing.T, dir string) *Owner {
	t.Helper()
	o, err := Acquire(dir, "1.0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.Release() })
	return o
}

func TestAcquireWorksInAMissingFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "가게", ".mulgil", "data")
	if _, ok := Find(dir); ok {
		t.Fatal("found an owner of nothing")
	}
	o := acquire(t, dir)
	if err := o.SetAddress("127.0.0.1:4566"); err != nil {
		t.Fatal(err)
	}
	info, ok := Find(dir)
	if !ok || *info != o.Info() {
		t.Fatalf("got %+v, want %+v", info, o.Info())
	}
	if info.PID != os.Getpid() || info.Version != "1.0" || info.Address != "127.0.0.1:4566" || len(info.Token) < 40 || info.StartID == "" {
		t.Fatalf("incomplete: %+v", info)
	}
	st, err := os.Stat(filepath.Join(dir, infoName))
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v", st.Mode(), err)
	}
}

func TestSecondAcquireNamesTheOwner(t *testing.T) {
	dir := t.TempDir()
	o := acquire(t, dir)
	_, err := Acquire(dir, "1.0")
	var held *Held
	if !errors.As(err, &held) || held.Info != o.Info() {
		t.Fatalf("got %v", err)
	}
	if base.KindOf(err) != base.Conflict {
		t.Fatalf("kind %v", base.KindOf(err))
	}
	if o.Release() != nil || o.Release() != nil {
		t.Fatal("release")
	}
	if _, ok := Find(dir); ok {
		t.Fatal("found a released owner")
	}
	acquire(t, dir)
}

func TestStaleDescriptionIsIgnored(t *testing.T) {
	dir := t.TempDir()
	stale := []byte(`{"pid":1,"token":"x","start_id":"old","address":"127.0.0.1:1"}`)
	if err := os.WriteFile(filepath.Join(dir, infoName), stale, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, lockName), []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if info, ok := Find(dir); ok {
		t.Fatalf("found %+v", info)
	}
	o := acquire(t, dir)
	if info, ok := Find(dir); !ok || info.StartID != o.Info().StartID {
		t.Fatalf("found %+v", info)
	}
}

func TestLookingNeverKeepsAnOwnerOut(t *testing.T) {
	dir := t.TempDir()
	acquire(t, dir).Release()
	var done atomic.Bool
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for !done.Load() {
				Find(dir)
			}
		})
	}
	for range 200 {
		o, err := Acquire(dir, "1.0")
		if err != nil {
			t.Error(err)
			break
		}
		o.Release()
	}
	done.Store(true)
	wg.Wait()
}

func TestKilledOwnerLeavesTheLockFree(t *testing.T) {
	if dir := os.Getenv("MULGIL_TEST_OWNER_DIR"); dir != "" {
		if _, err := Acquire(dir, "child"); err != nil {
			os.Exit(1)
		}
		os.Stdout.WriteString("owned\n")
		select {}
	}
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), "MULGIL_TEST_OWNER_DIR="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "owned\n" {
		t.Fatalf("child said %q, %v", line, err)
	}
	if info, ok := Find(dir); !ok || info.PID != cmd.Process.Pid {
		t.Fatalf("found %+v", info)
	}
	var held *Held
	if _, err := Acquire(dir, "1.0"); !errors.As(err, &held) || held.Info.Version != "child" {
		t.Fatalf("got %v", err)
	}
	cmd.Process.Kill()
	cmd.Wait()
	if info, ok := Find(dir); ok {
		t.Fatalf("found %+v", info)
	}
	acquire(t, dir)
}
