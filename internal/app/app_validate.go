package app

import (
	"errors"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/asl"
	"github.com/mulgil/mulgil/internal/project"
)

// Validate reads every file of a project, workflows' definitions included, and
// reports all mistakes at once.
func Validate(root, target string) (*project.Project, error) {
	p, err := project.Load(root, project.Options{Target: target})
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, r := range TaskResources() {
		known[r] = true
	}
	var mistakes base.Errors
	for _, w := range p.Workflows {
		m, err := asl.Parse(w.File, []byte(w.Text))
		if err != nil {
			var list base.Errors
			if !errors.As(err, &list) {
				return nil, err
			}
			mistakes = append(mistakes, list...)
			continue
		}
		for _, t := range m.Tasks() {
			if !known[t.Resource] {
				mistakes = append(mistakes, base.Errorf(base.Invalid, "state %q: the resource %q is not supported", t.State, t.Resource).At(t.Place).
					WithHint("supported: %s", supported()))
			}
		}
		mistakes = append(mistakes, checkTasks(p, m)...)
		p.Warnings = append(p.Warnings, m.Warnings()...)
	}
	p.Warnings = append(p.Warnings, smallFiles(p)...)
	if err := mistakes.Err(); err != nil {
		return nil, err
	}
	return p, nil
}
