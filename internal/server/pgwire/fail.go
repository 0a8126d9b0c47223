package pgwire

import (
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/mulgil/mulgil/internal/base"
)

// states are SQLSTATEs by Trino's names of errors.
var states = map[string]string{
	"SYNTAX_ERROR": "42601", "COLUMN_NOT_FOUND": "42703", "TABLE_NOT_FOUND": "42P01", "SCHEMA_NOT_FOUND": "3F000", "CATALOG_NOT_FOUND": "3D000", "FUNCTION_NOT_FOUND": "42883",
	"TYPE_MISMATCH": "42804", "TYPE_NOT_FOUND": "42704", "AMBIGUOUS_NAME": "42702", "EXPRESSION_NOT_AGGREGATE": "42803", "DIVISION_BY_ZERO": "22012", "INVALID_CAST_ARGUMENT": "22P02",
	"INVALID_FUNCTION_ARGUMENT": "22023", "NUMERIC_VALUE_OUT_OF_RANGE": "22003", "SUBQUERY_MULTIPLE_ROWS": "21000", "NOT_SUPPORTED": "0A000", "PERMISSION_DENIED": "42501",
	"USER_CANCELED": "57014", "ABANDONED_QUERY": "57014", "EXCEEDED_TIME_LIMIT": "57014", "TABLE_ALREADY_EXISTS": "42P07", "SCHEMA_ALREADY_EXISTS": "42P06", "DUPLICATE_COLUMN_NAME": "42701",
	"QUERY_QUEUE_FULL": "53300", "EXCEEDED_RESULT_LIMIT": "54000", "EXCEEDED_SCAN_LIMIT": "54000", "INVALID_PARAMETER_USAGE": "42P02", "NOT_FOUND": "26000",
}

// kinds are SQLSTATEs of errors without such a name.
var kinds = map[base.Kind]string{
	base.Internal: "XX000", base.Invalid: "42000", base.Usage: "42000", base.NotFound: "42704", base.Exists: "42710", base.Conflict: "40001", base.Unavailable: "08000",
	base.Denied: "42501", base.Canceled: "57014",
}

// fail tells the client of an error in sql.
func (c *conn) fail(sql string, err error) {
	if c.tx == 'T' {
		c.tx = 'E'
	}
	state, ok := states[base.CodeOf(err)]
	if !ok {
		state = kinds[base.KindOf(err)]
	}
	m := &pgproto3.ErrorResponse{Severity: "ERROR", SeverityUnlocalized: "ERROR", Code: state, Message: err.Error()}
	var e *base.Error
	if errors.As(err, &e) {
		m.Hint = e.Hint
		if e.Place != nil && sql != "" {
			m.Message, m.Position = e.Msg, position(sql, e.Place.Line, e.Place.Col)
		}
	}
	c.be.Send(m)
}

// position is a place in sql as the number of a character, from 1.
func position(sql string, line, col int) int32 {
	at := 0
	for i, l := range strings.SplitAfter(sql, "\n") {
		if i+1 == line {
			return int32(at + col)
		}
		at += len([]rune(l))
	}
	return 0
}
