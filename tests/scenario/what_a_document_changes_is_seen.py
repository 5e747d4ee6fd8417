"""A page with documents in it is as new as they are: for a client that has it
already, for one whose document may not be kept any more, after a change of the
site's parameters, and when a theme that is a document comes back."""
from urllib.parse import quote
from lib import Scenario

RULES = """<rules xmlns="http://namespaces.plone.org/diazo"
    xmlns:css="http://namespaces.plone.org/diazo/css">
  <replace css:theme-children="main" css:content-children="main"/>
  <before css:theme-children="main" css:content="#nav" href="/nav"/>
  <after css:theme-children="main"><i class="s={$skin}"/></after>
</rules>"""

WORN = """<ruleset>
  <match environ="REQUEST_METHOD: HEAD" class="headed"/>
  <rule class="headed"><drop content="//*[@id='content']"/></rule>
  <theme href="/worn"/>
  <rule><replace content="children:#content" theme="children:#content"/></rule>
</ruleset>"""


def nav(text, more="max-age=60"):
    return more + "&body=" + quote(
        "<html><body><div id='nav'>%s</div></body></html>" % text)


def asked_again(s, livery, path, said):
    """What a browser does that has it."""
    s.check(said.get("ETag"), "no ETag")
    return livery.get(path, fields={"If-None-Match": said.get("ETag")})


def comes(s, livery, page, text):
    """It is asked for behind the first that wants it."""
    def look():
        s.clock.forward(6)
        return text in livery.get(page).text
    s.until(look, text)


def known_pages_are_told_of_new_documents(s, livery, origin):
    page = "/p?max-age=3600&etag=one"
    origin.set("/nav", nav("first way"))
    said = livery.get(page).must(200, themed=True, has="first way")
    said = livery.get(page).must(200, cache="hit", has="first way")
    asked_again(s, livery, page, said).must(304)
    origin.set("/nav", nav("second way"))
    s.clock.forward(61)
    comes(s, livery, page, "second way")
    asked_again(s, livery, page, said).must(200, has="second way")


def what_may_not_be_kept_is_not(s, livery, origin):
    page = "/r?max-age=3600"
    origin.set("/nav", nav("third way", "cc=no-store"))
    s.clock.forward(61)
    comes(s, livery, page, "third way")
    origin.set("/nav", nav("fourth way", "cc=no-store"))
    livery.get(page).must(200, cache="hit", has="fourth way")
    s.equal(livery.value("SELECT count(*) FROM entries "
                         "WHERE kind = 'fragment'"), 0)


def a_way_there_that_may_not_be_kept(s, livery, origin):
    origin.set("/nav", "status=302&cc=no-store&delay=300&location=" +
               quote("/there"))
    origin.set("/there", nav("fifth way"))
    s.crowd(livery, "/s%d?max-age=60", "-n", 20, "-c", 20)
    livery.get("/s?max-age=60").must(200, has="fifth way")
    s.equal(origin.count("/there"), 1)


def parameters_may_change(s, livery, origin, rules):
    page = "/t?max-age=3600"
    livery.get(page).must(200, has="s=red")
    livery.get(page).must(200, cache="hit", has="s=red")
    s.conf(origin, s.theme, theme_options={"rules": rules}, site={
        "params": ["skin=constant:blue"]})
    livery.reload()
    livery.get(page).must(200, cache="hit", has="s=blue")
    livery.get(page).must(200, cache="hit", has="s=blue")


def a_theme_of_the_site_comes_back(s, origin):
    page = "/u?max-age=3600&body=" + quote(
        "<html><body><div id='content'>the text</div></body></html>")
    origin.set("/worn", "mode=fail")
    livery = s.livery(origin, theme_options={}, more="""
theme "worn" { rules = "%s" }
""" % s.write("worn.xml", WORN), site={"theme": "worn"})
    livery.get(page).must(200, themed=False)
    origin.set("/worn", "body=" + quote(
        "<html><body><div id='content'></div>worn</body></html>"))
    s.clock.forward(6)
    # A HEAD is answered as its GET would be.
    livery.get(page, "HEAD").must(200, cache="hit")
    livery.get(page).must(200, cache="hit", has=["the text", "worn"])
    livery.term()


with Scenario() as s:
    origin, s.theme = s.origin(), s.origin()
    rules = s.write("rules.xml", RULES)
    livery = s.livery(origin, s.theme, theme_options={"rules": rules}, site={
        "params": ["skin=constant:red"]})
    livery.theme_is_live()
    known_pages_are_told_of_new_documents(s, livery, origin)
    what_may_not_be_kept_is_not(s, livery, origin)
    a_way_there_that_may_not_be_kept(s, livery, origin)
    parameters_may_change(s, livery, origin, rules)
    livery.term()
    a_theme_of_the_site_comes_back(s, origin)
