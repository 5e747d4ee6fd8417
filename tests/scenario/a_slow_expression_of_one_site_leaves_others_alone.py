"""A rule of site A that takes very long: its pages go out undressed when the
limit is reached, and site B is dressed as quickly as before: p99 within 1.5
times. What is slow goes on meanwhile, with what B leaves."""
import statistics
from lib import RULES, SLOW, Scenario

QUIET = True
SECONDS = 90

ROUNDS = 5 if SLOW <= 1 else 1
SLOW_RULES = """<rules xmlns="http://namespaces.plone.org/diazo">
<replace theme-children="//main" content="//p[count(//p[count(//p) &gt;
 count(preceding::p)]) &gt; count(following::p)]"/>
</rules>"""


def measure(s, livery):
    found = s.crowd(livery, "/b-%d?size=20000", "-r", 100, "-t", 2, "-k",
                    "-f", "X-Livery-Theme", fields={"Host": "b.example"})
    s.equal(found["status"], {"200": 200})
    s.equal(found["with_field"], 200, "themed")
    return found["p99_ms"], found["p50_ms"]


def undressed(livery):
    return livery.metrics()["dress_failed_total"]


with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    more = """
upstream b { url = "%s" }
theme b { url = "%s/theme" rules = "%s" }
site b { hosts = { "b.example" } upstream = b theme = b }
""" % (origin.url, theme.url, RULES)
    livery = s.livery(origin, theme, more=more, theme_options={
        "rules": s.write("slow.xml", SLOW_RULES)})
    livery.theme_is_live(2)
    slow = livery.get("/a?size=100000").must(200, has="Page /a")
    print("one slow page: %.3f s, %s" % (slow.seconds, slow.theme))
    s.check(slow.theme is None, "it was not cut short")
    livery.problem("/a?size=100000")
    measure(s, livery)
    quiet, loud, progress = [], [], []
    for turn in range(ROUNDS):
        quiet.append(measure(s, livery))
        before = undressed(livery)
        crowd = s.crowd(livery, "/a%d-%%d?size=100000" % turn, "-n", 160,
                        "-c", 8, "-w", s.within(60),
                        fields={"Host": "a.example"}, wait=False)
        s.until(lambda: undressed(livery) > before + 1, "the slow ones")
        before = undressed(livery)
        loud.append(measure(s, livery))
        progress.append(undressed(livery) - before)
        s.equal(crowd()["status"], {"200": 160}, "pages of A")
    q = [statistics.median(x) for x in zip(*quiet)]
    d = [statistics.median(x) for x in zip(*loud)]
    print("site B dressed: p99 %.2f -> %.2f ms, p50 %.2f -> %.2f ms; site A "
          "meanwhile: %s pages" % (q[0], d[0], q[1], d[1],
                                   [int(n) for n in progress]))
    s.check(min(progress) > 0, "site A does not get on")
    s.bound("p99 of B", d[0], 1.5 * q[0])
    s.bound("p50 of B", d[1], 1.5 * q[1])
