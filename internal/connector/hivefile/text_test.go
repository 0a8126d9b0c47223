package hivefile_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"sort"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/mulgil/mulgil/internal/connector/hivefile"
	"github.com/mulgil/mulgil/internal/port"
)

func TestHiveJSONIsStrict(t *testing.T) {
	want(t, table(t, hiveJSON, "a int, b string, c decimal(5,2), d timestamp, e boolean, f array<int>, g struct<x:int>, h map<string,int>, i double",
		`{"A":5.9,"b":1.50,"c":"1.005","d":"2023-08-10 06:23:13.5","e":"TRUE","f":[1,null],"g":{"X":1,"y":2},"h":{"가":1},"i":3}junk`+"\n"+`{"a":null}`+"\n"),
		`[5,"1.50","1.01","2023-08-10T06:23:13.5",true,[1,null],{"x":1},[{"key":"가","value":1}],3]`, `[null,null,null,null,null,null,null,null,null]`)
	for _, line := range []string{`{"a":"1"}`, `{'a':1}`, `{"a":01}`, `not json`, ``, `{"a":1`, `{"a":2147483648}`, `{"a":true}`, `{"a":[1]}`, "{\"b\":\"\t\"}", `{"b":"\a"}`, `{"a":1,}`, `{"a":.5}`, `{"b":nul}`} {
		text := line + "\n{\"a\":7,\"b\":\"가\"}\n"
		refused(t, table(t, hiveJSON, "a int, b string", text), "HIVE_CURSOR_ERROR", "part-0:1: ")
		want(t, table(t, hiveJSON, "a int, b string", text, "ignore.malformed.json", "true"), `[null,null]`, `[7,"가"]`)
	}
	want(t, table(t, hiveJSON, "b string, f array<int>, g struct<x:int>, a int", `{"b":"kept?","f":[1,"x"],"g":{"x":"y"},"a":"z"}`+"\n"+`{"b":"나","f":[2],"g":{"x":3},"a":4}`, "ignore.malformed.json", "true"),
		`[null,null,null,null]`, `["나",[2],{"x":3},4]`)
}

func TestOpenCSVReadsAsAthenaDoes(t *testing.T) {
	text := "이름,수\n" + `"가, 나",1,2.5,true,1579059880000,276` + "\n" + `"say ""hi""",2,0,FALSE,0,-1,extra` + "\n" + `e\"sc,3,1e2,true,-1,0` + "\n" + `short` + "\n\n"
	want(t, table(t, openCSV, "a string, b int, c double, d boolean, e timestamp, f date", text, "skip.header.line.count", "1"),
		`["가, 나",1,2.5,true,"2020-01-15T03:44:40","1970-10-04"]`, `["say \"hi\"",2,0,false,"1970-01-01T00:00:00","1969-12-31"]`,
		`["e\"sc",3,100,true,"1969-12-31T23:59:59.999","1970-01-01"]`, `["short",null,null,null,null,null]`, `[null,null,null,null,null,null]`)
	want(t, table(t, openCSV, "a string, b string", "'x;1'; y \n'it''s';'z\n", "separatorChar", ";", "quoteChar", "'"), `["x;1"," y "]`, `["it's",null]`)
	refused(t, table(t, openCSV, "a int", "1\n\"\"\n"), "HIVE_BAD_DATA", `part-0:2: column a: "" cannot be read as int`)
	refused(t, table(t, openCSV, "a timestamp", "2023-08-10 00:00:00\n"), "HIVE_BAD_DATA", "timestamp")
	refused(t, table(t, openCSV, "a array<int>", "1\n"), "HIVE_INVALID_METADATA", "array<int>")
	refused(t, table(t, openCSV, "a string", "1\n", "escapeChar", `"`), "HIVE_INVALID_METADATA", "escapeChar")
}

