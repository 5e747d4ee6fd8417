"""rewrite-links: links of a page that takes itself for the dest, its
Location and its cookies' Domain lead to where its clients find it; without, a
redirect to the dest's own address is mapped back all the same."""
from urllib.parse import quote
from lib import Scenario

RULESET = """<ruleset>
  <proxy path="/blog"><dest href="%(url)s/app"/>
    <response rewrite-links="1"/></proxy>
  <proxy path="/dressed" class="dressed"><dest href="%(url)s"/></proxy>
  <rule class="dressed" suppress-standard="1"><theme href="/blog/look"/>
    <replace theme="children:#place" content="children:main"/>
    <append theme="children:#side" href="/blog/moved"
      content="children:main"/></rule>
  <proxy path="/plain"><dest href="%(url)s/other"/></proxy>
</ruleset>"""

with Scenario() as s:
    origin = s.origin()
    with open(s.path("ruleset.xml"), "w", encoding="utf-8") as file:
        file.write(RULESET % {"url": origin.url})
    body = ("<!DOCTYPE html><html><head><title>t</title>"
            "<link rel='stylesheet' href='/app/a.css'></head><body><main>"
            "<a href='%s/app/one'>1</a><a href='/app/two?x=1#y'>2</a>"
            "<a href='three'>3</a><a href='/apple'>4</a>"
            "<a href='#here'>5</a><a href='mailto:a@b'>6</a>"
            "<img srcset='/app/b.png 2x'><p style='background:url(/app/c)'>"
            "\u00e9</p></main></body></html>" % origin.url)
    own = "http://www.example.org/blog"
    changed = [own + "/one", own + "/two?x=1#y", own + "/deep/three",
               own + "/a.css", own + "/b.png 2x", own + "/c",
               origin.url + "/apple", '"#here"', '"mailto:a@b"', "\u00e9"]
    origin.set("/app/deep/p", "max-age=60&etag=v&body=" + quote(body))
    origin.set("/app/deep/mine", "cookie=1&body=" + quote(body))
    livery = s.livery_with(
        "--rules", s.path("ruleset.xml"), "--listen", "127.0.0.1:0",
        "--cache", s.path("cache/cache.db"), "--admin", "127.0.0.1:0")

    livery.get("/blog/deep/p").must(200, has=changed, cache="fwd=uri-miss")
    said = livery.get("/blog/deep/p").must(200, has=changed, cache="hit")
    s.equal(said.get("Content-Type"), "text/html; charset=utf-8")
    # A script's, a session's, one that is not stored.
    livery.get("/blog/deep/p", fields={
        "X-Requested-With": "XMLHttpRequest"}).must(200, has=changed)
    livery.get("/blog/deep/p", fields={"Cookie": "__ac=me"}).must(
        200, has=changed, cache="fwd=bypass")
    livery.get("/blog/deep/mine").must(200, has=changed)
    livery.get("/blog/deep/mine", "HEAD").must(200)
    # Confirmed, it is what it was.
    s.clock.forward(61)
    livery.get("/blog/deep/p").must(200, has=changed)
    said = livery.get("/blog/deep/p").must(200, has=changed)
    s.equal(said.get("Content-Type"), "text/html; charset=utf-8")
    s.equal("fwd-status=304" in said.cache, True)

    # What says that nobody is to change it stays as it is (RFC 9110 7.7).
    origin.set("/app/kept", "cc=max-age=60,%20no-transform&body=" +
               quote(body))
    for _ in range(2):
        s.equal(livery.get("/blog/kept").must(200).text, body)
    livery.get("/blog/kept", "HEAD").must(200)

    # What is no page stays as it is.
    origin.set("/app/t.txt", "type=text/plain&body=" + quote(body))
    s.equal(livery.get("/blog/t.txt").must(200).text, body)

    def moved(to, path="/blog/r"):
        origin.set("/app/r", "status=302&location=" + quote(to, safe=""))
        origin.set("/other/r", "status=302&location=" + quote(to, safe=""))
        return livery.get(path).must(302).get("Location")

    s.equal(moved(origin.url + "/app/x?y"), own + "/x?y")
    s.equal(moved("/app/x"), "/blog/x")
    s.equal(moved("/app"), "/blog")
    s.equal(moved("x"), "x")
    s.equal(moved("http://elsewhere.example/app/x"),
            "http://elsewhere.example/app/x")
    s.equal(moved(origin.url + "/other/x", "/plain/r"),
            "http://www.example.org/plain/x")
    s.equal(moved("/plain/x", "/plain/r"), "/plain/x")

    origin.set("/app/c", "cookie=" + quote(
        "a=b; Domain=127.0.0.1; Path=/", safe=""))
    s.equal(livery.get("/blog/c", host="www.example.org:8080").must(
        200).get("Set-Cookie"), "a=b; Domain=www.example.org; Path=/")
    origin.set("/app/d", "cookie=" + quote(
        "a=b; Domain=example.com", safe=""))
    s.equal(livery.get("/blog/d").must(200).get("Set-Cookie"),
            "a=b; Domain=example.com")
    # A theme and a document that come from there are no different.
    origin.set("/app/look", "max-age=60&body=" + quote(
        "<html><head><title>l</title></head><body><a href='/app/way'>w</a>"
        "<div id='place'>p</div><div id='side'>s</div></body></html>"))
    origin.set("/app/moved", "status=302&location=" + quote(
        origin.url + "/app/part", safe=""))
    origin.set("/app/part", "max-age=60&body=" + quote(
        "<html><body><main><a href='/app/far'>f</a></main></body></html>"))
    livery.get("/dressed/p").must(
        200, has=['"%s/way"' % own, '"%s/far"' % own, "s<"])

    # Too big to be changed: it passes as it is, and that is told.
    origin.set("/app/big", "type=text/html&max-age=60&size=17000000")
    s.equal(len(livery.get("/blog/big").must(200).body), 17000000)
    livery.problem("themed_max")
