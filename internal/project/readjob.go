package project

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/mulgil/mulgil/internal/base"
)

// jobs reads jobs/*.sql.
func (r *reader) jobs() error {
	files, err := r.files("jobs", ".sql")
	if err != nil {
		return err
	}
	for _, f := range files {
		j, err := r.job(f)
		if err != nil {
			return err
		}
		if j != nil {
			r.p.Jobs = append(r.p.Jobs, j)
		}
	}
	r.checkJobNames()
	r.checkLocations()
	return nil
}

// files lists a folder's files that end in suffix, by name; others draw a
// warning. A folder that is not there is empty.
func (r *reader) files(dir, suffix string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(r.root, dir))
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, base.Errorf(base.Invalid, "read %s: %w", dir, err)
	}
	var out []string
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), "."), strings.HasSuffix(e.Name(), "~"):
		case strings.HasSuffix(e.Name(), suffix) && !e.IsDir():
			out = append(out, name)
		case dir == "workflows" && strings.HasSuffix(e.Name(), CaseSuffix): // read when they are run
		case dir == "jobs" || dir == "workflows" || dir == "queries":
			r.warn(base.Errorf(base.Invalid, "%s is not read: files of %s/ end in %s", name, dir, suffix).At(&base.Place{File: name}))
		}
	}
	return out, nil
}

// plainName refuses names that could not be shown or be part of a path.
func (r *reader) plainName(n *node, what string) {
	s := n.str()
	if n == nil || s == "" {
		return
	}
	if len(s) > 255 || s == "." || s == ".." || strings.ContainsFunc(s, func(c rune) bool { return c == '/' || c == '\\' || unicode.IsControl(c) }) {
		r.add(n.errorf("%q cannot be the name of a %s", s, what).WithHint("use letters, digits, -, _ and blanks, at most 255 bytes"))
	}
}

// job reads one file; nil if nothing of it can be understood.
func (r *reader) job(file string) (*Job, error) {
	s, e := readSource(r.root, file)
	if e != nil {
		r.add(e)
		return nil, nil
	}
	return r.readJob(s)
}

func (r *reader) readJob(s *source) (*Job, error) {
	text, body, e := frontMatter(s)
	if e != nil {
		r.add(e)
		return nil, nil
	}
	n, ok := r.parse(s, text)
	if n == nil {
		if ok {
			r.add(base.Errorf(base.Invalid, "the front matter is empty").At(s.line(1, 1, 1)).WithHint("it needs at least target:"))
		}
		return nil, nil
	}
	variable := []*node{n.get("location"), n.get("env")}
	for _, o := range n.get("outputs").list() {
		variable = append(variable, o.get("location"))
	}
	r.expand(variable...)
	if err := r.check("job.schema.json", n, false); err != nil || !n.isMap() {
		return nil, err
	}
	return r.decodeJob(s, n, body), nil
}

func (r *reader) decodeJob(s *source, n *node, body int) *Job {
	j := &Job{Name: strings.TrimSuffix(path.Base(s.name), ".sql"), File: s.name, Place: n.place(), Kind: SQLJob,
		Description: n.get("description").str(), Aliases: n.get("alias").strings(), Dialect: n.get("dialect").str(),
		Sources: n.get("sources").strings(), AllowEmpty: n.get("allow_empty").boolean(), Memory: r.size(n.get("memory")),
		Threads: n.get("threads").integer(), MaxConcurrency: max(1, n.get("max_concurrency").integer()), Retries: n.get("retries").integer(),
		Workers: workers(n.get("workers")), FanOut: fanOut(n.get("fan_out"))}
	if name := n.get("name"); name != nil {
		j.Name, j.Place = name.str(), name.place()
	}
	for _, name := range append([]*node{n.get("name")}, n.get("alias").list()...) {
		r.plainName(name, "job")
	}
	if k := n.get("kind").str(); k != "" {
		j.Kind = k
	}
	if t := n.get("timeout"); t != nil && t.kind == scalarNode {
		d, err := parseDuration(t.str())
		if _, text := t.value.(string); err != nil && text {
			r.add(t.errorf("timeout: %w", err))
		}
		j.Timeout = d
	}
	j.Params = r.params(n.get("params"))
	j.Arguments = r.arguments(j, n.get("arguments"))
	if j.Kind == CommandJob {
		r.command(s, n, j, body)
		return j
	}
	r.dialect(n, j)
	r.onlyFor(n, CommandJob, "command", "connections", "env", "workdir")
	r.outputs(s, n, j, body)
	return j
}

// dialect is Athena's unless the job says otherwise.
func (r *reader) dialect(n *node, j *Job) {
	if n.get("dialect") == nil {
		j.Dialect = Athena
	}
}

// onlyFor reports keys that belong to the other kind of job.
func (r *reader) onlyFor(n *node, kind string, keys ...string) {
	for _, k := range keys {
		if n.get(k) != nil {
			r.add(n.keyOf(k).errorf("%s: is for jobs of kind: %s", k, kind).WithHint("remove it, or write kind: %s", kind))
		}
	}
}

