"""/page?;filter_xpath=EXPRESSION, as the includes of other servers have it, is
answered with what the expression selects of the page, where the site says so:
from the cache like the page, bounded, and with a clear word when it cannot be."""
import threading
from urllib.parse import quote
from lib import Scenario

PAGE = ("<html><head><title>t</title></head><body><main><p>no</p>"
        "<div id='x' class='a b'>%s <script>'<b>'</script></div>"
        "<a href='/next'>n</a></main></body></html>")


def body(text, more="&max-age=60"):
    return "type=text/html&body=" + quote(text) + more


def part(path, expression, query=""):
    return "%s?%s;filter_xpath=%s" % (path, query, quote(expression, "/*[]@='"))


with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    origin.set("/p", body(PAGE % "part"))
    origin.set("/q", body(PAGE % "query"))
    origin.set("/etag", body(PAGE % "etag", "&max-age=60&etag=one"))
    origin.set("/mine", body(PAGE % "mine", "&cc=private"))
    origin.set("/gone", body(PAGE % "gone", "&status=404"))
    origin.set("/slow", body(PAGE % "slow", "&body-delay=600&max-age=60"))
    origin.set("/json", "type=application/json&max-age=60&body={}")
    origin.set("/no", body(PAGE % "as it is", "&cc=no-transform"))
    origin.set("/many", body("<html><body>" + "<b>" * 50))
    livery = s.livery(origin, theme, site={"filter_xpath": True,
                                           "themed_max": "1M",
                                           "html_max_depth": 40})
    livery.theme_is_live()

    # A part, undressed; text is text wherever it stood; attributes, too.
    wanted = '<div id="x" class="a b">part <script>'
    said = livery.get(part("/p", "//*[@id='x']")).must(
        200, cache="fwd=uri-miss", lacks=["<p>no", "footer", "<html"])
    s.check(said.text.startswith(wanted), said.text)
    s.check(said.theme is None, "it is not dressed")
    s.equal(said.get("Content-Type"), "text/html; charset=utf-8")
    said = livery.get(part("/p", "//script/text()")).must(200, cache="hit")
    s.equal(said.text, "'&lt;b&gt;'")
    s.equal(livery.get(part("/p", "//a/@href")).text, "/next")
    s.equal(livery.get(part("/p", "//none")).text,
            "<!-- No content found -->")

    # The page itself is the same as ever, and asked for once.
    livery.get("/p").must(200, cache="hit", themed=True, has="part")
    said = livery.get(part("/p", "//*[@id='x']")).must(200, cache="hit")
    s.check(said.text.startswith(wanted) and said.get("Age") is not None,
            said.text)
    s.equal(origin.count("/p"), 1)
    s.check("filter_xpath" not in origin.last("/p"), origin.last("/p"))

    # Behind a query of its own.
    livery.get(part("/q", "//div", "a=1&b=2")).must(200, has="query")
    s.check("GET /q?a=1&b=2 HTTP" in origin.last("/q"), origin.last("/q"))

    # Its length for HEAD, its own ETag, and 304.
    whole = livery.get("/etag").must(200)
    said = livery.get(part("/etag", "//div")).must(200)
    s.check(said.get("ETag") not in (None, whole.get("ETag")), said.head)
    s.check(said.get("ETag") !=
            livery.get(part("/etag", "//a")).get("ETag"), "a part has its own")
    livery.get(part("/etag", "//div"), fields={
        "If-None-Match": said.get("ETag")}).must(304)
    s.equal(livery.get(part("/etag", "//div"), "HEAD").get("Content-Length"),
            str(len(said.body)))

    # What is one client's stays his.
    said = livery.get(part("/mine", "//div"), fields={"Cookie": "sess=1"})
    said.must(200, cache="bypass", has="mine", lacks="<html")
    livery.get(part("/mine", "//div")).must(200, has="mine", lacks="<html")
    livery.get(part("/mine", "//div"), "HEAD").must(200)

    # No page, no success, not to be changed: as it comes. No other method.
    livery.get(part("/json", "//div")).must(200, has="{}")
    livery.get(part("/gone", "//div")).must(404, has="<p>no")
    livery.get(part("/no", "//div")).must(200, has="<p>no")
    livery.get(part("/p", "//div"), "POST", body=b"x").must(200)

    # Who joins a question that others read as it comes gets a part, too.
    heard = []
    crowd = [threading.Thread(target=lambda path=path: heard.append(
        livery.get(path))) for path in
        ("/slow", part("/slow", "//div"), "/slow", part("/slow", "//a"))]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    s.equal(sorted(len(h.must(200).text) < 90 for h in heard),
            [False, False, True, True])

    # What cannot be, in words.
    for expression, words in (
            ("//*[", "filter_xpath: "), ("1 + 1", "selects no nodes"),
            ("//*/following::*", "only the axes"),
            ("document('/etc/passwd')", "function"),
            ("//p[$x]", "filter_xpath: "),
            ("a" * 3000, "over 2048 bytes")):
        said = livery.get(part("/p", expression)).must(400, has=words)
        s.check(said.get("Content-Type").startswith("text/plain"), said.head)
        s.check(said.get("Cache-Control") == "no-store", said.head)
    livery.get("/p?;filter_xpath=%zz").must(400, has="percent-encoded")
    livery.get("/p?;filter_xpath=").must(400)
    asked = origin.count()
    livery.get(part("/never", "//*[")).must(400)
    s.equal(origin.count(), asked, "nobody is asked for nothing")
    livery.get(part("/many", "//b")).must(502, has="limit")
    livery.problem("/many")
    livery.get(part("/big", "//p", "size=3000000")).must(
        502, has="themed_max")

    # Of itself no site does it.
    plain = s.livery(origin, theme, file="plain.conf",
                     cache={"file": s.path("cache", "plain.db")})
    plain.get(part("/p", "//div")).must(200, has=["<p>no", "part"])