func TestLazySimpleReadsByItsSeparators(t *testing.T) {
	all := "a int, b string, c double, d array<string>, e map<string,int>, f struct<x:int,y:array<int>>"
	want(t, table(t, lazyText, all, "1\x01가\x012.5\x01x\x02y\x01k\x031\x02k\x032\x02m\x03\\N\x017\x021\x032\n\\N\x01\\N\x01bad\x01\n3.7\x01only\n\n9\x01x\x011\x01\x01\x015\x01extra\n"),
		`[1,"가",2.5,["x","y"],[{"key":"k","value":1},{"key":"m","value":null}],{"x":7,"y":[1,2]}]`, `[null,null,null,[],null,null]`, `[3,"only",null,null,null,null]`,
		`[null,null,null,null,null,null]`, `[9,"x",1,[],[],{"x":5,"y":null}]`)
	want(t, table(t, lazyText, "a int, b string, c date, d timestamp, e boolean, f decimal(4,1), g string", `1,x\,y,2023-08-10,2023-08-10 06:23:13.1,TRUE,12.35,"q"`+"\n"+`2,NULL,soon,2023-08-10,1,99999,`+"\n",
		"field.delim", ",", "escape.delim", `\`, "serialization.null.format", "NULL"),
		`[1,"x,y","2023-08-10","2023-08-10T06:23:13.1",true,"12.4","\"q\""]`, `[2,null,null,null,null,null,""]`)
	want(t, table(t, lazyText, "a string, b string", "x|y|z\n", "field.delim", "|", "serialization.last.column.takes.rest", "true"), `["x","y|z"]`)
	want(t, table(t, lazyText, "a string, b int", "x\t1\n", "serialization.format", "9"), `["x",1]`)
	want(t, table(t, lazyText, "a varchar(2), b char(3), c tinyint, d smallint", "가나다,x  y,128,5\n", "field.delim", ","), `["가나","x",null,5]`)
	refused(t, table(t, lazyText, "a string", "x\n", "line.delim", ";"), "HIVE_INVALID_METADATA", "line.delim")
	refused(t, table(t, lazyText, "a string", "x\n", "skip.footer.line.count", "1"), "HIVE_INVALID_METADATA", "skip.footer.line.count")
}

func TestLinesEndAsHivesDo(t *testing.T) {
	want(t, table(t, lazyText, "a string", "\xef\xbb\xbf가\r\nb\rc\n\nd"), `["가"]`, `["b"]`, `["c"]`, `[""]`, `["d"]`)
	want(t, table(t, lazyText, "a string", ""))
	want(t, table(t, lazyText, "a string", "x\xffy\n"), `["x�y"]`)
}

func TestCompressedFilesAreKnownByTheirEndings(t *testing.T) {
	var gz, zs bytes.Buffer
	g := gzip.NewWriter(&gz)
	fmt.Fprint(g, "{\"a\":1}\n")
	g.Close()
	g = gzip.NewWriter(&gz) // a second member follows
	fmt.Fprint(g, "{\"a\":2}\n")
	g.Close()
	z, err := zstd.NewWriter(&zs)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(z, "{\"a\":3}\n")
	z.Close()
	bz := "BZh91AY&SY\xb1\x1c\xe8U\x00\x00\x04\x19\x80@\x00\x10\x00\x06\x04\x90\x80 \x00\"\x06\x99\x1b\x08\x0c\xb1=Q\xc1\xd1w$S\x85\t\x0b\x11\xce\x85P"
	rows, _, err := read(t, tableOf(t, openX, "a int", map[string]string{"1.json.gz": gz.String(), "2.ZST": zs.String()}))
	sort.Strings(rows)
	if err != nil || strings.Join(rows, "") != "[1][2][3]" {
		t.Errorf("%v %v", rows, err)
	}
	refused(t, tableOf(t, openX, "a int", map[string]string{"cut.gz": gz.String()[:gz.Len()-12]}), "HIVE_BAD_DATA", "s3://lake/주문/cut.gz is damaged")
	refused(t, tableOf(t, openX, "a int", map[string]string{"no.gz": "plain"}), "HIVE_BAD_DATA", "no.gz")
	refused(t, tableOf(t, openX, "a int", map[string]string{"x.bz2": bz[:20]}), "HIVE_BAD_DATA", "x.bz2")
	refused(t, tableOf(t, openX, "a int", map[string]string{"x.snappy": "x"}), "HIVE_UNSUPPORTED_FORMAT", ".snappy")
}

func TestVanishedFileIsNamed(t *testing.T) {
	tab := table(t, openX, "a int", "{}\n")
	if err := os.Remove(tab.Files[0].Path); err != nil {
		t.Fatal(err)
	}
	refused(t, tab, "HIVE_CANNOT_OPEN_SPLIT", "s3://lake/주문/part-0")
	tab.Serde = "org.apache.hadoop.hive.serde2.RegexSerDe"
	refused(t, tab, "HIVE_UNSUPPORTED_FORMAT", "RegexSerDe")
}

func TestBlocksOfALargeFileHoldEachLineOnce(t *testing.T) {
	var b strings.Builder
	const rows = 400_000
	pad := strings.Repeat("한", 30)
	for i := range rows {
		if i == 399_000 || i == 5 {
			b.WriteString("not json\r\n")
			continue
		}
		fmt.Fprintf(&b, `{"a":%d,"pad":"%s"}`, i, pad)
		b.WriteString([]string{"\n", "\r\n", "\r"}[i%3])
	}
	tab := table(t, openX, "a bigint", b.String())
	if b.Len() < 33<<20 {
		t.Fatalf("%d bytes are one block", b.Len())
	}
	s, err := hivefile.Open(t.Context(), port.HiveRead{Table: tab, Columns: []string{"a"}, Threads: 3})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Release()
	seen, n := make([]bool, rows), 0
	for s.Next() {
		c := s.RecordBatch().Column(0).(interface {
			Value(int) int64
			IsValid(int) bool
			Len() int
		})
		for i := range c.Len() {
			n++
			if c.IsValid(i) {
				if seen[c.Value(i)] {
					t.Fatalf("row %d came twice", c.Value(i))
				}
				seen[c.Value(i)] = true
			}
		}
	}
	if s.Err() != nil || n != rows || s.Total() != rows {
		t.Fatalf("%d rows, total %d, %v", n, s.Total(), s.Err())
	}
	if w := s.Warnings(); len(w) != 1 || !strings.Contains(w[0], "lines 6, 399001") {
		t.Errorf("warnings %q", w)
	}
}

func FuzzReadersNeverPanic(f *testing.F) {
	for _, s := range []string{`{"a":1,"b":{"k":[1,2]},"c":[1],"d":{"x":"y"}}`, "[1,'x',,]", `{a=>1;b:"\ud83d\ude00"}`, "1\x01x\x02y\x01k\x03v", `"a""b",\"c,1`, "{\"a\":/*", "\r\n\r\xef\xbb\xbf"} {
		f.Add([]byte(s), "1")
	}
	f.Fuzz(func(t *testing.T, text []byte, parameter string) {
		for _, serde := range []string{openX, hiveJSON, openCSV, lazyText} {
			columns := "a int, b string, c array<double>, d map<int,struct<x:varchar(3),y:timestamp>>, e decimal(9,3), f date, g binary, h boolean"
			if serde == openCSV {
				columns = "a string, b int, c timestamp, d decimal(4,2)"
			}
			tab := table(t, serde, columns, string(text), "ignore.malformed.json", "true", "use.null.for.invalid.data", "true", "field.delim", parameter, "escape.delim", `\`)
			lines := 0
			s, err := hivefile.Open(t.Context(), port.HiveRead{Table: tab, Columns: names(tab), Threads: 1})
			if err != nil {
				continue
			}
			for s.Next() {
				rec := s.RecordBatch()
				lines += int(rec.NumRows())
				for _, c := range rec.Columns() {
					if c.Len() != int(rec.NumRows()) {
						t.Fatalf("%s: a column of %d values in %d rows", serde, c.Len(), rec.NumRows())
					}
				}
				if _, err := rec.MarshalJSON(); err != nil {
					t.Fatalf("%s: %v", serde, err)
				}
			}
			if err := s.Err(); err != nil && (strings.Contains(err.Error(), "runtime error") || serde != openCSV) {
				t.Fatalf("%s: %v", serde, err)
			}
			s.Release()
		}
	})
}
