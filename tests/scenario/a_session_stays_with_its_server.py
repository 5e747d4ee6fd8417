"""Sessions by a cookie of livery's own, by the application's, by address: they
come back to their server, also while it drains; the cookie is never shared,
never sent on, and cannot be forged."""
from urllib.parse import quote

from lib import Scenario

with Scenario() as s:
    one, two = s.origin(), s.origin()

    def start(options):
        return s.livery(cache={"file": s.path("cache/%d.db" % s.count)},
                        more="""
            upstream main { servers = {"%s", "%s"}
                %s }
            site main { upstream = main }""" % (one.url, two.url, options))

    livery = start("session = insert")

    def asks(fields, count=6):
        """How often each server was asked."""
        one.zero()
        two.zero()
        for i in range(count):
            livery.get("/x%d" % i, fields=fields).must(200)
        return one.count(), two.count()

    # one whom nobody knows: pages that are shared bring no cookie
    answer = livery.get("/shared?max-age=60")
    s.check(answer.get("Set-Cookie") is None, "no cookie on what is shared")
    # a log-in does
    answer = livery.get("/login", "POST", body=b"me").must(200)
    cookie = answer.get("Set-Cookie")
    s.check("; Path=/; HttpOnly; SameSite=Lax" in cookie and
            cookie.startswith("livery_server="), cookie)
    s.equal(answer.get("Cache-Control"), "private")
    # no cache that others use keeps it, whatever it may keep without a field
    for said, wanted in (("no-cache", True), ('private="X-A"', True),
                         ("private", False), ("no-store", False)):
        answer = livery.get("/login?cc=" + quote(said), "POST", body=b"me")
        s.equal(answer.all("Cache-Control")[-1] == "private" and
                answer.all("Cache-Control") != [said], wanted, said)
    name = cookie.partition(";")[0]
    mine = {"Cookie": "__ac=me; %s; b=c" % name}
    counts = asks(mine)
    s.check(sorted(counts) == [0, 6], "%d and %d" % counts)
    first = one if counts[0] else two
    other = two if first is one else one
    s.check("Cookie: __ac=me; b=c\r\n" in first.last(), first.last())
    s.check(livery.get("/x", fields=mine).get("Set-Cookie") is None,
            "it is there already")
    # an answer that begins a session of the application's
    s.equal(len(livery.get("/hello?cookie=a").all("Set-Cookie")), 2)
    # our cookie alone makes nothing unshared, and is not sent
    livery.get("/shared?max-age=60", fields={"Cookie": name}).must(
        200, cache="hit")
    livery.get("/post", "POST", body=b"x", fields={"Cookie": name})
    s.check("Cookie:" not in first.last(), first.last())
    # a forged one counts for nothing
    forged = name[:-1] + ("0" if name[-1] != "0" else "1")
    for bad in (forged, "livery_server=", "livery_server=" + "a" * 49, name +
                "x"):
        counts = asks({"Cookie": "__ac=me; " + bad})
        s.equal(counts, (3, 3), bad)

    # it drains: old sessions go on, new ones go elsewhere
    def order(word):
        livery.ask_admin("/servers/order?upstream=main&order=%s&server=%s" %
                         (word, first.url), method="POST").must(200)
    order("drain")
    counts = asks(mine)
    s.equal(counts[0 if first is one else 1], 6, "of its sessions")
    counts = asks({"Cookie": "__ac=you"})
    s.equal(counts[0 if first is one else 1], 0, "of new ones")
    # it is out: the session goes elsewhere, and is told so
    order("out")
    again = livery.get("/x", fields=mine).must(200).get("Set-Cookie")
    s.check(again and again.partition(";")[0] != name, "a new server")
    livery.end()
    # another livery without the secret does not believe it; with one it does
    livery = start("session = insert")
    s.equal(asks(mine), (3, 3), "of another livery's")
    livery.end()
    secret = 'session = insert session_secret = "0123456789abcdef"'.replace(
        " session_s", "\n session_s")
    livery = start(secret)
    cookie = livery.get("/login", "POST", body=b"me").get("Set-Cookie")
    livery.end()
    livery = start(secret)
    counts = asks({"Cookie": "__ac=me; " + cookie.partition(";")[0]})
    s.check(sorted(counts) == [0, 6], "%d and %d" % counts)
    livery.end()

    # by the application's own cookie
    livery = start("session = hash\n session_cookie = __ac")
    seen = set()
    for i in range(12):
        counts = asks({"Cookie": "__ac=user%d" % i}, 3)
        s.check(sorted(counts) == [0, 3], "%d and %d" % counts)
        seen.add(counts)
    s.equal(len(seen), 2, "servers of twelve users")
    s.check(livery.get("/p", "POST", body=b"x").get("Set-Cookie") is None,
            "no cookie of ours")
    livery.end()
    # by address
    livery = start("session = client")
    s.check(sorted(asks({"Cookie": "__ac=me"})) == [0, 6], "by address")
