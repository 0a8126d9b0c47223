"""Statements for the comparison with a real Trino, made by small loops.

cases(names) gives (category, sql) of the named batches, of all without names.
"""
import itertools

# One good value of each type, by the type's name.
VALUES = {
    "boolean": "true", "tinyint": "tinyint '7'", "smallint": "smallint '-300'", "integer": "42", "bigint": "bigint '5000000000'", "real": "real '1.5'", "double": "2.5e0",
    "decimal(4,1)": "decimal '123.4'", "decimal(38,2)": "cast('123456789012345678901234567890.12' as decimal(38,2))", "varchar(3)": "'12 '", "varchar": "cast('가나😀' as varchar)", "char(4)": "cast('ab' as char(4))",
    "varbinary": "X'00FF'", "date": "date '2014-01-31'", "time(3)": "time '13:05:09.123'", "time(0)": "time '01:02:03'", "timestamp(0)": "timestamp '2014-01-31 13:05:09'", "timestamp(3)": "timestamp '2016-02-29 00:00:00.120'",
    "timestamp(6)": "timestamp '1969-12-31 23:59:59.999999'", "timestamp(9)": "timestamp '2020-05-10 12:34:56.123456789'", "timestamp(3) with time zone": "timestamp '2014-01-31 13:05:09.123 Asia/Seoul'",
    "timestamp(0) with time zone": "timestamp '2020-11-01 01:30:00 America/New_York'", "interval day to second": "interval '1 02:03:04.5' day to second", "interval year to month": "interval '1-2' year to month",
    "json": "json '{\"b\":[1,2.50,null],\"a\":\"x\"}'", "array(integer)": "array[1,null,3]", "array(varchar)": "array['b','가']", "map(varchar,integer)": "map(array['a','b'],array[1,null])", "row(integer,varchar(1))": "row(1,'a')",
    "uuid": "uuid '12151fd2-7586-11e9-8f9e-2a86e4085a59'", "ipaddress": "ipaddress '10.0.0.1'", "unknown": "null",
}
TARGETS = ["boolean", "tinyint", "smallint", "integer", "bigint", "real", "double", "decimal(6,2)", "decimal(30,10)", "varchar", "varchar(5)", "char(5)", "varbinary", "date", "time(3)", "time(0)", "timestamp(0)", "timestamp(3)",
           "timestamp(6)", "timestamp(9)", "timestamp(3) with time zone", "interval day to second", "json", "array(varchar)", "array(bigint)", "map(varchar,bigint)", "row(x bigint,y varchar)", "uuid", "ipaddress"]


def cast_pairs():
    for value, target in itertools.product(VALUES.values(), TARGETS):
        yield "cast", f"SELECT CAST({value} AS {target})"


TEXTS = {
    "boolean": ["t", "TRUE", "f", "0", "1", "no", "", " true", "True"],
    "integer": ["+5", "-5", " 5", "5 ", "2147483647", "2147483648", "-2147483648", "1e3", "1_000", "٣", "5.0", "0x10", "--5"],
    "tinyint": ["127", "128", "-128", "-129"], "smallint": ["32768", "-32768"], "bigint": ["9223372036854775807", "9223372036854775808", "-9223372036854775808"],
    "double": ["1", "1e400", "-1e-400", "NaN", "Infinity", "-Infinity", "nan", "inf", " 1.5 ", "1.5f", "1.5d", "1e", ".5", "5.", "+.5e-3", "0x1p3", "1,5", ""],
    "real": ["1e39", "3.4028235e38", "1.17549435E-38", "16777217", "NaN", "0.1"],
    "decimal(6,2)": ["1234.567", "9999.995", "9999.99", "10000", "-0.005", ".5", "5.", "1e2", " 1 ", "", "abc", "+1.5"],
    "decimal(38,0)": ["99999999999999999999999999999999999999", "100000000000000000000000000000000000000", "-1"],
    "date": ["2014-1-5", "2014-01-31", " 2014-01-31 ", "20140131", "2014-02-30", "2014-01-31 00:00:00", "10000-01-01", "-0001-01-01", "0000-01-01", "0001-01-01", "2014-13-01", "2014/01/31", ""],
    "time(3)": ["13:05", "13:05:09", "13:05:09.1234", "13:05:09.9999", "24:00:00", "23:59:59.9996", "1:2:3", "13:60:00", "13:05:09+09:00", ""],
    "timestamp(3)": ["2014-01-31", "2014-01-31 13", "2014-01-31 13:05", "2014-01-31 13:05:09", "2014-01-31 13:05:09.1239", "2014-01-31 13:05:09.9996", "2014-01-31T13:05:09", "2014-1-5 1:2:3", "2014-01-31 24:00:00", "2014-01-31 13:05:09 UTC", "2014-01-31 13:05:09+09:00",
                     "2014-01-31 13:05:09 Asia/Seoul", "0001-01-01 00:00:00", "9999-12-31 23:59:59.999", "10000-01-01 00:00:00", "-0044-03-15 12:00:00", " 2014-01-31 13:05:09", "2014-02-29 00:00:00", "x"],
    "timestamp(3) with time zone": ["2014-01-31 13:05:09", "2014-01-31 13:05:09 Asia/Seoul", "2014-01-31 13:05:09 +09:00", "2014-01-31 13:05:09+09:00", "2014-01-31 13:05:09 -03:30", "2014-01-31 13:05:09 UTC", "2014-01-31 13:05:09 Z", "2014-01-31 13:05:09 GMT", "2014-01-31 13:05:09 Nowhere/City",
                                    "2014-01-31", "2014-01-31 Asia/Seoul", "2014-03-09 02:30:00 America/New_York", "2014-11-02 01:30:00 America/New_York", "2014-01-31 13:05:09 +15:00", "2014-01-31 13:05:09.1239 UTC"],
    "varchar(2)": ["가나다", "😀😀😀", "", "a "], "char(2)": ["가나다", "a  ", "", "😀"], "json": ["a\"b", "가", ""],
    "uuid": ["12151fd2-7586-11e9-8f9e-2a86e4085a59", "12151FD2-7586-11E9-8F9E-2A86E4085A59", "12151fd2758611e98f9e2a86e4085a59", "x"],
    "ipaddress": ["10.0.0.1", "::1", "2001:0db8:0000:0000:0000:ff00:0042:8329", "::ffff:1.2.3.4", "256.0.0.1", "1.2.3", "x"],
}


