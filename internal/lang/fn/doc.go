// Package fn is the functions of Trino's SQL that an engine lacks, as pure Go:
// date formats, zones, texts of numbers and times, regular expressions, JSON,
// string distances, hashes, statistics. Each family is a file with typed
// functions; All lists them as Defs under the names that SQL calls them by.
//
// Values are what Trino's are; where Trino raises, the error is a *base.Error
// whose Code is Trino's error name. Nothing returns more than 1 MiB of text.
// testdata holds answers of a real Trino that the tests compare with.
package fn
