package cli

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mulgil/mulgil/internal/base"
)

// hand is a clock moved by hand; nothing waiting on it ever passes.
type hand struct{ now time.Time }

func (h *hand) Now() time.Time                       { return h.now }
func (h *hand) After(time.Duration) <-chan time.Time { return nil }

func TestProgressOffATerminalIsALineEveryFewSeconds(t *testing.T) {
	var out bytes.Buffer
	clock := &hand{now: began}
	p := newProgress(&out, clock, false, false, 80)
	for i := range 13 {
		p.report(base.Progress{Stage: "write 구매", Rows: int64(i) * 1000, Bytes: int64(i) * 1e6, Files: int64(i)})
		clock.now = clock.now.Add(time.Second)
	}
	p.report(base.Progress{Stage: "state T1", Run: "e1", Note: "attempt 2"})
	p.report(base.Progress{Stage: "write 구매", Rows: 13000, Elapsed: 13 * time.Second, Done: true})
	p.report(base.Progress{Stage: "state T1", Run: "e1", Elapsed: time.Minute, Done: true, Failed: true})
	p.close()
	p.close()
	want := `write 구매: 0.0s
write 구매: 5,000 rows, 1,000 rows/s, 5.0 MB, 5 files, 5.0s
write 구매: 10,000 rows, 1,000 rows/s, 10.0 MB, 10 files, 10.0s
state T1: attempt 2, 0.0s
write 구매: 13,000 rows, 1,000 rows/s, 13.0s, done
state T1: 1m00s, failed
`
	if d := cmp.Diff(want, out.String()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestProgressOnATerminalRedrawsRunningStages(t *testing.T) {
	var out bytes.Buffer
	clock := &hand{now: began}
	p := newProgress(&out, clock, true, false, 60)
	draw := func() { p.mu.Lock(); p.picture(); p.mu.Unlock() }
	p.report(base.Progress{Stage: "extract", Rows: 50, Total: 100, Elapsed: time.Second})
	p.report(base.Progress{Stage: "state 은행 거래 내역을 아주 길게 이름 붙인 상태 그리고 더", Elapsed: time.Second})
	draw()
	p.report(base.Progress{Stage: "extract", Rows: 100, Total: 100, Elapsed: 2 * time.Second, Done: true})
	p.above(func() { out.WriteString("a note\n") })
	p.close()
	long := "· state 은행 거래 내역을 아주 길게 이름 붙인 상태 그리고 …\n"
	want := "· [==========          ] extract: 50 of 100 rows (50%), 50…\n" + long +
		"\x1b[2A\x1b[J✓ extract: 100 of 100 rows (100%), 50 rows/s, 2.0s\n" + long +
		"\x1b[1A\x1b[Ja note\n" + long + "\x1b[1A\x1b[J"
	if d := cmp.Diff(want, out.String()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	for _, line := range strings.Split(want, "\n") {
		if widths.StringWidth(strings.TrimPrefix(line, "\x1b[2A\x1b[J")) > 60 {
			t.Errorf("too wide: %q", line)
		}
	}
}

func TestFinishedStagesLeaveOnlyWhatIsWorthReading(t *testing.T) {
	for live, want := range map[bool]string{
		true:  "Run silver: warning: 조인이 행을 늘립니다\n✓ write 구매: 0.5s\n✓ job: 1 row, 0.0s\n✗ state 은행: 0.0s\n",
		false: "Run silver: warning: 조인이 행을 늘립니다\nsync 구매: 0.0s, done\nwrite 구매: 0.5s, done\njob: 1 row, 0.0s, done\nstate 은행: 0.0s, failed\n",
	} {
		var out bytes.Buffer
		p := newProgress(&out, &hand{now: began}, live, false, 40)
		p.report(base.Progress{Stage: "Run silver: warning", Note: "조인이 행을 늘립니다", Done: true})
		p.report(base.Progress{Stage: "sync 구매", Elapsed: 10 * time.Millisecond, Done: true})
		p.report(base.Progress{Stage: "write 구매", Elapsed: 500 * time.Millisecond, Done: true})
		p.report(base.Progress{Stage: "job", Rows: 1, Done: true})
		p.report(base.Progress{Stage: "state 은행", Done: true, Failed: true})
		p.close()
		if d := cmp.Diff(want, out.String()); d != "" {
			t.Errorf("live %v (-want +got):\n%s", live, d)
		}
	}
}

func TestManyStagesStayOnTheScreen(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out, &hand{now: began}, true, true, 60)
	for i := range 20 {
		p.report(base.Progress{Stage: "s" + strings.Repeat("x", i)})
	}
	p.mu.Lock()
	p.picture()
	p.mu.Unlock()
	if n := strings.Count(out.String(), "\n"); n != maxLive+1 || !strings.Contains(out.String(), "and 8 more") {
		t.Errorf("%d lines:\n%s", n, out.String())
	}
	p.close()
}

func TestProgressComesFromAnyGoroutine(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out, base.SystemClock{}, true, false, 60)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 100 {
				p.report(base.Progress{Stage: "s", Rows: int64(i), Done: i == 99})
			}
		})
	}
	wg.Wait()
	p.close()
}
