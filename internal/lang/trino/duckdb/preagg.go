package duckdb

// preaggregated is the inner select of a grouping in two steps, where that is
// worth it; ok is false where it is not.
func preaggregated(s *selection, g *grouping) (string, bool) { return "", false }
