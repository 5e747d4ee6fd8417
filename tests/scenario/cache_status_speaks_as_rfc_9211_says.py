"""Cache-Status on each way an answer can come: a list of one member, with the
parameters that RFC 9211 defines, the right ones together, and `detail` only
for those who are allowed."""
import re
from lib import Scenario

FWD = {"bypass", "method", "uri-miss", "vary-miss", "miss", "request",
       "stale", "partial"}


def parse(s, answer):
    """The parameters of a structured field's only member (RFC 8941)."""
    values = answer.all("Cache-Status")
    s.equal(len(values), 1, answer.fields)
    name, *rest = [part.strip() for part in values[0].split(";")]
    s.equal(name, "livery")
    found = {}
    for part in rest:
        key, eq, value = part.partition("=")
        s.check(re.fullmatch(r"[a-z*][a-z0-9_.*-]*", key), values[0])
        s.check(key not in found, values[0])
        if key in ("ttl", "fwd-status"):
            s.check(re.fullmatch(r"-?[0-9]{1,15}", value), values[0])
        elif eq:
            s.check(re.fullmatch(r"[A-Za-z*][!#$%&'*+.^_`|~:/0-9A-Za-z-]*",
                                 value) or
                    re.fullmatch(r'"[ !#-\[\]-~]*"', value), values[0])
        found[key] = value if eq else True
    # 2: hit and fwd exclude each other; what goes with fwd needs it.
    s.check(("hit" in found) != ("fwd" in found), values[0])
    if "fwd" in found:
        s.check(found["fwd"] in FWD, values[0])
    for key in ("fwd-status", "stored", "collapsed"):
        s.check(key not in found or "fwd" in found, values[0])
    return found


with Scenario() as s:
    origin = s.origin()
    livery = s.livery(origin, upstream_options={"back_off_min": "1ms"})

    def ask(target, method="GET", fields=(), **more):
        return parse(s, livery.get(target, method, fields=fields, **more))

    got = ask("/a?max-age=60")
    s.equal((got["fwd"], got["fwd-status"]), ("uri-miss", "200"), got)
    got = ask("/a?max-age=60")
    s.check(got.get("hit") and 55 <= int(got["ttl"]) <= 60, got)
    got = ask("/a?max-age=60", "HEAD")
    s.check(got.get("hit"), got)
    got = ask("/b?cc=no-store")
    s.equal((got["fwd"], got.get("stored")), ("uri-miss", None), got)
    got = ask("/echo", "POST", body=b"x")
    s.equal((got["fwd"], got.get("stored")), ("method", None), got)
    got = ask("/a?max-age=60", fields={"Cookie": "session=1"})
    s.equal((got["fwd"], got["detail"], got.get("stored")),
            ("bypass", "cookie", None), got)
    got = ask("/a?max-age=60", fields={"Authorization": "Basic eDp5"})
    s.equal((got["fwd"], got["detail"]), ("bypass", "authorization"), got)
    # another variant of what is there
    ask("/v?max-age=60&vary=Accept-Language",
        fields={"Accept-Language": "de"})
    got = ask("/v?max-age=60&vary=Accept-Language",
              fields={"Accept-Language": "fr"})
    s.equal(got["fwd"], "vary-miss", got)
    got = ask("/v?max-age=60&vary=Accept-Language",
              fields={"Accept-Language": "de"})
    s.check(got.get("hit"), got)
    # fresh, but the client wants it newer, and may
    got = ask("/a?max-age=60", fields={"Cache-Control": "no-cache"})
    s.equal((got["fwd"], got["fwd-status"]), ("request", "200"), got)
    # ours comes behind what caches before us said
    for _ in range(2):
        answer = livery.get("/before?max-age=60&header=Cache-Status:"
                            "%20other;hit").must(200)
        said = ", ".join(answer.all("Cache-Status"))
        s.check(re.match("other;hit, livery; ", said), said)
    # a revalidation that the upstream answers with 304, and with 200
    ask("/e?max-age=10&etag=a")
    s.clock.forward(20)
    got = ask("/e?max-age=10&etag=a")
    s.equal((got["fwd"], got["fwd-status"]), ("stale", "304"), got)
    ask("/f?max-age=10")
    s.clock.forward(20)
    got = ask("/f?max-age=10")
    s.equal((got["fwd"], got["fwd-status"]), ("stale", "200"), got)
    # stale by permission, refreshed behind
    ask("/g?max-age=10&swr=1000")
    s.clock.forward(20)
    got = ask("/g?max-age=10&swr=1000")
    s.check(got.get("hit") and int(got["ttl"]) < 0, got)
    # stale since the upstream fails: asked in vain, and not asked at all
    ask("/h?max-age=10&sie=1000")
    s.clock.forward(20)
    origin.set("/h", "status=503")
    got = ask("/h?max-age=10&sie=1000")
    s.check(got.get("hit") or got["fwd"] == "stale", got)
    s.check(got.get("fwd-status") in (None, "503"), got)
    # a crowd: one asks, the others are collapsed into it
    clients = [livery.connect() for _ in range(5)]
    for client in clients:
        client.ask("/together?max-age=60&delay=400")
    said = [parse(s, client.read()) for client in clients]
    s.equal(sum("collapsed" in one for one in said), 4, said)
    s.check(all(one["fwd"] == "uri-miss" for one in said), said)
    # errors of our own: nothing was forwarded, or nothing came back
    origin.set("/broken", "mode=reset")
    got = ask("/broken")
    s.check(got["fwd"] == "uri-miss" and "fwd-status" not in got, got)
    answer = livery.get("/a?never", fields={
        "Cache-Control": "only-if-cached"}).must(504)
    s.equal(answer.all("Cache-Status"), [], "made up by us (section 2)")
    # detail goes to allowed clients only
    answer = livery.get("/a?max-age=60", fields={
        "Cookie": "session=1", "X-Forwarded-For": "192.0.2.1"})
    got = parse(s, answer)
    s.equal((got["fwd"], got.get("detail")), ("bypass", None), got)
