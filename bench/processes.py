"""CPU and memory of processes, as /proc tells them."""

import os

HZ, PAGE = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")


def stat(pid):
    """CPU seconds of a process, of its waited-for children, and resident bytes; None once it is gone."""
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


def stats(pid):
    """stat of a process and of each below it."""
    return [s for s in map(stat, tree(pid)) if s]
