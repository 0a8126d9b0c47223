package seeds

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const purchases = 60_000

// Test002StateMachine runs the workshop's state machine as the document prints
// it, on both sources, and compares all it leaves behind with the source.
func Test002StateMachine(t *testing.T) {
	d := open(t, "002.txt")
	s := shop(t, "machine", purchases)
	s.exec(t, answers)
	want := contents(t, s)
	queries := athenaAnswers(t, d, s)
	for name, src := range map[string]*source{"postgres": &s, "sqlite": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := workshop(t, d, src, purchases)
			t.Run("validate", func(t *testing.T) { warnsOfStopping(t, p) })
			runs(t, p, 1)
			t.Run("crawled", func(t *testing.T) { crawled(t, p) })
			t.Run("content", func(t *testing.T) { equalsSource(t, p, want, src == nil) })
			t.Run("athena", func(t *testing.T) { athena(t, p, queries) })
			before := prints(t, p)
			runs(t, p, 2)
			t.Run("again", func(t *testing.T) {
				if after := prints(t, p); !maps.Equal(before, after) {
					t.Errorf("a second run changed the lake:\nbefore %v\nafter  %v", before, after)
				}
			})
		})
	}
}

// warnsOfStopping expects a warning at each Choice on RUNNING alone.
func warnsOfStopping(t *testing.T, p project) {
	var v struct {
		Warnings []struct {
			Message, Hint string
			Place         struct {
				File, Text string
				Line       int
			}
		}
	}
	p.ask(t, &v, "validate")
	goesOn := map[string]bool{}
	for _, w := range v.Warnings {
		if w.Place.File != "workflows/workshop.asl.json" {
			continue
		}
		m := regexp.MustCompile(`goes on to "(.*)" while the crawler is still STOPPING$`).FindStringSubmatch(w.Message)
		if m == nil || !strings.Contains(w.Hint, `"StringEquals": "STOPPING"`) {
			t.Errorf("warning %q, hint %q", w.Message, w.Hint)
			continue
		}
		goesOn[m[1]] = true
		if !strings.Contains(w.Place.Text, `"StringEquals": "RUNNING"`) {
			t.Errorf("line %d shown is %q", w.Place.Line, w.Place.Text)
		}
		_, stderr, _ := p.run(t, "validate")
		if at := fmt.Sprintf("workflows/workshop.asl.json:%d:", w.Place.Line); !strings.Contains(stderr, at) {
			t.Errorf("no %s in\n%s", at, stderr)
		}
	}
	if want := map[string]bool{"Success T0 Dimension": true, "Success T1 Dimension": true, "T2 Parallel": true}; !maps.Equal(goesOn, want) {
		t.Errorf("warned of %v, want %v", goesOn, want)
	}
}

type event struct {
	Type, State string
	Details     struct {
		Resource   string
		Parameters string
		Output     string
	}
}

// runs executes the state machine for the nth time and holds its history
// against what jobs and crawlers remember.
func runs(t *testing.T, p project, nth int) {
	t.Helper()
	var x struct{ ID, Status string }
	p.ask(t, &x, "workflow", "run", "workshop")
	if x.Status != "SUCCEEDED" {
		t.Fatalf("execution ended %s", x.Status)
	}
	var history []event
	p.ask(t, &history, "workflow", "history", x.ID)
	called, states := map[string]map[string]int{}, map[string]int{}
	for _, e := range history {
		if strings.HasSuffix(e.Type, "StateEntered") {
			states[e.State]++
		}
		if e.Type != "TaskScheduled" {
			continue
		}
		var asked struct{ JobName, Name string }
		if err := json.Unmarshal([]byte(e.Details.Parameters), &asked); err != nil {
			t.Fatal(err)
		}
		if called[e.Details.Resource] == nil {
			called[e.Details.Resource] = map[string]int{}
		}
		called[e.Details.Resource][asked.JobName+asked.Name]++
	}
	onceEach(t, "job", called["startJobRun.sync"], jobs)
	onceEach(t, "crawler", called["startCrawler"], crawlers)
	looks(t, history, called["getCrawler"], states)
	remembered(t, p, nth)
}

var jobs = []string{
	"jb_de_enhancement_t0_dimension_d2s", "jb_de_enhancement_t0_fact_d2s", "jb_de_enhancement_t1_fulljoin_s2s",
	"jb_de_enhancement_t2_salesbyageproducts_s2s", "jb_de_enhancement_t2_salesbycustomer_s2s",
	"jb_de_enhancement_t2_salesbydatetime_s2s", "jb_de_enhancement_t2_salesbyresidence_s2s",
}

