"""pyiceberg works on the lake through the REST catalog of a running project.

    pyiceberg_writes.py MULGIL PROJECT

It creates, appends, overwrites a partition, evolves the schema, renames, drops and commits
views and mistakes; after each step the product must read what pyiceberg reads, and the other
way round for rows a job of the product wrote.
"""

import datetime
import decimal
import sys

import pyarrow as pa
from pyiceberg.exceptions import (BadRequestError, CommitFailedException, NamespaceAlreadyExistsError, NamespaceNotEmptyError,
                                  NoSuchNamespaceError, NoSuchTableError, TableAlreadyExistsError)
from pyiceberg.expressions import EqualTo
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import BucketTransform, DayTransform, IdentityTransform
from pyiceberg.types import (DateType, DecimalType, DoubleType, FloatType, IntegerType, ListType, LongType, NestedField, StringType,
                             TimestampType, TimestamptzType)

from product import Project, Report, rest_catalog, same_rows

project, report = Project(*sys.argv[1:]), Report()
catalog = rest_catalog(project)


def refused(what, kind, do):
    try:
        do()
        report.equal(what, "no error", kind.__name__)
    except kind:
        report.equal(what, kind.__name__, kind.__name__)


def both(what, name, where=""):
    """The product and pyiceberg see the same rows and columns."""
    table = catalog.load_table(name)
    data = table.scan().to_arrow()
    columns = [f.name for f in table.schema().fields]
    quoted = ", ".join(f'"{c}"' for c in columns)
    ours = project.rows(f'SELECT {quoted} FROM "{name[0]}"."{name[1]}" {where}')
    same_rows(report, what, [list(r.values()) for r in data.to_pylist()], ours)
    return data


# Namespaces.
catalog.create_namespace("은", {"owner": "분석팀"})
refused("a namespace twice", NamespaceAlreadyExistsError, lambda: catalog.create_namespace("은"))
report.equal("namespace properties", catalog.load_namespace_properties("은"), {"owner": "분석팀"})
done = catalog.update_namespace_properties("은", removals={"owner", "none"}, updates={"단계": "은"})
report.equal("properties changed", (sorted(done.removed), sorted(done.updated), sorted(done.missing)), (["owner"], ["단계"], ["none"]))
refused("a namespace that is not there", NoSuchNamespaceError, lambda: catalog.load_namespace_properties("없음"))
refused("a table that is not there", NoSuchTableError, lambda: catalog.load_table("은.없음"))

# A partitioned table of many types.
name = ("은", "주문")
schema = Schema(
    NestedField(1, "id", LongType(), required=True), NestedField(2, "지역", StringType()), NestedField(3, "ts", TimestampType()),
    NestedField(4, "tz", TimestamptzType()), NestedField(5, "price", DecimalType(9, 2)), NestedField(6, "small", IntegerType()),
    NestedField(7, "single", FloatType()), NestedField(8, "day", DateType()), NestedField(9, "tags", ListType(10, StringType(), element_required=False)))
spec = PartitionSpec(PartitionField(2, 1000, IdentityTransform(), "region"), PartitionField(3, 1001, DayTransform(), "ts_day"),
                     PartitionField(1, 1002, BucketTransform(4), "id_bucket"))
table = catalog.create_table(name, schema, partition_spec=spec)
refused("a table twice", TableAlreadyExistsError, lambda: catalog.create_table(name, schema))
both("an empty table", name)
SHAPE = table.schema().as_arrow()


def rows(ids, region):
    at = datetime.datetime(2024, 2, 29, 23, 59, 59, 999999)
    return pa.Table.from_pylist([{
        "id": i, "지역": None if i % 7 == 0 else region, "ts": at + datetime.timedelta(days=i % 3), "tz": (at + datetime.timedelta(hours=i)).replace(tzinfo=datetime.UTC),
        "price": decimal.Decimal(i) / 4, "small": i, "single": i / 3, "day": datetime.date(1969, 12, 30) + datetime.timedelta(days=i),
        "tags": ["가", None, str(i)] if i % 2 else None} for i in ids], schema=SHAPE)


table.append(rows(range(20), "서울"))
table.append(rows(range(20, 30), "부산/해운대"))
both("appended", name)
table.overwrite(rows([23, 26], "부산/해운대"), overwrite_filter=EqualTo("지역", "부산/해운대"))
both("a partition overwritten", name)
table.delete("id = 3")
both("a row deleted by copy", name)
table.overwrite(rows(range(100, 112), "제주"), overwrite_filter=EqualTo("지역", "서울"))
both("overwritten by a filter", name)

