"""PURGE answers 200 when something went, 404 when there was nothing, 403 to
others than allowed; the page is asked for anew, the theme stays live."""
from lib import Scenario

with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    livery = s.livery(origin, theme)
    livery.theme_is_live()
    target = "/news/one?max-age=600"
    livery.get(target).must(200, cache="uri-miss")
    livery.get(target).must(200, cache="hit")
    livery.stored("/news/one")
    livery.get(target, "PURGE").must(200)
    s.equal(livery.value("SELECT count(*) FROM entries "
                         "WHERE url LIKE '%/news/one%'"), 0, "rows")
    livery.get(target, "PURGE").must(404)
    livery.get(target).must(200, cache="uri-miss", themed=True)
    s.equal(origin.count("/news/one"), 2)
    # A CMS purges at the proxy's own address, whatever its name.
    livery.get(target, "PURGE", host="127.0.0.1").must(200)
    livery.get(target).must(200, cache="uri-miss")
    # All at once, as plugins for Varnish ask for it; the theme stays.
    every = {"X-Purge-Method": "regex"}
    livery.get("/other?max-age=600").must(200, cache="uri-miss", themed=True)
    livery.get("/news/(o", "PURGE", fields=every).must(
        400, has="regex '/news/(o'")
    livery.get("/nothing/.*", "PURGE", fields=every).must(404)
    livery.get(target).must(200, cache="hit")
    livery.get("/.*", "PURGE", fields={"X-Forwarded-For": "192.0.2.7",
                                       **every}).must(403)
    livery.get("/.*", "PURGE", fields=every).must(200)
    livery.get("/other?max-age=600").must(200, cache="uri-miss", themed=True)
    livery.get(target).must(200, cache="uri-miss", themed=True)
    livery.get(target, "PURGE", fields={"X-Purge-Method": "exact"}).must(200)
    livery.get(target).must(200, cache="uri-miss")
    # Through a proxy it is that client's word, not loopback's.
    livery.get(target, "PURGE", fields={
        "X-Forwarded-For": "192.0.2.7"}).must(403)
    livery.get(target, "PURGE", fields={"Via": "1.1 x"}).must(403)
    livery.get(target).must(200, cache="hit")
    livery.term()
    livery = s.livery(origin, top={"allowed": ["192.0.2.0/24"]})
    livery.get(target, "PURGE").must(403)
    livery.get(target).must(200, cache="hit")
    livery.get(target, "PURGE", fields={
        "X-Forwarded-For": "192.0.2.7"}).must(200)
    s.equal(origin.count("/news/one"), 5)
