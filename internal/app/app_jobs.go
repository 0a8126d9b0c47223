package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/batch"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/port"
	"github.com/mulgil/mulgil/internal/project"
	"github.com/mulgil/mulgil/internal/query"
)

// convert copies a value between types of the same JSON.
func convert[T any](v any) (T, error) {
	var out T
	b, err := json.Marshal(v)
	if err != nil {
		return out, fmt.Errorf("convert: %w", err)
	}
	return out, json.Unmarshal(b, &out)
}

// JobList implements Backend.
func (a *App) JobList(ctx context.Context, _ JobListRequest) ([]JobInfo, error) {
	out := make([]JobInfo, 0, len(a.p.Jobs))
	for _, j := range a.p.Jobs {
		info, err := a.jobInfo(ctx, j)
		if err != nil {
			return nil, err
		}
		out = append(out, info)
	}
	return out, nil
}

func (a *App) jobInfo(ctx context.Context, j *project.Job) (JobInfo, error) {
	info := JobInfo{Name: j.Name, Kind: j.Kind, Description: j.Description, File: j.File, Aliases: j.Aliases}
	for _, o := range j.Outputs {
		info.Outputs = append(info.Outputs, o.Target.String())
	}
	runs, err := a.batch.List(ctx, j.Name, 1)
	if err != nil || len(runs) == 0 {
		return info, err
	}
	last, err := convert[JobRun](runs[0])
	info.Last = &last
	return info, err
}

// JobShow implements Backend.
func (a *App) JobShow(ctx context.Context, req JobShowRequest) (JobDetail, error) {
	j, err := a.p.Job(req.Job)
	if err != nil {
		return JobDetail{}, err
	}
	info, err := a.jobInfo(ctx, j)
	d := JobDetail{JobInfo: info, Dialect: j.Dialect, Command: j.Command}
	for _, p := range j.Params {
		jp := JobParam{Name: p.Name, Type: p.Type, Required: p.Required, Description: p.Description}
		if p.Default != nil {
			jp.Default = *p.Default
		}
		d.Params = append(d.Params, jp)
	}
	var sql []string
	for _, o := range j.Outputs {
		d.Writes = append(d.Writes, JobTarget{Name: o.Name, Table: o.Target.String(), Mode: string(o.Mode), PartitionBy: o.PartitionBy})
		for _, t := range o.Tests {
			d.Tests = append(d.Tests, JobTest{Name: t.Name, Output: o.Name, Severity: severity(t.Severity)})
		}
		sql = append(sql, o.SQL)
	}
	d.SQL = strings.Join(sql, ";\n\n")
	return d, err
}

func severity(p project.Policy) string {
	if p == project.Warn {
		return "warn"
	}
	return "error"
}

// JobRun implements Backend.
func (a *App) JobRun(ctx context.Context, req JobRunRequest, report base.Report) (JobRun, error) {
	j, err := a.p.Job(req.Job)
	if err != nil {
		return JobRun{}, err
	}
	if err := a.diskFloor(); err != nil {
		return JobRun{}, err
	}
	r, err := a.request(j, req.Args)
	if err != nil {
		return JobRun{}, err
	}
	r.Task, r.Report = req.WorkflowTask, report
	run, err := a.batch.Run(ctx, r)
	if err != nil {
		return JobRun{}, err
	}
	return convert[JobRun](run)
}

// request binds a project's job and arguments to what batch runs.
func (a *App) request(j *project.Job, args map[string]string) (batch.Request, error) {
	values, err := j.Bind(args)
	if err != nil {
		return batch.Request{}, err
	}
	job := batch.Job{Name: j.Name, Athena: j.Dialect == project.Athena, FanOut: string(j.FanOut.Policy), Measures: j.FanOut.Measures, AllowEmpty: j.AllowEmpty,
		Memory: j.Memory, Threads: j.Threads, Timeout: j.Timeout, MaxConcurrency: j.MaxConcurrency, Retries: j.Retries}
	a.size(&job, j.Workers)
	r := batch.Request{Args: map[string]string{}}
	for _, v := range values {
		if v.Identifier {
			continue
		}
		r.Params = append(r.Params, port.Arg{Name: v.Name, Value: v.Go, Type: paramType(v.Type)})
	}
	for _, v := range values {
		r.Args[v.Name] = v.Text
	}
	if j.Kind == project.CommandJob {
		if job.Command, err = a.command(j, values); err != nil {
			return r, err
		}
	}
	for _, o := range j.Outputs {
		job.Outputs = append(job.Outputs, output(o, values))
	}
	r.Job = job
	return r, nil
}

// paramType is what a parameter's declared type is to the engine; a decimal
// without precision is as wide as its value.
func paramType(declared string) base.Type {
	if declared == "decimal" {
		return base.Type{ID: base.Decimal}
	}
	t, err := base.ParseType(declared)
	if err != nil {
		return base.Type{}
	}
	return t
}

