package app

import (
	"errors"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/asl"
	"github.com/mulgil/mulgil/internal/project"
	"github.com/mulgil/mulgil/internal/workflow"
)

// Validate reads every file of a project, workflows' definitions included, and
// reports all mistakes at once.
func Validate(root, target string) (*project.Project, error) {
	p, err := project.Load(root, project.Options{Target: target})
	if err != nil {
		return nil, err
	}
	known, query := TaskResources(), newJSONata(nil, nil)
	var mistakes base.Errors
	for _, w := range p.Workflows {
		m, err := asl.ParseAs(w.File, []byte(w.Text), asl.Options{Express: w.Express, CheckQuery: query.syntax})
		if err != nil {
			var list base.Errors
			if !errors.As(err, &list) {
				return nil, err
			}
			mistakes = append(mistakes, list...)
			continue
		}
		if err := workflow.CheckResources(m, known); err != nil {
			var list base.Errors
			errors.As(err, &list)
			mistakes = append(mistakes, list...)
		}
		mistakes = append(mistakes, checkTasks(p, m)...)
		p.Warnings = append(p.Warnings, m.Warnings()...)
	}
	p.Warnings = append(p.Warnings, smallFiles(p)...)
	if len(mistakes) == 0 { // cases are judged by definitions that are right
		if mistakes, err = checkCases(root); err != nil {
			return nil, err
		}
	}
	if err := mistakes.Err(); err != nil {
		return nil, err
	}
	return p, nil
}
