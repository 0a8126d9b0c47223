package duckdb

func bitwiseFunctions() []*overload {
	var f family
	return f
}
