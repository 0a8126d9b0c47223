"""Those who answer: each has ask(sql) -> (seconds, rows) and cpu(), the seconds its processes used so far."""

import json
import os
import subprocess
import sys
import time

from processes import stats


def cpu(pid):
    return sum(s[0] + s[1] for s in stats(pid))


def resident(pid):
    return sum(s[2] for s in stats(pid))


class Trino:
    """Anything that speaks Trino's protocol, asked by Trino's own Python client."""

    def __init__(self, name, pid, port, schema="de-enhancement-db"):
        self.name, self.pid, self.port, self.schema = name, pid, port, schema
        self.connection = self.connect()

    def connect(self):
        from trino.dbapi import connect

        return connect(host="127.0.0.1", port=self.port, user="bench", catalog="awsdatacatalog", schema=self.schema)

    def ask(self, sql, connection=None):
        cursor = (connection or self.connection).cursor()
        start = time.monotonic()
        rows = cursor.execute(sql).fetchall()
        return time.monotonic() - start, rows

    def cpu(self):
        return cpu(self.pid)


class Hand:
    """DuckDB in a process of its own; its seconds include fetching into Python."""

    name = "DuckDB by hand"

    def __init__(self, lake, memory):
        program = os.path.join(os.path.dirname(__file__), "hand.py")
        self.process = subprocess.Popen([sys.executable, program, lake, memory], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.pid = self.process.pid

    def ask(self, sql):
        self.process.stdin.write(json.dumps(sql) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["seconds"], answer["rows"]

    def cpu(self):
        return cpu(self.pid)

    def close(self):
        self.process.stdin.close()
        self.process.wait()
