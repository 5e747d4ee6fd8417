"""Deliverance's environ="REMOTE_ADDR: ..." is the client's address, seen
through trusted proxies alone; what depends on it is nobody else's: neither a
dressed page, nor the proxy that answers."""
from urllib.parse import quote
from lib import Scenario

RULESET = """<ruleset>
  <match environ="REMOTE_ADDR: wildcard:192.0.2.*" class="inside"/>
  <theme href="/look.html"/>
  <rule><replace theme="children:#place" content="children:main"/></rule>
  <rule class="inside">
    <replace theme="children:#place" content="children:main"/>
    <append theme="children:#place" content="children:#secret"/></rule>
  %s
</ruleset>"""
PROXIES = """<proxy environ="REMOTE_ADDR: 192.0.2.1" path="/door">
    <dest href="%s/in"/></proxy>
  <proxy path="/"><dest href="%s"/></proxy>"""
LOOK = """<!DOCTYPE html><html><head><title>look</title></head><body>
<div id="place"></div><footer>footer %s</footer></body></html>"""
PAGE = """<html><head><title>t</title></head><body><main>for all</main>
<div id="secret">for some</div></body></html>"""


def html(text, more=""):
    return "type=text/html&body=" + quote(text) + more


def at(address):
    return {"X-Forwarded-For": address}


with Scenario() as s:
    origin = s.origin()
    origin.set("/look.html", html(LOOK % "one", "&max-age=60"))
    for path in ("/p", "/q", "/door", "/in"):
        origin.set(path, html(PAGE.replace("for all", path + " for all"),
                              "&max-age=60"))
    rules = s.write("ruleset.xml", RULESET % "")
    conf = s.conf(origin, None, site={"theme": "look"},
                  more='theme look {\n\trules = "%s"\n}' % rules)
    livery = s.livery_with("-c", conf)

    # Who is inside sees more; the stored page is the same for all.
    for path in ("/p", "/p", "/q"):
        livery.get(path, fields=at("192.0.2.9")).must(
            200, has=["for all", "for some", "footer one"])
        said = livery.get(path, fields=at("198.51.100.9")).must(
            200, has=["for all", "footer one"], lacks="for some")
        s.check("*" in said.all("Vary"), said.head)
    s.equal(origin.count("/p"), 1)
    s.equal(origin.count("/look.html"), 1)
    # What a stranger says of himself goes for nothing.
    livery.get("/p", fields=at("192.0.2.9, 198.51.100.9")).must(
        200, lacks="for some")

    # A theme page that changed is seen, though it stays parsed else.
    origin.set("/look.html", html(LOOK % "two", "&max-age=60"))
    s.clock.forward(120)
    s.until(lambda: "footer two" in livery.get("/q").text,
            "the new theme page")
    livery.get("/p", fields=at("192.0.2.9")).must(200, has="footer two")

    # A proxy that looks at it is chosen for each, and its answer not shared.
    rules = s.write("proxies.xml", RULESET % (PROXIES % (
        origin.url, origin.url)))
    other = s.livery_with(
        "-c", s.conf(None, None, file="proxies.conf", cache={
            "file": s.path("cache", "proxies.db")},
            more='theme look {\n\trules = "%s"\n}\n'
            'site main {\n\ttheme = "look"\n}' % rules))
    for _ in range(2):
        other.get("/door", fields=at("192.0.2.1")).must(
            200, has=["/in for all", "for some"])
        other.get("/door", fields=at("192.0.2.2")).must(
            200, has=["/door for all", "for some"])
        other.get("/door", fields=at("198.51.100.1")).must(
            200, has="/door for all", lacks="for some")

    # REMOTE_USER is nobody: told when the rules are read.
    user = s.write("user.xml", RULESET.replace("REMOTE_ADDR", "REMOTE_USER")
                   % "")
    status, out, _ = s.run("check", "--offline", "--upstream", origin.url,
                           "--rules", user)
    s.check(status == 1 and "user.xml:2" in out and "nobody logs in" in out,
            out)
