"""200 at once for a page that nobody may share: all are let go when its head
has come (p99 within twice the time to first byte, and some), and the next
crowd does not wait for anybody."""
from lib import Scenario

FIRST = 300
SPARE = 100

with Scenario() as s:
    origin = s.origin()
    livery = s.livery(origin)
    released, second = [], []
    for turn in range(3):
        path = "/mine%d" % turn
        target = path + "?cc=private&delay=%d" % FIRST
        figures = s.crowd(livery, target, "-n", 200)
        s.equal(figures["status"], {"200": 200})
        s.equal(origin.count(path), 200, "upstream requests")
        released.append(figures["p99_ms"])
        # That it cannot be shared is remembered.
        figures = s.crowd(livery, target, "-n", 200)
        s.equal(figures["status"], {"200": 200})
        s.equal(origin.count(path), 400, "upstream requests")
        second.append(figures["p99_ms"])
    print("p99, ms: released", released, "second crowd", second)
    s.check(min(released) <= 2 * FIRST + s.within(SPARE), released)
    s.check(min(second) <= FIRST + s.within(SPARE), second)
    # Those that bypass the cache never join.
    own = []
    for turn in range(3):
        figures = s.crowd(livery, "/own%d?max-age=60&delay=300" % turn, "-n",
                          50, fields={"Cookie": "session=%d"})
        s.equal(origin.count("/own%d" % turn), 50, "upstream requests")
        own.append(figures["p99_ms"])
    s.check(min(own) <= FIRST + s.within(SPARE), own)
