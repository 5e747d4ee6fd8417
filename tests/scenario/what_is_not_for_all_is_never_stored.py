"""Set-Cookie, private, no-store, Vary: *, unsafe methods and what was cut
short are never stored and never shared."""
from lib import Broken, Scenario

NEVER = ("max-age=60&cookie=1", "cc=private,max-age=60", "cc=no-store",
         "cc=no-store,max-age=60", "max-age=60&vary=*",
         "status=500", "x=nothing+said",
         "max-age=60&header=Set-Cookie:%20b=2",
         "cc=max-age=60,private=%22x%22")

with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    for livery in (s.livery(origin),
                   s.livery(origin, theme,
                            cache={"file": s.path("cache/2.db")})):
        origin.zero()
        for number, query in enumerate(NEVER):
            path = "/n%d" % number
            texts = {livery.get(path + "?" + query).text for _ in range(3)}
            s.equal(origin.count(path), 3, query)
            s.equal(len(texts), 3, "different answers to " + query)
            figures = s.crowd(livery, path + "?delay=100&" + query, "-n", 10)
            s.equal(figures["failed"], 0)
            if "status=500" not in query:
                s.equal(origin.count(path), 13, query + " in a crowd")
        # A part of what was asked for whole is nobody's answer.
        part = "/part?delay=100&status=206&max-age=60"
        for _ in range(3):
            livery.get(part).must(502)
        s.equal(origin.count("/part"), 3, "each asks anew for a part")
        figures = s.crowd(livery, part, "-n", 10)
        s.equal(figures["status"], {"502": 10}, figures)
        asked = origin.count("/part")
        s.check(asked > 3, "a crowd asks anew for a part")
        livery.get(part).must(502)
        s.equal(origin.count("/part"), asked + 1, "and who comes after it")
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            for _ in range(2):
                livery.get("/m?max-age=60", method, body=b"x").must(
                    200, cache="fwd=method")
        s.equal(origin.count("/m"), 8)
        for number, name in enumerate((
                "cl-short", "chunk-cut", "chunk-cut-last", "reset-body",
                "gzip-cut", "head-cut")):
            for _ in range(2):
                try:
                    livery.get("/bad/" + name)
                except Broken:
                    pass
            s.equal(origin.count("/bad/" + name), 2, name)
        # For others too, but not in this form: it was asked with a field
        # that they do not send.
        for path, name in (("/theirs", "Authorization"),
                           ("/keks", "Cookie")):
            target = "%s?cc=public,max-age=60&vary=%s" % (path, name)
            asks = {"Authorization": "Bearer mine"}
            if name == "Cookie":
                asks["Cookie"] = "_ga=mine"
            mine = livery.get(target, fields=asks).must(200)
            theirs = livery.get(target).must(200, cache="fwd=miss")
            s.equal(mine.text != theirs.text, True, "answers of " + target)
            s.equal(origin.count(path), 2, target)
            livery.get(target).must(200, cache="hit")
            s.equal(origin.count(path), 2, target)
        # A client's own no-store.
        livery.get("/own?max-age=60", fields={"Cache-Control": "no-store"})
        livery.get("/own?max-age=60").must(200, cache="uri-miss")
        livery.stored("/own")
        urls = [row["url"] for row in livery.rows(
            "SELECT url FROM entries WHERE kind = 'page'")]
        s.equal([url for url in urls if not any(
            path in url for path in ("/own", "/theirs", "/keks"))], [],
            "stored")
        livery.term()
