"""What it costs to pass an answer on: 1 KB that nobody may keep or dress.

CPU time of the server's processes per request, keep-alive on both sides, one
core; the origin and wrk are on the other. Medians of interleaved rounds.
"""
import statistics

import peers
from rig import Server, fetch, measure

SIZES = {"1 KB": 1 << 10, "30 KB": 30 << 10}
# What the project holds itself to at 1 KB: livery's cost over that of each.
MOST = {"nginx proxy_pass": 2.5, "Varnish pass": 0.5}
AIMED = {"nginx proxy_pass": 2.0}


def livery(s, origin, theme, targets):
    """With a theme that JSON is not dressed in."""
    process = s.livery(origin, theme, top={"threads": 1, "workers": 2})
    process.theme_is_live()
    answer = fetch(process.at, targets["1 KB"]).must(200, cache="fwd=")
    if answer.theme or "hit" in answer.cache:
        raise SystemExit("livery does not just pass it on:\n%s" %
                         answer.head.decode())
    return Server("livery", process.pid, process.port, targets,
                  s.path("access.log"))


def judged(name, ratio):
    most = MOST.get(name)
    if most is None:
        return "%.2f" % ratio
    aimed = ", %.1f aimed" % AIMED[name] if name in AIMED else ""
    return "%.2f (at most %.1f%s%s)" % (
        ratio, most, aimed, "" if ratio <= most else ": MISSED")


def told(servers):
    cost = {server.name: {size: statistics.median(server.cost[size])
                          for size in SIZES} for server in servers}
    rate = {server.name: {size: statistics.median(server.rate[size])
                          for size in SIZES} for server in servers}
    mine = cost["livery"]
    print("| passed on | us/request, 1 KB | 30 KB | livery's cost over it, "
          "1 KB | 30 KB | requests/s, 1 KB | 30 KB |\n|---|---|---|---|---|---"
          "|---|")
    for name in cost:
        print("| %s | %.1f | %.1f | %s | %.2f | %d | %d |" % (
            name, cost[name]["1 KB"], cost[name]["30 KB"],
            judged(name, mine["1 KB"] / cost[name]["1 KB"]),
            mine["30 KB"] / cost[name]["30 KB"],
            rate[name]["1 KB"], rate[name]["30 KB"]))


def run(s, wanted):
    targets = {size: "/json/%d" % bytes_ for size, bytes_ in SIZES.items()}
    origin = peers.haul(s)
    servers = [livery(s, origin, s.origin(), targets)] + [
        other for other in (peers.nginx(s, origin.port, targets),
                            peers.haproxy(s, origin.port, targets),
                            peers.varnish(s, origin.port, targets)) if other]
    measure(servers, wanted.rounds, wanted.seconds)
    told(servers)
