package cron

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
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

// TestOracleCron poses the recorded expressions of $MULGIL_ORACLE/cron/*.jsonl:
// all fires must be right, and all that is invalid refused. Misses go to the
// file $MULGIL_ORACLE_MISSES names.
func TestOracleCron(t *testing.T) {
	dir := os.Getenv("MULGIL_ORACLE")
	if dir == "" {
		t.Skip("set MULGIL_ORACLE to a folder of recorded cases, or run make oracle AREA=cron")
	}
	files, err := filepath.Glob(filepath.Join(dir, "cron", "*.jsonl"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases in %s: %v", dir, err)
	}
	var cases []oracleCase
	for _, f := range files {
		cases = append(cases, readCases(t, f)...)
	}
	misses := io.Discard
	if name := os.Getenv("MULGIL_ORACLE_MISSES"); name != "" {
		f, err := os.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		misses = f
	}
	pass := 0
	tiers := map[string][2]int{}
	for _, c := range cases {
		n := tiers[c.Tier]
		n[1]++
		if miss := c.miss(); miss == "" {
			pass, n[0] = pass+1, n[0]+1
		} else {
			t.Errorf("%s: %s", c.Expr, miss)
			fmt.Fprintf(misses, "%s\n%s\n\n", c.Expr, miss)
		}
		tiers[c.Tier] = n
	}
	for _, tier := range slices.Sorted(maps.Keys(tiers)) {
		fmt.Printf("ORACLE cron/%s: passed %d of %d\n", tier, tiers[tier][0], tiers[tier][1])
	}
	fmt.Printf("ORACLE cron: passed %d of %d\n", pass, len(cases))
}

func readCases(t *testing.T, name string) []oracleCase {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []oracleCase
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c oracleCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		out = append(out, c)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
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
