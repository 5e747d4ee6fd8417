"""livery replay dresses every stored page with new rules or a new theme, beside
a running server and without changing anything: it tells which pages change,
which lose a place, and shows some of the difference."""
import json
from urllib.parse import quote
from lib import Scenario

RULES = """<rules xmlns="http://namespaces.plone.org/diazo"
    xmlns:css="http://namespaces.plone.org/diazo/css">
  %s
</rules>"""
MAIN = '<replace css:theme-children="main" css:content-children="main"/>\n'
NAV = '<before css:theme="main" css:content="#nav"/>\n'


def page(words, extra=""):
    return ("max-age=600&body=" + quote(
        "<html><head><title>t</title></head><body>%s<main><p>%s</p></main>"
        "</body></html>" % (extra, words)))


with Scenario() as s:
    origin, theme = s.origin(), s.origin()

    def rules(name, *pieces):
        return s.write(name, RULES % "".join(pieces))

    for n in range(5):
        origin.set("/p%d" % n, page("words %d" % n, "<ul id='nav'><li>way"
                                    "</ul>" if n == 3 else ""))
    origin.set("/data", "type=application/json&max-age=600&body={}")
    conf = s.conf(origin, theme, theme_options={
        "rules": rules("rules.xml", MAIN, NAV)})
    livery = s.livery_with("-c", conf)
    livery.theme_is_live()
    for n in range(5):
        livery.get("/p%d" % n).must(200, themed=True)
    livery.get("/data").must(200)
    livery.stored("/p4")
    livery.stored("/data")
    s.until(lambda: livery.value("SELECT count(*) FROM dressed") == 5,
            "the dressed pages to be stored")
    asked = origin.count("/p0")
    stamp = livery.value("SELECT max(id) || ' ' || count(*) FROM entry")

    def replay(*words, status=0):
        got, out, err = s.run("replay", *words)
        s.check(got == status, "livery replay %s ended with %d\n%s%s" %
                (" ".join(words), got, out, err))
        return out

    # The same rules change nothing, with and without the configuration.
    same = rules("same.xml", MAIN, NAV)
    for words in (("-c", conf), ("--cache", livery.cache)):
        out = replay(*words, "--rules", same)
        s.check("5 pages: 0 change, 0 lose" in out, out)

    # What changes is shown, a few lines of it.
    more = rules("more.xml", MAIN, NAV,
                 '<before css:theme="footer"><p class="new">more</p>'
                 '<i>and</i><b>more</b></before>\n')
    out = replay("-c", conf, "--rules", more, "--diff", "2")
    s.check("5 pages: 5 change, 0 lose" in out, out)
    s.check("www.example.org/p0" in out and '+<p class="new">more' in out, out)
    s.check("lines more" in out and "+<b>" not in out, out)
    s.check("+" not in replay("-c", conf, "--rules", more, "--diff", "0"),
            "no lines were asked for")

    # A rule that found something and finds nothing now; an empty main.
    lost = rules("lost.xml", MAIN, NAV.replace("#nav", "#menu"))
    out = replay("-c", conf, "--rules", lost, status=1)
    s.check("5 pages: 1 change, 1 lose" in out, out)
    s.check("loses    http://www.example.org/p3" in out and
            'rules.xml:4: before css:theme="main" brought 1 of '
            'css:content="#nav" in' in out, out)
    empty = rules("empty.xml", MAIN.replace('"main"/', '"#content"/'), NAV)
    for words in (("-c", conf), ("--cache", livery.cache)):
        out = replay(*words, "--rules", empty, status=1)
        s.equal(out.count("the main place is empty"), 5, out)

    # The same for programs, a line each.
    lines = replay("-c", conf, "--rules", lost, "--json",
                   status=1).splitlines()
    first, last = json.loads(lines[0]), json.loads(lines[-1])
    s.equal(len(lines), 2)
    s.equal(first["url"], "http://www.example.org/p3")
    s.check(first["changes"] and len(first["loses"]) == 1 and first["diff"],
            lines)
    s.equal((last["summary"]["pages"], last["summary"]["lost"]), (5, 1))

    # A new theme alone; one that has no place for the rules.
    flat = s.write("flat.html", "<html><head><title>x</title></head><body>"
                                "<p>flat</p></body></html>")
    out = replay("-c", conf, "--theme", flat, status=1)
    s.equal(out.count("there is no main place any more"), 5, out)

    # Nobody was asked, nothing was written, the server goes on.
    s.equal(origin.count("/p0"), asked)
    s.equal(livery.value("SELECT max(id) || ' ' || count(*) FROM entry"),
            stamp)
    livery.get("/p3").must(200, cache="hit", themed=True, has="way")

    # Mistakes.
    replay(status=2)
    replay("--rules", s.path("none.xml"), "--cache", livery.cache, status=2)
    replay("--rules", same, "--cache", s.path("none.db"), status=2)
    replay("--rules", same, "-c", conf, "--site", "other", status=2)
    replay("--rules", same, "-c", conf, "--diff", "-1", status=2)
