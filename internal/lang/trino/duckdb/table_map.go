package duckdb

func mapFunctions() []*overload {
	var f family
	return f
}
