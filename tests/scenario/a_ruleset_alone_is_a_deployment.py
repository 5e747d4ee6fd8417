"""`livery serve --rules ruleset.xml`, and nothing else: where to listen, where
pages come from and who may look inside stand in the ruleset; the cache is at
its default place. The theme is a page of the site itself."""
import os
import shutil
import socket
from urllib.parse import quote
from lib import SOURCE, Scenario

RULESET = """<ruleset>
  <server-settings>
    <server>127.0.0.1:%d</server>
    <dev-user username="me" password="secret"/>
    <dev-allow>192.0.2.7</dev-allow>
  </server-settings>
  <proxy path="/theme.html"><dest href="{here}/look/theme.html"/></proxy>
  <proxy path="/"><dest href="%s"/></proxy>
  <theme href="/theme.html"/>
  <rule>
    <replace theme="children:#place" content="children:main"/>
  </rule>
</ruleset>"""

THEME = """<!DOCTYPE html><html><head><title>look</title></head><body>
<div id="place"></div><footer>its own footer</footer></body></html>"""


def free_port():
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        return it.getsockname()[1]


with Scenario() as s:
    origin = s.origin()
    # The default place of the cache, as in a source tree.
    for name in ("themes/default/rules.xml", "cache/schema.sql"):
        os.makedirs(os.path.dirname(s.path(name)), exist_ok=True)
        shutil.copy(os.path.join(SOURCE, name), s.path(name))
    os.mkdir(s.path("look"))
    with open(s.path("look/theme.html"), "w", encoding="utf-8") as file:
        file.write(THEME)
    port = free_port()
    with open(s.path("ruleset.xml"), "w", encoding="utf-8") as file:
        file.write(RULESET % (port, origin.url))

    livery = s.livery_with("--rules", "ruleset.xml")
    s.equal(livery.address, "http://127.0.0.1:%d" % port)
    s.equal(livery.cache, "./cache/cache.db")
    livery.get("/p?max-age=60&" + "text=" + quote("hello here")).must(
        200, has=["its own footer", "hello here"])
    livery.get("/p?max-age=60&" + "text=" + quote("hello here")).must(
        200, cache="hit", has=["its own footer", "hello here"])
    # What is not done here is told once, by its name.
    s.equal(livery.errors().count("dev-user: there is no console"), 1)
    # This machine is not among those who may look inside.
    livery.get("/q", fields={"X-Livery-Off": "1"}).must(
        200, has="its own footer")
    livery.term()

    # The command line wins.
    livery = s.livery_with("--rules", "ruleset.xml", "--listen",
                           "127.0.0.1:0")
    s.equal(livery.port != port, True)
    livery.get("/p?max-age=60&" + "text=" + quote("hello here")).must(
        200, cache="hit", has="its own footer")
    livery.term()

    # Rules that say nothing of it are told so.
    with open(s.path("bare.xml"), "w", encoding="utf-8") as file:
        file.write("<ruleset><rule><drop theme='#x'/></rule></ruleset>")
    status, _, said = s.run("serve", "--rules", s.path("bare.xml"))
    s.equal(status, 2)
    s.equal("no <proxy>" in said, True)

    # So is an address that is none.
    with open(s.path("far.xml"), "w", encoding="utf-8") as file:
        file.write("<ruleset><server-settings><server>far.example:80"
                   "</server></server-settings><proxy><dest "
                   "href='http://127.0.0.1:1'/></proxy></ruleset>")
    status, _, said = s.run("serve", "--rules", s.path("far.xml"))
    s.equal(status, 2)
    s.equal("far.xml:1: <server>: " in said, True)

    # check asks every dest.
    status, said, _ = s.run("check", "--rules", s.path("ruleset.xml"))
    s.equal((status, "upstream %s:" % origin.url in said), (0, True))
    origin.end()
    status, said, _ = s.run("check", "--rules", s.path("ruleset.xml"))
    s.equal((status, "FAIL  upstream %s:" % origin.url in said), (1, True))
