"""Whatever its headers say, a theme is asked for at most every min_refresh,
and with its validators."""
from lib import Scenario

with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    theme.set("/theme", "cc=no-store,max-age=0&etag=one&lm=1")
    livery = s.livery(origin, theme)  # min_refresh 5 s
    livery.theme_is_live()
    s.equal(theme.count("/theme"), 1)
    for page in range(20):
        livery.get("/p%d" % page).must(200, themed=True)
    s.equal(theme.count("/theme"), 1, "asked within min_refresh")
    s.clock.forward(4)
    for page in range(20):
        livery.get("/q%d" % page).must(200, themed=True)
    s.equal(theme.count("/theme"), 1, "asked within min_refresh")
    s.clock.forward(2)
    livery.get("/r").must(200, themed=True)
    s.until(lambda: theme.count("/theme") == 2, "the refresh")
    head = theme.last("/theme")
    s.check('If-None-Match: "one"' in head, head)
    # Unchanged: the version stays, and so do the pages dressed with it.
    s.equal(livery.errors().count(" is live"), 1, "versions")
    # An hour of freshness is honoured.
    theme.set("/theme", "max-age=3600&etag=two")
    s.clock.forward(6)
    livery.get("/s").must(200, themed=True)
    s.until(lambda: theme.count("/theme") == 3, "the refresh")
    s.clock.forward(600)
    for page in range(5):
        livery.get("/t%d" % page).must(200, themed=True)
    s.equal(theme.count("/theme"), 3, "asked while fresh")
