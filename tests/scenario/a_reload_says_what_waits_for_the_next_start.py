"""HUP with other listeners, threads, peers or limits: the rest is taken, and one
line names what is read at the start only; log_level is taken at once."""
from lib import Scenario

with Scenario() as s:
    origin = s.origin()
    livery = s.livery(origin)
    s.check(livery.reload(), livery.errors())
    s.check("start only" not in livery.errors(), livery.errors())
    top = {"listen": ["127.0.0.1:0", "unix:" + s.path("more")],
           "workers": 7, "trusted_peers": ["10.0.0.0/8"],
           "allowed": ["127.0.0.1"], "access_log": s.path("other.log"),
           "drain_timeout": "3s"}
    s.conf(origin, top=top, limits={"fields_max": 20},
           fetch={"engines": 1}, cache={"size_max": "100M"},
           site={"stale_max": "1h"})
    s.check(livery.reload(), livery.errors())
    lines = [line for line in livery.errors().splitlines()
             if "start only" in line]
    s.equal(len(lines), 1, "lines")
    for name in ("listen", "workers", "trusted_peers", "allowed",
                 "access_log", "limits.fields_max", "fetch.engines"):
        s.check(name in lines[0], "%s is not in %s" % (name, lines[0]))
    for name in ("size_max", "drain_timeout", "stale_max", "admin",
                 "threads", "via"):
        s.check(name not in lines[0], "%s is in %s" % (name, lines[0]))
    row = livery.problem("start only")
    s.equal(row["what"], "config")
    livery.get("/p").must(200)
    # What is taken back is no longer said; log_level holds at once.
    s.conf(origin, top={"log_level": "error"})
    before = len(livery.errors())
    livery.send(1)
    livery.get("/p").must(200)
    s.conf(origin, top={"log_level": "error"}, more="nonsense = 1\n")
    livery.send(1)
    s.until(lambda: "going on as before" in livery.errors()[before:],
            "the mistake")
    s.check("start only" not in livery.errors()[before:], livery.errors())
    s.check("reloaded" not in livery.errors()[before:], livery.errors())
