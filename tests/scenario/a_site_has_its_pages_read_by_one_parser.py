"""Who reads the pages of a site is the site's to say (html_parser), and what one
may be (html_max_depth): it holds when they are served, in pieces or in parts,
after a reload, and for what `livery check` and `livery replay` say of them."""
from urllib.parse import quote
from lib import Scenario

# HTML 4 knows no names with capitals.
RULES = """<rules xmlns="http://namespaces.plone.org/diazo"
    xmlns:css="http://namespaces.plone.org/diazo/css">
<replace css:theme-children="main" css:content-children="%s"
    if-not-content="//svg[@viewbox]"/>
<replace css:theme-children="main" css:content-children="%s"
    if-content="//svg[@viewbox]"/>
</rules>"""
LINTED = """<rules xmlns="http://namespaces.plone.org/diazo"
    xmlns:css="http://namespaces.plone.org/diazo/css">
<replace css:theme-children="main" css:content-children="h1"/>
<before css:theme="main" content="//svg[@%s]"/>
</rules>"""
PAGE = ("<html><head><title>t</title></head><body><h1>as HTML 5</h1>"
        "<p>as HTML 4</p><svg viewBox='0 0 1 1'></svg>" + 20 * "<b>" +
        20 * "</b>" + "%s</body></html>")
MAIN = '<main id="content">'
OLD, DEEP = "old.example.org", "deep.example.org"

with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    origin.set("/p", "max-age=600&body=" + quote(PAGE % ""))
    origin.set("/long", "max-age=600&body=" + quote(
        PAGE % ("<i>words</i>\n" * 30000)))
    rules = s.write("rules.xml", RULES % ("h1", "p"))

    def conf(parser, file="livery.conf", look=rules):
        return s.conf(origin, theme, file=file, theme_options={"rules": look},
                      site={"hosts": ["www.example.org"],
                            "filter_xpath": True},
                      more="""
site old {
  hosts = { "%s" }
  upstream = main
  theme = look
  filter_xpath = on
  html_parser = %s
}
site deep {
  hosts = { "%s" }
  upstream = main
  theme = look
  html_max_depth = 16
}""" % (OLD, parser, DEEP))

    livery = s.livery_with("-c", conf("libxml2"))
    livery.theme_is_live()
    for path in ("/p", "/long"):
        livery.get(path).must(200, themed=True, has=MAIN + "as HTML 5")
        livery.get(path, host=OLD).must(200, themed=True,
                                        has=MAIN + "as HTML 4")
        livery.get(path, host=DEEP).must(200, themed=False)
    part = "/p?;filter_xpath=//svg/@viewbox"
    livery.get(part).must(200, lacks="0 0 1 1")
    livery.get(part, host=OLD).must(200, has="0 0 1 1")
    for host in ("www.example.org", OLD, DEEP):
        livery.stored("http://%s/long" % host)
    s.until(lambda: livery.value("SELECT count(*) FROM dressed") >= 4,
            "the dressed pages to be stored")

    def replay(site, look):
        status, out, err = s.run("replay", "-c", s.path("livery.conf"),
                                 "--site", site, "--rules", look)
        s.check(status in (0, 1), out + err)
        return out

    # What was served is what would be, so nothing changes.
    other = s.write("other.xml", RULES % ("title", "title"))
    for site, changes in (("main", 2), ("old", 2), ("deep", 0)):
        out = replay(site, rules)
        s.check(" 0 change, 0 lose" in out, site + ": " + out)
        out = replay(site, other)
        s.check(" %d change" % changes in out, site + ": " + out)

    # What no page has is told of the site that has it read so.
    def warnings(parser, attribute):
        status, out, err = s.run(
            "check", "--against-cache", "-c",
            conf(parser, "lint.conf",
                 s.write("lint.xml", LINTED % attribute)))
        s.equal(status, 0, out + err)
        return out.count("found nothing")

    s.equal(warnings("libxml2", "viewbox"), 0)
    s.equal(warnings("html5", "viewbox"), 1)
    s.equal(warnings("html5", "viewBox"), 0)

    # And when the site says otherwise, pages are dressed anew.
    conf("html5")
    livery.reload()
    livery.get("/p", host=OLD).must(200, themed=True, has=MAIN + "as HTML 5")
    livery.term()
