package fn

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the list in doc.go")

func signature(d Def) string {
	params := append([]string{}, d.Params...)
	if d.Variadic != "" {
		params = append(params, d.Variadic+"...")
	}
	return d.Name + "(" + strings.Join(params, ", ") + ") " + d.Returns
}

func TestDocListsEveryFunction(t *testing.T) {
	b, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(b), "// (begin)\n")
	_, tail, ok2 := strings.Cut(rest, "// (end)\n")
	if !ok || !ok2 {
		t.Fatal("doc.go has lost its marks")
	}
	var list strings.Builder
	for _, d := range All() {
		list.WriteString("//\t" + signature(d) + "\n")
	}
	want := head + "// (begin)\n//\n" + list.String() + "//\n// (end)\n" + tail
	if want == string(b) {
		return
	}
	if !*update {
		t.Fatal("the list in doc.go is stale: go test ./internal/lang/fn -run TestDocListsEveryFunction -update")
	}
	if err := os.WriteFile("doc.go", []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestNamesAreUniqueAndMarked(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range All() {
		if seen[d.Name] || !strings.HasPrefix(d.Name, "mg_") || d.Body == nil || d.Returns == "" {
			t.Errorf("bad function %+v", d)
		}
		seen[d.Name] = true
	}
}
