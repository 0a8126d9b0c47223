package sample_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	_ "modernc.org/sqlite"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/connector/postgres"
	"github.com/mulgil/mulgil/internal/connector/sqlite"
	"github.com/mulgil/mulgil/internal/port"
	"github.com/mulgil/mulgil/internal/sample"
)

// facts are queries that every loaded sample of 20,000 rows answers alike; %T(x)
// stands for table x of the retail schema.
const facts = `SELECT count(*) FROM %T(customer) = 19383
SELECT count(*) FROM %T(products_info) = 4386
SELECT count(*) FROM %T(zipcode) = 473
SELECT count(DISTINCT short_zipcode) FROM %T(zipcode) = 452
SELECT count(*) FROM %T(customer) WHERE residence IS NULL = 178
SELECT count(*) FROM %T(purchase) = 20000
SELECT count(*) FROM %T(purchase) WHERE purchase_date < '20140101' OR purchase_date > '20151231' OR length(purchase_date) <> 8 = 0
SELECT count(*) FROM %T(purchase) p LEFT JOIN %T(customer) c ON c.customer_id = p.customer_id WHERE c.customer_id IS NULL AND p.customer_id IS NOT NULL = 0
SELECT count(*) FROM %T(purchase) WHERE affiliate NOT IN ('A', 'B', 'C', 'D') = 0`

// loaded is a database under test and the way into it.
type loaded struct {
	port.Loader
	ask   func(query string) (int64, error)
	table func(name string) string
}

// verify compares what each query answers; %T(x) stands for table x.
func (l loaded) verify(t *testing.T, query string, want int64) {
	t.Helper()
	filled := tableMark.ReplaceAllStringFunc(query, func(m string) string { return l.table(tableMark.FindStringSubmatch(m)[1]) })
	if got, err := l.ask(filled); err != nil || got != want {
		t.Errorf("%s: got %d %v, want %d", filled, got, err, want)
	}
}

var tableMark = regexp.MustCompile(`%T\((\w+)\)`)

// hold verifies facts, one "query = number" a line.
func (l loaded) hold(t *testing.T, facts string) {
	t.Helper()
	for _, line := range strings.Split(facts, "\n") {
		at := strings.LastIndex(line, " = ")
		want, err := strconv.ParseInt(line[at+3:], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		l.verify(t, line[:at], want)
	}
}

// inSQLite is a new SQLite file.
func inSQLite(t *testing.T, schema string) loaded {
	t.Helper()
	path := filepath.Join(t.TempDir(), "shop.db")
	ld, err := sqlite.NewLoader(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ld.Close() })
	db, err := sql.Open("sqlite", sqlite.DSN(path))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return loaded{ld, func(query string) (n int64, err error) {
		err = db.QueryRow(query).Scan(&n)
		return n, err
	}, func(name string) string { return `"` + schema + `.` + name + `"` }}
}

