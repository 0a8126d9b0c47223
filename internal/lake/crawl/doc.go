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
// A column's type in the catalog is never changed silently: int to bigint and
// float to double are widened under UPDATE_IN_DATABASE and shown in the diff,
// any other difference is reported and the catalog's type kept.
//
// Folders of managed (Iceberg) tables are not listed at all: their columns are
// taken from the lake's catalog and recorded as an external.Link.
//
// Crawlers are READY, RUNNING or STOPPING. A run's tables are visible before
// RUNNING ends. State, versions and history live in state.db; a run whose
// owner died is found as FAILED, "owner stopped".
package crawl
