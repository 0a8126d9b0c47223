// Package hivefile reads Hive folders of text files row by row as Athena's
// SerDes read them, and delivers Arrow batches.
//
// Four readers share everything but the meaning of a line:
//
//   - OpenX JSON: a lenient grammar (comments, single quotes, bare words), keys
//     without regard to case, values bent to the column's type, NULL where they
//     cannot be;
//   - Hive JSON: strict JSON, strict values; a bad line is an error;
//   - OpenCSV: quoted text; numbers must be numbers, a timestamp is
//     milliseconds, a date is days since 1970;
//   - LazySimple: separators by nesting depth, NULL for what does not parse.
//
// A line ends at \n, \r\n or \r. A malformed line is a row of NULLs or an error,
// as the SerDe and its parameters say; rows of NULLs are counted and the first
// few remembered by file and line, for the statement's warnings.
//
// Files are cut into blocks (a compressed file is one block). Each worker reads
// a block at a time through its own line reader and fills its own batch, which
// may span files; memory is bounded by workers times batch. A line reader scans
// the whole line, for a later key may replace an earlier one and the rest of
// the line decides whether it is JSON at all, but decodes needed columns only.
package hivefile
