package crash

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
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
	p.must("status") // the next owner settles what a full disk did not let the last one write down
	f := &walker{p: p, manifests: map[string][]string{}}
	f.check()
	if n := len(allFiles(t, p.data("lake"))); n < files {
		t.Errorf("%d files at the end, %d at first", n, files)
	}
}

// TestFullDiskUnderASpillingStatement gives statements too little memory and
// too small a disk for what does not fit into it.
func TestFullDiskUnderASpillingStatement(t *testing.T) {
	d := smallDisk(t, "8m")
	p := newProject(t, 100)
	configure(t, p, "limits:\n  concurrent_queries: 1", "")
	path := filepath.Join(p.dir, "mulgil.yaml")
	text, err := os.ReadFile(path)
	check(t, err)
	check(t, os.WriteFile(path, bytes.Replace(text, []byte("memory: 2GB"), []byte("memory: 80MB"), 1), 0o644))
	check(t, os.MkdirAll(filepath.Join(p.dir, ".mulgil"), 0o755))
	check(t, os.Symlink(d.dir, filepath.Join(p.dir, ".mulgil", "tmp")))
	up := p.up()
	api := door{t, p.owner()}
	check(t, api.does(`CREATE SCHEMA "default"`))
	rows := "SELECT a.x * 10000 + b.y AS id, to_hex(md5(to_utf8(CAST(a.x * 10000 + b.y AS varchar)))) AS s FROM unnest(sequence(1, 1200)) a(x), unnest(sequence(1, 1000)) b(y)"
	for _, sql := range []string{
		"SELECT count(*) FROM (SELECT s, row_number() OVER (ORDER BY s) AS n FROM (" + rows + ")) WHERE n % 2 = 0",
		"SELECT count(*) FROM (SELECT s, count(*) AS n FROM (" + rows + ") GROUP BY s) WHERE n > 0",
		"CREATE TABLE sorted WITH (external_location = 's3://lake/sorted/') AS SELECT * FROM (" + rows + ") ORDER BY s",
	} {
		if name, text := api.fails(sql); name != "OUT_OF_SPILL_SPACE" || !strings.Contains(text, "disk is full") || !strings.Contains(text, "free some space") {
			t.Errorf("%.60s: %s %s", sql, name, text)
		}
		if left := allFiles(t, d.dir); len(left) > 0 {
			t.Errorf("%.60s left %q", sql, left)
		}
		check(t, api.does("SELECT count(*) FROM unnest(sequence(1, 1000)) t(x)"))
	}
	if left := allFiles(t, p.data("lake")); len(left) > 0 {
		t.Errorf("left in the lake: %q", left)
	}
	up.down(t)
}

// TestFullDiskUnderStatementsThatWrite lets the lake's disk fill up while
// statements write to it: nothing is published and nothing is left.
func TestFullDiskUnderStatementsThatWrite(t *testing.T) {
	d := smallDisk(t, "4m")
	p := newProject(t, 100)
	configure(t, p, "limits:\n  disk: 1kB", "lake: "+d.dir)
	up := p.up()
	api := door{t, p.owner()}
	check(t, api.does(`CREATE SCHEMA "default"`))
	// Hashes do not compress: 4 MB do not take them.
	rows := "SELECT to_hex(sha512(to_utf8(CAST(a.x * 10000 + b.y AS varchar)))) AS s FROM unnest(sequence(1, 400)) a(x), unnest(sequence(1, 400)) b(y)"
	const iceberg, hive = " WITH (table_type = 'ICEBERG', is_external = false, location = 's3://lake/%s/')", " WITH (external_location = 's3://lake/%s/')"
	made := func(name, with string) string {
		return "CREATE TABLE " + name + strings.ReplaceAll(with, "%s", name) + " AS SELECT CAST('x' AS varchar) AS s"
	}
	check(t, api.does(made("kept", iceberg)))
	check(t, api.does(made("kept_hive", hive)))
	was := allFiles(t, d.dir)
	for _, sql := range []string{
		"CREATE TABLE big" + strings.ReplaceAll(iceberg, "%s", "big") + " AS " + rows, "INSERT INTO kept " + rows,
		"CREATE TABLE big" + strings.ReplaceAll(hive, "%s", "big") + " AS " + rows, "INSERT INTO kept_hive " + rows,
		"UNLOAD (" + rows + ") TO 's3://lake/unloaded/' WITH (format = 'PARQUET')", "UNLOAD (" + rows + ") TO 's3://lake/unloaded/' WITH (format = 'JSON')",
	} {
		name, text := api.fails(sql)
		if lower := strings.ToLower(text); name == "" || !strings.Contains(lower, "no space left") && !strings.Contains(lower, "disk is full") || !strings.Contains(text, "free some") {
			t.Errorf("%.60s: %s %s", sql, name, text)
		}
		if now := allFiles(t, d.dir); !slices.Equal(now, was) {
			t.Errorf("%.60s: files\n%q, before\n%q", sql, now, was)
		}
	}
	if name, text := api.fails("SELECT * FROM big"); name != "TABLE_NOT_FOUND" {
		t.Errorf("the table that was not made: %s %s", name, text)
	}
	check(t, api.does("INSERT INTO kept VALUES 'y'"))
	check(t, api.does("INSERT INTO kept_hive VALUES 'y'"))
	up.down(t)
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

// fill leaves no room, also while others write.
func (d *disk) fill() {
	d.t.Helper()
	f, err := os.Create(d.ballast)
	check(d.t, err)
	defer f.Close()
	for block := make([]byte, 64<<10); err == nil; {
		_, err = f.Write(block)
	}
	if !errors.Is(err, unix.ENOSPC) {
		d.t.Fatal(err)
	}
}

// clear makes room again.
func (d *disk) clear() {
	d.t.Helper()
	if err := os.Remove(d.ballast); err != nil && !os.IsNotExist(err) {
		d.t.Fatal(err)
	}
}
