// Package crawl walks folders and writes what it finds into the catalog, as an
// AWS Glue crawler does: it makes external tables, infers their types and
// partitions, and keeps them up to date.
//
// A run goes through four steps. walk lists the include path (Glue's glob
// exclusions applied, names that begin with _ or . skipped); read infers one
// schema per folder; group decides which folders are tables and which are
// partitions of one; plan compares that with the catalog and yields a Diff,
// which apply carries out within the crawler's SchemaChangePolicy. Plan alone
// is a dry run.
//
// A file's format is told by its ending, else by its content: what a delivery
// stream writes has no ending. Types are those the SerDe of the format reads:
// numbers of text files join to bigint, then double, and what does not go
// together is string. A Parquet column cannot be read as another type, so there
// only int and bigint, float and double join.
//
// A column's type in the catalog is never changed silently: it is widened under
// UPDATE_IN_DATABASE and shown in the diff; for Parquet any other difference is
// reported and the catalog's type kept.
//
// Folders of managed (Iceberg) tables are not listed at all: their columns are
// taken from the lake's catalog and recorded as an external.Link.
//
// Crawlers are READY, RUNNING or STOPPING. A run's tables are visible before
// RUNNING ends. State, versions and history live in state.db; a run whose
// owner died is found as FAILED, "owner stopped".
package crawl
