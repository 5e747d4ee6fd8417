"""What pages include is fetched in parallel, kept by itself, refreshed behind
the page, and purged in the pages that have it in; one that fails or is late
costs them nothing more; and nobody gets more by an include than by asking."""
import time
from urllib.parse import quote
from lib import Scenario

with Scenario() as s:
    origin, theme = s.origin(), s.origin()

    def page(path, inside, more="max-age=3600"):
        origin.set(path, more + "&type=text/html&body=" + quote(inside))

    def fragment(path, text, more="max-age=60"):
        origin.set(path, more + "&type=text/html&body=" + quote(text))

    def cache(livery, *words, status=0):
        got, out, err = s.run("cache", words[0], "--cache", livery.cache,
                              *words[1:])
        s.check(got == status, "%s: %d\n%s%s" % (words, got, out, err))
        return out

    # Ten of 200 ms each cost what one does.
    for n in range(10):
        fragment("/ten%d" % n, "<%d>" % n, "max-age=60&delay=200")
    page("/ten", "".join('<esi:include src="/ten%d"/>' % n
                         for n in range(10)))
    livery = s.livery(origin, site={"includes": "esi",
                                    "fragment_min_refresh": "1s",
                                    "fragment_wait": "800ms"})
    said = livery.get("/ten").must(200, has="<0><1><2><3><4><5><6><7><8><9>",
                                   within=1)
    s.bound("seconds for ten fragments", said.seconds, s.within(0.6))
    livery.get("/ten").must(200, cache="hit", within=0.15)

    # Each is an entry, with what it says of itself.
    fragment("/f", "[one]", "max-age=10&header=xkey:blue")
    page("/p", 'p <esi:include src="/f"/>')
    livery.get("/p").must(200, has="p [one]")
    livery.get("/p").must(200, cache="hit", has="p [one]")
    livery.stored("/f")
    s.check("fragment" in cache(livery, "ls"), "a fragment is listed")
    s.equal(livery.value("SELECT kind FROM entries WHERE url LIKE '%/f'"),
            "fragment")
    asked = origin.last("/f")
    for text in ("Via: 1.1 livery", "Surrogate-Capability: livery=",
                 "X-Forwarded-Host: www.example.org"):
        s.check(text.lower() in asked.lower(), "%r in %s" % (text, asked))

    # A stale one is used at once, and the next page has the new one.
    fragment("/f", "[two]", "max-age=10&delay=400&header=xkey:blue")
    s.clock.forward(11)
    livery.get("/p").must(200, cache="hit", has="p [one]", within=0.3)
    s.until(lambda: origin.count("/f") == 2, "the refresh")
    s.clock.forward(2)
    s.until(lambda: "p [two]" in livery.get("/p").must(
        200, cache="hit", within=0.3).text, "the new one")
    s.equal(origin.count("/p"), 1)

    # Its host in trouble: it stays.
    origin.set("/f", "mode=fail")
    s.clock.forward(11)
    for _ in range(5):
        livery.get("/p").must(200, cache="hit", has="p [two]", within=0.3)
        s.clock.forward(2)

    # A purge of it is a purge of it in all pages.
    page("/p2", 'p2 <esi:include src="/f"/>')
    livery.get("/p2").must(200, has="p2 [two]")
    for n, how in enumerate((
            ("purge", "http://www.example.org/f"),
            ("purge", "--tag", "blue"), "PURGE")):
        livery.stored("/f")
        new = "[new %d]" % n
        fragment("/f", new, "max-age=3600&header=xkey:blue")
        if how == "PURGE":
            livery.get("/f", "PURGE").must(200)
        else:
            cache(livery, *how)
        for path in ("/p", "/p2"):
            s.until(lambda: new in livery.get(path).must(200).text,
                    "%s in %s" % (new, path), within=3)
            livery.get(path).must(200, cache="hit", has=new)
    s.equal(origin.count("/p"), 1, "the page itself is as it was")
    # Another purge leaves it alone, and it is a hit again.
    fragment("/f", "[unseen]")
    livery.get("/other", "PURGE").must(404)
    for _ in range(2):
        livery.get("/p").must(200, cache="hit", has="[new 2]")
    # What is posted to its address ends it as well.
    livery.get("/f", "POST", body=b"x").must(200)
    livery.get("/p").must(200, has="[unseen]")

    # One that never comes is waited for once.
    origin.set("/hang", "mode=hang")
    page("/h", 'h <esi:include src="/hang" onerror="continue"/>.')
    page("/h2", 'h2 <esi:include src="/hang" onerror="continue"/>.')
    first = livery.get("/h").must(200, has="h .")
    s.check(first.seconds > 0.7, "it was waited for")
    livery.get("/h2").must(200, has="h2 .", within=0.3)
    for n in range(4):
        s.clock.forward(3)
        livery.get("/h").must(200, has="h .", within=0.3)
        livery.get("/h2").must(200, has="h2 .", within=0.3)
    # One that is only slow is there when it has come.
    fragment("/slow", "there", "max-age=60&delay=1200")
    page("/s", 's <esi:include src="/slow"/>.')
    livery.get("/s").must(200, has="s .")

    def is_there():
        s.clock.forward(1.1)
        return "s there." in livery.get("/s").must(200, within=0.3).text
    s.until(is_there, "what was late")
    s.equal(origin.count("/slow"), 1)

    # Whoever writes an include into a page sees what everybody may.
    origin.set("/admin", "type=text/html&body=secret&cc=private")
    page("/comments", 'c <esi:include src="/admin"/> '
         '<esi:include src="http://%s/theme"/> '
         '<esi:include src="http://localhost/x"/> '
         '<esi:include src="file:///etc/passwd"/>'
         '<esi:include src="gopher://x/"/>'
         '<esi:include src="/away"/>' % theme.url[7:])
    origin.set("/away", "status=302&location=" + theme.url + "/theme")
    said = livery.get("/comments", fields={
        "Cookie": "__ac=admin", "Authorization": "Basic eDp5",
        "X-Forwarded-User": "root"}).must(200, has="c secret", lacks=[
            "The theme's footer", "root:"])
    asked = origin.last("/admin").lower()
    for word in ("cookie", "authorization:", "x-forwarded-user"):
        s.check(word not in asked, "%s in %s" % (word, asked))
    s.equal(theme.count("/theme"), 0)
    livery.problem("fragment_hosts")
    seen = livery.metrics()
    for name in ("woven_total", "fragments_asked_total",
                 "fragment_failed_total"):
        s.check(seen[name] > 0, name)
    livery.term()

    # Hosts that the site names are asked.
    livery = s.livery(origin, cache={"file": s.path("cache", "2.db")}, site={
        "includes": "esi", "fragment_hosts": [theme.url[7:]]})
    livery.get("/comments").must(200, has="The theme's footer")
    # With a theme all of it is the same; many who ask are one question.
    for n in range(10):
        fragment("/ten%d" % n, "(%d)" % n, "max-age=60&delay=200")
    livery.term()
    livery = s.livery(origin, theme, cache={"file": s.path("cache", "3.db")},
                      site={"includes": "esi",
                            "fragment_min_refresh": "1s"})
    livery.theme_is_live()
    page("/r", "<html><body><main>%s</main></body></html>" % "".join(
        '<esi:include src="/ten%d"/>' % n for n in range(10)))
    origin.zero()
    s.crowd(livery, "/r", "-n", 30, "-c", 30)
    for n in range(10):
        s.equal(origin.count("/ten%d" % n), 1)
    livery.get("/r").must(200, themed=True, cache="hit", has="(0)(1)(2)")
    fragment("/ten1", "(new)")
    began = time.monotonic()
    livery.get("/ten1", "PURGE").must(200)
    livery.get("/r").must(200, themed=True, has="(0)(new)(2)")
    s.bound("seconds for a purge and its page", time.monotonic() - began,
            s.within(1))
    livery.get("/r").must(200, themed=True, cache="hit", has="(0)(new)(2)")
