"""A rule of site A that takes very long: its pages go out undressed when the
limit is reached, and site B is dressed about as quickly as before."""
import statistics
from lib import Scenario

SLOW = """<rules xmlns="http://namespaces.plone.org/diazo">
<replace theme-children="//main" content="//p[count(//p[count(//p) &gt;
 count(preceding::p)]) &gt; count(following::p)]"/>
</rules>"""


def measure(s, livery):
    found = s.crowd(livery, "/b-%d?size=20000", "-r", 60, "-t", 2, "-k",
                    "-f", "X-Livery-Theme", fields={"Host": "b.example"})
    s.equal(found["status"], {"200": 120})
    s.equal(found["with_field"], 120, "themed")
    return found["p99_ms"], found["p50_ms"]


with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    more = """
upstream b { url = "%s" }
theme b { url = "%s/theme" rules = "%s" }
site b { hosts = { "b.example" } upstream = b theme = b }
""" % (origin.url, theme.url, __import__("lib").RULES)
    livery = s.livery(origin, theme, more=more, theme_options={
        "rules": s.write("slow.xml", SLOW)})
    livery.theme_is_live(2)
    slow = livery.get("/a?size=100000").must(200, has="Page /a")
    print("one slow page: %.3f s, %s" % (slow.seconds, slow.theme))
    s.check(slow.theme is None, "it was not cut short")
    livery.problem("/a?size=100000")
    quiet, loud = [], []
    for turn in range(3):
        quiet.append(measure(s, livery))
        crowd = s.crowd(livery, "/a-%d?size=100000", "-n",
                        int(160 / s.within(1) ** 2), "-c", 8,
                        "-w", 60, fields={"Host": "a.example"}, wait=False)
        s.until(lambda: livery.metrics()["dress_failed_total"] > 1,
                "the slow ones")
        loud.append(measure(s, livery))
        s.equal(list(crowd()["status"]), ["200"])
    q = [statistics.median(x) for x in zip(*quiet)]
    d = [statistics.median(x) for x in zip(*loud)]
    print("site B dressed: p99 %.2f -> %.2f ms, p50 %.2f -> %.2f ms" %
          (q[0], d[0], q[1], d[1]))
    # 1.5 times is the promise on a machine of its own; here the crowds and
    # the origin share its cores, and a sanitizer's times say little.
    if s.within(1) > 1:
        s.check(d[0] <= s.within(2000), "p99")
    else:
        s.check(d[0] <= 3 * q[0] + 20, "p99")
        s.check(d[1] <= 2 * q[1] + 5, "p50")
