package asl

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
)

// TestMistakesAreReportedAtTheirPlace poses testdata/*.asl.json and compares
// everything said about each with the .txt beside it. UPDATE=1 rewrites those.
func TestMistakesAreReportedAtTheirPlace(t *testing.T) {
	files, err := filepath.Glob("testdata/*.asl.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".asl.json"), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			m, err := ParseAs(filepath.Base(file), src, Options{CheckQuery: balanced})
			got := "valid\n"
			if err != nil {
				got = base.Render(err) + "\n\n"
				for _, d := range Diagnostics(err) {
					got += d.Error() + "\n"
				}
			} else {
				for _, w := range m.Warnings() {
					got += "warning: " + base.Render(w) + "\n"
				}
			}
			golden := strings.TrimSuffix(file, ".asl.json") + ".txt"
			if os.Getenv("UPDATE") != "" {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// balanced refuses an expression that ends in an operator.
func balanced(expr string) error {
	if strings.HasSuffix(expr, "+") {
		return errors.New("unexpected end of expression")
	}
	return nil
}

func TestTasksListsLiteralParametersWithPlaces(t *testing.T) {
	m, err := Parse("w.asl.json", []byte(`{"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [{"StartAt": "A", "States": {
  "A": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync", "Parameters": {"JobName": "적재", "Arguments": {"--d.$": "$.d"}}, "End": true}}}]}}}`))
	if err != nil {
		t.Fatal(err)
	}
	tasks := m.Tasks()
	if len(tasks) != 1 || tasks[0].Path != "/States/P/Branches[0]/States/A" || tasks[0].Params["JobName"] != "적재" || len(tasks[0].Params) != 1 {
		t.Fatalf("%+v", tasks)
	}
	if got := tasks[0].ParamPlaces["JobName"].String(); got != "w.asl.json:2:105" {
		t.Errorf("JobName stands at %s", got)
	}
}

func TestKeyOrderDoesNotMatterAndNumbersStay(t *testing.T) {
	m, err := Parse("w", []byte(`{"States": {"A": {"End": true, "Result": {"b": 1.50, "a": 12345678901234567890}, "Type": "Pass"}}, "StartAt": "A"}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(Encode(*m.States["A"].Result)); got != `{"a":12345678901234567890,"b":1.50}` {
		t.Errorf("result %s", got)
	}
}

func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.asl.json")
	for _, file := range files {
		if src, err := os.ReadFile(file); err == nil {
			f.Add(src)
		}
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		m, err := Parse("f", src)
		if (m == nil) == (err == nil) {
			t.Fatalf("machine %v, error %v", m, err)
		}
		if err != nil {
			_ = base.Render(err)
			return
		}
		m.Tasks()
	})
}

func TestValidateListsMistakesOrElseWarnings(t *testing.T) {
	say := func(definition string, warnings bool) (out []string) {
		for _, d := range Validate([]byte(definition), Options{}, warnings) {
			out = append(out, d.Severity+" "+d.Error())
		}
		return out
	}
	doubtful := `{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": {"x.$": "$.y"}, "End": true}}}`
	if got := say(doubtful, false); len(got) != 0 {
		t.Errorf("without warnings: %v", got)
	}
	if got := say(doubtful, true); len(got) != 1 || !strings.HasPrefix(got[0], "WARNING PASS_RESULT_IS_STATIC: ") {
		t.Errorf("with warnings: %v", got)
	}
	late := `{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "TimeoutSeconds": 5, "HeartbeatSeconds": 5, "Next": "B"}}}`
	want := []string{
		`ERROR SCHEMA_VALIDATION_FAILED: state "A": HeartbeatSeconds must be smaller than TimeoutSeconds at /States/A/HeartbeatSeconds`,
		`ERROR MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /States/A/Next`,
	}
	if got := say(late, true); len(got) != 3 || got[0] != want[0] && got[1] != want[0] || !strings.Contains(strings.Join(got, "\n"), want[1]) {
		t.Errorf("got %v", got)
	}
}
