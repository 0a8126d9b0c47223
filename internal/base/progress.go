package base

import "time"

// Progress is one report on long work. Counters are totals so far, not
// differences; zero means unknown.
type Progress struct {
	// Stage names the step: "extract retail.purchase", "write purchase", "state T1 Silver".
	Stage string `json:"stage"`
	// Run is the run or execution it belongs to.
	Run   string `json:"run,omitempty"`
	Rows  int64  `json:"rows,omitempty"`
	Bytes int64  `json:"bytes,omitempty"`
	Files int64  `json:"files,omitempty"`
	// Total is the expected number of rows, 0 if unknown.
	Total int64 `json:"total,omitempty"`
	// Elapsed is the time since the stage began.
	Elapsed time.Duration `json:"elapsed,omitempty"`
	// Done marks the stage's last report; Failed that it ended badly.
	Done   bool   `json:"done,omitempty"`
	Failed bool   `json:"failed,omitempty"`
	Note   string `json:"note,omitempty"`
}

// Report receives progress; it must be quick and is called from any goroutine.
// A nil Report is never called: use Report.Do.
type Report func(Progress)

// Do calls r unless it is nil.
func (r Report) Do(p Progress) {
	if r != nil {
		r(p)
	}
}
