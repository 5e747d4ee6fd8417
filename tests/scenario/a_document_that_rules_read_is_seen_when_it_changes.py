"""document() of XSLT in rules reads files beside them: when one changes, the
pages made with it are made anew after a reload, whether the rules say its name
or work it out; also over a restart, and nobody asks the upstream again."""
from lib import Scenario

RULES = """<rules xmlns="http://namespaces.plone.org/diazo"
    xmlns:css="http://namespaces.plone.org/diazo/css"
    xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <replace css:theme-children="main" css:content-children="main"/>
  <before css:theme="footer"><b><xsl:value-of
     select="document(%s)/words/one"/></b></before>
</rules>"""

SAID = "'words.xml'"
MADE = "concat('wor', 'ds.xml')"


def words(text):
    return "<words><one>%s</one></words>" % text


with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    s.write("said/words.xml", words("first"))
    s.write("made/words.xml", words("first"))
    more = """
theme made { url = "%s/theme" rules = "%s" }
site made { hosts = { "made.example" } upstream = main theme = made }
""" % (theme.url, s.write("made/rules.xml", RULES % MADE))
    livery = s.livery(origin, theme, more=more, theme_options={
        "rules": s.write("said/rules.xml", RULES % SAID)})
    livery.theme_is_live(2)

    def shows(text, server):
        for host in ("www.example.org", "made.example"):
            s.until(lambda: "<b>%s</b>" % text in server.get(
                "/p?max-age=600", host=host).must(200).text,
                "%s at %s" % (text, host))

    shows("first", livery)
    asked = origin.count("/p")
    for text in ("second", "third"):
        for name in ("said", "made"):
            s.write(name + "/words.xml", words(text))
        s.check(livery.reload(), livery.errors())
        shows(text, livery)
    # It did not change: nothing is made anew.
    lives = livery.errors().count(" is live")
    s.check(livery.reload(), livery.errors())
    s.clock.forward(10)
    shows("third", livery)
    s.equal(livery.errors().count(" is live"), lives)
    s.equal(origin.count("/p"), asked)

    # Changed while nobody ran.
    s.until(lambda: livery.value("SELECT count(*) FROM dressed") > 0,
            "dressed pages to be stored")
    livery.term()
    for name in ("said", "made"):
        s.write(name + "/words.xml", words("fourth"))
    livery = livery.again()
    shows("fourth", livery)
