package duckdb

func conversionFunctions() []*overload {
	var f family
	return f
}
