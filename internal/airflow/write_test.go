package airflow

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the expected DAGs in testdata")

const storeMachine = "../../examples/convenience-store/workflows/hist_retail_dailybatch.asl.json"

func nightly(t *testing.T) *Schedule {
	t.Helper()
	seoul, err := time.LoadLocation("Asia/Seoul")
	if err != nil {
		t.Fatal(err)
	}
	return &Schedule{Name: "nightly", Expression: "cron(0 2 * * ? *)", Zone: seoul, Start: time.Date(2015, 1, 2, 0, 0, 0, 0, seoul), CatchUp: "all",
		Input: json.RawMessage(`{"EXTRACT_DATE": "{{ date -1d }}"}`)}
}

func TestDAGsAreAsExpected(t *testing.T) {
	for name, c := range map[string]struct {
		file string
		o    Options
	}{
		"store_mulgil":       {storeMachine, Options{Name: "hist_retail_dailybatch", Operators: Mulgil, Schedule: nightly(t)}},
		"store_aws":          {storeMachine, Options{Name: "hist_retail_dailybatch", Operators: AWS, Schedule: nightly(t)}},
		"every_state_mulgil": {"testdata/every_state.asl.json", Options{Name: "every_state", Operators: Mulgil, Target: "prod"}},
		"every_state_aws":    {"testdata/every_state.asl.json", Options{Name: "every_state", Operators: AWS}},
	} {
		t.Run(name, func(t *testing.T) {
			src, err := os.ReadFile(c.file)
			if err != nil {
				t.Fatal(err)
			}
			c.o.File, c.o.Project = "workflows/"+filepath.Base(c.file), "/srv/mulgil/store"
			dag, err := Write(src, c.o)
			if err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", name+".py")
			if *update {
				if err := os.WriteFile(golden, []byte(dag.Text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), dag.Text); d != "" {
				t.Errorf("-update rewrites %s (-want +got):\n%s", golden, d)
			}
		})
	}
}

func TestDAGsArePython(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("python3 is needed")
	}
	files, err := filepath.Glob("testdata/*.py")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	const check = "import sys\nfor f in sys.argv[1:]: compile(open(f, encoding='utf-8').read(), f, 'exec')"
	if out, err := exec.Command("python3", append([]string{"-c", check}, files...)...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, strings.TrimSpace(string(out)))
	}
}
