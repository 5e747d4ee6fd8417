"""no-cache and max-age of a request count for those who may purge, for all or
for nobody, as the site says; a page that says it never changes is not asked for
by who only reloads it. A HEAD that was asked for tells of what is stored."""
from lib import Scenario

NO_CACHE = {"Cache-Control": "no-cache"}
RELOAD = {"Cache-Control": "max-age=0"}
STRANGER = {"X-Forwarded-For": "192.0.2.1"}

with Scenario() as s:
    origin = s.origin()
    for word, allowed, stranger in (
            (None, True, False), ("allowed", True, False), ("on", True, True),
            (False, False, False)):
        livery = s.livery(origin, site={"honour_request": word}
                          if word is not None else {},
                          cache={"file": s.path("cache", "%s.db" % word)})
        livery.get("/a?max-age=600").must(200)
        s.clock.forward(5)
        for fields in (NO_CACHE, RELOAD, {"Cache-Control": "min-fresh=900"}):
            livery.get("/a?max-age=600", fields=dict(
                fields, **STRANGER)).must(
                    200, cache="fwd=request" if stranger else "hit")
            s.clock.forward(5)
            livery.get("/a?max-age=600", fields=fields).must(
                200, cache="fwd=request" if allowed else "hit")
            s.clock.forward(5)
        # these always count
        livery.get("/new?max-age=60", fields=dict(
            {"Cache-Control": "only-if-cached"}, **STRANGER)).must(504)
        livery.get("/not?max-age=60", fields=dict(
            {"Cache-Control": "no-store"}, **STRANGER)).must(200)
        livery.get("/not?max-age=60").must(200, cache="uri-miss")

        if allowed:
            # RFC 8246
            target = "/b?cc=max-age%3D600,immutable"
            livery.get(target).must(200)
            s.clock.forward(5)
            livery.get(target, fields=RELOAD).must(200, cache="hit")
            livery.get(target, fields=NO_CACHE).must(200, cache="fwd=request")

            # RFC 9111 4.3.5: the same validators freshen, others make stale
            livery.get("/h?max-age=600&etag=a&size=400").must(200)
            origin.set("/h", "max-age=900&etag=a&header=X-New:yes&size=400")
            livery.get("/h?max-age=600&etag=a&size=400", "HEAD",
                       fields=NO_CACHE).must(200)
            answer = livery.get("/h?max-age=600&etag=a&size=400")
            answer.must(200, cache="hit; ttl=")
            s.equal((answer.get("X-New"), answer.get("Cache-Control")),
                    ("yes", "max-age=900"))
            origin.set("/h", "max-age=900&etag=b&size=400")
            livery.get("/h?max-age=600&etag=a&size=400", "HEAD",
                       fields=NO_CACHE).must(200)
            livery.get("/h?max-age=600&etag=a&size=400").must(
                200, cache="fwd=stale")
            livery.get("/l?max-age=600&size=500").must(200)
            origin.set("/l", "max-age=600&size=600")
            livery.get("/l?max-age=600&size=500", "HEAD",
                       fields=NO_CACHE).must(200)
            livery.get("/l?max-age=600&size=500").must(200, cache="fwd=stale")
            origin.set("/h")
            origin.set("/l")
        livery.term()
