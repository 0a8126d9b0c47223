"""pyiceberg opens the catalog file and must find what the product finds.

    pyiceberg_reads.py MULGIL PROJECT

Every row, partition, snapshot, column, type and comment of every table. It reads only.
"""

import datetime
import sys

import pyarrow.parquet
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.utils.datetime import date_to_days, datetime_to_micros

from product import Project, Report, content


# What SQL calls Iceberg's types.
TYPES = {"long": "bigint", "timestamptz": "timestamp with time zone", "list<long>": "array<bigint>", "list<string>": "array<string>"}


def sql_type(t):
    return TYPES.get(str(t), str(t).replace(", ", ","))


def hive(record, names):
    return "/".join(f"{names[k]}={'__HIVE_DEFAULT_PARTITION__' if v is None else shown(v)}" for k, v in (record or {}).items())


def shown(v):
    return v.hex() if isinstance(v, bytes) else v


def label(field, schema):
    """What SQL calls a partition field: city, month(ts), bucket(16, id)."""
    column = schema.find_field(field.source_id).name
    kind, _, n = str(field.transform).rstrip("]").partition("[")
    return column if kind == "identity" else f"{kind}({n}, {column})" if n else f"{kind}({column})"


def stored(t, v):
    """A value as pyiceberg's transforms take it: days and microseconds are numbers."""
    if isinstance(v, datetime.datetime):
        return datetime_to_micros(v) if v.tzinfo is None else datetime_to_micros(v.astimezone(datetime.UTC).replace(tzinfo=None))
    return date_to_days(v) if isinstance(v, datetime.date) else v


def tuples(table):
    """Each data file whose partition is not what pyiceberg's transforms make of every row in it."""
    wrong, schema, spec = [], table.schema(), table.spec()
    for task in table.scan().plan_files():
        rows = pyarrow.parquet.ParquetFile(task.file.file_path.removeprefix("file://")).read().to_pylist()
        for i, f in enumerate(spec.fields):
            source = schema.find_field(f.source_id)
            make = f.transform.transform(source.field_type)
            made = {shown(make(stored(source.field_type, r[source.name]))) for r in rows}
            if made != {shown(task.file.partition[i])}:
                wrong.append((label(f, schema), made, task.file.partition[i]))
    return wrong


project, report = Project(*sys.argv[1:]), Report()
before = project.pointers()
catalog = SqlCatalog("mulgil", uri=f"sqlite:///{project.catalog}", warehouse=f"file://{project.warehouse}")
tables = project.tables()
report.equal("tables", sorted(t for db in catalog.list_namespaces() for t in catalog.list_tables(db)), sorted(tables))
for database, name in tables:
    table, full = catalog.load_table((database, name)), f"{database}.{name}"
    described = project.describe(name)
    fields = table.schema().fields
    report.equal(f"{name} columns", [(f.name, sql_type(f.field_type), f.doc or "") for f in fields],
                 [(c["name"], c["type"], c.get("comment", "")) for c in described["columns"]])
    # Partition fields are spelled for Avro, which takes ASCII only: the columns they come from have the names.
    names = {f.name: label(f, table.schema()) for f in table.spec().fields}
    report.equal(f"{name} partition columns", [names[f.name] for f in table.spec().fields if str(f.transform) == "identity"],
                 [c["name"] for c in described["columns"] if c.get("partition")])
    data = table.scan().to_arrow()
    report.equal(f"{name} rows", data.num_rows, described["rows"])
    theirs = content(r.values() for r in data.to_pylist())
    columns = ", ".join(f'"{f.name}"' for f in fields)
    ours = content(project.rows(f"SELECT {columns} FROM {name}"))
    report.equal(f"{name} content, rows only there and only here", ((theirs - ours).most_common(2), (ours - theirs).most_common(2)), ([], []))

    parts = {hive(p.get("partition"), names): p["record_count"] for p in table.inspect.partitions().to_pylist()}
    report.equal(f"{name} partitions", parts, project.partitions(name))
    report.equal(f"{name} partition values", tuples(table), [])
    history = project.history(name)
    report.equal(f"{name} snapshots", [str(s.snapshot_id) for s in sorted(table.snapshots(), key=lambda s: s.sequence_number)],
                 [h["id"] for h in history])
    report.equal(f"{name} current snapshot", str(table.current_snapshot().snapshot_id), next(h["id"] for h in history if h.get("current")))
    for h in history:
        past = table.scan(snapshot_id=int(h["id"])).to_arrow().num_rows
        report.equal(f"{name} rows at {h['id']}", str(past), h["summary"]["total-records"])
# Rows found through the partition values of transforms, by either side.
for name, where, ours in (("divided", "`번호` == 5", "번호 = 5"), ("divided", "`때` < '1970-01-01T00:00:00'", "때 < TIMESTAMP '1970-01-01'"),
                          ("divided", "`날` >= '1975-06-01'", "날 >= DATE '1975-06-01'"), ("divided", "`이름` == '바뀜'", "이름 = '바뀜'"), ("divided", "`이름` == ''", "이름 = ''"),
                          ("divided", "`이름` is null", "이름 IS NULL"), ("divided", "`금액` < -0.40", "금액 < -0.40"), ("hours", "`수` >= 5", "수 >= 5"),
                          ("hours", "`때` >= '1969-12-31T23:00:00' and `때` < '1970-02-01T00:00:00'", "때 >= TIMESTAMP '1969-12-31 23:00:00' AND 때 < TIMESTAMP '1970-02-01'"),
                          ("instants", "`순간` < '1970-01-01T00:00:00+00:00'", "순간 < TIMESTAMPTZ '1970-01-01 00:00:00+00'"), ("instants", "`수` == -7", "수 = -7")):
    table = catalog.load_table(next(t for t in tables if t[1] == name))
    theirs = table.scan(row_filter=where.replace("`", '"')).to_arrow().num_rows
    report.equal(f"{name} rows where {ours}", str(theirs), str(project.rows(f"SELECT count(*) FROM {name} WHERE {ours}")[0][0]))
    report.equal(f"{name} has rows where {ours}", theirs > 0, True)
report.equal("catalog pointers after reading", project.pointers(), before)
report.end()
