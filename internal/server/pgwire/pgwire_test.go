package pgwire_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/mulgil/mulgil/internal/app/apptest"
	"github.com/mulgil/mulgil/internal/server/pgwire"
)

func TestMain(m *testing.M) { os.Exit(apptest.Main(m)) }

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// serve answers over a lake with the database "가게"; the address is returned.
func serve(t *testing.T) string {
	t.Helper()
	q := apptest.Query(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- pgwire.New(pgwire.Options{Query: q, Knows: func(s string) bool { return s == "열쇠" }}).Serve(ctx, listener)
	}()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return listener.Addr().String()
}

func connect(t *testing.T, at, user, password string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), fmt.Sprintf("postgres://%s:%s@%s/%s?sslmode=disable&default_query_exec_mode=simple_protocol", user, password, at, "가게"))
	ok(t, err)
	t.Cleanup(func() { c.Close(context.Background()) })
	return c
}

func state(err error) (string, int32) {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return fmt.Sprint(err), 0
	}
	return e.Code, e.Position
}

func TestValuesArriveByTheirTypes(t *testing.T) {
	c := connect(t, serve(t), "kim", "")
	var n int64
	var text, day, zone, list, amount string
	var yes bool
	var raw []byte
	err := c.QueryRow(t.Context(), `select bigint '7', '한글', true, x'00ff', cast(date '2024-02-29' as varchar), '-',
		json_format(cast(array[1, 2] as json)), cast(decimal '1.50' as varchar) where $1 = 'it''s'`, "it's").Scan(&n, &text, &yes, &raw, &day, &zone, &list, &amount)
	if err != nil || n != 7 || text != "한글" || !yes || string(raw) != "\x00\xff" || day != "2024-02-29" || list != "[1,2]" || amount != "1.50" {
		t.Fatalf("%v %v %v %v %q %v %v %v", n, text, yes, raw, day, zone, list, err)
	}
	var at time.Time
	var d float64
	ok(t, c.QueryRow(t.Context(), "select timestamp '2020-01-01 09:00:00.5 Asia/Seoul', decimal '1.50'").Scan(&at, &d))
	if !at.Equal(time.Date(2020, 1, 1, 0, 0, 0, 500e6, time.UTC)) || d != 1.5 {
		t.Errorf("%v %v", at, d)
	}
}

func TestErrorsHaveStateAndPosition(t *testing.T) {
	c := connect(t, serve(t), "kim", "")
	for _, x := range []struct {
		sql, state string
		position   int32
	}{
		{"select '가',\n 없다", "42703", 14}, {"selec 1", "42601", 1}, {"select 1; select 없다", "42703", 18}, {"select 1/0", "22012", 0}, {"select * from 없다", "42P01", 15},
		{"create schema a", "42501", 0}, {"select * from pg_catalog.pg_class", "0A000", 0},
	} {
		_, err := c.Exec(t.Context(), x.sql)
		if s, p := state(err); s != x.state || p != x.position {
			t.Errorf("%s: %s at %d, want %s at %d", x.sql, s, p, x.state, x.position)
		}
	}
}

func TestOwnerChangesThingsOutsideTransactions(t *testing.T) {
	at := serve(t)
	c := connect(t, at, "mulgil", "열쇠")
	_, err := c.Exec(t.Context(), "create schema 새것")
	ok(t, err)
	tx, err := c.Begin(t.Context())
	ok(t, err)
	var n int
	ok(t, tx.QueryRow(t.Context(), "select 1").Scan(&n))
	_, err = tx.Exec(t.Context(), "drop schema 새것")
	if s, _ := state(err); s != "0A000" {
		t.Errorf("a change within a transaction: %v", err)
	}
	ok(t, tx.Rollback(t.Context()))
	_, err = c.Exec(t.Context(), "drop schema 새것")
	ok(t, err)
	if _, err := pgx.Connect(t.Context(), "postgres://mulgil:wrong@"+at+"/x?sslmode=disable"); err == nil || !strings.Contains(err.Error(), "28P01") {
		t.Errorf("a wrong password: %v", err)
	}
}

