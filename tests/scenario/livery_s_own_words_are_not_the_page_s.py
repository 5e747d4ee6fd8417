"""?livery.off=1 and its like are for livery: the page that is looked up,
stored and asked for is the one without them. From who is not allowed they are
words like any other."""
from lib import Scenario

with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    livery = s.livery(origin, theme)
    livery.theme_is_live()
    livery.get("/p?max-age=60").must(200, themed=True)
    for word in ("livery.off=1", "deliv_notheme", "deliv_notheme=yes",
                 "diazo.off=1"):
        livery.get("/p?max-age=60&" + word).must(
            200, cache="hit", themed=False)
        livery.get("/p?" + word + "&max-age=60").must(
            200, cache="hit", themed=False)
    s.equal(origin.count("/p"), 1)
    livery.get("/p?max-age=60").must(200, cache="hit", themed=True)
    # Alone it leaves no "?" behind; what only looks like it stays.
    livery.get("/q?livery.off=1").must(200, themed=False)
    s.equal("GET /q HTTP" in origin.last("/q"), True)
    livery.get("/r?xlivery.off=1&livery.off=10&a=b").must(200, themed=True)
    s.equal("GET /r?xlivery.off=1&livery.off=10&a=b HTTP" in
            origin.last("/r"), True)
    # A log line has what was asked.
    livery.term()
    with open(s.path("access.log"), encoding="utf-8") as log:
        s.equal("GET /q?livery.off=1 " in log.read(), True)

    livery = s.livery(origin, theme, top={"allowed": ["192.0.2.1"]},
                      file="strict.conf")
    livery.theme_is_live()
    livery.get("/s?livery.off=1").must(200, themed=True)
    s.equal("GET /s?livery.off=1 HTTP" in origin.last("/s"), True)
