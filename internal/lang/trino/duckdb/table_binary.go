package duckdb

// binaryFunctions are those on bytes. The engine's digests are hexadecimal text.
func binaryFunctions() []*overload {
	var f family
	for _, name := range []string{"md5", "sha1", "sha256"} {
		f.t(name+"(varbinary) varbinary", "unhex("+name+"($1))")
	}
	for _, name := range []string{"sha512", "xxhash64", "murmur3", "spooky_hash_v2_32", "spooky_hash_v2_64"} {
		f.t(name+"(varbinary) varbinary", "mg_"+name+"($1)")
	}
	for _, name := range []string{"md5", "sha1", "sha256", "sha512"} {
		f.t("hmac_"+name+"(varbinary, varbinary) varbinary", "mg_hmac_"+name+"($1, $2)")
	}
	f.t("crc32(varbinary) bigint", "mg_crc32($1)")
	textForms(&f)
	byteOrder(&f)
	for _, name := range []string{"substr", "substring"} {
		f.f(name+"(varbinary, bigint) varbinary", func(c *invocation) (string, error) { return c.subbytes(), nil })
		f.f(name+"(varbinary, bigint, bigint) varbinary", func(c *invocation) (string, error) { return c.subbytes(), nil })
	}
	f.t("reverse(varbinary) varbinary", "unhex(array_to_string(list_reverse(regexp_extract_all(hex($1), '..')), ''))")
	return f
}

func textForms(f *family) {
	f.t("to_utf8(varchar) varbinary", "encode($1)")
	f.t("from_utf8(varbinary) varchar", "mg_from_utf8($1, chr(65533))")
	f.t("from_utf8(varbinary, varchar) varchar", "mg_from_utf8($1, $2)")
	f.t("from_utf8(varbinary, bigint) varchar", "mg_from_utf8($1, chr(CAST($2 AS INTEGER)))")
	f.t("to_hex(varbinary) varchar", "hex($1)")
	f.t("to_base64(varbinary) varchar", "to_base64($1)")
	f.t("to_base64url(varbinary) varchar", "mg_to_base64url($1)")
	f.t("to_base32(varbinary) varchar", "mg_to_base32($1)")
	for _, name := range []string{"from_hex", "from_base64", "from_base64url", "from_base32"} {
		f.t(name+"(varchar) varbinary", "mg_"+name+"($1)")
		f.t(name+"(varbinary) varbinary", "mg_"+name+"(mg_from_utf8($1, chr(65533)))")
	}
}

// byteOrder are numbers as big-endian bytes.
func byteOrder(f *family) {
	f.t("to_big_endian_32(integer) varbinary", "unhex(right(lpad(hex(CAST($1 AS BIGINT)), 16, '0'), 8))")
	f.t("to_big_endian_64(bigint) varbinary", "unhex(lpad(hex($1), 16, '0'))")
	f.t("to_ieee754_32(real) varbinary", "mg_to_ieee754_32($1)")
	f.t("to_ieee754_64(double) varbinary", "mg_to_ieee754_64($1)")
	for form, t := range map[string]string{"big_endian_32": "integer", "big_endian_64": "bigint", "ieee754_32": "real", "ieee754_64": "double"} {
		f.t("from_"+form+"(varbinary) "+t, "mg_from_"+form+"($1)")
	}
}

// subbytes is substr on bytes.
func (c *invocation) subbytes() string {
	return c.let(func(v []string) string {
		end := "octet_length($1)"
		if len(v) == 3 {
			end = "(CASE WHEN $2 < 0 THEN octet_length($1) + 1 ELSE 0 END + $2 + CASE WHEN $3 > 2147483647 THEN 2147483647 ELSE $3 END - 1)"
		}
		none := "$2 = 0 OR $2 > 2147483647 OR $2 < - octet_length($1)"
		if len(v) == 3 {
			none += " OR $3 <= 0"
		}
		return fill("CASE WHEN "+none+" THEN array_slice($1, 1, 0) ELSE array_slice($1, $2, "+end+") END", v)
	})
}
