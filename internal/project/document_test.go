package project

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
)

func TestDocumentsKeepNumbersAndPlaces(t *testing.T) {
	dir := t.TempDir()
	text := `cases:
  - name: first
    now: 2027-03-01T00:00:00Z
    input: {big: 12345678901234567890, cents: 1.50, hex: 0x1F, text: "007", none: null}
    expect:
      retries:
        A state: 2
`
	if err := os.WriteFile(filepath.Join(dir, "w.test.yaml"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	d, err := ReadDocument(dir, "w.test.yaml", "workflow-test.schema.json")
	if err != nil {
		t.Fatal(base.Render(err))
	}
	want := `{"cases":[{"expect":{"retries":{"A state":2}},"input":{"big":12345678901234567890,"cents":1.50,"hex":31,"none":null,"text":"007"},"name":"first","now":"2027-03-01T00:00:00Z"}]}`
	if string(d.JSON) != want {
		t.Errorf("got %s\nwant %s", d.JSON, want)
	}
	for _, c := range []struct {
		path []string
		want string
	}{
		{nil, "w.test.yaml:1:1"},
		{[]string{"cases", "0", "name"}, "w.test.yaml:2:11"},
		{[]string{"cases", "0", "expect"}, "w.test.yaml:5:5"},
		{[]string{"cases", "0", "expect", "retries", "A state"}, "w.test.yaml:7:18"},
		{[]string{"cases", "0", "mocks", "X"}, "w.test.yaml:2:5"},
		{[]string{"nothing"}, "w.test.yaml:1:1"},
	} {
		if got := d.At(c.path...).String(); got != c.want {
			t.Errorf("%v: got %s, want %s", c.path, got, c.want)
		}
	}
	if _, err := ReadDocument(dir, "x.yaml", "workflow-test.schema.json"); base.KindOf(err) != base.NotFound {
		t.Errorf("got %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "empty.yaml"), []byte("# nothing\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadDocument(dir, "empty.yaml", "workflow-test.schema.json"); base.KindOf(err) != base.Invalid {
		t.Errorf("got %v", err)
	}
}
