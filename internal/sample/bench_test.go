package sample_test

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/connector/postgres"
	"github.com/mulgil/mulgil/internal/connector/sqlite"
	"github.com/mulgil/mulgil/internal/port"
	"github.com/mulgil/mulgil/internal/sample"
)

// BenchmarkPurchases measures making rows, without loading them.
func BenchmarkPurchases(b *testing.B) {
	const rows = 2_000_000
	for b.Loop() {
		r, err := sample.RetailReader(b.Context(), "purchase", sample.Options{Rows: rows, Seed: 7})
		if err != nil {
			b.Fatal(err)
		}
		for r.Next() {
		}
		r.Release()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
}

// BenchmarkSQLite measures a whole load; MULGIL_BENCH_ROWS sets its size.
func BenchmarkSQLite(b *testing.B) {
	for b.Loop() {
		ld, err := sqlite.NewLoader(filepath.Join(b.TempDir(), strconv.Itoa(b.N)+".db"))
		if err != nil {
			b.Fatal(err)
		}
		loadOnce(b, ld)
	}
}

// BenchmarkPostgres measures a whole load into the database at MULGIL_TEST_POSTGRES.
func BenchmarkPostgres(b *testing.B) {
	address := os.Getenv("MULGIL_TEST_POSTGRES")
	if address == "" {
		b.Skip("set MULGIL_TEST_POSTGRES to the address of a database to fill")
	}
	for b.Loop() {
		ld, err := postgres.NewLoader(b.Context(), address)
		if err != nil {
			b.Fatal(err)
		}
		loadOnce(b, ld)
	}
}

func loadOnce(b *testing.B, ld port.Loader) {
	b.Helper()
	rows := int64(100_000)
	if n, err := strconv.ParseInt(os.Getenv("MULGIL_BENCH_ROWS"), 10, 64); err == nil {
		rows = n
	}
	if _, err := sample.Retail(b.Context(), ld, sample.Options{Rows: rows, Seed: 7, Report: func(p base.Progress) {
		if p.Done || p.Note != "" {
			b.Logf("%s %s after %s", p.Stage, p.Note, p.Elapsed.Round(1e6))
		}
	}}); err != nil {
		b.Fatal(err)
	}
	if err := ld.Close(); err != nil {
		b.Fatal(err)
	}
}