var crawlers = []string{
	"cr_de_enhancement_t0_dimension", "cr_de_enhancement_t0_fact", "cr_de_enhancement_t1_purchase_all",
	"cr_de_enhancement_t2_salesbyageproducts", "cr_de_enhancement_t2_salesbycustomer",
	"cr_de_enhancement_t2_salesbydatetime", "cr_de_enhancement_t2_salesbyresidence",
}

func onceEach(t *testing.T, what string, got map[string]int, names []string) {
	t.Helper()
	want := map[string]int{}
	for _, n := range names {
		want[n] = 1
	}
	if !maps.Equal(got, want) {
		t.Errorf("%ss started: %v, want each of %v once", what, got, names)
	}
}

// looks checks the three loops: a crawler is looked at, chosen upon and, as
// often as it was RUNNING, waited for.
func looks(t *testing.T, history []event, asked, states map[string]int) {
	t.Helper()
	running := map[string]int{}
	for _, e := range history {
		if e.Type == "TaskSucceeded" && e.Details.Resource == "getCrawler" && strings.Contains(e.Details.Output, `"State":"RUNNING"`) {
			running[strings.TrimSuffix(e.State, " GetCrawler")]++
		}
	}
	for part, crawler := range map[string]string{"T0 Dimension": crawlers[0], "T0 Fact": crawlers[1], "T1 Silver": crawlers[2]} {
		n := asked[crawler]
		if n < 1 {
			t.Errorf("%s was not looked at", crawler)
		}
		got := []int{states[part+" GetCrawler"], states[part+" Choice"], states["Wait "+part], running[part]}
		if want := []int{n, n, n - 1, n - 1}; !slices.Equal(got, want) {
			t.Errorf("%s: entered GetCrawler, Choice, Wait, found RUNNING %v times, want %v", part, got, want)
		}
	}
	if len(asked) != 3 {
		t.Errorf("getCrawler was asked of %v", asked)
	}
}

// remembered checks that each job and crawler has run n times and succeeded.
func remembered(t *testing.T, p project, n int) {
	t.Helper()
	check := func(name string, list []struct{ State string }) {
		if len(list) != n {
			t.Errorf("%s ran %d times, want %d", name, len(list), n)
		}
		for _, r := range list {
			if r.State != "SUCCEEDED" {
				t.Errorf("%s: a run is %s", name, r.State)
			}
		}
	}
	for _, name := range jobs {
		var list []struct{ State string }
		p.ask(t, &list, "job", "runs", name)
		check(name, list)
	}
	for _, name := range crawlers {
		var list []struct{ State string }
		p.ask(t, &list, "crawler", "runs", name)
		check(name, list)
	}
}

// prints are each table's content in short and its live files.
func prints(t *testing.T, p project) map[string]string {
	t.Helper()
	out := map[string]string{}
	for table := range catalog {
		cols := columnsOf(table)
		sum := "0"
		if slices.Contains(cols, "total_purchase_amount") {
			sum = "sum(total_purchase_amount)"
		} else if slices.Contains(cols, "amount") {
			sum = "sum(amount)"
		}
		rows := p.rows(t, fmt.Sprintf("SELECT count(*), CAST(bit_xor(hash(%s)) AS VARCHAR), %s FROM %s", strings.Join(cols, ", "), sum, table))
		var files []struct{ Rows int64 }
		p.ask(t, &files, "table", "files", table)
		var live int64
		for _, f := range files {
			live += f.Rows
		}
		out[table] = fmt.Sprintf("%s %d files of %d rows", rows[0], len(files), live)
	}
	return out
}

// TestDocumentsNamesAreTheProjects finds every job, crawler and output folder
// the document names in the project, by the name map alone.
func TestDocumentsNamesAreTheProjects(t *testing.T) {
	d, names := open(t, "002.txt"), nameMap(t)
	p := workshop(t, d, nil, 100)
	known := map[string]bool{}
	for _, what := range []string{"job", "crawler"} {
		var list []struct {
			Name    string
			Targets []string
		}
		p.ask(t, &list, what, "list")
		for _, x := range list {
			known[x.Name] = true
			for _, at := range x.Targets {
				known[at] = true
			}
		}
	}
	known["s3://retail-lake/data/dimension/{table_name}/"] = true // one for each table of the dimension job
	found := map[string]bool{}
	for _, old := range regexp.MustCompile(`(\{[a-z_,]+\}_|blee_)?\b(jb|cr)_de_[a-z0-9_]+|s3://blee-lab/glue/data/[\w/{}]+`).FindAllString(d.text, -1) {
		name := names.Replace(old)
		if found[name] = true; !known[name] {
			t.Errorf("%s, here %s, is nothing of the project's", old, name)
		}
	}
	for _, name := range slices.Concat(jobs, crawlers) {
		if !found[name] {
			t.Errorf("the document has no %s: the name map is wrong", name)
		}
	}
}
