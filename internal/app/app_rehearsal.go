package app

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/project"
	"github.com/mulgil/mulgil/internal/workflow/rehearsal"
)

const caseSchema = "workflow-test.schema.json"

// WorkflowTestRequest asks for cases of state machines to be run. It needs no
// open project: nothing but the files named is read, and nothing is written.
type WorkflowTestRequest struct {
	// Dir is where names of files start; they are shown as given.
	Dir string
	// Files are files of cases.
	Files []string
	// Run, if set, picks cases: "workflow/case" must match it.
	Run *regexp.Regexp
	// Mock, if set, is run in place of Files.
	Mock *MockedCases
}

// MockedCases are cases of a mock configuration of Step Functions Local.
type MockedCases struct {
	// Config is its file, Machine a name in its StateMachines, Definition the
	// file of that machine.
	Config, Machine, Definition string
	// Cases are names; empty means all.
	Cases []string
	// Input is JSON for each, Expect what must come of each; both may be empty.
	Input  json.RawMessage
	Expect *rehearsal.Expect
}

// WorkflowTestReport is what came of the cases, in their order.
type WorkflowTestReport struct {
	Cases  []rehearsal.Result `json:"cases"`
	Passed int                `json:"passed"`
	Failed int                `json:"failed"`
	// Coverage is of the machines that cases were run on.
	Coverage []rehearsal.Covered `json:"coverage,omitempty"`
}

// WorkflowTest runs cases. Mistakes in files are base.Errors, and then nothing
// was run.
func WorkflowTest(ctx context.Context, req WorkflowTestRequest) (WorkflowTestReport, error) {
	out := WorkflowTestReport{Cases: []rehearsal.Result{}}
	stage := newStage()
	suites, err := stage.suites(req)
	if err != nil {
		return out, err
	}
	cover := &rehearsal.Coverage{}
	for _, x := range suites {
		for i := range x.Cases {
			if req.Run != nil && !req.Run.MatchString(x.Called+"/"+x.Cases[i].Name) {
				continue
			}
			r, err := stage.Run(ctx, x, i, cover)
			if err != nil {
				return out, err
			}
			if out.Cases = append(out.Cases, r); r.Passed {
				out.Passed++
			} else {
				out.Failed++
			}
		}
	}
	if len(out.Cases) == 0 {
		return out, base.Errorf(base.NotFound, "no case matches %q", req.Run).WithHint("--run takes a regular expression for WORKFLOW/CASE")
	}
	out.Coverage = cover.Machines()
	return out, nil
}

// WorkflowTestFiles lists a project's files of cases, by their names from root.
func WorkflowTestFiles(root string) ([]string, error) {
	return fs.Glob(os.DirFS(root), "workflows/*"+project.CaseSuffix)
}

// stage is a stage whose JSONata goes by its clock and chance.
type stage struct{ rehearsal.Stage }

func newStage() *stage {
	s := &stage{rehearsal.Stage{Clock: base.NewFakeClock(time.Time{}), Chance: rehearsal.NewChance()}}
	s.Query = newJSONata(s.Clock.Now, s.Chance)
	return s
}

// suites reads what is to be run; all mistakes are told at once.
func (s *stage) suites(req WorkflowTestRequest) ([]*rehearsal.Suite, error) {
	if req.Mock != nil {
		x, err := s.mocked(req.Dir, req.Mock)
		return []*rehearsal.Suite{x}, err
	}
	var out []*rehearsal.Suite
	var errs base.Errors
	for _, file := range req.Files {
		x, err := s.read(req.Dir, file)
		var list base.Errors
		var one *base.Error
		switch {
		case errors.As(err, &list):
			errs = append(errs, list...)
		case errors.As(err, &one):
			errs = append(errs, one)
		case err != nil:
			return nil, err
		}
		out = append(out, x)
	}
	return out, errs.Err()
}

func (s *stage) read(dir, file string) (*rehearsal.Suite, error) {
	if filepath.IsAbs(file) {
		dir = ""
	}
	doc, err := project.ReadDocument(dir, file, caseSchema)
	if err != nil {
		return nil, err
	}
	return s.Read(file, doc.JSON, doc.At, opener(dir, path.Dir(file)))
}

// opener opens files that stand in dir/sub, or are named from there.
func opener(dir, sub string) rehearsal.Opener {
	return func(name string) (string, []byte, error) {
		shown := name
		full := name
		if !filepath.IsAbs(name) {
			shown = path.Join(sub, name)
			full = filepath.Join(dir, filepath.FromSlash(shown))
		}
		text, err := os.ReadFile(full)
		if errors.Is(err, fs.ErrNotExist) {
			return shown, nil, base.Errorf(base.NotFound, "no file %s", shown)
		}
		return shown, text, err
	}
}

// mocked makes a suite of the cases of a mock configuration.
func (s *stage) mocked(dir string, m *MockedCases) (*rehearsal.Suite, error) {
	open := opener(dir, "")
	shown, text, err := open(m.Config)
	if err != nil {
		return nil, err
	}
	config, err := rehearsal.ParseMockConfig(shown, text)
	if err != nil {
		return nil, err
	}
	machine, names := m.Machine, m.Cases
	if machine == "" {
		if all := config.Machines(); len(all) == 1 {
			machine = all[0]
		}
	}
	if machine == "" {
		return nil, base.Errorf(base.Usage, "%s has several state machines: %s", m.Config, strings.Join(config.Machines(), ", ")).WithHint("name one: --case MACHINE#CASE")
	}
	known, err := config.Cases(machine)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		names = known
	}
	f := rehearsal.File{Workflow: m.Definition, Type: "STANDARD"}
	if f.Workflow == "" {
		f.Workflow = "workflows/" + machine + ".asl.json"
	}
	for _, name := range names {
		f.Cases = append(f.Cases, rehearsal.Case{Name: name, Input: m.Input, Expect: m.Expect, MockConfig: &rehearsal.MockConfigRef{File: m.Config, Machine: machine, Case: name}})
	}
	return s.Suite(shown, f, func(...string) *base.Place { return &base.Place{File: shown} }, open)
}

// checkCases reads a project's files of cases; mistakes in them are added to the list.
func checkCases(root string) (base.Errors, error) {
	files, err := WorkflowTestFiles(root)
	if err != nil || len(files) == 0 {
		return nil, err
	}
	_, err = newStage().suites(WorkflowTestRequest{Dir: root, Files: files})
	var list base.Errors
	if errors.As(err, &list) {
		return list, nil
	}
	return nil, err
}
