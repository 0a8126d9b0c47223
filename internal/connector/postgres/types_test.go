package postgres

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
)

func TestReadsEveryTypeExactly(t *testing.T) {
	db := newDB(t)
	db.exec(t, `CREATE TYPE retail.grade AS ENUM ('낮음', '높음'); CREATE DOMAIN retail.won AS numeric(10,2) CHECK (value >= 0)`)
	cases := []struct{ typ, value, want, is string }{
		{"boolean", "true", "true", "boolean"},
		{"smallint", "-32768", "-32768", "int"},
		{"integer", "-2147483648", "-2147483648", "int"},
		{"bigint", "9223372036854775807", "9223372036854775807", "bigint"},
		{"oid", "4294967295", "4294967295", "bigint"},
		{"real", "1.5", "1.5", "float"},
		{"double precision", "0.1", "0.1", "double"},
		{"double precision", "'NaN'", "NaN", "double"},
		{"numeric(10,2)", "-12345678.9", "-12345678.9", "decimal(10,2)"},
		{"numeric(10,2)", "0", "0", "decimal(10,2)"},
		{"numeric(10,2)", "0.01", "0.01", "decimal(10,2)"},
		{"numeric(38,0)", "99999999999999999999999999999999999999", "99999999999999999999999999999999999999", "decimal(38,0)"},
		{"numeric(38,0)", "-99999999999999999999999999999999999999", "-99999999999999999999999999999999999999", "decimal(38,0)"},
		{"numeric(38,10)", "1234567890123456789012345678.0123456789", "1234567890123456789012345678.0123456789", "decimal(38,10)"},
		{"numeric(38,38)", "-0.00000000000000000000000000000000000001", "-1e-38", "decimal(38,38)"},
		{"numeric(20,1)", "10000000000000000000 - 1", "9999999999999999999", "decimal(20,1)"},
		{"numeric(18,3)", "100000000", "100000000", "decimal(18,3)"},
		{"numeric(3,-2)", "12300", "12300", "decimal(5,0)"},
		{"numeric(2,5)", "0.00012", "0.00012", "decimal(5,5)"},
		{"retail.won", "12.5", "12.5", "decimal(10,2)"},
		{"date", "'1999-12-31'", "1999-12-31", "date"},
		{"date", "'0001-01-01'", "0001-01-01", "date"},
		{"time", "'23:59:59.999999'", "23:59:59.999999", "time"},
		{"timestamp", "'1900-02-28 23:59:59.000001'", "1900-02-28T23:59:59.000001", "timestamp"},
		{"timestamp", "'0001-01-01'", "0001-01-01T00:00:00", "timestamp"},
		{"timestamptz", "'2014-01-01 00:00:00+09'", "2013-12-31T15:00:00Z", "timestamp with time zone"},
		{"text", "E'줄\\n\"따옴표\" ''작은'''", "줄\n\"따옴표\" '작은'", "string"},
		{"varchar(3)", "'가나다'", "가나다", "string"},
		{"char(5)", "'ab'", "ab   ", "string"},
		{"name", "'이름'", "이름", "string"},
		{"bytea", `'\x00ff'`, "AP8=", "binary"},
		{"uuid", "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "uuid"},
		{"json", `'{"a": 1}'`, `{"a": 1}`, "string"},
		{"jsonb", `'{"b":1,"가":[null]}'`, `{"b": 1, "가": [null]}`, "string"},
		{"retail.grade", "'높음'", "높음", "string"},
		{"integer[]", "'{1,NULL,3}'", "[1,null,3]", "array<int>"},
		{"integer[]", "'{}'", "[]", "array<int>"},
		{"text[]", `'{가,NULL,""}'`, `["가",null,""]`, "array<string>"},
		{"numeric(6,2)[]", "'{1.5,-2}'", `["1.5","-2"]`, "array<decimal(6,2)>"},
		{"retail.grade[]", "'{높음}'", `["높음"]`, "array<string>"},
	}
	cols, values := []string{}, []string{}
	for i, c := range cases {
		cols = append(cols, quote(colName(i))+" "+c.typ)
		values = append(values, c.value)
	}
	db.exec(t, "CREATE TABLE retail.t ("+strings.Join(cols, ", ")+")")
	db.exec(t, "INSERT INTO retail.t VALUES ("+strings.Join(values, ", ")+")")
	db.exec(t, "INSERT INTO retail.t DEFAULT VALUES")
	snap := begin(t, db.source(t, 1))
	st, err := snap.Describe(context.Background(), port.TableName{Schema: "retail", Name: "t"})
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range cases {
		got, err := readAll(snap, "t", colName(i))
		if want := c.want + " | NULL"; err != nil || got != want {
			t.Errorf("%s %s: got %s, %v; want %s", c.typ, c.value, got, err, want)
		}
		if is := st.Fields[i].Type.String(); is != c.is {
			t.Errorf("%s is %s, want %s", c.typ, is, c.is)
		}
	}
	if _, err := readAll(snap, "t"); err != nil {
		t.Errorf("all at once: %v", err)
	}
}

func colName(i int) string { return "열" + string(rune('a'+i/26)) + string(rune('a'+i%26)) }

func TestRefusesValuesThatCannotBeHeld(t *testing.T) {
	db := newDB(t)
	for i, c := range []struct{ typ, value, want string }{
		{"numeric(10,2)", "'NaN'", `column "v" (numeric(10,2)) holds NaN`},
		{"date", "'infinity'", `(date) holds infinity`},
		{"date", "'0044-03-15 BC'", `(date) holds 0044-03-15 BC`},
		{"timestamp", "'-infinity'", `holds -infinity`},
		{"timestamptz", "'0001-12-31 10:00:00+00 BC'", `holds a time on 0001-12-31 BC`},
		{"timestamp", "'294276-12-31'", `holds a time on 294276-12-31, which lies too far ahead`},
		{"time", "'24:00'", `holds 24:00:00`},
		{"integer[]", "'{{1,2},{3,4}}'", `holds an array of 2 dimensions`},
		{"numeric(6,2)[]", "'{1,NaN}'", `holds NaN`},
	} {
		name := colName(i)
		db.exec(t, "CREATE TABLE retail."+quote(name)+" (v "+c.typ+"); INSERT INTO retail."+quote(name)+" VALUES (NULL), ("+c.value+")")
		_, err := readAll(begin(t, db.source(t, 1)), name)
		if base.KindOf(err) != base.Invalid || !strings.Contains(err.Error(), c.want) || !strings.Contains(base.Render(err), "hint: ") {
			t.Errorf("%s %s: %v", c.typ, c.value, err)
		}
	}
}

func TestRefusesTypesBeforeTheFirstRow(t *testing.T) {
	db := newDB(t)
	db.exec(t, `CREATE TABLE retail.t (id int, n numeric, wide numeric(50,10), p point, i interval, r int4range, ns numeric[])`)
	db.exec(t, `INSERT INTO retail.t VALUES (1, 1.50, 1234567890123456789012345678901234567890.5, '(1,2)', '1 day', '[1,2)', '{1.10,NaN,NULL}')`)
	snap := begin(t, db.source(t, 1))
	for col, want := range map[string]string{"n": "numeric without precision", "wide": "type numeric(50,10) cannot be held exactly", "p": "type point", "i": "type interval", "r": "type int4range", "ns": "numeric[] without precision"} {
		_, err := readAll(snap, "t", "id", col)
		if base.KindOf(err) != base.Invalid || !strings.Contains(err.Error(), `table retail.t column "`+col+`": `+want) || !strings.Contains(base.Render(err), "hint: ") {
			t.Errorf("%s: %v", col, err)
		}
	}
	s, err := New(Config{Name: "shop", URL: db.url, NumericAsText: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	got, err := readAll(begin(t, s), "t", "n", "wide", "ns")
	if want := `1.50 | 1234567890123456789012345678901234567890.5000000000 | ["1.10","NaN",null]`; err != nil || got != want {
		t.Errorf("numerics as text: %s, %v", got, err)
	}
}

func TestReadsViewsAndPartitionedTables(t *testing.T) {
	db := newDB(t)
	db.exec(t, `CREATE TABLE retail.p (d date NOT NULL, n int) PARTITION BY RANGE (d);
		CREATE TABLE retail.p1 PARTITION OF retail.p FOR VALUES FROM ('2014-01-01') TO ('2015-01-01');
		CREATE TABLE retail.p2 PARTITION OF retail.p FOR VALUES FROM ('2015-01-01') TO ('2016-01-01');
		INSERT INTO retail.p SELECT '2014-06-01'::date + i, i FROM generate_series(1, 500) i;
		CREATE VIEW retail.v AS SELECT n, n::text AS t FROM retail.p WHERE n <= 2;
		CREATE MATERIALIZED VIEW retail.m AS SELECT n FROM retail.p WHERE n <= 3;
		CREATE TABLE retail.parent (n int); CREATE TABLE retail.child () INHERITS (retail.parent);
		INSERT INTO retail.parent VALUES (1); INSERT INTO retail.child VALUES (2)`)
	snap := begin(t, db.source(t, 2))
	if got, err := readAll(snap, "p", "n"); err != nil || strings.Count(got, "|") != 499 {
		t.Errorf("partitioned: %d rows, %v", strings.Count(got, "|")+1, err)
	}
	for table, want := range map[string]string{"v": "1 | 1 | 2 | 2", "m": "1 | 2 | 3", "parent": "1 | 2"} {
		if got, err := readAll(snap, table); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", table, got, err, want)
		}
	}
	all, err := snap.Tables(context.Background())
	for _, x := range all {
		if x.Name.Name == "p1" {
			t.Error("a partition is listed beside its parent")
		}
	}
	if err != nil {
		t.Error(err)
	}
}

func TestDescribesCommentsAndUnqualifiedNames(t *testing.T) {
	db := newDB(t)
	db.exec(t, `CREATE TABLE public.customer (id int PRIMARY KEY, "고객명" text); COMMENT ON TABLE public.customer IS '고객'; COMMENT ON COLUMN public.customer."고객명" IS '고객의 이름'`)
	st, err := begin(t, db.source(t, 1)).Describe(context.Background(), port.TableName{Name: "customer"})
	if err != nil || st.Comment != "고객" || st.Fields[1].Comment != "고객의 이름" || st.Name.Schema != "public" || st.Key[0] != "id" {
		t.Errorf("described as %+v, %v", st, err)
	}
}

func TestComparesEachTypeWithItsOwn(t *testing.T) {
	db := newDB(t)
	db.exec(t, `CREATE TYPE retail.grade AS ENUM ('b', 'a');
		CREATE TABLE retail.t (id int, d date, ts timestamp, tz timestamptz, u uuid, b boolean, g retail.grade, c char(4), k text COLLATE "und-x-icu", f real);
		INSERT INTO retail.t VALUES (1, '2014-01-01', '2014-01-01', '2014-01-01 00:00+00', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', true, 'a', 'x', 'a', 'NaN'),
		(2, '2014-01-02', '2014-01-01 12:00', '2014-01-01 12:00+00', 'b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', false, 'b', 'y', 'B', 2)`)
	snap := begin(t, db.source(t, 1))
	noon, day := time.Date(2014, 1, 1, 12, 0, 0, 0, time.UTC), time.Date(2014, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		column string
		op     port.Op
		value  any
		want   string
	}{
		{"d", port.Eq, day, "1"}, {"d", port.Gt, noon, "2"}, {"ts", port.Lt, noon, "1"}, {"ts", port.Eq, noon, "2"},
		{"tz", port.Eq, noon.In(time.FixedZone("KST", 9*3600)), "2"}, {"u", port.Eq, "B0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "2"},
		{"b", port.Eq, true, "1"}, {"g", port.Lt, "b", "1"}, {"g", port.Eq, "b", "2"}, {"c", port.Eq, "x", "1"}, {"c", port.Ge, "y", "2"},
		{"k", port.Lt, "a", "2"}, {"f", port.Le, 2.0, "2"}, {"id", port.Lt, port.Decimal("1.5"), "1"},
	} {
		st, err := snap.Read(context.Background(), port.ReadSpec{Table: port.TableName{Schema: "retail", Name: "t"}, Columns: []string{"id"}, Where: port.Compare{Column: c.column, Op: c.op, Value: c.value}})
		if err != nil {
			t.Errorf("%s %s %v: %v", c.column, c.op, c.value, err)
			continue
		}
		got := ""
		for st.Next() {
			for r := range int(st.RecordBatch().NumRows()) {
				got += st.RecordBatch().Column(0).ValueStr(r)
			}
		}
		if st.Err() != nil || got != c.want {
			t.Errorf("%s: rows %s, %v; want %s", st.Pushed(), got, st.Err(), c.want)
		}
		st.Release()
	}
}

func TestCarriesRowsSplitOverWrites(t *testing.T) {
	db := newDB(t)
	db.exec(t, `CREATE TABLE retail.big (id int, v text); INSERT INTO retail.big SELECT i, repeat('가', 3000000) || i FROM generate_series(1, 6) i`)
	snap := begin(t, db.source(t, 2))
	st, err := snap.Read(context.Background(), port.ReadSpec{Table: port.TableName{Schema: "retail", Name: "big"}})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Release()
	rows, batches := int64(0), 0
	for st.Next() {
		rows += st.RecordBatch().NumRows()
		batches++
	}
	if st.Err() != nil || rows != 6 || batches < 2 {
		t.Errorf("%d rows in %d batches, %v", rows, batches, st.Err())
	}
}

func TestRefusesTextThatIsNotUTF8(t *testing.T) {
	db := newDB(t)
	name := db.name + "_ascii"
	db.exec(t, "CREATE DATABASE "+name+" ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
	first := db
	t.Cleanup(func() { first.exec(t, "DROP DATABASE "+name+" WITH (FORCE)") })
	db.url = strings.Replace(db.url, db.name, name, 1)
	db.exec(t, `CREATE SCHEMA retail; CREATE TABLE retail.t (v text); INSERT INTO retail.t VALUES ('한글'); CREATE TABLE retail.bad AS SELECT convert_from('\xbcbad5', 'SQL_ASCII') AS v`)
	snap := begin(t, db.source(t, 1))
	if got, err := readAll(snap, "t"); err != nil || got != "한글" {
		t.Errorf("got %s, %v", got, err)
	}
	if _, err := readAll(snap, "bad"); base.KindOf(err) != base.Invalid || !strings.Contains(base.Render(err), "extract retail.bad: invalid byte sequence") || !strings.Contains(base.Render(err), "hint: ") {
		t.Errorf("CP949 bytes: %v", err)
	}
}
