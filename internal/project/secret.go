package project

import (
	"encoding/json"
	"os"
	"strconv"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// Secret is what Secrets Manager keeps for a database.
type Secret struct {
	Host     string
	Port     int
	Username string
	Password Hidden
	Database string
}

type secretRef struct {
	root     string
	env      func(string) (string, bool)
	variable string
	file     string
}

// String names the place of the secret, never its content.
func (s secretRef) String() string {
	switch {
	case s.variable != "":
		return "env " + s.variable
	case s.file != "":
		return "file " + s.file
	}
	return ""
}

// Secret reads the connection's secret now; without one it is empty. Errors
// name the variable or file and never its content: base.NotFound if it is
// absent, base.Invalid if it is not the JSON expected.
func (c Connection) Secret() (Secret, error) {
	ref := c.secret
	var text string
	switch {
	case ref.variable != "":
		v, ok := ref.env(ref.variable)
		if !ok {
			return Secret{}, base.Errorf(base.NotFound, "connection %s: environment variable %s with its secret is not set", c.Name, ref.variable).
				At(c.Place).WithHint("export %s='{\"host\":..., \"port\":5432, \"username\":..., \"password\":..., \"dbname\":...}'", ref.variable)
		}
		text = v
	case ref.file != "":
		b, err := os.ReadFile(under(ref.root, ref.file))
		if err != nil {
			return Secret{}, base.Errorf(base.NotFound, "connection %s: read its secret: %w", c.Name, err).At(c.Place)
		}
		text = string(b)
	default:
		return Secret{}, nil
	}
	return c.parseSecret(text)
}

func (c Connection) parseSecret(text string) (Secret, error) {
	bad := func(what string) (Secret, error) {
		return Secret{}, base.Errorf(base.Invalid, "connection %s: the secret in %s %s", c.Name, c.secret, what).At(c.Place).
			WithHint(`it must be JSON as Secrets Manager keeps it: {"host", "port", "username", "password", "dbname"}`)
	}
	var raw struct {
		Host     string `json:"host"`
		Port     any    `json:"port"`
		Username string `json:"username"`
		Password string `json:"password"`
		DBName   string `json:"dbname"`
		Database string `json:"database"`
	}
	if err := json.Unmarshal([]byte(strings.TrimPrefix(text, "\ufeff")), &raw); err != nil {
		return bad("is not well formed")
	}
	s := Secret{Host: raw.Host, Username: raw.Username, Password: Hidden(raw.Password), Database: raw.DBName}
	if s.Database == "" {
		s.Database = raw.Database
	}
	switch p := raw.Port.(type) {
	case nil:
	case float64:
		s.Port = int(p)
	case string:
		n, err := strconv.Atoi(p)
		if err != nil {
			return bad("has a port that is not a number")
		}
		s.Port = n
	default:
		return bad("has a port that is not a number")
	}
	if s.Port < 0 || s.Port > 65535 {
		return bad("has a port out of range")
	}
	return s, nil
}
