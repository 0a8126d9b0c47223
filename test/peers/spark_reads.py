"""Spark reads what the product wrote.

    spark_reads.py iceberg MULGIL PROJECT JARS    every table, through the catalog file itself
    spark_reads.py hive MULGIL PROJECT ""         PROJECT/hive, folders of `table export-hive`

Rows, sums and partitions must be the product's. It reads only.
"""

import sys

from pyspark.sql import SparkSession

from product import Project, Report, measure, number

how, program, folder, jars = sys.argv[1:]
project, report = Project(program, folder), Report()
build = (SparkSession.builder.master("local[2]").appName("reads").config("spark.ui.enabled", "false")
         .config("spark.driver.memory", "2g").config("spark.sql.shuffle.partitions", "2")
         .config("spark.sql.sources.partitionColumnTypeInference.enabled", "false"))
if how == "iceberg":
    build = (build.config("spark.jars", jars)
             .config("spark.sql.extensions", "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions")
             .config("spark.sql.catalog.mulgil", "org.apache.iceberg.spark.SparkCatalog")
             .config("spark.sql.catalog.mulgil.catalog-impl", "org.apache.iceberg.jdbc.JdbcCatalog")
             .config("spark.sql.catalog.mulgil.uri", f"jdbc:sqlite:{project.catalog}")
             .config("spark.sql.catalog.mulgil.jdbc.schema-version", "V1")
             .config("spark.sql.catalog.mulgil.warehouse", project.warehouse))
spark = build.getOrCreate()
spark.sparkContext.setLogLevel("ERROR")


def compare(name, view):
    """Names of columns, and rows and sum of each partition."""
    described = project.describe(name)["columns"]
    columns = spark.table(view).columns
    report.equal(f"{name} columns", sorted(columns), sorted(c["name"] for c in described))
    sums = f"sum({m})" if (m := measure(columns)) else "NULL"
    keys = [c["name"] for c in described if c.get("partition")]

    def query(table, quote):
        names = [quote + k + quote for k in keys]
        group = " GROUP BY " + ", ".join(names) if keys else ""
        return f"SELECT {''.join(n + ', ' for n in names)}count(*), {sums} FROM {table}{group}"

    theirs = [tuple(r) for r in spark.sql(query(view, "`")).collect()]
    ours = project.rows(query(name, '"'))
    both = [sorted((*map(str, r[:-1]), number(r[-1])) for r in rows) for rows in (theirs, ours)]
    report.equal(f"{name} rows and sums", *both)


if how == "hive":
    for name in ("purchase", "odd"):
        spark.read.parquet(f"{folder}/hive/{name}").createOrReplaceTempView("seen")
        compare(name, "seen")
else:
    before = project.pointers()
    for database, name in project.tables():
        table = f"mulgil.`{database}`.{name}"
        spark.table(table).createOrReplaceTempView("seen")
        compare(name, "seen")
        history = project.history(name)
        report.equal(f"{name} snapshots", [str(r[0]) for r in spark.sql(f"SELECT snapshot_id FROM {table}.snapshots ORDER BY committed_at").collect()],
                     [h["id"] for h in history])
        report.equal(f"{name} files", spark.table(f"{table}.files").count(), len(project.ask("table", "files", name)))
        for h in history:
            report.equal(f"{name} rows at {h['id']}", str(spark.sql(f"SELECT count(*) FROM {table} VERSION AS OF {h['id']}").first()[0]),
                         h["summary"]["total-records"])
    report.equal("catalog pointers after reading", project.pointers(), before)
report.end()
