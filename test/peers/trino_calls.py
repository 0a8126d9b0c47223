"""Calls of functions and whole queries, by category."""
import itertools

CLOCKS = ["date '2014-01-31'", "date '1969-12-28'", "date '2016-02-29'", "date '2020-12-31'", "timestamp '2014-01-31 13:05:09'", "timestamp '2014-01-05 00:00:00.123'", "timestamp '1969-12-31 23:59:59.999999'", "timestamp '2020-05-10 12:34:56.123456789'",
          "timestamp '2014-01-31 13:05:09.123 Asia/Seoul'", "timestamp '2020-11-01 01:30:00 America/New_York'", "timestamp '2021-03-28 00:30:00.123456 +05:30'"]
MYSQL = ["%a", "%b", "%c", "%d", "%e", "%f", "%H", "%h", "%I", "%i", "%j", "%k", "%l", "%M", "%m", "%p", "%r", "%S", "%s", "%T", "%v", "%W", "%x", "%Y", "%y", "%%", "%D", "%U", "%u", "%V", "%w", "%X", "%Q", "%Y년 %m월 %d일", "%Y-%m-%dT%H:%i:%s.%f", "", "abc", "%", "%x-W%v", "%b %e, %Y %l:%i %p", "😀%Y"]
JODA = ["yyyy-MM-dd", "yy/M/d", "EEE", "EEEE", "MMM", "MMMM", "HH:mm:ss.SSS", "hh:mm a", "K", "k", "e", "w", "xxxx-'W'ww-e", "D", "DDD", "G", "Z", "ZZ", "ZZZ", "z", "zzzz", "S", "SSSSSS", "Y", "C", "y", "yyy", "''", "'a'", "QQ", "yyyyMMdd'T'HHmmss", "E d MMM yyyy", "abc", "", "u", "aa", "yyyy년 MM월 dd일", "h 'o''clock' a"]
PARSE = [("2014-01-31", "%Y-%m-%d"), ("2014-1-5", "%Y-%m-%d"), ("31/Jan/2014:13:05:09", "%d/%b/%Y:%H:%i:%s"), ("Friday January 31 2014", "%W %M %d %Y"), ("2014-01-31 12:00 AM", "%Y-%m-%d %h:%i %p"), ("2014-01-31 12:00 PM", "%Y-%m-%d %I:%i %p"), ("2014-01-31 13:05:09", "%Y-%m-%d %T"), ("01:05:09 PM", "%r"), ("13", "%H"), ("5", "%k"), ("2014", "%Y"),
         ("12", "%m"), ("2014-01-31 13:05:09.123456", "%Y-%m-%d %H:%i:%s.%f"), ("2014-01-31 13:05:09.1", "%Y-%m-%d %H:%i:%s.%f"), ("2014년 01월 31일", "%Y년 %m월 %d일"), ("2014-01-31 ", "%Y-%m-%d"), (" 2014-01-31", "%Y-%m-%d"), ("2014-01-31x", "%Y-%m-%d"), ("20140131", "%Y%m%d"), ("2014-366", "%Y-%j"), ("2016-366", "%Y-%j"), ("2014 05", "%x %v"), ("2014-W05", "%x-W%v"),
         ("00-01-01", "%y-%m-%d"), ("99-12-31", "%y-%m-%d"), ("2014-02-29", "%Y-%m-%d"), ("2016-02-29", "%Y-%m-%d"), ("2014-01-31 24:00:00", "%Y-%m-%d %H:%i:%s"), ("2014-01-31 13:60:00", "%Y-%m-%d %H:%i:%s"), ("jan 2014", "%b %Y"), ("JANUARY 2014", "%M %Y"), ("1월 2014", "%b %Y"), ("", "%Y"), ("", ""), ("100%", "100%%"), ("Sat", "%a"), ("2014-01-31", "%Y/%m/%d"),
         ("1388534400", "%s"), ("-2014", "%Y"), ("12014-01-01", "%Y-%m-%d"), ("2014-1-31 1:5:9", "%Y-%c-%e %k:%i:%s"), ("1 PM", "%l %p"), ("13 PM", "%h %p"), ("2014", "%w"), ("2014", "%D"), ("2014 3", "%Y %u")]
