// Package lake keeps managed tables: Apache Iceberg format 2, on local files,
// with the catalog in one small database (catalog.db).
//
// Rows are not its business. A writer puts Parquet files into the folder a
// Write names and hands their paths over; the lake turns them into one commit.
// A reader pins a View, asks it which files a scan needs and reads those itself.
//
// What holds:
//
//   - Nothing durable names a file that is not durable. Manifests and metadata
//     are synced with their folders before the catalog's pointer moves.
//   - All tables of one Write change in one transaction, and a write id is
//     committed once: asking again returns the recorded result.
//   - A View sees one moment of all its tables and keeps its files alive by a
//     lease; a Write keeps its own by an intent, recorded before the first byte.
//     Clean-up skips both.
//
// Paths in metadata are plain absolute ones without a scheme, spelled as the
// folders are, which Iceberg's other readers take as they are.
//
// Other programs create and change tables through CreateDoc, CommitDocs and
// their like, in the JSON of Iceberg's REST protocol; what holds for our own
// writes holds for theirs, but for intents: files they have not committed yet
// are spared by clean-up because they are young.
//
// iceberg-go is used for metadata only: schemas, planning, manifests. Its Arrow
// writer and its Overwrite and Delete are not used.
package lake
