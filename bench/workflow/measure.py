"""Measures workflows and schedules and prints Markdown.

    measure.py WORK

WORK holds mulgil and the test programs workflow.test and js.test, whose
benchmarks give the figures of the parts; what a killed process and a clock
have to do with is asked of the program itself.
"""

import concurrent.futures
import datetime
import glob
import http.client
import json
import os
import re
import resource
import shutil
import socket
import socketserver
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import processes

work = os.path.abspath(sys.argv[1])
EXECUTIONS = int(os.environ.get("BENCH_EXECUTIONS", "10000"))
ITEMS = int(os.environ.get("BENCH_ITEMS", "100000"))
REPS = int(os.environ.get("BENCH_REPS", "3"))


def figure(text, got, bound, ok):
    print(f"- {'met' if ok else 'MISSED'}: {text}: {got}, wanted {bound}", flush=True)


def load():
    return os.getloadavg()[0]


def benchmark(program, name, times="1x", reps=REPS):
    """The metrics of each case of a Go benchmark, each run in a process of its own: {case: {unit: middle}}."""
    runs = {}
    for _ in range(reps):
        out = subprocess.run([f"{work}/{program}", "-test.run", "^$", "-test.bench", f"^{name}$", "-test.benchtime", times],
                             check=True, capture_output=True, text=True, cwd=work).stdout
        for line in re.findall(r"^Benchmark(\S+?)(?:-\d+)?\s+\d+\s+(.*)$", out, re.M):
            values = line[1].split()
            for value, unit in zip(values[::2], values[1::2]):
                runs.setdefault(line[0], {}).setdefault(unit, []).append(float(value))
    return {case: {unit: statistics.median(v) for unit, v in units.items()} for case, units in runs.items()}


def transitions():
    m = benchmark("workflow.test", "BenchmarkTransitions")["Transitions"]
    print(f"\n## Transitions, load {load():.0f}\n")
    print("1,000 executions at once, each ten Task states and a Succeed; a transition is a state entered, each of five\n"
          "events is durable. SQLite alone writes the same rows in the same order, 1,280 in a transaction,\n"
          "by one prepared statement, synchronous=FULL.\n")
    print("| transitions/s | CPU µs each | events/s | SQLite alone, rows/s | events / rows |")
    print("|---|---|---|---|---|")
    print(f"| {m['states/s']:,.0f} | {m['cpu-µs/state']:.0f} | {m['events/s']:,.0f} | {m['raw-rows/s']:,.0f} | {m['events/s'] / m['raw-rows/s']:.2f} |\n")
    figure("durable transitions with 1,000 executions at once", f"{m['states/s']:,.0f}/s", "at least 5,000/s", m["states/s"] >= 5000)


def maps():
    print(f"\n## Maps, load {load():.0f}\n")
    print("A task for each item; inline 40 at once, items from the input; distributed 400 at once, items from a file,\n"
          "results to files. Each row is a process of its own. The last column is what each item beyond the row\n"
          "above costs in live heap.\n")
    print("| Map | items | items/s | live heap MB | resident MB | heap bytes an item more |")
    print("|---|---|---|---|---|---|")
    more = {}
    for mode, sizes in (("INLINE", [1000, 10_000]), ("DISTRIBUTED", [1000, 10_000, 100_000])):
        last = None
        for n in sizes:
            if n > ITEMS:
                continue
            m = benchmark("workflow.test", f"BenchmarkMap/^{mode}$/^{n}$", reps=1)[f"Map/{mode}/{n}"]
            grown = ""
            if last:
                more[mode] = (m["MB-live"] - last[1]) * 1e6 / (n - last[0])
                grown = f"{more[mode]:,.0f}"
            last = (n, m["MB-live"])
            print(f"| {mode.lower()} | {n:,} | {m['items/s']:,.0f} | {m['MB-live']:.1f} | {m['MB-resident']:.0f} | {grown} |", flush=True)
    print()
    for mode, bound in (("INLINE", 2048), ("DISTRIBUTED", 512)):
        if mode in more:
            figure(f"{mode.lower()} Map: heap for each item more", f"{more[mode]:,.0f} bytes", f"at most {bound}", more[mode] <= bound)


