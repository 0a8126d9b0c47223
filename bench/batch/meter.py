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

HZ, PAGE = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")


def stat(pid):
    """CPU seconds of a process, of its waited-for children, and resident bytes."""
    try:
        with open(f"/proc/{pid}/stat") as f:
            v = f.read().rsplit(")", 1)[1].split()
    except OSError:
        return None
    return (int(v[11]) + int(v[12])) / HZ, (int(v[13]) + int(v[14])) / HZ, int(v[21]) * PAGE


def tree(pid):
    """A process and all below it, without walking the whole of /proc."""
    found = [pid]
    for p in found:
        try:
            for task in os.listdir(f"/proc/{p}/task"):
                with open(f"/proc/{p}/task/{task}/children") as f:
                    found += [int(c) for c in f.read().split()]
        except OSError:
            pass
    return found


def server_cpu(postmaster):
    own = stat(postmaster)
    if own is None:
        return 0.0
    return own[1] + sum(s[0] for s in map(stat, tree(postmaster)) if s)


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
