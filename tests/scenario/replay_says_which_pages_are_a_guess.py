"""livery replay brings in what pages are made of, from the cache file: redirected
documents, includes, fields that the page was stored for. What is not known
comes from --header and --cookie, or the page is named as a guess and counted."""
import json
from urllib.parse import quote
from lib import Scenario

RULES = """<rules xmlns="http://namespaces.plone.org/diazo"
    xmlns:css="http://namespaces.plone.org/diazo/css">
  <replace css:theme-children="main" css:content-children="main"/>
  <before css:theme="footer" css:content="#box" href="/box"/>
  %s
</rules>"""
LANG = '<before css:theme="footer" if="$lang = \'de\'"><u>deutsch</u></before>'
WHO = '<before css:theme="footer" if="$who = \'me\'"><u>it is me</u></before>'


def html(text, more=""):
    return "type=text/html&max-age=600&body=" + quote(
        "<html><head><title>t</title></head><body>%s</body></html>" % text
    ) + more


with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    origin.set("/box", "status=302&max-age=600&location=/box2")
    origin.set("/box2", html("<p id='box'>the box</p>"))
    origin.set("/part", html("<p id='part'>a part</p><p>no</p>"))
    origin.set("/p", html("<main>page <!--#include virtual=\"/part?"
                          ";filter_xpath=//*[@id='part']\" --></main>"))
    origin.set("/v", html("<main>varies</main>", "&vary=X-Lang"))

    def rules(name, *more):
        return s.write(name, RULES % "\n".join(more))

    conf = s.conf(origin, theme, theme_options={"rules": rules("old.xml")},
                  site={"includes": "ssi", "params": [
                      "lang=header:X-Lang", "who=cookie:who"]})
    livery = s.livery_with("-c", conf)
    livery.theme_is_live()
    s.until(lambda: "the box" in livery.get("/p").text, "the box")
    livery.get("/p").must(200, has=["the box", "a part"])
    livery.get("/v", fields={"X-Lang": "de"}).must(200)
    livery.get("/v").must(200)
    for path in ("/p", "/v", "/box", "/box2", "/part"):
        livery.stored(path)
    s.until(lambda: livery.value("SELECT count(*) FROM entries WHERE "
                                 "instr(url, '/v')") == 2, "both variants")

    def replay(name, *words, status=0):
        got, out, err = s.run("replay", "-c", conf, "--rules", name, *words)
        s.check(got == status, "ended with %d\n%s%s" % (got, out, err))
        return out

    # Documents and includes are there; nothing is lost, nothing is a guess.
    out = replay(rules("same.xml"))
    s.check("3 pages: 0 change, 0 lose" in out and "guess" not in out, out)
    out = replay(rules("more.xml", '<after css:theme="footer"><i>new</i>'
                       '</after>'), "--diff", "50")
    s.check("3 pages: 3 change" in out and "guess" not in out, out)

    # A field: what a page was stored for is known, also that there was none.
    lang = rules("lang.xml", LANG)
    out = replay(lang)
    s.check("3 pages: 1 change" in out and "1 are a guess" in out, out)
    s.check("unsure   http://www.example.org/p" in out and
            "the field X-Lang, which is not stored; --header" in out, out)
    out = replay(lang, "--header", "X-Lang: de")
    s.check("3 pages: 2 change" in out and "guess" not in out, out)

    # A cookie never is.
    who = rules("who.xml", WHO)
    s.check("3 are a guess" in replay(who), "no cookie is known")
    out = replay(who, "--cookie", "a=b", "--cookie", "who=me")
    s.check("3 pages: 3 change" in out and "guess" not in out, out)
    lines = [json.loads(line) for line in replay(who, "--json").splitlines()]
    s.equal(len([line for line in lines if "--cookie" in
                 line.get("unsure", "")]), 3, lines)
    s.equal(lines[-1]["summary"]["unsure"], 3)

    # A document that is not stored.
    out = replay(rules("far.xml", '<before css:theme="footer" css:content="p" '
                       'href="/never"/>'))
    s.check("3 are a guess" in out and
            "http://www.example.org/never is not in the cache file" in out,
            out)

    for words in (("--header", "none"), ("--header", "a b: c"),
                  ("--cookie", "x"), ("--cookie", "a=b; c=d")):
        replay(lang, *words, status=2)
