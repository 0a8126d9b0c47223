package duckdb

func mathFunctions() []*overload {
	var f family
	return f
}
