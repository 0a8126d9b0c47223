package sourcetest

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
)

func appliesPredicates(t *testing.T, s *suite) {
	s.exec(t, `CREATE TABLE %T (id integer, name text, n integer, price numeric(10,2))`)
	s.exec(t, `INSERT INTO %T VALUES (1, '가', 10, 1.50), (2, '나', NULL, 2.50), (3, NULL, 30, NULL), (4, 'Z', 40, 4), (5, 'a', 50, -1), (6, 'it''s \ "%_', 60, 1.5)`)
	snap := s.begin(t)
	cases := []struct {
		name string
		p    port.Predicate
		want string
	}{
		{"none", nil, "1 2 3 4 5 6"},
		{"equal text", port.Compare{Column: "name", Op: port.Eq, Value: "나"}, "2"},
		{"not equal leaves NULL out", port.Compare{Column: "name", Op: port.Ne, Value: "나"}, "1 4 5 6"},
		{"text orders by code point", port.Compare{Column: "name", Op: port.Lt, Value: "a"}, "4"},
		{"text orders by code point, up", port.Compare{Column: "name", Op: port.Ge, Value: "a"}, "1 2 5 6"},
		{"Korean orders by code point", port.Compare{Column: "name", Op: port.Gt, Value: "가"}, "2"},
		{"special characters", port.Compare{Column: "name", Op: port.Eq, Value: `it's \ "%_`}, "6"},
		{"number", port.Compare{Column: "n", Op: port.Le, Value: int64(30)}, "1 3"},
		{"number with decimals", port.Compare{Column: "n", Op: port.Gt, Value: 39.5}, "4 5 6"},
		{"decimal", port.Compare{Column: "price", Op: port.Eq, Value: port.Decimal("1.5")}, "1 6"},
		{"decimal below", port.Compare{Column: "price", Op: port.Lt, Value: int64(2)}, "1 5 6"},
		{"in", port.In{Column: "n", Values: []any{int64(10), int64(60), int64(7)}}, "1 6"},
		{"in text", port.In{Column: "name", Values: []any{"가", "Z"}}, "1 4"},
		{"in nothing", port.In{Column: "n"}, ""},
		{"in NULL", port.In{Column: "n", Values: []any{nil, int64(10)}}, "1"},
		{"compare with NULL", port.Compare{Column: "n", Op: port.Eq, Value: nil}, ""},
		{"is null", port.IsNull{Column: "name"}, "3"},
		{"is not null", port.IsNull{Column: "n", Not: true}, "1 3 4 5 6"},
		{"and", port.And{port.Compare{Column: "n", Op: port.Ge, Value: int64(10)}, port.Compare{Column: "n", Op: port.Lt, Value: int64(40)}}, "1 3"},
		{"or", port.Or{port.IsNull{Column: "n"}, port.Compare{Column: "id", Op: port.Eq, Value: int64(5)}}, "2 5"},
		{"or within and", port.And{port.Or{port.Compare{Column: "id", Op: port.Eq, Value: int64(1)}, port.Compare{Column: "id", Op: port.Eq, Value: int64(2)}}, port.IsNull{Column: "n"}}, "2"},
		{"empty and", port.And{}, "1 2 3 4 5 6"},
		{"empty or", port.Or{}, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := rows(t, snap, port.ReadSpec{Table: items, Columns: []string{"id"}, Where: c.p})
			if strings.Join(got, " ") != c.want {
				t.Errorf("rows %q, want %q", strings.Join(got, " "), c.want)
			}
		})
	}
	_, err := snap.Read(context.Background(), port.ReadSpec{Table: items, Where: port.Compare{Column: "n", Op: port.Eq, Value: "10"}})
	if base.KindOf(err) != base.Invalid || !strings.Contains(err.Error(), `"n"`) {
		t.Errorf("a number compared with text: %v", err)
	}
	_, err = snap.Read(context.Background(), port.ReadSpec{Table: items, Where: port.IsNull{Column: "nam"}})
	if base.KindOf(err) != base.NotFound || !strings.Contains(base.Render(err), `did you mean "name"?`) {
		t.Errorf("an unknown column in a predicate: %v", err)
	}
}

