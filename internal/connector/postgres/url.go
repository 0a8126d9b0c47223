package postgres

import (
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/mulgil/mulgil/internal/base"
)

// Secret is what a secret store keeps for a database, in the JSON form of AWS
// Secrets Manager. It never prints its password.
type Secret struct {
	Host     string
	Port     int
	Username string
	Password string
	DBName   string
}

// ParseSecret reads {"host","port","username","password","dbname"}; port may be
// a number or text, other members are ignored. The error never quotes the text.
func ParseSecret(text []byte) (Secret, error) {
	var raw struct {
		Host, Username, Password string
		DBName                   string `json:"dbname"`
		Port                     json.RawMessage
	}
	if json.Unmarshal(text, &raw) != nil {
		return Secret{}, base.Errorf(base.Invalid, "the secret is not a JSON object of text members").
			WithHint(`it should look like {"host": "...", "port": 5432, "username": "...", "password": "...", "dbname": "..."}`)
	}
	s := Secret{Host: raw.Host, Username: raw.Username, Password: raw.Password, DBName: raw.DBName}
	if p := strings.Trim(string(raw.Port), `"`); p != "" && p != "null" {
		n, err := strconv.Atoi(p)
		if err != nil {
			return Secret{}, base.Errorf(base.Invalid, "the secret's port is not a number")
		}
		s.Port = n
	}
	return s, nil
}

// String shows where the secret leads, without the password.
func (s Secret) String() string {
	return fmt.Sprintf("secret for %s@%s:%d/%s", s.Username, s.Host, s.Port, s.DBName)
}

// GoString is String, so that %#v does not print the password either.
func (s Secret) GoString() string { return s.String() }

// Apply sets user and password, and the URL too if cfg has none.
func (s Secret) Apply(cfg *Config) {
	if s.Username != "" {
		cfg.User = s.Username
	}
	if s.Password != "" {
		cfg.Password = s.Password
	}
	if cfg.URL == "" && s.Host != "" {
		port := s.Port
		if port == 0 {
			port = 5432
		}
		u := url.URL{Scheme: "postgres", Host: net.JoinHostPort(s.Host, strconv.Itoa(port)), Path: "/" + s.DBName}
		cfg.URL = u.String()
	}
}

// ParseURL reads a connection address: postgres:// and postgresql:// URLs,
// JDBC's jdbc:postgresql://host:port/db?user=...&ssl=true, and libpq's
// "host=... dbname=..." form. Environment variables and ~/.pgpass fill what is
// missing, as in psql. Errors never quote the address, which may hold a password.
func ParseURL(address string) (*pgx.ConnConfig, error) {
	text := strings.TrimSpace(address)
	if rest, ok := strings.CutPrefix(text, "jdbc:"); ok {
		var err error
		if text, err = fromJDBC(rest); err != nil {
			return nil, err
		}
	}
	if text == "" || !strings.Contains(text, "://") && !strings.Contains(text, "=") {
		return nil, badURL("it is neither a URL nor a list of key=value")
	}
	cfg, err := pgx.ParseConfig(text)
	if err != nil {
		return nil, badURL(whyBad(err))
	}
	return cfg, nil
}

func badURL(why string) error {
	return base.Errorf(base.Invalid, "the PostgreSQL address cannot be read: %s", why).
		WithHint("write postgres://user@host:5432/database, jdbc:postgresql://host:5432/database or host=... dbname=..., with the password as a secret")
}

// whyBad keeps the part of pgx's message that cannot contain the address.
func whyBad(err error) string {
	msg := err.Error()
	for _, known := range []string{"sslmode is invalid", "invalid port", "unable to read CA file", "unable to read sslkey", "unable to read cert", "service", "unknown sslnegotiation"} {
		if strings.Contains(msg, known) {
			return known
		}
	}
	return "it has a malformed part"
}

// jdbcKeys are the JDBC driver's parameters that mean something here, by the
// name libpq has for them. Its other ones tune the Java side and are dropped.
var jdbcKeys = map[string]string{
	"user": "user", "password": "password", "sslmode": "sslmode", "sslrootcert": "sslrootcert",
	"sslcert": "sslcert", "sslkey": "sslkey", "ApplicationName": "application_name",
	"connectTimeout": "connect_timeout", "currentSchema": "search_path", "targetServerType": "target_session_attrs",
}

var jdbcServerTypes = map[string]string{
	"any": "any", "primary": "primary", "master": "primary", "secondary": "standby", "slave": "standby",
	"preferSecondary": "prefer-standby", "preferSlave": "prefer-standby", "preferPrimary": "any",
}

// fromJDBC turns what follows "jdbc:" into a libpq URL.
func fromJDBC(rest string) (string, error) {
	body, ok := strings.CutPrefix(rest, "postgresql:")
	if !ok {
		return "", badURL("only jdbc:postgresql: is known")
	}
	if !strings.HasPrefix(body, "//") {
		body = "//localhost/" + strings.TrimPrefix(body, "/")
	}
	place, query, _ := strings.Cut(body, "?")
	params, err := url.ParseQuery(query)
	if err != nil {
		return "", badURL("its parameters are malformed")
	}
	out := url.Values{}
	for key, name := range jdbcKeys {
		if v := params.Get(key); v != "" {
			out.Set(name, v)
		}
	}
	if v := out.Get("target_session_attrs"); v != "" {
		out.Set("target_session_attrs", jdbcServerTypes[v])
	}
	if out.Get("sslmode") == "" && params.Has("ssl") && params.Get("ssl") != "false" {
		out.Set("sslmode", "verify-full")
		if strings.HasSuffix(params.Get("sslfactory"), "NonValidatingFactory") {
			out.Set("sslmode", "require")
		}
	}
	return "postgres:" + place + "?" + out.Encode(), nil
}
