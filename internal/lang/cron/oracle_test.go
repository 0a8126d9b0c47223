package cron

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

type oracleCase struct {
	Kind     string `json:"kind"`
	Expr     string `json:"expr"`
	Tier     string `json:"tier"`
	Valid    bool   `json:"valid"`
	Reason   string `json:"reason"`
	Timezone string `json:"timezone"`
	Period   int64  `json:"period_seconds"`
	Next     []struct {
		After time.Time   `json:"after"`
		Fires []time.Time `json:"fires"`
	} `json:"next"`
}

// TestOracleCron poses the recorded expressions of $MULGIL_ORACLE/cron: all
// fires must be right, and all that is invalid refused.
func TestOracleCron(t *testing.T) {
	dir := os.Getenv("MULGIL_ORACLE")
	if dir == "" {
		t.Skip("set MULGIL_ORACLE to a folder of recorded cases, or run make oracle AREA=cron")
	}
	f, err := os.Open(filepath.Join(dir, "cron", "cron.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	pass, posed := 0, 0
	tiers := map[string][2]int{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c oracleCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		n := tiers[c.Tier]
		posed, n[1] = posed+1, n[1]+1
		if miss := c.miss(); miss == "" {
			pass, n[0] = pass+1, n[0]+1
		} else {
			t.Errorf("%s: %s", c.Expr, miss)
		}
		tiers[c.Tier] = n
	}
	if posed == 0 || lines.Err() != nil {
		t.Fatalf("%d cases read, %v", posed, lines.Err())
	}
	for tier, n := range tiers {
		t.Logf("ORACLE cron: %s %d of %d", tier, n[0], n[1])
	}
	t.Logf("ORACLE cron: %d of %d = %.4f", pass, posed, float64(pass)/float64(posed))
}

// miss says what differs from the record; empty if nothing does.
func (c *oracleCase) miss() string {
	e, err := Parse(c.Expr)
	switch {
	case !c.Valid && err == nil:
		return "accepted, though " + c.Reason
	case !c.Valid:
		return ""
	case err != nil:
		return "refused: " + err.Error()
	case e.Period != time.Duration(c.Period)*time.Second:
		return "period " + e.Period.String()
	}
	zone := time.UTC
	if c.Timezone != "" {
		if zone, err = LoadZone(c.Timezone); err != nil {
			return err.Error()
		}
	}
	for _, n := range c.Next {
		got, want := fires(e, n.After, zone, 10), show(n.Fires)
		if got != want {
			return "after " + n.After.Format(time.RFC3339) + "\n got " + got + "\nwant " + want
		}
	}
	return ""
}

// fires writes the first n fires later than after.
func fires(e *Expression, after time.Time, zone *time.Location, n int) string {
	var out []time.Time
	for t, ok := e.Next(after, zone, after); ok && len(out) < n; t, ok = e.Next(t, zone, after) {
		out = append(out, t)
	}
	return show(out)
}

func show(times []time.Time) string {
	out := make([]string, len(times))
	for i, t := range times {
		out[i] = t.Format(time.RFC3339)
	}
	return strings.Join(out, " ")
}
