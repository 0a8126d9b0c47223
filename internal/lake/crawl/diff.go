package crawl

import (
	"fmt"
	"strings"
)

// What a crawl does, or would do, to one table.
const (
	ActionCreate    = "create"
	ActionUpdate    = "update"
	ActionDeprecate = "deprecate"
	ActionDelete    = "delete"
	ActionNone      = "none"
)

// What happens to one column.
const (
	ColumnAdd      = "add"
	ColumnChange   = "change"   // a type, without loss
	ColumnConflict = "conflict" // the catalog's type is kept
	ColumnRemove   = "remove"   // managed tables only
)

// Diff is what a crawl found to differ from the catalog.
type Diff struct {
	Crawler  string      `json:"crawler"`
	Database string      `json:"database"`
	Tables   []TableDiff `json:"tables"`
	Files    int64       `json:"files"` // listed, classified or not
}

// TableDiff is one table's part of a Diff.
type TableDiff struct {
	Action   string `json:"action"`
	Table    string `json:"table"`
	Location string `json:"location"`
	Format   string `json:"format,omitempty"`
	// Managed is set for a managed table recorded from the lake's catalog;
	// Target is its "database.name".
	Managed bool   `json:"managed,omitempty"`
	Target  string `json:"target,omitempty"`
	// Columns are the changed ones, for a new table all of them.
	Columns       []ColumnDiff `json:"columns,omitempty"`
	PartitionKeys []string     `json:"partition_keys,omitempty"`
	// Partitions added and gone, as "key=value/key=value".
	PartitionsAdded   []string `json:"partitions_added,omitempty"`
	PartitionsRemoved []string `json:"partitions_removed,omitempty"`
	// Applied is false if a policy says to log only.
	Applied bool   `json:"applied"`
	Reason  string `json:"reason,omitempty"`
}

// ColumnDiff is one column's part of a TableDiff; types are Hive's.
type ColumnDiff struct {
	Action  string `json:"action"`
	Name    string `json:"name"`
	From    string `json:"from,omitempty"`
	To      string `json:"to,omitempty"`
	Applied bool   `json:"applied"`
}

// Empty tells whether catalog and files agree.
func (d Diff) Empty() bool {
	for _, t := range d.Tables {
		if t.Action != ActionNone || len(t.Columns)+len(t.PartitionsAdded)+len(t.PartitionsRemoved) > 0 {
			return false
		}
	}
	return true
}

// shownPartitions bounds the partitions listed per table in a diff's text.
const shownPartitions = 5

// String is the diff for a reader: + new, ~ changed, - gone, ! kept as it was.
func (d Diff) String() string {
	var b strings.Builder
	for _, t := range d.Tables {
		t.write(&b, d.Database)
	}
	if b.Len() == 0 {
		return "no changes\n"
	}
	return b.String()
}

func (t TableDiff) write(b *strings.Builder, db string) {
	logOnly := ""
	if !t.Applied {
		logOnly = " (logged only)"
	}
	switch t.Action {
	case ActionCreate:
		what := t.Format
		if t.Managed {
			what = "managed " + t.Target
		}
		fmt.Fprintf(b, "+ table %s.%s (%s) %s%s\n", db, t.Table, what, t.Location, logOnly)
	case ActionDelete, ActionDeprecate:
		fmt.Fprintf(b, "- table %s.%s %s%s: %s\n", db, t.Table, t.Action, logOnly, t.Reason)
	default:
		if len(t.Columns)+len(t.PartitionsAdded)+len(t.PartitionsRemoved) == 0 && t.Reason == "" {
			return
		}
		fmt.Fprintf(b, "~ table %s.%s", db, t.Table)
		if t.Reason != "" {
			fmt.Fprintf(b, ": %s", t.Reason)
		}
		b.WriteByte('\n')
	}
	for _, c := range t.Columns {
		c.write(b)
	}
	if t.Action == ActionCreate && len(t.PartitionKeys) > 0 {
		fmt.Fprintf(b, "    partitioned by %s\n", strings.Join(t.PartitionKeys, ", "))
	}
	writePartitions(b, "+", t.PartitionsAdded)
	writePartitions(b, "-", t.PartitionsRemoved)
}

func (c ColumnDiff) write(b *strings.Builder) {
	logOnly := ""
	if !c.Applied {
		logOnly = " (logged only)"
	}
	switch c.Action {
	case ColumnAdd:
		fmt.Fprintf(b, "    + column %s: %s%s\n", c.Name, c.To, logOnly)
	case ColumnChange:
		fmt.Fprintf(b, "    ~ column %s: %s -> %s%s\n", c.Name, c.From, c.To, logOnly)
	case ColumnConflict:
		fmt.Fprintf(b, "    ! column %s: %s in the catalog, %s in the files; kept %s\n", c.Name, c.From, c.To, c.From)
	case ColumnRemove:
		fmt.Fprintf(b, "    - column %s: %s%s\n", c.Name, c.From, logOnly)
	}
}

func writePartitions(b *strings.Builder, sign string, parts []string) {
	for i, p := range parts {
		if i == shownPartitions {
			fmt.Fprintf(b, "    %s and %d more partitions\n", sign, len(parts)-i)
			return
		}
		fmt.Fprintf(b, "    %s partition %s\n", sign, p)
	}
}
