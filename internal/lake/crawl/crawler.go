package crawl

import "time"

// Crawler is a crawler as Glue's GetCrawler describes it; its JSON has Glue's
// names and shape, times as Step Functions prints them (UTC, whole seconds).
type Crawler struct {
	Classifiers []string
	// CrawlElapsedTime is in milliseconds since the crawl began; 0 when READY.
	CrawlElapsedTime           int64
	CreationTime               string
	DatabaseName               string
	Description                string `json:",omitempty"`
	LakeFormationConfiguration LakeFormation
	// LastCrawl is absent before the first crawl has ended.
	LastCrawl            *LastCrawl `json:",omitempty"`
	LastUpdated          string
	LineageConfiguration Lineage
	Name                 string
	RecrawlPolicy        RecrawlPolicy
	Role                 string
	// Schedule is absent if it is run by hand only.
	Schedule           *Schedule `json:",omitempty"`
	SchemaChangePolicy SchemaChangePolicy
	// State is READY, RUNNING or STOPPING.
	State       string
	TablePrefix string `json:",omitempty"`
	Targets     Targets
	// Version counts the definition's changes, from 1.
	Version int64
}

// Output is the answer of GetCrawler.
type Output struct{ Crawler Crawler }

// LakeFormation is always the answer of an account that does not use it.
type LakeFormation struct {
	AccountId                   string
	UseLakeFormationCredentials bool
}

// LastCrawl describes the newest crawl that has ended.
type LastCrawl struct {
	ErrorMessage  string `json:",omitempty"`
	LogGroup      string
	LogStream     string
	MessagePrefix string // the run's id
	StartTime     string
	Status        string // SUCCEEDED, CANCELLED or FAILED
}

// Lineage is always DISABLE.
type Lineage struct{ CrawlerLineageSettings string }

// RecrawlPolicy says which folders are read again.
type RecrawlPolicy struct{ RecrawlBehavior string }

// Schedule says when it is run; State is SCHEDULED, or NOT_SCHEDULED while that
// is switched off.
type Schedule struct{ ScheduleExpression, State string }

// SchemaChangePolicy says what happens to changed and vanished tables.
type SchemaChangePolicy struct{ DeleteBehavior, UpdateBehavior string }

// Targets are the places crawled; only S3Targets are ever filled.
type Targets struct {
	CatalogTargets, DeltaTargets, DynamoDBTargets, JdbcTargets, MongoDBTargets []struct{}

	S3Targets []S3Target
}

// S3Target is one include path.
type S3Target struct {
	Exclusions []string
	Path       string
}

func iso(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// describe joins definition, state and the last runs into Glue's shape.
func describe(d Definition, r row, runs []Run, now time.Time) Crawler {
	c := Crawler{
		Classifiers: filled(d.Classifiers), CreationTime: iso(r.created), DatabaseName: d.Database, Description: d.Description,
		LastUpdated: iso(r.updated), LineageConfiguration: Lineage{"DISABLE"}, Name: d.Name,
		RecrawlPolicy: RecrawlPolicy{d.Recrawl}, Role: d.Role, SchemaChangePolicy: SchemaChangePolicy{d.Delete, d.Update},
		State: r.state, TablePrefix: d.TablePrefix, Version: r.version,
		Targets: Targets{[]struct{}{}, []struct{}{}, []struct{}{}, []struct{}{}, []struct{}{}, []S3Target{}},
	}
	for _, t := range d.Targets {
		c.Targets.S3Targets = append(c.Targets.S3Targets, S3Target{filled(t.Exclusions), t.Path})
	}
	if d.Schedule != "" {
		c.Schedule = &Schedule{d.Schedule, "SCHEDULED"}
	}
	for _, run := range runs {
		if run.ID == r.run && r.state != Ready {
			c.CrawlElapsedTime = now.Sub(run.Started).Milliseconds()
		}
		if run.Status != Running && c.LastCrawl == nil {
			c.LastCrawl = &LastCrawl{run.Error, "/aws-glue/crawlers", d.Name, run.ID, iso(run.Started), run.Status}
		}
	}
	return c
}

func filled(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}
