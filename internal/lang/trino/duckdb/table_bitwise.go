package duckdb

// bitwiseFunctions work on two's complement numbers.
func bitwiseFunctions() []*overload {
	var f family
	f.t("bitwise_and(bigint, bigint) bigint", "($1 & $2)")
	f.t("bitwise_or(bigint, bigint) bigint", "($1 | $2)")
	f.t("bitwise_xor(bigint, bigint) bigint", "xor($1, $2)")
	f.t("bitwise_not(bigint) bigint", "(~ $1)")
	f.t("bit_count(bigint, bigint) bigint", "mg_bit_count($1, $2)")
	for _, t := range [][2]string{{"tinyint", "8"}, {"smallint", "16"}, {"integer", "32"}, {"bigint", "64"}} {
		shift := func(name, engine string) {
			f.t(name+"("+t[0]+", integer) "+t[0], "CAST("+engine+"(CAST($1 AS BIGINT), CAST($2 AS BIGINT), CAST("+t[1]+" AS BIGINT)) AS "+t[0]+")")
			f.t(name+"("+t[0]+", bigint) "+t[0], "CAST("+engine+"(CAST($1 AS BIGINT), $2, CAST("+t[1]+" AS BIGINT)) AS "+t[0]+")")
		}
		shift("bitwise_left_shift", "mg_shift_left")
		shift("bitwise_right_shift", "mg_shift_right")
		shift("bitwise_right_shift_arithmetic", "mg_shift_right_arithmetic")
	}
	return f
}
