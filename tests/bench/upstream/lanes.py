"""Quick requests beside 500 that take 10 s each, in one pool of 16 slots.

200 quick requests a second, none of which may be kept, first alone and then
while 500 slow ones are asked for at once; the slow ones are what `long_paths`
names. By turns, medians. An answer that is not 200 counts as missed.
"""
import statistics
import subprocess
import time

import peers
from rig import SERVER_CORE, pin

SLOTS = 16
SLOW, SLOW_MS = 500, 10000
QUICK_RATE, QUICK_MS = 200, 5
MOST = 1.5  # times of quiet
ROUNDS = 3
QUICK = "/quick.json?cc=no-store&delay=%d&n=%%d" % QUICK_MS
SLOW_ONES = "/edit/page.json?cc=no-store&delay=%d&n=%%d" % SLOW_MS


def quick(s, livery, seconds):
    """p99, and how many were not answered well."""
    said = s.crowd(livery, QUICK, "-r", QUICK_RATE, "-t", seconds, "-k")
    return said["p99_ms"], said["requests"] - said["status"].get("200", 0)


def with_slow_ones(s, livery, seconds):
    slow = subprocess.Popen(
        [peers.tool("crowd"), "--json", "-n", str(SLOW), "-w", "60", "-H",
         "Host: www.example.org", "%s:%d" % livery.at, SLOW_ONES],
        stdout=subprocess.DEVNULL)
    time.sleep(1)
    try:
        return quick(s, livery, seconds)
    finally:
        slow.kill()
        slow.wait()


def run(s, wanted):
    origin = s.origin()
    options = {"max_connections": SLOTS, "queue_max": 2 * SLOW,
               "queue_timeout": "8s", "long_paths": ["/edit/*"]}
    livery = peers.livery_if_known(s, origin, upstream_options=options)
    if not livery:
        print("not yet: an upstream of this livery does not know all of %s" %
              ", ".join(options))
        return
    pin(livery.pid, SERVER_CORE)
    alone, beside, missed = [], [], 0
    for i in range(ROUNDS):
        if i:
            s.until(lambda: origin.busy() == 0, "the slow ones to end",
                    within=60)
        p99, bad = quick(s, livery, 4)
        alone.append(p99)
        missed += bad
        p99, bad = with_slow_ones(s, livery, 6)
        beside.append(p99)
        missed += bad
    ratio = statistics.median(beside) / statistics.median(alone)
    print("| %d a second, p99 | quiet | beside %d of %d s | times |\n"
          "|---|---|---|---|" % (QUICK_RATE, SLOW, SLOW_MS / 1000))
    print("| %d slots | %.1f ms | %.1f ms | %.2f (at most %.1f%s) |" % (
        SLOTS, statistics.median(alone), statistics.median(beside), ratio,
        MOST, "" if ratio <= MOST else ": MISSED"))
    print("\n%d quick ones were not answered with 200%s" % (
        missed, ": MISSED" if missed else ""))
