"""The theme's host hangs, refuses, resets (in the body too) or fails: pages
keep coming, themed with the last good one, and hardly wait."""
from urllib.parse import quote
from lib import Scenario

TROUBLES = ("mode=hang", "mode=reset", "mode=fail", "toxic hang=1",
            "toxic refuse=1 break=1", "toxic reset=300", "toxic cut=300")

with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    way = s.toxic(theme)
    livery = s.livery(origin, way, theme_options={
        "wait": "200ms", "first_byte_timeout": "%dms" % s.within(500),
        "total_timeout": "%dms" % s.within(700)})
    livery.theme_is_live()
    for turn, trouble in enumerate(TROUBLES):
        if trouble.startswith("toxic"):
            way.be(trouble[6:])
        else:
            theme.set("*", trouble)
        asked = theme.count("/theme")
        failed = livery.metrics()["theme_failed_total"]
        s.clock.forward(400)
        # The first that needs dressing waits at most `wait` for the refresh.
        livery.get("/p%d" % turn).must(200, themed=True, within=0.6)
        s.until(lambda: livery.metrics()["theme_failed_total"] > failed,
                "the refresh to fail: " + trouble)
        # While the last refresh failed nobody waits.
        for page in range(3):
            livery.get("/q%d-%d" % (turn, page)).must(200, themed=True,
                                                     within=0.15)
        way.be()
        theme.set("*")
        s.check("toxic" in trouble or theme.count("/theme") > asked,
                "it was never asked: " + trouble)
    livery.problem("theme")
    # It is well again: the next change comes through.
    theme.set("/theme", "body=" + quote(
        "<html><head><title>T</title></head><body><main>x</main><footer>"
        "The theme's footer, changed</footer></body></html>"))
    s.clock.forward(400)
    livery.get("/last").must(200)
    s.until(lambda: "footer, changed" in livery.get("/last").text,
            "the new theme")
