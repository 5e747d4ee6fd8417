"""1,000 different pages hang on upstream A (and then 1,000 requests with
session cookies): hits and misses of upstream B stay as quick as they were, and
those that hang end at their deadline with 504, as a themed error page. What it
costs the others when 1,000 end in one moment is told too, but has no bound."""
import statistics
import time
from lib import SLOW, Failed, Scenario

QUIET = True
SECONDS = 110

ROUNDS = 5 if SLOW <= 1 else 1
# One measurement while they hang, and one while they end.
DEADLINE = 4 if SLOW <= 1 else 6
MEASURED = 2


def measure(s, livery):
    hits = s.crowd(livery, "/hit?max-age=9999", "-r", 200, "-t", MEASURED,
                   "-k", fields={"Host": "b.example"}, wait=False)
    misses = s.crowd(livery, "/miss-%d?delay=20", "-r", 50, "-t", MEASURED,
                     "-k", fields={"Host": "b.example"}, wait=False)
    hits, misses = hits(), misses()
    s.equal(hits["status"], {"200": 200 * MEASURED}, "hits")
    s.equal(misses["status"], {"200": 50 * MEASURED}, "misses")
    return hits["p99_ms"], misses["p99_ms"], misses["p50_ms"]


def look(a, looks):
    """The most that hung at a time so far; looks tells what was seen when."""
    began = time.monotonic()
    seen = a.most(), a.connections()
    if not looks or looks[-1][1:] != seen:
        looks.append(("%.2f s, in %.2f" % (began % 1000,
                                           time.monotonic() - began),) + seen)
    return seen[0]


def hang(s, a, livery, target, fields):
    """1,000 requests hang, and end; what the others had, then and then."""
    a.zero()
    came, looks = a.connections(), []
    hanging = s.crowd(livery, target, "-n", 1000, "-f", "X-Livery-Theme",
                      "-w", s.within(60), wait=False,
                      fields=dict({"Host": "a.example"}, **fields))
    try:
        # The most at a time so far: whoever looks late sees it, too.
        s.until(lambda: look(a, looks) >= 900, "the hanging ones")
    except Failed as failed:
        raise Failed("%s: at most %d at a time of %d that came; at (seconds), "
                     "the most, all: %s" % (failed, a.most(),
                                         a.connections() - came,
                                         looks)) from None
    while_they_hang = measure(s, livery)
    while_they_end = measure(s, livery)
    figures = hanging()
    s.equal(figures["failed"], 0, "without an answer: %s" % figures)
    s.equal(figures["status"], {"504": 1000}, "%s" % figures)
    s.equal(figures["with_field"], 1000, "themed error pages")
    s.check(figures["max_ms"] < s.within(DEADLINE + 3) * 1000, figures)
    s.until(lambda: a.busy() == 0, "the origin to be quiet")
    return while_they_hang, while_they_end


def medians(rounds):
    return [statistics.median(figures) for figures in zip(*rounds)]


with Scenario() as s:
    a, b, theme = s.origin(), s.origin(), s.origin()
    a.mode("hang")
    more = """
upstream b { url = "%s" }
site b { hosts = { "b.example" } upstream = b theme = look }
""" % b.url
    livery = s.livery(a, theme, more=more, upstream_options={
        "first_byte_timeout": "%ds" % s.within(DEADLINE),
        "total_timeout": "%ds" % s.within(DEADLINE + 2)})
    livery.theme_is_live()
    livery.get("/hit?max-age=9999", host="b.example").must(200, themed=True)
    measure(s, livery)
    for name, fields in (("1,000 pages", {}),
                         ("1,000 with session cookies",
                          {"Cookie": "session=%d"})):
        quiet, loud, ends = [], [], []
        for turn in range(ROUNDS):
            quiet.append(measure(s, livery))
            then, end = hang(s, a, livery, "/hang-%d-%%d" % turn, fields)
            loud.append(then)
            ends.append(end)
        q, d, e = medians(quiet), medians(loud), medians(ends)
        print("%s, ms, quiet -> while they hang (while they end): "
              "hits p99 %.2f -> %.2f (%.2f), misses p99 %.2f -> %.2f (%.2f), "
              "p50 %.2f -> %.2f (%.2f)" % (
                  name, q[0], d[0], e[0], q[1], d[1], e[1], q[2], d[2], e[2]))
        s.bound("p99 of hits", d[0], max(2 * q[0], q[0] + 1))
        s.bound("p99 of misses", d[1], 1.2 * q[1])
        s.bound("p50 of misses", d[2], 1.2 * q[2])
