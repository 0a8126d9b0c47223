package duckdb

func regexpFunctions() []*overload {
	var f family
	return f
}
