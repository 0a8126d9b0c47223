package ducksql

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// ParseQuery is the query that makes DuckDB serialize its parse tree; the text
// goes in as the named parameter "sql". It parses only: nothing is looked up.
const ParseQuery = "SELECT json_serialize_sql($sql::VARCHAR)::VARCHAR"

// PrintQuery is the inverse: the named parameter "tree" becomes SQL text.
const PrintQuery = "SELECT json_deserialize_sql($tree::JSON)"

// Node is one object of DuckDB's parse tree.
type Node map[string]any

// Statement is one parsed SELECT.
type Statement struct {
	SQL  string
	root Node
}

// Parse reads the answer of ParseQuery for sql. Anything but a single SELECT
// is refused; syntax errors carry their place in sql (File empty).
func Parse(sql, tree string) (*Statement, error) {
	d := json.NewDecoder(strings.NewReader(tree))
	d.UseNumber()
	var doc struct {
		Error      bool
		Type       string `json:"error_type"`
		Message    string `json:"error_message"`
		Position   string
		Statements []struct{ Node Node }
	}
	if err := d.Decode(&doc); err != nil {
		return nil, fmt.Errorf("read parse tree: %w", err)
	}
	if doc.Error {
		return nil, parseError(sql, doc.Type, doc.Message, doc.Position)
	}
	if len(doc.Statements) != 1 {
		return nil, base.Errorf(base.Invalid, "one SELECT is wanted here, this text holds %d statements", len(doc.Statements)).
			WithHint("remove the extra statements; several outputs are written under `outputs:`")
	}
	return &Statement{SQL: sql, root: doc.Statements[0].Node}, nil
}

func parseError(sql, kind, msg, position string) error {
	if kind == "not implemented" {
		return base.Errorf(base.Invalid, "only a SELECT can run here").At(base.PlaceAt("", []byte(sql), firstWord(sql), 1)).
			WithHint("tables are written by jobs: a job's SQL is the SELECT, its header names the target")
	}
	e := base.Errorf(base.Invalid, "%s", msg)
	if pos, err := strconv.Atoi(position); err == nil {
		n := 1
		if _, near, ok := strings.Cut(msg, `near "`); ok {
			n = max(1, len(strings.TrimSuffix(near, `"`)))
		}
		e.Place = base.PlaceAt("", []byte(sql), byteOffset(sql, pos), n)
	}
	return e
}

// byteOffset is where the n-th character of sql begins: the parser counts
// characters in its errors, bytes in its trees.
func byteOffset(sql string, n int) int {
	for i := range sql {
		if n == 0 {
			return i
		}
		n--
	}
	return len(sql)
}

func firstWord(sql string) int {
	return len(sql) - len(strings.TrimLeft(sql, " \t\r\n"))
}

func (n Node) str(key string) string { s, _ := n[key].(string); return s }

func (n Node) node(key string) Node {
	m, _ := n[key].(map[string]any)
	return m
}

func (n Node) nodes(key string) []Node {
	l, _ := n[key].([]any)
	out := make([]Node, 0, len(l))
	for _, x := range l {
		if m, ok := x.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

func (n Node) strs(key string) []string {
	l, _ := n[key].([]any)
	var out []string
	for _, x := range l {
		if s, ok := x.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// offset is the node's byte offset in the text, 0 if it has none.
func (n Node) offset(sql string) int {
	num, ok := n["query_location"].(json.Number)
	if !ok {
		return 0
	}
	v, err := strconv.Atoi(num.String())
	if err != nil || v > len(sql) {
		return 0
	}
	return v
}

// each calls f for every object below v, v included, until f says not to go deeper.
func each(v any, f func(Node) bool) {
	switch x := v.(type) {
	case map[string]any:
		if f(x) {
			for _, c := range x {
				each(c, f)
			}
		}
	case Node:
		each(map[string]any(x), f)
	case []any:
		for _, c := range x {
			each(c, f)
		}
	}
}

// Ordered tells whether the statement itself orders or limits its rows.
func (s *Statement) Ordered() bool { return len(s.root.nodes("modifiers")) > 0 }

// Limited is the statement with at most n rows, for looking at the first ones.
// Which rows those are does not matter to a statement that is not Ordered; one
// that is stays as it is. A cut statement begins on the text's second line.
func (s *Statement) Limited(n int) string {
	if s.Ordered() {
		return s.SQL
	}
	return fmt.Sprintf("SELECT * FROM (\n%s\n) AS q LIMIT %d", s.SQL, n)
}

// Unwrap moves an error's place out of text that was put around a statement
// whose own text begins on the second line; a place in that text itself is
// dropped.
func Unwrap(err error, sql string) error {
	var e *base.Error
	if !errors.As(err, &e) || e.Place == nil || e.Place.File != "" {
		return err
	}
	if n := e.Place.Line - 1; n >= 1 && n <= strings.Count(sql, "\n")+1 {
		e.Place = base.PlaceLine("", []byte(sql), n, e.Place.Col, e.Place.Len)
	} else {
		e.Place = nil
	}
	return err
}
