package project

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// Connection types.
const (
	Postgres = "postgres"
	SQLite   = "sqlite"
	Files    = "files"
)

// Connection is a database or folder that jobs read. Printing, logging or
// encoding it never shows a password.
type Connection struct {
	Name string
	// Type is Postgres, SQLite or Files.
	Type string
	// URL is the address as written, JDBC's form included, variables replaced;
	// empty for Files and where only a path or a secret is given.
	URL Hidden
	// Path is the absolute path of SQLite's file or of the folder of Files.
	Path     string
	User     string
	Password Hidden
	// Workers is the wanted number of parallel readers, 0 if not given.
	Workers int
	// Tunnel leads to the database, nil if it is reached directly.
	Tunnel *Tunnel
	// Encoding of Files: "utf-8" or "cp949".
	Encoding string
	// Place is where the connection is declared; nil if it came from a command line.
	Place *base.Place

	secret secretRef
	parsed Address
}

// Tunnel is an SSH server through which a database is reached.
type Tunnel struct {
	Host string `json:"host"`
	Port int    `json:"port"`
	User string `json:"user"`
	// Key is the absolute path of the private key.
	Key string `json:"key"`
	// KnownHosts is the absolute path of a known_hosts file, empty if HostKey is given.
	KnownHosts string `json:"known_hosts,omitempty"`
	// HostKey is the server's public key line ("ssh-ed25519 AAAA...").
	HostKey string `json:"host_key,omitempty"`
}

type shownConnection struct {
	Name     string  `json:"name"`
	Type     string  `json:"type"`
	URL      string  `json:"url,omitempty"`
	Path     string  `json:"path,omitempty"`
	User     string  `json:"user,omitempty"`
	Password string  `json:"password,omitempty"`
	Secret   string  `json:"secret,omitempty"`
	Workers  int     `json:"workers,omitempty"`
	Tunnel   *Tunnel `json:"ssh_tunnel,omitempty"`
	Encoding string  `json:"encoding,omitempty"`
}

func (c Connection) shown() shownConnection {
	return shownConnection{c.Name, c.Type, maskURL(c.URL.Reveal()), c.Path, c.User, c.Password.mask(), c.secret.String(), c.Workers, c.Tunnel, c.Encoding}
}

// String is "name (type address)" with the password masked.
func (c Connection) String() string {
	address := maskURL(c.URL.Reveal())
	switch {
	case c.Path != "":
		address = c.Path
	case address == "":
		address = "secret " + c.secret.String()
	}
	return fmt.Sprintf("%s (%s %s)", c.Name, c.Type, address)
}

// Format writes String for every verb, %#v and %+v included.
func (c Connection) Format(s fmt.State, _ rune) { io.WriteString(s, c.String()) }

// LogValue is String.
func (c Connection) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalJSON writes the connection without its secrets.
func (c Connection) MarshalJSON() ([]byte, error) { return json.Marshal(c.shown()) }

// ParseConnection makes a connection from an address alone, as a command line
// gives it; relative SQLite files are relative to root.
func ParseConnection(root, name, address string) (Connection, error) {
	c := Connection{Name: name, URL: Hidden(address)}
	a, err := parseAddress(address)
	if err != nil {
		return c, err
	}
	c.Type, c.parsed = a.Type, a
	if a.Type == SQLite {
		c.Path = under(root, a.path)
	}
	return c, nil
}

// under makes path absolute, relative to root.
func under(root, path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(root, filepath.FromSlash(path))
}

// home resolves a leading ~.
func (r *reader) home(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		if h, ok := r.opts.Env("HOME"); ok {
			path = filepath.Join(h, rest)
		}
	}
	return under(r.root, path)
}

// connections decodes the connections: mapping.
func (r *reader) connections(n *node) map[string]Connection {
	out := map[string]Connection{}
	if n == nil {
		return out
	}
	for _, e := range n.entries {
		out[e.key] = r.connection(e)
	}
	return out
}

func (r *reader) connection(e *entry) Connection {
	n := e.val
	c := Connection{Name: e.key, Type: n.get("type").str(), URL: Hidden(n.get("url").str()), User: n.get("user").str(),
		Password: Hidden(n.get("password").str()), Workers: n.get("workers").integer(), Encoding: n.get("encoding").str(), Place: e.at.place()}
	if p := n.get("path"); p != nil {
		c.Path = r.home(p.str())
	}
	c.secret = secretRef{root: r.root, env: r.opts.Env, variable: n.get("secret").get("env").str(), file: n.get("secret").get("file").str()}
	c.Tunnel = r.tunnel(n.get("ssh_tunnel"))
	r.address(n, &c)
	switch c.Type {
	case "":
		r.add(e.at.errorf("connection %s has no type", c.Name).WithHint("write type: postgres, sqlite or files"))
	case Postgres:
		if c.URL == "" && c.secret.String() == "" {
			r.add(e.at.errorf("connection %s needs url: or secret:", c.Name).WithHint("url: postgres://host:5432/database"))
		}
		r.refuse(n, c.Type, "path", "encoding")
	case SQLite:
		if c.Path == "" && c.URL == "" {
			r.add(e.at.errorf("connection %s needs url: or path:", c.Name).WithHint("url: sqlite://./shop.db"))
		}
		r.refuse(n, c.Type, "secret", "user", "password", "ssh_tunnel", "encoding")
	case Files:
		if c.Path == "" {
			r.add(e.at.errorf("connection %s needs path:", c.Name).WithHint("path: the folder of the files"))
		}
		if c.Encoding == "" {
			c.Encoding = "utf-8"
		}
		r.refuse(n, c.Type, "url", "secret", "user", "password", "ssh_tunnel", "workers")
	}
	return c
}

// address reads url: and checks that it agrees with type: and path:.
func (r *reader) address(n *node, c *Connection) {
	if c.URL == "" || c.Type == Files {
		return
	}
	url := n.get("url")
	a, err := parseAddress(c.URL.Reveal())
	switch {
	case err != nil:
		e := base.Errorf(base.Invalid, "%w", err).At(url.place())
		r.add(e)
		if c.Type == "" {
			c.Type = "unknown"
		}
		return
	case c.Type == "":
		c.Type = a.Type
	case c.Type != a.Type:
		r.add(url.errorf("type is %s, but the url is of a %s database", c.Type, a.Type))
		return
	}
	c.parsed = a
	if a.Type != SQLite {
		return
	}
	if c.Path != "" {
		r.add(n.get("path").errorf("url: and path: both name the file").WithHint("keep one of them"))
	}
	c.Path = r.home(a.path)
}

// refuse reports keys that mean nothing for a type.
func (r *reader) refuse(n *node, typ string, keys ...string) {
	for _, k := range keys {
		if n.get(k) != nil {
			r.add(n.keyOf(k).errorf("%s: is not used by a %s connection", k, typ).WithHint("remove it"))
		}
	}
}

func (r *reader) tunnel(n *node) *Tunnel {
	if n == nil {
		return nil
	}
	t := &Tunnel{Host: n.get("host").str(), Port: n.get("port").integer(), User: n.get("user").str(), HostKey: n.get("host_key").str()}
	if t.Port == 0 {
		t.Port = 22
	}
	if k := n.get("key").str(); k != "" {
		t.Key = r.home(k)
	}
	known := n.get("known_hosts")
	switch {
	case known != nil && t.HostKey != "":
		r.add(known.errorf("known_hosts: and host_key: are both given").WithHint("keep one of them"))
	case known != nil:
		t.KnownHosts = r.home(known.str())
	case t.HostKey == "":
		t.KnownHosts = r.home("~/.ssh/known_hosts")
	}
	return t
}
