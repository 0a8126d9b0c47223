"""What the product itself says of a project, to hold against other readers."""

import base64
import collections
import datetime
import json
import os
import re
import sqlite3
import subprocess
from decimal import Context, Decimal


class Project:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.catalog = os.path.join(folder, ".mulgil/data/catalog.db")
        self.warehouse = os.path.join(folder, ".mulgil/data/lake")

    def ask(self, *args):
        """The JSON answer of one command."""
        done = subprocess.run([self.program, "--project", self.folder, "--json", "-q", *args], capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"mulgil {' '.join(args)}: {done.stderr}")
        return json.loads(done.stdout, parse_float=Decimal)

    def rows(self, query):
        return self.ask("query", "--dialect", "duckdb", "--limit", "0", query)["rows"]

    def tables(self):
        """Database and name of every Iceberg table."""
        return [(t["database"], t["name"]) for t in self.ask("table", "list") if t["kind"] == "iceberg"]

    def describe(self, name):
        return self.ask("table", "describe", name)

    def partitions(self, name):
        """Rows of each partition by its Hive path, "" for a table without."""
        found = collections.Counter()
        for f in self.ask("table", "files", name):
            found[f.get("partition", "")] += f["rows"]
        return dict(found)

    def history(self, name):
        """Snapshots, oldest first."""
        return self.ask("table", "history", name)[::-1]

    def server(self):
        """Address and token of the running project."""
        with open(os.path.join(self.folder, ".mulgil/data/owner.json")) as f:
            o = json.load(f)
        return f"http://{o['address']}", o["token"]

    def pointers(self):
        """The catalog's table pointers: readers must leave them alone."""
        with sqlite3.connect(f"file:{self.catalog}?mode=ro", uri=True) as c:
            return sorted(c.execute("SELECT * FROM iceberg_tables").fetchall())


def rest_catalog(project):
    """pyiceberg's catalog on the running project."""
    from pyiceberg.catalog.rest import RestCatalog

    address, token = project.server()
    return RestCatalog("mulgil", uri=address + "/iceberg", token=token)


def plain(v):
    """One spelling of a value for both sides: numbers by value, bytes as base64, moments in UTC."""
    if isinstance(v, (int, float, Decimal)) and not isinstance(v, bool):
        return number(v)
    if isinstance(v, (bytes, bytearray)):
        return base64.b64encode(v).decode()
    if isinstance(v, list):
        return str([plain(x) for x in v])
    if isinstance(v, datetime.datetime) and v.tzinfo:
        return str(v.astimezone(datetime.UTC).replace(tzinfo=None)) + " UTC"
    return None if v is None else re.sub(r"\.(\d*?)0+( UTC)?$", lambda m: ("." + m[1] if m[1] else "") + (m[2] or ""), str(v)) if re.match(r"\d{4}-\d\d-\d\d ", str(v)) else str(v)


def content(rows):
    return collections.Counter(tuple(map(plain, r)) for r in rows)


def same_rows(report, what, theirs, ours):
    """Both lists hold the same rows, in any order."""
    a, b = content(theirs), content(ours)
    report.equal(f"{what}: {len(theirs)} rows, only there and only here", ((a - b).most_common(2), (b - a).most_common(2)), ([], []))


class Report:
    """Counts agreements and prints disagreements."""

    def __init__(self):
        self.same = self.wrong = 0

    def equal(self, what, theirs, ours):
        if theirs == ours:
            self.same += 1
            return
        self.wrong += 1
        if isinstance(theirs, list) and isinstance(ours, list):  # say only what is not common
            theirs, ours = [x for x in theirs if x not in ours], [x for x in ours if x not in theirs]
        print(f"DIFFERS {what}: the peer has {theirs!r:.400}, mulgil has {ours!r:.400}")

    def end(self):
        print(f"{self.same} facts agree, {self.wrong} differ")
        raise SystemExit(1 if self.wrong or not self.same else 0)


def measure(columns):
    """The column whose sum stands for a table's content, if it has one."""
    return next((c for c in ("total_purchase_amount", "amount", "wide") if c in columns), None)


def number(v):
    """One spelling of a number, whatever type carries it."""
    return None if v is None else str(Decimal(str(v)).normalize(Context(prec=60)))
