package project

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// Crawler is one entry of crawlers.yaml; its words are AWS Glue's.
type Crawler struct {
	Name        string
	Database    string
	Description string
	Role        string
	TablePrefix string
	// Schedule is when it runs by itself, empty if never: see Project.Schedules.
	Schedule string
	Targets  []CrawlerTarget
	// Recrawl is CRAWL_EVERYTHING (default) or CRAWL_NEW_FOLDERS_ONLY.
	Recrawl string
	// Update is UPDATE_IN_DATABASE (default) or LOG.
	Update string
	// Delete is DEPRECATE_IN_DATABASE (default), DELETE_FROM_DATABASE or LOG.
	Delete string
	Place  *base.Place
}

// CrawlerTarget is one prefix to walk.
type CrawlerTarget struct {
	// Path is an object address or path for Project.Resolve.
	Path string
	// Exclusions are globs relative to Path.
	Exclusions []string
}

const crawlersFile = "crawlers.yaml"

func (r *reader) crawlers() error {
	if _, err := os.Stat(filepath.Join(r.root, crawlersFile)); os.IsNotExist(err) {
		return nil
	}
	s, e := readSource(r.root, crawlersFile)
	if e != nil {
		r.add(e)
		return nil
	}
	n, _ := r.parse(s, s.src)
	for _, k := range []string{"crawlers", "Crawlers"} { // as aws glue get-crawlers prints them
		if e := n.entry(k); e != nil && len(n.entries) == 1 {
			n = e.val
		}
	}
	if n.null() {
		return nil
	}
	r.expand(n)
	if err := r.check("crawlers.schema.json", n, false); err != nil {
		return err
	}
	for _, i := range n.items {
		r.crawler(i, "", i)
	}
	for _, e := range n.entries {
		r.crawler(e.val, e.key, e.at)
	}
	return nil
}

// crawler decodes one; name is its key in the mapping form.
func (r *reader) crawler(n *node, name string, at *node) {
	if !n.isMap() {
		return
	}
	if v := n.get("name", "Name"); v != nil {
		name, at = v.str(), v
	}
	schedule := n.get("schedule", "Schedule")
	if schedule.isMap() {
		schedule = schedule.get("ScheduleExpression")
	}
	policy := n.get("schema_change", "SchemaChangePolicy")
	recrawl := n.get("recrawl")
	if p := n.get("RecrawlPolicy"); p != nil {
		recrawl = p.get("RecrawlBehavior")
	}
	or := func(v *node, fallback string) string {
		if v.null() {
			return fallback
		}
		return v.str()
	}
	c := &Crawler{Name: name, Database: or(n.get("database", "DatabaseName"), r.p.Database), Description: n.get("description", "Description").str(),
		Role: n.get("role", "Role").str(), TablePrefix: n.get("table_prefix", "TablePrefix").str(), Schedule: schedule.str(),
		Recrawl: or(recrawl, "CRAWL_EVERYTHING"), Update: or(policy.get("update", "UpdateBehavior"), "UPDATE_IN_DATABASE"),
		Delete: or(policy.get("delete", "DeleteBehavior"), "DEPRECATE_IN_DATABASE"), Place: at.place()}
	r.plainName(n.get("name", "Name"), "crawler")
	if name == "" {
		r.add(n.errorf("the crawler has no name").WithHint("write name: NAME"))
	}
	for _, other := range r.p.Crawlers {
		if other.Name == name && name != "" {
			r.add(at.errorf("crawler %q is declared twice", name).WithHint("the other is at %s", other.Place))
		}
	}
	if d := n.get("database", "DatabaseName"); d != nil && r.databaseName(d, c.Database) {
		if _, ok := r.places[strings.ToLower(c.Database)]; !ok {
			r.places[strings.ToLower(c.Database)] = d.place()
		}
	}
	r.crawlerTargets(n, at, c)
	r.twoSpellings(n)
	r.p.Crawlers = append(r.p.Crawlers, c)
	if schedule != nil {
		r.own[c] = schedule
	}
}

func (r *reader) crawlerTargets(n, at *node, c *Crawler) {
	list := n.get("targets")
	if t := n.get("Targets"); t != nil {
		list = t.get("S3Targets")
	}
	for _, t := range list.list() {
		path := t.get("path", "Path")
		if path == nil {
			if t.isMap() {
				r.add(t.errorf("the target has no path").WithHint("write path: s3://bucket/prefix/"))
			}
			continue
		}
		if _, err := r.p.Resolve(path.str()); err != nil {
			r.add(path.errorf("%w", err).WithHint("%s", hintOf(err)))
		}
		c.Targets = append(c.Targets, CrawlerTarget{Path: path.str(), Exclusions: t.get("exclusions", "Exclusions").strings()})
	}
	if len(list.list()) == 0 && c.Name != "" && (list == nil || n.get("Targets") != nil) {
		r.add(at.errorf("crawler %s has no targets", c.Name).WithHint("write targets: [{path: s3://bucket/prefix/}]"))
	}
}

// twoSpellings reports a value given both in our and in AWS's words.
func (r *reader) twoSpellings(n *node) {
	for ours, theirs := range map[string]string{"name": "Name", "database": "DatabaseName", "targets": "Targets", "table_prefix": "TablePrefix",
		"recrawl": "RecrawlPolicy", "schema_change": "SchemaChangePolicy", "description": "Description", "schedule": "Schedule", "role": "Role"} {
		if n.get(ours) != nil && n.get(theirs) != nil {
			r.add(n.keyOf(theirs).errorf("%s: and %s: are the same; keep one", ours, theirs))
		}
	}
}
