"""Serves rounds of a peer's workload: python side.py WORKLOAD OPTIONS. The protocol is that of lib/bench/side-process.ts."""

import json
import resource
import sys
import time

from workloads import WORKLOADS


def answer(value):
    print(json.dumps(value), flush=True)


def peak_bytes():
    try:
        with open("/proc/self/status") as status:
            return next(1024 * int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    except OSError:
        return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main(name, options):
    work = WORKLOADS[name](**json.loads(options))
    answer({"ready": True})
    for line in sys.stdin:
        if line.strip() != "go":
            continue
        started = time.perf_counter()
        result = work()
        answer({"seconds": time.perf_counter() - started, **result})
    answer({"peakBytes": peak_bytes()})


main(*sys.argv[1:])
