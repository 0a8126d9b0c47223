package trino

import (
	"strconv"
	"time"
)

// stats is what clients draw their progress display from.
type stats struct {
	State           string   `json:"state"`
	Queued          bool     `json:"queued"`
	Scheduled       bool     `json:"scheduled"`
	Progress        *float64 `json:"progressPercentage,omitempty"`
	Nodes           int      `json:"nodes"`
	TotalSplits     int      `json:"totalSplits"`
	QueuedSplits    int      `json:"queuedSplits"`
	RunningSplits   int      `json:"runningSplits"`
	CompletedSplits int      `json:"completedSplits"`
	PlanningMillis  int64    `json:"planningTimeMillis"`
	AnalysisMillis  int64    `json:"analysisTimeMillis"`
	CPUMillis       int64    `json:"cpuTimeMillis"`
	WallMillis      int64    `json:"wallTimeMillis"`
	QueuedMillis    int64    `json:"queuedTimeMillis"`
	ElapsedMillis   int64    `json:"elapsedTimeMillis"`
	FinishingMillis int64    `json:"finishingTimeMillis"`
	PhysicalMillis  int64    `json:"physicalInputTimeMillis"`
	ProcessedRows   int64    `json:"processedRows"`
	ProcessedBytes  int64    `json:"processedBytes"`
	PhysicalInput   int64    `json:"physicalInputBytes"`
	PhysicalWritten int64    `json:"physicalWrittenBytes"`
	InternalNetwork int64    `json:"internalNetworkInputBytes"`
	PeakMemory      int64    `json:"peakMemoryBytes"`
	Spilled         int64    `json:"spilledBytes"`
	RootStage       *stage   `json:"rootStage,omitempty"`
}

// stage is the one stage a statement has here.
type stage struct {
	ID              string  `json:"stageId"`
	State           string  `json:"state"`
	Done            bool    `json:"done"`
	Nodes           int     `json:"nodes"`
	TotalSplits     int     `json:"totalSplits"`
	QueuedSplits    int     `json:"queuedSplits"`
	RunningSplits   int     `json:"runningSplits"`
	CompletedSplits int     `json:"completedSplits"`
	CPUMillis       int64   `json:"cpuTimeMillis"`
	WallMillis      int64   `json:"wallTimeMillis"`
	ProcessedRows   int64   `json:"processedRows"`
	ProcessedBytes  int64   `json:"processedBytes"`
	PhysicalInput   int64   `json:"physicalInputBytes"`
	FailedTasks     int     `json:"failedTasks"`
	CoordinatorOnly bool    `json:"coordinatorOnly"`
	SubStages       []stage `json:"subStages"`
}

// stats tells how far the statement is, shown as st; s.mu is held.
func (s *statement) stats(st state) stats {
	x := stats{State: "RUNNING", Scheduled: true, Nodes: 1, TotalSplits: 1, RunningSplits: 1, ElapsedMillis: s.clock.Now().Sub(s.made).Milliseconds(), ProcessedRows: s.rows}
	for _, p := range s.stages {
		x.ProcessedBytes += p.Bytes
	}
	switch st {
	case queued:
		x.State, x.Queued, x.Scheduled, x.Nodes, x.RunningSplits, x.QueuedSplits = "QUEUED", true, false, 0, 0, 1
		x.QueuedMillis = x.ElapsedMillis
		return x
	case ended:
		x.State, x.RunningSplits, x.CompletedSplits, x.ElapsedMillis = "FINISHED", 0, 1, s.took.Milliseconds()
		all := 100.0
		x.Progress = &all
		if s.err != nil {
			x.State = "FAILED"
		}
	}
	if s.out != nil {
		o := s.out.Stats
		x.QueuedMillis, x.CPUMillis, x.PeakMemory = o.Queued.Milliseconds(), int64(o.CPUSeconds*1000), o.PeakMemory
		x.ProcessedBytes, x.PhysicalInput = max(x.ProcessedBytes, o.ScanBytes), o.ScanBytes
	}
	x.WallMillis = x.ElapsedMillis - x.QueuedMillis
	x.RootStage = &stage{
		ID: "0", State: x.State, Done: st == ended, Nodes: 1, TotalSplits: 1, RunningSplits: x.RunningSplits, CompletedSplits: x.CompletedSplits, CPUMillis: x.CPUMillis,
		WallMillis: x.WallMillis, ProcessedRows: x.ProcessedRows, ProcessedBytes: x.ProcessedBytes, PhysicalInput: x.PhysicalInput, SubStages: []stage{},
	}
	return x
}

func decimal(f float64) string { return strconv.FormatFloat(f, 'f', 2, 64) }

// stamp is a time as Trino writes it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
