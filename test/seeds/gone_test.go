package seeds

import (
	"encoding/json"
	"strings"
	"testing"
)

// breakOff makes the shop's purchases a view whose server process ends itself
// when it comes to the last hundred of them.
const breakOff = `
ALTER TABLE retail.purchase RENAME TO purchase_whole;
CREATE VIEW retail.purchase AS SELECT p.* FROM retail.purchase_whole p
WHERE CASE WHEN receipt_no >= (SELECT receipt_no FROM retail.purchase_whole ORDER BY receipt_no DESC OFFSET 100 LIMIT 1)
      THEN pg_terminate_backend(pg_backend_pid()) AND pg_sleep(10) IS NULL ELSE true END`

// TestSourceGoneMidWayLeavesTheLakeAsItWas extracts from a server that dies
// near the end: nothing is published, the message says so, and the table and
// its history stay.
func TestSourceGoneMidWayLeavesTheLakeAsItWas(t *testing.T) {
	s := shop(t, "gone", 20000)
	p := onSource(t, s)
	p.must(t, "job", "run", "T0_FACT")
	before := p.must(t, "table", "history", "purchase", "--json") + p.must(t, "table", "files", "purchase", "--json")
	s.exec(t, breakOff)
	out, stderr, code := p.run(t, "job", "run", "T0_FACT", "--json", "-q")
	if code != 1 || !strings.Contains(stderr, "hint") {
		t.Fatalf("exit code %d\n%s", code, stderr)
	}
	var run struct {
		State string
		Error struct{ Kind, Message string }
	}
	if err := json.Unmarshal([]byte(out), &run); err != nil {
		t.Fatal(err)
	}
	if run.State != "FAILED" || run.Error.Kind != "unavailable" || !strings.Contains(run.Error.Message, "purchase") {
		t.Errorf("the run's record: %+v", run)
	}
	if after := p.must(t, "table", "history", "purchase", "--json") + p.must(t, "table", "files", "purchase", "--json"); after != before {
		t.Errorf("the table changed:\n%s\nwas\n%s", after, before)
	}
}
