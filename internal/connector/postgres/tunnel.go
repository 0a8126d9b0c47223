package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"github.com/mulgil/mulgil/internal/base"
)

// Tunnel is an SSH server through which the database is reached. The server's
// key must be known: from KnownHosts, or pinned by HostKey. Printing it shows
// no secret.
type Tunnel struct {
	Host string
	Port int // 0 means 22
	User string
	// KeyFile is the private key; Passphrase opens it if it is encrypted.
	KeyFile    string
	Passphrase string
	// KnownHosts is a file in OpenSSH's form; empty means ~/.ssh/known_hosts.
	KnownHosts string
	// HostKey pins the server's key: "SHA256:..." or "ssh-ed25519 AAAA...".
	HostKey string
}

// String is user@host:port.
func (t Tunnel) String() string { return t.User + "@" + t.address() }

// GoString is String, so that %#v shows no secret either.
func (t Tunnel) GoString() string { return t.String() }

// LogValue implements slog.LogValuer.
func (t Tunnel) LogValue() slog.Value { return slog.StringValue(t.String()) }

func (t Tunnel) address() string {
	p := t.Port
	if p == 0 {
		p = 22
	}
	return net.JoinHostPort(t.Host, strconv.Itoa(p))
}

// keepAlive is how often the SSH server is asked for a sign of life, and how
// long it may take to give one.
const keepAlive = 15 * time.Second

// tunnel keeps one SSH connection open while it is used and makes a new one
// when it broke. Safe for concurrent use.
type tunnel struct {
	cfg    Tunnel
	signer ssh.Signer

	mu     sync.Mutex // guards the rest
	client *ssh.Client
	closed bool
	alive  sync.WaitGroup
}

// newTunnel reads the key; nothing is connected yet.
func newTunnel(cfg Tunnel) (*tunnel, error) {
	text, err := os.ReadFile(cfg.KeyFile)
	if err != nil {
		return nil, base.Errorf(base.Invalid, "ssh tunnel: read private key: %w", err).WithHint("key_file names the private key, such as ~/.ssh/id_ed25519 written in full")
	}
	signer, err := parseKey(text, cfg.Passphrase)
	if err != nil {
		return nil, base.Errorf(base.Invalid, "ssh tunnel: private key %s: %s", cfg.KeyFile, keyFault(err)).
			WithHint("the file must hold a private key in OpenSSH or PEM form; an encrypted one needs its passphrase as a secret")
	}
	return &tunnel{cfg: cfg, signer: signer}, nil
}

func parseKey(text []byte, passphrase string) (ssh.Signer, error) {
	signer, err := ssh.ParsePrivateKey(text)
	var locked *ssh.PassphraseMissingError
	if errors.As(err, &locked) && passphrase != "" {
		return ssh.ParsePrivateKeyWithPassphrase(text, []byte(passphrase))
	}
	return signer, err
}

func keyFault(err error) string {
	var locked *ssh.PassphraseMissingError
	if errors.As(err, &locked) {
		return "it is encrypted and no passphrase is given"
	}
	if strings.Contains(err.Error(), "decryption password incorrect") {
		return "the passphrase is wrong"
	}
	return "it cannot be read"
}

// dial connects to address as the SSH server sees it.
func (t *tunnel) dial(ctx context.Context, network, address string) (net.Conn, error) {
	client, err := t.connected(ctx)
	if err != nil {
		return nil, err
	}
	conn, err := client.DialContext(ctx, network, address)
	if err != nil {
		return nil, base.Errorf(base.Unavailable, "the tunnel %s cannot reach %s: %w", t.cfg, address, err).
			WithHint("check the database's host and port as seen from the SSH server, and that it allows TCP forwarding")
	}
	return tunnelled{conn, remote{network, address}}, nil
}

// tunnelled remembers its far end, which pgx dials again to cancel a statement.
type tunnelled struct {
	net.Conn
	addr remote
}

func (c tunnelled) RemoteAddr() net.Addr { return c.addr }

type remote struct{ network, address string }

func (r remote) Network() string { return r.network }
func (r remote) String() string  { return r.address }

func (t *tunnel) connected(ctx context.Context) (*ssh.Client, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil, base.Errorf(base.Unavailable, "the tunnel %s is closed", t.cfg)
	}
	if t.client != nil {
		return t.client, nil
	}
	client, err := t.open(ctx)
	if err != nil {
		return nil, err
	}
	t.client = client
	gone := make(chan struct{})
	t.alive.Add(2)
	go func() {
		defer t.alive.Done()
		client.Wait()
		close(gone)
		t.mu.Lock()
		if t.client == client {
			t.client = nil
		}
		t.mu.Unlock()
	}()
	go func() {
		defer t.alive.Done()
		watch(client, gone)
	}()
	return client, nil
}

// watch closes a connection whose server gives no sign of life.
func watch(client *ssh.Client, gone <-chan struct{}) {
	tick := time.NewTicker(keepAlive)
	defer tick.Stop()
	for {
		select {
		case <-gone:
			return
		case <-tick.C:
		}
		late := time.AfterFunc(keepAlive, func() { client.Close() })
		_, _, err := client.SendRequest("keepalive@openssh.com", true, nil)
		late.Stop()
		if err != nil {
			client.Close()
			return
		}
	}
}

