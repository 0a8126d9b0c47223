package postgres

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/crypto/ssh"

	"github.com/mulgil/mulgil/internal/base"
)

// sshServer is an OpenSSH server on a loopback port that knows one key.
type sshServer struct {
	port    int
	dir     string
	user    string
	hostKey ssh.PublicKey
}

// writeKey makes a key pair and returns the private half's file.
func writeKey(t *testing.T, dir, name, passphrase string) (string, ssh.PublicKey) {
	t.Helper()
	pub, priv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	var block *pem.Block
	if passphrase == "" {
		block, err = ssh.MarshalPrivateKey(priv, "")
	} else {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(priv, "", []byte(passphrase))
	}
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	key, err := ssh.NewPublicKey(pub)
	if err != nil {
		t.Fatal(err)
	}
	return file, key
}

func startSSH(t *testing.T) sshServer {
	t.Helper()
	bin, err := exec.LookPath("/usr/sbin/sshd")
	if err != nil {
		t.Skip("install OpenSSH's sshd to run")
	}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	if me.Uid == "0" {
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			t.Skip("sshd needs /run/sshd: " + err.Error())
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := sshServer{port: l.Addr().(*net.TCPAddr).Port, dir: t.TempDir(), user: me.Username}
	l.Close()
	var host string
	host, s.hostKey = writeKey(t, s.dir, "host", "")
	_, login := writeKey(t, s.dir, "login", "")
	_, locked := writeKey(t, s.dir, "locked", "열려라")
	writeKey(t, s.dir, "stranger", "")
	writeFile(t, filepath.Join(s.dir, "authorized"), string(ssh.MarshalAuthorizedKey(login))+string(ssh.MarshalAuthorizedKey(locked)))
	conf := filepath.Join(s.dir, "conf")
	writeFile(t, conf, fmt.Sprintf("Port %d\nListenAddress 127.0.0.1\nHostKey %s\nAuthorizedKeysFile %s\nStrictModes no\nUsePAM no\nPidFile none\nPermitRootLogin yes\nPasswordAuthentication no\n",
		s.port, host, filepath.Join(s.dir, "authorized")))
	cmd := exec.Command(bin, "-f", conf, "-D", "-e")
	var log strings.Builder
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Skip("sshd does not start: " + err.Error())
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		if t.Failed() {
			t.Log(log.String())
		}
	})
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.port))
		if err == nil {
			c.Close()
			return s
		}
		if time.Now().After(deadline) {
			t.Fatalf("sshd does not listen: %v", err)
		}
	}
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (s sshServer) tunnel(key string) Tunnel {
	return Tunnel{Host: "127.0.0.1", Port: s.port, User: s.user, KeyFile: filepath.Join(s.dir, key), KnownHosts: filepath.Join(s.dir, "known_hosts")}
}

func (s sshServer) trust(t *testing.T, key ssh.PublicKey) {
	t.Helper()
	writeFile(t, filepath.Join(s.dir, "known_hosts"), fmt.Sprintf("[127.0.0.1]:%d %s", s.port, ssh.MarshalAuthorizedKey(key)))
}

func throughTunnel(t *testing.T, db testDB, tun Tunnel) (string, error) {
	t.Helper()
	s, err := New(Config{Name: "shop", URL: db.url, Tunnel: &tun})
	if err != nil {
		return "", err
	}
	defer s.Close()
	snap, err := s.Begin(context.Background())
	if err != nil {
		return "", err
	}
	defer snap.Close()
	return readAll(snap, "t")
}

func TestTunnelReadsThroughASSHServer(t *testing.T) {
	db := newDB(t)
	srv := startSSH(t)
	db.exec(t, "CREATE TABLE retail.t (v text); INSERT INTO retail.t VALUES ('터널')")
	check := func(name string, tun Tunnel) {
		t.Helper()
		if got, err := throughTunnel(t, db, tun); err != nil || got != "터널" {
			t.Errorf("%s: %s, %v", name, got, base.Render(err))
		}
	}
	pin := srv.tunnel("login")
	pin.HostKey = ssh.FingerprintSHA256(srv.hostKey)
	check("pinned fingerprint", pin)
	pin.HostKey = string(ssh.MarshalAuthorizedKey(srv.hostKey))
	check("pinned key", pin)
	srv.trust(t, srv.hostKey)
	check("known host", srv.tunnel("login"))
	locked := srv.tunnel("locked")
	locked.Passphrase = "열려라"
	check("key with passphrase", locked)
}

