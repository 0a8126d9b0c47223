package query

import (
	"context"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/query/history"
)

func TestReadOnlyIsJudgedByKindBeforeItRuns(t *testing.T) {
	prepared := map[string]string{"r": "select ? + 1", "w": "delete from t", "again": "execute w", "bad": "selec"}
	for sql, want := range map[string]bool{
		"select 1": true, "with a as (select 1) table a": true, "show tables": true, "describe `구매`": true, "show partitions t": true, "explain select 1": true,
		"explain analyze select 1": true, "use a.b": true, "set session x = 1": true, "prepare p from drop table t": true, "deallocate prepare p": true, "describe output r": true,
		"execute r using 1": true, "execute immediate 'select 1'": true, "execute bad": true, "execute nothing": true, "not sql": true, "start transaction": true,
		"insert into t select 1": false, "create table t as select 1": false, "drop table t": false, "delete from t": false, "update t set a = 1": false,
		"create external table t (a int) location 's3://b/x/'": false, "msck repair table t": false, "alter table `t` add partition (d = 1)": false, "create database 새것": false,
		"unload (select 1) to 's3://b/x/' with (format = 'PARQUET')": false, "optimize t rewrite data using bin_pack": false, "vacuum t": false,
		"execute w": false, "execute again": false, "execute immediate 'drop table t'": false, "call system.x()": false, "show tables; drop table `t`": false,
	} {
		if got := ReadOnly(sql, prepared); got != want {
			t.Errorf("%s: %v", sql, got)
		}
	}
}

func TestPanicIsThatStatementsError(t *testing.T) {
	s := service(t, Limits{})
	out, err := s.record(t.Context(), Request{Text: Text{SQL: "select 1"}}, newClient(), func(context.Context, *work) (*Outcome, error) { panic("boom") })
	if out != nil || base.KindOf(err) != base.Internal || base.CodeOf(err) != "GENERIC_INTERNAL_ERROR" {
		t.Fatalf("%v %v", out, err)
	}
	list, err := s.o.History.List(t.Context(), history.Filter{Limit: 1})
	if err != nil || len(list) != 1 || list[0].State != history.Failed {
		t.Errorf("%+v %v", list, err)
	}
	if _, err := ask(t.Context(), s, newClient(), "SELECT 1"); err != nil {
		t.Errorf("the next statement: %v", err)
	}
}

func TestSessionMayAskForLessTime(t *testing.T) {
	l := Limits{Timeout: defaultTimeout}
	for text, want := range map[string]string{"1s": "1s", "2.50m": "2m30s", "90d": "30m0s", "": "30m0s", "soon": "30m0s"} {
		if got := l.within(Session{Properties: map[string]string{runTimeProperty: text}}).Timeout.String(); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
