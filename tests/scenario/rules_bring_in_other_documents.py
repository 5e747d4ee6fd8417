"""Rules bring in other pages (href): of the site itself, undressed, and of
other hosts; each is fetched once for a crowd, stored, stale-kept and waited
for no longer than fragment_wait."""
from urllib.parse import quote
from lib import Scenario

RULES = """<rules xmlns="http://namespaces.plone.org/diazo"
    xmlns:css="http://namespaces.plone.org/diazo/css">
  <replace css:theme-children="main" css:content-children="main"/>
  <before css:theme-children="main" css:content="#nav" href="/nav"/>
  <after css:theme-children="main" css:content="#news" href="%s/news"/>
</rules>"""


def page(mark, text):
    return "body=" + quote("<html><head><title>n</title></head><body>"
                           "<div id='%s'>%s</div></body></html>" %
                           (mark, text))


with Scenario() as s:
    origin, other, theme = s.origin(), s.origin(), s.origin()
    origin.set("/nav", "max-age=60&" + page("nav", "first way"))
    other.set("/news", "max-age=60&" + page("news", "first news"))
    with open(s.path("rules.xml"), "w", encoding="utf-8") as file:
        file.write(RULES % other.url)
    livery = s.livery(origin, theme, theme_options={
        "rules": s.path("rules.xml")}, site={
        "fragment_wait": "%dms" % s.within(1500),
        "fragment_hosts": [other.url[7:]]})
    livery.theme_is_live()

    # A crowd: both are asked once, beside each other.
    s.crowd(livery, "/p?max-age=3600", "-n", 40, "-c", 40)
    livery.get("/p?max-age=3600").must(
        200, themed=True, has=["first way", "first news"])
    s.equal(origin.count("/nav"), 1)
    s.equal(other.count("/news"), 1)
    s.equal("Cookie" in origin.last("/nav"), False)
    livery.stored("/nav")
    livery.stored("/news")
    s.equal(livery.value("SELECT count(*) FROM entries "
                         "WHERE kind = 'fragment'"), 2)
    # A session's page has them as well, from the store.
    livery.get("/q", fields={"Cookie": "__ac=me"}).must(
        200, themed=True, has=["first way", "first news"])
    s.equal(origin.count("/nav"), 1)

    # They have ends of their own: what was dressed with them ends with them,
    # and is first made with the stale ones.
    origin.set("/nav", "max-age=60&" + page("nav", "second way"))
    s.clock.forward(61)
    livery.get("/p?max-age=3600").must(200, cache="hit", has="way")
    s.until(lambda: origin.count("/nav") == 2, "the way to be asked again")
    s.clock.forward(6)
    livery.get("/p?max-age=3600").must(200, cache="hit", has="second way")

    # Gone: the stored one stays, and is asked for no more than min_refresh.
    origin.set("/nav", "mode=fail")
    other.mode("hang")
    for _ in range(3):
        s.clock.forward(61)
        livery.get("/p?max-age=3600").must(
            200, has=["second way", "first news"], within=0.5)
    s.until(lambda: origin.count("/nav") > 2, "the way to be asked again")
    livery.problem("/nav")
    asked = origin.count("/nav")
    for turn in range(5):
        livery.get("/r%d" % turn).must(200, has="second way")
    s.equal(origin.count("/nav") <= asked + 1, True)

    # Also after a restart.
    livery.kill()
    livery = livery.again()
    livery.get("/p?max-age=3600").must(
        200, themed=True, has=["second way", "first news"])
    livery.term()