func TestTunnelRefusesWhatItCannotTrust(t *testing.T) {
	db := newDB(t)
	srv := startSSH(t)
	print := ssh.FingerprintSHA256(srv.hostKey)
	refused := func(name string, tun Tunnel, kind base.Kind, want ...string) {
		t.Helper()
		_, err := throughTunnel(t, db, tun)
		if err == nil {
			t.Errorf("%s: accepted", name)
			return
		}
		for _, w := range append(want, "connection shop: ", "hint: ") {
			if base.KindOf(err) != kind || !strings.Contains(base.Render(err), w) {
				t.Errorf("%s: %v %s; want %s", name, base.KindOf(err), base.Render(err), w)
			}
		}
	}
	refused("no known_hosts file", srv.tunnel("login"), base.Denied, "is not known: its key is ssh-ed25519 "+print, "set host_key: "+print)
	_, other := writeKey(t, srv.dir, "other", "")
	srv.trust(t, other)
	refused("changed host key", srv.tunnel("login"), base.Denied, "shows another key ("+print+")")
	writeFile(t, filepath.Join(srv.dir, "known_hosts"), "elsewhere "+string(ssh.MarshalAuthorizedKey(other)))
	refused("unknown host", srv.tunnel("login"), base.Denied, "is not known", print)
	pin := srv.tunnel("login")
	pin.HostKey = ssh.FingerprintSHA256(other)
	refused("another pin", pin, base.Denied, "shows the key "+print)
	srv.trust(t, srv.hostKey)
	refused("key not authorized", srv.tunnel("stranger"), base.Denied, "refused the key")
	refused("encrypted key", srv.tunnel("locked"), base.Invalid, "it is encrypted and no passphrase is given")
	wrong := srv.tunnel("locked")
	wrong.Passphrase = "s3cret"
	refused("wrong passphrase", wrong, base.Invalid, "the passphrase is wrong")
	refused("no key file", srv.tunnel("none"), base.Invalid, "read private key")
	away := srv.tunnel("login")
	away.Port = 1
	refused("no SSH server", away, base.Unavailable, "no SSH server answers at 127.0.0.1:1")
	u, err := url.Parse(db.url)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = "127.0.0.1:1"
	db.url = u.String()
	refused("no database behind it", srv.tunnel("login"), base.Unavailable, "cannot reach 127.0.0.1:1")
}

func TestTunnelledExtractStopsPromptly(t *testing.T) {
	db := newDB(t)
	srv := startSSH(t)
	srv.trust(t, srv.hostKey)
	db.exec(t, "CREATE TABLE retail.t (v text); INSERT INTO retail.t SELECT repeat('x', 100) FROM generate_series(1, 400000)")
	tun := srv.tunnel("login")
	s, err := New(Config{Name: "shop", URL: db.url, Tunnel: &tun})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	st, err := begin(t, s).Read(context.Background(), readSpec("t"))
	if err != nil {
		t.Fatal(err)
	}
	if !st.Next() {
		t.Fatal(st.Err())
	}
	start := time.Now()
	st.Release()
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("stopping took %s", d)
	}
	waitForNoCopy(t, db)
}

// waitForNoCopy waits until the server runs no COPY in db.
func waitForNoCopy(t *testing.T, db testDB) {
	t.Helper()
	ctx := context.Background()
	c, err := pgx.Connect(ctx, db.url)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		var n int
		err := c.QueryRow(ctx, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'COPY%' AND state = 'active'").Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d COPYs go on after the stream was released", n)
		}
	}
}
