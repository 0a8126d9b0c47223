package duckdb_test

import (
	"context"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
)

func TestErrorsPointAtTheWord(t *testing.T) {
	s := open(t, port.EngineConfig{})
	if err := s.Exec(t.Context(), `CREATE TABLE 고객 (이름 VARCHAR, age INTEGER)`); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("'가나다라마바사', ", 12)
	for _, c := range []struct{ sql, word, hint string }{
		{`SELECT nope FROM 고객`, "nope", "did you mean age?"},
		{`SELECT '가나다' AS 글, nope FROM 고객`, "nope", "did you mean age?"},
		{"SELECT age,\n  '한글', 이룸\nFROM 고객", "이룸", "did you mean 이름?"},
		{"SELECT age,\r\n  nope\r\nFROM 고객", "nope", "did you mean age?"},
		{"SELECT " + long + "nope, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19 FROM 고객", "nope", "did you mean age?"},
		{`SELECT strftme(DATE '2014-01-01', '%Y')`, "strftme", "did you mean strftime?"},
	} {
		_, err := run(t, s, c.sql)
		e := asError(t, err)
		if e.Kind != base.Invalid || e.Place == nil || e.Hint != c.hint {
			t.Errorf("%s: got %+v", c.sql, e)
			continue
		}
		line := []rune(e.Place.Text)
		if got := string(line[e.Place.Col-1 : e.Place.Col-1+e.Place.Len]); got != c.word {
			t.Errorf("%s: the caret is under %q, want %q", c.sql, got, c.word)
		}
		if strings.Contains(e.Msg, "LINE") || strings.Contains(e.Msg, "Binder Error") {
			t.Errorf("%s: %s", c.sql, e.Msg)
		}
	}
}

func TestDescribeErrorsHaveThePlaceInTheStatementItself(t *testing.T) {
	s := open(t, port.EngineConfig{})
	_, err := s.Describe(t.Context(), "SELECT nope")
	if e := asError(t, err); e.Place == nil || e.Place.Col != 8 || e.Place.Text != "SELECT nope" {
		t.Errorf("got %+v", e.Place)
	}
}

func TestKindsTellWhoseFaultItIs(t *testing.T) {
	s := open(t, port.EngineConfig{})
	for sql, want := range map[string]base.Kind{
		"SELECT 1 +":                                base.Invalid,
		"SELECT CAST('x' AS INTEGER)":               base.Invalid,
		"SELECT * FROM read_csv('/etc/passwd')":     base.Denied,
		"SELECT list(i) FROM range(100000000) r(i)": base.Internal,
	} {
		_, err := run(t, s, sql)
		if got := asError(t, err).Kind; got != want {
			t.Errorf("%s: %s, want %s (%v)", sql, got, want, err)
		}
	}
}

func TestSumTooLargeForADecimalHasAHint(t *testing.T) {
	s := open(t, port.EngineConfig{})
	for _, sql := range []string{
		"SELECT sum(x) FROM (VALUES (170141183460469231731687303715884105727::HUGEINT), (1::HUGEINT)) v(x)",
		"SELECT CAST(x AS DECIMAL(38,0)) FROM (VALUES (170141183460469231731687303715884105727::HUGEINT)) v(x)",
	} {
		_, err := run(t, s, sql)
		if e := asError(t, err); !strings.Contains(e.Hint, "decimal(38,0)") {
			t.Errorf("%s: %v, hint %q", sql, err, e.Hint)
		}
	}
}

func TestCanceledStatementSaysSo(t *testing.T) {
	s := open(t, port.EngineConfig{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Query(ctx, "SELECT count(*) FROM range(100000000000)")
	if got := base.KindOf(err); got != base.Canceled {
		t.Errorf("%s: %v", got, err)
	}
}
