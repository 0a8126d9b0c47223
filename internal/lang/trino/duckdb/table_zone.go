package duckdb

func zoneFunctions() []*overload {
	var f family
	return f
}
