"""200 at once for a page that nobody may share: all are let go when its head
has come, so the last is served within twice the time to first byte, and the
next crowd does not wait for anybody.

The time to first byte is what half of the same crowd have when they ask the
origin itself: 200 connections cost something there, too."""
import statistics
from lib import SLOW, Scenario

QUIET = True

ROUNDS = 5 if SLOW <= 1 else 2
FIRST = 300
SPARE = 100


def crowd(s, at, target, number=200, **more):
    figures = s.crowd(at, target + "&delay=%d" % FIRST, "-n", number, **more)
    s.equal(figures["status"], {"200": number})
    return figures


with Scenario() as s:
    origin = s.origin()
    livery = s.livery(origin)
    first, released, second = [], [], []
    for turn in range(ROUNDS):
        first.append(crowd(s, origin, "/direct?cc=private")["first_p50_ms"])
        path = "/mine%d" % turn
        figures = crowd(s, livery, path + "?cc=private")
        s.equal(origin.count(path), 200, "upstream requests")
        released.append(figures["p99_ms"])
        # That it cannot be shared is remembered.
        figures = crowd(s, livery, path + "?cc=private")
        s.equal(origin.count(path), 400, "upstream requests")
        second.append(figures["p99_ms"])
    print("time to first byte", first, "p99, ms: released", released,
          "second crowd", second)
    # Nobody waited in a row, however slow the machine.
    s.check(min(released) <= 2 * FIRST + s.within(SPARE), released)
    s.check(min(second) <= FIRST + s.within(SPARE), second)
    to_first = statistics.median(first)
    s.bound("p99 of those released", statistics.median(released),
            2 * to_first)
    s.bound("p99 of the second crowd", statistics.median(second),
            1.5 * to_first)
    # Those that bypass the cache never join.
    own = []
    for turn in range(3):
        figures = crowd(s, livery, "/own%d?max-age=60" % turn, 50,
                        fields={"Cookie": "session=%d"})
        s.equal(origin.count("/own%d" % turn), 50, "upstream requests")
        own.append(figures["p99_ms"])
    s.check(min(own) <= FIRST + s.within(SPARE), own)
