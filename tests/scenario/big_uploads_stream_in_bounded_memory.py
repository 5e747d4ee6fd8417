"""100 MB up: they flow through as they come, in little memory; and an upstream
that answers early is heard."""
from lib import Scenario

PIECE = b"0123456789abcdef" * 65536
PIECES = 100

with Scenario() as s:
    origin = s.origin()
    livery = s.livery(origin)
    livery.get("/warm.bin").must(200)
    before = most = livery.rss_kb()
    with livery.connect() as client:
        client.send("POST /take.bin HTTP/1.1\r\nHost: a\r\n"
                    "Content-Length: %d\r\n\r\n" % (len(PIECE) * PIECES))
        for _ in range(PIECES):
            client.send(PIECE)
            most = max(most, livery.rss_kb())
        client.read().must(200)
        client.get("/after.txt").must(200)
    s.check(most - before < 24 * 1024 * (s.within(1) ** 0.5),
            "memory grew by %d kB" % (most - before))
    with livery.connect() as client:
        client.send("POST /early.txt?early=1&status=413 HTTP/1.1\r\nHost: a"
                    "\r\nContent-Length: 3000000\r\n\r\n")
        s.until(lambda: origin.count("/early.txt"), "the early answer")
        client.send("x" * 3000000)
        client.read().must(413)
