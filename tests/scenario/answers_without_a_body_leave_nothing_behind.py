"""HEAD, 304 and 204 leave no stray byte on a kept connection, whatever framing
the upstream used: the next answer on it is read right, or it is closed."""
from lib import Scenario

CASES = (
    ("/a.txt?size=1234&cc=private", "HEAD", {}, 200, "1234"),
    ("/b.txt?size=1234&chunked=1&cc=private", "HEAD", {}, 200, None),
    ("/c.txt?size=1234&close=1", "HEAD", {}, 200, None),
    ("/d.txt?size=1234&gzip=1", "HEAD", {}, 200, None),
    ("/e?status=204", "GET", {}, 204, None),
    ("/e?status=204", "POST", {}, 204, None),
    ("/f.txt?etag=a", "GET", {"If-None-Match": '"a"', "Cookie": "s=1"},
     304, None),
    ("/k.txt?etag=a&cc=private&size=77", "GET", {"Cookie": "s=1"}, 200, "77"),
    ("/k.txt?etag=a&cc=private&size=77", "GET",
     {"If-None-Match": '"a"', "Cookie": "s=1"}, 304, "77"),
    ("/g.txt?etag=a&max-age=60&size=500&chunked=1", "GET", {}, 200, None),
    ("/g.txt?etag=a&max-age=60&size=500&chunked=1", "GET",
     {"If-None-Match": '"a"'}, 304, None),
    ("/g.txt?etag=a&max-age=60&size=500&chunked=1", "HEAD", {}, 200, "500"),
    ("/bad/204-body", "GET", {}, 204, None),
    ("/bad/more-body", "GET", {}, 200, None),
    ("/bad/head-cut", "HEAD", {}, 502, None),
    ("/nowhere.txt?status=404&size=100", "HEAD", {}, 404, "100"),
)

with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    for livery in (s.livery(origin), s.livery(
            origin, theme, cache={"file": s.path("cache", "2.db")})):
        client = livery.connect()
        kept = 0
        for target, method, fields, status, length in CASES:
            answer = client.get(target, method, fields=fields).must(status)
            if length is not None:
                s.equal(answer.get("Content-Length"), length, target)
            if status == 204:
                s.equal(answer.get("Content-Length"), None, target)
            # What stands behind it must be the next answer, or nothing.
            if answer.get("Connection") == "close" or \
                    client.closed(within=0.1):
                s.equal(client.buffer, b"", "bytes behind " + target)
                client.close()
                client = livery.connect()
            else:
                kept += 1
            client.get("/marker?x=" + str(kept)).must(200, has="/marker")
        s.check(kept >= 8, "only %d connections were kept" % kept)
        client.close()
        livery.term()
