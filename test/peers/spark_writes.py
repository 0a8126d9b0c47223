"""Spark works on the lake through the REST catalog of a running project.

    spark_writes.py MULGIL PROJECT JARS

CREATE, INSERT, CTAS, MERGE, UPDATE and DELETE (by copy and by delete files), INSERT OVERWRITE,
schema and partition evolution, time travel, branches, views, maintenance, rename and drop. After
each statement the product must read what Spark reads, as must Spark what a job of the product wrote.
"""

import sys

from pyspark.sql import SparkSession

from product import Project, Report, rest_catalog, same_rows

program, folder, jars = sys.argv[1:]
project, report = Project(program, folder), Report()
address, token = project.server()
spark = (SparkSession.builder.master("local[2]").appName("writes").config("spark.ui.enabled", "false")
         .config("spark.driver.memory", "2g").config("spark.sql.shuffle.partitions", "2").config("spark.jars", jars)
         .config("spark.sql.session.timeZone", "UTC")
         .config("spark.sql.extensions", "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions")
         .config("spark.sql.catalog.m", "org.apache.iceberg.spark.SparkCatalog")
         .config("spark.sql.catalog.m.type", "rest").config("spark.sql.catalog.m.uri", address + "/iceberg")
         .config("spark.sql.catalog.m.token", token).config("spark.sql.catalog.m.cache-enabled", "false")
         .config("spark.sql.defaultCatalog", "m").getOrCreate())
spark.sparkContext.setLogLevel("ERROR")


def run(sql):
    return spark.sql(sql)


def same(what, table, peer=True):
    """The product, and pyiceberg if asked, read the rows that Spark reads."""
    frame = run(f"SELECT * FROM {table}")
    theirs = [[list(v) if isinstance(v, list) else v for v in r] for r in frame.collect()]
    columns = ", ".join(f'"{c}"' for c in frame.columns)
    same_rows(report, what, theirs, project.rows(f"SELECT {columns} FROM {table.replace('`', chr(34))}"))
    if peer:
        data = rest_catalog(project).load_table(table.replace("`", "")).scan().to_arrow()
        same_rows(report, what + " (pyiceberg)", theirs, [list(r.values()) for r in data.select(frame.columns).to_pylist()])


def deletes(table):
    return run(f"SELECT count(*) FROM {table}.delete_files").first()[0]


run("CREATE NAMESPACE sp COMMENT '스파크'")
t = "sp.`거래`"
run(f"""CREATE TABLE {t} (id BIGINT NOT NULL COMMENT '번호', region STRING, ts TIMESTAMP_NTZ, price DECIMAL(9,2), small INT, single FLOAT, day DATE)
        USING iceberg PARTITIONED BY (days(ts), bucket(4, id)) TBLPROPERTIES ('write.delete.mode'='merge-on-read', 'write.update.mode'='merge-on-read', 'write.merge.mode'='merge-on-read')""")
same("an empty table", t)
run(f"""INSERT INTO {t} SELECT id, CASE id % 4 WHEN 0 THEN NULL WHEN 1 THEN '서울' WHEN 2 THEN 'a/b=c' ELSE '' END,
        TIMESTAMP_NTZ '2024-02-28 23:00:00' + make_dt_interval(0, id), id / 4, id, id / 3, date_add(DATE '1969-12-30', int(id)) FROM range(40)""")
same("inserted", t)
described = {c["name"]: c for c in project.describe("sp.거래")["columns"]}
report.equal("comment", described["id"].get("comment"), "번호")

# Deletes by files, in several layers; the product applies every one.
run(f"DELETE FROM {t} WHERE id IN (3, 17)")
report.equal("delete files", deletes(t) > 0, True)
same("rows deleted", t)
run(f"DELETE FROM {t} WHERE id % 10 = 5")
same("more rows deleted", t)
run(f"UPDATE {t} SET price = price + 100, region = '부산' WHERE id BETWEEN 20 AND 22")
same("rows updated", t)
run(f"""MERGE INTO {t} a USING (SELECT id, '병합' AS region FROM range(38, 44)) b ON a.id = b.id
        WHEN MATCHED THEN UPDATE SET region = b.region
        WHEN NOT MATCHED THEN INSERT (id, region, ts) VALUES (b.id, b.region, TIMESTAMP_NTZ '2025-01-01 00:00:00')""")
same("merged", t)
for where in ("id = 38", "region IS NULL", "region = '부산'", "ts < TIMESTAMP '2024-02-29 10:00:00'", "id > 30 AND small IS NULL"):
    theirs = run(f"SELECT count(*), sum(id) FROM {t} WHERE {where.replace('TIMESTAMP', 'TIMESTAMP_NTZ')}").first()
    report.equal(f"counted where {where}", [str(x) for x in theirs], [str(x) for x in project.rows(f'SELECT count(*), sum(id) FROM sp."거래" WHERE {where}')[0]])

