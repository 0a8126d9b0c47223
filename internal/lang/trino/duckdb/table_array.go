package duckdb

func arrayFunctions() []*overload {
	var f family
	return f
}
