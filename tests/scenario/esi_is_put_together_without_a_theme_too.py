"""Where a site says so, ESI is put together in pages that nobody dresses: HTML,
XML, what says so of itself; with all that the language says of what cannot be
had; and what is private stays with its client."""
from urllib.parse import quote
from lib import Scenario


def body(text, more="max-age=60&type=text/html"):
    return more + "&body=" + quote(text)


PAGE = """<p>1<esi:include src="/a"/></p>
<esi:include src='/none' alt='/a?alt=1' onerror="continue"></esi:include>
<esi:include src="/none" onerror="continue" maxwait="500"/>
<esi:try><esi:attempt>bad <esi:include src="/none"/></esi:attempt>
<esi:except>except <esi:include src="/b"/></esi:except></esi:try>
<esi:try><esi:attempt>good <esi:include src="/b"/></esi:attempt>
<esi:except><esi:include src="/never"/></esi:except></esi:try>
<esi:comment text="not seen"/><esi:remove>removed</esi:remove>
<!--esi <i>opened <esi:include src="/a"/></i> --><!-- <esi:include src="/x"/> -->
"""
ALONE = 'lone <esi:include src="/a"/>'
SEEN = ["<p>1[A]</p>", "except [B]", "good [B]", "<i>opened [A]</i>",
        '<!-- <esi:include src="/x"/> -->']
GONE = ["bad", "not seen", "removed", "<esi:try", "onerror"]

with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    origin.set("/a", body("[A]"))
    origin.set("/b", body("[B]"))
    origin.set("/none", "status=404")
    origin.set("/p", body(PAGE, "max-age=3600&type=text/html&etag=v1"))
    livery = s.livery(origin, site={"includes": "esi"})
    said = livery.get("/p").must(200, cache="fwd=uri-miss", has=SEEN,
                                 lacks=GONE)
    s.equal(said.text.count("[A]"), 3)
    s.equal(int(said.get("Content-Length")), len(said.body))
    s.check("no ESI" not in said.text and said.get("Content-Type") ==
            "text/html", "the type as it came")
    s.equal(origin.count("/never"), 0)
    s.equal(origin.count("/a"), 2, "each address once")
    s.check("ESI/1.0" in origin.last("/p"), "Surrogate-Capability")
    s.check("ESI/1.0" in origin.last("/a"), "of fragments, too")
    # From memory, with a tag of its own.
    again = livery.get("/p").must(200, cache="hit", has=SEEN)
    tag = again.get("ETag")
    s.check(tag and tag != '"v1"' and tag.startswith('W/"v1-esi-'), tag)
    s.equal(said.get("ETag"), tag)
    livery.get("/p", fields={"If-None-Match": tag}).must(304, cache="hit")
    livery.get("/p", fields={"If-None-Match": '"v1"'}).must(200)
    head = livery.get("/p", "HEAD").must(200, cache="hit")
    s.equal(head.get("Content-Length"), again.get("Content-Length"))
    livery.get("/p", fields={"Range": "bytes=0-2"}).must(206)
    s.equal(origin.count("/p"), 1)

    # What has none is served as it came, with what it came with.
    origin.set("/q", body("<p>plain</p>",
                          "max-age=3600&type=text/html&etag=q"))
    for _ in range(3):
        s.equal(livery.get("/q").must(200, has="plain").get("ETag"), '"q"')
    s.check(livery.metrics()["hits_total{kind=\"plain\"}"] > 0,
            "a plain hit")

    # XML; and what says of itself that it is to be read, but not else.
    for n, (more, is_read) in enumerate((
            ("type=application/rss%2bxml", True),
            ("type=application/json", False),
            ("type=application/json&header=Surrogate-Control:" +
             quote('content="ESI/1.0"'), True),
            ("type=text/plain&header=Surrogate-Control:" +
             quote('content="ESI/1.0";another'), False),
            ("type=text/html&cc=max-age=60,no-transform", False),
            ("type=text/html&status=404", True),
            ("type=text/html&gzip=1", True))):
        path = "/t%d" % n
        origin.set(path, body(ALONE, more))
        for _ in range(2):
            said = livery.get(path).must((200, 404), has="lone ")
            s.check(("lone [A]" in said.text) == is_read, (more, said.text))
        s.equal(said.get("Surrogate-Control"), None)

    # For one client alone: with a cookie, as the answer to a form.
    origin.set("/c", body(ALONE, "type=text/html&max-age=60"))
    livery.get("/c", fields={"Cookie": "__ac=x"}).must(
        200, cache="bypass", has="lone [A]")
    livery.get("/c", "POST", body=b"x").must(200, has="lone [A]")
    origin.set("/a2", body("[mine]", "type=text/html&cc=private"))
    origin.set("/d", body('lone <esi:include src="/a2"/>',
                          "type=text/html&max-age=60"))
    for n in range(2):
        said = livery.get("/d").must(200, has="lone [mine]")
        s.equal(said.get("Cache-Control"), "private, no-cache")
        s.equal(origin.count("/a2"), n + 1)
    s.check("Cookie" not in origin.last("/a"), "no cookie of the client")

    # What cannot be read stays, and is told of.
    origin.set("/e", body('<esi:include/> <esi:vars>$(HTTP_HOST)</esi:vars> '
                          '<esi:try> ' + ALONE))
    livery.get("/e").must(200, has=["<esi:include/>", "<esi:vars>$(HTTP_HOST)",
                                    "<esi:try> lone [A]"])
    livery.problem("cannot be read")

    # One without which the page is nothing.
    origin.set("/f", body('x <esi:include src="/none"/> y'))
    livery.get("/f").must(200, has="x  y")
    livery.problem("/none")
    livery.term()
    for failure, status, text in (("error", 502, "missing"),
                                  ("undressed", 200, 'src="/none"')):
        livery = s.livery(origin, cache={"file": s.path("cache", failure)},
                          site={"includes": "esi",
                                "fragment_failure": failure})
        livery.get("/f").must(status, has=text)
        livery.get("/p").must(200, has=SEEN)
        livery.term()

    # With a theme: what it does not dress, and what a script asks for.
    origin.set("/r", body("<html><body><main>%s</main></body></html>" % PAGE))
    origin.set("/off", body("<main>%s</main>" % ALONE, "max-age=60&"
                            "type=text/html&header=X-Theme-Disabled:1"))
    livery = s.livery(origin, theme, site={"includes": "esi"},
                      cache={"file": s.path("cache", "themed")})
    livery.theme_is_live()
    livery.get("/r").must(200, themed=True, has=SEEN, lacks=GONE)
    livery.get("/r").must(200, themed=True, cache="hit", has=SEEN)
    script = {"X-Requested-With": "XMLHttpRequest"}
    livery.get("/r", fields=script).must(200, themed=False, has=SEEN,
                                         lacks=GONE)
    livery.get("/r").must(200, themed=True, cache="hit", has=SEEN)
    for _ in range(2):
        livery.get("/off").must(200, themed=False, has="lone [A]")
        livery.get("/t0").must(200, has="lone [A]")
