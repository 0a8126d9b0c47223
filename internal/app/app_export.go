package app

import (
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/airflow"
	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/project"
)

// AirflowExport asks for a workflow as an Airflow DAG.
type AirflowExport struct {
	// Workflow may be empty if the project has only one.
	Workflow string
	// Operators is mulgil or aws.
	Operators string
	// Schedule may be empty if one schedule at most starts the workflow.
	Schedule string
}

// ExportAirflow writes a project's workflow as an Airflow DAG. The project is
// checked first; nothing is opened or run. A schedule that catches up and has no
// start begins on the day of now.
func ExportAirflow(root, target string, now time.Time, req AirflowExport) (*airflow.DAG, error) {
	if req.Operators != airflow.Mulgil && req.Operators != airflow.AWS {
		return nil, base.Errorf(base.Usage, "no operators %q", req.Operators).WithHint("there are mulgil and aws")
	}
	p, err := Validate(root, target)
	if err != nil {
		return nil, err
	}
	w, err := onlyWorkflow(p, req.Workflow)
	if err != nil {
		return nil, err
	}
	s, err := dagSchedule(p, w.Name, req.Schedule)
	if err != nil {
		return nil, err
	}
	return airflow.Write([]byte(w.Text), airflow.Options{Name: w.Name, File: w.File, Operators: req.Operators, Project: p.Root, Target: target, Schedule: s, Now: now})
}

// dagSchedule is the schedule called name, or the only one that starts the
// workflow; nil if there is none.
func dagSchedule(p *project.Project, workflow, name string) (*airflow.Schedule, error) {
	var found *project.Schedule
	var names []string
	for _, s := range p.Schedules {
		if s.Kind == "workflow" && s.Target == workflow && (name == "" || s.Name == name) {
			found, names = s, append(names, s.Name)
		}
	}
	switch {
	case len(names) > 1:
		return nil, base.Errorf(base.Usage, "workflow %s has %d schedules, a DAG has one", workflow, len(names)).
			WithHint("choose with --schedule: %s", strings.Join(names, ", "))
	case found == nil && name != "":
		return nil, base.Errorf(base.NotFound, "no schedule %q starts workflow %s", name, workflow).WithHint("mulgil schedule list shows them")
	case found == nil:
		return nil, nil
	}
	return &airflow.Schedule{Name: found.Name, Expression: found.Expression.Text, Zone: found.Zone, Start: found.Start, End: found.End,
		CatchUp: found.CatchUp, Paused: !found.Enabled, Input: found.InputText}, nil
}

// onlyWorkflow is the one called name, or the project's only one.
func onlyWorkflow(p *project.Project, name string) (*project.Workflow, error) {
	if name != "" {
		return p.Workflow(name)
	}
	switch len(p.Workflows) {
	case 0:
		return nil, base.Errorf(base.NotFound, "the project has no workflow")
	case 1:
		return p.Workflows[0], nil
	}
	return nil, base.Errorf(base.Usage, "the project has %d workflows", len(p.Workflows)).WithHint("name one of them; mulgil workflow list shows them")
}
