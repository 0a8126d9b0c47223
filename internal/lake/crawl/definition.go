package crawl

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// What a crawl looks at.
const (
	CrawlEverything     = "CRAWL_EVERYTHING"
	CrawlNewFoldersOnly = "CRAWL_NEW_FOLDERS_ONLY"
)

// What happens to a definition that changed or whose files are gone.
const (
	UpdateInDatabase    = "UPDATE_IN_DATABASE"
	DeprecateInDatabase = "DEPRECATE_IN_DATABASE"
	DeleteFromDatabase  = "DELETE_FROM_DATABASE"
	LogOnly             = "LOG"
)

// Definition is a crawler as the project declares it. Empty policies mean
// Glue's defaults: CRAWL_EVERYTHING, UPDATE_IN_DATABASE, DEPRECATE_IN_DATABASE.
type Definition struct {
	Name        string   `json:"name"`
	Description string   `json:"description,omitempty"`
	Database    string   `json:"database"`
	Role        string   `json:"role,omitempty"`
	Classifiers []string `json:"classifiers,omitempty"`
	// TablePrefix is put before every table name.
	TablePrefix string   `json:"table_prefix,omitempty"`
	Targets     []Target `json:"targets"`
	// Recrawl: with CRAWL_NEW_FOLDERS_ONLY, folders seen by an earlier crawl
	// are not opened again, no existing column changes and nothing is deleted.
	Recrawl string `json:"recrawl"`
	Update  string `json:"update"`
	Delete  string `json:"delete"`
	// Schedule is when it is run by itself, empty if never. It is shown only:
	// others start it.
	Schedule string `json:"schedule,omitempty"`
}

// Target is one include path.
type Target struct {
	// Path is a folder or a single file: "s3://bucket/glue/data/dimension/".
	Path string `json:"path"`
	// Exclusions are Glue glob patterns, relative to Path.
	Exclusions []string `json:"exclusions,omitempty"`
}

// Managed knows the lake's own tables.
type Managed interface {
	// Under returns the managed tables whose location lies at, below or above
	// path, a local path as Resolve returns it.
	Under(ctx context.Context, path string) ([]ManagedTable, error)
}

// ManagedTable is what a crawler records of a managed table.
type ManagedTable struct {
	Database, Name string
	// Location is a local path, a file: URI or anything Resolve understands.
	Location string
	Fields   []base.Field
	// PartitionBy names the columns that are partition keys as they are;
	// transforms (day(ts), bucket(8, id)) stay ordinary columns.
	PartitionBy                    []string
	Rows, Files, Bytes, SnapshotID int64
}

func (d Definition) withDefaults() Definition {
	if d.Recrawl == "" {
		d.Recrawl = CrawlEverything
	}
	if d.Update == "" {
		d.Update = UpdateInDatabase
	}
	if d.Delete == "" {
		d.Delete = DeprecateInDatabase
	}
	d.Database = strings.ToLower(d.Database)
	return d
}

func (d Definition) check() error {
	bad := func(what, got string, want ...string) error {
		return base.Errorf(base.Invalid, "crawler %q: unknown %s %q", d.Name, what, got).
			WithHint("use one of %s", strings.Join(want, ", "))
	}
	switch {
	case d.Name == "":
		return base.Errorf(base.Invalid, "a crawler has no name")
	case d.Database == "":
		return base.Errorf(base.Invalid, "crawler %q has no database", d.Name)
	case len(d.Targets) == 0:
		return base.Errorf(base.Invalid, "crawler %q has no target", d.Name).WithHint("give it at least one path")
	case d.Recrawl != CrawlEverything && d.Recrawl != CrawlNewFoldersOnly:
		return bad("recrawl behavior", d.Recrawl, CrawlEverything, CrawlNewFoldersOnly)
	case d.Update != UpdateInDatabase && d.Update != LogOnly:
		return bad("update behavior", d.Update, UpdateInDatabase, LogOnly)
	case d.Delete != DeprecateInDatabase && d.Delete != DeleteFromDatabase && d.Delete != LogOnly:
		return bad("delete behavior", d.Delete, DeprecateInDatabase, DeleteFromDatabase, LogOnly)
	}
	for _, t := range d.Targets {
		if t.Path == "" {
			return base.Errorf(base.Invalid, "crawler %q has a target without a path", d.Name)
		}
		for _, x := range t.Exclusions {
			if _, err := CompileGlob(x); err != nil {
				return base.Errorf(base.Invalid, "crawler %q: exclusion: %w", d.Name, err)
			}
		}
	}
	return nil
}

// hash identifies a definition's content; a new one is a new version.
func (d Definition) hash() string {
	b, err := json.Marshal(d)
	if err != nil {
		panic(err) // plain text always encodes
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