PARSE_JODA = [("2014-01-31 13:05:09", "yyyy-MM-dd HH:mm:ss"), ("31/01/14", "dd/MM/yy"), ("31 January 2014", "dd MMMM yyyy"), ("Fri 31 Jan 2014", "EEE dd MMM yyyy"), ("2014-01-31T13:05:09Z", "yyyy-MM-dd'T'HH:mm:ssZ"), ("2014-01-31 13:05 Asia/Seoul", "yyyy-MM-dd HH:mm ZZZ"), ("2014-01-31 13:05 +09:00", "yyyy-MM-dd HH:mm ZZ"), ("1:05 PM", "h:mm a"), ("2014-01-31 13:05:09.5", "yyyy-MM-dd HH:mm:ss.S"),
              ("2014-01-31 13:05:09.123456", "yyyy-MM-dd HH:mm:ss.SSSSSS"), ("2014", "yyyy"), ("14", "yyyy"), ("2014-031", "yyyy-DDD"), ("2014-W05-5", "xxxx-'W'ww-e"), ("20140131", "yyyyMMdd"), ("2014-01-31x", "yyyy-MM-dd"), ("x", "yyyy"), ("2014-01-31 13:05 PST", "yyyy-MM-dd HH:mm z"), ("13:05", "HH:mm"), ("2014년 01월", "yyyy년 MM월"), ("2014 BC", "yyyy G"), ("12:30 AM", "hh:mm a"), ("", "yyyy"), ("2014", ""), ("2014", "Q")]
UNITS = ["millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year", "DAY", "decade", "microsecond", "days"]


