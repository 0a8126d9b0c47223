package app

import "time"

// StatusRequest asks what is going on.
type StatusRequest struct{}

// Status describes an open project and its owner.
type Status struct {
	Project string `json:"project"`
	Root    string `json:"root"`
	Target  string `json:"target"`
	Version string `json:"version"`
	PID     int    `json:"pid"`
	// Address is host:port of the API; empty if the owner serves none.
	Address   string    `json:"address,omitempty"`
	StartedAt time.Time `json:"started_at"`
	// Timezone governs schedules and displayed dates.
	Timezone string `json:"timezone"`
	LakeRoot string `json:"lake_root"`
	// Jobs to Tables are counts.
	Jobs      int `json:"jobs"`
	Workflows int `json:"workflows"`
	Crawlers  int `json:"crawlers"`
	Schedules int `json:"schedules"`
	Tables    int `json:"tables"`
	// RunningJobs, RunningExecutions and RunningCrawlers are in progress now.
	RunningJobs       []JobRun     `json:"running_jobs,omitempty"`
	RunningExecutions []Execution  `json:"running_executions,omitempty"`
	RunningCrawlers   []CrawlerRun `json:"running_crawlers,omitempty"`
	// Interrupted are executions whose owner went away.
	Interrupted []Execution `json:"interrupted,omitempty"`
	// FreeBytes is the room left on the lake's disk, -1 if unknown.
	FreeBytes int64 `json:"free_bytes"`
}
