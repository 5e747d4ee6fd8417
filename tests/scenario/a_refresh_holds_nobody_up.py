"""While a stale page is refreshed behind, from an upstream that hangs, who got
it is not held: neither the next request on the same connection, nor the end
of a connection that is to be closed, nor anybody else."""
import time
from lib import Connection, Scenario

PAGE = "/p?max-age=10&swr=100000"
SOON = 0.3

with Scenario() as s:
    for dressed in (False, True):
        origin = s.origin()
        livery = s.livery(origin, s.origin() if dressed else None,
                          cache={"file": s.path("cache", "%d.db" % dressed)},
                          upstream_options={"first_byte_timeout": "20s",
                                            "failures_max": 1000})
        if dressed:
            livery.theme_is_live()
        livery.get(PAGE).must(200, themed=dressed)
        livery.get("/other?max-age=90000").must(200)
        s.clock.forward(20)
        origin.set("/p", "mode=hang")
        # Kept alive: the refresh begins with the first, the second comes at
        # once, the same page and another one.
        with Connection(livery.at) as connection:
            connection.get(PAGE).must(200, cache="hit; ttl=-", within=SOON)
            s.until(lambda: origin.count("/p") >= 2, "a refresh to begin")
            for target in (PAGE, "/other?max-age=90000", PAGE):
                connection.get(target).must(200, cache="hit", within=SOON)
        s.equal(origin.count("/p"), 2, "one refresh only")
        # To be closed: it is closed.
        with Connection(livery.at) as connection:
            began = time.monotonic()
            connection.get(PAGE, fields={"Connection": "close"}).must(
                200, cache="hit; ttl=-", within=SOON)
            s.check(connection.closed(), "it stays open")
            s.bound("until it is closed", (time.monotonic() - began) * 1000,
                    s.within(SOON * 1000))
        # HTTP/1.0, which ends with its answer.
        with Connection(livery.at) as connection:
            connection.send("GET %s HTTP/1.0\r\nHost: www.example.org\r\n\r\n"
                            % PAGE)
            connection.read().must(200, within=SOON)
        # A crowd, too.
        figures = s.crowd(livery, PAGE, "-n", 50)
        s.equal(figures["status"], {"200": 50})
        s.check(figures["max_ms"] < s.within(1000), figures)
        s.equal(origin.count("/p"), 2, "one refresh only")
        livery.kill()
