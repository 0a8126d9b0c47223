package schedule

import (
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/lang/cron"
)

func TestIntervalsTouchAndCoverTheSpan(t *testing.T) {
	for _, name := range []string{"UTC", "Asia/Seoul", "America/New_York", "America/Havana"} { // in Havana clocks skip midnight
		zone, err := cron.LoadZone(name)
		if err != nil {
			t.Fatal(err)
		}
		for every, n := range map[string]int{Daily: 366, Monthly: 12} {
			list, err := Intervals("2024-01-01", "2024-12-31", every)
			if err != nil || len(list) != n {
				t.Fatalf("%d intervals, %v", len(list), err)
			}
			for i, x := range list {
				if b := x.Begin(zone); b.Day() != x.First.Day() || !b.Before(x.End(zone)) || b.Add(-time.Nanosecond).Day() == b.Day() {
					t.Errorf("%s in %s begins at %s", x.Name(), name, b)
				}
				if i > 0 && !list[i-1].End(zone).Equal(x.Begin(zone)) {
					t.Errorf("%s in %s does not follow %s", x.Name(), name, list[i-1].Name())
				}
			}
		}
	}
}
