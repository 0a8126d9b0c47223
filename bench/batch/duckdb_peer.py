"""The same four stages by hand in DuckDB: what a careful person would write.

    duckdb_peer.py STAGE FROM TO OUT DSN     stages: dims, fact, silver, marts

Plain Hive folders, zstd, no catalog, no tests, no atomic publishing.
"""

import glob
import os
import site
import sys

import duckdb

stage, first, last, out, dsn = sys.argv[1:]
c = duckdb.connect()
c.execute(f"SET memory_limit='2GB'; SET threads=2; SET preserve_insertion_order=false; SET temp_directory='{out}/tmp'")
BY_MONTH = "(FORMAT parquet, COMPRESSION zstd, PARTITION_BY (affiliate, purchase_year, purchase_month), OVERWRITE_OR_IGNORE)"
IN_RANGE = f"purchase_date BETWEEN '{first}' AND '{last}'"
SALES = "sum(amount) AS total_purchase_amount, count(amount) AS count_of_purchase"
MONTH = "affiliate, purchase_year, purchase_month"


def shop():
    """Attaches PostgreSQL by the scanner that pip installed beside DuckDB."""
    for folder in site.getsitepackages():
        for path in glob.glob(folder + "/**/postgres_scanner.duckdb_extension", recursive=True):
            c.execute(f"LOAD '{path}'")
            c.execute(f"ATTACH '{dsn}' AS shop (TYPE postgres, READ_ONLY)")
            return
    sys.exit("postgres_scanner is not installed")


def table(name):
    return f"read_parquet('{out}/{name}/**/*.parquet', hive_partitioning=true, hive_types_autocast=false)"


def dim(name):
    return f"'{out}/{name}.parquet'"


def write(name, query):
    c.execute(f"COPY ({query}) TO '{out}/{name}' {BY_MONTH}")


CUSTOMERS = f"""(SELECT c.*, z.* EXCLUDE (short_zipcode)
    FROM {dim('customer')} c LEFT JOIN {dim('zipcode')} z ON c.residence = z.short_zipcode)"""


def dims():
    shop()
    for name in ("customer", "products_info", "zipcode"):
        c.execute(f"COPY (FROM shop.retail.{name}) TO {dim(name)} (FORMAT parquet, COMPRESSION zstd)")


def fact():
    shop()
    write("purchase", f"""SELECT *, substr(purchase_date, 1, 4) AS purchase_year, substr(purchase_date, 5, 2) AS purchase_month
        FROM shop.retail.purchase WHERE {IN_RANGE}""")


def silver():
    write("purchase_all_info", f"""SELECT p.*, i.main_category_desc, i.sub_category_desc, z.* EXCLUDE (customer_id)
        FROM (SELECT * FROM {table('purchase')} WHERE {IN_RANGE}) p
        LEFT JOIN {dim('products_info')} i USING (affiliate, division_cd, main_category_cd, sub_category_cd)
        LEFT JOIN {CUSTOMERS} z ON p.customer_id = z.customer_id""")


def marts():
    wide = f"{table('purchase_all_info')} WHERE {IN_RANGE} GROUP BY ALL"
    write("mart_salesbydatetime", f"""SELECT {MONTH}, purchase_day,
            strftime(strptime(purchase_year || purchase_month || purchase_day, '%Y%m%d'), '%A') AS day_of_week,
            purchase_time, total_purchase_amount, count_of_purchase
        FROM (SELECT {MONTH}, substr(purchase_date, 7, 2) AS purchase_day, purchase_time, {SALES} FROM {wide})""")
    write("mart_salesbyageproducts", f"SELECT {MONTH}, age_group, division_cd, main_category_desc, sub_category_desc, {SALES} FROM {wide}")
    write("mart_salesbyresidence", f"""SELECT {MONTH}, province_city, city_county, {SALES} FROM {wide}
        ORDER BY {MONTH}, total_purchase_amount DESC, count_of_purchase DESC""")
    write("mart_salesbycustomer", f"""SELECT m.*, z.* EXCLUDE (customer_id)
        FROM (SELECT customer_id, {MONTH}, {SALES} FROM {table('purchase')} WHERE {IN_RANGE} GROUP BY ALL) m
        LEFT JOIN {CUSTOMERS} z ON m.customer_id = z.customer_id""")


os.makedirs(out, exist_ok=True)
{"dims": dims, "fact": fact, "silver": silver, "marts": marts}[stage]()
