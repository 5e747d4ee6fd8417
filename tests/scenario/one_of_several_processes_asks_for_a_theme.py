"""Of several processes on one cache file one asks for the theme; the others have
its new version within a second. Who is killed, or ends, is followed by
another."""
import time
from lib import Scenario

with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    theme.set("/theme", "max-age=20&etag=a")
    # Longer than any step takes on a slow machine, shorter than what the clock
    # is moved by.
    rare = {"min_refresh": "15s"}
    one = s.livery(origin, theme, theme_options=rare).theme_is_live()
    two = s.livery(origin, theme, theme_options=rare).theme_is_live()
    s.equal(theme.count("/theme"), 1, "asked by the first alone")
    for livery in (one, two):
        livery.get("/page?max-age=600").must(200, themed=True)

    def settle(seconds):
        """Long enough for another to ask, and shorter than min_refresh: to a
        clock that was moved all that the theme's host says is old."""
        time.sleep(min(seconds * s.within(1), 4))

    def version(livery):
        return livery.get("/page?max-age=600").must(200, themed=True).theme

    def refreshed(change, *liveries):
        """A changed theme at its next refresh: asked for once."""
        before = version(liveries[0])
        for livery in liveries:
            s.equal(version(livery), before)
        theme.set("/theme", "max-age=20&etag=%s&header=X:%s" % (change,
                                                                change))
        theme.set("/theme", "max-age=20&etag=%s&size=%d" % (
            change, 3000 + 10 * ord(change)))
        theme.zero()
        s.clock.forward(25)
        s.until(lambda: any(version(livery) != before
                            for livery in liveries), "the new theme", 5)
        began = time.monotonic()
        s.until(lambda: len(set(version(livery) for livery in liveries)) == 1,
                "all to have it", 1)
        print("%s: all have it %.3f s after the first" % (
            change, time.monotonic() - began))
        s.check(version(liveries[0]) != before, "another version")
        settle(1.2)
        s.equal(theme.count("/theme"), 1, "asked for it")

    refreshed("b", one, two)
    refreshed("c", one, two)
    # nothing changed: asked about once, and good for both
    theme.zero()
    s.clock.forward(25)
    s.until(lambda: theme.count("/theme") == 1, "the refresh")
    settle(2.5)
    s.equal(theme.count("/theme"), 1, "asked about it")
    s.equal(one.value("SELECT count(*) FROM charge WHERE process IN "
                      "(SELECT id FROM process)"), 1)

    # whoever is told to asks, whoever's turn it is; once
    for livery in (one, two):
        theme.zero()
        livery.get("/theme", "PURGE", host="127.0.0.1:%d" % theme.port).must()
        status, _, said = s.run("cache", "purge", theme.url + "/theme",
                                "--cache", one.cache)
        s.equal(status, 0, said)
        s.until(lambda: theme.count("/theme") >= 1, "the purged theme")
        settle(1.5)
        s.equal(theme.count("/theme"), 1, "asked after a purge")
        s.clock.forward(1)

    # whoever is in charge is killed in the middle of asking: the other does it
    pids = {one.pid: one, two.pid: two}

    def in_charge():
        return one.value("SELECT pid FROM charge JOIN process "
                         "ON process.id = charge.process")
    before = version(one)
    theme.set("/theme", "hold=1")
    theme.zero()
    s.clock.forward(25)
    s.until(lambda: theme.count("/theme") == 1, "the asking")
    s.until(lambda: one.value("SELECT busy FROM charge"), "somebody at it")
    holder = pids[in_charge()]
    other = two if holder is one else one
    s.equal(version(other), before)
    holder.kill()
    theme.set("/theme", "max-age=20&etag=k&size=9999")
    theme.zero()
    began = time.monotonic()
    s.until(lambda: version(other) != before, "the other asks", 3)
    print("the other has it %.3f s after the end" % (
        time.monotonic() - began))
    s.equal(theme.count("/theme"), 1)
    theme.go()

    # a new one takes what is there, and goes on when the other ends
    third = s.livery(origin, theme, theme_options=rare).theme_is_live()
    s.equal(theme.count("/theme"), 1)
    s.equal(version(third), version(other))
    refreshed("m", other, third)
    other.term()
    refreshed("n", third)

    # a theme's host that is gone: one asks, all keep what they have
    fourth = s.livery(origin, theme).theme_is_live()
    theme.mode("fail")
    theme.zero()
    s.clock.forward(25)
    s.until(lambda: theme.count("/theme") >= 1, "the failure")
    settle(2.5)
    s.equal(theme.count("/theme"), 1, "asked of a host that fails")
    for livery in (third, fourth):
        livery.get("/page?max-age=600").must(200, themed=True)
