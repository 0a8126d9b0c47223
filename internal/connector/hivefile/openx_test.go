package hivefile_test

import (
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/port"
)

func TestOpenXBendsValuesToTheirColumns(t *testing.T) {
	for _, c := range []struct{ typ, in, want string }{
		{"int", `5.9`, `5`}, {"int", `-5.9`, `-5`}, {"int", `"0x1F"`, `31`}, {"int", `010`, `8`}, {"int", `"08"`, `8`}, {"int", `1e3`, `1000`},
		{"int", `2147483648`, `null`}, {"int", `true`, `null`}, {"int", `""`, `null`}, {"int", `" 7"`, `null`}, {"int", `"+7"`, `7`},
		{"tinyint", `127`, `127`}, {"tinyint", `128`, `null`}, {"smallint", `-32768`, `-32768`}, {"smallint", `40000`, `null`},
		{"bigint", `9223372036854775807`, `9223372036854775807`}, {"bigint", `9223372036854775808`, `null`}, {"bigint", `1e-5`, `0`},
		{"double", `"2.5"`, `2.5`}, {"double", `"NaNo"`, `null`}, {"double", `" 1.5 "`, `1.5`}, {"double", `1.7976931348623157e308`, `1.7976931348623157e+308`},
		{"double", `0.1`, `0.1`}, {"double", `123456789.123456`, `123456789.123456`}, {"float", `0.1`, `0.1`},
		{"decimal(5,2)", `1.005`, `"1.01"`}, {"decimal(5,2)", `"-1.005"`, `"-1.01"`}, {"decimal(5,2)", `999.994`, `"999.99"`}, {"decimal(5,2)", `999.995`, `null`}, {"decimal(5,2)", `1e2`, `"100"`},
		{"decimal(38,10)", `1234567890123456789012345678.0123456789`, `"1234567890123456789012345678.0123456789"`},
		{"boolean", `"TRUE"`, `true`}, {"boolean", `1`, `false`}, {"boolean", `"yes"`, `false`}, {"boolean", `{}`, `false`},
		{"string", `1.50`, `"1.50"`}, {"string", `1e3`, `"1E+3"`}, {"string", `TRUE`, `"true"`}, {"string", `0x10`, `"16"`}, {"string", `bare`, `"bare"`},
		{"string", `{"k" : [1, 2.0, "한<\/b>", null], "K": {}}`, `"{\"K\":{}}"`}, {"string", `[1,,2]`, `"[1,null,2]"`}, {"string", `"\ud55c\uae00 \ud83d\ude00"`, `"한글 😀"`},
		{"string", `"\ud83d"`, `"?"`}, {"string", `"a\/b\t"`, `"a/b\t"`}, {"varchar(3)", `"가나다라"`, `"가나다"`}, {"char(4)", `"ab  xx"`, `"ab"`},
		{"date", `"2023-08-10"`, `"2023-08-10"`}, {"date", `"2023-8-1 12:00"`, `"2023-08-01"`}, {"date", `"2023-02-30"`, `"2023-03-02"`}, {"date", `19579`, `"2023-08-10"`}, {"date", `"soon"`, `null`},
		{"timestamp", `"2023-08-10T06:23:13.7085"`, `"2023-08-10T06:23:13.709"`}, {"timestamp", `"2023-08-10 6:3:1"`, `"2023-08-10T06:03:01"`}, {"timestamp", `"2023-08-10T06:23:13-0930"`, `"2023-08-10T15:53:13"`},
		{"timestamp", `"2023-08-10T06:23"`, `"2023-08-10T06:23:00"`}, {"timestamp", `"2023-08-10"`, `null`}, {"timestamp", `"2023-08-10 06:23:13Z"`, `null`}, {"timestamp", `1691648593`, `"2023-08-10T06:23:13"`},
		{"timestamp", `1691648593709`, `"2023-08-10T06:23:13.709"`}, {"timestamp", `1691648593.7099`, `"2023-08-10T06:23:13.709"`}, {"timestamp", `"1969-12-31T23:59:59.999Z"`, `"1969-12-31T23:59:59.999"`},
		{"timestamp", `"2023-08-10T23:59:59.9996"`, `"2023-08-11T00:00:00"`}, {"timestamp", `"2023-08-10T06:23:13+99:00"`, `null`},
		{"binary", `"7ZWc"`, `"7ZWc"`},
		{"array<int>", `[1,"2",null,"x"]`, `[1,2,null,null]`}, {"array<int>", `7`, `[7]`}, {"array<string>", `""`, `null`}, {"array<array<int>>", `[[1],[]]`, `[[1],[]]`},
		{"map<string,int>", `{"a":1,"b":null}`, `[{"key":"a","value":1},{"key":"b","value":null}]`}, {"map<int,string>", `{"1":"x","01":"y","z":"w"}`, `[{"key":1,"value":"y"}]`}, {"map<string,int>", `" "`, `null`},
		{"struct<x:int,y:array<string>>", `{"X":1,"y":["가"],"z":0}`, `{"x":1,"y":["가"]}`}, {"struct<x:int,y:string>", `[1,"b"]`, `{"x":1,"y":"b"}`}, {"struct<x:int>", `""`, `{"x":null}`}, {"struct<x:int>", `null`, `null`},
	} {
		rows, _, err := read(t, table(t, openX, "v "+c.typ, `{"v":`+c.in+"}\n"))
		if err != nil || len(rows) != 1 || strings.ReplaceAll(rows[0], "Z\"", "\"") != "["+c.want+"]" {
			t.Errorf("%s from %s: %v %v, want [%s]", c.typ, c.in, rows, err, c.want)
		}
	}
}

