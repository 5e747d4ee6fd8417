"""Non-HTML, redirects, 204, 304, fragments for scripts and answers that ask
for it are passed byte for byte."""
from urllib.parse import quote
from lib import Scenario

ODD = "<P>odd  <b>html</P>\r\n<!-- x --><MAIN>y</main>"

with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    livery = s.livery(origin, theme)
    livery.theme_is_live()
    cases = []
    for name, query, fields in (
            ("text", "type=text/plain", {}), ("json", "type=application/json",
                                              {}),
            ("no type", "type=", {}),
            ("image", "type=image/png", {}),
            ("xml", "type=application/xml", {}),
            ("X-Livery-Off", "header=X-Livery-Off:%201", {}),
            ("X-Diazo-Off", "header=X-Diazo-Off:%20true", {}),
            ("X-Theme-Disabled", "header=X-Theme-Disabled:%20yes", {}),
            ("no-transform", "cc=no-transform,max-age=60", {}),
            ("XHR", "x=1", {"X-Requested-With": "XMLHttpRequest"}),
            ("fetch", "x=1", {"Sec-Fetch-Dest": "empty"}),
            ("off by request", "x=1", {"X-Livery-Off": "1"}),
            ("off by query", "livery.off=1", {}),
            ("fragment", "x=1&max-age=60", {})):
        for more in ("", "&max-age=60", "&chunked=1&etag=a"):
            cases.append((name, query + more, fields))
    for number, (name, query, fields) in enumerate(cases):
        target = "/u%d?%s&body=%s" % (number, query, quote(ODD))
        if name == "fragment":
            continue
        for turn in range(2):
            answer = livery.get(target, fields=fields).must(200)
            s.equal(answer.body, ODD.encode(), "%s (%s)" % (name, query))
            s.equal(answer.theme, None, name)
    for query in ("status=301&location=/x", "status=302&location=/x",
                  "status=303&location=/x", "status=307&location=/x",
                  "status=401"):
        answer = livery.get("/r?%s&body=%s" % (query, quote(ODD)))
        s.equal(answer.status, int(query[7:10]))
        s.equal(answer.body, ODD.encode(), query)
    with livery.connect() as client:
        client.get("/n?status=204").must(204)
        client.get("/n?etag=a", fields={"If-None-Match": '"a"',
                                        "Cookie": "s=1"}).must(304)
        if client.closed(within=0.2):
            client = livery.connect()
        client.get("/after").must(200, themed=True)
    # A page asked for by a script is not what others get, nor the reverse.
    livery.get("/both?max-age=600").must(200, themed=True)
    livery.get("/both?max-age=600", fields={
        "X-Requested-With": "XMLHttpRequest"}).must(200, themed=False)
    livery.get("/both?max-age=600").must(200, themed=True, cache="hit")
    # A part of a page is not dressed.
    part = livery.get("/part?max-age=600", fields={"Range": "bytes=0-9"})
    s.check(part.status in (200, 206), part.line)
    # A theme has no place for frames: as they came, and a problem says so.
    frames = "<html><FRAMESET cols='1,*'><FRAME src=a></FRAMESET></html>"
    for turn in range(2):
        answer = livery.get("/frames?max-age=600&body=" + quote(frames))
        s.equal(answer.must(200).body, frames.encode(), "frames")
        s.equal(answer.theme, None, "frames")
    s.until(lambda: livery.value(
        "SELECT count(*) FROM problems WHERE what = 'dress' AND url LIKE "
        "'%/frames?%' AND reason LIKE '%frameset%'") == 1,
            "frames are no problem")
    # Error pages of the upstream are dressed as it says.
    livery.get("/missing?status=404").must(404, themed=True)
    # Too big to dress: as it came.
    livery.end()
    livery = s.livery(origin, theme, site={"themed_max": "20k"},
                      cache={"file": s.path("cache/2.db")})
    livery.theme_is_live()
    livery.get("/small?size=10000").must(200, themed=True)
    for query in ("size=30000", "size=30000&chunked=1",
                  "size=30000&max-age=60", "size=30000&gzip=1"):
        livery.get("/big?" + query).must(200, themed=False,
                                         has="Page /big")
