// Package seeds runs what the workshop's documents hand out, unchanged, on the
// project that stands for the workshop: the state machine, the queries and the
// names. The documents are read where they lie (MULGIL_SEEDS); names.yaml is
// all that is known of them here.
package seeds

import (
	"cmp"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// document is the text of one document.
type document struct{ text string }

// open reads a document, or skips the test where there are none.
func open(t *testing.T, name string) document {
	t.Helper()
	dir := cmp.Or(os.Getenv("MULGIL_SEEDS"), filepath.Join("..", "shared", "seeds"))
	if !filepath.IsAbs(dir) { // seen from the repository's root
		dir = filepath.Join("..", "..", dir)
	}
	text, err := os.ReadFile(filepath.Join(dir, name))
	if os.IsNotExist(err) {
		t.Skipf("no %s in %s: set MULGIL_SEEDS to the documents' folder", name, dir)
	}
	if err != nil {
		t.Fatal(err)
	}
	return document{strings.ReplaceAll(string(text), "\r\n", "\n")}
}

// blocks are the code blocks of a language in order, without the indentation of
// the list they stand in.
func (d document) blocks(language string) []string {
	var out []string
	fence := regexp.MustCompile("(?ms)^([ \t]*)```" + language + "\n(.*?)^[ \t]*```")
	for _, m := range fence.FindAllStringSubmatch(d.text, -1) {
		lines := strings.SplitAfter(m[2], "\n")
		for i := range lines {
			lines[i] = strings.TrimPrefix(lines[i], m[1])
		}
		out = append(out, strings.Join(lines, ""))
	}
	return out
}

// stateMachine is the JSON block that is a state machine's definition.
func (d document) stateMachine(t *testing.T) string {
	t.Helper()
	var found []string
	for _, b := range d.blocks("json") {
		if strings.Contains(b, `"StartAt"`) {
			found = append(found, b)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d state machines in the document, want 1", len(found))
	}
	return found[0]
}

// nameMap turns the document's names into the project's.
func nameMap(t *testing.T) *strings.Replacer {
	t.Helper()
	text, err := os.ReadFile("names.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var entries yaml.MapSlice
	if err := yaml.Unmarshal(text, &entries); err != nil {
		t.Fatal(err)
	}
	var pairs []string
	for _, e := range entries {
		pairs = append(pairs, e.Key.(string), e.Value.(string))
	}
	return strings.NewReplacer(pairs...)
}
