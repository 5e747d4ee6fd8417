"""What of a query counts for the key is the site's to say; the upstream is sent
what the client sent. Whatever else could make one client's answer another's is
dropped, or keeps it from being shared."""
from lib import Scenario

with Scenario() as s:
    origin = s.origin()

    # ---- as it is: every byte counts
    livery = s.livery(origin)
    for query in ("a=1&b=2", "b=2&a=1", "a=1;b=2", "a=1&b=2&utm_source=x",
                  "a=1&b=2&", "a=1&b=2&fbclid=1"):
        livery.get("/plain?max-age=60&" + query).must(200, cache="uri-miss")
    livery.term()

    # ---- sorted, and without what scripts are for
    livery = s.livery(origin, cache={"file": s.path("cache", "2.db")}, site={
        "sort_query": True, "ignore_params": ["utm_*", "fbclid", "gclid"]})
    livery.get("/p?b=2&max-age=60&a=1&utm_source=x").must(
        200, cache="uri-miss")
    s.check("/p?b=2&max-age=60&a=1&utm_source=x " in origin.last("/p"),
            "sent as the client sent it")
    for query in ("a=1&b=2&max-age=60", "max-age=60&fbclid=9&b=2&a=1",
                  "utm_=&a=1&b=2&max-age=60&gclid"):
        livery.get("/p?" + query).must(200, cache="hit")
    livery.stored("/p?a=1&b=2&max-age=60")
    # what is another is another: no decoding, no ";", no sorting of values
    for query in ("a=1&b=2&max-age=60&x", "a=1&b=2;utm_source=x&max-age=60",
                  "a=1&b=2&utm%5Fsource=x&max-age=60",
                  "a=1&b=2&max-age=60&fbclidx=1", "a=1&b=2&max-age=60&a=2",
                  "a=2&a=1&b=2&max-age=60", "A=1&b=2&max-age=60"):
        livery.get("/p?" + query).must(200, cache="uri-miss")
    livery.get("/q?utm_source=x&utm_term=y").must(200)
    # a purge by address means the same key
    livery.get("/p?a=1&b=2&max-age=60").must(200, cache="hit")
    livery.stored("/p?a=1&b=2&max-age=60")
    why = s.run("cache", "why", "--cache", livery.cache,
                "http://www.example.org/p?b=2&a=1&max-age=60&fbclid=7")
    s.check(why[0] == 0 and "fresh" in why[1], why)
    status, said, _ = s.run("cache", "purge", "--cache", livery.cache,
                            "http://www.example.org/p?max-age=60&b=2&a=1"
                            "&utm_source=z")
    s.equal(status, 0, said)
    s.until(lambda: "uri-miss" in livery.get(
        "/p?a=1&b=2&max-age=60").cache, "the purge of another process")
    livery.get("/p?a=1&b=2&max-age=60&gclid=1", "PURGE").must(200)
    livery.get("/p?a=1&b=2&max-age=60").must(200, cache="uri-miss")
    livery.get("/p?a=1&b=2&max-age=60").must(200, cache="hit")
    # so does what a form made void
    livery.get("/p?b=2&a=1&max-age=60", "POST", body=b"x").must(200)
    livery.get("/p?a=1&b=2&max-age=60").must(200, cache="uri-miss")

    # ---- fields that are not in the key and change what many answer
    for name in ("X-Forwarded-Scheme", "X-Original-URL", "X-Rewrite-URL",
                 "X-HTTP-Method-Override", "X-Forwarded-Port", "X-Host",
                 "X_Forwarded_Host", "X-Forwarded-Prefix"):
        livery.get("/poison?max-age=60&" + name, fields={
            name: "evil.example", "X-Forwarded-For": "192.0.2.1, 192.0.2.2"})
    livery.term()
    livery = s.livery(origin, cache={"file": s.path("cache", "3.db")},
                      top={"trusted_peers": ["192.0.2.9"]})
    for name in ("X-Forwarded-Scheme", "X-Original-URL", "X-Rewrite-URL",
                 "X-HTTP-Method-Override", "X-Forwarded-Port", "X-Host",
                 "X_Forwarded_Host", "X-Forwarded-Prefix", "Forwarded",
                 "X-Forwarded-Host", "X-Forwarded-Server"):
        livery.get("/poison?max-age=60&" + name, fields={
            name: "evil.example"}).must(200)
        sent = origin.last("/poison").partition("\r\n")[2]
        s.check("evil" not in sent, name + " reached the upstream: " + sent)

    # ---- a stylesheet's name makes nothing cacheable
    for target in ("/account/x.css", "/account/logo.png?a",
                   "/account;x.js"):
        own = {"Cookie": "session=alice"}
        livery.get(target, fields=own).must(200, cache="bypass")
        livery.get(target).must(200, cache="uri-miss")
        livery.get(target).must(200, cache="uri-miss")
    livery.get("/account/private.css?cc=private").must(200)
    livery.get("/account/private.css?cc=private").must(200, cache="uri-miss")