# The schema and the partitioning evolve over files with deletes.
run(f"ALTER TABLE {t} ADD COLUMN memo STRING AFTER id")
run(f"ALTER TABLE {t} RENAME COLUMN region TO `지역`")
run(f"ALTER TABLE {t} ALTER COLUMN small TYPE BIGINT")
run(f"ALTER TABLE {t} ALTER COLUMN single TYPE DOUBLE")
run(f"ALTER TABLE {t} ALTER COLUMN price TYPE DECIMAL(20,2)")
run(f"ALTER TABLE {t} DROP COLUMN day")
same("columns changed", t)
run(f"ALTER TABLE {t} ADD COLUMN day DATE")
same("a column dropped and made again", t)
run(f"INSERT INTO {t} (id, memo, `지역`, ts, price, small, single, day) VALUES (100, '메모', '대구', TIMESTAMP_NTZ '2025-02-01 00:00:00', 123456789012345678.25, 5000000000, 0.1, DATE '2025-02-01')")
run(f"ALTER TABLE {t} REPLACE PARTITION FIELD ts_day WITH months(ts)")
run(f"INSERT INTO {t} (id, memo, `지역`, ts, price, small, single, day) VALUES (101, 'x', NULL, TIMESTAMP_NTZ '2025-02-02 00:00:00', NULL, NULL, NULL, NULL), (102, 'y', '', TIMESTAMP_NTZ '2025-03-02 00:00:00', 0, 0, 0, NULL)")
run(f"DELETE FROM {t} WHERE id = 102 OR id = 7")
same("partitioned anew", t)
report.equal("small above 2^32", str(project.rows('SELECT count(*) FROM sp."거래" WHERE small > 4294967296')[0][0]), "1")

# Time travel, and what the catalog tells of the past.
snapshots = [r[0] for r in run(f"SELECT snapshot_id FROM {t}.snapshots ORDER BY committed_at").collect()]
report.equal("snapshots", sorted(map(str, snapshots)), sorted(h["id"] for h in project.history("sp.거래")))
for s, total in [(r[0], r[1]) for r in run(f"SELECT snapshot_id, summary['total-records'] - coalesce(summary['total-position-deletes'], 0) FROM {t}.snapshots").collect()]:
    report.equal(f"rows at {s}", run(f"SELECT count(*) FROM {t} VERSION AS OF {s}").first()[0], int(total))

# Copy-on-write, CTAS (a staged create), overwrites, replace.
run("CREATE TABLE sp.copy USING iceberg PARTITIONED BY (k) AS SELECT id, id % 3 AS k, cast(id AS string) AS s FROM range(30)")
same("created as select", "sp.copy")
made = rest_catalog(project).load_table("sp.copy")
report.equal("one spec, one schema", (len(made.specs()), len(made.schemas())), (1, 1))
run("DELETE FROM sp.copy WHERE id = 4")
run("UPDATE sp.copy SET s = '바뀜' WHERE id = 5")
run("MERGE INTO sp.copy a USING (SELECT 6 AS id) b ON a.id = b.id WHEN MATCHED THEN DELETE")
same("changed by copy", "sp.copy")
run("SET spark.sql.sources.partitionOverwriteMode=dynamic")
run("INSERT OVERWRITE sp.copy SELECT 1000L, 1L, 'over'")
same("a partition overwritten", "sp.copy")
project.ask("job", "run", "append_copy")
same("a job appended", "sp.copy")
run("CREATE OR REPLACE TABLE sp.copy USING iceberg AS SELECT id AS n, '다시' AS w FROM range(5)")
same("replaced", "sp.copy")

# Nested values, a branch, a tag.
run("CREATE TABLE sp.nested (id INT, s STRUCT<a: INT, b: STRING>, l ARRAY<INT>) USING iceberg")
run("INSERT INTO sp.nested VALUES (1, named_struct('a', 1, 'b', '가'), array(1, NULL)), (2, NULL, NULL)")
run("ALTER TABLE sp.nested ADD COLUMN s.c INT")
run("INSERT INTO sp.nested VALUES (3, named_struct('a', 3, 'b', NULL, 'c', 33), array())")
question = "SELECT id, s.a, s.b, s.c, CASE WHEN l IS NULL THEN 1 ELSE 0 END FROM sp.nested"
same_rows(report, "members", run(question).collect(), project.rows(question))
run("ALTER TABLE sp.nested CREATE BRANCH `가지`")
run("ALTER TABLE sp.nested CREATE TAG t1")
run("INSERT INTO sp.nested.`branch_가지` VALUES (4, NULL, NULL)")
report.equal("a branch is apart", (run("SELECT count(*) FROM sp.nested").first()[0], str(project.rows("SELECT count(*) FROM sp.nested")[0][0])), (3, "3"))

