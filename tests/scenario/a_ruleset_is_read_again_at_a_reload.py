"""HUP reads a ruleset again: other proxies are in force, those that stay keep
their upstream, a mistake leaves all as it was. Classes of a proxy choose the
theme."""
from lib import Scenario

RULESET = """<ruleset>
  <proxy path="/a" class="red"><dest href="%s"/></proxy>
  <proxy path="/b" class="blue"><dest href="%s"/></proxy>%s
  <rule class="red"><theme href="file://%s"/>
    <replace theme="children:#place" content="children:main"/></rule>
  <rule class="blue"><theme href="file://%s"/>
    <replace theme="children:#place" content="children:main"/></rule>
</ruleset>"""
THEME = ("<!DOCTYPE html><html><head><title>l</title></head><body><main "
         "id='place'></main><p>all in %s</p></body></html>")

with Scenario() as s:
    one, two, three = s.origin(), s.origin(), s.origin()
    red, blue = s.path("red.html"), s.path("blue.html")
    for path, colour in ((red, "red"), (blue, "blue")):
        with open(path, "w", encoding="utf-8") as file:
            file.write(THEME % colour)

    def write(*words):
        with open(s.path("ruleset.xml"), "w", encoding="utf-8") as file:
            file.write(RULESET % (words + (red, blue)))

    write(one.url, two.url, "")
    livery = s.livery(theme=None, more="""
theme look { rules = "%s" }
site main { theme = look }""" % s.path("ruleset.xml"))
    livery.theme_is_live()
    livery.get("/a/p?max-age=60").must(200, has="all in red")
    livery.get("/a/p?max-age=60").must(200, has="all in red", cache="hit")
    livery.get("/b/p").must(200, has="all in blue")
    livery.get("/c/p").must(404)
    s.equal((one.count("/p"), two.count("/p")), (1, 1))
    connections = one.connections()

    # Pages of ours are dressed by their proxy's class too.
    two.mode("fail")
    two.end()
    livery.get("/b/gone").must(502, has="all in blue")

    write(one.url, three.url,
          '<proxy path="/c"><dest href="%s/deep"/></proxy>' % three.url)
    s.equal(livery.reload(), True)
    s.check("rules' to set" not in livery.errors(), "nothing to warn of")
    livery.get("/b/p").must(200, has="all in blue")
    livery.get("/c/p").must(200)
    s.equal((three.count("/p"), three.count("/deep/p")), (1, 1))
    livery.get("/a/q").must(200, has="all in red")
    s.equal(one.connections(), connections)

    # What it says and is not done is told of each time that it is read, and
    # by livery check.
    write(one.url, three.url, '<proxy path="/d"><dest href="%s"/><request '
          'header="TE" content="x"/></proxy>' % three.url)
    s.equal(livery.reload(), True)
    s.check("rules' to set" in livery.errors(), "a warning at the reload")
    _, out, _ = s.run("check", "--offline", "--rules",
                      s.path("ruleset.xml"))
    s.check("warn  " in out and "rules' to set" in out, out)

    # A mistake: nothing changes.
    for more in ("<proxy><dest/></proxy>", "<proxy path='/x'",
                 "<proxy><wsgi/></proxy>"):
        write(one.url, one.url, more)
        s.equal(livery.reload(), False)
        livery.get("/b/n").must(200, has="all in blue")
    s.equal(three.count("/n"), 3)
    s.equal("ruleset.xml:" in livery.errors(), True)