func stopsEarly(t *testing.T, s *suite) {
	s.fill(t, items, 300_000)
	snap := s.begin(t)
	st, err := snap.Read(context.Background(), port.ReadSpec{Table: items})
	if err != nil {
		t.Fatal(err)
	}
	if !st.Next() {
		t.Fatal(st.Err())
	}
	st.Release()
	if st.Next() || st.Err() == nil {
		t.Error("a released stream looks as if it had ended normally")
	}
	same(t, rows(t, snap, port.ReadSpec{Table: items, Columns: []string{"id"}, Where: port.Compare{Column: "id", Op: port.Lt, Value: int64(3)}}), "1", "2")
}

func stopsOnCancel(t *testing.T, s *suite) {
	s.fill(t, items, 300_000)
	ctx, cancel := context.WithCancel(context.Background())
	st, err := s.begin(t).Read(ctx, port.ReadSpec{Table: items})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Release()
	if !st.Next() {
		t.Fatal(st.Err())
	}
	cancel()
	for st.Next() {
	}
	if base.KindOf(st.Err()) != base.Canceled || !errors.Is(st.Err(), context.Canceled) {
		t.Errorf("the cancelled stream ended with %v", st.Err())
	}
}

func describes(t *testing.T, s *suite) {
	s.exec(t, `CREATE TABLE %T (code varchar(3) NOT NULL, id bigint NOT NULL, note text, PRIMARY KEY (id, code))`)
	snap := s.begin(t)
	st, err := snap.Describe(context.Background(), items)
	if err != nil {
		t.Fatal(err)
	}
	if st.Name != items || len(st.Fields) != 3 || !st.Fields[0].Required || st.Fields[2].Required || strings.Join(st.Key, " ") != "id code" {
		t.Errorf("described as %+v", st)
	}
	all, err := snap.Tables(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, x := range all {
		found = found || x.Name == items
	}
	if !found {
		t.Errorf("%s is not among the tables %v", items, all)
	}
}

func namesNearMisses(t *testing.T, s *suite) {
	s.exec(t, `CREATE TABLE %T (cust_name text)`)
	snap := s.begin(t)
	_, err := snap.Describe(context.Background(), port.TableName{Schema: "retail", Name: "item"})
	if base.KindOf(err) != base.NotFound || !strings.Contains(base.Render(err), `hint: did you mean "retail.items"?`) {
		t.Errorf("missing table: %v", base.Render(err))
	}
	_, err = snap.Read(context.Background(), port.ReadSpec{Table: items, Columns: []string{"cust_nm"}})
	if base.KindOf(err) != base.NotFound || !strings.Contains(base.Render(err), `retail.items has no column "cust_nm"`) || !strings.Contains(base.Render(err), `did you mean "cust_name"?`) {
		t.Errorf("missing column: %v", base.Render(err))
	}
}

func endsInError(t *testing.T, s *suite) {
	s.fill(t, items, s.KillRows)
	st, err := s.begin(t).Read(context.Background(), port.ReadSpec{Table: items})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Release()
	if !st.Next() {
		t.Fatal(st.Err())
	}
	got := st.RecordBatch().NumRows()
	s.Kill(t)
	for st.Next() {
		got += st.RecordBatch().NumRows()
	}
	if st.Err() == nil || got >= int64(s.KillRows) {
		t.Fatalf("the extract ended normally after %d of %d rows", got, s.KillRows)
	}
	if base.KindOf(st.Err()) == base.Internal {
		t.Errorf("the error has no kind: %v", st.Err())
	}
	if st.Next() {
		t.Error("Next is true after an error")
	}
}
