"""Spark reads what the product wrote.

    spark_reads.py iceberg MULGIL PROJECT JARS    every table, through the catalog file itself
    spark_reads.py hive MULGIL PROJECT ""         PROJECT/hive, the folder of `table export-hive purchase`

Rows, sums and partitions must be the product's. It reads only.
"""

import sys

from pyspark.sql import SparkSession

from product import Project, Report, measure

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


def number(v):
    return None if v is None else round(float(v), 2)


def compare(name, view):
    """Rows, sum, and rows and sum of each month of each affiliate."""
    columns = spark.table(view).columns
    sums = f"sum({m})" if (m := measure(columns)) else "NULL"
    keys = [c for c in ("affiliate", "purchase_year", "purchase_month") if c in columns]
    if "purchase_year" not in keys:
        keys = []
    head = "".join(k + ", " for k in keys)
    group = " GROUP BY " + ", ".join(keys) if keys else ""
    theirs = [tuple(r) for r in spark.sql(f"SELECT {head}count(*), {sums} FROM {view}{group}").collect()]
    ours = project.rows(f"SELECT {head}count(*), {sums} FROM {name}{group}")
    both = [sorted((*map(str, r[:-1]), number(r[-1])) for r in rows) for rows in (theirs, ours)]
    report.equal(f"{name} rows and sums", *both)
    return columns


if how == "hive":
    spark.read.parquet(folder + "/hive").createOrReplaceTempView("purchase")
    columns = compare("purchase", "purchase")
    report.equal("purchase columns", sorted(columns), sorted(c["name"] for c in project.describe("purchase")["columns"]))
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
