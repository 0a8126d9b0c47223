package project

import (
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// Workflow is a state machine of workflows/*.asl.json, its text not yet read.
type Workflow struct {
	// Name is the file's name without .asl.json.
	Name string
	// File is the path relative to the project.
	File string
	// Text is the file without a byte order mark.
	Text string
	// Express is the type EXPRESS: no history, five minutes at most.
	Express bool
}

// Query is a saved query of queries/*.sql.
type Query struct {
	Name string
	File string
	Text string
}

func (r *reader) workflows() error {
	err := r.texts("workflows", ".asl.json", func(name, file, text string) {
		r.p.Workflows = append(r.p.Workflows, &Workflow{Name: name, File: file, Text: text, Express: r.express[name] != nil})
		delete(r.express, name)
	})
	for name, n := range r.express {
		r.add(n.errorf("no workflow %q", name).WithHint("workflows are the files workflows/NAME.asl.json"))
	}
	return err
}

func (r *reader) queries() error {
	return r.texts("queries", ".sql", func(name, file, text string) {
		r.p.Queries = append(r.p.Queries, &Query{name, file, text})
	})
}

func (r *reader) texts(dir, suffix string, keep func(name, file, text string)) error {
	files, err := r.files(dir, suffix)
	for _, f := range files {
		s, e := readSource(r.root, f)
		if e != nil {
			r.add(e)
			continue
		}
		if len(strings.TrimSpace(string(s.src))) == 0 {
			r.add(base.Errorf(base.Invalid, "the file is empty").At(s.line(1, 1, 1)))
			continue
		}
		keep(strings.TrimSuffix(path.Base(f), suffix), f, string(s.src))
	}
	return err
}

// unsupported warns of parts of a project that this version does not read.
func (r *reader) unsupported() error {
	for _, name := range []string{"tables", "streams", "streaming", "notebooks", "dashboards", "reports"} {
		st, err := os.Stat(filepath.Join(r.root, name))
		if err != nil || st.IsDir() && !hasFiles(filepath.Join(r.root, name)) {
			continue
		}
		if st.IsDir() {
			name += "/"
		}
		r.warn(base.Errorf(base.Invalid, "%s is not read by this version", name).At(&base.Place{File: name}))
	}
	return nil
}

func hasFiles(dir string) bool {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") {
			return true
		}
	}
	return false
}

// ReadNameMap reads a YAML of old names to new ones. Mistakes are base.Errors
// with their places; a missing file is base.NotFound.
func ReadNameMap(file string) (map[string]string, error) {
	n, err := readYAML(filepath.Dir(file), filepath.Base(file))
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	if n.null() {
		return out, nil
	}
	v, err := newValidator()
	if err != nil {
		return nil, err
	}
	errs, err := v.check("namemap.schema.json", n, false)
	if err != nil {
		return nil, err
	}
	for _, e := range n.entries {
		if e.key == "" {
			errs = append(errs, e.at.errorf("the old name is empty"))
		}
		if e.val.null() {
			errs = append(errs, e.at.errorf("%q has no new name", e.key))
		}
		out[e.key] = e.val.str()
	}
	if len(errs) > 0 {
		return nil, errs
	}
	return out, nil
}
