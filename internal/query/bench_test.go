package query_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/mulgil/mulgil/internal/lake/external"
	"github.com/mulgil/mulgil/internal/query"
)

// BenchmarkFilteredPartitionOfTwentyThousandFiles reads one of 2,000 partitions
// of 10 files each: binding (which prunes and lists) alone, and the whole query.
func BenchmarkFilteredPartitionOfTwentyThousandFiles(b *testing.B) {
	for _, format := range []string{external.JSON, external.Parquet} {
		w := newBench(b)
		w.create("big", format, "id int, name string", "dt string, hour int")
		w.write("big/.keep", "")
		w.engine("COPY (SELECT 1 AS id, '한글' AS name) TO 'LAKE/one.parquet'")
		content := "{\"id\":1,\"name\":\"한글\"}\n"
		if format == external.Parquet {
			text, err := os.ReadFile(filepath.Join(w.dir, "lake", "one.parquet"))
			w.ok(err)
			content = string(text)
		}
		var parts []external.Partition
		for i := range 2000 {
			dt, hour := fmt.Sprintf("2024-%02d-%02d", i/24%12+1, i/24/12+1), fmt.Sprintf("%02d", i%24)
			dir := "big/dt=" + dt + "/hour=" + hour
			for j := range 10 {
				w.write(fmt.Sprintf("%s/%d", dir, j), content)
			}
			parts = append(parts, external.Partition{Values: []string{dt, hour}, Location: "s3://lake/" + dir + "/"})
		}
		_, err := w.tables.AddPartitions(b.Context(), "sales", "big", parts)
		w.ok(err)
		const filtered = "SELECT count(*) FROM big WHERE dt = '2024-03-02' AND hour = 7"
		w.want(filtered, "10")
		b.Run(format+"/bind", func(b *testing.B) {
			for b.Loop() {
				bound, err := w.query.Bind(b.Context(), []query.Text{{SQL: filtered}}, nil, nil)
				w.ok(err)
				bound.Release()
			}
		})
		b.Run(format+"/query", func(b *testing.B) {
			for b.Loop() {
				w.want(filtered, "10")
			}
		})
		b.Run(format+"/all", func(b *testing.B) {
			for b.Loop() {
				w.want("SELECT count(*), sum(id) FROM big", "20000 20000")
			}
		})
	}
}

// BenchmarkOwnersPartOfAQuery is what this process does for a query of a table
// of 96 partitions; the worker's time passes beside it.
func BenchmarkOwnersPartOfAQuery(b *testing.B) {
	w := newBench(b)
	w.create("sales", external.Parquet, "id int, name string", "y string, m string")
	w.write("sales/.keep", "")
	w.engine("COPY (SELECT 1 AS id, '한글' AS name) TO 'LAKE/one.parquet'")
	text, err := os.ReadFile(filepath.Join(w.dir, "lake", "one.parquet"))
	w.ok(err)
	var parts []external.Partition
	for i := range 96 {
		y, m := fmt.Sprint(2000+i/12), fmt.Sprintf("%02d", i%12+1)
		w.write("sales/y="+y+"/m="+m+"/0.parquet", string(text))
		parts = append(parts, external.Partition{Values: []string{y, m}, Location: "s3://lake/sales/y=" + y + "/m=" + m + "/"})
	}
	_, err = w.tables.AddPartitions(b.Context(), "sales", "sales", parts)
	w.ok(err)
	for b.Loop() {
		res, err := w.query.Select(b.Context(), query.Request{Text: query.Text{SQL: "SELECT y, count(*), sum(id) FROM sales GROUP BY 1 ORDER BY 1"}}, query.Athena)
		w.ok(err)
		if len(res.Rows) != 8 {
			b.Fatal(res.Rows)
		}
	}
}
