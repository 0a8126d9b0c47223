package port

import (
	"context"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

// HiveNullPartition is the partition value that stands for NULL.
const HiveNullPartition = "__HIVE_DEFAULT_PARTITION__"

// Hidden columns of a Hive folder, delivered when they are asked for by name.
const (
	HivePath     = "$path"
	HiveSize     = "$file_size"
	HiveModified = "$file_modified_time"
)

// HiveTable is a Hive folder of text files and how its table says to read them.
type HiveTable struct {
	// Name is the table's name in messages: "sales.orders".
	Name string
	// Serde is the class that reads it; Parameters are the class's parameters
	// and the table's properties together, as Hive hands both to the class.
	Serde      string
	Parameters map[string]string
	// Columns are all of the files' columns in declared order, Keys the partition keys.
	Columns, Keys []HiveColumn
	// Partitions hold a value for each key, as text; HiveNullPartition is NULL.
	Partitions [][]string
	Files      []HiveFile
}

// HiveColumn is a column with its type as Hive spells it: "varchar(10)",
// "struct<a:int,b:array<string>>".
type HiveColumn struct{ Name, Type string }

// HiveFile is one file of a HiveTable.
type HiveFile struct {
	// Path is where it lies, Address what the table calls it ("s3://bucket/x/1.json").
	Path, Address string
	Size          int64
	Modified      time.Time
	// Partition indexes HiveTable.Partitions; unused in a table without keys.
	Partition int
}

// HiveRead asks for some columns of a HiveTable.
type HiveRead struct {
	Table HiveTable
	// Columns to deliver, in this order, at least one: columns, keys or hidden ones.
	Columns []string
	// Threads bounds how many files, or parts of files, are read at a time.
	Threads int
	Report  base.Report
}

// HiveStream delivers the rows, in no particular order.
type HiveStream interface {
	Stream
	// Warnings tell, once Next returned false, which lines were read as rows
	// of NULLs; at most a screenful.
	Warnings() []string
}

// OpenHive starts reading. Types, parameters and partition values that cannot
// be read are errors here, before the first row.
type OpenHive func(ctx context.Context, r HiveRead) (HiveStream, error)