func TestOpenXGrammarIsLenient(t *testing.T) {
	want(t, table(t, openX, "a int, b string", strings.Join([]string{
		` {'a' = 1 ; b => '가"나'} // comment`, `{/* x */"a":2,"b":"#"} # rest`, `{a:3,b:word}`, `{"a":4,"a":5,"A":6}`, `[7,"by place"]`, `{}`, `{"b":"x"}garbage{`,
	}, "\n")), `[1,"가\"나"]`, `[2,"#"]`, `[3,"word"]`, `[6,null]`, `[7,"by place"]`, `[null,null]`, `[null,"x"]`)
}

func TestOpenXMalformedLineIsAnErrorUnlessIgnored(t *testing.T) {
	for _, line := range []string{`{"a":1`, `{"a"1}`, `{"a":1,}`, `{"a":"x}`, `{"a":"\u00g0"}`, `{"a":{"b":[}}`, `{null:1}`, `{"a":}`, strings.Repeat(`{"a":`, 2000)} {
		text := "{\"a\":1}\n" + line + "\n{\"a\":3}\n"
		refused(t, table(t, openX, "a int", text), "HIVE_CURSOR_ERROR", "s3://lake/주문/part-0:2: the line is not a valid JSON object")
		w := want(t, table(t, openX, "a int", text, "ignore.malformed.json", "true"), `[1]`, `[null]`, `[3]`)
		if len(w) != 1 || !strings.Contains(w[0], "1 malformed line read as NULL in s3://lake/주문/part-0: line 2 (") {
			t.Errorf("%s: warnings %q", line, w)
		}
	}
	refused(t, table(t, openX, "가격 int", `{"가격":{"a":1}}`), "HIVE_CURSOR_ERROR", "column 가격: a JSON object cannot be read as int")
	want(t, table(t, openX, "가격 int", `{"가격":{"a":1}}`, "use.null.for.invalid.data", "true"), `[null]`)
}

func TestOpenXKeysFollowTheParameters(t *testing.T) {
	text := `{"ID":1,"Event.Name":"가","ts":"x","id2":9}` + "\n"
	want(t, table(t, openX, "id int, event_name string", text), `[1,null]`)
	want(t, table(t, openX, "id int, event_name string", text, "dots.in.keys", "true"), `[1,"가"]`)
	want(t, table(t, openX, "id int, event_name string", text, "case.insensitive", "false", "dots.in.keys", "true"), `[null,null]`)
	want(t, table(t, openX, "id int, stamp string, again string", text, "mapping.stamp", "TS", "mapping.again", "ts", "mapping.id", "id2"), `[9,"x","x"]`)
	want(t, table(t, openX, "id int", text, "case.insensitive", "false", "mapping.id", "ID"), `[1]`)
}

func TestTimestampFormatsAreTriedFirst(t *testing.T) {
	want(t, table(t, openX, "t timestamp", `{"t":"10/Aug/2023:06:23:13 +0900"}`+"\n"+`{"t":"20230810062313"}`+"\n"+`{"t":"2023-08-10T00:00:00"}`+"\n",
		"timestamp.formats", "dd/MMM/yyyy:HH:mm:ss Z,yyyyMMddHHmmss"), `["2023-08-09T21:23:13"]`, `["2023-08-10T06:23:13"]`, `["2023-08-10T00:00:00"]`)
	refused(t, table(t, openX, "t timestamp", "{}", "timestamp.formats", "yyyy-ww"), "HIVE_INVALID_METADATA", "timestamp.formats")
}

func TestHiddenColumnsAndKeysFollowTheFile(t *testing.T) {
	tab := tableOf(t, openX, "a int", map[string]string{"x.json": "{\"a\":1}\n", "y.json": "{\"a\":2}\n{\"a\":3}\n"})
	tab.Keys = columnsOf("y int, m string, d date")
	tab.Partitions = [][]string{{"0007", "01", "2024-02-29"}, {port.HiveNullPartition, "", port.HiveNullPartition}}
	for i := range tab.Files {
		if strings.HasSuffix(tab.Files[i].Path, "y.json") {
			tab.Files[i].Partition = 1
		}
	}
	rows, _, err := read(t, tab, "a", "m", "y", "d", "$path", "$file_size")
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(rows, "\n")
	for _, w := range []string{`[1,"01",7,"2024-02-29","s3://lake/주문/x.json",8]`, `[2,"",null,null,"s3://lake/주문/y.json",16]`, `[3,"",null,null,"s3://lake/주문/y.json",16]`} {
		if !strings.Contains(all, w) {
			t.Errorf("%s is not in\n%s", w, all)
		}
	}
	tab.Partitions[1] = []string{"x", "", "2024-02-30"}
	refused(t, tab, "HIVE_INVALID_PARTITION_VALUE", `"x"`)
	tab.Partitions[1] = []string{"1", "", "2024-02-30"}
	refused(t, tab, "HIVE_INVALID_PARTITION_VALUE", `"2024-02-30"`)
}
