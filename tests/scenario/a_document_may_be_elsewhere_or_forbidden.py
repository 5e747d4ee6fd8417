"""A redirect to a document is followed; one at a private address is refused,
and problems say so."""
from urllib.parse import quote
from lib import Scenario

RULES = """<rules xmlns="http://namespaces.plone.org/diazo"
    xmlns:css="http://namespaces.plone.org/diazo/css">
  <replace css:theme-children="main" css:content-children="main"/>
  <before css:theme-children="main" css:content="#nav" href="/nav"/>
  <after css:theme-children="main" css:content="#news"
      href="http://127.0.0.1:9/news"/>
</rules>"""

with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    origin.set("/nav", "status=302&location=" + quote("/real-nav"))
    origin.set("/real-nav", "cookie=1&body=" + quote(
        "<html><body><div id='nav'>real way</div></body></html>"))
    with open(s.path("rules.xml"), "w", encoding="utf-8") as file:
        file.write(RULES)
    livery = s.livery(origin, theme, theme_options={
        "rules": s.path("rules.xml")})
    livery.theme_is_live()
    livery.get("/p").must(200, themed=True, has="real way")
    # 127.0.0.1:9 is this machine's, and nobody allowed it.
    livery.problem("127.0.0.1:9/news")
    # Ever the same redirect ends.
    origin.set("/nav", "status=302&location=" + quote("/nav"))
    s.clock.forward(120)
    livery.get("/p2").must(200, themed=True)
    s.clock.forward(120)
    livery.get("/p3").must(200, themed=True)
