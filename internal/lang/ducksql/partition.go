package ducksql

import (
	"fmt"

	"github.com/mulgil/mulgil/internal/base"
)

// BucketFunctions are the Go functions that partition keys of buckets call.
var BucketFunctions = []string{"mg_bucket_bigint", "mg_bucket_blob", "mg_bucket_unscaled"}

// PartitionKey is an expression that is equal for rows of the same partition
// by p, and another for different ones; p's column has this type. Text is how
// a folder's name shows the value, as Iceberg's own writers do ("2014-03" of a
// month). NULL stays NULL in both.
func PartitionKey(p base.PartitionField, of base.Type) (key, text string) {
	c := Ident(p.Column)
	switch p.Transform {
	case "year", "month", "day", "hour":
		if of.ID == base.TimestampTZ {
			c = "make_timestamp(epoch_us(" + c + "))" // in UTC, whatever the session's zone
		}
		return "date_trunc('" + p.Transform + "', " + c + ")", "strftime(" + c + ", '" + clockFormat[p.Transform] + "')"
	case "bucket":
		key = fmt.Sprintf("(%s %% %d)", bucketHash(c, of), p.N)
	case "truncate":
		key = truncated(c, of, p.N)
	default:
		key = c
	}
	return key, "CAST(" + key + " AS VARCHAR)"
}

var clockFormat = map[string]string{"year": "%Y", "month": "%Y-%m", "day": "%Y-%m-%d", "hour": "%Y-%m-%d-%H"}

// bucketHash is the 32-bit hash of Iceberg's specification (appendix B)
// without its sign.
func bucketHash(c string, of base.Type) string {
	switch of.ID {
	case base.String:
		return "mg_bucket_blob(encode(" + c + "))"
	case base.Binary:
		return "mg_bucket_blob(" + c + ")"
	case base.UUID:
		return "mg_bucket_blob(unhex(replace(CAST(" + c + " AS VARCHAR), '-', '')))"
	case base.Decimal:
		return "mg_bucket_unscaled(" + unscaled(c) + ")"
	case base.Date:
		return "mg_bucket_bigint(CAST(" + c + " - DATE '1970-01-01' AS BIGINT))"
	case base.Time, base.Timestamp, base.TimestampTZ:
		return "mg_bucket_bigint(epoch_us(" + c + "))"
	}
	return "mg_bucket_bigint(CAST(" + c + " AS BIGINT))"
}

// truncated is the value cut to n characters or bytes, or down to a multiple of n.
func truncated(c string, of base.Type, n int) string {
	switch of.ID {
	case base.String:
		return fmt.Sprintf("left(%s, %d)", c, n)
	case base.Binary:
		return fmt.Sprintf("left(hex(%s), %d)", c, 2*n)
	case base.Decimal:
		c = unscaled(c)
	}
	c = "CAST(" + c + " AS HUGEINT)"
	return fmt.Sprintf("(%[1]s - ((%[1]s %% %[2]d) + %[2]d) %% %[2]d)", c, n)
}

// unscaled is a decimal's digits as text: "-105" of -1.05.
func unscaled(c string) string { return "replace(CAST(" + c + " AS VARCHAR), '.', '')" }
