"""The <proxy>s of a ruleset: the first that matches answers, with its prefix
taken off the path; fields are set and taken away on both ways; what matches
none is not found; folders are served; more than the address deciding goes
past the cache."""
import os
from lib import Scenario

RULESET = """<ruleset>
  <proxy path="/files"><dest href="{here}/files"/></proxy>
  <proxy path="exact:/robots.txt"><dest href="{here}/files/a.txt"/></proxy>
  <proxy path="/api"><dest next="1"/>
    <request header="X-Stage" content="next"/></proxy>
  <proxy path="/api" request-header="X-Side: b">
    <dest href="%(b)s"/></proxy>
  <proxy path="/api"><dest href="%(a)s/inner"/>
    <request header="X-Own" content="own"/>
    <request header="User-Agent" content=""/>
    <request header="Content-Length" content="3"/>
    <response header="X-Answer" content="said"/>
    <response header="Server" content=""/>
    <response header="Cache-Control" content="max-age=60"/></proxy>
  <proxy path="/kept"><dest href="%(b)s"/>
    <transform keep-host="1" strip-script-name="0"/></proxy>
  <proxy path="/q"><dest href="%(b)s/find?site=1"/></proxy>
  <proxy domain="named.example.org" path="/any">
    <dest href="http://{HTTP_X_TO}/"/></proxy>
  <proxy path="/by"><dest href="%(b)s/{SERVER_NAME}"/></proxy>
  <theme href="file://%(here)s/theme.html"/>
  <rule suppress-standard="1">
    <replace theme="children:#place" content="children:main"/></rule>
</ruleset>"""
THEME = ("<!DOCTYPE html><html><head><title>l</title></head><body><main "
         "id='place'></main><p>a footer of all</p></body></html>")

with Scenario() as s:
    a, b = s.origin(), s.origin()
    os.mkdir(s.path("files"))
    for name, text in (("files/a.txt", "a text"), ("theme.html", THEME),
                       ("files/index.html",
                        "<html><body><main>an index</main></body></html>")):
        with open(s.path(name), "w", encoding="utf-8") as file:
            file.write(text)
    os.mkdir(s.path("files/sub"))
    with open(s.path("ruleset.xml"), "w", encoding="utf-8") as file:
        file.write(RULESET % {"a": a.url, "b": b.url, "here": s.folder})
    livery = s.livery(theme=None, more="""
theme look { rules = "%s" }
site main {
  theme = look
  fragment_hosts = {"127.0.0.1:%d"}
}""" % (s.path("ruleset.xml"), b.port))
    livery.theme_is_live()

    # By path, the prefix taken off; the dest's own path in front.
    said = livery.get("/api/x?size=100", fields={"User-Agent": "me"}).must(
        200, has="a footer of all")
    head = a.last("/inner/x")
    for text in ("GET /inner/x?size=100 ", "X-Own: own", "X-Stage: next",
                 "X-Forwarded-Path: /api", "X-Forwarded-Scheme: http",
                 "X-Forwarded-Server: www.example.org",
                 "Host: 127.0.0.1:%d" % a.port):
        s.equal((text, text in head), (text, True))
    s.equal("User-Agent" in head, False)
    s.equal("Content-Length: 3" in head, False)
    s.equal("not the rules' to set" in livery.errors(), True)
    s.equal((said.get("X-Answer"), said.get("Server")), ("said", None))
    s.equal(b.count(), 0)

    # Another one decides by a field, so what comes is nobody else's: neither
    # stored nor answered from the store.
    livery.get("/api/x?size=100").must(200, cache="fwd=bypass")
    s.equal(a.count("/inner/x"), 2)
    livery.get("/api/x", fields={"X-Side": "b"}).must(200)
    s.equal(b.count("/x"), 1)

    # The client's host, and the whole path.
    livery.get("/kept/y?max-age=60").must(200, cache="fwd=uri-miss")
    livery.get("/kept/y?max-age=60").must(200, has="a footer of all")
    head = b.last("/kept/y")
    s.equal("Host: www.example.org" in head, True)
    s.equal("X-Forwarded-Path" in head, False)
    # Both queries.
    livery.get("/q/z?a=b").must(200)
    s.equal("GET /find/z?site=1&a=b " in b.last("/find/z"), True)
    livery.get("/q?a=b").must(200)
    s.equal("GET /find?site=1&a=b " in b.last("/find"), True)

    # An address that the request names: a private one only where it is named.
    to = {"X-To": "127.0.0.1:%d" % b.port}
    livery.get("/any/n", host="named.example.org", fields=to).must(200)
    s.equal(b.count("/n"), 1)
    livery.get("/any/n", host="named.example.org", fields={
        "X-To": "127.0.0.1:%d" % a.port}).must(502)
    s.equal(a.count("/n"), 0)
    livery.get("/any/n", host="named.example.org",
               fields={"X-To": "a/b@c"}).must(502)
    livery.get("/any/n", host="named.example.org").must(502)
    livery.get("/by/m").must(200)
    s.equal(b.count("/www.example.org/m"), 1)

    # No proxy is for it: a page of ours, dressed, that nobody keeps.
    livery.get("/elsewhere").must(404, has="a footer of all")
    livery.get("/apix").must(404)
    livery.get("/elsewhere", "POST", body=b"x").must(404)
    s.equal(a.count() + b.count(), 8)

    # Folders and files.
    s.equal(livery.get("/files").must(301).get("Location"), "/files/")
    s.equal(livery.get("/files?a=b").must(301).get("Location"),
            "/files/?a=b")
    livery.get("/files/").must(200, has=["an index", "a footer of all"])
    s.equal(livery.get("/files/a.txt").must(200).text, "a text")
    s.equal(livery.get("/robots.txt").must(200).text, "a text")
    livery.get("/files/../theme.html").must((400, 404))
    livery.get("/files/%2e%2e/theme.html").must((400, 404))
    s.equal(livery.get("/files/sub").must(301).get("Location"),
            "/files/sub/")