// size maps Glue's workers to threads and memory where the job does not say
// them itself: a G.1X has 4 cores and 16 GB there, and here one thread and
// 1 GB, bounded by what the project allows.
func (a *App) size(job *batch.Job, w project.Workers) {
	if w.Number == 0 {
		return
	}
	factor := map[string]int{"G.2X": 2, "G.4X": 4, "G.8X": 8}[w.Type]
	n := w.Number * max(factor, 1)
	if job.Threads == 0 {
		job.Threads = min(n, threads(a.p))
	}
	if job.Memory == 0 {
		job.Memory = min(int64(n)<<30, memory(a.p))
	}
}

func output(o project.Output, values project.Values) batch.Output {
	out := batch.Output{Name: o.Name, Target: lake.Name{Database: o.Target.Database, Table: o.Target.Table}, Mode: lake.Mode(o.Mode),
		Key: o.Key, PartitionBy: o.PartitionBy, Location: o.Location, Comment: o.Comment, Text: jobText(o, values)}
	for _, c := range o.Columns {
		out.Columns = append(out.Columns, batch.Column{Name: c.Name, Comment: c.Comment, Type: c.Type})
	}
	for _, t := range o.Tests {
		out.Tests = append(out.Tests, batch.Test{Name: t.Name, Kind: t.Kind, Columns: t.Columns, Values: t.Values,
			To: lake.Name{Database: t.To.Database, Table: t.To.Table}, Fields: t.Fields, Min: t.Min, Max: t.Max, Severity: severity(t.Severity)})
	}
	return out
}

// jobText is an output's SQL with places that lead to the job's file.
func jobText(o project.Output, values project.Values) query.Text {
	text := o.SQL
	for _, v := range values {
		if v.Identifier {
			text = replaceParam(text, v.Name, `"`+strings.ReplaceAll(v.Text, `"`, `""`)+`"`)
		} else if d, ok := v.Go.(port.Decimal); ok {
			text = replaceParam(text, v.Name, decimalLiteral(d, v.Type))
		}
	}
	return query.Text{SQL: text, Locate: func(p *base.Place) *base.Place {
		return o.SQLPlace.At(offsetOf(o.SQL, p.Line, p.Col), lengthOf(p))
	}}
}

// decimalLiteral is a decimal parameter as SQL: the engine's driver cannot bind
// one. The value was read as a number, so it holds digits, a sign and a point;
// a type without precision is as wide as the value.
func decimalLiteral(d port.Decimal, declared string) string {
	typ := strings.ToUpper(declared)
	if !strings.Contains(typ, "(") {
		_, frac, _ := strings.Cut(string(d), ".")
		typ = fmt.Sprintf("DECIMAL(38,%d)", len(frac))
	}
	return "CAST('" + string(d) + "' AS " + typ + ")"
}

// replaceParam puts SQL in the place of $NAME: a name out of the job's enum or
// a number, never the caller's own text.
func replaceParam(sql, name, with string) string {
	var out strings.Builder
	for {
		before, after, ok := strings.Cut(sql, "$"+name)
		out.WriteString(before)
		if !ok {
			return out.String()
		}
		if r, _ := utf8.DecodeRuneInString(after); r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) {
			out.WriteString("$" + name) // the beginning of a longer name
		} else {
			out.WriteString(with)
		}
		sql = after
	}
}

// offsetOf is the byte offset of a line and column, both from 1.
func offsetOf(text string, line, col int) int {
	at := 0
	for i := 1; i < line; i++ {
		n := strings.IndexByte(text[at:], '\n')
		if n < 0 {
			return len(text)
		}
		at += n + 1
	}
	for i := range text[at:] {
		if col--; col == 0 {
			return at + i
		}
	}
	return len(text)
}

// lengthOf is a place's length in bytes.
func lengthOf(p *base.Place) int {
	r := []rune(p.Text)
	from := min(max(p.Col-1, 0), len(r))
	return len(string(r[from:min(from+max(p.Len, 1), len(r))]))
}

// command fills a command job's arguments and environment: parameters as
// --NAME value, and for each connection it names the variables NAME_URL,
// NAME_HOST, NAME_PORT, NAME_USER, NAME_PASSWORD, NAME_DBNAME or NAME_PATH.
func (a *App) command(j *project.Job, values project.Values) (*batch.Command, error) {
	c := &batch.Command{Args: append([]string{}, j.Command...), Dir: j.WorkDir}
	for _, v := range values {
		if v.Go != nil {
			c.Args = append(c.Args, "--"+v.Name, v.Text)
		}
	}
	var err error
	c.Env, err = a.programEnv(j.Env, j.Connections)
	return c, err
}