# The product writes into Spark's partitions, and merges Spark's deletes, those of an earlier partitioning among them.
m = "sp.mor"
run(f"""CREATE TABLE {m} (id BIGINT NOT NULL, ts TIMESTAMP_NTZ, s STRING) USING iceberg PARTITIONED BY (months(ts), bucket(4, id), truncate(s, 1))
        TBLPROPERTIES ('write.delete.mode'='merge-on-read', 'write.update.mode'='merge-on-read')""")
run(f"INSERT INTO {m} SELECT id, TIMESTAMP_NTZ '1969-11-15 00:00:00' + make_dt_interval(id), CASE id % 3 WHEN 0 THEN NULL WHEN 1 THEN '' ELSE '가나' END FROM range(60)")
run(f"DELETE FROM {m} WHERE id % 7 = 1")
run(f"ALTER TABLE {m} DROP PARTITION FIELD s_trunc")
for statement in ("INSERT INTO sp.mor VALUES (100, TIMESTAMP '1969-12-31 23:59:59.999999', 'x'), (101, NULL, NULL)", "UPDATE sp.mor SET s = 'y' WHERE id = 30", "DELETE FROM sp.mor WHERE id = 31",
                  "MERGE INTO sp.mor t USING (VALUES 32, 200) v(i) ON t.id = v.i WHEN MATCHED THEN UPDATE SET s = 'z' WHEN NOT MATCHED THEN INSERT (id) VALUES (v.i)"):
    project.ask("query", statement)
    same(statement.split()[0] + " by the product", m)
run(f"DELETE FROM {m} WHERE id IN (100, 40)")
same("rows of the product deleted", m)
report.equal("delete files before", deletes(m) > 0, True)
project.ask("query", "OPTIMIZE sp.mor REWRITE DATA USING BIN_PACK")
report.equal("delete files after OPTIMIZE", deletes(m), 0)
same("optimized by the product", m)
for where in ("ts < TIMESTAMP '1969-12-01 00:00:00'", "id = 33", "s = ''", "s IS NULL"):
    theirs = run(f"SELECT count(*), sum(id) FROM {m} WHERE {where.replace('TIMESTAMP', 'TIMESTAMP_NTZ')}").first()
    report.equal(f"counted where {where}", [str(x) for x in theirs], [str(x) for x in project.rows(f"SELECT count(*), sum(id) FROM sp.mor WHERE {where}")[0]])
run(f"DROP TABLE {m} PURGE")

# Maintenance by Spark.
run("CALL m.system.rewrite_data_files(table => 'sp.`거래`', options => map('min-input-files', '2', 'delete-file-threshold', '1'))")
same("compacted", t)
run("CALL m.system.rewrite_manifests('sp.`거래`')")
same("manifests rewritten", t)
run("CALL m.system.expire_snapshots(table => 'sp.`거래`', older_than => TIMESTAMP '2100-01-01 00:00:00', retain_last => 1)")
same("expired", t)

# Views are Spark's own text; the catalog keeps them.
run("CREATE VIEW sp.v (n, w) COMMENT '보기' AS SELECT n, w FROM sp.copy WHERE n > 1")
report.equal("a view", [tuple(r) for r in run("SELECT count(*), min(w) FROM sp.v").collect()], [(3, "다시")])
run("CREATE OR REPLACE VIEW sp.v AS SELECT n FROM sp.copy")
report.equal("a view replaced", run("SELECT count(*) FROM sp.v").first()[0], 5)
run("ALTER VIEW sp.v RENAME TO sp.v2")
report.equal("views", [r["viewName"] for r in run("SHOW VIEWS IN sp").collect()], ["v2"])
run("DROP VIEW sp.v2")

# Names.
run("ALTER TABLE sp.copy RENAME TO sp.other")
report.equal("tables", sorted(r["tableName"] for r in run("SHOW TABLES IN sp").collect()), sorted(["거래", "nested", "other"]))
same("renamed", "sp.other")
run("DROP TABLE sp.other")  # Spark itself cannot purge a table whose old partition column is gone
for name in ("nested", "`거래`"):
    run(f"DROP TABLE sp.{name} PURGE")
run("DROP NAMESPACE sp")
report.equal("dropped", "sp" in [r[0] for r in run("SHOW NAMESPACES").collect()], False)
report.end()
