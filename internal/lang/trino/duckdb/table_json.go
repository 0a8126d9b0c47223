package duckdb

func jsonFunctions() []*overload {
	var f family
	return f
}
