package crawl

import (
	"crypto/md5"
	"encoding/hex"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// tableName makes a folder name a table name as Glue does: lower case, letters
// (of any script), digits and underscores kept, everything else an underscore.
func tableName(folder string) string {
	name := strings.Map(func(r rune) rune {
		if r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r) {
			return unicode.ToLower(r)
		}
		return '_'
	}, norm.NFC.String(folder))
	if strings.Trim(name, "_") == "" {
		return "table"
	}
	return name
}

// collided makes a taken name unique the way Glue does, by a hash of the place.
func collided(name, location string) string {
	sum := md5.Sum([]byte(location))
	return name + "_" + hex.EncodeToString(sum[:])
}

// partitionKey splits "key=value" as Hive writes it; ok is false for other folders.
func partitionKey(folder string) (key, value string, ok bool) {
	key, value, ok = strings.Cut(folder, "=")
	if !ok || key == "" {
		return "", "", false
	}
	return key, value, true
}

// lastElement is the last folder of a URI: "s3://b/a/c/" is "c", "s3://b" is "b".
func lastElement(uri string) string {
	if _, rest, ok := strings.Cut(uri, "://"); ok {
		uri = rest
	}
	uri = strings.TrimRight(uri, "/")
	return uri[strings.LastIndexByte(uri, '/')+1:]
}
