"""rewrite_links: what a page says of its upstream by name leads to us, for each
of its servers, dressed or not; all else is as it was written."""
from urllib.parse import quote
from lib import Scenario

with Scenario() as s:
    one, two, theme = s.origin(), s.origin(), s.origin()
    page = ("<!DOCTYPE html><html><head><title>t</title>"
            "<link rel=stylesheet href='%(one)s/app/a.css'>"
            "<base href='%(one)s/app/'></head><body><main>"
            "<a href='%(one)s/app/1?x=1#y'>1</a>"
            "<a href='%(two)s/app'>2</a><a href=three>3</a>"
            "<a href='/app/four'>4</a><a href='http://other.example/'>5</a>"
            "<a href='//%(name)s/app/6'>6</a><a href='mailto:a@b'>7</a>"
            "<form action='%(two)s/app/f'></form>"
            "<img srcset='%(one)s/app/b.png 2x, b.png'>"
            "<p style='background:url(%(two)s/app/c)'>\u00e9</p>"
            "</main></body></html>" % {
                "one": one.url, "two": two.url,
                "name": one.url.partition("//")[2]})
    for origin in (one, two):
        origin.set("/app/p", "max-age=60&etag=v&body=" + quote(page))
        origin.set("/app/raw.json", "body=" + quote(page) +
                   "&type=application/json")
    own = "http://www.example.org"
    changed = [own + "/a.css", own + "/1?x=1#y", own + "/f", "href=\"three\"",
               "http://other.example/", own + "/6", "mailto:a@b",
               own + "/b.png 2x, b.png", own + "/c", "/app/four", "\u00e9"]
    more = """
        upstream main { servers = {"%s/app", "%s/app"} }
        site main { upstream = main
            rewrite_links = on %s }""" % (one.url, two.url, "%s")
    livery = s.livery(more=more % "")
    for use in ("fwd=uri-miss", "hit"):
        answer = livery.get("/p").must(200, has=changed, cache=use)
        for origin in (one, two):
            s.check(origin.url not in answer.text, answer.text)
    livery.get("/raw.json").must(200, has=[one.url, two.url])
    livery.end()

    livery = s.livery(theme=theme, more=more % "theme = look")
    livery.theme_is_live()
    text = livery.get("/p").must(200, themed=True).text
    s.check(own + "/1?x=1#y" in text and own + "/c" in text and
            one.url not in text and two.url not in text, text)