def cast_texts():
    for target, texts in TEXTS.items():
        for text in texts:
            quoted = text.replace("'", "''")
            yield "cast_text", f"SELECT CAST('{quoted}' AS {target})"
    for target, texts in TEXTS.items():
        listed = ", ".join("'" + t + "'" for t in texts)
        yield "cast_text", f"SELECT x, TRY_CAST(x AS {target}) FROM (VALUES {listed}) t(x)"
    numbers = ["1.5e0", "-1.5e0", "2.5e0", "-0e0", "1e10", "1e19", "-1e19", "nan()", "infinity()", "1e-7", "123456789.125e0", "1e7", "9999999e0", "1e-3", "9.999e-4", "1.7976931348623157e308", "4.9e-324", "12345678901234567890e0", "real '1.5'", "real '1e10'", "real '1e-5'", "real '3.4028235e38'",
               "real '16777216'", "real '0.1'", "real '123456.789'", "decimal '1.5'", "decimal '-1.5'", "decimal '2.5'", "decimal '0.00'", "decimal '-0.5'", "decimal '99999999999999999999'", "decimal '1.10'", "127", "128", "-129", "32768", "2147483648", "0", "tinyint '1'"]
    for n, t in itertools.product(numbers, ["boolean", "tinyint", "smallint", "integer", "bigint", "real", "double", "decimal(5,1)", "decimal(38,10)", "varchar", "varchar(3)", "char(10)", "json"]):
        yield "cast_number", f"SELECT CAST({n} AS {t})"


def operators():
    names = list(VALUES)
    for a, b in itertools.product(names, names):
        for op in ("+", "-", "*", "/", "%", "||", "=", "<", "IS DISTINCT FROM"):
            if (hash_of(a + b + op)) % 7 == 0 or op in ("+", "=") and hash_of(a + b) % 2:
                yield "operator", f"SELECT {VALUES[a]} {op} {VALUES[b]}"
    numbers = ["tinyint '7'", "smallint '-3'", "42", "bigint '-5'", "real '1.5'", "-2.5e0", "1.25", "-0.3", "cast(7 as decimal(38,0))", "decimal '12345678901234567.89'"]
    for a, b in itertools.product(numbers, numbers):
        for op in "+-*/%":
            yield "arithmetic", f"SELECT {a} {op} {b}"
    for n in numbers:
        yield "arithmetic", f"SELECT -({n}), +({n}), typeof(-({n}))"
        for op in "/%":
            for zero in ("0", "0e0", "0.0", "tinyint '0'", "real '0'"):
                yield "arithmetic", f"SELECT {n} {op} {zero}"
    for a, op, b in [("tinyint '127'", "+", "tinyint '1'"), ("smallint '32767'", "*", "smallint '2'"), ("2147483647", "+", "1"), ("-2147483648", "-", "1"), ("bigint '9223372036854775807'", "+", "1"), ("bigint '9223372036854775807'", "*", "2"), ("tinyint '-128'", "/", "tinyint '-1'"), ("-2147483648", "/", "-1"),
                     ("cast('99999999999999999999999999999999999999' as decimal(38,0))", "+", "1"), ("cast('99999999999999999999999999999999999999' as decimal(38,0))", "*", "10"), ("1e308", "*", "10e0"), ("real '3e38'", "*", "real '10'")]:
        yield "arithmetic", f"SELECT {a} {op} {b}"
        yield "try", f"SELECT TRY({a} {op} {b})"