def dates():
    for c, f in itertools.product(CLOCKS[::3] + CLOCKS[5:8], MYSQL):
        yield "date_format", f"SELECT date_format({c}, '{f}')"
    yield "date_format", "SELECT date_format(x, f) FROM (VALUES (timestamp '2014-01-31 13:05:09', '%Y%m'), (null, '%Y'), (timestamp '2016-02-29 00:00:00', '%j %W'), (timestamp '2016-02-29 00:00:00', null)) t(x, f)"
    yield "date_format", "SELECT date_format('2014-01-31', '%Y')"
    yield "date_format", "SELECT date_format(time '13:05:09', '%H')"
    for t, f in PARSE:
        yield "date_parse", f"SELECT date_parse('{t}', '{f}')"
        yield "date_parse", f"SELECT TRY(date_parse(x, '{f}')) FROM (VALUES '{t}', null, 'zz') t(x)"
    for t, f in PARSE[:12]:
        yield "date_parse", f"SELECT date_format(date_parse('{t}', '{f}'), '%Y%m%d %T'), CAST(date_parse('{t}', '{f}') AS date), day_of_week(date_parse('{t}', '{f}'))"
    for c, f in itertools.product(CLOCKS[1::4] + CLOCKS[7:9], JODA):
        yield "joda", "SELECT format_datetime({}, '{}')".format(c, f.replace("'", "''"))
    for t, f in PARSE_JODA:
        yield "joda", "SELECT parse_datetime('{}', '{}')".format(t, f.replace("'", "''"))
    ones = "year quarter month week day hour minute second millisecond day_of_week dow day_of_year doy day_of_month week_of_year year_of_week yow last_day_of_month date to_iso8601 to_unixtime timezone_hour timezone_minute".split()
    for f in ones:
        for i, c in enumerate(CLOCKS + ["time '13:05:09.123'", "interval '1 02:03:04.567' day to second", "interval '-1-2' year to month", "null", "'2014-01-31'"]):
            if f in ("year", "week", "to_iso8601", "to_unixtime", "date", "second", "millisecond") or i % 3 == len(f) % 3 or i > 10:
                yield "timestamp", f"SELECT {f}({c})"
    for f in ["YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "DAY_OF_MONTH", "DOW", "DOY", "YOW", "HOUR", "MINUTE", "SECOND", "TIMEZONE_HOUR", "TIMEZONE_MINUTE", "MILLISECOND", "CENTURY"]:
        yield "timestamp", f"SELECT EXTRACT({f} FROM {CLOCKS[8]}), EXTRACT({f} FROM {CLOCKS[5]})"
        yield "timestamp", f"SELECT EXTRACT({f} FROM {CLOCKS[0]})"
    for u, c in itertools.product(UNITS, CLOCKS + ["time '13:05:09.123'"]):
        yield "timestamp", f"SELECT date_trunc('{u}', {c})"
        if "decade" not in u:
            yield "timestamp", f"SELECT date_add('{u}', 13, {c}), date_add('{u}', -1, {c})"
            yield "timestamp", f"SELECT date_diff('{u}', {c}, {c})"
    pairs = [("date '2014-01-31'", "date '2014-02-28'"), ("date '2016-02-29'", "date '2017-02-28'"), ("date '2014-03-31'", "date '2014-02-28'"), ("timestamp '2014-01-31 13:00:00'", "timestamp '2014-02-28 12:59:59'"), ("timestamp '2014-01-01 00:00:00.9'", "timestamp '2013-12-31 23:59:59'"), ("timestamp '2020-10-31 12:00:00 America/New_York'", "timestamp '2020-11-01 12:00:00 America/New_York'"),
             ("timestamp '2014-01-31 00:00:00 Asia/Seoul'", "timestamp '2014-01-31 00:00:00 UTC'"), ("date '2014-01-31'", "timestamp '2014-02-01 13:00:00'"), ("time '13:00:00'", "time '01:30:00'")]
    for u, (a, b) in itertools.product(UNITS[:9], pairs):
        yield "timestamp", f"SELECT date_diff('{u}', {a}, {b}), date_diff('{u}', {b}, {a})"
    intervals = ["interval '1' day", "interval '-1' hour", "interval '1' month", "interval '13' month", "interval '-1' year", "interval '0.5' second", "interval '90' minute", "interval '1-2' year to month", "interval '1 02:03:04.567' day to second"]
    for c, i in itertools.product(CLOCKS + ["time '23:30:00'"], intervals):
        yield "timestamp", f"SELECT {c} + {i}, {c} - {i}"
    for i, j in itertools.combinations(intervals, 2):
        yield "timestamp", f"SELECT {i} + {j}, {i} - {j}, {i} < {j}"
    for i in intervals:
        yield "timestamp", f"SELECT {i} * 2, {i} / 2, 2 * {i}, {i} * 1.5e0, -{i}"
        yield "timestamp", f"SELECT CAST({i} AS varchar), to_milliseconds({i})"
    for a, b in itertools.combinations(CLOCKS[::2], 2):
        yield "timestamp", f"SELECT {a} - {b}"
        yield "timestamp", f"SELECT {a} < {b}, {a} = {b}, {a} IS DISTINCT FROM {b}"
    for z in ["Asia/Seoul", "UTC", "+09:00", "-03:30", "America/New_York", "Z", "GMT", "Nowhere", "EST", "Asia/Kolkata"]:
        for c in (CLOCKS[4], CLOCKS[8], CLOCKS[9]):
            yield "timestamp", f"SELECT {c} AT TIME ZONE '{z}', at_timezone({c}, '{z}')"
        yield "timestamp", f"SELECT with_timezone(timestamp '2014-07-31 13:05:09.123', '{z}'), date_format(with_timezone(timestamp '2014-07-31 13:05:09', '{z}'), '%H'), to_unixtime(with_timezone(timestamp '2014-07-31 13:05:09', '{z}'))"
        yield "timestamp", f"SELECT from_unixtime(1388534400.123, '{z}')"
    for x in ["0", "-1", "1388534400", "1388534400.9996", "1e10", "253402300800", "-62135596800", "nan()", "1e20"]:
        yield "timestamp", f"SELECT from_unixtime({x}), CAST(from_unixtime({x}) AS date), from_unixtime({x}, 5, 30)"
        yield "timestamp", f"SELECT from_unixtime({x}) AT TIME ZONE 'Asia/Seoul'"
    for s in ["2014-01-31", "2014-W05-5", "2014-031", "2014-01-31T13:05:09", "2014-01-31T13:05:09Z", "2014-01-31T13:05+09:00", "2014-01-31T13:05:09.123456789-03:30", "2014", "2014-01", "2014-01-31T13", "2014-01-31 13:05:09", "20140131", "2014-01-31T13:05:09.9999", "x", ""]:
        yield "timestamp", f"SELECT from_iso8601_timestamp('{s}')"
        yield "timestamp", f"SELECT from_iso8601_timestamp_nanos('{s}')"
        yield "timestamp", f"SELECT from_iso8601_date('{s}')"
        yield "timestamp", f"SELECT date('{s}')"
        yield "timestamp", f"SELECT timestamp '{s}'"
        yield "timestamp", f"SELECT date '{s}'"
    for s in ["1ns", "1us", "1.5ms", "10s", "2m", "3.5h", "1d", "x", "1 d", "-1d", "1w"]:
        yield "timestamp", f"SELECT parse_duration('{s}')"
    for s in ["1B", "1kB", "1.5MB", "3GB", "x", "1 kB"]:
        yield "math", f"SELECT parse_data_size('{s}')"
    for n in ["0", "61", "3661.5", "93784", "-1", "56363463", "nan()"]:
        yield "timestamp", f"SELECT human_readable_seconds({n})"
    for a in ["date '2014-01-30', date '2014-02-02'", "date '2014-02-02', date '2014-01-30'", "date '2014-01-31', date '2014-06-30', interval '1' month", "date '2014-01-01', date '2014-01-10', interval '3' day", "date '2014-01-01', date '2014-01-02', interval '12' hour", "timestamp '2014-01-01 00:00:00', timestamp '2014-01-02 00:00:00', interval '8' hour", "timestamp '2014-01-31 00:00:00', timestamp '2014-05-01 00:00:00', interval '1' month",
              "1, 5", "5, 1", "1, 10, 3", "10, 1, -4", "1, 5, -1", "1, 5, 0", "date '2014-01-01', date '2014-01-05', interval '-1' day", "bigint '1', bigint '3'", "1, 20000", "null, 3", "date '2014-01-01', timestamp '2014-01-03 00:00:00', interval '1' day", "timestamp '2014-01-01 00:00:00', timestamp '2014-01-02 00:00:00'"]:
        yield "array", f"SELECT sequence({a})" if "20000" not in a else f"SELECT cardinality(sequence({a}))"


STRINGS = ["''", "'abc'", "'편의점 매출'", "'a😀b'", "'  x '", "cast('ab' as char(5))", "cast('가나다' as varchar)", "null"]


def strings():
    one = "length upper lower reverse trim ltrim rtrim to_utf8 soundex word_stem url_encode url_decode normalize md5 crc32 luhn_check codepoint from_hex from_base64 typeof json_parse".split()
    for f, s in itertools.product(one, STRINGS):
        yield "string", f"SELECT {f}({s})"
    for s, a in itertools.product(STRINGS, ["1", "2", "-1", "-2", "0", "100", "null", "1, 1", "2, 2", "-2, 1", "0, 2", "1, 0", "2, -1", "2, 100", "bigint '2'"]):
        yield "string", f"SELECT substr({s}, {a}), substring({s}, {a})"
    for s, a in itertools.product(STRINGS, ["5, 'x'", "2, 'x'", "0, 'x'", "-1, 'x'", "7, '가나'", "3, ''", "5, null"]):
        yield "string", f"SELECT lpad({s}, {a}), rpad({s}, {a})"
        yield "string", f"SELECT TRY(lpad({s}, {a}))"
    for s, d in itertools.product(STRINGS + ["'a,b,,c,'", "',a'", "'a|b|c'"], ["','", "'|'", "'b'", "' '", "''", "null", "',,'"]):
        yield "string", f"SELECT split({s}, {d}), split({s}, {d}, 2)"
        yield "string", f"SELECT split_part({s}, {d}, 1), split_part({s}, {d}, 2), split_part({s}, {d}, 9)"
        yield "string", f"SELECT strpos({s}, {d}), strpos({s}, {d}, 2), strpos({s}, {d}, -1), position({d} IN {s})"
        yield "string", f"SELECT replace({s}, {d}), replace({s}, {d}, '_'), starts_with({s}, {d})"
        yield "string", f"SELECT concat({s}, {d}), {s} || {d}, concat_ws({d}, {s}, 'z')"
        yield "string", f"SELECT {s} LIKE '%' || {d} || '%', {s} = {d}, {s} < {d}"
        yield "string", f"SELECT levenshtein_distance({s}, {d}), translate({s}, {d}, 'xy')"
        yield "string", f"SELECT trim(BOTH {d} FROM {s}), trim(LEADING {d} FROM {s}), ltrim({s}, {d})"
    for p in ["a%", "%c", "_b_", "%", "", "a_c", "A%", "%b%", "a\\%", "편%", "___", "%😀%"]:
        yield "string", f"SELECT x, x LIKE '{p}', x NOT LIKE '{p}' FROM (VALUES 'abc', '', '편의점', 'a%', 'a😀b', null) t(x)"
        yield "string", f"SELECT x LIKE '{p}' ESCAPE '\\' FROM (VALUES 'abc', 'a%', 'a\\%') t(x)"
    yield "string", "SELECT 'a%b' LIKE 'a$%b' ESCAPE '$', 'a_b' LIKE 'a$_b' ESCAPE '$', 'a$b' LIKE 'a$$b' ESCAPE '$'"
    for e in ["'abc' LIKE 'a$b' ESCAPE '$'", "'abc' LIKE 'ab$' ESCAPE '$'", "'abc' LIKE 'a' ESCAPE '$$'", "'abc' LIKE 'a' ESCAPE ''", "1 LIKE '1'", "'a' LIKE 1", "'abc' LIKE null", "null LIKE 'a'", "'abc' LIKE 'a%' ESCAPE null", "cast('ab' as char(5)) LIKE 'ab%'", "cast('ab' as char(5)) LIKE 'ab'", "cast('ab' as char(5)) || 'x'", "length(cast('ab' as char(5)))", "cast('ab' as char(5)) = 'ab'", "cast('ab' as char(5)) = 'ab   '", "cast('ab' as char(5)) = cast('ab' as varchar)",
              "'ab' = 'ab '", "cast('a' as char(2)) < cast('b' as char(3))", "concat('a')", "concat()", "concat('a', 1)", "'a' || 1", "concat('a', 'b', 'c', null)", "concat(array[1], 2)", "concat(cast('a' as char(3)), cast('b' as char(2)))", "concat_ws(',', array['a', null, 'b'])", "concat_ws(null, 'a')", "concat_ws(',')", "concat_ws(',', 'a', 1)", "concat(X'01', X'02')", "upper('ß')", "lower('İ')", "upper('ŉ')", "reverse('e\u0301')", "length('👨‍👩‍👧')", "split('a.b', '.')", "split('abc', 'b', 0)", "split('abc', 'b', -1)", "split('a,b,c', ',', 2)", "split_part('a,b', ',', -1)", "split_to_map('a=1,b', ',', '=')", "split_to_map('a=1,a=2', ',', '=')", "split_to_map('', ',', '=')", "split_to_map('a=1;b=2', ';', '=')", "split_to_multimap('a=1,b=2,a=3', ',', '=')", "chr(65)", "chr(128512)", "chr(-1)", "chr(1114112)", "codepoint('ab')", "ascii('a')", "initcap('abc')", "repeat('ab', 3)", "left('abc', 2)", "instr('abc', 'b')", "len('abc')", "hamming_distance('abc', 'abd')", "hamming_distance('a', 'ab')", "soundex('한글')", "soundex('Tymczak')", "word_stem('cats', 'en')", "word_stem('chevaux', 'fr')", "word_stem('x', 'zz')", "luhn_check('4242x')", "luhn_check('79927398714')", "normalize('가', NFD)", "length(normalize('각', NFD))", "normalize('ﬁ', NFKC)", "to_utf8('가😀')", "from_utf8(X'EAB080')", "from_utf8(X'FF')", "from_utf8(X'41FF42', '?')", "from_utf8(X'41FF42', '')", "from_utf8(X'41FF42', 'ab')", "to_hex(md5(to_utf8('a')))", "to_hex(sha1(to_utf8('a')))", "to_hex(sha256(to_utf8('a')))", "to_hex(sha512(to_utf8('')))", "to_hex(xxhash64(to_utf8('a')))", "to_hex(murmur3(to_utf8('a')))", "to_hex(spooky_hash_v2_64(to_utf8('a')))", "to_hex(hmac_sha256(to_utf8('a'), to_utf8('k')))", "crc32(to_utf8('abc'))", "to_base64(X'FFEE')", "from_base64('/+4=')", "from_base64('x')", "from_base64url('_-4')", "to_base32(to_utf8('abc'))", "from_base32('MFRGG===')", "to_big_endian_32(1)", "to_big_endian_64(-1)", "from_big_endian_64(X'0000000000000001')", "from_big_endian_32(X'01')", "to_ieee754_64(1.5e0)", "from_ieee754_32(X'3FC00000')", "from_hex('zz')", "from_hex('abc')", "reverse(X'0102')", "length(X'0102')", "substr(X'010203', 2)", "lpad(X'01', 3, X'00')", "X'01' || X'02'", "X'01' < X'02'", "X'0g'", "X'01 02'", "U&'\\+01F600'", "U&'#ac00' UESCAPE '#'", "U&'\\d800'", "'it''s'", "translate('abc', 'ab', 'x')", "to_char(timestamp '2014-01-31 13:05:09', 'yyyy-mm-dd hh24:mi:ss')", "to_date('2014-01-31', 'yyyy-mm-dd')", "to_timestamp('2014-01-31 13', 'yyyy-mm-dd hh24')", "char_length('abc')", "strrpos('a','a')", "substring('abc' FROM 2)", "substring('abc' FROM 2 FOR 1)", "trim('xax', 'x')", "trim('x' FROM 'xax')", "trim(' ' from '  a ')", "trim(TRAILING FROM ' a ')", "rtrim('a\u3000')", "trim(chr(10) || 'a' || chr(9))", "typeof(cast('a' as char(3)) || 'b')", "typeof(replace('abc','b','xx'))", "typeof(lower('abc'))", "typeof(substr('abc',1))", "typeof(split('abc','b'))", "typeof(concat('a','b'))", "typeof('a' || 'b')", "typeof(reverse('abc'))", "typeof(trim('abc'))", "typeof(lpad('a',3,'b'))", "typeof(if(true,'a','bcd'))", "typeof(coalesce('a','bcd'))", "typeof(regexp_replace('abc','b'))", "typeof(url_encode('가'))", "typeof(json_extract_scalar('{}', '$.a'))", "typeof(chr(65))", "typeof(array['a','bcd'])", "typeof(to_base(5,2))", "typeof(to_iso8601(now()))", "typeof(to_iso8601(date '2014-01-01'))", "typeof(upper(cast('a' as char(2))))", "typeof(trim(cast('a' as char(2))))"]:
        yield "string", f"SELECT {e}"
    for f in ["%d", "%5d|%-5d|%05d", "%,d", "%x %X %o", "%s", "%10s|%-10s|", "%.2s", "%S", "%b", "%c", "%%", "%n", "%+d", "%(d", "%e", "%.3e", "%f", "%.1f", "%,.2f", "%g", "%08.2f", "%h", "%tY-%<tm-%<td", "%1$s %1$s", "%2$s", "%q", "%s %s", "%-d", "%tH", "%#x", "% d", "%a"]:
        for a in ["42", "-7", "bigint '9999999999'", "3.14159", "2.5e0", "'가나'", "true", "null", "date '2014-01-31'", "timestamp '2014-01-31 13:05:09.123'"]:
            if (len(f) * 7 + len(a) * 3) % 4 == 0 or f in ("%s", "%d", "%,.2f", "%b"):
                yield "string", f"SELECT format('{f}', {a})"
    for u in ["https://user@www.example.com:8080/a/b%20c?x=1&y=%ED%8E%B8&x=2&z#f%20g", "http://example.com", "example.com/a", "ftp://[::1]:21/x", "http://가나.kr/경로?키=값", "", "mailto:a@b.c", "http://a b/c", "HTTP://EXAMPLE.COM/?a", "http://h:99999/", "http://h/?a=b=c&d"]:
        for f in ["protocol", "host", "port", "path", "query", "fragment"]:
            yield "url", f"SELECT url_extract_{f}('{u}')"
        for p in ["x", "y", "z", "nope", "a", "키"]:
            yield "url", f"SELECT url_extract_parameter('{u}', '{p}')"
    for u in ["a b&c=d/?", "가나", "a+b%20c", "%zz", "%ED%8E%B8", "~-_.*!''()", "😀", "%", "%4"]:
        yield "url", f"SELECT url_encode('{u}')"
        yield "url", f"SELECT url_decode('{u}')"
    for s, p in itertools.product(["'1a 2b 14m'", "'편의점 25호 CU'", "''", "null", "'a.b|c'", "'AbcabC'"], [r"\d+", r"(\d+)([a-z])", r"[가-힣]+", r"a|ab", r"^a", r"\s+", r"(?i)abc", r"x*", r".", r"(?<n>\d)", r"\|", r"(a)(b)?", r"[[:digit:]]+", r"\b", r"(", r"a{2", r"(?=b)", r"\p{IsHangul}", r"[^a-z]", r"(?<!a)b", r"(\w)\1"]):
        yield "regexp", f"SELECT regexp_like({s}, '{p}'), regexp_extract({s}, '{p}'), regexp_count({s}, '{p}')"
        yield "regexp", f"SELECT regexp_extract_all({s}, '{p}'), regexp_split({s}, '{p}'), regexp_position({s}, '{p}')"
        yield "regexp", f"SELECT regexp_replace({s}, '{p}'), regexp_replace({s}, '{p}', '<$0>')"
        yield "regexp", f"SELECT regexp_extract({s}, '{p}', 1)"
        yield "regexp", f"SELECT regexp_replace({s}, '{p}', m -> upper(coalesce(m[1], '-')))"
    for e in [r"regexp_replace('abc', 'b', '$1')", r"regexp_replace('abc', '(b)', '$2')", r"regexp_replace('abc', '(b)', '\$1')", r"regexp_replace('abc', 'b', '$')", r"regexp_replace('abc', '(?<x>b)', '${x}${x}')", r"regexp_replace('abc', '(?<x>b)', '${y}')", r"regexp_extract_all('1a 2b', '(\d)([a-z])', 2)", r"regexp_extract_all('1a 2b', '(\d)([a-z])', 3)", r"regexp_extract('abc', '(b)', -1)", r"regexp_position('a1b2c3', '\d', 1, 2)", r"regexp_position('a1b2', '\d', 0)", r"regexp_position('가1나2', '\d', 3)", r"regexp_like('a', null)", r"regexp_extract(cast('ab' as char(4)), 'b.*')", r"regexp_like('line1' || chr(10) || 'line2', '^line2$')", r"regexp_like('line1' || chr(10) || 'line2', '(?m)^line2$')", r"typeof(regexp_extract('abc', 'b'))", r"regexp_split('', 'a')", r"regexp_split('aXbX', 'X')", r"regexp_split('Xa', 'X')", r"regexp_replace('aaa', 'a*', 'b')", r"regexp_replace('', '', 'x')", r"regexp_count('aaaa', 'aa')", "regexp_like(1, 'a')", "regexp_extract('abc')"]:
        yield "regexp", f"SELECT {e}"


def maths():
    nums = ["tinyint '-7'", "smallint '300'", "42", "-7", "0", "bigint '-5000000000'", "2.5e0", "-2.5e0", "0.5e0", "1.05e0", "real '2.675'", "2.5", "-2.55", "123.456", "decimal '99999999999999999999.995'", "nan()", "-infinity()", "null", "'5'", "true", "1e300"]
    one = "abs ceil ceiling floor round sign truncate sqrt cbrt exp ln log2 log10 sin cos tan asin acos atan sinh cosh tanh degrees radians is_nan is_finite is_infinite format_number bitwise_not typeof".split()
    for f, n in itertools.product(one, nums):
        yield "math", f"SELECT {f}({n})"
    for n, d in itertools.product(nums, ["0", "1", "2", "-1", "-2", "20", "null"]):
        yield "math", f"SELECT round({n}, {d})"
        yield "math", f"SELECT truncate({n}, {d})"
    for f, (a, b) in itertools.product(["power", "mod", "atan2", "log", "bitwise_and", "bitwise_xor", "bitwise_left_shift", "bitwise_right_shift", "bitwise_right_shift_arithmetic", "bit_count", "to_base", "greatest", "least"], [("7", "2"), ("-7", "2"), ("7", "0"), ("2.5e0", "-2"), ("10", "64"), ("bigint '255'", "16"), ("-1", "8"), ("7.5", "2"), ("tinyint '7'", "3"), ("null", "1"), ("0e0", "0e0")]):
        yield "math", f"SELECT {f}({a}, {b})"
    for e in ["pi()", "e()", "nan() = nan()", "nan() > 1", "infinity() - infinity()", "from_base('ff', 16)", "from_base('zz', 36)", "from_base('9', 8)", "from_base('', 10)", "to_base(255, 1)", "to_base(-255, 16)", "width_bucket(3, array[1e0,2e0,4e0])", "width_bucket(5e0, 0e0, 10e0, 0)", "width_bucket(-1, 0, 10, 5)", "width_bucket(10, 0, 10, 5)", "width_bucket(3, 10, 0, 5)", "normal_cdf(0, 1, 1.96)", "inverse_normal_cdf(0, 1, 0.975)", "inverse_normal_cdf(0, 1, 2)", "beta_cdf(3, 4, 0.5)", "inverse_beta_cdf(3, 4, 0.5)", "wilson_interval_lower(10, 20, 1.96)", "wilson_interval_upper(10, 20, 1.96)", "cosine_similarity(map(array['a','b'], array[1,2]), map(array['a','b'], array[2,1]))", "random() < 1", "rand(10) < 10", "random(5, 6)", "random(0)", "typeof(random(10))", "abs(-9223372036854775808)", "abs(tinyint '-128')", "-(tinyint '-128')", "1_000_000", "0x1F", "0b11", "1e", "1.5e3", ".5", "5.", "1..2", "00012", "12345678901234567890", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "1.2345678901234567890123456789012345678", "1e400", "- - 1", "-(-1)", "+ 1", "1 + 2 * 3 - 4 / 2", "7 / 2 * 2", "7 / 2.0", "7 / 2e0", "1 / 3e0", "10 % 3.5", "-7 / 2", "-7 % 3", "7 % -3", "7.5 % 2", "5 / 0.0", "0e0 / 0", "1 / 0e0", "-1 / 0e0", "1e0 % 0", "round(1.005, 2)", "round(1.005e0, 2)", "round(2.675e0, 2)", "round(-0.5e0)", "round(0.49999999999999994e0)", "round(1e16)", "round(bigint '9223372036854775807', -1)", "round(15, -1)", "round(-15, -1)", "round(14.5)", "round(15.55, 1)", "floor(-0.5)", "ceil(-0.5)", "ceil(99.9)", "truncate(-1.99)", "truncate(12.345, 1)", "sign(0.0)", "sqrt(-1)", "ln(0)", "ln(-1)", "log(10, 100)", "log(0, 1)", "power(2, 0.5)", "power(0, -1)", "power(-8, 0.333)", "mod(5.5, 2)", "greatest(1, 2.5, 3e0)", "greatest(date '2014-01-01', timestamp '2014-01-02 00:00:00')", "least('b', 'a', null)", "greatest(nan(), 1e0)", "least(nan(), 1e0)", "greatest()", "greatest('a', 1)", "greatest(array[1], array[2])", "typeof(1 + 1)", "typeof(1 + bigint '1')", "typeof(1.0 + 1)", "typeof(1.5 * 2.25)", "typeof(1.5 / 2.25)", "typeof(10.0 / 3)", "typeof(cast(1 as decimal(38,10)) / 3)", "typeof(1 / 2e0)", "typeof(real '1' + 1)", "typeof(real '1' * 1e0)", "typeof(tinyint '1' + smallint '1')", "typeof(1.0 % 3)", "typeof(round(1.55, 1))", "typeof(round(1.55))", "typeof(ceil(1.55))", "typeof(floor(99.99))", "typeof(abs(-1.5))", "typeof(sqrt(4))", "typeof(power(2, 2))", "typeof(null)", "typeof(1 = 1)", "typeof(count(*))", "typeof(avg(1))", "typeof(sum(1.5))", "typeof(avg(1.5))", "typeof(max(1))", "typeof(array_agg(1))", "typeof(date '2014-01-01' + interval '1' day)", "typeof(timestamp '2014-01-01 00:00:00.123')", "typeof(timestamp '2014-01-01 00:00')", "typeof(time '01:02:03.4')", "typeof(interval '1' day)", "typeof(interval '1' year)", "typeof(timestamp '2014-01-01 00:00:00' - timestamp '2014-01-01 00:00:00')", "typeof(cast(1 as tinyint))", "typeof(X'00')", "typeof(json '1')", "typeof(row(1, 'a', 2.5))", "typeof(cast(row(1) as row(a bigint)))", "typeof(array[])", "typeof(map())", "typeof(map(array[1], array['a']))", "typeof(current_timestamp)", "typeof(current_timestamp(6))", "typeof(localtimestamp)", "typeof(current_time)", "typeof(localtime)", "typeof(uuid())", "typeof(x -> x)", "typeof(1, 2)"]:
        yield "math", f"SELECT {e}"
