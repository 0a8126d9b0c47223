package query

import "fmt"

const (
	megabyte = 1 << 20
	terabyte = 1 << 40
	// leastCharge is what Athena charges a query that reads anything.
	leastCharge = 10 * megabyte
	usdPerTB    = 5.0
)

// Charge is what Athena would have charged for reading so many bytes: the
// bytes charged, whole megabytes and at least ten, and their price in US
// dollars at 5 a terabyte. A statement that reads nothing is free.
func Charge(scanned int64) (bytes int64, usd float64) {
	if scanned <= 0 {
		return 0, 0
	}
	bytes = max((scanned+megabyte-1)/megabyte*megabyte, leastCharge)
	return bytes, float64(bytes) / terabyte * usdPerTB
}

// Size is a number of bytes for people: "1.5 GB".
func Size(n int64) string {
	units := []string{"B", "KB", "MB", "GB", "TB", "PB"}
	f, u := float64(n), 0
	for f >= 1000 && u < len(units)-1 {
		f, u = f/1000, u+1
	}
	if u == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", f, units[u])
}
