"""SSI and ESI includes that a page or theme carries become what they name, a
part of it where ;filter_xpath= says so; loops end; and nothing is fetched
from where nobody allowed it."""
from urllib.parse import quote
from lib import Scenario

PAGE = """<html><head><title>t</title></head><body><main>
<!--#include virtual="/one" --> <esi:include src="/two?a=1&amp;b=2"/>
<!--#include  virtual="/three?;filter_xpath=//*[@id='part']" wait="yes" -->
<esi:remove>gone</esi:remove><!--#include virtual="http://127.0.0.1:9/x" -->
<!--#include virtual="/loop" --></main></body></html>"""


def body(text):
    return "type=text/html&max-age=60&body=" + quote(text)


with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    origin.set("/p", "max-age=3600&body=" + quote(PAGE))
    origin.set("/one", body("<b>first</b>"))
    origin.set("/two", body("<b>second</b><!--#include virtual='/one' -->"))
    origin.set("/three", body("<html><body><p>no</p><p id='part'>third</p>"
                              "</body></html>"))
    origin.set("/loop", body("[<!--#include virtual='/loop' -->]"))
    livery = s.livery(origin, theme, site={"includes": "both"})
    livery.theme_is_live()
    said = livery.get("/p").must(200, themed=True, has=[
        "<b>first</b>", "<b>second</b><b>first</b>",
        '<p id="part">third</p>', "[["], lacks=["gone", "<p>no</p>"])
    s.check("esi:" not in said.text, "no esi tag is left")
    s.equal(origin.count("/one"), 1)
    s.check("a=1&b=2" in origin.last("/two"), "the whole query is asked")
    livery.problem("fragment_hosts")
    livery.get("/p").must(200, cache="hit", has="third")

    # what is included is held to the limits of the site, as its pages are
    origin.set("/deep", body("<div>" * 30 + "<p id='part'>deep</p>"))
    origin.set("/q", "max-age=3600&body=" + quote(PAGE.replace(
        "/three?", "/deep?")))
    livery.get("/q").must(200, themed=True, has='<p id="part">deep</p>')
    strict = s.livery(origin, theme, site={"includes": "both",
                                           "html_max_depth": "20"})
    strict.theme_is_live()
    strict.get("/q").must(200, themed=True, has="<b>first</b>",
                          lacks='<p id="part">deep</p>')
    strict.problem("html_max_depth")
