package hivefile_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/connector/hivefile"
	"github.com/mulgil/mulgil/internal/port"
)

const (
	openX    = "org.openx.data.jsonserde.JsonSerDe"
	hiveJSON = "org.apache.hive.hcatalog.data.JsonSerDe"
	openCSV  = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
	lazyText = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
)

// table is one file of text with its columns written "a int, b string".
func table(t testing.TB, serde, columns, text string, parameters ...string) port.HiveTable {
	t.Helper()
	return tableOf(t, serde, columns, map[string]string{"part-0": text}, parameters...)
}

func tableOf(t testing.TB, serde, columns string, files map[string]string, parameters ...string) port.HiveTable {
	t.Helper()
	out := port.HiveTable{Name: "판매.주문", Serde: serde, Parameters: map[string]string{}, Columns: columnsOf(columns)}
	for i := 0; i+1 < len(parameters); i += 2 {
		out.Parameters[parameters[i]] = parameters[i+1]
	}
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		out.Files = append(out.Files, port.HiveFile{Path: path, Address: "s3://lake/주문/" + name, Size: int64(len(text))})
	}
	return out
}

func columnsOf(text string) []port.HiveColumn {
	var out []port.HiveColumn
	depth, start := 0, 0
	text += ","
	for i, c := range text {
		switch c {
		case '<', '(':
			depth++
		case '>', ')':
			depth--
		case ',':
			if depth == 0 {
				name, typ, _ := strings.Cut(strings.TrimSpace(text[start:i]), " ")
				out = append(out, port.HiveColumn{Name: name, Type: typ})
				start = i + 1
			}
		}
	}
	return out
}

func names(t port.HiveTable) []string {
	var out []string
	for _, c := range t.Columns {
		out = append(out, c.Name)
	}
	return out
}

// read gives the rows as JSON texts, in no order.
func read(t testing.TB, tab port.HiveTable, columns ...string) ([]string, []string, error) {
	t.Helper()
	if len(columns) == 0 {
		columns = names(tab)
	}
	s, err := hivefile.Open(t.Context(), port.HiveRead{Table: tab, Columns: columns, Threads: 2})
	if err != nil {
		return nil, nil, err
	}
	defer s.Release()
	var out []string
	for s.Next() {
		b, err := s.RecordBatch().MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		var rows []map[string]any
		d := json.NewDecoder(strings.NewReader(string(b)))
		d.UseNumber()
		if err := d.Decode(&rows); err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			var cells []any
			for _, c := range columns {
				cells = append(cells, r[c])
			}
			text, err := json.Marshal(cells)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(text)))
		}
	}
	return out, s.Warnings(), s.Err()
}

func want(t testing.TB, tab port.HiveTable, rows ...string) []string {
	t.Helper()
	got, warnings, err := read(t, tab)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Join(got, "\n") != strings.Join(rows, "\n") {
		t.Errorf("rows:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(rows, "\n"))
	}
	return warnings
}

func refused(t testing.TB, tab port.HiveTable, code, message string) {
	t.Helper()
	_, _, err := read(t, tab)
	if err == nil || base.CodeOf(err) != code || !strings.Contains(err.Error(), message) {
		t.Errorf("error %v (%s), want %s with %q", err, base.CodeOf(err), code, message)
	}
}

func TestOpenXReadsTheRecordedLines(t *testing.T) {
	lines := `{"a":1,"b":"x","t":"2023-08-10T06:23:13.708884","d":1.5,"f":true}
{"A":2,"B":"upper keys","t":"2023-08-10 06:23:13","d":"2.5","f":"true"}
{"b":"missing a"}
{"a":null,"b":null}
{"a":"7","b":8,"t":"2023-08-10T06:23:13Z","d":3}
{"a":3,"b":{"k":[1,2]},"zzz":"extra"}

{"a":4,"b":"한글 \"q\"","t":"2023-08-10T06:23:13+09:00"}
{"a":5.9,"b":true}
not json
{"a":1}{"a":2}
`
	w := want(t, table(t, openX, "a int, b string, t timestamp, d double, f boolean", lines),
		`[1,"x","2023-08-10T06:23:13.709",1.5,true]`,
		`[2,"upper keys","2023-08-10T06:23:13",2.5,true]`,
		`[null,"missing a",null,null,null]`,
		`[null,null,null,null,null]`,
		`[7,"8","2023-08-10T06:23:13",3,null]`,
		`[3,"{\"k\":[1,2]}",null,null,null]`,
		`[null,null,null,null,null]`,
		`[4,"한글 \"q\"","2023-08-09T21:23:13",null,null]`,
		`[5,"true",null,null,null]`,
		`[null,null,null,null,null]`,
		`[1,null,null,null,null]`)
	if len(w) != 1 || !strings.Contains(w[0], "2 malformed lines") || !strings.Contains(w[0], "s3://lake/주문/part-0: lines 7, 10") {
		t.Errorf("warnings %q", w)
	}
}
