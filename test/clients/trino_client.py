"""Trino's Python client and SQLAlchemy dialect against a running mulgil:
trino_client.py PORT TOKEN. Needs no table; prints what does not hold."""
import datetime
import decimal
import sys
import time
import uuid

import sqlalchemy as sa
import trino

port, token = int(sys.argv[1]), sys.argv[2]
failed = 0


def check(what, got, want):
    global failed
    if got != want:
        failed += 1
        print(f"FAILED {what}: got {got!r}, want {want!r}")


def connect(**more):
    return trino.dbapi.connect(host="127.0.0.1", port=port, user="kim", catalog="awsdatacatalog", **more)


def ask(cur, sql, *params):
    cur.execute(sql, params or None)
    return [tuple(r) for r in cur.fetchall()]


cur = connect().cursor()
check("catalogs", [r[0] for r in ask(cur, "show catalogs")][0], "awsdatacatalog")
seoul = ask(cur, "select timestamp '2020-01-01 09:00:00 Asia/Seoul'")[0][0]
check("zone", seoul.astimezone(datetime.timezone.utc).isoformat(), "2020-01-01T00:00:00+00:00")
check("types", ask(cur, "select decimal '1.50', date '2024-02-29', x'00ff', uuid '12151fd2-7586-11e9-8f9e-2a86e4085a59', map(array['가'], array[1]), row(1, 'x'), true, nan() = nan(), null"),
      [(decimal.Decimal("1.50"), datetime.date(2024, 2, 29), b"\x00\xff", uuid.UUID("12151fd2-7586-11e9-8f9e-2a86e4085a59"), {"가": 1}, (1, "x"), True, False, None)])
check("parameters", ask(cur, "select ?, ?, ?, ?", 7, "it's 한글", 1.5, None), [(7, "it's 한글", 1.5, None)])

try:
    ask(cur, "select\n  nope")
    check("error", "none", "COLUMN_NOT_FOUND")
except trino.exceptions.TrinoUserError as e:
    check("error", (e.error_name, e.error_code), ("COLUMN_NOT_FOUND", 47))
try:
    ask(cur, "create schema python_made")
    check("a change without the token", "allowed", "refused")
except trino.exceptions.TrinoUserError as e:
    check("a change without the token", e.error_name, "PERMISSION_DENIED")

w = connect(extra_credential=[("token", token)]).cursor()
ask(w, "create schema python_made")
check("made", ("python_made",) in ask(w, "show schemas"), True)
ask(w, "drop schema python_made")

start = time.time()
rows = ask(cur, "select x * 20 + y, cast(x as double), 'customer ' || cast(y as varchar), date '2024-01-01', y % 2 = 0 from unnest(sequence(0, 9999)) a(x), unnest(sequence(0, 19)) b(y)")
check("rows", (len(rows), sum(r[0] for r in rows)), (200000, 199999 * 100000))
print(f"200000 x 5 rows: {time.time() - start:.2f} s")

engine = sa.create_engine(f"trino://kim@127.0.0.1:{port}/awsdatacatalog")
with engine.connect() as c:
    check("sqlalchemy", c.execute(sa.text("select 1 + :n"), {"n": 2}).scalar(), 3)
names = sa.inspect(engine).get_schema_names()
check("schemas", "information_schema" in names, True)
i = sa.inspect(engine)
check("views", i.get_view_names("information_schema"), [])
check("tables", "tables" in i.get_table_names("information_schema"), True)
check("columns", [c["name"] for c in i.get_columns("schemata", "information_schema")], ["catalog_name", "schema_name"])

sys.exit(1 if failed else 0)
