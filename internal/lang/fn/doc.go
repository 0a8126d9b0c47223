// Package fn is the functions of Trino's SQL that an engine lacks, as pure Go:
// date formats, zones, texts of numbers and times, regular expressions, JSON,
// string distances, hashes, statistics. Each family is a file with typed
// functions; All lists them as Defs under the names that SQL calls them by.
//
// Values are what Trino's are; where Trino raises, the error is a *base.Error
// whose Code is Trino's error name. Nothing returns more than 1 MiB of text.
// testdata holds answers of a real Trino that the tests compare with.
//
// # What the names do
//
// A name is Trino's behind "mg_" where the function is Trino's. A NULL argument
// makes the result NULL, but for mg_format, mg_json_exists, mg_json_query,
// mg_json_value and mg_raise, which see NULLs.
//
//   - Date formats: mg_date_format and mg_date_parse take MySQL's letters
//     (ParseMySQLFormat cuts a constant format), mg_format_datetime(wall, zone,
//     pattern) and mg_parse_datetime Joda's. Wall is what the clock shows; the
//     zone of a timestamp without one is ”.
//   - Zones: mg_zone_wall(instant, zone) and mg_zone_instant(wall, zone) go to
//     and fro, mg_zone_id checks and spells a name ('GMT' is 'UTC', '+9' is
//     '+09:00'), mg_zone_offset_minutes is for timezone_hour and timezone_minute.
//   - Casts: mg_text_X reads a varchar as Trino's CAST to X does,
//     mg_text_decimal(text, precision, scale), mg_text_timestamp(text, precision);
//     decimals and times come back as text the engine casts exactly. mg_X_text
//     goes the other way: mg_timestamp_tz_text(value, precision). _ns takes and
//     gives nanoseconds, _tz a timestamp with time zone.
//   - Regular expressions: the group of mg_regexp_extract is 0 by default, the
//     replacement of mg_regexp_replace empty for the form that deletes, start and
//     occurrence of mg_regexp_position are 1. mg_regexp_groups is for
//     replacements by a lambda: for each match the text since the last one, then
//     its groups; at the end a list with the rest of the text alone.
//   - JSON: mg_json_parse gives the canonical text of type json, also for
//     json_format; mg_json_quote, mg_json_double and mg_json_real write values
//     into JSON. mg_json_cast(json, type) is CAST(json AS type) by Trino's type
//     text: a scalar's plain text; for array, map and row JSON for from_json, in
//     which rows are objects with the fields f1, f2 and so on.
//   - SQL/JSON: mg_json_exists(input, path, passing, on_error),
//     mg_json_query(input, path, passing, wrapper, quotes, on_empty, on_error),
//     mg_json_value(input, path, passing, type, on_empty, text, on_error, text).
//     passing is a JSON object of the parameters or NULL; wrapper is WITHOUT,
//     CONDITIONAL or UNCONDITIONAL; quotes KEEP or OMIT; the behaviours are NULL,
//     ERROR, EMPTY ARRAY, EMPTY OBJECT (json_query), DEFAULT and the text behind
//     it (json_value), TRUE, FALSE, UNKNOWN (json_exists). mg_json_value answers
//     with the text of a value of the type.
//   - mg_format(format, arguments...): each argument carries its type's letter:
//     's:'||text, 'i:'||integer, 'f:'||double, 'r:'||real, 'd:'||decimal,
//     'b:'||boolean, 'D:'||date, 't:'||timestamp, 'z:'||wall clock and zone,
//     'T:'||time, any other letter for what only %s can show.
//   - Bits: the last argument of mg_shift_X is the width of the type, 8 to 64.
//   - Arrays: mg_combination_indexes(n, k) and mg_ngram_indexes(count, n) are
//     positions from 1 (first and last one of each n-gram), for
//     list_transform over the array.
//   - Intervals are milliseconds and months; mg_parse_duration and
//     mg_interval_day_text use them. mg_parse_data_size gives a decimal(38,0)'s text.
//   - mg_raise('NAME: message', anything) raises, also '[[NAME]] message'. mg_repeat bounds its size.
//
// # All of them
//
// (begin)
//
//	mg_date_format(TIMESTAMP, VARCHAR) VARCHAR
//	mg_date_parse(VARCHAR, VARCHAR) TIMESTAMP
//	mg_format_datetime(TIMESTAMP, VARCHAR, VARCHAR) VARCHAR
//	mg_parse_datetime(VARCHAR, VARCHAR) STRUCT(t TIMESTAMP, z VARCHAR)
//	mg_zone_wall(TIMESTAMP, VARCHAR) TIMESTAMP
//	mg_zone_instant(TIMESTAMP, VARCHAR) TIMESTAMP
//	mg_zone_offset_minutes(TIMESTAMP, VARCHAR) BIGINT
//	mg_zone_id(VARCHAR) VARCHAR
//	mg_double_text(DOUBLE) VARCHAR
//	mg_real_text(FLOAT) VARCHAR
//	mg_text_double(VARCHAR) DOUBLE
//	mg_text_real(VARCHAR) FLOAT
//	mg_text_bigint(VARCHAR) BIGINT
//	mg_text_integer(VARCHAR) BIGINT
//	mg_text_smallint(VARCHAR) BIGINT
//	mg_text_tinyint(VARCHAR) BIGINT
//	mg_text_boolean(VARCHAR) BOOLEAN
//	mg_text_decimal(VARCHAR, BIGINT, BIGINT) VARCHAR
//	mg_text_date(VARCHAR) DATE
//	mg_text_time(VARCHAR, BIGINT) VARCHAR
//	mg_text_timestamp(VARCHAR, BIGINT) TIMESTAMP
//	mg_text_timestamp_ns(VARCHAR, BIGINT) TIMESTAMP_NS
//	mg_text_timestamp_tz(VARCHAR, BIGINT) STRUCT(t TIMESTAMP, z VARCHAR)
//	mg_text_timestamp_tz_ns(VARCHAR, BIGINT) STRUCT(t TIMESTAMP_NS, z VARCHAR)
//	mg_timestamp_text(TIMESTAMP, BIGINT) VARCHAR
//	mg_timestamp_ns_text(TIMESTAMP_NS, BIGINT) VARCHAR
//	mg_timestamp_tz_text(STRUCT(t TIMESTAMP, z VARCHAR), BIGINT) VARCHAR
//	mg_timestamp_tz_ns_text(STRUCT(t TIMESTAMP_NS, z VARCHAR), BIGINT) VARCHAR
//	mg_regexp_like(VARCHAR, VARCHAR) BOOLEAN
//	mg_regexp_extract(VARCHAR, VARCHAR, BIGINT) VARCHAR
//	mg_regexp_extract_all(VARCHAR, VARCHAR, BIGINT) VARCHAR[]
//	mg_regexp_groups(VARCHAR, VARCHAR) VARCHAR[][]
//	mg_regexp_replace(VARCHAR, VARCHAR, VARCHAR) VARCHAR
//	mg_regexp_split(VARCHAR, VARCHAR) VARCHAR[]
//	mg_regexp_count(VARCHAR, VARCHAR) BIGINT
//	mg_regexp_position(VARCHAR, VARCHAR, BIGINT, BIGINT) BIGINT
//	mg_json_parse(VARCHAR) VARCHAR
//	mg_json_quote(VARCHAR) VARCHAR
//	mg_json_double(DOUBLE) VARCHAR
//	mg_json_real(FLOAT) VARCHAR
//	mg_json_extract(VARCHAR, VARCHAR) VARCHAR
//	mg_json_extract_scalar(VARCHAR, VARCHAR) VARCHAR
//	mg_json_size(VARCHAR, VARCHAR) BIGINT
//	mg_json_array_length(VARCHAR) BIGINT
//	mg_json_array_get(VARCHAR, BIGINT) VARCHAR
//	mg_json_array_contains_bigint(VARCHAR, BIGINT) BOOLEAN
//	mg_json_array_contains_double(VARCHAR, DOUBLE) BOOLEAN
//	mg_json_array_contains_varchar(VARCHAR, VARCHAR) BOOLEAN
//	mg_json_array_contains_boolean(VARCHAR, BOOLEAN) BOOLEAN
//	mg_is_json_scalar(VARCHAR) BOOLEAN
//	mg_word_stem(VARCHAR, VARCHAR) VARCHAR
//	mg_soundex(VARCHAR) VARCHAR
//	mg_luhn_check(VARCHAR) BOOLEAN
//	mg_levenshtein_distance(VARCHAR, VARCHAR) BIGINT
//	mg_hamming_distance(VARCHAR, VARCHAR) BIGINT
//	mg_normalize(VARCHAR, VARCHAR) VARCHAR
//	mg_translate(VARCHAR, VARCHAR, VARCHAR) VARCHAR
//	mg_split(VARCHAR, VARCHAR) VARCHAR[]
//	mg_split_limit(VARCHAR, VARCHAR, BIGINT) VARCHAR[]
//	mg_split_part(VARCHAR, VARCHAR, BIGINT) VARCHAR
//	mg_split_to_map(VARCHAR, VARCHAR, VARCHAR) MAP(VARCHAR, VARCHAR)
//	mg_split_to_multimap(VARCHAR, VARCHAR, VARCHAR) MAP(VARCHAR, VARCHAR[])
//	mg_lpad(VARCHAR, BIGINT, VARCHAR) VARCHAR
//	mg_rpad(VARCHAR, BIGINT, VARCHAR) VARCHAR
//	mg_lpad_blob(BLOB, BIGINT, BLOB) BLOB
//	mg_rpad_blob(BLOB, BIGINT, BLOB) BLOB
//	mg_repeat(VARCHAR, BIGINT) VARCHAR
//	mg_strpos_instance(VARCHAR, VARCHAR, BIGINT) BIGINT
//	mg_codepoint(VARCHAR) INTEGER
//	mg_starts_with(VARCHAR, VARCHAR) BOOLEAN
//	mg_raise(VARCHAR, VARCHAR) VARCHAR
//	mg_from_utf8(BLOB, VARCHAR) VARCHAR
//	mg_to_base32(BLOB) VARCHAR
//	mg_from_base32(VARCHAR) BLOB
//	mg_from_base64(VARCHAR) BLOB
//	mg_to_base64url(BLOB) VARCHAR
//	mg_from_base64url(VARCHAR) BLOB
//	mg_from_hex(VARCHAR) BLOB
//	mg_to_base(BIGINT, BIGINT) VARCHAR
//	mg_from_base(VARCHAR, BIGINT) BIGINT
//	mg_url_extract_protocol(VARCHAR) VARCHAR
//	mg_url_extract_host(VARCHAR) VARCHAR
//	mg_url_extract_port(VARCHAR) BIGINT
//	mg_url_extract_path(VARCHAR) VARCHAR
//	mg_url_extract_query(VARCHAR) VARCHAR
//	mg_url_extract_fragment(VARCHAR) VARCHAR
//	mg_url_extract_parameter(VARCHAR, VARCHAR) VARCHAR
//	mg_url_encode(VARCHAR) VARCHAR
//	mg_url_decode(VARCHAR) VARCHAR
//	mg_interval_day_text(BIGINT) VARCHAR
//	mg_interval_month_text(BIGINT) VARCHAR
//	mg_format_number(DOUBLE) VARCHAR
//	mg_human_readable_seconds(DOUBLE) VARCHAR
//	mg_parse_duration(VARCHAR) BIGINT
//	mg_parse_data_size(VARCHAR) VARCHAR
//	mg_crc32(BLOB) BIGINT
//	mg_xxhash64(BLOB) BLOB
//	mg_checksum_bigint(BIGINT) BIGINT
//	mg_checksum_double(DOUBLE) BIGINT
//	mg_checksum_real(FLOAT) BIGINT
//	mg_checksum_varchar(VARCHAR) BIGINT
//	mg_checksum_bytes(BIGINT) BLOB
//	mg_murmur3(BLOB) BLOB
//	mg_bucket_bigint(BIGINT) INTEGER
//	mg_bucket_blob(BLOB) INTEGER
//	mg_bucket_unscaled(VARCHAR) INTEGER
//	mg_spooky_hash_v2_32(BLOB) BLOB
//	mg_spooky_hash_v2_64(BLOB) BLOB
//	mg_md5(BLOB) BLOB
//	mg_sha1(BLOB) BLOB
//	mg_sha256(BLOB) BLOB
//	mg_sha512(BLOB) BLOB
//	mg_hmac_md5(BLOB, BLOB) BLOB
//	mg_hmac_sha1(BLOB, BLOB) BLOB
//	mg_hmac_sha256(BLOB, BLOB) BLOB
//	mg_hmac_sha512(BLOB, BLOB) BLOB
//	mg_to_big_endian_32(INTEGER) BLOB
//	mg_to_big_endian_64(BIGINT) BLOB
//	mg_from_big_endian_32(BLOB) INTEGER
//	mg_from_big_endian_64(BLOB) BIGINT
//	mg_to_ieee754_32(FLOAT) BLOB
//	mg_to_ieee754_64(DOUBLE) BLOB
//	mg_from_ieee754_32(BLOB) FLOAT
//	mg_from_ieee754_64(BLOB) DOUBLE
//	mg_normal_cdf(DOUBLE, DOUBLE, DOUBLE) DOUBLE
//	mg_inverse_normal_cdf(DOUBLE, DOUBLE, DOUBLE) DOUBLE
//	mg_beta_cdf(DOUBLE, DOUBLE, DOUBLE) DOUBLE
//	mg_inverse_beta_cdf(DOUBLE, DOUBLE, DOUBLE) DOUBLE
//	mg_t_cdf(DOUBLE, DOUBLE) DOUBLE
//	mg_t_pdf(DOUBLE, DOUBLE) DOUBLE
//	mg_wilson_interval_lower(BIGINT, BIGINT, DOUBLE) DOUBLE
//	mg_wilson_interval_upper(BIGINT, BIGINT, DOUBLE) DOUBLE
//	mg_width_bucket(DOUBLE, DOUBLE, DOUBLE, BIGINT) BIGINT
//	mg_width_bucket_bins(DOUBLE, DOUBLE[]) BIGINT
//	mg_numeric_histogram(BIGINT, DOUBLE[]) DOUBLE[]
//	mg_cosine_similarity(MAP(VARCHAR, DOUBLE), MAP(VARCHAR, DOUBLE)) DOUBLE
//	mg_top_places(BIGINT[], BIGINT[], BIGINT, BOOLEAN) BIGINT[]
//	mg_running_top_places(BIGINT[], BIGINT[], BIGINT, BOOLEAN) BIGINT[]
//	mg_shift_left(BIGINT, BIGINT, BIGINT) BIGINT
//	mg_shift_right(BIGINT, BIGINT, BIGINT) BIGINT
//	mg_shift_right_arithmetic(BIGINT, BIGINT, BIGINT) BIGINT
//	mg_bit_count(BIGINT, BIGINT) BIGINT
//	mg_round_double(DOUBLE, BIGINT) DOUBLE
//	mg_round_real(FLOAT, BIGINT) FLOAT
//	mg_truncate_double(DOUBLE) DOUBLE
//	mg_combination_indexes(BIGINT, BIGINT) BIGINT[][]
//	mg_ngram_indexes(BIGINT, BIGINT) BIGINT[][]
//	mg_ip_text(VARCHAR) VARCHAR
//	mg_ip_from_bytes(BLOB) VARCHAR
//	mg_ip_bytes(VARCHAR) BLOB
//	mg_ip_contains(VARCHAR, VARCHAR) BOOLEAN
//	mg_ip_prefix(VARCHAR, BIGINT) VARCHAR
//	mg_ip_subnet_min(VARCHAR) VARCHAR
//	mg_ip_subnet_max(VARCHAR) VARCHAR
//	mg_ip_subnet_range(VARCHAR) VARCHAR[]
//	mg_from_iso8601_date(VARCHAR) DATE
//	mg_from_iso8601_timestamp(VARCHAR) STRUCT(t TIMESTAMP, z VARCHAR)
//	mg_from_iso8601_timestamp_nanos(VARCHAR) STRUCT(t TIMESTAMP_NS, z VARCHAR)
//	mg_to_iso8601(TIMESTAMP, BIGINT) VARCHAR
//	mg_to_iso8601_tz(STRUCT(t TIMESTAMP, z VARCHAR), BIGINT) VARCHAR
//	mg_to_iso8601_tz_ns(STRUCT(t TIMESTAMP_NS, z VARCHAR), BIGINT) VARCHAR
//	mg_format(VARCHAR, VARCHAR...) VARCHAR
//	mg_json_exists(VARCHAR, VARCHAR, VARCHAR, VARCHAR) BOOLEAN
//	mg_json_query(VARCHAR, VARCHAR, VARCHAR, VARCHAR, VARCHAR, VARCHAR, VARCHAR) VARCHAR
//	mg_json_value(VARCHAR, VARCHAR, VARCHAR, VARCHAR, VARCHAR, VARCHAR, VARCHAR, VARCHAR) VARCHAR
//	mg_json_cast(VARCHAR, VARCHAR) VARCHAR
//	mg_json_formatted(VARCHAR) VARCHAR
//	mg_json_object(VARCHAR, VARCHAR...) VARCHAR
//	mg_decode_text(BLOB, VARCHAR) VARCHAR
//	mg_encode_text(VARCHAR, VARCHAR) BLOB
//
// (end)
package fn
