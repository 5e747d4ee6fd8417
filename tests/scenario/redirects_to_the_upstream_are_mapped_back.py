"""A redirect of the upstream to its own address sends the client to ours;
others pass as they are."""
import os
from urllib.parse import quote
from lib import TOOLS, Scenario

with Scenario() as s:
    origin = s.origin()
    livery = s.livery(origin)

    def location(to):
        return livery.get("/go?status=302&location=" + quote(to),
                          host="www.example.org:81").must(302).get("Location")

    s.equal(location(origin.url + "/there?x=1#y"),
            "http://www.example.org:81/there?x=1#y")
    s.equal(location(origin.url), "http://www.example.org:81")
    s.equal(location(origin.url[5:] + "/there"),
            "http://www.example.org:81/there")
    s.equal(location("/there"), "/there")
    s.equal(location("//other.example/x"), "//other.example/x")
    s.equal(location("https://other.example/x"), "https://other.example/x")
    s.equal(location(origin.url + "1/x"), origin.url + "1/x")
    # A web server that adds a slash names the client's host and its own port.
    port = origin.url.rpartition(":")[2]
    s.equal(location("http://www.example.org:%s/wp-admin/" % port),
            "http://www.example.org:81/wp-admin/")
    for other in ("http://www.example.org/x", "https://www.example.org/x",
                  "http://www.example.org:82/x", "https://www.example.org:81/x",
                  "http://example.org:%s/x" % port, "mailto:a@example.org"):
        s.equal(location(other), other)
    # Who names no host is told none.
    def location_1_0(to):
        with livery.connect() as client:
            client.send("GET /go?status=302&location=%s HTTP/1.0\r\n\r\n"
                        % quote(to))
            return client.read().must(302).get("Location")

    s.equal(location_1_0(origin.url + "/there?x=1#y"), "/there?x=1#y")
    s.equal(location_1_0(origin.url), "/")
    s.equal(location_1_0(origin.url + "?x"), "/?x")
    s.equal(location_1_0(origin.url + "//other.example/x"),
            "/.//other.example/x")
    s.equal(location_1_0("http://other.example/x"), "http://other.example/x")
    livery.end()
    # The name that the upstream is sent is its own, whatever the port.
    livery = s.livery(origin, upstream_options={"host": "cms.internal"})
    s.equal(location("https://cms.internal/x"), "http://www.example.org:81/x")
    s.equal(location("http://cms.internal.example/x"),
            "http://cms.internal.example/x")
    livery.end()
    # The path in front of all is the upstream's business.
    livery = s.livery(origin.url + "/app/")
    s.equal(location(origin.url + "/app/there?x"),
            "http://www.example.org:81/there?x")
    s.equal(location(origin.url + "/app?x"), "http://www.example.org:81/?x")
    s.equal(location("/app/there"), "/there")
    s.equal(location("/apple"), "/apple")
    s.equal(location("there"), "there")
    # What is left never names a host that the upstream has not named.
    s.equal(location("/app//other.example/x"), "/.//other.example/x")
    s.equal(location("/app/\\other.example"), "/./\\other.example")
    s.equal(location("/app/x//y"), "/x//y")
    # So are the other addresses of a head.
    def field(name, value):
        answer = livery.get("/p?header=" + quote("%s:%s" % (name, value)),
                            host="www.example.org:81").must(200)
        return answer.get(name)

    s.equal(field("Link", "<%s/app/a.css>; rel=preload, </app/b>; rel=x, <c>"
                  % origin.url),
            "<http://www.example.org:81/a.css>; rel=preload, </b>; rel=x, <c>")
    s.equal(field("Refresh", "3; url=%s/app/there" % origin.url),
            "3; url=http://www.example.org:81/there")
    s.equal(field("Content-Location", "/app/p.html"), "/p.html")
    s.equal(field("Set-Cookie", "a=b; Domain=127.0.0.1; Path=/app; Secure"),
            "a=b; Path=/; Secure")
    s.equal(field("Set-Cookie", "a=b; Domain=example.org; Path=/apple"),
            "a=b; Domain=example.org; Path=/apple")
    livery.end()
    # A socket's own name is localhost, and port 80 goes without saying.
    path = s.path("origin.sock")
    s.start([os.path.join(TOOLS, "origin"), "--unix", path]).line("unix ")
    livery = s.livery("unix:" + path)
    s.equal(location("http://localhost:80/x"), "http://www.example.org:81/x")
    s.equal(location("http://localhost:81/x"), "http://localhost:81/x")
    livery.end()
    livery = s.livery(origin, site={"map_redirects": False})
    s.equal(location(origin.url + "/there"), origin.url + "/there")
