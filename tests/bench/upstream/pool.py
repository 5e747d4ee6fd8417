"""Two servers against one, each of which makes one page at a time, in 50 ms.

As a CMS does that works under a lock. Pages a second, by turns, medians.
"""
import json
import statistics
import subprocess

import peers
from rig import SERVER_CORE, pin

LOCK_MS = 50
LEAST = 1.9
PAGES, AT_A_TIME = 80, 16
ROUNDS = 5


def pages_a_second(livery):
    done = subprocess.run(
        [peers.tool("crowd"), "--json", "-k", "-n", str(PAGES), "-c",
         str(AT_A_TIME), "-w", "60", "-H", "Host: www.example.org",
         "%s:%d" % livery.at, "/page-%d/1024"], stdout=subprocess.PIPE,
        check=False)
    said = json.loads(done.stdout)
    if said["status"] != {"200": PAGES}:
        raise SystemExit("not all were answered: %s" % said)
    return PAGES / said["seconds"]


def start(s, servers):
    """livery before so many of them, or None."""
    urls = [server.url for server in servers]
    more = 'upstream main {\n\tservers = {%s}\n\tmax_connections = 1\n' \
        '\tbalance = "least-connections"\n}\nsite main {\n\tupstream = ' \
        '"main"\n}' % ", ".join('"%s"' % url for url in urls)
    livery = peers.livery_if_known(
        s, None, more=more, file="pool%d.conf" % len(urls),
        cache={"file": s.path("cache", "pool%d.db" % len(urls))})
    if livery:
        pin(livery.pid, SERVER_CORE)
    return livery


def run(s, wanted):
    servers = [peers.haul(s, "--lock", LOCK_MS) for _ in range(2)]
    one, two = start(s, servers[:1]), None
    if one:
        two = start(s, servers)
    if not two:
        print("not yet: an upstream of this livery does not know servers, "
              "max_connections, balance")
        return
    pace = {1: [], 2: []}
    for _ in range(ROUNDS):
        pace[1].append(pages_a_second(one))
        pace[2].append(pages_a_second(two))
    ratio = statistics.median(pace[2]) / statistics.median(pace[1])
    print("| one page at a time, %d ms | one server | two | times |\n"
          "|---|---|---|---|" % LOCK_MS)
    print("| pages a second | %.1f | %.1f | %.2f (at least %.1f%s) |" % (
        statistics.median(pace[1]), statistics.median(pace[2]), ratio, LEAST,
        "" if ratio >= LEAST else ": MISSED"))
