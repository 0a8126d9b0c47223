package seeds

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/test/harness"
)

// project is a project folder and how its commands are called.
type project struct {
	dir  string
	env  []string
	args []string // before every command
}

// run carries out a command and returns what harness.Run does.
func (p project) run(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	return harness.Run(t, p.dir, p.env, append(slices.Clone(p.args), args...)...)
}

// must carries out a command that must succeed.
func (p project) must(t *testing.T, args ...string) string {
	t.Helper()
	stdout, stderr, code := p.run(t, append(args, "-q")...)
	if code != 0 {
		t.Fatalf("mulgil %s: exit code %d\n%s%s", strings.Join(args, " "), code, stdout, stderr)
	}
	return stdout
}

// ask decodes a command's JSON into out.
func (p project) ask(t *testing.T, out any, args ...string) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(p.must(t, append(args, "--json")...)))
	d.UseNumber()
	if err := d.Decode(out); err != nil {
		t.Fatalf("mulgil %s: %v", strings.Join(args, " "), err)
	}
}

// result is what a query answers.
type result struct {
	Columns   []column
	Rows      [][]any
	Truncated bool
}

type column struct{ Name, Type, Comment string }

// query runs a statement and returns all its rows.
func (p project) query(t *testing.T, sql string, args ...string) result {
	t.Helper()
	var r result
	p.ask(t, &r, append([]string{"query", sql, "--limit", "0"}, args...)...)
	if r.Truncated {
		t.Fatalf("not all rows: %s", sql)
	}
	return r
}

// rows are a DuckDB statement's rows as lines.
func (p project) rows(t *testing.T, sql string) []string {
	t.Helper()
	return p.query(t, sql, "--dialect", "duckdb").lines(t)
}

func (r result) lines(t *testing.T) []string {
	t.Helper()
	out := make([]string, len(r.Rows))
	for i, row := range r.Rows {
		out[i] = line(t, row)
	}
	return out
}

// line writes a row so that equal values of both systems read alike: numbers as
// exact fractions, NULL unlike any text.
func line(t *testing.T, values []any) string {
	t.Helper()
	var b strings.Builder
	for _, v := range values {
		switch x := v.(type) {
		case nil:
			b.WriteString("NULL")
		case string:
			b.WriteString(strconv.Quote(x))
		case json.Number:
			b.WriteString(fraction(t, x.String()))
		case float64:
			if text := strconv.FormatFloat(x, 'g', -1, 64); math.IsNaN(x) || math.IsInf(x, 0) {
				b.WriteString(strconv.Quote(strings.TrimPrefix(text, "+") + map[bool]string{true: "inity"}[math.IsInf(x, 0)]))
			} else {
				b.WriteString(fraction(t, text))
			}
		case int64:
			b.WriteString(strconv.FormatInt(x, 10))
		case bool:
			b.WriteString(strconv.FormatBool(x))
		default:
			t.Fatalf("value %v of type %T", v, v)
		}
		b.WriteByte('|')
	}
	return b.String()
}

func fraction(t *testing.T, number string) string {
	t.Helper()
	if whole := strings.TrimSuffix(number, ".0"); len(whole) < 16 && !strings.ContainsAny(whole, ".eE") {
		return whole
	}
	r, ok := new(big.Rat).SetString(number)
	if !ok {
		t.Fatalf("%q is no number", number)
	}
	return r.RatString()
}

// same compares two sets of rows, whatever their order.
func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
	if slices.Equal(got, want) {
		return
	}
	t.Errorf("%s: %d rows, want %d", what, len(got), len(want))
	for i := range max(len(got), len(want)) {
		g, w := "nothing", "nothing"
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if g != w {
			t.Errorf("first difference, sorted:\n got %s\nwant %s", g, w)
			return
		}
	}
}

// workshop is the template's project with the document's state machine beside
// its own, reading the given source, or its own SQLite file if that is nil.
func workshop(t *testing.T, d document, s *source, rows int) project {
	t.Helper()
	var p project
	if s == nil {
		p.dir = harness.Project(t, rows)
	} else {
		p = onSource(t, *s)
	}
	p.write(t, "workflows/workshop.asl.json", d.stateMachine(t))
	return p
}

// onSource is the template's project reading a PostgreSQL database.
func onSource(t *testing.T, s source) project {
	t.Helper()
	dir := t.TempDir()
	harness.Must(t, dir, "init", "shop", "--template", "retail-batch")
	return project{dir: filepath.Join(dir, "shop"), env: []string{s.secret()}, args: []string{"--target", "prod"}}
}

func (p project) write(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(p.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(fmt.Errorf("write %s: %w", name, err))
	}
}

func (p project) read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(p.dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
