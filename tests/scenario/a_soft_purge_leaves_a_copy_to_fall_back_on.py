"""A soft purge: asked anew, a 304 will do, and served while the upstream fails;
after a restart too. With purge_refresh the most used are asked for behind it."""
from lib import Scenario

with Scenario() as s:
    origin = s.origin()
    livery = s.livery(origin, site={"stale_wait": "5s"})
    soft = {"X-Purge-Soft": "1"}

    def purge(target, status=200, **fields):
        return livery.get(target, "PURGE", fields={
            k.replace("_", "-"): v for k, v in fields.items()}).must(status)

    tagged = "/a?max-age=600&etag=x&header=xkey:%20one"
    livery.get(tagged).must(200)
    livery.get(tagged).must(200, cache="hit")
    got = purge("/", xkey="one", X_Purge_Soft="1")
    s.check("Purged 0 objects, expired 1 objects" in got.text, got.text)
    s.equal(got.get("X-Cache"), "EXPIRED")
    # asked with its validator, and good again
    livery.get(tagged).must(200, cache="fwd=stale")
    s.check("if-none-match" in origin.last("/a").lower(), origin.last("/a"))
    livery.get(tagged).must(200, cache="hit")
    s.equal(origin.count("/a"), 2)
    # the upstream fails: the copy steps in
    livery.get("/", "PURGEKEYS", fields={"xkey-softpurge": "one"}).must(200)
    livery.stored("/a")
    s.equal(livery.value("SELECT state FROM entries WHERE url LIKE '%/a?%'"),
            "stale")
    s.check(livery.value("SELECT soft_purged_at FROM entries"), "when")
    # not forgotten by a restart
    livery.kill()
    livery = s.livery(origin, site={"stale_wait": "5s"})
    origin.mode("fail")
    livery.get(tagged).must(200, cache="stale")
    origin.mode("ok")
    s.until(lambda: "hit" in livery.get(tagged).must(200).cache and
            origin.count("/a") >= 3, "it is good again")
    # soft by Fastly's word, hard by the default and by ours
    for word in ("Fastly-Soft-Purge", "X-Purge-Soft"):
        got = livery.get("/", "PURGE", fields={"xkey": "one", word: "1"})
        s.check("expired 1" in got.must(200).text, got.text)
    got = livery.get("/", "PURGE", fields={"xkey": "one",
                                           "X-Purge-Soft": "0"})
    s.check("Purged 1 objects" in got.must(200).text, got.text)
    livery.get(tagged).must(200, cache="uri-miss")
    livery.term()

    # by the option, and refreshed behind it: the most used first, one at a time
    livery = s.livery(origin, top={"purge": "soft", "purge_refresh": "on",
                                   "purge_refresh_max": 3})
    pages = ["/r%d?max-age=600&etag=x&header=xkey:%%20r&delay=50" % n
             for n in range(5)]
    for n, page in enumerate(pages):
        livery.get(page).must(200)
        livery.stored("/r%d?" % n)
        for _ in range(n):
            livery.get(page).must(200, cache="hit")
    s.until(lambda: livery.value("SELECT sum(hits) FROM entries WHERE url "
                                 "LIKE '%/r%'") == 10, "the hits")
    origin.zero()
    got = livery.get("/", "PURGE", fields={"xkey": "r"}).must(200)
    s.check("expired 5" in got.text, got.text)
    s.until(lambda: sum(origin.count("/r%d" % n) for n in (2, 3, 4)) == 3,
            "the three most used")
    s.until(lambda: livery.value("SELECT count(*) FROM entries WHERE "
                                 "soft_purged_at IS NULL AND url LIKE "
                                 "'%/r%'") == 3, "stored")
    s.equal(livery.metrics()["revived_total"], 3)
    s.equal(origin.most(), 1, "at once")
    for n in (2, 3, 4):
        livery.get(pages[n]).must(200, cache="hit")
    s.equal(origin.count("/r0") + origin.count("/r1"), 0)
    livery.get(pages[0]).must(200, cache="fwd=stale")