// inPostgres is the database of MULGIL_TEST_POSTGRES.
func inPostgres(t *testing.T, schema string) loaded {
	t.Helper()
	address := os.Getenv("MULGIL_TEST_POSTGRES")
	if address == "" {
		t.Skipf("set MULGIL_TEST_POSTGRES to the address of a database whose schema %s may be replaced", schema)
	}
	ld, err := postgres.NewLoader(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ld.Close() })
	conn, err := pgx.Connect(t.Context(), strings.TrimPrefix(address, "jdbc:"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return loaded{ld, func(query string) (n int64, err error) {
		err = conn.QueryRow(t.Context(), query).Scan(&n)
		return n, err
	}, func(name string) string { return `"` + schema + `".` + name }}
}

// loadRetail loads 20,000 rows and compares facts and summary with what the database says.
func loadRetail(t *testing.T, l loaded) {
	t.Helper()
	sum, err := sample.Retail(t.Context(), l, sample.Options{Rows: 20_000, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	l.hold(t, facts)
	l.verify(t, "SELECT CAST(sum(amount) AS bigint) FROM %T(purchase)", sum.Amount)
	l.verify(t, "SELECT count(amount) FROM %T(purchase)", sum.Amounts)
}

func TestRetailLoadsIntoSQLite(t *testing.T) {
	l := inSQLite(t, "retail")
	loadRetail(t, l)
	for query, want := range map[string]int64{
		`SELECT count(*) FROM pragma_table_info('retail.purchase') WHERE pk`:                                      5,
		`SELECT count(*) FROM pragma_foreign_key_list('retail.purchase') WHERE "table" = 'retail.customer'`:       1,
		`SELECT count(*) FROM mulgil_comments`:                                                                    4 + 30,
		`SELECT count(*) FROM mulgil_comments WHERE table_name = 'retail.purchase' AND comment = '구매금액'`:          1,
		`SELECT count(*) FROM pragma_table_info('retail.purchase') WHERE name = 'amount' AND type LIKE 'double%'`: 1,
	} {
		l.verify(t, query, want)
	}
}

func TestRetailLoadsIntoPostgres(t *testing.T) {
	l := inPostgres(t, "retail")
	loadRetail(t, l)
	for query, want := range map[string]int64{
		`SELECT count(*) FROM pg_constraint WHERE connamespace = 'retail'::regnamespace AND contype = 'p'`:                               3,
		`SELECT count(*) FROM pg_constraint WHERE connamespace = 'retail'::regnamespace AND conname = 'fk_customer_id' AND convalidated`: 1,
		`SELECT count(*) FROM pg_description d JOIN pg_class c ON c.oid = d.objoid WHERE c.relnamespace = 'retail'::regnamespace`:        4 + 30,
	} {
		l.verify(t, query, want)
	}
}

// storeFacts hold in every loaded store of 3,000 receipts; %T(x) is table x.
const storeFacts = `SELECT count(*) FROM %T(products) WHERE is_pb = 'Y' = 205
SELECT count(DISTINCT receipt_num) FROM %T(transaction_order) = 3000
SELECT count(DISTINCT tr_date) FROM %T(transaction_order) = 974
SELECT count(*) FROM %T(transaction_order) WHERE tr_date = '2016-02-29' = 3
SELECT count(*) FROM %T(transaction_order) WHERE (sex IS NULL) <> (age_group IS NULL) = 0
SELECT count(*) FROM %T(balju_refund) WHERE balju_qty > 0 = 1714
SELECT count(*) FROM %T(balju_refund) WHERE disposal_qty > 0 = 38`

// loadStore loads 3,000 receipts and asks the database.
func loadStore(t *testing.T, l loaded) {
	t.Helper()
	if _, err := sample.Store(t.Context(), l, sample.Options{Rows: 3_000, Seed: 7}); err != nil {
		t.Fatal(err)
	}
	l.hold(t, storeFacts)
}

func TestStoreLoadsIntoSQLite(t *testing.T) { loadStore(t, inSQLite(t, "RETAIL")) }

func TestStoreLoadsIntoPostgres(t *testing.T) { loadStore(t, inPostgres(t, "RETAIL")) }

func TestRetailLoadsVeryFewPurchases(t *testing.T) {
	loaders := map[string]func() (port.Loader, error){
		"sqlite": func() (port.Loader, error) { return sqlite.NewLoader(filepath.Join(t.TempDir(), "shop.db")) },
	}
	if address := os.Getenv("MULGIL_TEST_POSTGRES"); address != "" {
		loaders["postgres"] = func() (port.Loader, error) { return postgres.NewLoader(t.Context(), address) }
	}
	for name, open := range loaders {
		for _, rows := range []int64{0, 1} {
			ld, err := open()
			if err != nil {
				t.Fatal(err)
			}
			sum, err := sample.Retail(t.Context(), ld, sample.Options{Rows: rows, Seed: 7})
			if err != nil || sum.Tables[3].Rows != rows || sum.Amounts != rows {
				t.Errorf("%s: %d rows: %+v, %v", name, rows, sum, err)
			}
			if err := ld.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestRetailStoppedMidwayLeavesNoFile(t *testing.T) {
	dir := t.TempDir()
	ld, err := sqlite.NewLoader(filepath.Join(dir, "shop.db"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err = sample.Retail(ctx, ld, sample.Options{Rows: 500_000, Seed: 7, Report: func(p base.Progress) {
		if p.Stage == "load retail.purchase" {
			cancel()
		}
	}})
	if base.KindOf(err) != base.Canceled {
		t.Errorf("stopped load: %v", err)
	}
	if err := ld.Close(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}
