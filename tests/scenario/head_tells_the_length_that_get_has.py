"""HEAD says what GET would have said: the length of the dressed page, from
memory, from the cache file, stale, and of pages that pass. Where nobody has
made the page yet it says no length rather than that of the undressed one."""
from lib import Scenario

with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    livery = s.livery(origin, theme)
    livery.theme_is_live()

    def same(target, fields=(), **must):
        head = livery.get(target, "HEAD", fields=fields).must(200)
        s.equal(head.body, b"")
        page = livery.get(target, fields=fields).must(200, **must)
        for name in ("Content-Length", "Content-Type", "ETag", "Vary",
                     "Cache-Control"):
            if head.all(name) or name not in ("Content-Length", "ETag",
                                             "Vary"):
                s.equal(head.all(name), page.all(name), "%s of %s" %
                        (name, target))
        s.equal(page.get("Content-Length"), str(len(page.body)), target)
        again = livery.get(target, "HEAD", fields=fields).must(200)
        if "hit" in again.cache:
            s.equal(again.get("Content-Length"), str(len(page.body)), target)
        else:
            s.check(again.get("Content-Length") in
                    (None, str(len(page.body))), again.head)
        return page

    # HEAD first, nothing is stored yet.
    same("/cold?max-age=60&size=3000&etag=a", themed=True)
    # GET first.
    livery.get("/warm?max-age=60&size=5000").must(200, themed=True)
    same("/warm?max-age=60&size=5000", themed=True, cache="hit")
    # Not to be stored, so each asks; with its own cookie.
    same("/mine?cc=private&size=700", {"Cookie": "session=1"}, themed=True)
    # Undressed on demand, and what is no page.
    same("/warm?max-age=60&size=5000", {"X-Livery-Off": "1"})
    same("/plain.txt?max-age=60&size=77")
    same("/.livery/t/look/theme/logo.png")
    # Several on one connection, so that a stray byte would show.
    with livery.connect() as client:
        for _ in range(3):
            client.get("/warm?max-age=60&size=5000", "HEAD").must(200)
            client.get("/plain.txt?max-age=60&size=77", "HEAD").must(200)
            client.get("/warm?max-age=60&size=5000").must(200, themed=True)
    # Stale, and after a restart.
    livery.stored("/warm")
    origin.set("*", "mode=fail")
    s.clock.forward(100)
    same("/warm?max-age=60&size=5000", themed=True, cache="stale")
    livery.term()
    livery = livery.again()
    same("/warm?max-age=60&size=5000", themed=True, cache="stale")
    # Of files in a folder, too, and of what is not there.
    s.write("www/a.txt", "three\n")
    files = s.livery(s.path("www"), cache={"file": s.path("files.db")},
                     file="files.conf")
    for target, length in (("/a.txt", "6"), ("/b.txt", None)):
        head = files.get(target, "HEAD")
        page = files.get(target)
        s.equal(head.status, page.status)
        s.equal(head.get("Content-Length"), str(len(page.body)), target)
        s.equal(length or head.get("Content-Length"),
                page.get("Content-Length"))
