package batch

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/lang/ducksql"
	"github.com/mulgil/mulgil/internal/port"
	"github.com/mulgil/mulgil/internal/query"
	"github.com/mulgil/mulgil/internal/query/worker"
)

// execution is one attempt of an SQL job.
type execution struct {
	s     *Service
	req   Request
	run   *Run
	write *lake.Write
	bound *query.Bound
	outs  []lake.Output
	// sources are the tables extracted from, for their comments.
	sources []port.SourceTable
	joins   []worker.Joined
	failed  int // the output an error happened in, -1 if none
}

// task binds the job's statements and writes down what the worker has to do.
func (x *execution) task(ctx context.Context) (worker.Task, error) {
	j := x.req.Job
	texts := make([]query.Text, len(j.Outputs))
	var refs []lake.Name
	for i, o := range j.Outputs {
		texts[i] = o.Text
		for _, t := range o.Tests {
			if t.Kind == Relationships && !slices.ContainsFunc(j.Outputs, func(p Output) bool { return p.Target == t.To }) {
				refs = append(refs, t.To)
			}
		}
	}
	low, params, err := x.bind(ctx, texts, refs)
	if err != nil {
		return worker.Task{}, err
	}
	b := x.bound
	x.outs = make([]lake.Output, len(j.Outputs))
	x.run.Outputs, x.run.Tests, x.run.FanOut = make([]RunOutput, len(j.Outputs)), nil, nil
	w := &worker.Write{RefuseEmpty: !j.AllowEmpty, Trino: j.Athena}
	for i, o := range j.Outputs {
		x.run.Outputs[i] = RunOutput{Table: o.Target.String(), Mode: string(o.Mode)}
		w.Outputs = append(w.Outputs, worker.Output{Name: o.Name, SQL: low[i].SQL, Merge: o.Mode == lake.Merge, Key: o.Key})
		w.Checks = append(w.Checks, checks(o, j.Outputs)...)
		if j.FanOut != Ignore {
			w.Joins = append(w.Joins, joinChecks(o, b.Analyses[i], j.Measures, low[i])...)
		}
	}
	t := worker.Task{Engine: x.s.o.Query.Engine(j.Memory, j.Threads), Catalog: query.Catalog, Database: x.s.o.Query.Database(),
		Relations: b.Relations, Sources: b.Sources, Params: params, Write: w}
	for _, l := range low {
		t.Engine.Functions = append(t.Engine.Functions, l.Functions...)
	}
	slices.Sort(t.Engine.Functions)
	t.Engine.Functions = slices.Compact(t.Engine.Functions)
	t.Engine.Dirs = x.write.Dirs()
	return t, nil
}

// bind resolves the statements and gives them as the engine runs them, with the
// parameters that are left to bind.
func (x *execution) bind(ctx context.Context, texts []query.Text, refs []lake.Name) (low []query.Lowered, params []port.Arg, err error) {
	x.failed = -1
	if x.req.Job.Athena {
		x.bound, low, err = x.s.o.Query.BindAthena(ctx, texts, x.req.Params, refs)
		return low, nil, err
	}
	for _, t := range texts {
		low = append(low, query.Lowered{SQL: t.SQL})
	}
	x.bound, err = x.s.o.Query.Bind(ctx, texts, x.req.Params, refs)
	return low, x.req.Params, err
}

func joinChecks(o Output, a *ducksql.Analysis, measures []string, l query.Lowered) []worker.JoinCheck {
	var out []worker.JoinCheck
	for _, j := range a.Joins {
		out = append(out, worker.JoinCheck{Output: o.Name, Label: j.Label, Type: j.Type, Keys: j.Keys, Left: j.Left, Right: j.Right, Measures: measures, Shown: l.Measures(j.Left), Why: j.Why})
	}
	return out
}

// plan answers a described output: the table's schema with declared types and
// comments, and where to write.
func (x *execution) plan(ctx context.Context, d worker.Described) (worker.Plan, error) {
	o := x.req.Job.Outputs[d.I]
	fields := x.declare(o, d.Fields)
	x.write.DescribeTarget(d.I, x.tableComment(d.I))
	p, err := x.write.Prepare(ctx, d.I, fields)
	if err != nil {
		return worker.Plan{}, err
	}
	out := worker.Plan{Fields: p.Fields, PartitionBy: p.PartitionBy, Dir: p.Dir, Prefix: p.FilePrefix}
	if o.Mode == lake.Merge && p.Existing != nil {
		for _, f := range p.Existing.Files {
			if f.Deleted() {
				return out, base.Errorf(base.Invalid, "table %s has row deletes written by another program, which a merge cannot read", o.Target).
					WithHint("merge them first: mulgil table optimize %s", o.Target)
			}
			out.Existing = append(out.Existing, f.Path)
		}
	}
	return out, nil
}

// declare applies the job file's column types and finds comments: the file's
// own, else those of the columns of the same name that the job reads, if they
// all say the same.
func (x *execution) declare(o Output, fields []base.Field) []base.Field {
	known := x.comments()
	out := slices.Clone(fields)
	for i, f := range out {
		out[i].Comment = known[strings.ToLower(f.Name)]
		for _, c := range o.Columns {
			if strings.EqualFold(c.Name, f.Name) {
				if c.Comment != "" {
					out[i].Comment = c.Comment
				}
				if c.Type != nil {
					out[i].Type = *c.Type
				}
			}
		}
	}
	return out
}

// tableComment is the comment of the source table an output is a copy of: the
// only thing its statement reads.
func (x *execution) tableComment(i int) string {
	refs := x.bound.Analyses[i].Refs
	if len(refs) != 1 {
		return ""
	}
	for _, t := range x.sources {
		if strings.EqualFold(t.Name.Name, refs[0].Table) && strings.EqualFold(t.Name.Schema, refs[0].Schema) {
			return t.Comment
		}
	}
	return ""
}