def expressions():
    print(f"\n## JSONata and EXPRESS, load {load():.0f}\n")
    print("| what | a second |")
    print("|---|---|")
    for name in ("Fast", "Library"):
        for case, m in benchmark("js.test", f"Benchmark{name}", "200ms").items():
            path = "fast path" if name == "Fast" else "library"
            print(f"| JSONata, {path}: {case.split('/')[1]} | {1e9 / m['ns/op']:,.0f} |")
    m = benchmark("workflow.test", "BenchmarkExpress", "1s")["Express"]
    print(f"| EXPRESS executions of five states | {m['executions/s']:,.0f} |\n", flush=True)


class Project:
    """A project in a folder of its own, and the process that serves it."""

    def __init__(self, files):
        self.root = tempfile.mkdtemp(dir=work)
        for name, text in files.items():
            path = os.path.join(self.root, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
        self.process = None

    def up(self):
        """Starts it; seconds until it says that it is up."""
        start = time.monotonic()
        self.process = subprocess.Popen([f"{work}/mulgil", "--project", self.root, "up", "--port", "0"], stdout=subprocess.PIPE,
                                        stderr=open(f"{self.root}/up.log", "a"), text=True)
        line = self.process.stdout.readline()
        took = time.monotonic() - start
        self.port = int(re.search(r" is up at http://[^:]*:(\d+)", line).group(1))
        with open(glob.glob(f"{self.root}/.mulgil/data/owner.json")[0], encoding="utf-8") as f:
            self.token = json.load(f)["token"]
        return took

    def ask(self, method, path, body=None):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        c.request(method, path, None if body is None else json.dumps(body),
                  {"Authorization": "Bearer " + self.token, "Content-Type": "application/json"})
        r = c.getresponse()
        text = r.read()
        c.close()
        if r.status >= 300:
            raise RuntimeError(f"{method} {path}: {r.status} {text[:500]}")
        return json.loads(text.splitlines()[-1])

    def cpu(self):
        """CPU seconds of the process so far."""
        return processes.stat(self.process.pid)[0]

    def state(self, sql):
        db = sqlite3.connect(f"file:{self.root}/.mulgil/data/state.db?mode=ro", uri=True)
        try:
            return db.execute(sql).fetchall()
        finally:
            db.close()

    def close(self):
        if self.process:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.root)


