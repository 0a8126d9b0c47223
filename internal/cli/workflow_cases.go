package cli

import (
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/project"
	"github.com/mulgil/mulgil/internal/workflow/rehearsal"
)

// caseFlags are the flags of workflow test.
type caseFlags struct {
	run, mockConfig, input, expect string
	cases                          []string
	coverage                       bool
}

func (c *cli) workflowTestCmd() *cobra.Command {
	var f caseFlags
	cmd := &cobra.Command{
		Use:   "test [FILE...]",
		Short: "Test state machines with made-up answers, on a turned clock",
		Long: `Run the cases of files, or of every workflows/*.test.yaml of the project, and
compare what comes with what they expect. Nothing is done for real: each case
says what its tasks answer. Waits, retries and time limits pass at once. The
project is neither opened nor changed. "mulgil schemas workflow-test" describes
the files.

With --mock-config the answers come from a mock configuration file of AWS Step
Functions Local, and FILE is the definition (default: workflows/ has it under
the machine's name); without --expect a case passes if its execution succeeds.`,
		Example: `  mulgil workflow test
  mulgil workflow test workflows/retail.test.yaml --run silver --coverage
  mulgil workflow test --mock-config MockConfigFile.json --case Retail#HappyPath
  mulgil workflow test --mock-config mocks.json --case Sad --expect @sad.json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			req, err := c.testRequest(cmd, f, args)
			if err != nil {
				return err
			}
			report, err := c.env.TestWorkflows(cmd.Context(), req)
			if err != nil {
				return err
			}
			if !f.coverage {
				report.Coverage = nil
			}
			if err := c.show(report, func(w io.Writer) error { return printReport(w, report) }); err != nil {
				return err
			}
			if report.Failed > 0 {
				return exitCode(exitFailed)
			}
			return nil
		},
	}
	x := cmd.Flags()
	x.StringVar(&f.run, "run", "", "regular `PATTERN`: only cases whose WORKFLOW/NAME matches")
	x.BoolVar(&f.coverage, "coverage", false, "tell which states and ways of Choices no case reached")
	x.StringVar(&f.mockConfig, "mock-config", "", "mock configuration `FILE` of AWS Step Functions Local")
	x.StringArrayVar(&f.cases, "case", nil, "`NAME` of a test case in it, or MACHINE#NAME; may be given several times; default all")
	x.StringVar(&f.input, "input", "", "input of these cases: `JSON`, @FILE or - for standard input")
	x.StringVar(&f.expect, "expect", "", "what must come of them, `JSON` or @FILE with the keys of expect: in a file of cases")
	return cmd
}

func (c *cli) testRequest(cmd *cobra.Command, f caseFlags, args []string) (app.WorkflowTestRequest, error) {
	req := app.WorkflowTestRequest{Dir: c.env.Dir, Files: args}
	var err error
	if f.run != "" {
		if req.Run, err = regexp.Compile(f.run); err != nil {
			return req, usage(cmd, "--run is not a regular expression: %w", err)
		}
	}
	if f.mockConfig != "" {
		req.Mock, err = c.mockedCases(cmd, f, args)
		if req.Mock != nil && req.Mock.Definition == "" {
			err = c.inProject(&req)
		}
		return req, err
	}
	for _, flag := range []string{"case", "input", "expect"} {
		if cmd.Flags().Changed(flag) {
			return req, usage(cmd, "--%s needs --mock-config", flag)
		}
	}
	if len(args) > 0 {
		return req, nil
	}
	if err := c.inProject(&req); err != nil {
		return req, err
	}
	req.Files, err = app.WorkflowTestFiles(req.Dir)
	if err == nil && len(req.Files) == 0 {
		err = base.Errorf(base.NotFound, "no workflows/*%s in %s", project.CaseSuffix, req.Dir).WithHint("mulgil schemas workflow-test describes such files")
	}
	return req, err
}

// inProject makes names start at the project.
func (c *cli) inProject(req *app.WorkflowTestRequest) error {
	opt, err := c.open()
	if err != nil {
		return err
	}
	if req.Mock != nil {
		if rel, err := filepath.Rel(opt.Root, c.abs(req.Mock.Config)); err == nil && filepath.IsLocal(rel) {
			req.Mock.Config = filepath.ToSlash(rel)
		} else {
			req.Mock.Config = c.abs(req.Mock.Config)
		}
	}
	req.Dir = opt.Root
	return nil
}

func (c *cli) mockedCases(cmd *cobra.Command, f caseFlags, args []string) (*app.MockedCases, error) {
	m := &app.MockedCases{Config: f.mockConfig}
	if len(args) > 1 {
		return nil, usage(cmd, "--mock-config takes one definition, not %d", len(args))
	}
	if len(args) == 1 {
		m.Definition = args[0]
	}
	for _, name := range f.cases {
		if machine, rest, ok := strings.Cut(name, "#"); ok {
			if m.Machine != "" && m.Machine != machine {
				return nil, usage(cmd, "--case names two machines, %q and %q", m.Machine, machine)
			}
			m.Machine, name = machine, rest
		}
		m.Cases = append(m.Cases, name)
	}
	var err error
	if m.Input, err = c.readJSON(cmd, "input", f.input); err != nil {
		return nil, err
	}
	expect, err := c.readJSON(cmd, "expect", f.expect)
	if err != nil || expect == nil {
		return m, err
	}
	if err := strictJSON(expect, &m.Expect); err != nil {
		return nil, usage(cmd, "--expect: %w", err)
	}
	return m, nil
}

func printReport(w io.Writer, r app.WorkflowTestReport) error {
	var b strings.Builder
	file := ""
	for _, x := range r.Cases {
		if x.File != file {
			file = x.File
			fmt.Fprintln(&b, printable(file))
		}
		verdict := "ok  "
		if !x.Passed {
			verdict = "FAIL"
		}
		fmt.Fprintf(&b, "  %s  %s (%s, %s)\n", verdict, printable(x.Case), plural(int64(len(x.Path)), "state"), turned(x.Seconds))
		for _, d := range x.Differences {
			fmt.Fprintln(&b, "        "+strings.ReplaceAll(block(d.String()), "\n", "\n        "))
		}
		if x.Judged || x.Status == "" {
			continue
		}
		for _, l := range outcomeLines(x) {
			fmt.Fprintln(&b, "        "+printable(l))
		}
	}
	for _, x := range r.Coverage {
		fmt.Fprintf(&b, "coverage of %s: %d of %s, %d of %s of Choices\n", printable(x.Definition),
			x.States, plural(int64(x.AllStates), "state"), x.Ways, plural(int64(x.AllWays), "way"))
		for _, s := range x.NeverEntered {
			fmt.Fprintf(&b, "  never entered: %s\n", printable(fmt.Sprintf("%q", s)))
		}
		for _, way := range x.NeverTaken {
			fmt.Fprintf(&b, "  never taken: %s\n", printable(way.String()))
		}
	}
	fmt.Fprintf(&b, "%s: %d passed, %d failed\n", plural(int64(len(r.Cases)), "case"), r.Passed, r.Failed)
	_, err := io.WriteString(w, b.String())
	return err
}

// outcomeLines tell what came of a case of which nothing was expected.
func outcomeLines(x rehearsal.Result) []string {
	out := []string{"path: " + strings.Join(x.Path, ", ")}
	if x.Output != nil {
		return append(out, "output: "+string(x.Output))
	}
	out = append(out, "status: "+x.Status)
	for name, p := range map[string]*string{"error": x.Error, "cause": x.Cause} {
		if p != nil {
			out = append(out, name+": "+*p)
		}
	}
	slices.Sort(out[2:])
	return out
}

// turned is a time span on the turned clock.
func turned(seconds float64) string {
	return time.Duration(seconds * float64(time.Second)).Round(time.Millisecond).String()
}

// block is printable text that may have several lines.
func block(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = printable(l)
	}
	return strings.Join(lines, "\n")
}
