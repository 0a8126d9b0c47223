package worker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/ducksql"
)

// tests runs the column tests over the new rows, each timed as part of one
// stage, and reports every outcome; the owner decides what a failure means.
func (c *child) tests(ctx context.Context, checks []Check) error {
	if len(checks) == 0 {
		return nil
	}
	start := time.Now()
	for _, k := range checks {
		out := Checked{Name: k.Name, Output: k.Output, Severity: k.Severity}
		sql := k.SQL
		if sql == "" {
			sql = "SELECT count(*) FROM memory.main." + ducksql.Ident(k.Output)
		}
		v, err := c.one(ctx, sql)
		if err != nil {
			return fmt.Errorf("test %s of %s: %w", k.Name, k.Output, unplaced(err))
		}
		out.Failures = number(v[0])
		if k.SQL == "" {
			n := out.Failures
			out.Failures, out.Detail = 0, fmt.Sprintf("%d rows%s", n, limits(k))
			if k.Min != nil && n < *k.Min || k.Max != nil && n > *k.Max {
				out.Failures = 1
			}
		} else if len(v) > 1 && v[1] != nil {
			out.Detail = fmt.Sprint(v[1])
		}
		c.send(Message{Checked: &out})
	}
	c.stage("tests", start)
	return nil
}

// limits words the bounds of a row count.
func limits(k Check) string {
	text := ""
	if k.Min != nil {
		text += fmt.Sprintf(", at least %d wanted", *k.Min)
	}
	if k.Max != nil {
		text += fmt.Sprintf(", at most %d wanted", *k.Max)
	}
	return text
}

// unplaced takes the place off an error in SQL the user did not write.
func unplaced(err error) error {
	var e *base.Error
	if errors.As(err, &e) {
		e.Place = nil
	}
	return err
}

// joinChecks asks of each join whether it multiplied rows.
func (c *child) joinChecks(ctx context.Context, joins []JoinCheck, done []finished) error {
	for _, j := range joins {
		out := Joined{Output: j.Output, Label: j.Label, Factor: 1, Why: j.Why}
		if j.Why == "" {
			if err := c.joinCheck(ctx, j, c.outputFields(j.Output, done), &out); err != nil {
				return fmt.Errorf("check join with %s: %w", j.Label, err)
			}
		}
		c.send(Message{Joined: &out})
	}
	return nil
}

func (c *child) outputFields(name string, done []finished) []base.Field {
	for i, o := range c.task.Write.Outputs {
		if o.Name == name {
			return done[i].fields
		}
	}
	return nil
}

func (c *child) joinCheck(ctx context.Context, j JoinCheck, output []base.Field, out *Joined) error {
	right, err := c.printTree(ctx, j.Right)
	if err != nil {
		return err
	}
	if dup, err := c.duplicated(ctx, right, j.Keys); err != nil || !dup {
		return err
	}
	left, err := c.printTree(ctx, j.Left)
	if err != nil {
		return err
	}
	if j.Type == "INNER" {
		if dup, err := c.duplicated(ctx, left, j.Keys); err != nil || !dup {
			return err
		}
	}
	measures, err := c.measures(ctx, left, j, output)
	if err != nil {
		return err
	}
	return c.factor(ctx, left, right, j, measures, out)
}

func keyList(prefix string, n int, sep, format string) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = fmt.Sprintf(format, fmt.Sprintf("%sk%d", prefix, i), fmt.Sprintf("k%d", i))
	}
	return strings.Join(parts, sep)
}

func (c *child) duplicated(ctx context.Context, sql string, keys int) (bool, error) {
	v, err := c.one(ctx, "SELECT EXISTS (SELECT 1 FROM ("+sql+") WHERE "+keyList("", keys, " AND ", "%[1]s IS NOT NULL")+
		" GROUP BY "+keyList("", keys, ", ", "%[1]s")+" HAVING count(*) > 1)", bind(c.args, sql)...)
	if err != nil {
		return false, err
	}
	b, _ := v[0].(bool)
	return b, nil
}

func (c *child) measures(ctx context.Context, left string, j JoinCheck, output []base.Field) ([]string, error) {
	cols, err := c.s.Columns(ctx, left, bind(c.args, left)...)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, col := range cols[j.Keys:] {
		name := j.shown(col.Name)
		if j.Measures != nil {
			if slices.ContainsFunc(j.Measures, func(m string) bool { return strings.EqualFold(m, name) }) {
				out = append(out, col.Name)
			}
			continue
		}
		if col.Type != "DOUBLE" && col.Type != "FLOAT" && !strings.HasPrefix(col.Type, "DECIMAL") {
			continue
		}
		for _, f := range output {
			if strings.EqualFold(f.Name, name) {
				out = append(out, col.Name)
			}
		}
	}
	return out, nil
}

func (j JoinCheck) shown(column string) string {
	if n, ok := j.Shown[column]; ok {
		return n
	}
	return column
}

func (c *child) factor(ctx context.Context, left, right string, j JoinCheck, measures []string, out *Joined) error {
	times, before := "coalesce(r.m, 1)", "count(*)"
	if j.Type == "INNER" {
		times, before = "coalesce(r.m, 0)", "count(r.m)"
	}
	list := before + ", sum(" + times + ")"
	for _, m := range measures {
		list += fmt.Sprintf(", sum(l.%s * (%s - 1))", ducksql.Ident(m), "coalesce(r.m, 1)")
	}
	v, err := c.one(ctx, "SELECT "+list+" FROM ("+left+") AS l LEFT JOIN (SELECT "+keyList("", j.Keys, ", ", "%[1]s")+", count(*) AS m FROM ("+right+
		") GROUP BY ALL) AS r ON "+keyList("l.", j.Keys, " AND ", "%[1]s = r.%[2]s"), bind(c.args, left+" "+right)...)
	if err != nil {
		return err
	}
	rows, after := number(v[0]), number(v[1])
	if rows == 0 || after == rows {
		return nil
	}
	out.Factor = float64(after) / float64(rows)
	out.Overstated = map[string]string{}
	for i, m := range measures {
		out.Overstated[j.shown(m)] = fmt.Sprint(jsonValue(v[2+i], ""))
	}
	return nil
}
