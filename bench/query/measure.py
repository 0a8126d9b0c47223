"""Measures the query path and prints Markdown.

    measure.py MULGIL WORK PID PORT [TRINO_PID TRINO_PORT]

WORK holds lake/ (lake.py's), project/ (served by process PID at PORT), many/
(lake of many files). Contenders take turns on the same files; the median of
BENCH_REPS rounds counts. BENCH_ROUND=1 prints each round as it goes.
"""

import datetime
import json
import math
import os
import re
import statistics
import subprocess
import sys
import textwrap
import threading
import time

import contenders
import hand

mulgil, work, pid, port, *trino = sys.argv[1:]
REPS = int(os.environ.get("BENCH_REPS", "3"))
missed = False


def figure(text, got, bound, ok):
    global missed
    missed = missed or not ok
    print(f"- {'met' if ok else 'MISSED'}: {text}: {got}, wanted {bound}", flush=True)


def load():
    return os.getloadavg()[0]


def documents():
    """The SQL blocks of the document, None without it."""
    folder = os.environ.get("MULGIL_SEEDS", "../shared/seeds")
    try:
        with open(os.path.join(folder, "002.txt"), encoding="utf-8") as f:
            text = f.read()
    except OSError:
        return None
    return [textwrap.dedent(m.group(2)).strip() for m in re.finditer(r"^( *)```sql\n(.*?)^\1```", text, re.S | re.M)]


def counted(sql):
    """A block of very many rows as one row that needs all of them."""
    return f"SELECT count(*), sum(cnt_of_purchase), count(avg_purchase_amount) FROM ({sql}) t"


def blocks(peers, real):
    """Time and CPU of each block for each of peers, in turns; peers map a contender to its texts."""
    times = {p.name: [[] for _ in texts] for p, texts in peers}
    answers = {}
    for rep in range(REPS + 1):
        for i in range(8):
            # The first two change places, so that both come after the third equally
            # often; it gets a moment for what its JVM does after an answer.
            turn = (rep + i) % 2
            for p, texts in peers[:2][turn:] + peers[:2][:turn] + peers[2:]:
                before = p.cpu()
                seconds, rows = p.ask(texts[i])
                if p is real:
                    time.sleep(0.3)
                if rep:  # the first round warms up
                    times[p.name][i].append((seconds, p.cpu() - before))
                answers[p.name, i] = rows
        if os.environ.get("BENCH_ROUND"):
            print(f"round {rep}", {n: [f"{t[i][-1][0]:.2f}/{t[i][-1][1]:.2f}" if t[i] else "" for i in range(8)] for n, t in times.items()}, file=sys.stderr)
    return times, answers


def medians(list_):
    return statistics.median(s for s, _ in list_), statistics.median(c for _, c in list_)


def same(a, b):
    """Rows as multisets, numbers within 1e-9; NaN and infinities as anything."""
    def key(row):
        return [f"{v:.6g}" if isinstance(v, float) and math.isfinite(v) else "" if isinstance(v, float) else str(v) for v in row]

    return sorted(map(key, a)) == sorted(map(key, b))


def geometric(list_):
    return math.exp(sum(map(math.log, list_)) / len(list_))


def table(ours, by_hand, real):
    texts = documents()
    if texts is None or len(texts) != 8:
        print("\nThe documents are not at MULGIL_SEEDS: their blocks are skipped.")
        return
    theirs = list(hand.BLOCKS)
    texts[7], theirs[7] = counted(texts[7]), counted(theirs[7])
    peers = [(ours, texts), (by_hand, theirs)] + ([(real, texts)] if real else [])
    times, answers = blocks(peers, real)
    print(f"\n## The documents' blocks, load {load():.0f}\n")
    print("| block | " + " | ".join(f"{p.name} s | CPU s" for p, _ in peers) + " | Trino / mulgil | mulgil / by hand | CPU |")
    print("|---" * (2 * len(peers) + 4) + "|")
    ratios, slow = [], []
    for i in range(8):
        m = {p.name: medians(times[p.name][i]) for p, _ in peers}
        us, them = m[ours.name], m[by_hand.name]
        ratio = m[real.name][0] / us[0] if real else math.nan
        ratios.append(ratio)
        if us[0] > them[0] * 1.1 + 0.005:
            slow.append(f"block {i + 1} {us[0] / them[0]:.2f}x (CPU {us[1] / max(them[1], 0.01):.2f}x)")
        cells = [f"{v:.3f}" for p, _ in peers for v in m[p.name]]
        print(f"| {i + 1} | {' | '.join(cells)} | {ratio:.1f} | {us[0] / them[0]:.2f} | {us[1] / max(them[1], 0.01):.2f} |")
        for p, _ in peers[1:]:
            if i and not same(answers[ours.name, i], answers[p.name, i]):
                print(f"\nblock {i + 1}: rows DIFFER from {p.name}\n")
    print()
    if real:
        g = geometric(ratios)
        figure("geometric mean against Trino", f"{g:.1f}x faster", "at least 4.5x", g >= 4.5)
        cpu = geometric([medians(times[real.name][i])[1] / max(medians(times[ours.name][i])[1], 0.01) for i in range(8)])
        print(f"- CPU, geometric mean against Trino: {cpu:.1f}x less")
    figure("blocks slower than by hand by more than 10 % + 5 ms", ", ".join(slow) or "none", "none", not slow)


