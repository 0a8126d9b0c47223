"""Asks a real Trino for the answers of statements and keeps them as the oracle does.

trino_record.py URL OUT.jsonl [BATCH...]: cases of trino_cases.py, one JSON object a line:
{id, category, sql, columns, ordered, rows} or {id, category, sql, error}. Session: UTC, precision of clocks shown.
"""
import collections
import concurrent.futures
import json
import re
import sys
import time
import urllib.request

HEADERS = {"X-Trino-User": "test", "X-Trino-Time-Zone": "UTC", "X-Trino-Catalog": "awsdatacatalog", "X-Trino-Schema": "default",
           "X-Trino-Client-Capabilities": "PARAMETRIC_DATETIME", "Content-Type": "text/plain; charset=utf-8"}


def call(url, body=None):
    for wait in (0.05, 0.2, 1, 3):
        try:
            with urllib.request.urlopen(urllib.request.Request(url, data=body, headers=HEADERS), timeout=60) as r:
                return json.load(r)
        except urllib.error.HTTPError as e:
            if e.code not in (429, 502, 503):
                raise
            time.sleep(wait)
    raise SystemExit(f"no answer from {url}")


def ask(url, sql):
    """The statement's columns and rows, or its error."""
    page = call(url + "/v1/statement", sql.encode())
    columns, rows = None, []
    while True:
        columns = page.get("columns", columns)
        rows += page.get("data", [])
        if "error" in page:
            e = page["error"]
            return {"error": {"name": e["errorName"], "type": e["errorType"], "message": e["message"][:200]}}
        if "nextUri" not in page:
            return {"columns": [{"name": c["name"], "type": c["type"]} for c in columns or []], "rows": rows}
        page = call(page["nextUri"])


def ordered(sql):
    """True if an ORDER BY stands outside parentheses and texts."""
    bare = re.sub(r"'[^']*'", "", sql)
    while "(" in bare:
        shorter = re.sub(r"\([^()]*\)", "", bare)
        if shorter == bare:
            break
        bare = shorter
    return bool(re.search(r"\border by\b", bare, re.I))


def record(url, cases, out):
    seen, count = set(), collections.Counter()
    todo = []
    for category, sql in cases:
        if sql not in seen:
            seen.add(sql)
            count[category] += 1
            todo.append((f"{category}-{count[category]:04}", category, sql))
    with open(out, "w") as f, concurrent.futures.ThreadPoolExecutor(4) as pool:
        for (i, category, sql), got in zip(todo, pool.map(lambda c: ask(url, c[2]), todo)):
            case = {"id": i, "category": category, "sql": sql, **got}
            if "rows" in got:
                case["ordered"] = ordered(sql)
            f.write(json.dumps(case, ensure_ascii=False) + "\n")
    print(f"recorded {len(todo)} answers")


if __name__ == "__main__":
    import trino_cases
    record(sys.argv[1], trino_cases.cases(sys.argv[3:]), sys.argv[2])
