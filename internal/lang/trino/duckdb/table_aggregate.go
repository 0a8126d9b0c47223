package duckdb

func aggregateFunctions() []*overload {
	var f family
	return f
}
