package sqlite

import (
	"context"
	"testing"

	"github.com/mulgil/mulgil/internal/port"
)

// BenchmarkExtract reads a table of ten columns, as purchases are.
func BenchmarkExtract(b *testing.B) {
	path, exec := shopFileAt(b.TempDir())
	exec(b, `CREATE TABLE p (affiliate varchar(1), receipt_no varchar(8), division_cd varchar(2), main_cd varchar(4), sub_cd varchar(8), customer_id varchar(5), store_cd varchar(3), purchase_date varchar(8), purchase_time varchar(2), amount double precision)`)
	exec(b, `INSERT INTO p WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500000)
		SELECT 'A', '0' || (1000000 + i), '01', '0102', '01020304', '' || (10000 + i % 9000), '042', '20140101', '13', i * 10.0 FROM n`)
	s, err := NewSource(SourceConfig{Name: "shop", Path: path})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	rows := int64(0)
	for b.Loop() {
		snap, err := s.Begin(context.Background())
		if err != nil {
			b.Fatal(err)
		}
		st, err := snap.Read(context.Background(), port.ReadSpec{Table: port.TableName{Name: "p"}})
		if err != nil {
			b.Fatal(err)
		}
		for st.Next() {
			rows += st.RecordBatch().NumRows()
		}
		if st.Err() != nil {
			b.Fatal(st.Err())
		}
		st.Release()
		snap.Close()
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}
