package hivefile_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/connector/hivefile"
	"github.com/mulgil/mulgil/internal/port"
)

// purchases are lines of about 550 bytes and 20 keys, like the shop's events.
func purchases(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"tr_no":"T%09d","customer_id":%d,"tr_datetime":"2015-%02d-%02dT%02d:%02d:%02d.%03d","division_name":"식품잡화","maincategory_name":"신선식품","subcategory_name":"과일","item_name":"제주 감귤 %dkg 박스","store_id":%d,"store_name":"강남점","region":"서울특별시","qty":%d,"mount":%d.5,"discount":0.%02d,"paid_by":"card","card_company":"현대카드","member":true,"age":%d,"gender":"여성","coupon":null,"note":"배송 요청: 문 앞에 놓아 주세요"}`+"\n",
			i, i%100_000, i%12+1, i%28+1, i%24, i%60, i%60, i%1000, i%10+1, i%50, i%5+1, i%100_000, i%100, i%60+18)
	}
	return b.String()
}

const purchaseColumns = "tr_no string, customer_id int, tr_datetime timestamp, division_name string, maincategory_name string, subcategory_name string, item_name string, store_id int, store_name string, region string, qty int, mount double, discount double, paid_by string, card_company string, member boolean, age int, gender string, coupon string, note string"

func drain(b *testing.B, t port.HiveTable, columns ...string) {
	b.Helper()
	rows := int64(0)
	for b.Loop() {
		s, err := hivefile.Open(b.Context(), port.HiveRead{Table: t, Columns: columns, Threads: 1})
		if err != nil {
			b.Fatal(err)
		}
		for s.Next() {
			rows += s.RecordBatch().NumRows()
		}
		if s.Err() != nil {
			b.Fatal(s.Err())
		}
		s.Release()
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkJSONFiveOfTwentyColumns(b *testing.B) {
	for name, serde := range map[string]string{"openx": openX, "hive": hiveJSON} {
		b.Run(name, func(b *testing.B) {
			text := purchases(100_000)
			b.SetBytes(int64(len(text)))
			drain(b, table(b, serde, purchaseColumns, text), "tr_datetime", "division_name", "mount", "qty", "customer_id")
		})
	}
}

func BenchmarkTextFiveOfTwentyColumns(b *testing.B) {
	for name, serde := range map[string]string{"lazy": lazyText, "opencsv": openCSV} {
		b.Run(name, func(b *testing.B) {
			line := "T000000001,12,2015-01-02 03:04:05,식품잡화,신선식품,과일,제주 감귤 3kg 박스,7,강남점,서울특별시,2,1234.5,0.12,card,현대카드,true,33,여성,,배송 요청\n"
			text := strings.Repeat(line, 100_000)
			b.SetBytes(int64(len(text)))
			columns := strings.ReplaceAll(purchaseColumns, "tr_datetime timestamp", "tr_datetime string")
			drain(b, table(b, serde, columns, text, "field.delim", ","), "tr_datetime", "division_name", "mount", "qty", "customer_id")
		})
	}
}
