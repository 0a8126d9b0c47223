package workflow

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/asl"
)

// retailMachine cuts the state machine out of the document users wrote.
func retailMachine(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("MULGIL_SEEDS")
	if dir == "" {
		dir = "../../../shared/seeds"
	}
	doc, err := os.ReadFile(filepath.Join(dir, "002.txt"))
	if err != nil {
		t.Skip("no seeds here: set MULGIL_SEEDS to the folder that has 002.txt")
	}
	for _, block := range strings.Split(string(doc), "```json")[1:] {
		body, _, _ := strings.Cut(block, "```")
		if strings.Contains(body, `"StartAt": "T0 : Parallel"`) {
			return body
		}
	}
	t.Fatal("002.txt has no state machine")
	return ""
}

// glue is a scripted Glue: jobs finish at once, a crawler passes RUNNING,
// STOPPING, READY.
type glue struct {
	mu       sync.Mutex // guards all
	jobs     []string
	crawlers []string
	polls    map[string]int
	fail     string // this job fails
}

func (g *glue) tasks() map[string]TaskFunc {
	name := func(t Task) string {
		var in struct{ JobName, Name string }
		if err := json.Unmarshal(t.Input, &in); err != nil {
			return err.Error()
		}
		return in.JobName + in.Name
	}
	return map[string]TaskFunc{
		"arn:aws:states:::glue:startJobRun.sync": func(_ context.Context, t Task) (json.RawMessage, error) {
			if err := t.Submit(json.RawMessage(`{"JobRunId": "jr"}`)); err != nil {
				return nil, err
			}
			g.mu.Lock()
			defer g.mu.Unlock()
			g.jobs = append(g.jobs, name(t))
			if name(t) == g.fail {
				return nil, &TaskError{Name: "States.TaskFailed", Cause: `{"JobRunState":"FAILED"}`}
			}
			return json.RawMessage(fmt.Sprintf(`{"JobName": %q, "JobRunState": "SUCCEEDED"}`, name(t))), nil
		},
		"arn:aws:states:::aws-sdk:glue:startCrawler": func(_ context.Context, t Task) (json.RawMessage, error) {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.crawlers = append(g.crawlers, name(t))
			return json.RawMessage(`{}`), nil
		},
		"arn:aws:states:::aws-sdk:glue:getCrawler": func(_ context.Context, t Task) (json.RawMessage, error) {
			g.mu.Lock()
			defer g.mu.Unlock()
			state := []string{"RUNNING", "RUNNING", "STOPPING", "READY"}[min(g.polls[name(t)], 3)]
			g.polls[name(t)]++
			return json.RawMessage(fmt.Sprintf(`{"Crawler": {"Name": %q, "State": %q}}`, name(t), state)), nil
		},
	}
}

func retailJobs() []string {
	return []string{"jb_de_enhancement_t0_dimension_d2s", "jb_de_enhancement_t0_fact_d2s", "jb_de_enhancement_t1_fulljoin_s2s",
		"jb_de_enhancement_t2_salesbyageproducts_s2s", "jb_de_enhancement_t2_salesbycustomer_s2s",
		"jb_de_enhancement_t2_salesbydatetime_s2s", "jb_de_enhancement_t2_salesbyresidence_s2s"}
}

func TestRetailMachineRunsEveryJobAndCrawler(t *testing.T) {
	g := &glue{polls: map[string]int{}}
	var mu sync.Mutex
	left := map[string]bool{}
	e := open(t, Options{Tasks: g.tasks(), Report: func(p base.Progress) {
		mu.Lock()
		defer mu.Unlock()
		if p.Done {
			left[p.Stage] = true
		}
	}})
	x := finish(t, e, retailMachine(t), `{}`)
	if x.Status != Succeeded {
		t.Fatalf("%s %s %s", x.Status, str(x.Error), str(x.Cause))
	}
	sort.Strings(g.jobs)
	if !slices.Equal(g.jobs, retailJobs()) {
		t.Errorf("jobs %v", g.jobs)
	}
	sort.Strings(g.crawlers)
	want := []string{"cr_de_enhancement_t0_dimension", "cr_de_enhancement_t0_fact", "cr_de_enhancement_t1_purchase_all",
		"cr_de_enhancement_t2_salesbyageproducts", "cr_de_enhancement_t2_salesbycustomer",
		"cr_de_enhancement_t2_salesbydatetime", "cr_de_enhancement_t2_salesbyresidence"}
	if !slices.Equal(g.crawlers, want) {
		t.Errorf("crawlers %v", g.crawlers)
	}
	for crawler, n := range g.polls {
		if n != 3 { // RUNNING twice, then STOPPING lets it through
			t.Errorf("%s was asked %d times", crawler, n)
		}
	}
	got := types(t, e, x.ID)
	for typ, n := range map[string]int{"TaskSubmitted": 7, "TaskSucceeded": 7 + 7 + 9, "WaitStateExited": 6, "ParallelStateSucceeded": 2, "SucceedStateExited": 2} {
		if count(got, typ) != n {
			t.Errorf("%d %s, want %d", count(got, typ), typ, n)
		}
	}
	if !left["state T2 Mart4 StartCrawler"] || !left["workflow w"] {
		t.Errorf("reported %v", left)
	}
}

