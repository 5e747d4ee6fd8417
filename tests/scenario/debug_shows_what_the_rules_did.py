"""?livery.debug=1 puts what each rule did onto the page, for allowed clients
only; such a page is never stored, here or elsewhere. ?livery.off=1 shows it
undressed. Diazo's and Deliverance's words for both are known."""
import re
from lib import Scenario

RULES = """<rules xmlns="http://namespaces.plone.org/diazo"
    xmlns:css="http://namespaces.plone.org/diazo/css">
  <replace css:theme-children="main" css:content-children="main"/>
  <drop css:theme="h1" if-path="/&lt;script&gt;"/>
</rules>"""
MARK = 'id="livery-debug"'

with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    with open(s.path("rules.xml"), "w", encoding="utf-8") as file:
        file.write(RULES)
    livery = s.livery(origin, theme, theme_options={
        "rules": s.path("rules.xml")})
    livery.theme_is_live()
    plain = livery.get("/p?max-age=3600").must(200, themed=True, lacks=MARK)

    for word in ("livery.debug=1", "diazo.debug=1", "deliv_log",
                 "deliv_log=1"):
        page = livery.get("/p?max-age=3600&" + word)
        page.must(200, themed=True, has=[MARK, "rules.xml:3", "rules.xml:4",
                                         "css:theme-children=",
                                         "does not hold"])
        s.equal(page.all("Cache-Control"), ["no-store"])
        s.equal(page.get("ETag"), None)
        s.check("<script>" not in page.text.split(MARK)[1].split(
            "</details>")[0], page.text)
        s.check(re.search(r"</details>\s*</body>", page.text), page.text)
        s.check("/html/body/" in page.text, page.text)
    # It left nothing behind.
    livery.get("/p?max-age=3600").must(200, cache="hit", themed=True,
                                       lacks=MARK)
    s.equal(livery.get("/p?max-age=3600").body, plain.body)
    # A page that the rules cannot dress, or one never asked for.
    livery.get("/new?max-age=3600&livery.debug=1").must(200, has=MARK)
    livery.get("/new?max-age=3600").must(200, lacks=MARK)

    for word in ("livery.off=1", "diazo.off=1", "deliv_notheme"):
        livery.get("/p?max-age=3600&" + word).must(200, themed=False)
    # A name that only begins so is the site's.
    for word in ("livery.debug=10", "xlivery.debug=1", "deliv_logs"):
        livery.get("/p?max-age=3600&" + word).must(200, themed=True,
                                                   lacks=MARK)

    # Whoever is not allowed sees the page as it is.
    livery.get("/p?max-age=3600&livery.debug=1", fields={
        "X-Forwarded-For": "203.0.113.9"}).must(200, themed=True, lacks=MARK)
