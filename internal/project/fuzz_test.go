package project

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

// FuzzFrontMatter reads any text as a job file: nothing may panic, every
// mistake lies in the file, and SQL is a part of the file.
func FuzzFrontMatter(f *testing.F) {
	for _, pattern := range []string{"testdata/good/jobs/*.sql", "testdata/bad/*/jobs/*.sql"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(text)
		}
	}
	v, err := newValidator()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r := &reader{root: "/p", opts: Options{Env: environment}, v: v, places: map[string]*base.Place{}, bad: map[string]bool{},
			p: &Project{Root: "/p", LakeDir: "/p/lake", Database: "default", Timezone: time.UTC}}
		s, e := newSource("jobs/a.sql", text)
		if e != nil {
			return
		}
		j, err := r.readJob(s)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Count(string(s.src), "\n") + 1
		for _, e := range r.errs {
			if e.Place == nil || e.Place.Line < 1 || e.Place.Line > lines+1 || e.Place.Col < 1 {
				t.Errorf("place %+v of %v", e.Place, e)
			}
			_ = base.Render(e)
		}
		if j == nil {
			return
		}
		for _, o := range j.Outputs {
			if o.SQLPlace.inline == nil && o.SQL != "" && !strings.HasPrefix(string(s.src[o.SQLPlace.Offset:]), o.SQL) {
				t.Errorf("%q is not at %d", o.SQL, o.SQLPlace.Offset)
			}
			_ = o.SQLPlace.At(len(o.SQL), 1)
		}
		if _, err := j.Bind(nil); err != nil && base.KindOf(err) != base.Usage {
			t.Errorf("bind: %v", err)
		}
	})
}
