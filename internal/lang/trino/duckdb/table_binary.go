package duckdb

func binaryFunctions() []*overload {
	var f family
	return f
}
