"""A page that many read is refreshed behind one of them shortly before it is
stale; lifetimes may be told to differ; a field of the operator's choosing says
how long an answer is fresh."""
import re
from lib import Scenario

with Scenario() as s:
    origin = s.origin()
    # ---- up to a tenth is taken off what is left
    livery = s.livery(origin, site={"ttl_jitter": 10},
                      cache={"file": s.path("cache", "j.db")})
    left = []
    for n in range(20):
        livery.get("/j%d?max-age=10000" % n).must(200)
        left.append(int(livery.get("/j%d?max-age=10000" % n).must(
            200, cache="hit").cache.partition("ttl=")[2].partition(";")[0]))
    s.check(len(set(left)) > 10, left)
    s.check(all(8990 <= one <= 10000 for one in left), left)
    livery.get("/short?max-age=20").must(200)
    s.check("ttl=20" in livery.get("/short?max-age=20").cache or
            "ttl=19" in livery.get("/short?max-age=20").cache, "short ones")
    livery.term()

    # ---- X-Accel-Expires and its like
    livery = s.livery(origin, site={"ttl_header": "X-Accel-Expires"},
                      cache={"file": s.path("cache", "t.db")})
    for query, wanted in (
            ("max-age=10&header=X-Accel-Expires:300", "hit; ttl=(299|300)"),
            ("cc=no-cache&header=X-Accel-Expires:300", "hit; ttl=(299|300)"),
            ("max-age=10&header=X-Accel-Expires:0", "uri-miss"),
            ("max-age=10&header=X-Accel-Expires:soon", "hit; ttl=(9|10)"),
            ("max-age=10&header=X-Accel-Expires:%401", "uri-miss"),
            ("cookie=1&header=X-Accel-Expires:300", "uri-miss")):
        livery.get("/x?" + query).must(200)
        answer = livery.get("/x?" + query).must(200)
        s.check(re.search(wanted, answer.cache), (query, answer.cache))
        s.equal(answer.get("X-Accel-Expires"), None, query)
    # it ends here, in whatever answer it is, and is stored all the same
    target = "/y?etag=a&header=X-Accel-Expires:300"
    for method, fields, status in (
            ("GET", {}, 200), ("GET", {}, 200), ("HEAD", {}, 200),
            ("GET", {"If-None-Match": '"a"'}, 304),
            ("GET", {"Range": "bytes=0-1"}, 206), ("POST", {}, 200),
            ("GET", {}, 200)):
        answer = livery.get(target, method, fields=fields).must(status)
        s.check(b"x-accel" not in answer.head.lower(), answer.head)
    livery.stored("/y")
    s.check("X-Accel-Expires: 300" in s.run(
        "cache", "show", target, "--cache", livery.cache)[1], "stored")
    livery.term()

    # ---- without the option it is a field like any other
    livery = s.livery(origin, cache={"file": s.path("cache", "u.db")})
    livery.get("/x?header=X-Accel-Expires:300").must(200)
    s.equal(livery.get("/x?header=X-Accel-Expires:300").must(
        200, cache="uri-miss").get("X-Accel-Expires"), "300")

    # ---- refreshed before the end by one of many who read it, or by nobody
    target = "/%s?max-age=1000&delay=2000"
    both = {}
    for name, early in (("early", 100), ("never", 0)):
        both[name] = s.livery(origin, site={"early_refresh": early},
                              cache={"file": s.path("cache", name + ".db")})
        both[name].get(target % name).must(200)
        origin.set("/" + name, "max-age=5000")

    def read(name):
        return both[name].get(target % name).must(200, cache="hit; ttl=")
    # far from the end nothing is drawn
    s.clock.forward(900)
    for name in both:
        for _ in range(100):
            read(name)
        s.equal(origin.count("/" + name), 1)
    s.clock.forward(93)
    for name in both:
        for _ in range(100):
            read(name)
    s.until(lambda: int(read("early").cache.partition("ttl=")[2]) > 1000,
            "a younger page")
    s.equal((origin.count("/early"), origin.count("/never")), (2, 1))
