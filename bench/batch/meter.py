"""Runs a command and appends what it took to a file, one JSON object a line.

    meter.py RUNS PEER STAGE POSTMASTER_PID -- COMMAND...

Wall seconds; CPU seconds and peak resident memory of the command's whole
process tree, as seen from outside (memory is the sum over processes, so pages
they share count twice); CPU seconds of PostgreSQL apart; the load average at
the end. What the command prints goes to a file in RUNS.d.
"""

import json
import os
import resource
import subprocess
import sys
import threading
import time

from processes import stat, stats, tree


def server_cpu(postmaster):
    own = stat(postmaster)
    if own is None:
        return 0.0
    return own[1] + sum(s[0] for s in stats(postmaster))


def main():
    runs, peer, stage, postmaster = sys.argv[1:5]
    command, postmaster = sys.argv[6:], int(postmaster)
    os.makedirs(runs + ".d", exist_ok=True)
    log = f"{runs}.d/{peer}.{stage}.{os.getpid()}.log"
    server, start = server_cpu(postmaster), time.monotonic()
    with open(log, "w") as out:
        child = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
    peak, seen, done = 0, {}, threading.Event()

    def watch():
        nonlocal peak
        while True:
            memory = 0
            for pid in tree(child.pid):
                if s := stat(pid):
                    seen[pid], memory = s[0], memory + s[2]
            peak = max(peak, memory)
            if done.wait(0.1):
                return

    watcher = threading.Thread(target=watch)
    watcher.start()
    code = child.wait()
    wall = time.monotonic() - start
    done.set()
    watcher.join()
    time.sleep(0.3)  # the server's backends end after their client
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    row = {
        "peer": peer, "stage": stage, "code": code, "wall": wall,
        # A JVM that nobody waits for is missing from rusage.
        "cpu": max(used.ru_utime + used.ru_stime, sum(seen.values())),
        "server_cpu": server_cpu(postmaster) - server,
        "rss": max(peak, used.ru_maxrss * 1024), "load": os.getloadavg()[0], "log": log,
    }
    with open(runs, "a") as out:
        out.write(json.dumps(row) + "\n")
    print(f"  {peer} {stage}: {wall:.1f} s, {row['cpu']:.1f} CPU s, {row['rss'] / 1e6:.0f} MB", flush=True)
    if code:
        with open(log) as f:
            print("".join(f.readlines()[-20:]), file=sys.stderr)
    sys.exit(1 if code else 0)


main()
