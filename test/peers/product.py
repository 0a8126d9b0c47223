"""What the product itself says of a project, to hold against other readers."""

import collections
import json
import os
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
        return self.ask("query", "--limit", "0", query)["rows"]

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

    def pointers(self):
        """The catalog's table pointers: readers must leave them alone."""
        with sqlite3.connect(f"file:{self.catalog}?mode=ro", uri=True) as c:
            return sorted(c.execute("SELECT * FROM iceberg_tables").fetchall())


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
