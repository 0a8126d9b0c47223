"""Those who answer: each has ask(sql) -> (seconds, rows) and cpu(), the seconds its processes used so far."""

import json
import os
import subprocess
import sys
import time

HZ, PAGE = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")


def stat(pid):
    """CPU seconds of a process, of its waited-for children, and resident bytes."""
    try:
        with open(f"/proc/{pid}/stat") as f:
            v = f.read().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0, 0.0, 0
    return (int(v[11]) + int(v[12])) / HZ, (int(v[13]) + int(v[14])) / HZ, int(v[21]) * PAGE


def tree(pid):
    """A process and all below it."""
    found = [pid]
    for p in found:
        try:
            for task in os.listdir(f"/proc/{p}/task"):
                with open(f"/proc/{p}/task/{task}/children") as f:
                    found += [int(c) for c in f.read().split()]
        except OSError:
            pass
    return found


def cpu(pid):
    return sum(s[0] + s[1] for s in map(stat, tree(pid)))


def resident(pid):
    return sum(stat(p)[2] for p in tree(pid))


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
