"""An upstream gets the fields that its `forwarding` names: Forwarded goes on
from a trusted proxy, with our word behind it, and begins with us for all
others; X-Forwarded-Port is what the client asked at. Where Forwarded and
X-Forwarded-For contradict each other nobody is believed, and it is counted."""
from lib import Scenario

with Scenario() as s:
    origin = s.origin()
    number = [0]

    def serve(upstream=None, **top):
        number[0] += 1
        return s.livery(origin, upstream_options=upstream or {}, top=top,
                        cache={"file": s.path("cache/%d.db" % number[0])})

    def told(livery, fields=(), target="/p", host="www.example.org"):
        livery.get("%s?%d&cc=no-store" % (target, len(fields)), host=host,
                   fields=fields).must(200)
        lines = [line.partition(": ") for line in
                 origin.last().replace("\r", "").splitlines()]
        return {name: value for name, _, value in lines
                if "orwarded" in name}

    every = ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto",
             "X-Forwarded-Port", "Forwarded"]
    # as ever
    livery = serve()
    s.equal(told(livery, {"Forwarded": "for=192.0.2.1",
                          "X-Forwarded-Proto": "https"}),
            {"X-Forwarded-For": "127.0.0.1",
             "X-Forwarded-Host": "www.example.org",
             "X-Forwarded-Proto": "https"})
    livery.term()
    livery = serve({"forwarding": "none"})
    s.equal(told(livery), {})
    livery.term()

    # all of them, from trusted peers
    livery = serve({"forwarding": every, "forwarded_by": "_front"})
    s.equal(told(livery, host="www.example.org:8080"), {
        "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Host": "www.example.org:8080",
        "X-Forwarded-Proto": "http", "X-Forwarded-Port": "8080",
        "Forwarded": "for=127.0.0.1;host=\"www.example.org:8080\""
                     ";proto=http;by=_front"})
    theirs = "for=\"[2001:db8::1]:4711\";proto=https, for=192.0.2.9"
    s.equal(told(livery, {"Forwarded": theirs})["Forwarded"], theirs +
            ", for=127.0.0.1;host=www.example.org;proto=http;by=_front")
    got = told(livery, {"X-Forwarded-For": "2001:db8::1, unknown",
                        "X-Forwarded-Proto": "https"})
    s.equal(got["Forwarded"], "for=\"[2001:db8::1]\", for=unknown, "
            "for=127.0.0.1;host=www.example.org;proto=https;by=_front")
    s.equal(got["X-Forwarded-Port"], "443")
    s.equal(told(livery, {"X-Forwarded-Port": "8443"})["X-Forwarded-Port"],
            "8443")
    # malformed: as though it were not there
    s.equal(livery.metrics()["forwarding_doubted_total"], 0)
    s.equal(told(livery, {"Forwarded": "for=192.0.2.1;for=192.0.2.2"})
            ["Forwarded"],
            "for=127.0.0.1;host=www.example.org;proto=http;by=_front")
    s.equal(livery.metrics()["forwarding_doubted_total"], 1)
    # the two contradict each other
    livery.get("/p", fields={"Forwarded": "for=203.0.113.1;proto=https",
                             "X-Forwarded-For": "198.51.100.7"}).must(200)
    s.equal(livery.metrics()["forwarding_doubted_total"], 2)

    def logged(client):
        with open(s.path("access.log"), encoding="utf-8") as log:
            return any(line.startswith(client + " ") for line in log)
    livery.get("/q", fields={"Forwarded": "for=192.0.2.77"}).must(200)
    s.until(lambda: logged("192.0.2.77"), "the log to name the client")
    s.check(not logged("203.0.113.1") and not logged("198.51.100.7"),
            "nobody is believed")
    livery.term()

    # from strangers
    livery = serve({"forwarding": every}, trusted_peers=["192.0.2.0/24"])
    s.equal(told(livery, {"Forwarded": theirs, "X-Forwarded-Port": "8443",
                          "X-Forwarded-For": "192.0.2.1"}), {
        "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Host": "www.example.org", "X-Forwarded-Proto": "http",
        "X-Forwarded-Port": "80",
        "Forwarded": "for=127.0.0.1;host=www.example.org;proto=http"})
    livery.term()

    # one port's answer is not another's, and no more answers than ports
    livery = serve({"forwarding": every})
    for port, cache in (("8443", "fwd"), ("8443", "hit"), ("9443", "fwd")):
        livery.get("/v?max-age=60&vary=X-Forwarded-Port", fields={
            "X-Forwarded-Port": port}).must(200, cache=cache)
    livery.term()

    # the host that a trusted peer tells
    livery = serve(trusted_host=True)
    s.equal(told(livery, {"X-Forwarded-Host": "Other.example:81"})
            ["X-Forwarded-Host"], "other.example:81")
    s.equal(told(livery, {"Forwarded": "host=\"other.example:82\""})
            ["X-Forwarded-Host"], "other.example:82")
    for fields in ({"X-Forwarded-Host": "a b"}, {"X-Forwarded-Host": "a, b"},
                   {"X-Forwarded-Host": "a", "Forwarded": "host=b"}):
        s.equal(told(livery, fields)["X-Forwarded-Host"], "www.example.org")
    livery.get("/h?max-age=60", fields={"X-Forwarded-Host": "other.example"}
               ).must(200, cache="fwd")
    livery.get("/h?max-age=60", host="other.example").must(200, cache="hit")
    livery.get("/h?max-age=60").must(200, cache="fwd")
    livery.term()

    # what its client said in the other is not passed on as its word
    both = {"X-Forwarded-For": "203.0.113.6",
            "Forwarded": "for=203.0.113.5"}
    for believed, client in (("x-forwarded", "203.0.113.6"),
                             ("forwarded", "203.0.113.5")):
        livery = serve({"forwarding": every}, trusted_fields=believed)
        got = told(livery, both)
        s.equal(got["X-Forwarded-For"], client + ", 127.0.0.1")
        s.check(got["Forwarded"].startswith(
            "for=%s, for=127.0.0.1;" % client), got["Forwarded"])
        livery.term()

    # proxies that write one of them only
    livery = serve(trusted_fields="x-forwarded")
    livery.get("/x", fields={"Forwarded": "for=203.0.113.5",
                             "X-Forwarded-For": "203.0.113.6"}).must(200)
    s.until(lambda: logged("203.0.113.6"), "the log to name the client")
    s.equal(livery.metrics()["forwarding_doubted_total"], 0)