// given decodes the connections that a program is given.
func (r *reader) given(n *node) []string {
	for _, c := range n.list() {
		if _, ok := r.p.Connections[c.str()]; !ok && !r.blind {
			r.add(c.errorf("no connection %q in %s", c.str(), File).WithHint("%s", didYouMean(c.str(), connectionNames(r.p))))
		}
	}
	return n.strings()
}

func (r *reader) command(s *source, n *node, j *Job, body int) {
	j.Dialect = ""
	r.onlyFor(n, SQLJob, "dialect", "target", "mode", "key", "partition_by", "location", "comment", "columns", "tests", "fan_out", "allow_empty", "outputs")
	j.Command = n.get("command").strings()
	if len(j.Command) == 0 && n.get("command") == nil {
		r.add(n.errorf("missing key \"command\"").WithHint("write command: [program, argument, ...]"))
	}
	if len(j.Command) > 0 && (j.Command[0] == "" || strings.ContainsRune(strings.Join(j.Command, ""), 0)) {
		r.add(n.get("command").errorf("command names no program"))
	}
	j.Connections = r.given(n.get("connections"))
	j.Env = map[string]Hidden{}
	if env := n.get("env"); env.isMap() {
		for _, e := range env.entries {
			if !isVariable(e.key) {
				r.add(e.at.errorf("%q is not the name of an environment variable", e.key))
			}
			j.Env[e.key] = Hidden(e.val.str())
		}
	}
	j.WorkDir = r.root
	if w := n.get("workdir"); w != nil {
		j.WorkDir = r.home(w.str())
	}
	pieces, e := scanSQL(s, body, len(s.src))
	if e != nil {
		r.add(e)
	}
	for _, p := range pieces {
		if p.kind == codePiece {
			r.add(base.Errorf(base.Invalid, "a command job has no SQL").At(s.at(p.start, wordLength(s.src[p.start:p.end]))).
				WithHint("remove the text after the front matter, or write kind: sql"))
			return
		}
	}
}

func connectionNames(p *Project) []string {
	var out []string
	for n := range p.Connections {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

func workers(n *node) Workers {
	if n.isMap() {
		return Workers{n.get("type").str(), max(1, n.get("number").integer())}
	}
	return Workers{Number: n.integer()}
}

func fanOut(n *node) FanOut {
	f := FanOut{Policy: Fail}
	switch {
	case n.isMap():
		if p := n.get("policy"); p != nil {
			f.Policy = Policy(p.str())
		}
		f.Measures = n.get("measures").strings()
	case n != nil && n.str() != "":
		f.Policy = Policy(n.str())
	}
	return f
}

// checkJobNames reports names and aliases that two jobs share.
func (r *reader) checkJobNames() {
	type owner struct {
		job  *Job
		name string
	}
	seen := map[string]owner{}
	for _, j := range r.p.Jobs {
		own := map[string]bool{}
		for _, name := range append([]string{j.Name}, j.Aliases...) {
			low := strings.ToLower(name)
			other, taken := seen[low]
			switch {
			case own[low]:
			case taken:
				r.add(base.Errorf(base.Invalid, "job name %q in %s is already taken by %s", name, j.File, other.job.File).At(j.Place).
					WithHint("give one of them another name: or alias:; letter case does not count"))
			default:
				seen[low] = owner{j, name}
			}
			own[low] = true
		}
	}
}

// checkLocations reports folders that two tables would share.
func (r *reader) checkLocations() {
	type user struct {
		out  Output
		path string
	}
	var seen []user
	for _, j := range r.p.Jobs {
		for _, o := range j.Outputs {
			p, err := r.p.Resolve(o.Location)
			if o.Location == "" || err != nil {
				continue
			}
			for _, u := range seen {
				if u.out.Target != o.Target && (within(p, u.path) || within(u.path, p)) {
					r.add(base.Errorf(base.Invalid, "the location of %s overlaps that of %s", o.Target, u.out.Target).At(o.Place).
						WithHint("%s names %s; give each table a folder of its own", u.out.Place, u.out.Location))
					break
				}
			}
			seen = append(seen, user{o, p})
		}
	}
}

func within(p, dir string) bool {
	rel, err := filepath.Rel(dir, p)
	return err == nil && filepath.IsLocal(rel)
}

// checkSources reports sources: that name no connection.
func (r *reader) checkSources() {
	if r.blind {
		return
	}
	for _, j := range r.p.Jobs {
		for _, s := range j.Sources {
			parts := splitName(s)
			if len(parts) != 3 || strings.EqualFold(parts[0], "AwsDataCatalog") {
				continue
			}
			if !slices.ContainsFunc(connectionNames(r.p), func(c string) bool { return strings.EqualFold(c, parts[0]) }) {
				r.add(base.Errorf(base.Invalid, "source %s: no connection %q in %s", s, parts[0], File).At(j.Place).
					WithHint("%s", didYouMean(parts[0], connectionNames(r.p))))
			}
		}
	}
}
