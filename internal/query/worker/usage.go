package worker

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// usage is what a child that ended used in its whole life.
func usage(p *os.ProcessState) Usage {
	if p == nil {
		return Usage{}
	}
	u := Usage{CPUSeconds: (p.UserTime() + p.SystemTime()).Seconds()}
	if ru, ok := p.SysUsage().(*syscall.Rusage); ok {
		u.PeakMemory = ru.Maxrss * maxRSSUnit
	}
	return u
}

// maxRSSUnit is what Rusage.Maxrss counts in: kilobytes, except on macOS.
var maxRSSUnit = map[bool]int64{true: 1, false: 1024}[runtime.GOOS == "darwin"]

// meter measures what this process uses from one task's start to its end.
type meter struct{ cpu float64 }

func startMeter() meter {
	// Linux forgets the peak so far; elsewhere the peak is the process's.
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
	cpu, _ := ownUsage()
	return meter{cpu: cpu}
}

func (m meter) usage() Usage {
	cpu, peak := ownUsage()
	if kb := statusKB("VmHWM:"); kb > 0 {
		peak = kb << 10
	}
	return Usage{PeakMemory: peak, CPUSeconds: cpu - m.cpu}
}

func ownUsage() (cpu float64, peak int64) {
	var ru syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &ru) != nil {
		return 0, 0
	}
	spent := time.Duration(ru.Utime.Nano() + ru.Stime.Nano())
	return spent.Seconds(), ru.Maxrss * maxRSSUnit
}

// statusKB is a size of this process as Linux tells it, 0 elsewhere.
func statusKB(name string) int64 {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(b), name)
	f := strings.Fields(rest)
	if len(f) == 0 {
		return 0
	}
	n, _ := strconv.ParseInt(f[0], 10, 64)
	return n
}
