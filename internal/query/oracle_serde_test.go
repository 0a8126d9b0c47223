package query_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/lake/external"
)

// serdeCase is a recorded answer of a real SerDe.
type serdeCase struct {
	ID       string `json:"id"`
	FileText string `json:"file_text"`
	Table    string `json:"table"`
	SQL      string `json:"sql"`
	Columns  []struct{ Name, Type string }
	Rows     [][]any
	Ordered  bool
	Error    *struct{ Name string }
}

// serdeOracle is the file of recorded cases, empty if there is none here.
func serdeOracle() string {
	dir := os.Getenv("MULGIL_ORACLE")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "oracle")
	}
	path := filepath.Join(dir, "athena", "hive_json.jsonl")
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}

func TestOracleSerde(t *testing.T) {
	path := serdeOracle()
	if path == "" {
		t.Skip("no oracle here: set MULGIL_ORACLE to the folder that has athena/hive_json.jsonl")
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b := newBench(t)
	passed, total := 0, 0
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 16<<20)
	for sc.Scan() {
		var c serdeCase
		b.ok(json.Unmarshal(sc.Bytes(), &c))
		total++
		if miss := b.serdeCase(c, total); miss != "" {
			t.Errorf("%s: %s", c.ID, miss)
		} else {
			passed++
		}
	}
	fmt.Printf("ORACLE athena/serde: passed %d of %d\n", passed, total)
}

var serdeDDL = regexp.MustCompile(`(?is)CREATE\s+EXTERNAL\s+TABLE\s+(\S+)\s*\((.*)\)\s*ROW\s+FORMAT\s+SERDE\s+'([^']+)'(?:\s+WITH\s+SERDEPROPERTIES\s*\(([^)]*)\))?`)
var serdeProperty = regexp.MustCompile(`['"]([^'"]+)['"]\s*=\s*['"]([^'"]*)['"]`)

// serdeCase runs one case and says what is wrong, or nothing.
func (b *bench) serdeCase(c serdeCase, n int) string {
	m := serdeDDL.FindStringSubmatch(c.Table)
	if m == nil {
		return "cannot read the table's definition"
	}
	name := fmt.Sprintf("%s_%d", strings.Trim(m[1], "`"), n)
	b.write(name+"/data.json", c.FileText)
	b.create(name, external.JSON, m[2], "", func(t *external.Table) {
		t.Serde = external.Serde{Library: m[3], Parameters: map[string]string{}}
		for _, p := range serdeProperty.FindAllStringSubmatch(m[4], -1) {
			t.Serde.Parameters[p[1]] = p[2]
		}
	})
	sql := regexp.MustCompile(`\b`+regexp.QuoteMeta(m[1])+`\b`).ReplaceAllString(c.SQL, name)
	_, res, err := b.run(sql)
	if c.Error != nil {
		if err == nil {
			return "no error, want " + c.Error.Name
		}
		return ""
	}
	if err != nil {
		return err.Error()
	}
	if len(res.Rows) != len(c.Rows) {
		return fmt.Sprintf("%d rows, want %d", len(res.Rows), len(c.Rows))
	}
	for i, r := range res.Rows {
		for j, v := range r {
			got, want := shownAs(c.Columns[j].Type, v), shownAs(c.Columns[j].Type, c.Rows[i][j])
			if got != want {
				return fmt.Sprintf("row %d, %s: %s, want %s", i+1, c.Columns[j].Name, got, want)
			}
		}
	}
	return ""
}

// shownAs brings a value into one form, whoever wrote it.
func shownAs(typ string, v any) string {
	if s, ok := v.(string); ok && strings.HasPrefix(typ, "timestamp") {
		for _, f := range []string{"2006-01-02 15:04:05.999999", time.RFC3339Nano, "2006-01-02T15:04:05.999999"} {
			if t, err := time.Parse(f, s); err == nil {
				return t.UTC().Format("2006-01-02 15:04:05.000000")
			}
		}
	}
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	var any2 any
	if json.Unmarshal(text, &any2) != nil {
		return string(text)
	}
	text, _ = json.Marshal(any2)
	return string(text)
}
