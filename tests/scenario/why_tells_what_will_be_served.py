"""livery cache why, against a running server and without one: each state of a
page in words, of one site among several, and what it says of a dead upstream
is what happens then."""
from lib import Scenario

HOST = "http://www.example.org"
TWO = """
upstream second { url = "%s" }
site second {
	hosts = { "second.example" }
	upstream = second
	stale_override = on
}
"""

with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    livery = s.livery(origin, theme, more=TWO % origin.url, upstream_options={
        "back_off_min": "60s", "failures_max": 1})
    livery.theme_is_live()

    def why(what, *words, status=0, lacks=()):
        got, out, err = s.run("cache", "why", what, "--cache", livery.cache)
        s.check(got == status, "why %s: %d\n%s%s" % (what, got, out, err))
        for text in words:
            s.check(text in out, "no %r in\n%s" % (text, out))
        for text in lacks:
            s.check(text not in out, "there is %r in\n%s" % (text, out))
        return out

    # Fresh, by which field, and dressed in what.
    pages = {
        "/s?s-maxage=600": "by Cache-Control: s-maxage=600",
        "/m?max-age=600": "by Cache-Control: max-age=600",
        "/c?max-age=1&header=CDN-Cache-Control:max-age%3D600":
            "by CDN-Cache-Control: max-age=600",
        "/l?header=Livery-Cache-Control:max-age%3D600":
            "by Livery-Cache-Control: max-age=600",
        "/u?header=Surrogate-Control:max-age%3D600":
            "by Surrogate-Control: max-age=600",
        "/e?header=Expires:Wed,%2001%20Jan%202098%2000:00:00%20GMT":
            "by Expires",
        "/g?lm=1": "by guess: a tenth of the time since Last-Modified",
    }
    for page in pages:
        livery.get(page).must(200)
    for page, words in pages.items():
        livery.stored(page)
        why(HOST + page, "key p main " + HOST + page + " (page of main)",
            "fresh     until ", words, "next      served as it is")
    s.until(lambda: "the live theme" in why("/m?max-age=600"),
            "the dressed page")
    why("/m?max-age=600", "dressed   in look ", "it says   Cache-Control: "
        "max-age=600")
    # Two sites under one path: both by the path, one by its URL.
    livery.get("/m?max-age=600", host="second.example").must(200)
    livery.stored("http://second.example/m")
    why("/m?max-age=600", HOST + "/m", "http://second.example/m",
        "page of second")
    why("http://second.example/m?max-age=600", "page of second",
        lacks=["page of main"])
    # Variants.
    for language in ("de", "en"):
        livery.get("/v?max-age=60&vary=Accept-Language",
                   fields={"Accept-Language": language})
    s.until(lambda: livery.value("SELECT count(*) FROM entries WHERE "
                                 "instr(url, '/v?')") == 2, "two variants")
    why("/v?max-age=60&vary=Accept-Language", "variant   1 of 2: ",
        "variant   2 of 2: ", "accept-language: de\n")
    # Not stored, and why.
    for page, words, fields in (
            ("/n?cc=no-store", "no-store (the answer says no-store)", {}),
            ("/i?cc=private", "private (the answer says private", {}),
            ("/k?max-age=60&cookie=1", "set-cookie (the answer sets", {}),
            ("/b?max-age=60", "cookie basket (a request with this cookie is "
             "somebody's own", {"Cookie": "basket=1"}),
            ("/o", "no freshness (nothing says how long", {}),
            ("/w?max-age=60&vary=*", "vary * (its Vary", {}),
            ("/t.txt?max-age=60&close=1", "no length (nothing but", {})):
        livery.get(page, fields=fields).must(200)
        s.until(lambda: "not kept" in s.run(
            "cache", "why", page, "--cache", livery.cache)[1], page)
        why(HOST + page, "nothing is stored for " + HOST + page, words,
            status=1)
    why("/nobody", "nobody asked for it", status=1)
    why(HOST + "/m", "stored is " + HOST + "/m?max-age=600", status=1)

    # What it says of a dead upstream is what happens.
    shapes = {"/d1?max-age=10": True, "/d2?s-maxage=10": False,
              "/d3?max-age=10&sie=5": False, "/d4?max-age=10&sie=5000": True,
              "/d5?cc=no-cache&etag=a": False}
    for page in shapes:
        for host in ("www.example.org", "second.example"):
            livery.get(page, host=host).must(200)
            livery.stored(host + page)
    said = {}
    s.clock.forward(60)
    origin.mode("hang")
    origin.end()
    for page, may in shapes.items():
        for host, lenient in (("www.example.org", False),
                              ("second.example", True)):
            out = why("http://" + host + page)
            line = [l for l in out.splitlines() if "if down" in l][0]
            said[host, page] = "an error" not in line
            s.equal(said[host, page], may or lenient, out)
            status = livery.get(page, host=host).status
            s.equal(status == 200, said[host, page], "%s %s: %d\n%s" % (
                host, page, status, out))
    # Without a server.
    livery.term()
    why(HOST + "/m?max-age=600", "by Cache-Control: max-age=600")
