package worker

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/ducksql"
)

// Change says that an output's SELECT gives rows of a table as they are to be,
// after three columns: the file and the place of the row that is changed, NULL
// for a new one, and what is done: 1 updates, 2 deletes, 3 inserts. The files
// that hold changed rows are written again with what they keep.
type Change struct {
	// Files are the table's that the SELECT reads; Hidden are columns that
	// their deletes compare.
	Files  []ducksql.DataFile
	Hidden []base.Field
	// Once refuses a row that is changed twice, with Code.
	Once bool
	Code string
}

// changeDelete is a Change's number for a row that goes.
const changeDelete = 2

// changeColumns is how many columns stand before the table's own.
const changeColumns = 3

// changed computes a change and returns the query for the new files, the files
// they replace and how many rows were changed.
func (c *child) changed(ctx context.Context, i int, o Output, p Plan, all []base.Field) (text string, replaced []string, n int64, err error) {
	rows := fmt.Sprintf("memory.main.change_%d", i)
	if err := c.s.Exec(ctx, "CREATE TABLE "+rows+" AS "+o.SQL); err != nil {
		return "", nil, 0, err
	}
	file, row, op := ducksql.Ident(all[0].Name), ducksql.Ident(all[1].Name), ducksql.Ident(all[2].Name)
	if err := c.changedOnce(ctx, *o.Change, rows, file, row); err != nil {
		return "", nil, 0, err
	}
	v, err := c.one(ctx, "SELECT count(*) FROM "+rows)
	if err != nil {
		return "", nil, 0, err
	}
	n = number(v[0])
	touched, err := c.texts(ctx, "SELECT DISTINCT "+file+" FROM "+rows+" WHERE "+file+" IS NOT NULL ORDER BY 1")
	if err != nil {
		return "", nil, 0, err
	}
	text = "SELECT " + ducksql.Casts(p.Fields, all[changeColumns:]) + fmt.Sprintf(" FROM %s WHERE %s <> %d", rows, op, changeDelete)
	if len(touched) == 0 {
		return text, nil, n, nil
	}
	var files []ducksql.DataFile
	for _, f := range o.Change.Files {
		if slices.Contains(touched, f.Path) {
			files = append(files, f)
		}
	}
	text += " UNION ALL SELECT " + columns(p.Fields) + " FROM " + ducksql.ReadTracked(files, p.Fields, o.Change.Hidden) + " AS t ANTI JOIN " + rows + " AS c ON t." +
		ducksql.TrackedFile + " = c." + file + " AND t." + ducksql.TrackedRow + " = c." + row
	return text, touched, n, nil
}

func (c *child) changedOnce(ctx context.Context, ch Change, rows, file, row string) error {
	if !ch.Once {
		return nil
	}
	v, err := c.one(ctx, "SELECT count(*) FROM (SELECT 1 FROM "+rows+" WHERE "+file+" IS NOT NULL GROUP BY "+strings.Join([]string{file, row}, ", ")+" HAVING count(*) > 1)")
	if err != nil {
		return err
	}
	if n := number(v[0]); n > 0 {
		return base.Errorf(base.Invalid, "one MERGE target table row matched more than one source row (%d such rows)", n).WithCode(ch.Code).
			WithHint("make the source unique in the columns of the ON clause")
	}
	return nil
}

// texts runs a query of one column of text.
func (c *child) texts(ctx context.Context, sql string) ([]string, error) {
	r, err := c.s.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var out []string
	for r.Next() {
		v, err := r.Values()
		if err != nil {
			return nil, err
		}
		s, _ := v[0].(string)
		out = append(out, s)
	}
	return out, r.Err()
}
