"""A document that cannot be had: the page without it, undressed, or an error, and
only the first page waits."""
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
    origin.set("/nav", "mode=hang")
    with open(s.path("rules.xml"), "w", encoding="utf-8") as file:
        file.write(RULES)
    for failure, status, themed in (("empty", 200, True),
                                    ("undressed", 200, False),
                                    ("error", 502, False)):
        livery = s.livery(origin, theme, theme_options={
            "rules": s.path("rules.xml")}, site={
            "fragment_wait": "300ms", "fragment_failure": failure},
            cache={"file": s.path("cache", failure + ".db")})
        livery.theme_is_live()
        first = livery.get("/p").must(status, themed=themed)
        s.check(first.seconds > 0.2, "it was waited for")
        livery.get("/p2").must(status, themed=themed, within=0.25)
        livery.problem("/nav")
        livery.term()
