"""The example's jobs on a real Trino: each job's own SQL, over the Hive folders that
`mulgil table export-hive` writes, must give the rows that the job put into its table.

  jobs_on_trino.py MULGIL PROJECT TRINO_URL FOLDER    (FOLDER is what Trino sees as local:///)
"""
import json, os, re, subprocess, sys, urllib.request

mulgil, project, url, folder = sys.argv[1:5]
SCHEMA = "jobs"
RANGE = {"EXTRACT_FROM": "20140101", "EXTRACT_TO": "20151231"}
JOBS = {
    "jobs/t1_fulljoin.sql": "purchase_all_info",
    "jobs/t2_salesbydatetime.sql": "mart_salesbydatetime",
    "jobs/t2_salesbyageproducts.sql": "mart_salesbyageproducts",
    "jobs/t2_salesbyresidence.sql": "mart_salesbyresidence",
    "jobs/t2_salesbycustomer.sql": "mart_salesbycustomer",
}
INPUTS = ["customer", "products_info", "zipcode", "purchase", "purchase_all_info"]
TYPES = {"string": "varchar", "int": "integer"}


def run(*args):
    return subprocess.run([mulgil, "--project", project, *args], check=True, capture_output=True, text=True).stdout


def trino(sql):
    head = {"X-Trino-User": "peer", "X-Trino-Catalog": "awsdatacatalog", "X-Trino-Schema": SCHEMA, "X-Trino-Time-Zone": "UTC"}
    page = json.load(urllib.request.urlopen(urllib.request.Request(url + "/v1/statement", sql.encode(), head)))
    rows, columns = [], []
    while True:
        if "error" in page:
            sys.exit(f"Trino: {page['error']['message']}\n{sql}")
        columns = page.get("columns", columns)
        rows += page.get("data", [])
        if "nextUri" not in page:
            return [c["name"] for c in columns], rows
        page = json.load(urllib.request.urlopen(page["nextUri"]))


def declare(table):
    """Exports a table and declares the folder in Trino with the catalog's types."""
    run("table", "export-hive", table, os.path.join(folder, table), "-q")
    d = json.loads(run("table", "describe", table, "--json"))
    keys = [c["name"] for c in d["columns"] if c.get("partition")]
    columns = [c for c in d["columns"] if c["name"] not in keys] + [c for c in d["columns"] if c["name"] in keys]
    body = ", ".join(f'"{c["name"]}" {TYPES.get(c["type"], c["type"])}' for c in columns)
    more = f", partitioned_by = ARRAY[{', '.join(repr(k) for k in keys)}]" if keys else ""
    trino(f"CREATE TABLE {table} ({body}) WITH (external_location = 'local:///{table}', format = 'PARQUET'{more})")
    if keys:
        trino(f"CALL awsdatacatalog.system.sync_partition_metadata('{SCHEMA}', '{table}', 'FULL')")


def statement(job):
    text = open(os.path.join(project, job), encoding="utf-8").read()
    sql = text.split("---*/", 1)[1].strip().rstrip(";")
    # The job's text as it is; only the parameters get their values, as the runner binds them.
    return re.sub(r"\$(\w+)", lambda m: "'" + RANGE[m.group(1)] + "'", sql)


def value(v):
    return round(float(v), 4) if isinstance(v, float) or isinstance(v, int) and not isinstance(v, bool) else v


def sorted_rows(columns, rows):
    order = sorted(range(len(columns)), key=lambda i: columns[i])
    out = [[value(r[i]) for i in order] for r in rows]
    return [columns[i] for i in order], sorted(out, key=lambda r: json.dumps(r, ensure_ascii=False))


trino(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
for t in INPUTS:
    declare(t)
bad = 0
for job, table in JOBS.items():
    theirs = sorted_rows(*trino(statement(job)))
    answer = json.loads(run("query", f"select * from {table}", "--limit", "0", "--json"))
    ours = sorted_rows([c["name"] for c in answer["columns"]], answer["rows"])
    same = theirs == ours
    bad += not same
    print(f"{job}: {len(theirs[1])} rows on Trino, {len(ours[1])} in {table}: {'equal' if same else 'DIFFERENT'}")
    if not same:
        print("  columns", theirs[0] == ours[0], [p for p in zip(theirs[1], ours[1]) if p[0] != p[1]][:2])
sys.exit(bad > 0)
