package duckdb

func stringFunctions() []*overload {
	var f family
	return f
}
