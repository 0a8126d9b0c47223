package duckdb

// networkFunctions are those on IP addresses and UUIDs.
func networkFunctions() []*overload {
	var f family
	f.t("contains(varchar, ipaddress) boolean", "mg_ip_contains($1, $2)")
	f.t("uuid() uuid", "uuid()").isVolatile()
	return f
}
