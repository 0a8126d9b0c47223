package query

import (
	"regexp"
	"strconv"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

// Limits bound what statements may take, as a workgroup does in Athena. Zero
// means no bound unless said otherwise.
type Limits struct {
	// Timeout ends a statement, the time it waited included; zero is 30 minutes.
	Timeout time.Duration
	// ScanBytes refuses a statement that would read more, after pruning.
	ScanBytes int64
	// ResultRows and ResultBytes (as JSON) bound one answer.
	ResultRows, ResultBytes int64
	// Concurrent statements work at once; zero is one for each thread, at least
	// two. Queued more wait; zero is 1000.
	Concurrent, Queued int
	// NoResultCache runs every statement, even if its answer is kept.
	NoResultCache bool
}

const (
	defaultTimeout = 30 * time.Minute
	defaultQueued  = 1000
)

func (l Limits) withDefaults(threads int) Limits {
	if l.Timeout == 0 {
		l.Timeout = defaultTimeout
	}
	if l.Concurrent == 0 {
		l.Concurrent = max(threads, 2)
	}
	if l.Queued == 0 {
		l.Queued = defaultQueued
	}
	return l
}

// leastMemory is what a statement gets however many run at once.
const leastMemory = 256 << 20

// share is one statement's part of the memory for all.
func (l Limits) share(memory int64) int64 {
	return max(memory/int64(max(l.Concurrent, 1)), min(memory, leastMemory))
}

// scan refuses a statement that would read too much.
func (l Limits) scan(b *Bound) error {
	if l.ScanBytes == 0 || b == nil || b.ScanBytes <= l.ScanBytes {
		return nil
	}
	return base.Errorf(base.Invalid, "the query would read %s in %d files, the bytes scanned limit is %s", Size(b.ScanBytes), b.ScanFiles, Size(l.ScanBytes)).
		WithCode("EXCEEDED_SCAN_LIMIT").WithHint("filter on partition columns, or raise limits.scanned_bytes in mulgil.yaml")
}

// result refuses an answer that has grown too large.
func (l Limits) result(rows, bytes int64) error {
	var e *base.Error
	switch {
	case l.ResultRows > 0 && rows > l.ResultRows:
		e = base.Errorf(base.Invalid, "the result has more than %d rows", l.ResultRows).WithHint("add a LIMIT, or raise limits.result_rows in mulgil.yaml")
	case l.ResultBytes > 0 && bytes > l.ResultBytes:
		e = base.Errorf(base.Invalid, "the result is larger than %s", Size(l.ResultBytes)).WithHint("select fewer columns or rows, or raise limits.result_bytes in mulgil.yaml")
	default:
		return nil
	}
	return e.WithCode("EXCEEDED_RESULT_LIMIT")
}

// planning is how long the engine may look for a query's plan. It needs
// milliseconds for what people write; what it cannot plan in this time it
// would often not plan in hours.
const planning = time.Minute

func (l Limits) overtime() error {
	return base.Errorf(base.Invalid, "the query exceeded the maximum run time of %s", l.Timeout).
		WithCode("EXCEEDED_TIME_LIMIT").WithHint("ask for less, or raise limits.query_timeout in mulgil.yaml")
}

var runTime = regexp.MustCompile(`^\s*(\d+(?:\.\d+)?)\s*(ns|us|ms|s|m|h|d)\s*$`)

// within are the limits of one statement: a session may ask for less time, by
// the property query_max_run_time as Trino's clients set it ("90s", "5.00m").
func (l Limits) within(s Session) Limits {
	m := runTime.FindStringSubmatch(s.Properties[runTimeProperty])
	if m == nil {
		return l
	}
	units := map[string]time.Duration{"ns": 1, "us": time.Microsecond, "ms": time.Millisecond, "s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}
	n, err := strconv.ParseFloat(m[1], 64)
	if d := time.Duration(min(n*float64(units[m[2]]), float64(l.Timeout))); err == nil && d > 0 {
		l.Timeout = d
	}
	return l
}
