package crash

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sys/unix"
)

// endless never ends by itself.
const endless = "select count(*) from unnest(sequence(1, 10000)) a(x), unnest(sequence(1, 10000)) b(y), unnest(sequence(1, 10000)) c(z) where x * y * z % 7 = 3"

// TestStatementStopsWithinASecondOfItsClient lets clients of every door go
// away while their statement runs: the worker that ran it is gone within a
// second, the history says that it was stopped, and the next one is answered.
func TestStatementStopsWithinASecondOfItsClient(t *testing.T) {
	port := freePort(t)
	p := newProject(t, 100)
	configure(t, p, "", fmt.Sprintf("pgwire:\n  port: %d", port))
	up := p.up()
	api := door{t, p.owner()}
	for _, c := range []struct {
		name string
		// ask begins the statement and returns how the client goes.
		ask func() (leave func())
	}{
		{"API, one answer", func() func() {
			return api.post("/api/query", `{"sql":"`+endless+`","dialect":"athena"}`, "application/json")
		}},
		{"API, lines", func() func() {
			return api.post("/api/query", `{"sql":"`+endless+`","dialect":"athena"}`, "application/x-ndjson")
		}},
		{"mulgil query, SIGKILL", func() func() { return p.start("query", "--dialect", "athena", endless).kill }},
		{"mulgil query, SIGINT", func() func() {
			r := p.start("query", "--dialect", "athena", endless)
			return func() { check(t, r.Process.Signal(os.Interrupt)) }
		}},
		{"mulgil sql, Ctrl-C", func() func() {
			tty := p.shell()
			tty.enter(endless + ";\r")
			return func() { tty.enter("\x03") }
		}},
		{"mulgil sql, its terminal closes", func() func() {
			tty := p.shell()
			tty.enter(endless + ";\r")
			return tty.close
		}},
		{"Trino, DELETE", func() func() {
			uri := api.trino(api.trino("http://"+api.Address+"/v1/statement", "POST", endless), "GET", "")
			return func() { api.trino(uri, "DELETE", "") }
		}},
		{"Trino, connection breaks", func() func() {
			uri := api.trino("http://"+api.Address+"/v1/statement", "POST", endless)
			ctx, leave := context.WithCancel(t.Context())
			go func() {
				for at := uri; ctx.Err() == nil; {
					at = api.trinoCtx(ctx, at, "GET", "")
				}
			}()
			return leave
		}},
		{"PostgreSQL, disconnect", func() func() { c := postgres(t, port); return func() { c.PgConn().Conn().Close() } }},
		{"PostgreSQL, CancelRequest", func() func() {
			c := postgres(t, port)
			return func() { check(t, c.PgConn().CancelRequest(t.Context())) }
		}},
	} {
		leave := c.ask()
		pid := p.working(up)
		start := time.Now()
		leave()
		for alive(pid) && time.Since(start) < 20*time.Second {
			time.Sleep(5 * time.Millisecond)
		}
		took := time.Since(start)
		t.Logf("%s: %v", c.name, took.Round(time.Millisecond))
		if took > time.Second {
			t.Errorf("%s: the worker went on for %v", c.name, took)
		}
		if state := api.lastState(); state != "CANCELLED" {
			t.Errorf("%s: the statement is %s", c.name, state)
		}
	}
	if out := p.must("query", "--dialect", "athena", "select 40 + 2", "--format", "csv", "--no-head", "-q"); out != "42\n" {
		t.Errorf("afterwards: %q", out)
	}
	up.down(t)
	if left, _ := filepath.Glob(filepath.Join(p.dir, ".mulgil", "tmp", "*")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// door asks an owner over HTTP.
type door struct {
	t *testing.T
	ownerInfo
}

func (d door) request(ctx context.Context, method, url, body, accept string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	check(d.t, err)
	r.Header.Set("Authorization", "Bearer "+d.Token)
	r.Header.Set("X-Trino-User", "kim")
	r.Header.Set("X-Trino-Schema", "default")
	r.Header.Set("Accept", accept)
	r.Header.Set("Content-Type", "application/json")
	return http.DefaultClient.Do(r)
}

// post begins a call; the returned function breaks its connection.
func (d door) post(path, body, accept string) func() {
	ctx, leave := context.WithCancel(d.t.Context())
	go func() {
		if res, err := d.request(ctx, "POST", "http://"+d.Address+path, body, accept); err == nil {
			_, _ = io.Copy(io.Discard, res.Body)
			res.Body.Close()
		}
	}()
	return leave
}

// trino makes a call of Trino's protocol and returns the next address.
func (d door) trino(uri, method, body string) string {
	d.t.Helper()
	return d.trinoCtx(d.t.Context(), uri, method, body)
}

func (d door) trinoCtx(ctx context.Context, uri, method, body string) string {
	res, err := d.request(ctx, method, uri, body, "application/json")
	if err != nil {
		return uri
	}
	defer res.Body.Close()
	var page struct{ NextURI string }
	_ = json.NewDecoder(res.Body).Decode(&page)
	return page.NextURI
}

// answer runs a statement to its end and returns its error's name and text,
// both empty if there is none, and its rows.
func (d door) answer(sql string) (name, text string, rows [][]any) {
	d.t.Helper()
	method, uri := "POST", "http://"+d.Address+"/v1/statement"
	for uri != "" {
		res, err := d.request(d.t.Context(), method, uri, sql, "application/json")
		check(d.t, err)
		var page struct {
			NextURI string
			Data    [][]any
			Error   *struct{ ErrorName, Message string }
		}
		err = json.NewDecoder(res.Body).Decode(&page)
		res.Body.Close()
		check(d.t, err)
		if page.Error != nil {
			return page.Error.ErrorName, page.Error.Message, nil
		}
		rows = append(rows, page.Data...)
		method, uri, sql = "GET", page.NextURI, ""
	}
	return "", "", rows
}

// fails runs a statement and returns its error's name and text.
func (d door) fails(sql string) (name, text string) {
	d.t.Helper()
	name, text, _ = d.answer(sql)
	return name, text
}

// does runs a statement that has to go well.
func (d door) does(sql string) error {
	d.t.Helper()
	if name, text := d.fails(sql); name != "" {
		return fmt.Errorf("%s: %s %s", sql, name, text)
	}
	return nil
}

// lastState waits until no statement runs and returns the last one's state.
func (d door) lastState() string {
	d.t.Helper()
	for range 200 {
		res, err := d.request(d.t.Context(), "GET", "http://"+d.Address+"/api/queries?limit=1", "", "application/json")
		check(d.t, err)
		var list []struct{ State string }
		err = json.NewDecoder(res.Body).Decode(&list)
		res.Body.Close()
		check(d.t, err)
		if len(list) == 1 && list[0].State != "RUNNING" {
			return list[0].State
		}
		time.Sleep(5 * time.Millisecond)
	}
	return "RUNNING"
}

func postgres(t *testing.T, port int) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), fmt.Sprintf("postgres://kim@127.0.0.1:%d/default?sslmode=disable&default_query_exec_mode=simple_protocol", port))
	check(t, err)
	go func() { _, _ = c.PgConn().Exec(context.Background(), endless).ReadAll() }()
	t.Cleanup(func() { c.PgConn().Conn().Close() })
	return c
}