// programEnv is the whole environment of a program that is given variables and
// connections. With an error it lacks the connections that could not be read.
func (a *App) programEnv(variables map[string]project.Hidden, connections []string) ([]string, error) {
	env := inherited("PATH", "HOME", "LANG", "TMPDIR")
	for k, v := range variables {
		env = append(env, k+"="+v.Reveal())
	}
	var errs []error
	for _, name := range connections {
		conn, err := a.p.Connection(name)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		of, err := connectionEnv(conn)
		errs, env = append(errs, err), append(env, of...)
	}
	return env, errors.Join(errs...)
}

// inherited are the named variables of this process's environment, as far as
// it has them.
func inherited(names ...string) []string {
	var env []string
	for _, k := range names {
		if v, ok := os.LookupEnv(k); ok {
			env = append(env, k+"="+v)
		}
	}
	return env
}

func connectionEnv(c project.Connection) ([]string, error) {
	key := strings.ToUpper(strings.Map(func(r rune) rune {
		if r == '-' || r == '.' {
			return '_'
		}
		return r
	}, c.Name)) + "_"
	if c.Type != project.Postgres {
		return []string{key + "PATH=" + c.Path}, nil
	}
	addr, err := c.Address()
	if err != nil {
		return nil, err
	}
	return []string{key + "URL=" + addr.PostgresURL().Reveal(), key + "HOST=" + addr.Host, fmt.Sprintf("%sPORT=%d", key, addr.Port),
		key + "USER=" + addr.User, key + "PASSWORD=" + addr.Password.Reveal(), key + "DBNAME=" + addr.Database}, nil
}

// JobPreview implements Backend.
func (a *App) JobPreview(ctx context.Context, req JobPreviewRequest, report base.Report) (ResultSet, error) {
	j, err := a.p.Job(req.Job)
	if err != nil {
		return ResultSet{}, err
	}
	values, err := j.Bind(req.Args)
	if err != nil {
		return ResultSet{}, err
	}
	if len(j.Outputs) == 0 {
		return ResultSet{}, base.Errorf(base.Usage, "job %s runs a command: there is nothing to preview", j.Name)
	}
	o, names := j.Outputs[0], []string{}
	for _, x := range j.Outputs {
		names = append(names, x.Name)
		if strings.EqualFold(x.Name, req.Output) {
			o = x
		}
	}
	if req.Output != "" && !strings.EqualFold(o.Name, req.Output) {
		return ResultSet{}, base.Errorf(base.Usage, "job %s has no output %q", j.Name, req.Output).WithHint("it has: %s", strings.Join(names, ", "))
	}
	limit := req.Limit
	if limit <= 0 {
		limit = 20
	}
	r, err := a.request(j, req.Args)
	if err != nil {
		return ResultSet{}, err
	}
	preview := a.query.Preview
	if j.Dialect == project.Athena {
		preview = a.query.PreviewAthena
	}
	res, err := preview(ctx, jobText(o, values), r.Params, req.CTE, limit, report)
	if err != nil {
		return ResultSet{}, err
	}
	return resultSet(res), nil
}

// JobRuns implements Backend.
func (a *App) JobRuns(ctx context.Context, req JobRunsRequest) ([]JobRun, error) {
	name := ""
	if req.Job != "" {
		j, err := a.p.Job(req.Job)
		if err != nil {
			return nil, err
		}
		name = j.Name
	}
	runs, err := a.batch.List(ctx, name, req.Limit)
	if err != nil {
		return nil, err
	}
	return convert[[]JobRun](append([]batch.Run{}, runs...))
}

// JobRunGet implements Backend.
func (a *App) JobRunGet(ctx context.Context, req JobRunGetRequest) (JobRun, error) {
	run, err := a.batch.Get(ctx, req.ID)
	if err != nil {
		return JobRun{}, err
	}
	return convert[JobRun](run)
}

// JobLog implements Backend.
func (a *App) JobLog(ctx context.Context, req JobLogRequest) (JobLog, error) {
	text, next, done, err := a.batch.Log(ctx, req.ID, req.Offset)
	return JobLog{ID: req.ID, Text: text, Next: next, Done: done}, err
}

// JobStop implements Backend.
func (a *App) JobStop(ctx context.Context, req JobStopRequest) (JobRun, error) {
	run, err := a.batch.Stop(ctx, req.ID)
	if err != nil {
		return JobRun{}, err
	}
	return convert[JobRun](run)
}

// diskFloor refuses to start work on a disk that is nearly full.
func (a *App) diskFloor() error {
	free, total := diskSpace(a.p.LakeDir)
	if total <= 0 {
		return nil
	}
	floor := a.p.Limits.Disk.Bytes
	if pct := a.p.Limits.Disk.Percent; pct > 0 {
		floor = max(floor, int64(float64(total)*pct/100))
	}
	if floor == 0 || free >= floor {
		return nil
	}
	return base.Errorf(base.Unavailable, "only %d MB are free under %s, the project keeps %d MB", free>>20, filepath.Clean(a.p.LakeDir), floor>>20).
		WithHint("free some space: `mulgil table expire` and `mulgil table clean` remove what no snapshot needs; or lower limits.disk")
}