def hash_of(s):
    h = 0
    for c in s:
        h = (h * 31 + ord(c)) % 1000003
    return h


def coercion():
    for (n, a), (m, b) in itertools.combinations(VALUES.items(), 2):
        k = hash_of(n + m) % 5
        if k == 0:
            yield "coercion", f"SELECT CASE WHEN true THEN {a} ELSE {b} END"
        elif k == 1:
            yield "coercion", f"SELECT {a} UNION ALL SELECT {b}"
        elif k == 2:
            yield "coercion", f"SELECT array[{a}, {b}]"
        elif k == 3:
            yield "coercion", f"SELECT COALESCE({a}, {b}), typeof(COALESCE({b}, {a}))"
        else:
            yield "coercion", f"SELECT {a} IN ({b}, {a}), {a} BETWEEN {b} AND {a}"
    for n, v in VALUES.items():
        yield "typeof", f"SELECT typeof({v}), {v}"
        yield "typeof", f"SELECT array[{v}], row({v}), map(array[1], array[{v}])"
        yield "typeof", f"SELECT CAST(null AS {n}) IS NULL, CAST(null AS {n}) = {v}" if n != "unknown" else "SELECT null = null"
        yield "conditional", f"SELECT nullif({v}, {v}), if({v} IS NULL, 1), coalesce(null, {v})"
        yield "conditional", f"SELECT greatest({v}, {v}), least({v}, null)"
        yield "aggregate", f"SELECT count(x), count(DISTINCT x), min(x), max(x) FROM (VALUES {v}, {v}, null) t(x)"
        yield "aggregate", f"SELECT sum(x) FROM (VALUES {v}, null) t(x)"
        yield "aggregate", f"SELECT avg(x) FROM (VALUES {v}, {v}) t(x)"
        yield "aggregate", f"SELECT array_agg(x), arbitrary(x), approx_distinct(x) FROM (VALUES {v}) t(x)"
        yield "aggregate", f"SELECT map_agg(x, 1) FROM (VALUES {v}, {v}) t(x)"
        yield "aggregate", f"SELECT histogram(x) FROM (VALUES {v}, {v}) t(x)"
        yield "aggregate", f"SELECT max_by(x, y), min_by(y, x) FROM (VALUES ({v}, 1), ({v}, 2)) t(x, y)"
        yield "group", f"SELECT x, count(*) FROM (VALUES {v}, {v}, null) t(x) GROUP BY x"
        yield "group", f"SELECT DISTINCT x FROM (VALUES {v}, {v}, null) t(x) ORDER BY x NULLS FIRST"
        yield "window", f"SELECT lag(x) OVER (ORDER BY i), max(x) OVER (ORDER BY i), rank() OVER (ORDER BY x) FROM (VALUES (1, {v}), (2, null)) t(i, x) ORDER BY i"
        yield "join", f"SELECT a.x FROM (VALUES {v}) a(x) JOIN (VALUES {v}) b(y) ON a.x = b.y"
        yield "json", f"SELECT CAST({v} AS json), json_format(CAST({v} AS json))"
        yield "json", f"SELECT CAST(array[{v}] AS json), CAST(map(array['k'], array[{v}]) AS json), CAST(row({v}) AS json)"
        yield "string", f"SELECT concat('a', CAST({v} AS varchar)), length(CAST({v} AS varchar))"
        yield "string", f"SELECT format('%s', {v})"
        yield "array", f"SELECT array_distinct(array[{v},{v}]), contains(array[{v}], {v}), array_position(array[{v}], {v}), array_sort(array[{v},{v}]), array_max(array[{v}])"
        yield "array", f"SELECT array_union(array[{v}], array[{v}]), array_intersect(array[{v}], array[{v}]), array_except(array[{v}], array[null]), arrays_overlap(array[{v}], array[{v}]), array_remove(array[{v}], {v})"
        yield "map", f"SELECT map(array[{v}], array['x'])[{v}], element_at(map(array[{v}], array['x']), {v})"


def cases(names=()):
    import trino_calls as calls
    import trino_extra
    import trino_queries as queries
    import trino_shop as shops
    batches = {f.__name__.strip("_"): f for f in (cast_pairs, cast_texts, operators, coercion, calls.dates, calls.strings, calls.maths, queries.collections_, queries.jsons, queries.aggregates, queries.windows, queries.queries, shops.shop, trino_extra.extra)}
    for n in names or batches:
        yield from batches[n]()
