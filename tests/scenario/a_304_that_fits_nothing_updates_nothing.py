"""A 304 that names another answer than the stored one updates nothing (RFC 9111
4.3.4): the page is asked for again, whole. One that was not asked for is no
answer at all."""
from lib import Scenario

with Scenario() as s:
    origin = s.origin()
    livery = s.livery(origin, upstream_options={"failures_max": 100})

    # ---- another tag: asked again without a condition, by waiters too
    livery.get("/a?max-age=10&etag=one").must(200)
    s.clock.forward(20)
    origin.set("/a", "status=304&etag=two&header=X-New:yes")
    answer = livery.get("/a?max-age=10&etag=one")
    answer.must(200, cache="stale")
    s.equal(answer.get("X-New"), None, "taken from the 304")
    s.check("If-None-Match" not in origin.last("/a"), "asked whole")
    s.equal(origin.count("/a"), 3)
    origin.set("/a", "max-age=10&etag=two&text=new")
    s.clock.forward(20)
    s.until(lambda: b"new" in livery.get("/a?max-age=10&etag=one").body,
            "the whole answer")
    s.clock.forward(20)
    livery.get("/a?max-age=10&etag=one").must(200, cache="fwd-status=304")

    # ---- the same tag with a coding's name is the same
    livery.get("/g?max-age=10&etag=one").must(200)
    s.clock.forward(20)
    origin.set("/g", "status=304&etag=one-gzip&max-age=10")
    livery.get("/g?max-age=10&etag=one").must(200, cache="fwd-status=304")
    s.equal(origin.count("/g"), 2)

    # ---- to nothing: an error of ours, or the stale copy
    answer = livery.get("/b?status=304").must(502)
    s.equal(answer.get("Proxy-Status"), "livery; error=http_protocol_error")
    livery.get("/b?status=304").must(502)
    livery.problem("304 to a question without a condition")
    livery.get("/c?max-age=10").must(200)
    s.clock.forward(20)
    origin.set("/c", "status=304")
    livery.get("/c?max-age=10").must(200, cache="stale")
    # a client's own condition is answered as it should be
    origin.set("/d", "etag=d&cc=private")
    livery.get("/d", fields={"Cookie": "session=1",
                             "If-None-Match": '"d"'}).must(304)
    livery.get("/d").must(200)
    livery.get("/d", fields={"If-None-Match": '"d"'}).must(304)
    s.check('If-None-Match: "d"' in origin.last("/d"), "known to be private")