# The schema evolves: added, renamed, dropped and made again, widened.
with table.update_schema() as u:
    u.add_column("memo", StringType())
    u.rename_column("지역", "region")
    u.update_column("small", LongType())
    u.update_column("single", DoubleType())
    u.update_column("price", DecimalType(18, 2))
    u.delete_column("tags")
both("old files under a new schema", name)
with table.update_schema() as u:
    u.add_column("tags", ListType(99, StringType(), element_required=False))
data = both("a column dropped and made again", name)
report.equal("the column made again is empty", data["tags"].null_count, data.num_rows)
SHAPE = table.schema().as_arrow()
table.append(pa.Table.from_pylist([{"id": 5_000_000_000, "region": "대구", "ts": datetime.datetime(2025, 1, 1), "tz": datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC),
                                    "price": decimal.Decimal("1234567890123.25"), "small": 1 << 40, "single": 0.1, "day": datetime.date(2025, 1, 1), "memo": "메모", "tags": ["z"]}], schema=SHAPE))
both("old and new files together", name)
data = table.scan().to_arrow().to_pylist()
for where, holds in {
    "region = '제주'": lambda r: r["region"] == "제주", "region IS NULL": lambda r: r["region"] is None, "id = 26": lambda r: r["id"] == 26,
    "small > 1099511627775": lambda r: r["small"] > 1099511627775, "small BETWEEN 23 AND 101": lambda r: 23 <= r["small"] <= 101,
    "ts >= TIMESTAMP '2024-03-02'": lambda r: r["ts"] >= datetime.datetime(2024, 3, 2), "single < 9.5": lambda r: r["single"] < 9.5,
    "price = 25.25": lambda r: r["price"] == decimal.Decimal("25.25"), "memo = '메모'": lambda r: r["memo"] == "메모",
    "day > DATE '1970-03-01'": lambda r: r["day"] > datetime.date(1970, 3, 1)}.items():
    report.equal(f"count where {where}", str(sum(map(holds, data))), str(project.rows(f'SELECT count(*) FROM "은"."주문" WHERE {where}')[0][0]))

# Time travel: every snapshot still has its rows.
for s in table.snapshots():
    report.equal(f"rows at {s.snapshot_id}", str(table.scan(snapshot_id=s.snapshot_id).to_arrow().num_rows), s.summary["total-records"])

# A commit on a stale table is a conflict that pyiceberg hears of; nothing is lost.
first, second = catalog.load_table(name), catalog.load_table(name)
extra = first.scan(limit=1).to_arrow().cast(SHAPE)
first.append(extra)
refused("a stale commit", CommitFailedException, lambda: second.append(extra))
both("after the conflict", name)

# A transaction that creates a table and fills it in one commit.
with catalog.create_table_transaction(("은", "한번에"), schema=Schema(NestedField(1, "a", LongType()), NestedField(2, "b", StringType())),
                                      partition_spec=PartitionSpec(PartitionField(2, 1000, IdentityTransform(), "b"))) as txn:
    with txn.update_snapshot().fast_append():
        pass
    txn.set_properties(made="하나")
small = catalog.load_table("은.한번에")
report.equal("one spec, one schema", (len(small.specs()), len(small.schemas())), (1, 1))
small.append(pa.table({"a": [1, 2, 3], "b": ["x", "y", None]}))
small.dynamic_partition_overwrite(pa.table({"a": [9], "b": ["x"]}))
both("created and filled", ("은", "한번에"))

# The product writes to a table that pyiceberg made; pyiceberg reads it.
project.ask("job", "run", "append_pyiceberg")
both("a job appended", ("은", "한번에"))

# Rename, list, register, drop.
catalog.rename_table("은.한번에", "은.다시")
report.equal("renamed", sorted(n for _, n in catalog.list_tables("은")), sorted(["주문", "다시"]))
both("renamed", ("은", "다시"))
where = catalog.load_table("은.다시").metadata_location
catalog.drop_table("은.다시")
refused("dropped", NoSuchTableError, lambda: catalog.load_table("은.다시"))
catalog.register_table("은.다시", where)
both("registered again", ("은", "다시"))
refused("register elsewhere", BadRequestError, lambda: catalog.register_table("은.밖", "/etc/passwd"))
refused("create elsewhere", BadRequestError, lambda: catalog.create_table("은.밖", schema, location="/tmp/elsewhere"))
refused("create by dots", BadRequestError, lambda: catalog.create_table("은.밖", schema, location=project.warehouse + "/은/../../../밖"))
refused("a namespace with tables", NamespaceNotEmptyError, lambda: catalog.drop_namespace("은"))
catalog.purge_table("은.다시")
report.equal("purged", catalog.table_exists("은.다시"), False)
both("the others are untouched", name)
report.end()
