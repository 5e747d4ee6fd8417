"""livery requests shows what is in flight, oldest first, and ends one of them:
its client gets 503."""
import time
from lib import Scenario

with Scenario() as s:
    origin = s.origin()
    livery = s.livery(origin)
    clients = []
    for number in range(3):
        client = livery.connect()
        client.ask("/slow%d?hold=1" % number)
        s.until(lambda: len(livery.requests()) == number + 1, "the request")
        time.sleep(0.05)
        clients.append(client)
    listed = livery.requests()
    s.equal(["slow%d" % n in row["url"] for n, row in enumerate(listed)],
            [True] * 3, listed)
    s.check(listed[0]["age_ms"] >= listed[1]["age_ms"] >=
            listed[2]["age_ms"], listed)
    s.equal({row["stage"] for row in listed}, {"fetch"})
    s.equal({row["site"] for row in listed}, {"main"})
    at = "%s:%d" % livery.admin
    status, out, err = s.run("requests", "--admin", at)
    s.equal(status, 0, err)
    rows = [line for line in out.splitlines() if "/slow" in line]
    s.equal(len(rows), 3, out)
    s.check("/slow0" in rows[0] and "/slow2" in rows[2], out)
    status, out, err = s.run("requests", "--admin", at, "kill",
                             str(listed[1]["id"]))
    s.equal(status, 0, err)
    clients[1].read().must(503, within=2)
    s.until(lambda: len(livery.requests()) == 2, "it to be gone")
    status, out, err = s.run("requests", "--admin", at, "kill",
                             str(listed[1]["id"]))
    s.equal(status, 1, "killing it twice")
    origin.go()
    clients[0].read().must(200)
    clients[2].read().must(200)
    s.until(lambda: not livery.requests(), "all to be gone")
    s.equal(s.run("requests", "--admin", "127.0.0.1:1")[0], 1)
