"""only-if-cached, must-revalidate and a failing upstream: the error page goes to
the one who asked, dressed, and is nobody else's; what may not be served stale
is not, dressed before or not."""
from lib import Scenario

with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    livery = s.livery(origin, theme)
    livery.theme_is_live()
    # Stored by a script, so not dressed; stale; asked for from the cache alone.
    script = {"X-Requested-With": "XMLHttpRequest"}
    livery.get("/p?max-age=5", fields=script).must(200, themed=False)
    # Another: dressed and stored, but not to be used without asking.
    strict = "/strict?cc=max-age=5,must-revalidate"
    livery.get(strict).must(200, themed=True)
    livery.get(strict).must(200, themed=True, cache="hit")
    s.clock.forward(30)
    livery.get("/p?max-age=5", fields={
        "Cache-Control": "only-if-cached"}).must(504, themed=True)
    origin.mode("reset")
    livery.get("/p?max-age=5").must(200, themed=True).must(has="<main")
    s.check("slow" not in livery.get("/p?max-age=5").text, "the error page")
    origin.mode("ok")
    origin.mode("reset")
    livery.get(strict).must(502, themed=True)
    livery.get(strict, fields={"Cache-Control": "only-if-cached"}).must(504)
    origin.mode("ok")
    livery.get(strict).must(200, themed=True)