def wide_result(ours, real):
    source = "FROM purchase WHERE affiliate <= 'B'"
    rows = min(200_000, ours.ask("SELECT count(*) " + source)[1][0][0])
    sql = f"SELECT receipt_no, purchase_date, amount, customer_id, store_cd {source} LIMIT {rows}"
    seconds = {}
    for _ in range(REPS):
        for p in (ours, real):
            if p:
                s, got = p.ask(sql)
                assert len(got) == rows, len(got)
                seconds.setdefault(p.name, []).append(s)
    us = statistics.median(seconds[ours.name])
    print(f"- {rows:,} x 5 rows to the Python client: {rows / us:,.0f} rows/s, load {load():.0f}")
    if real:
        them = statistics.median(seconds[real.name])
        figure(f"{rows:,} x 5 rows to the Python client, against the same from Trino", f"{them / us:.2f}x its speed", "at least 1x", us <= them)


def crowd(ours, clients=64):
    """All clients at once, each with a few statements of its own user."""
    sql = "SELECT purchase_month, count(*), sum(amount) FROM purchase_all_info WHERE affiliate = '%s' AND purchase_year = '%d' GROUP BY 1 ORDER BY 1"
    ended, errors, peak, done = [], [], [0], threading.Event()

    def client(n):
        try:
            for k in range(3):
                _, rows = ours.ask(sql % ("ABCD"[(n + k) % 4], 2014 + n % 2), connections[n])
                assert len(rows) == 12, rows
        except Exception as e:  # any failure of any client is the answer
            errors.append(repr(e))
        ended.append(time.monotonic() - start)

    def watch():
        while not done.wait(0.2):
            peak[0] = max(peak[0], contenders.resident(ours.pid))

    connections = [ours.connect() for _ in range(clients)]
    for n, c in enumerate(connections):
        c._client_session._user = f"user{n}"
    watcher = threading.Thread(target=watch)
    watcher.start()
    start = time.monotonic()
    threads = [threading.Thread(target=client, args=(n,)) for n in range(clients)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    done.set()
    watcher.join()
    fair = max(ended) / statistics.median(ended)
    print(f"- {clients} clients, 3 statements each: {max(ended):.1f} s, {3 * clients / max(ended):.0f} statements/s, memory of all processes at most {peak[0] / 1e6:,.0f} MB, load {load():.0f}")
    figure(f"{clients} clients at once", f"{len(errors)} errors, the last done {fair:.2f}x after the middle one", "no error, at most 2x", not errors and fair <= 2)
    for e in errors[:3]:
        print("  -", e)


def command(project, sql):
    start = time.monotonic()
    subprocess.run([mulgil, "--project", project, "--json", "-q", "query", "--no-reuse", sql], check=True, capture_output=True)
    return (time.monotonic() - start) * 1000


def cold():
    """The whole program, from its start to the printed row, with nobody serving the project."""
    got = statistics.median(command(f"{work}/alone", "SELECT count(*) FROM zipcode WHERE province_city = '서울특별시'") for _ in range(2 * REPS + 1))
    floor = statistics.median(command_version() for _ in range(2 * REPS + 1))
    figure(f"`mulgil query`, process start included, load {load():.0f}", f"{got:.0f} ms (`mulgil version` alone takes {floor:.0f} ms)", "under 300 ms", got < 300)


def command_version():
    start = time.monotonic()
    subprocess.run([mulgil, "version"], check=True, capture_output=True)
    return (time.monotonic() - start) * 1000


def many(ours):
    """A filter on a partition of a table of 20,000 files."""
    for name, what in (("many_external", "external"), ("many_iceberg", "Iceberg")):
        try:
            (rows,), = ours.ask(f"SELECT count(*) FROM {name} WHERE dt = '2024-03-02'")[1]
        except Exception as e:
            print(f"- 20,000 files, {what}: skipped, {str(e)[:120]}")
            continue
        got = statistics.median(ours.ask(f"SELECT count(*), sum(id) FROM {name} WHERE dt = '2024-03-02'")[0] for _ in range(2 * REPS + 1)) * 1000
        figure(f"20,000 files ({what}), one partition of {rows} rows, load {load():.0f}", f"{got:.0f} ms", "under 250 ms", got < 250)


def front_end():
    m = re.search(r"BenchmarkBind100Lines\S*\s+\d+\s+(\d+) ns/op\s+(\d+) best-ns/op", os.environ.get("BENCH_BIND", ""))
    if not m:
        print("- front end: skipped, there is no go to run BenchmarkBind100Lines")
        return
    mean, best = int(m.group(1)) / 1000, int(m.group(2)) / 1000
    figure("parse, bind and lower a query of 100 lines", f"{best:.0f} us at best, {mean:.0f} us on average under load {load():.0f}", "under 1000 us", best < 1000)


def main():
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    print(f"# Query figures\n\n{datetime.datetime.now():%Y-%m-%d %H:%M}, {os.cpu_count()} cores, {memory:.0f} GiB; {os.environ.get('BENCH_VERSIONS', '')}. "
          f"Median of {REPS} rounds in turns after one to warm up; load is the machine's 1-minute average when measured. CPU is of all processes of a contender. "
          "Mulgil's result cache is off; it and Trino are asked by the same Python client.")
    ours = contenders.Trino("mulgil", int(pid), int(port))
    real = contenders.Trino("Trino 435", int(trino[0]), int(trino[1])) if trino else None
    by_hand = contenders.Hand(f"{work}/lake", "2GB")
    table(ours, by_hand, real)
    by_hand.close()
    print("\n## Others\n")
    front_end()
    cold()
    many(ours)
    wide_result(ours, real)
    crowd(ours)
    sys.exit(1 if missed else 0)


main()
