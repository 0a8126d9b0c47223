package crash

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestFullDiskUnderTheLake lets the disk that holds the tables fill up.
func TestFullDiskUnderTheLake(t *testing.T) {
	d := smallDisk(t, "4m")
	p := newProject(t, 30000)
	configure(t, p, "", "lake: "+d.dir)
	first(p)
	was, files := p.read(), len(allFiles(t, d.dir))

	// More than the floor of 5 % is free, but less than the job needs.
	d.leave(300 << 10)
	refused(t, p.run("job", "run", "T0_FACT"))
	d.leave(40 << 10)
	r := p.run("job", "run", "T0_FACT")
	if text := r.errs.String(); r.code() != 1 || !strings.Contains(text, "are free under "+d.dir) || !strings.Contains(text, "\nhint: ") {
		t.Errorf("a run below the floor: exit code %d\n%s", r.code(), text)
	}
	d.clear()

	p.sameAs(was)
	if n := len(allFiles(t, d.dir)); n != files {
		t.Errorf("%d files after the failures, %d before", n, files)
	}
	p.must("job", "run", "T0_FACT")
	if n := len(p.read()["purchase"]); n != 96 {
		t.Errorf("%d partitions once there was room, want 96", n)
	}
}

// TestFullDiskUnderAnOwner lets the disk that holds everything fill up under
// a running owner, which goes on when there is room again.
func TestFullDiskUnderAnOwner(t *testing.T) {
	d := smallDisk(t, "8m")
	p := newProject(t, 30000)
	configure(t, p, "limits:\n  disk: 1kB", "") // no floor: every step may be the one without room
	check(t, os.Symlink(d.dir, filepath.Join(p.dir, ".mulgil")))
	first(p)
	was, files := p.read(), len(allFiles(t, p.data("lake")))

	up := p.up()
	for _, free := range []int64{16, 60, 500} { // KiB: records, log, data do not fit
		d.leave(free << 10)
		refused(t, p.run("job", "run", "T0_FACT"))
		d.clear()
		p.sameAs(was)
	}
	// What a run published stands, though its record waits for room.
	d.leave(860 << 10)
	r := p.run("job", "run", "T0_FACT", "--json")
	var last run
	check(t, json.Unmarshal(r.out.Bytes(), &last))
	d.clear()
	if now := p.read(); r.code() == 0 && len(now["purchase"]) != 96 || r.code() != 0 && !now["purchase"].like(was["purchase"]) {
		t.Errorf("exit code %d, %d partitions\n%s", r.code(), len(now["purchase"]), &r.errs)
	}
	for i, x := range p.runs() {
		if i == 0 && (x.ID != last.ID || x.State != last.State) || x.State == "RUNNING" {
			t.Errorf("run %s of %s is %s; the last was %s, %s", x.ID, x.Job, x.State, last.ID, last.State)
		}
	}
	p.must("job", "run", "T0_FACT")
	if n := len(p.read()["purchase"]); n != 96 {
		t.Errorf("%d partitions once there was room, want 96", n)
	}
	up.down(t)
	d.leave(0)
	refused(t, p.run("query", "SELECT count(*) FROM purchase"))
	d.clear()
	f := &walker{p: p, manifests: map[string][]string{}}
	f.check()
	if n := len(allFiles(t, p.data("lake"))); n < files {
		t.Errorf("%d files at the end, %d at first", n, files)
	}
}

// first brings the first month into the lake.
func first(p *project) {
	p.t.Helper()
	p.must("job", "run", "T0_FACT", "--arg", "EXTRACT_FROM=20140101", "--arg", "EXTRACT_TO=20140131")
}

// refused expects a command to fail for want of room, and to say what helps.
func refused(t *testing.T, r *process) {
	t.Helper()
	text := r.errs.String()
	lower := strings.ToLower(text)
	if r.code() != 1 || !strings.Contains(lower, "disk is full") && !strings.Contains(lower, "no space left") || !strings.Contains(text, "\nhint: free some disk space") {
		t.Errorf("mulgil %s on a full disk: exit code %d\n%s", r.args, r.code(), text)
	}
}

// configure changes the project file: head in place of the line "limits:",
// tail at the end.
func configure(t *testing.T, p *project, head, tail string) {
	t.Helper()
	path := filepath.Join(p.dir, "mulgil.yaml")
	text, err := os.ReadFile(path)
	check(t, err)
	s := string(text)
	if head != "" {
		s = strings.Replace(s, "limits:", head, 1)
	}
	check(t, os.WriteFile(path, []byte(s+"\n"+tail+"\n"), 0o644))
}

// disk is a small disk that can be filled up.
type disk struct {
	t       *testing.T
	dir     string
	ballast string
}

func smallDisk(t *testing.T, size string) *disk {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("no disk of %s can be mounted here (that takes root), a full disk is not tried: %v", size, err)
	}
	t.Cleanup(func() { check(t, unix.Unmount(dir, unix.MNT_DETACH)) })
	return &disk{t: t, dir: dir, ballast: filepath.Join(dir, "ballast")}
}

// leave fills the disk up to some free bytes.
func (d *disk) leave(free int64) {
	d.t.Helper()
	d.clear()
	var st syscall.Statfs_t
	check(d.t, syscall.Statfs(d.dir, &st))
	check(d.t, os.WriteFile(d.ballast, make([]byte, int64(st.Bavail)*st.Bsize-free), 0o644))
}

// clear makes room again.
func (d *disk) clear() {
	d.t.Helper()
	if err := os.Remove(d.ballast); err != nil && !os.IsNotExist(err) {
		d.t.Fatal(err)
	}
}
