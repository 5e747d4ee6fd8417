"""HUP and themes: one that no site uses any more is left in peace and serves
pages at once when it comes back; rules with a mistake change nothing and,
taken back, leave no trace; a theme that moves to another host takes its files
along."""
import time
from lib import RULES, SLOW, Scenario

with Scenario() as s:
    origin, one, two = s.origin(), s.origin(), s.origin()
    good = open(RULES, encoding="utf-8").read()
    rules = s.write("rules.xml", good)
    quick = {"rules": rules, "min_refresh": "100ms", "ttl": "200ms"}
    livery = s.livery(origin, one, theme_options=quick)
    livery.theme_is_live()
    first = livery.get("/p?max-age=9999").must(200, themed=True)

    # ---- rules with a mistake, and their taking back
    for words, said in (("<rules>\n<not closed\n</rules>", "rules.xml:3"),
                        ("<rules xmlns='http://namespaces.plone.org/diazo'>"
                         "<replace theme='//['/></rules>", "rules.xml:1"),
                        ("", "rules.xml")):
        before = len(livery.errors())
        s.write("rules.xml", words)
        livery.reload()
        s.until(lambda: said in livery.errors()[before:], said)
        again = livery.get("/p?max-age=9999").must(200, themed=True)
        s.equal(again.theme, first.theme, "version")
        livery.get("/q").must(200, themed=True)
        before = len(livery.errors())
        s.write("rules.xml", good)
        s.check(livery.reload(), livery.errors())
        s.until(lambda: livery.get("/q").must(200, themed=True).theme ==
                first.theme, "the first rules")
        s.until(lambda: "fresh" in livery.ask_admin("/status").text,
                "no trace of it")
        s.clock.forward(100)
        livery.get("/r").must(200, themed=True)
        s.check("rules.xml" not in livery.errors()[before:],
                livery.errors()[before:])

    # ---- a theme that nobody uses
    s.conf(origin, one, theme_options=quick, site={"theme": None})
    s.check(livery.reload(), livery.errors())
    livery.get("/p?max-age=9999").must(200, themed=False)
    # What was under way at the reload may still be asked.
    s.until(lambda: one.busy() == 0, "quiet")
    time.sleep(0.3 * SLOW)
    count = one.count("/theme")
    for turn in range(5):
        s.clock.forward(10)
        livery.get("/s%d" % turn).must(200, themed=False)
    s.equal(one.count("/theme"), count, "asked for a theme without a site")
    s.check("theme=\"look\"" not in livery.ask_admin("/metrics").text,
            "a series of a theme that nobody uses")
    # It comes back while its host is gone: from what is kept, at once.
    one.mode("fail")
    s.conf(origin, one, theme_options=quick)
    s.check(livery.reload(), livery.errors())
    livery.get("/u").must(200, themed=True, within=1)
    livery.get("/p?max-age=9999").must(200, themed=True)
    one.mode("ok")

    # ---- a theme that moves
    two.set("/theme/logo.png", "body=the+new+logo&type=image/png")
    livery.get("/.livery/t/look/theme/logo.png").must(200)
    s.conf(origin, two, theme_options=quick)
    s.check(livery.reload(), livery.errors())
    # Until the new one is there the old one stays live, or it is at once.
    livery.get("/v").must(200, themed=True)
    s.until(lambda: two.count("/theme") > 0, "the new host to be asked")
    s.until(lambda: livery.get("/.livery/t/look/theme/logo.png").text ==
            "the new logo", "the new host's file")
    count = one.count()
    for turn in range(3):
        s.clock.forward(10)
        livery.get("/w%d" % turn).must(200, themed=True)
    s.equal(one.count(), count, "the old host was asked")
    # Two with one name are one series still, or Prometheus takes none.
    series = [line.rpartition(" ")[0] for line in
              livery.ask_admin("/metrics").text.splitlines()
              if not line.startswith("#")]
    s.equal(len(series), len(set(series)), "series named twice")
    s.check('livery_theme_live{theme="look"}' in series, series)
    # Also after a restart, with both hosts gone.
    s.until(lambda: livery.value(
        "SELECT count(*) FROM entries WHERE kind = 'asset' AND instr(url, ?)",
        ":%d/" % two.port), "its files in the cache")
    livery.stored("/p?")
    livery.term()
    one.kill()
    two.kill()
    livery = livery.again()
    livery.get("/p?max-age=9999").must(200, themed=True)
    s.equal(livery.get("/.livery/t/look/theme/logo.png").must(200).text,
            "the new logo")
