// Package script runs the program as a user does: each testdata/*.txtar is a
// shell-like script with the files it needs and the texts it expects.
//
// Commands beside testscript's own:
//
//	mulgil ARG...          runs the program, expecting exit code 0
//	! mulgil ARG...        ... exit code 1
//	usage ARG...           ... exit code 2 (wrong usage)
//	rows WANT SQL          the query's rows as JSON arrays, one a line; WANT is a file
//	json FILE [PATH WANT]  FILE is JSON, and has WANT at PATH (a.0.b; len is a length)
//	shop ROWS              makes sample data in ./shop.db
//	lake FILE              writes down what the lake holds: tables, snapshots, files
//
// Run ids are shown as jr_1, jr_2, ... in the order first seen, and understood
// as such in arguments; other ids and times are replaced by fixed ones, and the
// script's folder by $WORK. go test ./test/script -update rewrites the expected
// texts.
package script

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/mulgil/mulgil/test/harness"
)

var update = flag.Bool("update", false, "rewrite the expected texts of the scripts")

func TestMain(m *testing.M) { os.Exit(harness.Main(m)) }

func TestScripts(t *testing.T) {
	bin := harness.Binary(t)
	testscript.Run(t, testscript.Params{
		Dir: "testdata", RequireExplicitExec: true, RequireUniqueNames: true, ContinueOnError: true, UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			env.Setenv("MULGIL", bin)
			env.Setenv("LANG", "C.UTF-8")
			env.Setenv("TERM", "xterm-256color")
			env.Setenv("POSTGRES", os.Getenv("MULGIL_TEST_POSTGRES"))
			env.Values[idsKey{}] = &ids{}
			return nil
		},
		Condition: condition,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"mulgil": runMulgil, "usage": runUsage, "rows": rows, "json": checkJSON, "shop": shop, "lake": lakeState,
		},
	})
}

// condition knows [postgres]: a server is there to test with.
func condition(cond string) (bool, error) {
	if cond == "postgres" {
		return os.Getenv("MULGIL_TEST_POSTGRES") != "", nil
	}
	return false, fmt.Errorf("unknown condition %q", cond)
}

// ids gives the run ids of one script short names.
type ids struct{ seen []string }

type idsKey struct{}

