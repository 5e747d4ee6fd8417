"""Options of `theme` and `site` that no other scenario needs, each held against
what livery.conf(5) says of it."""
import os
from urllib.parse import quote
from lib import RULES, Scenario

with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    number = [0]

    def serve(look=None, **blocks):
        number[0] += 1
        return s.livery(origin, look, cache={"file": s.path(
            "cache", "%d.db" % number[0])}, **blocks)

    # ---- default_ttl, store_max, honour_request, stale_max
    livery = serve(site={"default_ttl": "60s", "store_max": "10k",
                         "stale_max": "100s", "honour_request": True})
    livery.get("/says-nothing").must(200, cache="uri-miss")
    livery.get("/says-nothing").must(200, cache="hit")
    for size, wanted in ((9000, "hit"), (30000, "uri-miss")):
        for _ in range(2):
            answer = livery.get("/s%d.txt?size=%d&max-age=60" % (size, size))
        answer.must(200, cache=wanted)
        s.equal(len(answer.body), size)
    livery.get("/h?max-age=600")
    livery.get("/h?max-age=600").must(200, cache="hit")
    livery.get("/h?max-age=600", fields={"Cache-Control": "no-cache"}).must(
        200, cache="fwd=")
    s.clock.forward(10)
    livery.get("/h?max-age=600", fields={"Cache-Control": "max-age=5"}).must(
        200, cache="fwd=")
    livery.get("/k?max-age=10").must(200)
    s.clock.forward(60)
    origin.set("/k", "mode=fail")
    livery.get("/k?max-age=10").must(200)
    s.clock.forward(100)
    livery.get("/k?max-age=10").must(503)
    livery.term()
    livery = serve()
    livery.get("/says-nothing").must(200)
    livery.get("/says-nothing").must(200, cache="uri-miss")
    livery.get("/h?max-age=600")
    livery.get("/h?max-age=600", fields={
        "Cache-Control": "no-cache",
        "X-Forwarded-For": "192.0.2.1"}).must(200, cache="hit")
    livery.term()

    # ---- limits of HTML: past them a page passes byte for byte, and is told
    for options, name, page in (
            ({"html_max_depth": 20}, "/deep",
             "<div>" * 30 + "deep" + "</div>" * 30),
            ({"html_max_attributes": 16}, "/attributes", "<p %s>x</p>" %
             " ".join("a%d=1" % n for n in range(30))),
            ({"html_max_nodes": 1000}, "/nodes?size=100000", None),
            ({"themed_max": "4k"}, "/long?size=6000", None)):
        livery = serve(theme, site=options)
        livery.theme_is_live()
        livery.get("/p").must(200, themed=True)
        text = "<html><body><main>%s</main></body></html>" % page
        if page:
            origin.set(name, "body=" + quote(text))
        answer = livery.get(name).must(200, themed=False)
        if page:
            s.equal(answer.text, text, name)
        s.check(next(iter(options)) in livery.problem(name)["reason"], name)
        livery.term()
    rules = s.write("many.xml", """<rules
        xmlns="http://namespaces.plone.org/diazo"><replace
        theme-children="//main" content-children="//main"/><after
        theme-children="//footer" content="//p[count(preceding::p) &gt; 0 and
        count(following::p) &gt; 0]"/></rules>""")
    livery = serve(theme, theme_options={"rules": rules},
                   site={"xpath_max_ops": 20000})
    livery.theme_is_live()
    livery.get("/few").must(200, themed=True)
    livery.get("/many?size=100000").must(200, themed=False)
    livery.problem("/many")
    livery.term()

    # ---- error_page, via, map_redirects
    page = s.write("error.html", "<html><head><title>Sorry</title></head>"
                                 "<body><main>Back soon.</main></body></html>")
    livery = serve(theme, site={"error_page": page, "map_redirects": False},
                   top={"via": "shop-cache"})
    livery.theme_is_live()
    origin.set("/down", "mode=reset")
    livery.get("/down").must(502, themed=True, has="Back soon.")
    answer = livery.get("/r?status=302&location=%s/there" % origin.url)
    s.equal(answer.get("Location"), origin.url + "/there")
    livery.get("/v")
    s.check("Via: 1.1 shop-cache\r\n" in origin.last("/v"), origin.last("/v"))
    livery.term()

    # ---- host
    for option, wanted in (("client", "www.example.org"),
                           ("upstream", origin.url[7:]),
                           ("cms.example:8080", "cms.example:8080")):
        livery = serve(upstream_options={"host": option})
        livery.get("/host").must(200)
        s.check("\r\nHost: %s\r\n" % wanted in origin.last("/host"),
                origin.last("/host"))
        livery.term()

    # ---- theme_assets, theme_max, asset_max, assets_max
    livery = serve(theme, theme_options={"theme_assets": "absolute"})
    livery.theme_is_live()
    answer = livery.get("/p").must(200, themed=True)
    s.check(theme.url + "/theme/style.css" in answer.text, answer.text)
    s.check("/.livery/t/" not in answer.text, answer.text)
    livery.term()
    theme.set("/theme", "body=" + quote("<html><body><main>%s</main></body>"
                                        "</html>" % ("x" * 1100)))
    livery = serve(theme, theme_options={"theme_max": "1k"})
    livery.get("/p").must(200, themed=False)
    s.until(lambda: livery.rows("SELECT * FROM problems WHERE what = 'theme'"),
            "a problem")
    livery.term()
    theme.set("/theme")
    theme.set("/theme/logo.png", "size=5000&type=image/png")
    livery = serve(theme, theme_options={"asset_max": "1k"})
    livery.theme_is_live()
    s.check(livery.get("/.livery/t/look/theme/logo.png").status >= 500,
            "over asset_max")
    livery.get("/.livery/t/look/theme/style.css").must(200)
    theme.set("/theme/logo.png")
    livery.term()
    livery = serve(theme, theme_options={"assets_max": 2})
    livery.theme_is_live()
    livery.theme_files_are_there(2)
    s.equal(livery.value("SELECT count(*) FROM entries "
                         "WHERE kind = 'asset'"), 2)
    livery.get("/p").must(200, themed=True)
    livery.term()

    # ---- first_wait: how long the first page waits for a theme never seen
    theme.set("/theme", "hold=1")
    livery = serve(theme, theme_options={"first_wait": "700ms"})
    answer = livery.get("/p").must(200, themed=False, within=5)
    s.check(answer.seconds >= 0.5, "after %.2f s" % answer.seconds)
    theme.set("/theme")
    theme.go()
    livery.term()

    # ---- stale_warn: a theme that could not be refreshed for so long
    livery = serve(theme, theme_options={"stale_warn": "1h", "ttl": "60s"})
    livery.theme_is_live()
    theme.mode("fail")
    s.clock.forward(600)
    livery.get("/a").must(200, themed=True)
    s.until(lambda: livery.metrics()["theme_failed_total"] > 0, "a failure")
    s.clock.forward(3600)
    livery.get("/b").must(200, themed=True)
    livery.problem("older than stale_warn")
    theme.mode("ok")
    livery.term()

    # ---- rules_root: what rules may read besides their own folder
    os.makedirs(s.path("rules"))
    os.makedirs(s.path("shared"))
    s.write("shared/more.xml", open(RULES, encoding="utf-8").read())
    rules = s.write("rules/rules.xml", """<rules
        xmlns="http://namespaces.plone.org/diazo"
        xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include
        href="../shared/more.xml"/></rules>""")
    path = s.conf(origin, theme, theme_options={"rules": rules},
                  cache={"file": "none"})
    status, _, err = s.run("check", "--offline", "-c", path)
    s.equal(status, 1, err)
    path = s.conf(origin, theme, theme_options={"rules": rules,
                                                "rules_root": s.folder},
                  cache={"file": "none"})
    status, out, err = s.run("check", "--offline", "-c", path)
    s.equal(status, 0, out + err)
