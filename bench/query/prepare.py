"""Declares lake.py's tables, and tables of many files.

    prepare.py mulgil MULGIL PROJECT LAKE      external tables of s3://lake/
    prepare.py trino PORT LAKE                 the same in Trino
    prepare.py many MULGIL PROJECT FOLDER N    N Parquet files below FOLDER as s3://many/, and N of an Iceberg table
"""

import glob
import os
import shutil
import subprocess
import sys

import duckdb

DATABASE = "de-enhancement-db"
MONTH = ["affiliate", "purchase_year", "purchase_month"]
FOLDERS = {"customer": "dimension", "zipcode": "dimension", "products_info": "dimension", "purchase": "fact", "purchase_all_info": "fact"}


def columns(lake, name):
    file = next(glob.iglob(f"{lake}/{FOLDERS[name]}/{name}/**/*.parquet", recursive=True))
    return [(r[0], "double" if r[1] == "DOUBLE" else "string") for r in duckdb.sql(f"DESCRIBE FROM read_parquet('{file}', hive_partitioning = false)").fetchall()]


class Mulgil:
    def __init__(self, program, project):
        self.command = [program, "--project", project, "-q", "query"]

    def __call__(self, sql):
        subprocess.run([*self.command, sql], check=True, stdout=subprocess.DEVNULL)


def mulgil(program, project, lake):
    run = Mulgil(program, project)
    for name, folder in FOLDERS.items():
        keys = " PARTITIONED BY (" + ", ".join(f"{k} string" for k in MONTH) + ")" if folder == "fact" else ""
        declared = ", ".join(f"`{n}` {t}" for n, t in columns(lake, name))
        run(f"CREATE EXTERNAL TABLE {name} ({declared}){keys} STORED AS PARQUET LOCATION 's3://lake/{folder}/{name}/'")
        if keys:
            run(f"MSCK REPAIR TABLE {name}")


def trino(port, lake):
    from trino.dbapi import connect

    c = connect(host="127.0.0.1", port=int(port), user="bench", catalog="awsdatacatalog")
    run = lambda sql: c.cursor().execute(sql).fetchall()
    run(f'CREATE SCHEMA IF NOT EXISTS "{DATABASE}"')
    for name, folder in FOLDERS.items():
        run(f'DROP TABLE IF EXISTS "{DATABASE}".{name}')
        keys = MONTH if folder == "fact" else []
        declared = ", ".join(f'"{n}" {t}' for n, t in [(n, t.replace("string", "varchar")) for n, t in columns(lake, name)] + [(k, "varchar") for k in keys])
        by = ", partitioned_by = ARRAY[" + ", ".join(f"'{k}'" for k in keys) + "]" if keys else ""
        run(f"CREATE TABLE \"{DATABASE}\".{name} ({declared}) WITH (external_location = 'local:///{folder}/{name}', format = 'PARQUET'{by})")
        if keys:
            run(f"CALL system.sync_partition_metadata('{DATABASE}', '{name}', 'FULL')")


def many(program, project, folder, files):
    """200 days of files // 200 files each."""
    run, days = Mulgil(program, project), [f"2024-{1 + n // 28:02d}-{1 + n % 28:02d}" for n in range(200)]
    one = f"{folder}/one.parquet"
    if not os.path.exists(one):
        os.makedirs(folder, exist_ok=True)
        for day in days:
            os.makedirs(f"{folder}/external/dt={day}", exist_ok=True)
        duckdb.execute(f"COPY (SELECT i AS id, '한글 ' || i AS name FROM range(100) t(i)) TO '{one}.new' (FORMAT parquet)")
        for n in range(int(files)):
            shutil.copy(f"{one}.new", f"{folder}/external/dt={days[n % 200]}/{n:05d}.parquet")
        os.rename(f"{one}.new", one)
    run("CREATE EXTERNAL TABLE many_external (id bigint, name string) PARTITIONED BY (dt string) STORED AS PARQUET LOCATION 's3://many/external/'")
    run("MSCK REPAIR TABLE many_external")
    for n in range(0, 200, 10):  # each write opens all its files at once
        rows = (f"SELECT id, name, dt, CAST(id % {int(files) // 200} AS integer) AS part FROM many_external WHERE dt BETWEEN '{days[n]}' AND '{days[n + 9]}' "
                "AND (\"$path\" LIKE '%/000__.parquet' OR \"$path\" LIKE '%/001__.parquet')")
        head = "INSERT INTO many_iceberg"
        if n == 0:
            head = "CREATE TABLE many_iceberg WITH (table_type = 'ICEBERG', is_external = false, location = 's3://many/iceberg/', partitioning = ARRAY['dt', 'part']) AS"
        run(f"{head} {rows}")


{"mulgil": mulgil, "trino": trino, "many": many}[sys.argv[1]](*sys.argv[2:])