var (
	runID  = regexp.MustCompile(`jr_[0-9a-f]{64}`)
	short  = regexp.MustCompile(`jr_[0-9]{1,3}\b`)
	moment = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC`)
	uuid   = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
)

func (s *ids) hide(text, work string) string {
	text = runID.ReplaceAllStringFunc(text, func(id string) string {
		for i, x := range s.seen {
			if x == id {
				return "jr_" + strconv.Itoa(i+1)
			}
		}
		s.seen = append(s.seen, id)
		return "jr_" + strconv.Itoa(len(s.seen))
	})
	text = moment.ReplaceAllString(text, "2000-01-01 00:00:00 UTC")
	text = uuid.ReplaceAllString(text, "00000000-0000-0000-0000-000000000000")
	return strings.ReplaceAll(text, work, "$WORK")
}

func (s *ids) show(arg string) string {
	return short.ReplaceAllStringFunc(arg, func(id string) string {
		if n, err := strconv.Atoi(id[3:]); err == nil && n >= 1 && n <= len(s.seen) {
			return s.seen[n-1]
		}
		return id
	})
}

func runMulgil(ts *testscript.TestScript, neg bool, args []string) {
	want := 0
	if neg {
		want = 1
	}
	expect(ts, want, args)
}

func runUsage(ts *testscript.TestScript, _ bool, args []string) { expect(ts, 2, args) }

func expect(ts *testscript.TestScript, want int, args []string) {
	stdout, stderr, code := call(ts, args)
	fmt.Fprint(ts.Stdout(), stdout)
	fmt.Fprint(ts.Stderr(), stderr)
	if code != want {
		ts.Fatalf("exit code %d, want %d\n%s%s", code, want, stdout, stderr)
	}
}

// call runs the program and hides what differs from run to run.
func call(ts *testscript.TestScript, args []string) (stdout, stderr string, code int) {
	known := ts.Value(idsKey{}).(*ids)
	real := make([]string, len(args))
	for i, a := range args {
		real[i] = known.show(a)
	}
	err := ts.Exec(ts.Getenv("MULGIL"), real...)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	work := ts.Getenv("WORK")
	return known.hide(ts.ReadFile("stdout"), work), known.hide(ts.ReadFile("stderr"), work), code
}

func shop(ts *testscript.TestScript, _ bool, args []string) {
	expect(ts, 0, []string{"sample", "retail", "--rows", args[0], "--seed", "7", "--to", "sqlite://./shop.db", "-q"})
}

// rows compares a query's rows with a file, one JSON array a line.
func rows(ts *testscript.TestScript, _ bool, args []string) {
	stdout, stderr, code := call(ts, []string{"query", "--dialect", "duckdb", "--json", "--limit", "0", args[1]})
	if code != 0 {
		ts.Fatalf("query: exit code %d\n%s", code, stderr)
	}
	var got struct{ Rows []json.RawMessage }
	ts.Check(json.Unmarshal([]byte(stdout), &got))
	lines := make([]string, len(got.Rows))
	for i, r := range got.Rows {
		var cells []json.RawMessage
		ts.Check(json.Unmarshal(r, &cells))
		text := make([]string, len(cells))
		for j, c := range cells {
			text[j] = string(c)
		}
		lines[i] = strings.Join(text, ",") + "\n"
	}
	text := strings.Join(lines, "")
	if args[0] == "-" {
		fmt.Fprint(ts.Stdout(), text)
		return
	}
	if want := ts.ReadFile(args[0]); text != want {
		ts.Fatalf("%s\ngot:\n%s\nwant:\n%s", args[1], text, want)
	}
}

// checkJSON parses a file and compares what stands at paths in it.
func checkJSON(ts *testscript.TestScript, _ bool, args []string) {
	var doc any
	d := json.NewDecoder(strings.NewReader(ts.ReadFile(args[0])))
	d.UseNumber()
	if err := d.Decode(&doc); err != nil {
		ts.Fatalf("%s is not JSON: %v", args[0], err)
	}
	if d.More() {
		ts.Fatalf("%s holds more than one JSON value", args[0])
	}
	for i := 1; i+1 < len(args); i += 2 {
		if got := at(doc, strings.Split(args[i], ".")); got != args[i+1] {
			ts.Fatalf("%s at %s: got %s, want %s", args[0], args[i], got, args[i+1])
		}
	}
}

func at(v any, path []string) string {
	for _, p := range path {
		switch x := v.(type) {
		case map[string]any:
			v = x[p]
		case []any:
			i, err := strconv.Atoi(p)
			switch {
			case p == "len":
				v = json.Number(strconv.Itoa(len(x)))
			case err != nil || i >= len(x):
				return "nothing at " + p
			default:
				v = x[i]
			}
		default:
			return "nothing at " + p
		}
	}
	if s, ok := v.(string); ok {
		return s
	}
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// lakeState writes down every table's snapshot and every file of the lake, so
// that two of them are equal only if nothing happened in between.
func lakeState(ts *testscript.TestScript, _ bool, args []string) {
	stdout, stderr, code := call(ts, []string{"table", "list", "--json"})
	if code != 0 {
		ts.Fatalf("table list: exit code %d\n%s", code, stderr)
	}
	var files []string
	root := ts.MkAbs(".mulgil/data/lake")
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil && d.Type().IsRegular() {
			info, err := d.Info()
			if err != nil {
				return err
			}
			files = append(files, fmt.Sprintf("%s %d %s", p, info.Size(), info.ModTime().Format("15:04:05.000000")))
		}
		return err
	})
	ts.Check(err)
	sort.Strings(files)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(stdout+strings.Join(files, "\n")+"\n"), 0o644))
}
