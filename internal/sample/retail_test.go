package sample

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
)

// workshopRows is the number of purchases the sample's figures are made for.
const workshopRows = 28_593_030

// read calls fn with every batch of a table until fn returns false.
func read(t *testing.T, table string, opts Options, fn func(arrow.RecordBatch) bool) {
	t.Helper()
	r, err := RetailReader(t.Context(), table, opts)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	for r.Next() {
		if !fn(r.RecordBatch()) {
			return
		}
	}
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
}

// rowsOf collects a whole table as text; NULL is "".
func rowsOf(t *testing.T, table string, opts Options) [][]string {
	t.Helper()
	var out [][]string
	read(t, table, opts, func(b arrow.RecordBatch) bool {
		for i := range int(b.NumRows()) {
			row := make([]string, b.NumCols())
			for k := range row {
				if c := b.Column(k); c.IsValid(i) {
					row[k] = c.ValueStr(i)
				}
			}
			out = append(out, row)
		}
		return true
	})
	return out
}

// checksum is SHA-256 over the first limit rows as tab-separated text.
func checksum(t *testing.T, table string, opts Options, limit int) string {
	t.Helper()
	h := sha256.New()
	w := bufio.NewWriter(h)
	read(t, table, opts, func(b arrow.RecordBatch) bool {
		for i := range int(b.NumRows()) {
			for k := range int(b.NumCols()) {
				switch c := b.Column(k).(type) {
				case *array.String:
					if c.IsValid(i) {
						io.WriteString(w, c.Value(i))
					} else {
						io.WriteString(w, `\N`)
					}
				default:
					io.WriteString(w, c.ValueStr(i))
				}
				w.WriteByte('\t')
			}
			if limit--; limit == 0 {
				return false
			}
		}
		return true
	})
	w.Flush()
	return hex.EncodeToString(h.Sum(nil)[:16])
}

func TestRetailIsTheSameOnEveryMachine(t *testing.T) {
	golden := map[string]string{
		"customer": "8b31328c2d186c14433130843f2631ab", "products_info": "3dccda725d2da99424668ac5268d0b05",
		"zipcode": "5e4abb76c712fb9e7f9760bcf7595002", "purchase": "addb3cd0654e595f2bc74677393affcc",
	}
	for table, want := range golden {
		if got := checksum(t, table, Options{Rows: workshopRows, Seed: 7}, 100_000); got != want {
			t.Errorf("%s: checksum %s, want %s", table, got, want)
		}
	}
}

func TestRetailDoesNotDependOnProcessors(t *testing.T) {
	opts := Options{Rows: 300_001, Seed: 3}
	many := checksum(t, "purchase", opts, 0)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if one := checksum(t, "purchase", opts, 0); one != many {
		t.Errorf("one processor makes %s, several %s", one, many)
	}
	if other := checksum(t, "purchase", Options{Rows: 300_001, Seed: 4}, 0); other == many {
		t.Error("another seed makes the same rows")
	}
}

func TestDimensionsHaveTheWorkshopsShape(t *testing.T) {
	opts := Options{Seed: 7}
	people, goods, zips := rowsOf(t, "customer", opts), rowsOf(t, "products_info", opts), rowsOf(t, "zipcode", opts)
	if len(people) != 19_383 || len(goods) != 4_386 || len(zips) != 473 {
		t.Fatalf("%d customers, %d products, %d postal codes", len(people), len(goods), len(zips))
	}
	short := map[string]string{}
	for _, z := range zips {
		if !strings.HasPrefix(z[0], z[9]) || len(z[0]) != 5 {
			t.Errorf("postal code %v", z)
		}
		if other, seen := short[z[9]]; seen && other == z[3] {
			t.Errorf("%s is twice in %s", z[9], z[3])
		}
		short[z[9]] = z[3]
	}
	if len(short) != 452 {
		t.Errorf("%d distinct short codes, want 452", len(short))
	}
	homeless, ids := 0, map[string]bool{}
	for _, c := range people {
		ids[c[0]] = true
		if c[3] == "" {
			homeless++
		} else if short[c[3]] == "" {
			t.Errorf("customer %v lives nowhere", c)
		}
	}
	if len(ids) != len(people) || homeless != 178 {
		t.Errorf("%d distinct customers, %d without residence", len(ids), homeless)
	}
	keys, names := map[string]bool{}, map[string]bool{}
	for _, g := range goods {
		keys[strings.Join(g[:4], "|")] = true
		names[g[0]+g[2]+g[5]] = true
	}
	if len(keys) != len(goods) || len(names) != len(goods) {
		t.Errorf("%d products have %d keys and %d names", len(goods), len(keys), len(names))
	}
}

