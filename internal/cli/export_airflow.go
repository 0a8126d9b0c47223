package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/base/wholefile"
)

// exported is the result of export airflow.
type exported struct {
	Workflow  string   `json:"workflow"`
	Operators string   `json:"operators"`
	File      string   `json:"file,omitempty"`
	Warnings  []string `json:"warnings"`
	Text      string   `json:"text,omitempty"`
}

func (c *cli) exportAirflowCmd() *cobra.Command {
	var req AirflowRequest
	var out string
	cmd := &cobra.Command{
		Use:   "airflow [WORKFLOW]",
		Short: "Write a workflow as an Apache Airflow DAG",
		Long: `Write a workflow as a DAG for Apache Airflow 2.10 or 3: each Task a task, Parallel
a task group, Choice and Catch branches, and the loop that waits for a crawler a
sensor. The fields of the input that the workflow reads become parameters. The
workflow's schedule in schedules.yaml, with zone, dates and catch-up, is the DAG's.

What Airflow does a little differently is a comment in the DAG and a warning here;
what it cannot do is an error that names the state. Tasks are mulgil commands, or
with --operators aws those of Airflow's Amazon provider.`,
		Example: `  mulgil export airflow
  mulgil export airflow retail --operators aws --out ~/airflow/dags/`,
		Args:              atMost(1),
		ValidArgsFunction: c.complete("workflow"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if req.Open, err = c.open(); err != nil {
				return err
			}
			if len(args) == 1 {
				req.Workflow = args[0]
			}
			dag, err := c.env.ExportAirflow(cmd.Context(), req)
			if err != nil {
				return err
			}
			if !c.json {
				for _, w := range dag.Warnings {
					fmt.Fprintln(c.env.Stderr, "warning: "+w)
				}
			}
			res := exported{Workflow: dag.Workflow, Operators: req.Operators, Warnings: dag.Warnings, Text: dag.Text}
			if out == "" {
				return c.show(res, func(w io.Writer) error {
					_, err := io.WriteString(w, dag.Text)
					return err
				})
			}
			res.File, res.Text = c.abs(out), ""
			if info, err := os.Stat(res.File); err == nil && info.IsDir() {
				res.File = filepath.Join(res.File, dag.Workflow+".py")
			}
			file, err := wholefile.Create(res.File)
			if err != nil {
				return err
			}
			_, err = io.WriteString(file, dag.Text)
			if _, err := file.End(err); err != nil {
				return err
			}
			return c.show(res, func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "wrote %s\n", res.File)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&req.Operators, "operators", "mulgil", "`KIND` of tasks: mulgil or aws")
	cmd.Flags().StringVar(&req.Schedule, "schedule", "", "`NAME` of the schedule, if several start the workflow")
	cmd.Flags().StringVar(&out, "out", "", "`FILE` or folder to write to, instead of standard output")
	return cmd
}
