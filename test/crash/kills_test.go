package crash

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestRandomKills kills the owner at random moments of everything that writes,
// MULGIL_KILLS times (60 by default), and checks every promise after each.
func TestRandomKills(t *testing.T) {
	kills := number(t, "MULGIL_KILLS", 60)
	k := newKiller(t)
	k.warmUp()
	start := time.Now()
	for round := 0; k.kills < kills; round++ {
		k.round(round)
	}
	t.Logf("%d kills in %.0f s: %s", k.kills, time.Since(start).Seconds(), k.tally())

}

// number reads a number of kills from the environment.
func number(t *testing.T, name string, usual int) int {
	t.Helper()
	s := os.Getenv(name)
	if s == "" {
		return usual
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		t.Fatalf("%s=%s is not a number of kills", name, s)
	}
	return n
}

// work is one kind of thing to kill.
type work struct {
	name   string
	args   []string
	tables []string // what it writes, in the order it may appear
	usual  time.Duration
}

// killer runs rounds of change, kill, check and completion.
type killer struct {
	t     *testing.T
	p     *project
	m     *model
	files *walker
	rand  *rand.Rand
	works map[string]*work
	now   state // what the lake holds
	days  span  // the months the bronze table was last changed in
	gen   int
	kills int
	// seen are the runs that succeeded so far.
	seen map[string]run
	// Kills by kind of work, and how many left all, some or none of the write.
	count map[string]int
}

func newKiller(t *testing.T) *killer {
	p := newProject(t, 30000)
	k := &killer{t: t, p: p, rand: rand.New(rand.NewPCG(20140101, 7)), count: map[string]int{}, seen: map[string]run{}}
	k.m = newModel(t, filepath.Join(p.dir, "shop.db"))
	k.files = &walker{p: p, manifests: map[string][]string{}}
	k.works = map[string]*work{
		"fact":      {name: "fact", tables: []string{"purchase"}},
		"silver":    {name: "silver", tables: []string{"purchase_all_info"}},
		"dimension": {name: "dimension", args: []string{"job", "run", "T0_DIMENSION"}, tables: dimensions},
		"workflow": {name: "workflow", tables: append(append([]string{}, dimensions...),
			append([]string{"purchase", "purchase_all_info"}, marts...)...)},
	}
	return k
}

// warmUp runs the workflow and each job once, for a lake to start from and to
// learn how long they take.
func (k *killer) warmUp() {
	k.now = state{}
	for _, name := range []string{"workflow", "fact", "dimension", "silver"} {
		w := k.works[name]
		next := k.prepare(w)
		start := time.Now()
		k.p.must(w.args...)
		w.usual = time.Since(start)
		k.now = k.settled(next)
	}
	k.files.check()
}

// prepare changes the shop and returns the lake as w will leave it.
func (k *killer) prepare(w *work) state {
	k.gen++
	switch w.name {
	case "silver": // what the last extracts brought
		k.gen--
		w.args = []string{"job", "run", "SILVER", "--arg", "EXTRACT_FROM=" + k.days.from, "--arg", "EXTRACT_TO=" + k.days.to}
		return k.m.after(k.now, k.days, w.tables...)
	case "dimension":
		k.m.change(k.gen)
		k.m.extractDimensions()
		return k.m.after(k.now, whole, w.tables...)
	case "workflow":
		k.m.change(k.gen)
		k.m.extractDimensions()
		k.m.extract(whole)
		k.days = whole
		w.args = []string{"workflow", "run", "retail", "--name", fmt.Sprintf("실행-%d", k.gen)}
		return k.m.after(k.now, whole, w.tables...)
	}
	k.m.change(k.gen)
	first := k.rand.IntN(4)
	last := first + k.rand.IntN(4-first)
	k.days = span{time.Date(2014, time.Month(first+1), 1, 0, 0, 0, 0, time.UTC).Format("20060102"),
		time.Date(2014, time.Month(last+2), 0, 0, 0, 0, 0, time.UTC).Format("20060102")}
	k.m.extract(k.days)
	w.args = []string{"job", "run", "T0_FACT", "--arg", "EXTRACT_FROM=" + k.days.from, "--arg", "EXTRACT_TO=" + k.days.to}
	return k.m.after(k.now, k.days, w.tables...)
}

// schedule is the order of the rounds; "+" lets `up` own the project.
var schedule = []string{"fact", "silver", "workflow", "fact+", "dimension", "silver+", "fact", "dimension+", "workflow+", "fact", "silver"}

