package trino_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/trino"
)

type oracleCase struct {
	ID, SQL string
	Error   *struct{ Name, Message string }
}

// oracle reads a file of statements that a real Trino answered.
func oracle(t *testing.T, file string) []oracleCase {
	t.Helper()
	dir := os.Getenv("MULGIL_ORACLE")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "..", "shared", "oracle")
	}
	f, err := os.Open(filepath.Join(dir, "athena", file))
	if err != nil {
		t.Skipf("the oracle is not here (set MULGIL_ORACLE to its folder): %v", err)
	}
	defer f.Close()
	var out []oracleCase
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var c oracleCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		out = append(out, c)
	}
	if lines.Err() != nil || len(out) == 0 {
		t.Fatalf("%s: %d cases, %v", file, len(out), lines.Err())
	}
	return out
}

func TestOracleStatementsParseUnlessTrinoRefusedThem(t *testing.T) {
	for _, file := range []string{"functions.jsonl", "seed_queries.jsonl"} {
		for _, c := range oracle(t, file) {
			_, err := trino.Parse(c.SQL)
			refused := c.Error != nil && c.Error.Name == "SYNTAX_ERROR"
			switch {
			case refused && base.CodeOf(err) != "SYNTAX_ERROR":
				t.Errorf("%s: %s\ngot %v, Trino says %s", c.ID, c.SQL, err, c.Error.Message)
			case !refused && err != nil:
				t.Errorf("%s: %s\n%s", c.ID, c.SQL, base.Render(err))
			}
			if refused && testing.Verbose() {
				t.Logf("%s\nTrino: %s", base.Render(err), c.Error.Message)
			}
		}
	}
}
