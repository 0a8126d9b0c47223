package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/base/wholefile"
	"github.com/mulgil/mulgil/internal/query"
	"github.com/mulgil/mulgil/internal/query/history"
	"github.com/mulgil/mulgil/internal/workflow/task"
)

// statements runs the queries of state machines.
type statements struct{ a *App }

// repeatable are the kinds of statements that may run again under their id:
// those that change nothing, and those whose commit is recognised by it (I4).
var repeatable = map[string]bool{"": true, "SELECT": true, "EXPLAIN": true, "SHOW": true, "DESCRIBE": true, "INSERT": true, "UPDATE": true, "DELETE": true, "MERGE": true}

func (s statements) Start(ctx context.Context, q task.Query) error {
	r, err := s.a.history.Get(ctx, q.ID)
	switch {
	case err == nil && (r.Error == nil || r.Error.Code != history.OwnerDied):
		return nil // at work, or over
	case err == nil && !repeatable[firstWord(r.Kind)]:
		return base.Errorf(base.Internal, "%s: the statement was at work when the program ended", task.OutcomeUnknown)
	case err != nil && base.KindOf(err) != base.NotFound:
		return err
	}
	req := query.Request{Text: query.Text{SQL: q.SQL}, ID: q.ID, Session: query.Session{Source: "workflow", User: "workflow", Catalog: query.Catalog, Schema: q.Database}}
	if q.Catalog != "" {
		req.Session.Catalog = q.Catalog
	}
	if q.Database == "" {
		req.Session.Schema = s.a.p.Database
	}
	if len(q.Arguments) > 0 {
		req.Session.Prepared = map[string]string{"statement": q.SQL}
		req.Shown = q.SQL
		req.SQL = "EXECUTE statement USING " + strings.Join(q.Arguments, ", ")
	}
	recv := &athenaFile{begun: make(chan struct{})}
	if q.Output != "" {
		dir, err := s.a.p.Resolve(strings.TrimSuffix(q.Output, "/"))
		if err != nil {
			return base.Errorf(base.Invalid, "OutputLocation: %w", err)
		}
		recv.path = filepath.Join(dir, q.ID+".csv")
	}
	s.a.behind.run(func(ctx context.Context) {
		_, err := s.a.query.Execute(ctx, req, recv)
		if err = recv.end(err); err != nil {
			s.a.cfg.Log.Info("statement of a workflow failed", "statement", q.ID, "error", err)
		}
	})
	select {
	case <-recv.begun:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func firstWord(s string) string {
	w, _, _ := strings.Cut(s, " ")
	return w
}

// athenaFile is the CSV file that Athena writes: every value quoted, NULL as
// nothing. Without a path rows are dropped; the kept result has them.
type athenaFile struct {
	path  string
	begun chan struct{}
	file  *wholefile.File
}

func (f *athenaFile) Queued(string) { close(f.begun) }
func (f *athenaFile) Running()      {}

func (f *athenaFile) Columns(cols []query.Column) error {
	if f.path == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(f.path), 0o755); err != nil {
		return err
	}
	file, err := wholefile.Create(f.path)
	if err != nil {
		return err
	}
	f.file = file
	names := make([]*string, len(cols))
	for i := range cols {
		names[i] = &cols[i].Name
	}
	return f.line(names)
}

func (f *athenaFile) Rows(batch []byte, _ int) error {
	if f.file == nil {
		return nil
	}
	rows, err := query.DecodeRows(batch)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if err := f.line(texts(r)); err != nil {
			return err
		}
	}
	return nil
}

func (f *athenaFile) line(cells []*string) error {
	var b strings.Builder
	for i, c := range cells {
		if i > 0 {
			b.WriteByte(',')
		}
		if c != nil {
			b.WriteString(`"` + strings.ReplaceAll(*c, `"`, `""`) + `"`)
		}
	}
	b.WriteByte('\n')
	_, err := io.WriteString(f.file, b.String())
	return err
}

// end makes the file visible, or removes it if the statement failed.
func (f *athenaFile) end(failed error) error {
	if f.file == nil {
		return failed
	}
	_, err := f.file.End(failed)
	return err
}

// texts are a row's values as Athena's API has them.
func texts(row []any) []*string {
	out := make([]*string, len(row))
	for i, v := range row {
		if v != nil {
			s := valueText(v)
			out[i] = &s
		}
	}
	return out
}

// valueText writes a value as Athena does: [a, b] for arrays and rows, {k=v}
// for maps.
func valueText(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return v
	case json.Number:
		return v.String()
	case []any:
		parts := make([]string, len(v))
		for i, x := range v {
			parts[i] = valueText(x)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case map[string]any:
		parts := make([]string, 0, len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, k+"="+valueText(v[k]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return fmt.Sprint(v)
}

func (s statements) Wait(ctx context.Context, id string) (task.QueryState, error) {
	r, err := s.a.history.Wait(ctx, id)
	return s.state(r), err
}

func (s statements) Get(ctx context.Context, id string) (task.QueryState, error) {
	r, err := s.a.history.Get(ctx, id)
	return s.state(r), err
}

func (s statements) state(r history.Record) task.QueryState {
	out := task.QueryState{
		Query: task.Query{ID: r.ID, SQL: r.SQL, Catalog: r.Catalog, Database: r.Schema}, State: string(r.State), Kind: strings.ReplaceAll(r.Kind, " ", "_"),
		Submitted: r.SubmittedAt, Queued: time.Duration(r.QueuedMS) * time.Millisecond, Elapsed: time.Duration(r.ElapsedMS) * time.Millisecond, ScanBytes: r.ScanBytes,
	}
	if r.EndedAt != nil {
		out.Ended = *r.EndedAt
	}
	if e := r.Error; e != nil {
		out.Error = e.Message
		if e.Code != "" {
			out.Error = e.Code + ": " + e.Message
		}
	}
	return out
}

func (s statements) Stop(ctx context.Context, id string) error {
	_, err := s.a.query.Stop(ctx, id)
	return err
}

func (s statements) Rows(ctx context.Context, id string, from, most int) (names, types []string, rows [][]*string, more bool, err error) {
	res, err := s.a.QueryResults(ctx, QueryResultsRequest{ID: id, Offset: from, Limit: most})
	if err != nil {
		return nil, nil, nil, false, err
	}
	for _, c := range res.Columns {
		names, types = append(names, c.Name), append(types, c.Type)
	}
	for _, r := range res.Rows {
		rows = append(rows, texts(r))
	}
	return names, types, rows, res.Truncated, nil
}