func TestValuesFitTheColumns(t *testing.T) {
	for _, def := range RetailTables() {
		for _, row := range rowsOf(t, def.Name.String(), Options{Rows: 20_000, Seed: 7}) {
			for k, c := range def.Columns {
				if row[k] == "" && c.NotNull {
					t.Fatalf("%s.%s is NULL in %v", def.Name, c.Name, row)
				}
				var limit int
				if _, err := fmt.Sscanf(c.SQLType, "varchar(%d)", &limit); err == nil && utf8.RuneCountInString(row[k]) > limit {
					t.Fatalf("%s.%s %s cannot hold %q", def.Name, c.Name, c.SQLType, row[k])
				}
			}
		}
	}
}

func TestPurchasesKeepTheirKeys(t *testing.T) {
	opts := Options{Rows: 400_000, Seed: 7}
	goods := map[string]bool{}
	for _, g := range rowsOf(t, "products_info", opts) {
		goods[strings.Join(g[:4], "|")] = true
	}
	keys := make(map[string]bool, opts.Rows)
	receipts := map[string]string{}
	stray := 0
	for _, p := range rowsOf(t, "purchase", opts) {
		keys[strings.Join(p[:5], "|")] = true
		if !goods[p[0]+"|"+strings.Join(p[2:5], "|")] {
			stray++
		}
		head := strings.Join(p[5:9], "|")
		if was, seen := receipts[p[0]+p[1]]; seen && was != head {
			t.Fatalf("receipt %s of %s changes from %s to %s", p[1], p[0], was, head)
		}
		receipts[p[0]+p[1]] = head
		if p[5] != "" && (len(p[5]) != 5 || p[5] < "00001" || p[5] > "19383") {
			t.Fatalf("customer %q does not exist", p[5])
		}
	}
	if len(keys) != 400_000 {
		t.Errorf("%d distinct keys in 400,000 rows", len(keys))
	}
	near(t, "stray products", stray, 400_000, 0.001, 0.0003)
	near(t, "receipts", len(receipts), 400_000, 0.31, 0.02)
}

func TestPurchasesAreShapedLikeAShop(t *testing.T) {
	opts := Options{Rows: 1_000_000, Seed: 7}
	count := map[string]int{}
	byCustomer := map[string]int{}
	last, back := "", 0
	read(t, "purchase", opts, func(b arrow.RecordBatch) bool {
		text := func(k int) *array.String { return b.Column(k).(*array.String) }
		amount := b.Column(9).(*array.Float64)
		for i := range int(b.NumRows()) {
			day := text(7).Value(i)
			count[text(0).Value(i)]++
			count["year "+day[:4]]++
			count["month "+day[4:6]]++
			count["hour "+text(8).Value(i)]++
			for k, name := range map[int]string{5: "no customer", 6: "no store", 9: "no amount"} {
				if b.Column(k).IsNull(i) {
					count[name]++
				}
			}
			byCustomer[text(5).Value(i)]++
			if amount.IsValid(i) && (int64(amount.Value(i))%10 != 0 || amount.Value(i) < 100) {
				t.Fatalf("amount %v", amount.Value(i))
			}
			if day < last {
				back++
			}
			last = day
		}
		return true
	})
	near(t, "A", count["A"], 1_000_000, 0.24, 0.005)
	near(t, "B", count["B"], 1_000_000, 0.52, 0.005)
	near(t, "C", count["C"], 1_000_000, 0.22, 0.005)
	near(t, "D", count["D"], 1_000_000, 0.02, 0.002)
	near(t, "no customer", count["no customer"], 1_000_000, 0.0005, 0.0002)
	near(t, "no store", count["no store"], 1_000_000, 0.0002, 0.0001)
	near(t, "no amount", count["no amount"], 1_000_000, 0.0004, 0.0001)
	if count["year 2014"]+count["year 2015"] != 1_000_000 || count["year 2015"] < count["year 2014"]*105/100 {
		t.Errorf("years %d and %d", count["year 2014"], count["year 2015"])
	}
	if count["month 12"] < count["month 06"]*115/100 || count["hour 18"] < count["hour 11"]*3/2 {
		t.Errorf("no peaks: %v", count)
	}
	if back > 20_000 {
		t.Errorf("dates step back %d times", back)
	}
	if n := len(byCustomer); n < 17_000 {
		t.Errorf("only %d customers buy", n)
	}
	top := 0
	for id, n := range byCustomer {
		if id != "" {
			top = max(top, n)
		}
	}
	if top < 6*1_000_000/19_383 || top > 30*1_000_000/19_383 {
		t.Errorf("the best customer has %d rows of a million", top)
	}
}

