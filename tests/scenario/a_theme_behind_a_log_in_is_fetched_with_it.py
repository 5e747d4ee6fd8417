"""Theme and upstream credentials go to their own hosts only; redirects of a
theme are followed, at most five."""
import base64
from lib import Scenario

with Scenario() as s:
    origin, theme, elsewhere = s.origin(), s.origin(), s.origin()
    word = base64.b64encode(b"look:secret:x").decode()
    livery = s.livery(origin, theme, theme_options={
        "username": "look", "password": "secret:x"})
    livery.theme_is_live()
    s.check("Authorization: Basic " + word in theme.last("/theme"),
            theme.last("/theme"))
    livery.theme_files_are_there(6)
    s.check("Authorization: Basic " + word in theme.last("/theme/style.css"),
            theme.last("/theme/style.css"))
    livery.get("/p").must(200, themed=True)
    s.check("Authorization" not in origin.last("/p"), origin.last("/p"))
    # What the theme's page does not refer to is asked for without.
    livery.get("/.livery/t/look/theme/other.png")
    s.check("Authorization" not in theme.last("/theme/other.png"),
            theme.last("/theme/other.png"))
    livery.term()
    # A redirect to another host does not take them along.
    theme.set("/theme", "status=302&location=%s/theme" % elsewhere.url)
    livery = s.livery(origin, theme, cache={"file": s.path("cache/2.db")},
                      theme_options={"username": "look",
                                     "password": "secret:x"})
    livery.theme_is_live()
    s.check("Authorization" not in elsewhere.last("/theme"),
            elsewhere.last("/theme"))
    livery.get("/p").must(200, themed=True)
    livery.term()
    # In a circle it is given up.
    elsewhere.set("/theme", "status=302&location=%s/theme" % theme.url)
    livery = s.livery(origin, theme, cache={"file": s.path("cache/3.db")})
    livery.get("/p").must(200, themed=False)
    livery.problem("redirect")
    asked = theme.count("/theme") + elsewhere.count("/theme")
    s.check(asked < 20, "asked %d times" % asked)
    livery.term()
    livery = s.livery(origin, upstream_options={"username": "u",
                                                "password": "p"},
                      cache={"file": s.path("cache/4.db")})
    livery.get("/q?max-age=60").must(200)
    s.check("Authorization: Basic dTpw" in origin.last("/q"),
            origin.last("/q"))
