package trino_test

import (
	"os"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/lang/trino"
)

// BenchmarkParseHundredLines parses a report of a hundred lines: WITH, a join,
// CASE, windows, formats.
func BenchmarkParseHundredLines(b *testing.B) {
	text, err := os.ReadFile("testdata/report.sql")
	if err != nil {
		b.Fatal(err)
	}
	sql := string(text)
	if n := strings.Count(sql, "\n"); n != 100 {
		b.Fatalf("%d lines", n)
	}
	b.SetBytes(int64(len(sql)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := trino.Parse(sql); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseMegabyte(b *testing.B) {
	sql := "SELECT a FROM t WHERE a IN (1" + strings.Repeat(", 123", 200_000) + ")"
	b.SetBytes(int64(len(sql)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := trino.Parse(sql); err != nil {
			b.Fatal(err)
		}
	}
}
