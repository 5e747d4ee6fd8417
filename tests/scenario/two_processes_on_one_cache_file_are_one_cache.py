"""Two processes on one cache file: what one stores is the other's hit, what one
purges the other serves no more, all within a second; one that is killed leaves
the other as it is."""
import sqlite3
import time
from lib import Scenario

with Scenario() as s:
    origin = s.origin()
    one, two = s.livery(origin), s.livery(origin)
    s.equal(one.value("SELECT count(*) FROM processes"), 2)

    def within_a_second(look, what):
        began = time.monotonic()
        s.until(look, what, within=1)
        print("%s: after %.3f s" % (what, time.monotonic() - began))

    # a store
    one.get("/new?max-age=600").must(200, cache="uri-miss")
    within_a_second(lambda: one.value("SELECT count(*) FROM entries"),
                    "the store")
    two.get("/new?max-age=600").must(200, cache="hit")
    s.equal(origin.count("/new"), 1)

    # a newer one in the place of what the other has in memory
    origin.set("/page", "max-age=600&text=first")
    for livery in (one, two):
        livery.get("/page").must(200, has="first")
        livery.stored("/page")
    two.get("/page").must(200, has="first", cache="hit")
    origin.set("/page", "max-age=600&text=second")
    origin.zero()
    one.get("/page", fields={"Cache-Control": "no-cache"}).must(
        200, has="second")
    within_a_second(lambda: "second" in two.get("/page").must(
        200, cache="hit").text, "the newer page")
    s.equal(origin.count("/page"), 1)

    # purges of all kinds, of what the other has in memory
    target = "/p?max-age=600&etag=x&header=xkey:%20one"

    def fill():
        two.get(target).must(200)
        two.stored("/p?")
        s.until(lambda: "hit" in one.get(target).cache, "both to have it")
        two.get(target).must(200, cache="hit")
        origin.zero()

    def gone(what):
        def look():
            return "hit" not in two.get(target).must(200).cache
        within_a_second(look, "purged " + what)
        s.equal(origin.count("/p"), 1, "asked for")

    fill()
    one.get(target, "PURGE").must(200)
    gone("by path")
    fill()
    one.get("/", "PURGE", fields={"xkey": "one"}).must(200)
    gone("by tag")
    fill()
    one.get("/.*", "PURGE", fields={"X-Purge-Method": "regex"}).must(200)
    gone("by pattern")
    fill()
    s.equal(s.run("cache", "purge", "--all", "--cache", one.cache)[0], 0)
    gone("all of it")
    fill()
    one.get("/", "PURGE", fields={"xkey": "one", "X-Purge-Soft": "1"}).must(
        200)
    within_a_second(lambda: "fwd=stale" in two.get(target).must(200).cache,
                    "stale by a soft purge")

    # a third of another version is refused
    db = sqlite3.connect(one.cache, timeout=10)
    db.execute("PRAGMA user_version = 7")
    third = s.livery(origin)
    s.check("its version is 7, and this livery knows 1" in third.errors() and
            "another process uses it" in third.errors(), third.errors())
    third.get("/new?max-age=600").must(200, cache="uri-miss")
    third.term()
    db.execute("PRAGMA user_version = 1")
    db.close()

    # one is killed, comes back, and ends; the other is the better for none
    one.kill()
    two.get("/new2?max-age=600").must(200, cache="uri-miss")
    two.stored("/new2")
    one = one.again()
    one.get("/new2?max-age=600").must(200, cache="hit")
    s.equal(one.value("SELECT count(*) FROM processes"), 2)
    two.get("/new3?max-age=600").must(200, cache="uri-miss")
    two.stored("/new3")
    two.term()
    s.equal(one.value("SELECT count(*) FROM processes"), 1)
    one.get("/new3?max-age=600").must(200, cache="hit")
    s.equal(one.value("PRAGMA integrity_check"), "ok")
    s.equal(one.metrics()["store_failed_total"], 0)
