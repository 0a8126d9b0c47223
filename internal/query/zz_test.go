package query_test
import ("testing";"fmt";"github.com/mulgil/mulgil/internal/query")
func TestZZ(t *testing.T) {
	b := newSQL(t)
	b.do("CREATE EXTERNAL TABLE j (a int, g string) PARTITIONED BY (p string) ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' LOCATION 's3://lake/j/'")
	b.write("j/p=x/1.json", "{\"a\":1}\n{\"a\":20}\n")
	b.do("MSCK REPAIR TABLE j")
	for _, q := range []string{"SELECT a FROM j WHERE a >= 10", "SELECT a FROM j WHERE a + 0 >= 10","SELECT a FROM j WHERE a = 20", "SELECT a FROM j WHERE a = 20 OR a = 30", "SELECT a FROM j WHERE a < 20 and g is null", "EXPLAIN SELECT a FROM j WHERE a >= 10"} {
	_, h, err := b.ask(q)
	fmt.Println(q, h.lines(), err) }
	res, err := b.query.Select(b.Context(), query.Request{Text: query.Text{SQL: "SELECT a FROM j WHERE a >= 10"}}, query.DuckDB)
	fmt.Println(res.Rows, err)
}
