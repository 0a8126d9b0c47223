package project

import (
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// Address is where a database is and who calls it, put together from a
// connection's url, user, password and secret.
type Address struct {
	// Type is Postgres or SQLite.
	Type     string
	Host     string
	Port     int // 0 if not given
	User     string
	Password Hidden
	Database string
	// Params are settings in libpq's words ("sslmode", "connect_timeout").
	Params map[string]string

	path string // SQLite's
}

// Address reads the secret, if there is one, and merges: host, port and
// database of the url win over the secret's; user: and password: win over the
// secret's, which win over the url's.
func (c Connection) Address() (Address, error) {
	a := c.parsed
	a.Type = c.Type
	s, err := c.Secret()
	if err != nil {
		return a, err
	}
	first := func(values ...string) string {
		for _, v := range values {
			if v != "" {
				return v
			}
		}
		return ""
	}
	a.Host = first(a.Host, s.Host)
	if a.Port == 0 {
		a.Port = s.Port
	}
	a.Database = first(a.Database, s.Database)
	a.User = first(c.User, s.Username, a.User)
	a.Password = Hidden(first(c.Password.Reveal(), s.Password.Reveal(), a.Password.Reveal()))
	if a.Type == Postgres {
		a.Host = first(a.Host, "localhost")
		if a.Port == 0 {
			a.Port = 5432
		}
	}
	return a, nil
}

// PostgresURL is the address in libpq's URL form, password included.
func (a Address) PostgresURL() Hidden {
	u := url.URL{Scheme: "postgres", Host: net.JoinHostPort(a.Host, strconv.Itoa(a.Port)), Path: "/" + a.Database}
	switch {
	case a.Password != "":
		u.User = url.UserPassword(a.User, a.Password.Reveal())
	case a.User != "":
		u.User = url.User(a.User)
	}
	q := url.Values{}
	for k, v := range a.Params {
		q.Set(k, v)
	}
	u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20")
	return Hidden(u.String())
}

// parseAddress reads postgres://, postgresql://, jdbc:postgresql:, sqlite: and
// jdbc:sqlite: addresses. Errors never contain the address.
func parseAddress(s string) (Address, error) {
	text, jdbc := strings.CutPrefix(s, "jdbc:")
	scheme, rest, ok := strings.Cut(text, ":")
	if !ok {
		return Address{}, addressError("the address has no scheme")
	}
	switch strings.ToLower(scheme) {
	case "sqlite", "sqlite3":
		path, _, _ := strings.Cut(strings.TrimPrefix(rest, "//"), "?")
		if path == "" || path == ":memory:" || strings.ContainsRune(path, 0) {
			return Address{}, base.Errorf(base.Invalid, "the address names no file").WithHint("write sqlite://./shop.db")
		}
		return Address{Type: SQLite, path: path}, nil
	case "postgres", "postgresql":
		return parsePostgres(rest, jdbc)
	}
	return Address{}, addressError("databases of kind %q are not supported", scheme)
}

func addressError(format string, args ...any) error {
	return base.Errorf(base.Invalid, format, args...).
		WithHint("write postgres://host:5432/database, jdbc:postgresql://host:5432/database or sqlite://./file.db")
}

func parsePostgres(rest string, jdbc bool) (Address, error) {
	if jdbc && !strings.HasPrefix(rest, "//") { // jdbc:postgresql:database
		rest = "//localhost/" + rest
	}
	u, err := url.Parse("postgres:" + rest)
	if err != nil {
		return Address{}, base.Errorf(base.Invalid, "the address is not a well formed URL").
			WithHint("percent-encode special characters of the password, or give it as password: or secret:")
	}
	if strings.Contains(u.Host, ",") {
		return Address{}, base.Errorf(base.Invalid, "the address names several hosts").WithHint("name one host")
	}
	a := Address{Type: Postgres, Host: u.Hostname(), Database: strings.Trim(u.Path, "/"), Params: map[string]string{}}
	if p := u.Port(); p != "" {
		if a.Port, err = strconv.Atoi(p); err != nil || a.Port < 1 || a.Port > 65535 {
			return a, base.Errorf(base.Invalid, "%s is not a port", p)
		}
	}
	if u.User != nil {
		pw, _ := u.User.Password()
		a.User, a.Password = u.User.Username(), Hidden(pw)
	}
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return a, base.Errorf(base.Invalid, "the settings after ? in the address are not well formed").WithHint("percent-encode special characters")
	}
	for k, v := range q {
		a.set(k, v[len(v)-1])
	}
	return a, nil
}

// set takes one setting of a URL, in libpq's or JDBC's words. What only
// Java's driver knows is left out.
func (a *Address) set(key, value string) {
	same := map[string]string{
		"sslmode": "sslmode", "sslrootcert": "sslrootcert", "sslcert": "sslcert", "sslkey": "sslkey", "sslpassword": "sslpassword",
		"connect_timeout": "connect_timeout", "application_name": "application_name", "search_path": "search_path",
		"target_session_attrs": "target_session_attrs", "options": "options",
		"connectTimeout": "connect_timeout", "loginTimeout": "connect_timeout", "ApplicationName": "application_name", "currentSchema": "search_path",
	}
	switch key {
	case "user":
		a.User = value
	case "password":
		a.Password = Hidden(value)
	case "host":
		a.Host = value
	case "dbname":
		a.Database = value
	case "port":
		if p, err := strconv.Atoi(value); err == nil {
			a.Port = p
		}
	case "ssl":
		if value != "false" && a.Params["sslmode"] == "" {
			a.Params["sslmode"] = "require"
		}
	default:
		if to := same[key]; to != "" {
			a.Params[to] = value
		}
	}
}
