"""Targeted fields, failures with a lifetime of their own, answers to
Authorization and POST that others may have, and languages in other words."""
from lib import Scenario

with Scenario() as s:
    origin = s.origin()
    livery = s.livery(origin)

    # RFC 9213: CDN-Cache-Control before Cache-Control, and passed on.
    path = "/cdn?cc=no-store&header=CDN-Cache-Control:%20max-age=60"
    answer = livery.get(path).must(200)
    s.equal(answer.get("CDN-Cache-Control"), "max-age=60")
    livery.get(path).must(200, cache="hit")
    path = "/cdn2?max-age=60&header=CDN-Cache-Control:%20no-store"
    for _ in range(2):
        livery.get(path).must(200)
    s.equal(origin.count("/cdn2"), 2)
    # What is no dictionary does not count.
    path = "/cdn3?max-age=60&header=CDN-Cache-Control:%20no-store,"
    livery.get(path)
    livery.get(path).must(200, cache="hit")
    # What was for us alone ends here, from memory too.
    for number, name in enumerate(("Surrogate-Control",
                                   "Livery-Cache-Control")):
        path = "/ours%d?header=%s:%%20max-age=60" % (number, name)
        for _ in range(2):
            s.equal(livery.get(path).must(200).get(name, None), None)
        s.equal(origin.count("/ours%d" % number), 1, name)
    s.check('Surrogate-Capability: livery="Surrogate/1.0"' in origin.last(),
            origin.last())

    # Asked with Authorization: never from the cache, but kept for others if
    # it says so.
    path = "/public?cc=public,max-age=60"
    named = [("Authorization", "Basic YTpi")]
    for _ in range(2):
        livery.get(path, fields=named).must(200, cache="fwd=bypass")
    livery.get(path).must(200, cache="hit")
    s.equal(origin.count("/public"), 2)
    path = "/mine?max-age=60"
    livery.get(path, fields=named)
    livery.get(path).must(200, cache="fwd=uri-miss")
    # ... not beside a cookie that means something.
    path = "/mine2?cc=public,max-age=60"
    livery.get(path, fields=named + [("Cookie", "session=1")])
    livery.get(path).must(200, cache="fwd=uri-miss")

    # The answer to a POST that is what a GET would bring.
    path = "/posted?max-age=60&header=Content-Location:%20"
    target = path + "/posted"
    livery.get(target, "POST", body=b"x").must(200)
    livery.get(target).must(200, cache="fwd=uri-miss")  # another URL
    origin.set("/form", "max-age=60&header=Content-Location:%20/form")
    livery.get("/form", "POST", body=b"x").must(200)
    livery.get("/form").must(200, cache="hit")
    livery.get("/form", "POST", body=b"x",
               fields=[("Cookie", "session=1")]).must(200)
    livery.get("/form").must(200, cache="fwd=uri-miss")

    # One language, asked for in other words.
    path = "/lang?max-age=60&vary=Accept-Language" \
        "&header=Content-Language:%20de"

    def asks(words):
        return livery.get(path, fields=[("Accept-Language", words)])
    asks("de, en;q=0.5").must(200, cache="fwd=")
    asks("EN;q=0.50 , De").must(200, cache="hit")
    asks("fr;q=0.3,de;q=0.9").must(200, cache="hit")
    asks("fr, de;q=0.9").must(200, cache="fwd=")
    s.equal(origin.count("/lang"), 2)

    # A failure is kept as long as it says, but takes no good copy's place.
    path = "/failing?status=503&max-age=60"
    livery.get(path).must(503)
    livery.get(path).must(503, cache="hit")
    s.equal(origin.count("/failing"), 1)
    s.clock.forward(61)
    # Its time over, the next one waits for what is true now.
    livery.get(path).must(503, cache="fwd=stale")
    s.equal(origin.count("/failing"), 2)
    s.clock.forward(61)
    origin.set("/failing", "max-age=60")
    livery.get(path).must(200, cache="fwd=stale")
    good = livery.get("/good?cc=max-age=10").must(200)
    s.clock.forward(20)
    origin.set("/good", "status=500&max-age=3600")
    s.equal(livery.get("/good?cc=max-age=10").must(200).text, good.text)
    origin.set("/good")
    s.clock.forward(3)
    s.until(lambda: livery.get("/good?cc=max-age=10").text != good.text,
            "a new copy, once it is well again")
