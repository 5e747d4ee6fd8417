"""The first page waits for a theme that was never seen; after that failed,
the others go out undressed at once."""
import socket
from lib import Scenario

with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    theme.mode("hang")
    livery = s.livery(origin, theme, theme_options={
        "first_byte_timeout": "%dms" % s.within(800)})
    first = livery.get("/first").must(200, themed=False, within=2)
    s.check(first.seconds > 0.2, "the first page did not wait")
    for page in range(5):
        livery.get("/p%d" % page).must(200, themed=False, within=0.15)
    s.check(livery.problem("theme"), "no problem")
    # A crowd of first pages waits once, together.
    livery.term()
    livery = s.livery(origin, theme, cache={"file": s.path("cache/2.db")},
                      theme_options={"first_byte_timeout":
                                     "%dms" % s.within(800)})
    figures = s.crowd(livery, "/c%d", "-n", 50)
    s.equal(figures["status"], {"200": 50})
    s.check(figures["max_ms"] < 1800 * s.within(1), figures)
    s.check(theme.count("/theme") <= 2, "asked %d times" %
            theme.count("/theme"))
    # It comes: pages are dressed from then on.
    theme.mode("ok")
    s.clock.forward(400)
    livery.get("/now")
    s.until(lambda: livery.get("/now").themed, "the theme")
    # Nobody listens there at all.
    livery.term()
    closed = socket.socket()
    closed.bind(("127.0.0.1", 0))
    livery = s.livery(origin, "http://127.0.0.1:%d/" %
                      closed.getsockname()[1],
                      cache={"file": s.path("cache/3.db")})
    for page in range(5):
        livery.get("/p%d" % page).must(200, themed=False, within=0.5)