func TestRetailMachineResumedAfterAnyRecordRunsTheSame(t *testing.T) {
	definition := retailMachine(t)
	g := &glue{polls: map[string]int{}}
	e := open(t, Options{Tasks: g.tasks()})
	x := finish(t, e, definition, `{}`)
	journal, err := queryRecords(t.Context(), e.opts.Store.Reader(), x.ID)
	if err != nil {
		t.Fatal(err)
	}
	m, err := asl.Parse("002", []byte(definition))
	if err != nil {
		t.Fatal(err)
	}
	for n := range journal {
		y := x
		y.Status, y.Output = Running, nil
		r, err := newRun(m, y, &e.setup)
		if err != nil {
			t.Fatal(err)
		}
		for _, rec := range journal[:n] {
			if err := r.apply(rec); err != nil {
				t.Fatal(err)
			}
		}
		if typ := journal[n].Type; typ == "TaskSubmitted" || typ == "TaskSucceeded" {
			continue // came from outside
		}
		next := r.decide(journal[n].Time)
		if next == nil {
			t.Errorf("after %d records nothing follows, but the journal has %s", n, journal[n].Type)
			continue
		}
		if next.Type != journal[n].Type || next.ID != journal[n].ID || next.flow != journal[n].flow || next.own.Next != journal[n].own.Next {
			t.Errorf("after %d records comes %d %s in %q, the journal has %d %s in %q", n, next.ID, next.Type, next.flow, journal[n].ID, journal[n].Type, journal[n].flow)
		}
	}
}

func TestRetailMachineFailsWithItsJob(t *testing.T) {
	g := &glue{polls: map[string]int{}, fail: "jb_de_enhancement_t1_fulljoin_s2s"}
	e := open(t, Options{Tasks: g.tasks()})
	x := finish(t, e, retailMachine(t), `{}`)
	if x.Status != Failed || str(x.Error) != "States.TaskFailed" || str(x.Cause) != `{"JobRunState":"FAILED"}` || len(g.jobs) != 3 {
		t.Errorf("%s %s %s after %v", x.Status, str(x.Error), str(x.Cause), g.jobs)
	}
}

func TestRetailMachineIsWarnedAboutStopping(t *testing.T) {
	m, err := asl.Parse("retail.asl.json", []byte(retailMachine(t)))
	if err != nil {
		t.Fatal(err)
	}
	w := m.Warnings()
	if len(w) != 3 {
		t.Fatalf("%d warnings: %v", len(w), w)
	}
	want := `retail.asl.json:41:27: a crawler passes RUNNING -> STOPPING -> READY; this Choice goes on to "Success T0 Dimension" while the crawler is still STOPPING
                              "StringEquals": "RUNNING",
                              ~~~~~~~~~~~~~~~~~~~~~~~~~
hint: wait for both: {"Or": [{"Variable": "$.Crawler.State", "StringEquals": "RUNNING"}, {"Variable": "$.Crawler.State", "StringEquals": "STOPPING"}], "Next": "Wait T0 Dimension"}`
	if got := base.Render(w[0]); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	var jobs []string
	for _, task := range m.Tasks() {
		if name, ok := task.Params["JobName"].(string); ok {
			jobs = append(jobs, name)
		}
	}
	if !slices.Equal(jobs, retailJobs()) {
		t.Errorf("jobs %v", jobs)
	}
}