func TestJoiningPostalCodesOverstatesSalesByAboutFourPercent(t *testing.T) {
	for _, seed := range []uint64{1, 7, 99} {
		opts := Options{Rows: 300_000, Seed: seed}
		matches, rows := map[string]int{}, map[string]int{}
		for _, z := range rowsOf(t, "zipcode", opts) {
			matches[z[9]]++
		}
		joined := 0
		for _, c := range rowsOf(t, "customer", opts) {
			rows[c[0]] = max(1, matches[c[3]])
			joined += rows[c[0]]
		}
		var once, twice float64
		read(t, "purchase", opts, func(b arrow.RecordBatch) bool {
			for i := range int(b.NumRows()) {
				v := b.Column(9).(*array.Float64).Value(i)
				once += v
				twice += v * float64(max(1, rows[b.Column(5).(*array.String).Value(i)]))
			}
			return true
		})
		t.Logf("seed %d: 19,383 customers become %d, sales grow by factor %.4f", seed, joined, twice/once)
		if f := twice / once; f < 1.03 || f > 1.05 {
			t.Errorf("seed %d: sales are overstated by factor %.4f", seed, f)
		}
		if joined < 20_100 || joined > 20_400 {
			t.Errorf("seed %d: 19,383 customers become %d", seed, joined)
		}
	}
}

func TestAnyNumberOfRowsWorks(t *testing.T) {
	for _, n := range []int64{0, 1, 63, 65, batchRows, batchRows + 1} {
		if got := len(rowsOf(t, "purchase", Options{Rows: n, Seed: 7})); got != int(n) {
			t.Errorf("%d rows asked, %d made", n, got)
		}
	}
	p := newPurchases(7, 3*workshopRows, customers(7, zipRows()))
	m := p.batch(3*workshopRows/batchRows*batchRows, 3*workshopRows)
	defer m.batch.Release()
	last := int(m.batch.NumRows()) - 1
	if day := m.batch.Column(7).ValueStr(last); day < "20151228" {
		t.Errorf("the last of 85,779,090 rows is of %s", day)
	}
}

func TestRetailReportsAndSums(t *testing.T) {
	ld := &counting{}
	var reports []base.Progress
	sum, err := Retail(t.Context(), ld, Options{Rows: 70_000, Seed: 7, Report: func(p base.Progress) { reports = append(reports, p) }})
	if err != nil {
		t.Fatal(err)
	}
	if len(sum.Tables) != 4 || sum.Tables[3] != (TableRows{"retail.purchase", 70_000}) || !ld.finished {
		t.Errorf("summary %+v", sum)
	}
	if float64(sum.Amount) != ld.amount || sum.Amounts != ld.amounts || sum.Amounts == 70_000 {
		t.Errorf("summary says %d in %d amounts, rows say %.0f in %d", sum.Amount, sum.Amounts, ld.amount, ld.amounts)
	}
	if p := reports[len(reports)-1]; p.Total != 70_000 || p.Rows != 70_000 {
		t.Errorf("last report %+v", p)
	}
	if _, err := Retail(t.Context(), ld, Options{Rows: -1}); base.KindOf(err) != base.Usage {
		t.Errorf("-1 rows: %v", err)
	}
	ld.short = true
	if _, err := Retail(t.Context(), ld, Options{Rows: 200_000}); err == nil {
		t.Error("a loader that loses rows goes unnoticed")
	}
}

// counting is a port.Loader that only looks at the rows.
type counting struct {
	finished, short bool
	amount          float64
	amounts         int64
}

func (c *counting) Create(context.Context, []port.TableDef) error { return nil }

func (c *counting) Load(_ context.Context, t port.TableDef, r array.RecordReader, report base.Report) (int64, error) {
	var n int64
	for r.Next() {
		if a, ok := r.RecordBatch().Column(len(t.Columns) - 1).(*array.Float64); ok {
			for i := range a.Len() {
				if a.IsValid(i) {
					c.amount += a.Value(i)
					c.amounts++
				}
			}
		}
		n += r.RecordBatch().NumRows()
		report.Do(base.Progress{Rows: n})
		if c.short {
			break
		}
	}
	return n, r.Err()
}

func (c *counting) Finish(context.Context, []port.TableDef, base.Report) error {
	c.finished = true
	return nil
}

func (c *counting) Close() error { return nil }

// near fails if got of n is further than slack from share.
func near(t *testing.T, what string, got, n int, share, slack float64) {
	t.Helper()
	if f := float64(got) / float64(n); f < share-slack || f > share+slack {
		t.Errorf("%s: %.5f, want %.5f within %.5f", what, f, share, slack)
	}
}