class Silent(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """An HTTP endpoint that counts requests and answers none."""

    allow_reuse_address, daemon_threads, request_queue_size = True, True, 4096

    def __init__(self):
        self.asked, self.lock, self.end = 0, threading.Lock(), threading.Event()
        super().__init__(("127.0.0.1", 0), None)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def process_request(self, request, address):
        threading.Thread(target=self.hold, args=(request,), daemon=True).start()

    def hold(self, request):
        while True:
            try:
                got = request.recv(65536)
            except OSError:
                got = b""
            if not got:
                break
            with self.lock:
                self.asked += got.count(b"POST ")
        request.close()


def machine(states, start):
    return json.dumps({"StartAt": start, "States": states})


WAIT = {"Type": "Wait", "Seconds": 864000, "End": True}


def flow(name):
    return {"StartAt": name, "States": {name: WAIT}}


def recovery():
    silent = Silent()
    p = Project({
        "mulgil.yaml": f"name: bench\nfunctions:\n  hold: {{url: 'http://127.0.0.1:{silent.server_address[1]}/', timeout: 15m, idempotent: true}}\n",
        "workflows/wait.asl.json": machine({"P": {"Type": "Pass", "Next": "W"}, "W": WAIT}, "P"),
        "workflows/task.asl.json": machine({"T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True,
                                                  "Parameters": {"FunctionName": "hold", "Payload.$": "$"}}}, "T"),
        "workflows/parallel.asl.json": machine({"P": {"Type": "Parallel", "End": True, "Branches": [flow("A"), flow("B")]}}, "P"),
        "workflows/map.asl.json": machine({"M": {"Type": "Map", "ItemsPath": "$.items", "End": True, "ItemProcessor": flow("A")}}, "M"),
        "workflows/children.asl.json": machine({"M": {"Type": "Map", "ItemsPath": "$.items", "End": True, "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **flow("A")}}}, "M"),
    })
    try:
        empty = p.up()
        share = {"wait": 0.30, "task": 0.25, "parallel": 0.20, "map": 0.24, "children": 0.01}
        counts = {w: int(EXECUTIONS * s) for w, s in share.items()}
        names = [w for w, n in counts.items() for _ in range(n)]
        start = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            list(pool.map(lambda w: p.ask("POST", f"/api/workflows/{w}/executions", {"detach": True, "input": {"items": [1, 2, 3]}}), names))
        started = len(names) / (time.monotonic() - start)
        tasks, children = counts["task"], 3 * counts["children"]
        waits = counts["wait"] + 2 * counts["parallel"] + 3 * counts["map"] + children
        until(lambda: silent.asked >= tasks and p.state("SELECT count(*) FROM workflow_event WHERE type = 'WaitStateEntered'")[0][0] >= waits)
        p.process.kill()
        p.process.wait()
        before = silent.asked
        took = p.up()
        cpu = p.cpu()
        called = took + until(lambda: silent.asked - before >= tasks)
        status = p.ask("GET", "/api/status")
        running, interrupted = len(status.get("running_executions") or []), len(status.get("interrupted") or [])
        assert running == len(names) and interrupted == 0, (running, interrupted)
        print(f"\n## Recovery, load {load():.0f}\n")
        print(f"{len(names):,} executions ({', '.join(f'{n:,} {w}' for w, n in counts.items())}; Maps of three items, those of \"children\"\n"
              f"distributed), started over HTTP at {started:,.0f}/s, then SIGKILL. Until `mulgil up` says it is up, which it does once all are\n"
              f"interpreted: {took:.2f} s with {cpu:.2f} CPU s, of an empty project {empty:.2f} s; until all {tasks:,} tasks were called again: {called:.2f} s.\n")
        figure(f"recovery of {len(names):,} executions", f"{took:.2f} s, {called:.2f} s with every task called again", "under 5 s", called < 5)
    finally:
        p.close()


def until(ok, most=120):
    """Waits until ok; the seconds that took."""
    start = time.monotonic()
    while not ok():
        if time.monotonic() - start > most:
            raise TimeoutError("not within two minutes")
        time.sleep(0.02)
    return time.monotonic() - start


def lateness():
    """200 schedules of a real project, 50 at each of four seconds, of workflows of one state."""
    first = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(seconds=8)
    times = [(first + datetime.timedelta(seconds=i % 4)).strftime("at(%Y-%m-%dT%H:%M:%S)") for i in range(200)]
    p = Project({"mulgil.yaml": "name: bench\n", "workflows/one.asl.json": machine({"P": {"Type": "Pass", "End": True}}, "P"),
                 "schedules.yaml": "".join(f"s{i}: {{schedule: '{at}', workflow: one}}\n" for i, at in enumerate(times))})
    try:
        p.up()
        until(lambda: p.state("SELECT count(*) FROM schedule_fire WHERE started > 0")[0][0] >= 200)
        late = sorted(ms for (ms,) in p.state("SELECT (started - nominal) / 1000.0 FROM schedule_fire"))
        until(lambda: p.state("SELECT count(*) FROM workflow_execution WHERE status = 'SUCCEEDED'")[0][0] >= 200)
    finally:
        p.close()
    print(f"\n## Schedules, load {load():.0f}\n")
    print(f"200 schedules of `mulgil up`, 50 at each of four seconds: the execution is recorded {late[100]:.1f} ms after the nominal\n"
          f"time (middle), {late[-1]:.1f} ms at most.\n")
    figure("p99 of a fire's lateness", f"{late[197]:.1f} ms", "under 50 ms", late[197] < 50)


soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
threading.stack_size(256 * 1024)
version = subprocess.run([f"{work}/mulgil", "version"], capture_output=True, text=True).stdout.strip()
print(f"{datetime.datetime.now():%Y-%m-%d %H:%M}, {os.cpu_count()} cores, {version}. Load is the 1-minute average at the end of each part.")
transitions()
recovery()
maps()
lateness()
expressions()
