"""Compares rows and sums of every table with what PostgreSQL said.

    results.py MULGIL TRUTH.csv FOLDER...

A FOLDER with mulgil.yaml is a project and is asked by `mulgil query`; any other
holds one Hive folder a table. Exit code 1 and a line for each difference.
"""

import csv
import glob
import json
import os
import subprocess
import sys
from decimal import Decimal

import duckdb

mulgil, truth, *folders = sys.argv[1:]


def measures(table):
    if table.startswith("mart_"):
        return "count(*), sum(total_purchase_amount), sum(count_of_purchase)"
    return "count(*), sum(amount), count(amount)"


def ask(folder, table):
    if os.path.exists(folder + "/mulgil.yaml"):
        out = subprocess.run([mulgil, "--project", folder, "--json", "-q", "query", f"SELECT {measures(table)} FROM {table}"],
                             check=True, capture_output=True, text=True).stdout
        return json.loads(out, parse_float=Decimal)["rows"][0]
    files = f"{folder}/{table}/**/*.parquet"
    if not glob.glob(files, recursive=True):
        return ["missing"] * 3
    return duckdb.sql(f"SELECT {measures(table)} FROM read_parquet('{files}')").fetchone()


def shown(v):
    return v if isinstance(v, str) else " ".join(map(str, v))


with open(truth) as f:
    wanted = {r[0]: [Decimal(x) for x in r[1:]] for r in csv.reader(f) if r}
differs = False
for folder in folders:
    wrong = 0
    for table, want in wanted.items():
        try:
            got = [Decimal(str(x)) for x in ask(folder, table)]
        except (ArithmeticError, subprocess.CalledProcessError) as e:  # no such table, or sums that are no numbers
            got = getattr(e, "stderr", None) or "missing"
        if got != want:
            differs = True
            wrong += 1
            print(f"DIFFERS {os.path.basename(folder)} {table}: rows, amount, count are {shown(got)}, PostgreSQL says {shown(want)}")
    print(f"results of {os.path.basename(folder)}: {f'{wrong} tables differ' if wrong else 'equal'}")
sys.exit(1 if differs else 0)
