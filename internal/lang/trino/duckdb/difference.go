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
	{"", "`LISTAGG ... ON OVERFLOW TRUNCATE`", "refused where a text is longer than 1,048,576 bytes", "lengths are not counted while aggregating"},
	{"", "`TRY` and `TRY_CAST` inside a lambda", "operators, subscripts and casts of texts and numbers; others are refused", "the engine's TRY does not see a lambda's arguments"},
	{"", "functions that compare an array's timestamps of different zones", "refused; of one zone they work", "the engine compares an array's elements as they are stored, zones included"},
	{"", "ordering (`ORDER BY`, windows, `max(x, n)`) by arrays and rows that hold NULL", "refused with NOT_SUPPORTED", "Trino fails only once it compares a NULL; the engine cannot tell"},
	{"", "names in Hangul without quotes", "allowed; Trino asks for quotes", "analysts write them so"},
	{"", "a trailing `;`", "allowed, as Athena does", "Trino's protocol refuses it"},
	{"", "`INTERVAL` units that are none (`WEEK`)", "SYNTAX_ERROR; Trino says TYPE_NOT_FOUND", "found while parsing"},
	{"", "`CAST(map() AS json)`", "refused", "untyped keys"},
	{"", "`CAST` of digits outside ASCII to a number", "refused", "Java accepts them"},
	{"", "a wrong regular expression on a NULL text", "an error; Trino gives NULL", "patterns are checked before the statement runs"},
	{"min_by", "`min_by`, `max_by` with a count", "of equal keys those, and in that order, which Trino keeps where one task reads the table; the count must be a constant. Ungrouped over bare VALUES Trino orders equal keys otherwise", "over several tasks Trino's own choice changes from run to run"},
	{"inverse_beta_cdf", "`inverse_beta_cdf`", "differs in the tenth digit", "another root finder"},
	{"", "`TRY` around window functions and subqueries", "refused", "the engine's TRY does not take them"},
	{"", "`INTERSECT ALL`, `EXCEPT ALL`, `array_agg(DISTINCT ...)` of maps and timestamps with time zone", "refused", "the engine takes equal values in other forms for different ones"},
	{"", "`array_sort` by a lambda that is no order", "an order too, but maybe another", "it follows from Java's way of sorting"},
	{"sum", "`sum` of bigint that overflows on the way and comes back", "the sum; Trino fails", "the engine adds in 128 bits"},
	{"", "`LIKE ... ESCAPE` with an escape that is no constant", "refused", "patterns are checked with it"},
	{"set_agg", "`set_agg`, `set_union`, `bitwise_xor_agg`", "work; Trino 435 has them not", "later versions have them"},
	{"", "`SET TIME ZONE` other than UTC", "refused", "sessions run in UTC, as Athena's"},
	{"", "transactions, roles, grants, functions in SQL", "refused", "one statement is one transaction here"},
	{"approx_distinct", "`approx_distinct`", "exact", "exact answers lie within every error bound; small sets are exact in Trino too"},
	{"approx_percentile", "`approx_percentile`", "exact rank; weights are refused", "Trino's digest is exact for few values"},
	{"approx_most_frequent", "`approx_most_frequent`", "exact counts; bigint and varchar", "Trino's counts are within an error"},
	{"numeric_histogram", "`numeric_histogram`", "buckets may lie elsewhere than Trino's for many values; weights are refused", "both are approximations"},
	{"word_stem", "`word_stem`", "en, es, fr, hu, no, ru, sv; other languages are refused", "stemmers for the others are not in the box"},
	{"format", "`format`", "`%a` and `%h` of other than text are refused", "Java's own object forms"},
	{"checksum", "`checksum`", "of long decimals, nested values, times, intervals and zones refused", "Trino hashes these in forms of its own"},
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
