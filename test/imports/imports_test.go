// Package imports holds the list of which package may import which: imports
// point one way, from words to languages to ports to services to the one place
// that joins them.
package imports

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/mulgil/mulgil/"

// may lists, for each part of internal/, the parts it may import. A part also
// covers its subfolders, and may import within itself.
var may = map[string][]string{
	"base":      {},
	"lang":      {"base"},
	"port":      {"base"},
	"connector": {"base", "port"},
	"lake":      {"base", "port", "lang"},
	"workflow":  {"base", "port", "lang"},
	"schedule":  {"base", "port", "lang"},
	"notice":    {"base", "port"},
	"keyvalue":  {"base", "port", "lang"},
	"sample":    {"base", "port"},
	"airflow":   {"base"},
	"query":     {"base", "port", "lang", "lake"},
	"batch":     {"base", "port", "lang", "lake", "query"},
	"project":   {"base", "port", "lang", "schemas"},
	"app":       {"*"},
	"server":    {"base", "lang", "app", "project", "lake", "query", "batch", "workflow"},
	"cli":       {"base", "app", "project", "lake", "lang", "query", "batch", "workflow"},
}

// only says which outside modules stay inside which folder.
var only = map[string][]string{
	"github.com/duckdb/":           {"internal/connector/duckdb"},
	"github.com/aws/":              {"internal/connector/aws"},
	"github.com/jackc/":            {"internal/connector/postgres", "internal/server/pgwire"},
	"github.com/dop251/goja":       {"internal/connector/js"},
	"github.com/wneessen/go-mail":  {"internal/connector/mail"},
	"modernc.org/":                 {"internal/connector/sqlite"},
	"github.com/apache/iceberg-go": {"internal/lake", "internal/connector/sqlite"},
	"github.com/spf13/":            {"internal/cli"},
	"github.com/goccy/go-yaml":     {"internal/project"},
	"github.com/santhosh-tekuri/":  {"internal/project"},
	"github.com/prometheus/":       {"internal/server"},
}

func TestImportsPointOneWay(t *testing.T) {
	for _, p := range packages(t) {
		path := strings.TrimPrefix(p.ImportPath, module)
		for _, imp := range p.Imports {
			if strings.HasPrefix(imp, module) {
				ours(t, path, strings.TrimPrefix(imp, module))
			} else {
				outside(t, path, imp)
			}
		}
	}
}

type pkg struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", module+"internal/...", module+"cmd/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var list []pkg
	d := json.NewDecoder(strings.NewReader(string(out)))
	for d.More() {
		var p pkg
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	if len(list) < 10 {
		t.Fatalf("only %d packages listed", len(list))
	}
	return list
}

// part is the first folder under internal/, or the top folder outside it;
// connectors count one by one.
func part(path string) string {
	f := strings.Split(path, "/")
	if f[0] != "internal" {
		return f[0]
	}
	if f[1] == "connector" && len(f) > 2 {
		return "connector/" + f[2]
	}
	return f[1]
}

func ours(t *testing.T, path, imp string) {
	t.Helper()
	from, to := part(path), part(imp)
	if from == to || from == "cmd" {
		return
	}
	rule, ok := may[strings.Split(from, "/")[0]]
	if !ok {
		t.Errorf("internal/%s is not in the import list", from)
		return
	}
	for _, r := range rule {
		if r == "*" || r == to {
			return
		}
	}
	t.Errorf("%s imports %s: %s may import %v", path, imp, from, rule)
}

func outside(t *testing.T, path, imp string) {
	t.Helper()
	for prefix, homes := range only {
		if !strings.HasPrefix(imp, prefix) {
			continue
		}
		home := false
		for _, h := range homes {
			home = home || path == h || strings.HasPrefix(path, h+"/")
		}
		if !home {
			t.Errorf("%s imports %s, which stays in %v", path, imp, homes)
		}
	}
}