func TestExtendedProtocolTakesTextParameters(t *testing.T) {
	c := connect(t, serve(t), "kim", "")
	r := c.PgConn().ExecParams(t.Context(), "select $2 || '$1', $1 + 1 -- $3", [][]byte{[]byte("41"), []byte("it's ")}, []uint32{20, 25}, nil, nil).Read()
	if r.Err != nil || len(r.Rows) != 1 || string(r.Rows[0][0]) != "it's $1" || string(r.Rows[0][1]) != "42" || r.CommandTag.String() != "SELECT 1" {
		t.Errorf("%q %v", r.Rows, r.Err)
	}
	d, err := c.PgConn().Prepare(t.Context(), "p", "select cast($1 as bigint) n, '가' t", nil)
	if err != nil || len(d.ParamOIDs) != 1 || len(d.Fields) != 2 || d.Fields[0].Name != "n" || d.Fields[0].DataTypeOID != 20 {
		t.Fatalf("%+v %v", d, err)
	}
	if r = c.PgConn().ExecPrepared(t.Context(), "p", [][]byte{nil}, nil, nil).Read(); r.Err != nil || r.Rows[0][0] != nil {
		t.Errorf("%q %v", r.Rows, r.Err)
	}
	r = c.PgConn().ExecParams(t.Context(), "select $1, $2, $3, $4", [][]byte{{0, 7}, {0x40, 4, 0, 0, 0, 0, 0, 0}, {1}, {0, 0, 0x22, 0x78}}, []uint32{21, 701, 16, 1082}, []int16{1}, nil).Read()
	if r.Err != nil || fmt.Sprintf("%s", r.Rows) != "[[7 2.5 t 2024-02-28]]" {
		t.Errorf("%s %v", r.Rows, r.Err)
	}
	r = c.PgConn().ExecPrepared(t.Context(), "p", [][]byte{nil}, nil, []int16{1}).Read()
	if s, _ := state(r.Err); s != "0A000" {
		t.Errorf("binary form: %v", r.Err)
	}
	ok(t, c.Ping(t.Context()))
}

func TestCancelStopsTheStatementOnly(t *testing.T) {
	c := connect(t, serve(t), "kim", "")
	const endless = "select count(*) from unnest(sequence(1, 10000)) a(x), unnest(sequence(1, 10000)) b(y), unnest(sequence(1, 10000)) d(z) where x * y * z % 7 = 3"
	done := make(chan error, 1)
	go func() { _, err := c.PgConn().Exec(context.Background(), endless).ReadAll(); done <- err }()
	for {
		ok(t, c.PgConn().CancelRequest(t.Context()))
		select {
		case err := <-done:
			if s, _ := state(err); s != "57014" {
				t.Errorf("%v", err)
			}
			ok(t, c.Ping(t.Context()))
			return
		case <-time.After(50 * time.Millisecond): // it may not have begun
		}
	}
}

func TestPsqlShowsRowsAndErrors(t *testing.T) {
	psql, err := exec.LookPath("psql")
	if err != nil {
		t.Skip("psql is not installed")
	}
	host, port, _ := net.SplitHostPort(serve(t))
	run := func(args ...string) string {
		cmd := exec.CommandContext(t.Context(), psql, append([]string{"-X", "-A", "-t", "-h", host, "-p", port, "-U", "kim", "-d", "가게"}, args...)...)
		out, _ := cmd.CombinedOutput()
		return string(out)
	}
	if got := run("-c", "select 1, '한글'; show schemas"); !strings.Contains(got, "1|한글\n") || !strings.Contains(got, "가게\n") {
		t.Error(got)
	}
	for _, c := range []string{`\dt`, `\d 없다`, `\l`} {
		if got := run("-c", c); !strings.Contains(got, "pg_catalog is not served") {
			t.Errorf("%s: %s", c, got)
		}
	}
	if got := run("-c", "select\n 없다"); !strings.Contains(got, "LINE 2:") {
		t.Error(got)
	}
}