// working waits for a worker that computes and returns its process id.
func (p *project) working(up *process) int {
	p.t.Helper()
	const ticks = 15 // of a hundredth of a second; what starts needs half of it
	first := map[int]int{}
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end) && !up.ended(10*time.Millisecond); {
		for _, pid := range p.processes("worker") {
			n := cpu(pid)
			if was, ok := first[pid]; !ok {
				first[pid] = n
			} else if n-was >= ticks {
				return pid
			}
		}
	}
	p.t.Fatalf("no worker is at work\n%s", &up.errs)
	return 0
}

// cpu is the time a process computed, in hundredths of a second.
func cpu(pid int) int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	f := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	user, _ := strconv.Atoi(f[11])
	system, _ := strconv.Atoi(f[12])
	return user + system
}

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }

// terminal is a shell with a pseudo terminal of its own.
type terminal struct {
	t      *testing.T
	master *os.File
	done   chan struct{}
}

// shell starts mulgil sql at a terminal and waits for its prompt.
func (p *project) shell() *terminal {
	p.t.Helper()
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	check(p.t, err)
	master := os.NewFile(uintptr(fd), "ptmx")
	check(p.t, unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0))
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	check(p.t, err)
	tty, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	check(p.t, err)
	defer tty.Close()
	cmd := exec.Command(p.bin, "sql")
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = p.dir, tty, tty, tty
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	check(p.t, cmd.Start())
	s := &terminal{t: p.t.(*testing.T), master: master, done: make(chan struct{})}
	seen := make(chan struct{})
	go func() {
		defer close(s.done)
		var text []byte
		buf := make([]byte, 4096)
		for {
			n, err := master.Read(buf)
			if err != nil {
				break
			}
			if before := bytes.Contains(text, []byte("sql> ")); !before {
				if text = slices.Concat(text, buf[:n]); bytes.Contains(text, []byte("sql> ")) {
					close(seen)
				}
			}
		}
		_ = cmd.Wait()
	}()
	p.t.Cleanup(func() { _ = cmd.Process.Kill(); s.close(); <-s.done })
	select {
	case <-seen:
	case <-time.After(20 * time.Second):
		p.t.Fatal("the shell does not ask")
	}
	return s
}

func (s *terminal) enter(text string) {
	s.t.Helper()
	_, err := s.master.WriteString(text)
	check(s.t, err)
}

func (s *terminal) close() { _ = s.master.Close() }
