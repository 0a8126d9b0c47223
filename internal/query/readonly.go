package query

import (
	"github.com/mulgil/mulgil/internal/lang/hive"
	"github.com/mulgil/mulgil/internal/lang/trino"
)

// ReadOnly tells whether a statement in Athena's dialect changes nothing that
// outlives its client's session, judged by its kind; EXECUTE by what it
// executes. A text that neither of Athena's parsers reads only ends in an
// error, so it is read-only too.
func ReadOnly(sql string, prepared map[string]string) bool {
	st, err := trino.Parse(sql)
	if forHive(sql, st, err) {
		return hiveReadOnly(sql)
	}
	return err != nil || readOnly(st, prepared)
}

func readOnly(st trino.Statement, prepared map[string]string) bool {
	switch st := st.(type) {
	case *trino.QueryStatement, *trino.Show, *trino.Use, *trino.SetSession, *trino.SetZone, *trino.Prepare, *trino.Deallocate, *trino.DescribePrepared:
		return true
	case *trino.Explain:
		return !st.Analyze || readOnly(st.Of, prepared)
	case *trino.Execute:
		sql := st.Immediate
		if !st.IsText {
			sql = prepared[st.Name.Text]
		}
		inner, err := trino.Parse(sql)
		if err != nil {
			return true
		}
		if _, again := inner.(*trino.Execute); again {
			return false // a statement that executes another is not followed
		}
		return readOnly(inner, prepared)
	}
	return false
}

// hiveReadOnly holds for SHOW and DESCRIBE. Pasted text with several
// statements is refused as a whole by the one that runs it.
func hiveReadOnly(sql string) bool {
	for _, st := range hive.Split(sql) {
		n, err := hive.Parse(st.SQL)
		if err != nil {
			continue
		}
		switch n.(type) {
		case *hive.ShowPartitions, *hive.ShowCreateTable, *hive.ShowTables, *hive.ShowViews, *hive.ShowDatabases, *hive.ShowColumns, *hive.ShowProperties, *hive.Describe:
		default:
			return false
		}
	}
	return true
}