// round changes the shop, kills the work one to four times and completes it.
func (k *killer) round(i int) {
	name, beside := strings.CutSuffix(schedule[i%len(schedule)], "+")
	w := k.works[name]
	next := k.prepare(w)
	args := w.args
	for try := 0; try == 0 || try < 4 && k.rand.IntN(3) > 0; try++ {
		died := k.kill(w, args, beside)
		if k.rand.IntN(2) == 0 { // else the next owner comes while they may live
			k.p.noOrphans()
		}
		k.between(w, next)
		k.records()
		if !died {
			break
		}
		k.kills++
		if w.name == "workflow" && k.begun(w) {
			args = []string{"workflow", "resume", "--all"}
		}
	}
	if w.name == "workflow" {
		k.carryOn(w, beside)
	} else {
		k.finish(w.args, beside)
	}
	k.records()
	k.now = k.settled(next)
	k.files.check()
}

// kill runs w and kills its owner in the middle; false if w was faster.
func (k *killer) kill(w *work, args []string, beside bool) bool {
	k.t.Helper()
	aim := k.aim(w)
	var owner, client *process
	if beside {
		owner = k.p.up()
		client = k.p.start(args...)
	} else {
		owner = k.p.start(args...)
		client = owner
	}
	aim(client)
	owner.kill()
	if !client.ended(30 * time.Second) {
		k.t.Fatalf("mulgil %s does not notice that its owner is gone", client.args)
	}
	if !owner.killed() {
		if code := client.code(); code != 0 {
			k.t.Fatalf("mulgil %s: exit code %d\n%s", client.args, code, &client.errs)
		}
		return false
	}
	if beside && client.code() == 0 {
		return false // its answer was on its way
	}
	return true
}

// aim chooses the moment of a kill: any, or when something new appears among a
// table's metadata, for which the commit has to be under way.
func (k *killer) aim(w *work) func(*process) {
	if k.rand.IntN(5) < 3 {
		wait := time.Duration(k.rand.Float64() * float64(w.usual))
		return func(r *process) { r.ended(wait) }
	}
	name := w.tables[k.rand.IntN(len(w.tables))]
	dir := filepath.Dir(k.p.pointers()[name])
	had := entries(dir)
	wait := time.Duration(k.rand.ExpFloat64() * 40 * float64(time.Millisecond))
	return func(r *process) {
		for !r.ended(200 * time.Microsecond) {
			if entries(dir) != had {
				r.ended(wait)
				return
			}
		}
	}
}

// entries counts the files of a folder.
func entries(dir string) int {
	list, _ := os.ReadDir(dir)
	return len(list)
}

// between expects each table to be as before the write or as after it.
func (k *killer) between(w *work, next state) {
	k.t.Helper()
	got := k.p.read()
	k.p.noOrphans()
	isNew := map[string]bool{}
	for name, old := range k.now {
		c := got[name]
		if slices.Contains(w.tables, name) && c.like(next[name]) {
			isNew[name] = true
			continue
		}
		if !c.like(old) {
			k.t.Fatalf("kill %d (%s): %s is neither as before nor as after\nbefore: %s\nafter: %s", k.kills, w.name, name, c.differ(old), c.differ(next[name]))
		}
	}
	k.together(isNew)
	k.now = got // with fingerprints
	k.count[fmt.Sprintf("%s %d/%d", w.name, len(isNew), len(w.tables))]++
	k.files.check()
}

// together expects what is published together, or after something else.
func (k *killer) together(isNew map[string]bool) {
	k.t.Helper()
	n := 0
	for _, d := range dimensions {
		if isNew[d] {
			n++
		}
	}
	if n != 0 && n != len(dimensions) {
		k.t.Fatalf("kill %d: %d of the %d outputs of one job were published: %v", k.kills, n, len(dimensions), isNew)
	}
}

// settled reads the lake and expects exactly next.
func (k *killer) settled(next state) state {
	k.t.Helper()
	got := k.p.read()
	for name, want := range next {
		if !got[name].like(want) {
			k.t.Fatalf("%s after the work was completed: %s", name, got[name].differ(want))
		}
	}
	if len(got) != len(next) {
		k.t.Fatalf("%d tables, want %d", len(got), len(next))
	}
	return got
}

func (k *killer) tally() string {
	var out []string
	for what, n := range k.count {
		out = append(out, fmt.Sprintf("%s: %d", what, n))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}
