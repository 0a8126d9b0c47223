package duckdb

func networkFunctions() []*overload {
	var f family
	return f
}