// open connects. A pinned fingerprint does not tell the key's type, so each
// type is asked for in turn until the server shows the pinned key.
func (t *tunnel) open(ctx context.Context) (*ssh.Client, error) {
	check, algorithms, err := t.hostKeys()
	if err != nil {
		return nil, err
	}
	tries := [][]string{algorithms}
	if t.cfg.HostKey != "" && algorithms == nil {
		tries = [][]string{{ssh.KeyAlgoED25519}, {ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521}, {ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}}
	}
	var first error
	for _, algorithms := range tries {
		client, err := t.handshake(ctx, check, algorithms)
		if err == nil {
			return client, nil
		}
		if first == nil || base.KindOf(first) == base.Unavailable && base.KindOf(err) == base.Denied {
			first = err
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, first
}

func (t *tunnel) handshake(ctx context.Context, check ssh.HostKeyCallback, algorithms []string) (*ssh.Client, error) {
	address := t.cfg.address()
	conn, err := (&net.Dialer{Timeout: 15 * time.Second}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, base.Errorf(base.Unavailable, "no SSH server answers at %s: %w", address, err).
			WithHint("check ssh_tunnel's host and port, and the network")
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	c, chans, reqs, err := ssh.NewClientConn(conn, address, &ssh.ClientConfig{
		User: t.cfg.User, Auth: []ssh.AuthMethod{ssh.PublicKeys(t.signer)},
		HostKeyCallback: check, HostKeyAlgorithms: algorithms,
	})
	if err != nil {
		conn.Close()
		return nil, t.handshakeError(err)
	}
	conn.SetDeadline(time.Time{})
	return ssh.NewClient(c, chans, reqs), nil
}

func (t *tunnel) handshakeError(err error) error {
	var own *base.Error
	if errors.As(err, &own) {
		return own
	}
	if strings.Contains(err.Error(), "unable to authenticate") {
		return base.Errorf(base.Denied, "the SSH server refused the key %s of %s", t.cfg.KeyFile, t.cfg).
			WithHint("the public half must be in that user's authorized_keys on the server")
	}
	return base.Errorf(base.Unavailable, "the SSH server at %s: %w", t.cfg.address(), err)
}

// hostKeys makes the check of the server's key, and the key types to ask for,
// so that a server with several keys shows the one that is known.
func (t *tunnel) hostKeys() (ssh.HostKeyCallback, []string, error) {
	if t.cfg.HostKey != "" {
		return t.pinned()
	}
	file := t.cfg.KnownHosts
	if file == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return nil, nil, fmt.Errorf("ssh tunnel: %w", err)
		}
		file = filepath.Join(home, ".ssh", "known_hosts")
	}
	known, err := knownhosts.New(file)
	if errors.Is(err, os.ErrNotExist) {
		return func(_ string, _ net.Addr, key ssh.PublicKey) error { return t.unknownHost(key, file) }, nil, nil
	}
	if err != nil {
		return nil, nil, base.Errorf(base.Invalid, "ssh tunnel: known hosts: %w", err)
	}
	check := func(host string, addr net.Addr, key ssh.PublicKey) error {
		err := known(host, addr, key)
		var ke *knownhosts.KeyError
		if errors.As(err, &ke) && len(ke.Want) == 0 {
			return t.unknownHost(key, file)
		}
		if errors.As(err, &ke) {
			return base.Errorf(base.Denied, "the SSH server at %s shows another key (%s) than %s has for it", t.cfg.address(), ssh.FingerprintSHA256(key), file).
				WithHint("someone may be in between; if the server was reinstalled, have its owner confirm the fingerprint, then replace the line")
		}
		return err
	}
	return check, wanted(known, t.cfg.address()), nil
}

func (t *tunnel) unknownHost(key ssh.PublicKey, file string) error {
	print := ssh.FingerprintSHA256(key)
	return base.Errorf(base.Denied, "the SSH server at %s is not known: its key is %s %s", t.cfg.address(), key.Type(), print).
		WithHint("if its owner confirms that fingerprint, set host_key: %s, or add the server to %s", print, file)
}

func (t *tunnel) pinned() (ssh.HostKeyCallback, []string, error) {
	pin := strings.TrimSpace(t.cfg.HostKey)
	var algorithms []string
	if !strings.HasPrefix(pin, "SHA256:") {
		key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(pin))
		if err != nil {
			return nil, nil, base.Errorf(base.Invalid, "ssh tunnel: host_key is neither a SHA256: fingerprint nor a public key")
		}
		pin = ssh.FingerprintSHA256(key)
		algorithms = keyAlgorithms(key.Type())
	}
	return func(_ string, _ net.Addr, key ssh.PublicKey) error {
		if got := ssh.FingerprintSHA256(key); got != strings.TrimRight(pin, "=") {
			return base.Errorf(base.Denied, "the SSH server at %s shows the key %s, not the pinned %s", t.cfg.address(), got, pin).
				WithHint("someone may be in between; if the server's key changed, have its owner confirm the new fingerprint")
		}
		return nil
	}, algorithms, nil
}

// wanted asks the known-hosts check which key types it has for a server.
func wanted(known ssh.HostKeyCallback, address string) []string {
	var ke *knownhosts.KeyError
	if !errors.As(known(address, remote{"tcp", "0.0.0.0:0"}, noKey{}), &ke) {
		return nil
	}
	var out []string
	for _, w := range ke.Want {
		out = append(out, keyAlgorithms(w.Key.Type())...)
	}
	return out
}

func keyAlgorithms(keyType string) []string {
	if keyType == ssh.KeyAlgoRSA {
		return []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}
	}
	return []string{keyType}
}

// noKey is a key no server has.
type noKey struct{}

func (noKey) Type() string                        { return "none" }
func (noKey) Marshal() []byte                     { return []byte("none") }
func (noKey) Verify([]byte, *ssh.Signature) error { return errors.New("no key") }

// close ends the SSH connection and waits for its goroutines. Safe to call twice.
func (t *tunnel) close() {
	t.mu.Lock()
	t.closed = true
	client := t.client
	t.mu.Unlock()
	if client != nil {
		client.Close()
	}
	t.alive.Wait()
}
