package project

import (
	"encoding/json"
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
		r := fuzzed(v)
		s, e := newSource("jobs/a.sql", text)
		if e != nil {
			return
		}
		j, err := r.readJob(s)
		if err != nil {
			t.Fatal(err)
		}
		placed(t, s, r.errs)
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

func fuzzed(v *validator) *reader {
	return &reader{root: "/p", opts: Options{Env: environment}, v: v, places: map[string]*base.Place{}, bad: map[string]bool{},
		p: &Project{Root: "/p", LakeDir: "/p/lake", Database: "default", Timezone: time.UTC}}
}

// placed expects every mistake to lie in the file.
func placed(t *testing.T, s *source, errs base.Errors) {
	t.Helper()
	lines := strings.Count(string(s.src), "\n") + 1
	for _, e := range errs {
		if e.Place == nil || e.Place.Line < 1 || e.Place.Line > lines+1 || e.Place.Col < 1 {
			t.Errorf("place %+v of %v", e.Place, e)
		}
		_ = base.Render(e)
	}
}

// FuzzSchedules reads any text as schedules.yaml: nothing may panic, every
// mistake lies in the file, and inputs without mistakes become JSON.
func FuzzSchedules(f *testing.F) {
	for _, file := range []string{"testdata/good/schedules.yaml", "testdata/bad/schedules/schedules.yaml"} {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	v, err := newValidator()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r := fuzzed(v)
		r.p.Workflows = []*Workflow{{Name: "flow"}, {Name: "retail"}}
		r.p.Jobs = []*Job{{Name: "load", Params: []Param{{Name: "DAY", Type: "date", Required: true}}}}
		s, e := newSource("schedules.yaml", text)
		if e != nil {
			return
		}
		if err := r.readSchedules(s); err != nil {
			t.Fatal(err)
		}
		placed(t, s, r.errs)
		if len(r.errs) > 0 {
			return
		}
		for _, x := range r.p.Schedules {
			if got := x.Input.Fill(x.sample()); got != "" && !json.Valid([]byte(got)) {
				t.Errorf("input of %s is %s", x.Name, got)
			}
		}
	})
}
