"""On a connection that is kept, what the site said of one answer is forgotten
with it: after a reload the next, of a theme's file, is made without it."""
from lib import Scenario

with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    options = {"site": {"ttl_header": "X-Own-TTL"}, "top": {"threads": 1}}
    livery = s.livery(origin, theme, **options)
    livery.theme_is_live()
    livery.theme_files_are_there(6)
    asset = "/.livery/t/look/theme/logo.png"
    with livery.connect() as client:
        for _ in range(3):
            client.get("/p?max-age=600&header=X-Own-TTL:900").must(200)
            client.get(asset).must(200)
        hit = client.get("/p?max-age=600&header=X-Own-TTL:900")
        hit.must(200, cache="hit")
        s.equal(hit.all("X-Own-TTL"), [])
        for turn in range(3):
            options["site"]["stale_max"] = "%dh" % (turn + 1)
            s.conf(origin, theme, **options)
            s.check(livery.reload(), "reloaded")
            # another second, so that its answer is made anew
            s.clock.forward(2)
            client.get(asset).must(200, cache="hit")
            client.get("/p?max-age=600&header=X-Own-TTL:900").must(200)
