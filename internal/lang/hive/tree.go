package hive

// Node is a statement: one of the types below, all pointers.
type Node interface{ node() }

// Span is where something stands in the text, in bytes.
type Span struct{ From, To int }

// Name is a table's name as written, without quotes. Parts that were not
// written are empty. A dot inside one pair of back-ticks divides it:
// `db.table` is table of db.
type Name struct {
	Catalog, Database, Table string
	At                       Span
}

// Column is a column with its declared type.
type Column struct {
	Name    string
	Type    Type
	Comment string
	At      Span
}

// Property is one 'key' = 'value'.
type Property struct {
	Key, Value string
	At         Span // the key's
}

// Transform is how an Iceberg table is partitioned: by a column as it is
// (Func is empty), or by year, month, day, hour, bucket(Arg, c), truncate(Arg, c) of it.
type Transform struct {
	Func   string
	Arg    int
	Column string
	At     Span
}

// Delimited is ROW FORMAT DELIMITED; fields not written are nil.
type Delimited struct {
	Fields, Escaped, Items, MapKeys, Lines, Null *string
}

// Storage is how rows lie in files.
type Storage struct {
	// Delimited or Serde may be set, not both.
	Delimited       *Delimited
	Serde           string
	SerdeAt         Span
	SerdeProperties []Property
	// Format is STORED AS, upper case; else InputFormat and OutputFormat.
	Format                    string
	FormatAt                  Span
	InputFormat, OutputFormat string
}

// Buckets is CLUSTERED BY (Columns) INTO Count BUCKETS.
type Buckets struct {
	Columns []string
	Count   int
	At      Span
}

// CreateExternalTable is CREATE EXTERNAL TABLE.
type CreateExternalTable struct {
	Name          Name
	IfNotExists   bool
	Columns       []Column
	Comment       string
	PartitionKeys []Column
	Buckets       *Buckets
	Storage       Storage
	Location      string
	LocationAt    Span
	Properties    []Property
}

// CreateIcebergTable is Athena's CREATE TABLE without EXTERNAL. That its
// properties say 'table_type'='ICEBERG' is checked when it is parsed.
type CreateIcebergTable struct {
	Name        Name
	IfNotExists bool
	Columns     []Column
	Comment     string
	PartitionBy []Transform
	Location    string
	LocationAt  Span
	Properties  []Property
}

// CreateDatabase is CREATE DATABASE or SCHEMA.
type CreateDatabase struct {
	Name        string
	At          Span
	IfNotExists bool
	Comment     string
	Location    string
	Properties  []Property
}

// DropDatabase is DROP DATABASE or SCHEMA.
type DropDatabase struct {
	Name     string
	At       Span
	IfExists bool
	Cascade  bool
}

// AlterDatabase is ALTER DATABASE SET DBPROPERTIES.
type AlterDatabase struct {
	Name       string
	At         Span
	Properties []Property
}

// DropTable is DROP TABLE.
type DropTable struct {
	Name     Name
	IfExists bool
}

// RepairTable is MSCK REPAIR TABLE.
type RepairTable struct{ Name Name }

// PartitionTerm is one comparison of a partition: key op value. Null is set
// for the word NULL.
type PartitionTerm struct {
	Key, Op, Value string
	Null           bool
	At             Span
}

// PartitionSpec is what stands in PARTITION (...).
type PartitionSpec struct {
	Terms []PartitionTerm
	At    Span
}

// NewPartition is one of ADD PARTITION's.
type NewPartition struct {
	Spec     PartitionSpec
	Location string // empty: below the table's own
}

// AddPartitions is ALTER TABLE ADD PARTITION.
type AddPartitions struct {
	Name        Name
	IfNotExists bool
	Partitions  []NewPartition
}

// DropPartitions is ALTER TABLE DROP PARTITION.
type DropPartitions struct {
	Name       Name
	IfExists   bool
	Partitions []PartitionSpec
}

// RenamePartition is ALTER TABLE PARTITION RENAME TO.
type RenamePartition struct {
	Name     Name
	From, To PartitionSpec
}

// SetLocation is ALTER TABLE [PARTITION] SET LOCATION; Partition is nil for
// the table's own.
type SetLocation struct {
	Name      Name
	Partition *PartitionSpec
	Location  string
	At        Span // the location's
}

// AddColumns is ALTER TABLE ADD COLUMNS.
type AddColumns struct {
	Name    Name
	Columns []Column
}

// ReplaceColumns is ALTER TABLE REPLACE COLUMNS.
type ReplaceColumns struct {
	Name    Name
	Columns []Column
}

// ChangeColumn is ALTER TABLE CHANGE COLUMN: Old gets New's name and type.
// HasComment tells a comment that was written from none. First and After move it.
type ChangeColumn struct {
	Name       Name
	Old        string
	OldAt      Span
	New        Column
	HasComment bool
	First      bool
	After      string
}

// DropColumn is ALTER TABLE DROP COLUMN.
type DropColumn struct {
	Name   Name
	Column string
	At     Span
}

// SetProperties is ALTER TABLE SET TBLPROPERTIES.
type SetProperties struct {
	Name       Name
	Properties []Property
}

// UnsetProperties is ALTER TABLE UNSET TBLPROPERTIES.
type UnsetProperties struct {
	Name     Name
	IfExists bool
	Keys     []string
	KeysAt   []Span
}

// ShowPartitions is SHOW PARTITIONS; Spec, if not nil, keeps those that match.
type ShowPartitions struct {
	Name Name
	Spec *PartitionSpec
}

// ShowCreateTable is SHOW CREATE TABLE.
type ShowCreateTable struct{ Name Name }

// ShowTables is SHOW TABLES; Pattern is Hive's: * and |, any case.
type ShowTables struct {
	Database string
	At       Span
	Pattern  string
}

// ShowViews is SHOW VIEWS.
type ShowViews struct {
	Database string
	At       Span
	Pattern  string
}

// ShowDatabases is SHOW DATABASES or SCHEMAS.
type ShowDatabases struct{ Pattern string }

// ShowColumns is SHOW COLUMNS.
type ShowColumns struct{ Name Name }

// ShowProperties is SHOW TBLPROPERTIES; Key is empty for all.
type ShowProperties struct {
	Name Name
	Key  string
}

// Describe is DESCRIBE or DESC. Path is a column and what lies inside it.
type Describe struct {
	Name                Name
	Extended, Formatted bool
	Partition           *PartitionSpec
	Path                []string
	PathAt              Span
}

func (*CreateExternalTable) node() {}
func (*CreateIcebergTable) node()  {}
func (*CreateDatabase) node()      {}
func (*DropDatabase) node()        {}
func (*AlterDatabase) node()       {}
func (*DropTable) node()           {}
func (*RepairTable) node()         {}
func (*AddPartitions) node()       {}
func (*DropPartitions) node()      {}
func (*RenamePartition) node()     {}
func (*SetLocation) node()         {}
func (*AddColumns) node()          {}
func (*ReplaceColumns) node()      {}
func (*ChangeColumn) node()        {}
func (*DropColumn) node()          {}
func (*SetProperties) node()       {}
func (*UnsetProperties) node()     {}
func (*ShowPartitions) node()      {}
func (*ShowCreateTable) node()     {}
func (*ShowTables) node()          {}
func (*ShowViews) node()           {}
func (*ShowDatabases) node()       {}
func (*ShowColumns) node()         {}
func (*ShowProperties) node()      {}
func (*Describe) node()            {}
