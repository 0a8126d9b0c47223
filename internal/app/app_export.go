package app

import (
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
}

// ExportAirflow writes a project's workflow as an Airflow DAG. The project is
// checked first; nothing is opened or run.
func ExportAirflow(root, target string, req AirflowExport) (*airflow.DAG, error) {
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
	return airflow.Write([]byte(w.Text), airflow.Options{Name: w.Name, File: w.File, Operators: req.Operators, Project: p.Root, Target: target})
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
