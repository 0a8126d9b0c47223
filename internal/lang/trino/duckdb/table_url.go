package duckdb

func urlFunctions() []*overload {
	var f family
	return f
}
