package script

import (
	"regexp"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/test/harness"
)

var command = regexp.MustCompile(`(?m)^  ([a-z][a-z-]*)  +\S`)

// TestEveryCommandExplainsItself walks the tree of commands as help shows it.
func TestEveryCommandExplainsItself(t *testing.T) {
	seen := 0
	var walk func(path []string)
	walk = func(path []string) {
		seen++
		text := harness.Must(t, t.TempDir(), append(append([]string{}, path...), "--help")...)
		name := strings.Join(append([]string{"mulgil"}, path...), " ")
		if !strings.Contains(text, "\nExamples:\n") || !strings.Contains(text, "\nUsage:\n") {
			t.Errorf("%s --help has no example or usage:\n%s", name, text)
		}
		if strings.Contains(text, "\x1b") {
			t.Errorf("%s --help has escape sequences", name)
		}
		_, list, ok := strings.Cut(text, "\nAvailable Commands:\n")
		if !ok {
			return
		}
		list, _, _ = strings.Cut(list, "\n\n")
		for _, m := range command.FindAllStringSubmatch(list, -1) {
			if m[1] != "help" {
				walk(append(append([]string{}, path...), m[1]))
			}
		}
	}
	walk(nil)
	if seen < 40 {
		t.Errorf("only %d commands were found", seen)
	}
}
