"""A theme that became 404, 500, empty, no HTML, or lost the places that the
live one filled, changes nothing, and each time there is a word about it."""
from urllib.parse import quote
from lib import Scenario

GOOD = "<html><head><title>T</title></head><body><div id=top></div>" \
       "<main>x</main><footer>The theme's footer</footer></body></html>"
RULES = """<rules xmlns="http://namespaces.plone.org/diazo"
  xmlns:css="http://namespaces.plone.org/diazo/css">
  <replace css:theme-children="main" css:content-children="main"/>
  <append css:theme="#top" css:content="h1"/>
  <replace css:theme-children="#top" css:content="h1"/>
</rules>
""".replace('  <append css:theme="#top" css:content="h1"/>\n', "")

BAD = {
    "404": "status=404", "500": "status=500", "503": "status=503",
    "empty": "body=", "blank": "body=" + quote("   \n"),
    "image": "type=image/png", "text": "type=text/plain&body=words",
    "json": "type=application/json&body={}",
    "without main": "body=" + quote(GOOD.replace("main", "section")),
    "without the other place": "body=" + quote(GOOD.replace("top", "bottom")),
    "a log-in page": "body=" + quote("<html><body><form><input name=user>"
                                     "</form></body></html>"),
}

with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    theme.set("/theme", "body=" + quote(GOOD))
    livery = s.livery(origin, theme, theme_options={
        "rules": s.write("rules.xml", RULES)})
    livery.theme_is_live()
    version = livery.get("/p").must(200, themed=True).theme
    for turn, (name, query) in enumerate(BAD.items()):
        before = livery.metrics()["theme_failed_total"]
        theme.set("/theme", query)
        s.clock.forward(400)
        livery.get("/p%d" % turn).must(200, themed=True)
        s.until(lambda: livery.metrics()["theme_failed_total"] > before,
                "no complaint about: " + name)
        answer = livery.get("/q%d" % turn).must(200, themed=True)
        s.equal(answer.theme, version, "version after " + name)
    s.check(livery.value("SELECT count(*) FROM problems "
                         "WHERE what = 'theme'") >= 5, "problems")
    s.equal(livery.value("SELECT count(*) FROM themes WHERE live"), 1)
    # Neither after a restart, though its host still serves junk.
    livery.term()
    livery = livery.again()
    answer = livery.get("/r").must(200, themed=True)
    s.equal(answer.theme, version, "version after the restart")
    # A good one takes over.
    theme.set("/theme", "body=" + quote(GOOD.replace("footer>The", "footer "
                                                     "class=new>The")))
    s.clock.forward(400)
    livery.get("/t")
    s.until(lambda: "class=\"new\"" in livery.get("/t").text or
            "class=new" in livery.get("/t").text, "the new theme")