func (x *execution) comments() map[string]string {
	all, clash := map[string]string{}, map[string]bool{}
	note := func(f base.Field) {
		k := strings.ToLower(f.Name)
		if old, ok := all[k]; ok && old != f.Comment && f.Comment != "" && old != "" {
			clash[k] = true
		}
		if f.Comment != "" {
			all[k] = f.Comment
		}
	}
	for _, t := range x.sources {
		for _, f := range t.Fields {
			note(f)
		}
	}
	for _, t := range x.bound.Tables {
		for _, f := range t.Fields {
			note(f)
		}
	}
	maps.DeleteFunc(all, func(k, _ string) bool { return clash[k] })
	return all
}

// hear records what the worker says.
func (x *execution) hear(m worker.Message) {
	switch {
	case m.Progress != nil:
		p := *m.Progress
		p.Run = x.run.ID
		x.req.Report.Do(p)
	case m.Stage != nil:
		x.run.Seconds[m.Stage.Name] += m.Stage.Seconds
		if !strings.HasPrefix(m.Stage.Name, "extract ") && !strings.HasPrefix(m.Stage.Name, "read ") { // streams report the end of theirs
			x.req.Report.Do(base.Progress{Stage: m.Stage.Name, Run: x.run.ID, Elapsed: time.Duration(m.Stage.Seconds * float64(time.Second)), Done: true})
		}
	case m.Warnings != nil:
		x.run.Warnings = append(x.run.Warnings, m.Warnings...)
	case m.Pushed != "":
		x.run.Pushed = append(x.run.Pushed, m.Pushed)
	case m.SourceTable != nil:
		x.sources = append(x.sources, *m.SourceTable)
	case m.Plan != "":
		x.run.Plan += m.Plan + "\n"
	case m.Written != nil:
		w := m.Written
		x.outs[w.I] = lake.Output{Files: w.Files, Replaced: w.Replaced}
		o := &x.run.Outputs[w.I]
		o.Rows, o.Files, o.Bytes = w.Rows, int64(len(w.Files)), w.Bytes
		x.run.Rows, x.run.Bytes, x.run.Files = x.run.Rows+w.Rows, x.run.Bytes+w.Bytes, x.run.Files+int64(len(w.Files))
	case m.Checked != nil:
		c := m.Checked
		x.run.Tests = append(x.run.Tests, TestResult{Name: c.Name, Output: c.Output, OK: c.Failures == 0, Severity: c.Severity, Failures: c.Failures, Detail: c.Detail})
	case m.Joined != nil:
		x.joins = append(x.joins, *m.Joined)
	case m.Err != nil:
		x.failed = m.Err.Output
	}
}

// locate places an error of the worker in the job's file.
func (x *execution) locate(err error) error {
	if x.failed < 0 || x.failed >= len(x.req.Job.Outputs) {
		return err
	}
	if e, ok := err.(*base.Error); ok && x.req.Job.Athena {
		c := *e // its place is one in lowered text
		c.Place = nil
		return &c
	}
	return x.req.Job.Outputs[x.failed].Text.Located(err)
}

// judge turns findings of tests and join checks into an error or warnings.
func (x *execution) judge() error {
	var bad base.Errors
	for _, j := range x.joins {
		if e := x.fanOut(j); e != nil {
			bad = append(bad, e)
		}
	}
	for _, t := range x.run.Tests {
		if t.OK {
			continue
		}
		msg := fmt.Sprintf("test %s of %s failed: %s", t.Name, t.Output, failures(t))
		if t.Severity == Warn {
			x.run.Warnings = append(x.run.Warnings, msg)
			continue
		}
		bad = append(bad, base.Errorf(base.Invalid, "%s", msg).WithCode("TestFailed").WithHint("nothing was published; mend the data or the test, or give the test `severity: warn`"))
	}
	if len(bad) == 1 {
		return bad[0]
	}
	return bad.Err()
}

func failures(t TestResult) string {
	if t.Detail != "" && t.Failures <= 1 {
		return t.Detail
	}
	s := fmt.Sprintf("%d rows", t.Failures)
	if t.Detail != "" {
		s += ", for example " + t.Detail
	}
	return s
}

func (x *execution) fanOut(j worker.Joined) *base.Error {
	if j.Why != "" {
		x.run.Warnings = append(x.run.Warnings, fmt.Sprintf("join with %s in %s was not checked for fan-out: %s", j.Label, j.Output, j.Why))
		return nil
	}
	if j.Factor == 1 {
		return nil
	}
	join, key, _ := strings.Cut(j.Label, ".")
	policy := x.req.Job.FanOut
	if policy == "" {
		policy = Fail
	}
	x.run.FanOut = append(x.run.FanOut, FanOut{Join: join, Key: key, Factor: j.Factor, Overstated: j.Overstated, Policy: policy})
	msg := fmt.Sprintf("the join with %s in %s multiplies rows: %s is not unique there, %.4f rows come out for each that goes in", join, j.Output, key, j.Factor)
	for _, m := range slices.Sorted(maps.Keys(j.Overstated)) {
		msg += fmt.Sprintf("; sum of %s overstated by %s", m, j.Overstated[m])
	}
	if policy == Warn {
		x.run.Warnings = append(x.run.Warnings, msg)
		return nil
	}
	return base.Errorf(base.Invalid, "%s", msg).WithCode("FanOut").
		WithHint("join on a unique key (aggregate %s by %s first), or declare `fan_out: warn` if this is meant", join, key)
}
