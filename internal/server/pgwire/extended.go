package pgwire

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/trino"
	"github.com/mulgil/mulgil/internal/query"
)

// statement is a prepared one. Its parameters are $1, $2, ...
type statement struct {
	sql    string
	params []uint32 // their types, 0 where the client leaves it to us
}

// portal is a statement with its parameters' values.
type portal struct{ sql string }

func (c *conn) parse(_ context.Context, name, sql string, oids []uint32) error {
	pieces := trino.Split(sql)
	if len(pieces) > 1 {
		return base.Errorf(base.Invalid, "cannot insert multiple commands into a prepared statement").WithCode("SYNTAX_ERROR")
	}
	st := &statement{params: oids}
	if len(pieces) == 1 {
		st.sql = sql[pieces[0].Start:pieces[0].End]
	}
	for _, p := range placeholders(st.sql) {
		for len(st.params) < p.n {
			st.params = append(st.params, 0)
		}
	}
	c.statements[name] = st
	c.be.Send(&pgproto3.ParseComplete{})
	return nil
}

func (c *conn) prepared(name string) (*statement, error) {
	st := c.statements[name]
	if st == nil {
		return nil, base.Errorf(base.NotFound, "prepared statement %q does not exist", name).WithCode("NOT_FOUND")
	}
	return st, nil
}

func (c *conn) bind(m pgproto3.Bind) error {
	st, err := c.prepared(m.PreparedStatement)
	if err != nil {
		return err
	}
	for _, f := range m.ResultFormatCodes {
		if f != 0 {
			return base.Errorf(base.Invalid, "rows in binary form are not supported").WithCode("NOT_SUPPORTED").
				WithHint("pgx: default_query_exec_mode=simple_protocol; psycopg: binary=False, as is its default")
		}
	}
	if len(m.Parameters) != len(st.params) {
		return base.Errorf(base.Invalid, "%d parameters are needed, %d were given", len(st.params), len(m.Parameters)).WithCode("INVALID_PARAMETER_USAGE")
	}
	values := make([]string, len(m.Parameters))
	for i, p := range m.Parameters {
		if isBinary(m.ParameterFormatCodes, i) {
			if p, err = decoded(p, st.params[i]); err != nil {
				return err
			}
		}
		if values[i], err = literal(p, st.params[i]); err != nil {
			return err
		}
	}
	c.portals[m.DestinationPortal] = &portal{sql: filled(st.sql, values)}
	c.be.Send(&pgproto3.BindComplete{})
	return nil
}

// isBinary tells the form of parameter i: no codes mean text, one is for all.
func isBinary(codes []int16, i int) bool {
	if len(codes) == 1 {
		return codes[0] == 1
	}
	return i < len(codes) && codes[i] == 1
}

// placeholder is $n at a byte of a statement.
type placeholder struct{ start, end, n int }

// spans are what a placeholder cannot be in, or one.
var spans = regexp.MustCompile(`'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|(?s:/\*.*?\*/)|\$(\d{1,5})`)

func placeholders(sql string) []placeholder {
	var out []placeholder
	for _, m := range spans.FindAllStringSubmatchIndex(sql, -1) {
		if m[2] < 0 {
			continue
		}
		if n, err := strconv.Atoi(sql[m[2]:m[3]]); err == nil && n > 0 {
			out = append(out, placeholder{m[0], m[1], n})
		}
	}
	return out
}

// filled puts values in the placeholders' stead.
func filled(sql string, values []string) string {
	var b strings.Builder
	at := 0
	for _, p := range placeholders(sql) {
		b.WriteString(sql[at:p.start])
		b.WriteString(values[p.n-1])
		at = p.end
	}
	return b.String() + sql[at:]
}

