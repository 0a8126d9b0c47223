"""pyiceberg opens the catalog file and must find what the product finds.

    pyiceberg_reads.py MULGIL PROJECT

Every row, partition, snapshot, column, type and comment of every table. It reads only.
"""

import sys

from pyiceberg.catalog.sql import SqlCatalog

from product import Project, Report, content


# What SQL calls Iceberg's types.
TYPES = {"long": "bigint", "timestamptz": "timestamp with time zone", "list<long>": "array<bigint>", "list<string>": "array<string>"}


def sql_type(t):
    return TYPES.get(str(t), str(t).replace(", ", ","))


def hive(record, names):
    return "/".join(f"{names[k]}={'__HIVE_DEFAULT_PARTITION__' if v is None else v}" for k, v in (record or {}).items())


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
    names = {f.name: table.schema().find_field(f.source_id).name for f in table.spec().fields}
    report.equal(f"{name} partition columns", list(names.values()),
                 [c["name"] for c in described["columns"] if c.get("partition")])
    data = table.scan().to_arrow()
    report.equal(f"{name} rows", data.num_rows, described["rows"])
    theirs = content(r.values() for r in data.to_pylist())
    columns = ", ".join(f'"{f.name}"' for f in fields)
    ours = content(project.rows(f"SELECT {columns} FROM {name}"))
    report.equal(f"{name} content, rows only there and only here", ((theirs - ours).most_common(2), (ours - theirs).most_common(2)), ([], []))

    parts = {hive(p.get("partition"), names): p["record_count"] for p in table.inspect.partitions().to_pylist()}
    report.equal(f"{name} partitions", parts, project.partitions(name))
    history = project.history(name)
    report.equal(f"{name} snapshots", [str(s.snapshot_id) for s in sorted(table.snapshots(), key=lambda s: s.sequence_number)],
                 [h["id"] for h in history])
    report.equal(f"{name} current snapshot", str(table.current_snapshot().snapshot_id), next(h["id"] for h in history if h.get("current")))
    for h in history:
        past = table.scan(snapshot_id=int(h["id"])).to_arrow().num_rows
        report.equal(f"{name} rows at {h['id']}", str(past), h["summary"]["total-records"])
report.equal("catalog pointers after reading", project.pointers(), before)
report.end()
