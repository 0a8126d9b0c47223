"""The same four stages in Spark local[2], one process for each.

    spark_peer.py MODE STAGE FROM TO OUT JDBC_URL JAR     stages: dims, fact, silver, marts

MODE documents: the jobs as the workshop wrote them, Glue's calls replaced by
Spark's: one JDBC connection, cache and show before each mart, coalesce(1).
MODE tuned: two JDBC connections, no cache or show, files by partition, zstd.
"""

import os
import sys
from datetime import datetime

from pyspark.sql import SparkSession
from pyspark.sql import functions as f

mode, stage, first, last, out, url, jar = sys.argv[1:]
tuned = mode == "tuned"
spark = (
    SparkSession.builder.master("local[2]").appName("peer")
    .config("spark.jars", jar)
    .config("spark.driver.memory", os.environ.get("SPARK_MEMORY", "6g"))
    .config("spark.local.dir", out + "/tmp")
    .config("spark.ui.enabled", "false")
    .config("spark.sql.shuffle.partitions", "8")
    .config("spark.sql.sources.partitionOverwriteMode", "dynamic")
    .config("spark.sql.sources.partitionColumnTypeInference.enabled", "false")
    .config("spark.sql.parquet.compression.codec", "zstd" if tuned else "snappy")
    .getOrCreate()
)
spark.sparkContext.setLogLevel("ERROR")
MONTH = ["affiliate", "purchase_year", "purchase_month"]


def jdbc(**options):
    # Without a fetch size the driver would hold the whole table in memory.
    return spark.read.format("jdbc").options(
        url=url, user="postgres", driver="org.postgresql.Driver", fetchsize="10000", **options)


def table(name):
    return spark.read.parquet(f"{out}/{name}")


def months(name):
    return table(name).where(f"concat(purchase_year, purchase_month) between '{first[:6]}' and '{last[:6]}'")


def write(df, name):
    df = df.repartition(*MONTH) if tuned else df.coalesce(1)
    df.write.mode("overwrite").partitionBy(MONTH).parquet(f"{out}/{name}")


def looked_at(df):
    if not tuned:
        df.cache()
        df.show(3)
    return df


def sales(df, keys):
    return df.groupBy(keys).agg(
        f.sum("amount").alias("total_purchase_amount"), f.count("amount").alias("count_of_purchase"))


def customers():
    c, z = table("customer"), table("zipcode")
    return c.join(z, c.residence == z.short_zipcode, "left").drop("short_zipcode")


def dims():
    for name in ("customer", "products_info", "zipcode"):
        jdbc(dbtable=f"retail.{name}").load().write.mode("overwrite").parquet(f"{out}/{name}")


def fact():
    where = f"purchase_date between '{first}' and '{last}'"
    if tuned:
        lo, hi = jdbc(query="select min(receipt_no)::bigint, max(receipt_no)::bigint from retail.purchase").load().first()
        df = jdbc(dbtable=f"(select p.*, receipt_no::bigint as part from retail.purchase p where {where}) q",
                  partitionColumn="part", lowerBound=str(lo), upperBound=str(hi), numPartitions="2").load().drop("part")
    else:
        df = jdbc(query=f"select * from retail.purchase where {where}").load()
    df = df.repartition(4).withColumn("purchase_year", f.substring("purchase_date", 1, 4)).withColumn(
        "purchase_month", f.substring("purchase_date", 5, 2))
    df.write.mode("overwrite").partitionBy(MONTH).parquet(f"{out}/purchase")


def silver():
    wide = months("purchase").join(
        table("products_info"), ["affiliate", "division_cd", "main_category_cd", "sub_category_cd"], "left")
    write(wide.join(customers(), "customer_id", "left"), "purchase_all_info")


def marts():
    day = months("purchase_all_info").withColumn("purchase_day", f.substring("purchase_date", 7, 2))
    weekday = f.udf(lambda y, m, d: datetime.strptime(y + m + d, "%Y%m%d").strftime("%A"))
    df = sales(looked_at(day), MONTH + ["purchase_day", "purchase_time"])
    df = df.withColumn("day_of_week", weekday("purchase_year", "purchase_month", "purchase_day"))
    write(df.select(*MONTH, "purchase_day", "day_of_week", "purchase_time", "total_purchase_amount", "count_of_purchase"),
          "mart_salesbydatetime")
    spark.catalog.clearCache()
    df = sales(looked_at(months("purchase_all_info")), MONTH + ["age_group", "division_cd", "main_category_desc", "sub_category_desc"])
    write(df, "mart_salesbyageproducts")
    spark.catalog.clearCache()
    df = sales(looked_at(months("purchase_all_info")), MONTH + ["province_city", "city_county"])
    write(df.sort(*MONTH, f.desc("total_purchase_amount"), f.desc("count_of_purchase")), "mart_salesbyresidence")
    spark.catalog.clearCache()
    df = sales(looked_at(months("purchase")), ["customer_id"] + MONTH)
    write(df.join(customers(), "customer_id", "left"), "mart_salesbycustomer")


os.makedirs(out, exist_ok=True)
{"dims": dims, "fact": fact, "silver": silver, "marts": marts}[stage]()
