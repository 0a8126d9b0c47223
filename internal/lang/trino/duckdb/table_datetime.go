package duckdb

func datetimeFunctions() []*overload {
	var f family
	return f
}
