package rowfile

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/xuri/excelize/v2"

	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

func columns(t testing.TB, text ...string) []Column {
	t.Helper()
	var out []Column
	for i := 0; i < len(text); i += 2 {
		typ, err := types.Parse(text[i+1])
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, Column{text[i], typ})
	}
	return out
}

func write(t testing.TB, format string, o Options, cols []Column, rows ...[]any) (string, error) {
	t.Helper()
	var b bytes.Buffer
	w, err := New(format, &b, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Columns(cols); err != nil {
		return "", err
	}
	for _, r := range rows {
		if err := w.Row(r); err != nil {
			return "", err
		}
	}
	err = w.Close()
	return b.String(), err
}

func text(t testing.TB, format string, o Options, cols []Column, rows ...[]any) string {
	t.Helper()
	out, err := write(t, format, o, cols, rows...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTextFormatsKeepEveryValue(t *testing.T) {
	cols := columns(t, "이름", "varchar", "n", "decimal(5,2)", "r", "row(a bigint, b varchar)")
	rows := [][]any{{"=1+1", "-1.50", []any{json.Number("1"), "<x>"}}, {"", nil, nil}, {nil, "2.00", []any{nil, "a,\"b\"\n|"}}}
	null := "NULL"
	for _, c := range []struct {
		format string
		o      Options
		want   string
	}{
		{"csv", Options{}, "이름,n,r\n'=1+1,-1.50,\"[1,\"\"<x>\"\"]\"\n\"\",,\n,2.00,\"[null,\"\"a,\\\"\"b\\\"\"\\n|\"\"]\"\n"},
		{"csv", Options{Null: &null, Formulas: true, NoHead: true, BOM: true}, "\ufeff=1+1,-1.50,\"[1,\"\"<x>\"\"]\"\n\"\",NULL,NULL\nNULL,2.00,\"[null,\"\"a,\\\"\"b\\\"\"\\n|\"\"]\"\n"},
		{"tsv", Options{}, "이름\tn\tr\n=1+1\t-1.50\t[1,\"<x>\"]\n\t\\N\t\\N\n\\N\t2.00\t[null,\"a,\\\\\"b\\\\\"\\\\n|\"]\n"},
		{"ndjson", Options{}, "{\"이름\":\"=1+1\",\"n\":-1.50,\"r\":{\"a\":1,\"b\":\"<x>\"}}\n{\"이름\":\"\",\"n\":null,\"r\":null}\n{\"이름\":null,\"n\":2.00,\"r\":{\"a\":null,\"b\":\"a,\\\"b\\\"\\n|\"}}\n"},
	} {
		if got := text(t, c.format, c.o, cols, rows...); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.format, got, c.want)
		}
	}
	var list []map[string]any
	if err := json.Unmarshal([]byte(text(t, "json", Options{}, cols, rows...)), &list); err != nil || len(list) != 3 {
		t.Errorf("json: %v %v", list, err)
	}
	if got := text(t, "json", Options{}, cols); got != "[]\n" {
		t.Errorf("no rows: %q", got)
	}
	if got := text(t, "markdown", Options{}, cols, rows[0]); !strings.HasPrefix(got, "| 이름 | n | r |\n| --- | ---: | --- |\n| =1+1 | -1.50 |") {
		t.Errorf("markdown: %s", got)
	}
}

func TestTwoColumnsOfOneNameAreRefusedWhereNamesCount(t *testing.T) {
	cols := columns(t, "id", "bigint", "id", "bigint")
	for _, f := range []string{"json", "ndjson", "parquet", "arrow"} {
		if _, err := write(t, f, Options{}, cols); err == nil || !strings.Contains(err.Error(), `column "id" occurs twice`) {
			t.Errorf("%s: %v", f, err)
		}
	}
	if got := text(t, "csv", Options{}, cols, []any{json.Number("1"), json.Number("2")}); got != "id,id\n1,2\n" {
		t.Errorf("csv: %q", got)
	}
}

var typed = []string{"b", "boolean", "i", "integer", "n", "bigint", "d", "decimal(38,2)", "f", "double", "이름", "varchar(3)", "raw", "varbinary", "day", "date",
	"at", "timestamp(3)", "z", "timestamp(6) with time zone", "list", "array(integer)", "m", "map(bigint,varchar)", "r", "row(a integer, b array(varchar))"}

func typedRow() []any {
	n := func(s string) any { return json.Number(s) }
	return []any{true, n("-7"), n("9223372036854775807"), "123456789012345678901234567890.12", "Infinity", "가나", "AP8=", "2024-02-29",
		"2024-01-02 03:04:05.678", "2024-01-02 09:00:00.000000 Asia/Seoul", []any{n("1"), nil}, map[string]any{"5": "다섯"}, []any{n("3"), []any{"x", nil}}}
}

func TestParquetAndArrowHaveTheColumnsTypes(t *testing.T) {
	cols := columns(t, typed...)
	nulls := make([]any, len(cols))
	r, err := file.NewParquetReader(bytes.NewReader([]byte(text(t, "parquet", Options{}, cols, typedRow(), nulls))))
	if err != nil {
		t.Fatal(err)
	}
	pq, err := pqarrow.NewFileReader(r, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	table, err := pq.ReadTable(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer table.Release()
	tr := array.NewTableReader(table, 10)
	defer tr.Release()
	tr.Next()
	checkTyped(t, "parquet", tr.RecordBatch())
	a, err := ipc.NewFileReader(bytes.NewReader([]byte(text(t, "arrow", Options{}, cols, typedRow(), nulls))))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	rec, err := a.RecordBatch(0)
	if err != nil {
		t.Fatal(err)
	}
	checkTyped(t, "arrow", rec)
}

func checkTyped(t *testing.T, what string, rec arrow.RecordBatch) {
	t.Helper()
	want := []string{"true", "-7", "9223372036854775807", "123456789012345678901234567890.12", "+Inf", "가나", "AP8=", "2024-02-29"}
	for i, w := range want {
		if got := rec.Column(i).ValueStr(0); got != w && !(i == 4 && math.IsInf(rec.Column(i).(*array.Float64).Value(0), 1)) {
			t.Errorf("%s: column %d is %s, want %s", what, i, got, w)
		}
	}
	at := rec.Column(8).(*array.Timestamp)
	z := rec.Column(9).(*array.Timestamp)
	if got := at.Value(0).ToTime(at.DataType().(*arrow.TimestampType).Unit); !got.Equal(time.Date(2024, 1, 2, 3, 4, 5, 678e6, time.UTC)) {
		t.Errorf("%s: timestamp %v", what, got)
	}
	if got := z.Value(0).ToTime(z.DataType().(*arrow.TimestampType).Unit); !got.Equal(time.Date(2024, 1, 2, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("%s: timestamp with zone %v", what, got)
	}
	if got := rec.Column(12).ValueStr(0); !strings.Contains(got, `"a":3`) || !strings.Contains(got, `["x",null]`) {
		t.Errorf("%s: row %s", what, got)
	}
	for i := range int(rec.NumCols()) {
		if !rec.Column(i).IsNull(1) {
			t.Errorf("%s: column %d is not NULL", what, i)
		}
	}
}

func TestSheetsKeepTextAndNumbers(t *testing.T) {
	cols := columns(t, "글", "varchar", "n", "bigint", "d", "decimal(5,2)", "at", "date", "big", "bigint")
	data := text(t, "xlsx", Options{}, cols, []any{"=1+1", json.Number("42"), "1.50", "2024-02-29", json.Number("9007199254740993")}, []any{nil, nil, nil, nil, nil})
	f, err := excelize.OpenReader(strings.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for cell, want := range map[string]string{"A1": "글", "A2": "=1+1", "B2": "42", "C2": "1.5", "D2": "2024-02-29", "E2": "9007199254740993", "A3": ""} {
		if got, err := f.GetCellValue("Sheet1", cell); err != nil || got != want {
			t.Errorf("%s is %q %v, want %q", cell, got, err, want)
		}
	}
	if formula, _ := f.GetCellFormula("Sheet1", "A2"); formula != "" {
		t.Errorf("A2 is the formula %s", formula)
	}
	for cell, want := range map[string]excelize.CellType{"B2": excelize.CellTypeUnset, "E2": excelize.CellTypeInlineString} {
		if got, err := f.GetCellType("Sheet1", cell); err != nil || got != want {
			t.Errorf("type of %s is %v %v", cell, got, err)
		}
	}
	if _, err := write(t, "xlsx", Options{}, cols, []any{strings.Repeat("가", 32768)}); err == nil || !strings.Contains(err.Error(), `column "글" has a text of 32768`) {
		t.Errorf("a long text: %v", err)
	}
}
