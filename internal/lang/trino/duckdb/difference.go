package duckdb

import "sort"

// Deviation is a construct whose answer is not Trino's.
type Deviation struct {
	// Function is the function it concerns, empty for grammar.
	Function             string
	Construct, Here, Why string
}

// differences are all that are known. A silent one says so in Here.
var differences = []Deviation{
	{"", "`MATCH_RECOGNIZE`", "refused", "row patterns have no counterpart in the engine"},
	{"", "`TABLE(f(...))`", "refused", "no table functions but UNNEST"},
	{"", "`time with time zone`", "refused", "the engine holds no zone beside a time"},
	{"", "`time(p)` with p > 6", "refused", "the engine's times have microseconds"},
	{"", "`timestamp(p)` with p > 9", "digits after the ninth are zero", "the engine's timestamps have nanoseconds at most"},
	{"", "`WITH RECURSIVE` with `UNION`", "refused; `UNION ALL` works", "Trino's own rule"},
	{"", "`LISTAGG ... ON OVERFLOW TRUNCATE`", "refused", "lengths are not counted while aggregating"},
	{"", "`SET TIME ZONE` other than UTC", "refused", "sessions run in UTC, as Athena's"},
	{"", "transactions, roles, grants, functions in SQL", "refused", "one statement is one transaction here"},
	{"approx_distinct", "`approx_distinct`", "exact", "exact answers lie within every error bound; small sets are exact in Trino too"},
	{"approx_percentile", "`approx_percentile`", "exact rank; weights are refused", "Trino's digest is exact for few values"},
	{"approx_most_frequent", "`approx_most_frequent`", "exact counts; bigint and varchar", "Trino's counts are within an error"},
	{"numeric_histogram", "`numeric_histogram`", "buckets may lie elsewhere than Trino's for many values; weights are refused", "both are approximations"},
	{"word_stem", "`word_stem`", "en, es, fr, hu, no, ru, sv; other languages are refused", "stemmers for the others are not in the box"},
	{"format", "`format`", "`%a` and `%h` of other than text are refused", "Java's own object forms"},
	{"checksum", "`checksum`", "refused", "Trino's hash of whole rows is its own"},
	{"entropy", "`entropy`", "refused", "rarely used; counts are taken as weights"},
	{"json_parse", "JSON with a lone surrogate", "silently U+FFFD in its place", "Go's text has no lone surrogates"},
}

// Differences lists the known ones, grammar first.
func Differences() []Deviation { return append([]Deviation{}, differences...) }

// Difference is what is different about a function.
func Difference(function string) (string, bool) {
	for _, d := range differences {
		if d.Function == function {
			return d.Here, true
		}
	}
	return "", false
}

// Unsupported lists the functions that are refused by name.
func Unsupported() []string {
	out := make([]string, 0, len(unsupported))
	for n := range unsupported {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}