var (
	wholeNumber = regexp.MustCompile(`^[+-]?\d+$`)
	anyNumber   = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$`)
)

// literal is a parameter's text as a literal of its type, in brackets so that
// a sign cannot meet another.
func literal(v []byte, oid uint32) (string, error) {
	if v == nil {
		return "NULL", nil
	}
	s := string(v)
	quoted := "'" + strings.ReplaceAll(s, "'", "''") + "'"
	ok := true
	switch oid {
	case 16:
		switch strings.ToLower(s) {
		case "t", "true", "1":
			return "true", nil
		case "f", "false", "0":
			return "false", nil
		}
		ok = false
	case 20, 21, 23:
		ok = wholeNumber.MatchString(s)
		quoted = "(" + s + ")"
		if oid == 20 {
			quoted = "CAST(" + s + " AS bigint)"
		}
	case 700, 701:
		return double(s)
	case 1700:
		ok = anyNumber.MatchString(s) && !strings.ContainsAny(s, "eE")
		quoted = "(DECIMAL " + quoted + ")"
	case 1082:
		quoted = "(DATE " + quoted + ")"
	case 1114:
		quoted = "(TIMESTAMP " + quoted + ")"
	case 1184:
		quoted = "(TIMESTAMP " + strings.Replace(quoted, "+00'", " UTC'", 1) + ")"
	case 0, 25, 1042, 1043, 705:
	default:
		return "", base.Errorf(base.Invalid, "parameters of type %d are not supported", oid).WithCode("NOT_SUPPORTED").WithHint("send it as text and CAST it")
	}
	if !ok {
		return "", base.Errorf(base.Invalid, "parameter %q is not of its type", s).WithCode("INVALID_CAST_ARGUMENT")
	}
	return quoted, nil
}

// double is a number as a literal of type double.
func double(s string) (string, error) {
	switch strings.ToLower(s) {
	case "nan":
		return "nan()", nil
	case "infinity", "inf", "+inf":
		return "infinity()", nil
	case "-infinity", "-inf":
		return "(-infinity())", nil
	}
	if !anyNumber.MatchString(s) {
		return "", base.Errorf(base.Invalid, "parameter %q is not a number", s).WithCode("INVALID_CAST_ARGUMENT")
	}
	if !strings.ContainsAny(s, "eE") {
		s += "E0"
	}
	return "(" + s + ")", nil
}

// describe tells of a statement's parameters and of the rows it will have.
func (c *conn) describe(ctx context.Context, kind byte, name string) error {
	var sql string
	if kind == 'S' {
		st, err := c.prepared(name)
		if err != nil {
			return err
		}
		d := &pgproto3.ParameterDescription{}
		values := make([]string, len(st.params))
		for i, oid := range st.params {
			if oid == 0 {
				oid = oidText
			}
			d.ParameterOIDs, values[i] = append(d.ParameterOIDs, oid), "NULL"
		}
		c.be.Send(d)
		sql = filled(st.sql, values)
	} else {
		p := c.portals[name]
		if p == nil {
			return base.Errorf(base.NotFound, "portal %q does not exist", name).WithCode("NOT_FOUND")
		}
		sql = p.sql
	}
	cols, err := c.columns(ctx, sql)
	if err != nil {
		return err
	}
	if cols == nil {
		c.be.Send(&pgproto3.NoData{})
		return nil
	}
	d, _, err := describeColumns(cols)
	if err == nil {
		c.be.Send(d)
	}
	return err
}

// described keeps the rows of DESCRIBE OUTPUT.
type described struct{ rows [][]any }

func (d *described) Queued(string)                {}
func (d *described) Running()                     {}
func (d *described) Columns([]query.Column) error { return nil }
func (d *described) Rows(b []byte, _ int) error {
	var rows [][]any
	err := json.Unmarshal(b, &rows)
	d.rows = append(d.rows, rows...)
	return err
}

// columns are those of a statement's rows, without running it; nil if it has none.
func (c *conn) columns(ctx context.Context, sql string) ([]query.Column, error) {
	st, err := trino.Parse(sql)
	if err != nil {
		return nil, nil // the running tells
	}
	if _, ok := st.(*trino.QueryStatement); !ok {
		if _, other := st.(*trino.Show); other {
			return nil, base.Errorf(base.Invalid, "SHOW and DESCRIBE need the simple protocol").WithCode("NOT_SUPPORTED").WithHint("psycopg: execute them without parameters")
		}
		return nil, nil
	}
	d := &described{}
	s := c.session
	s.Prepared = map[string]string{"described": sql}
	if _, err := c.server.o.Query.Execute(ctx, query.Request{Text: query.Text{SQL: "DESCRIBE OUTPUT described"}, Session: s}, d); err != nil {
		return nil, err
	}
	out := make([]query.Column, len(d.rows))
	for i, r := range d.rows {
		out[i] = query.Column{Name: fmt.Sprint(r[0]), Type: fmt.Sprint(r[4])}
	}
	return out, nil
}

// executePortal runs a portal to its end. A client that wants its rows in
// parts is refused rather than given fewer.
func (c *conn) executePortal(ctx context.Context, name string, most uint32) error {
	p := c.portals[name]
	if p == nil {
		return base.Errorf(base.NotFound, "portal %q does not exist", name).WithCode("NOT_FOUND")
	}
	if most != 0 {
		return base.Errorf(base.Invalid, "rows in parts are not supported").WithCode("NOT_SUPPORTED").WithHint("leave the fetch size at 0")
	}
	if strings.TrimSpace(p.sql) == "" {
		c.be.Send(&pgproto3.EmptyQueryResponse{})
		return nil
	}
	return c.run(ctx, p.sql, &sink{c: c})
}

func (c *conn) forget(kind byte, name string) {
	if kind == 'S' {
		delete(c.statements, name)
	} else {
		delete(c.portals, name)
	}
	c.be.Send(&pgproto3.CloseComplete{})
}
