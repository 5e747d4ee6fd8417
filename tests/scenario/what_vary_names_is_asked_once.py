"""An answer that varies on a field that livery sets, drops or never passes on
is asked for once, stored, and found again; one that varies on the client's own
field has a copy for each value."""
from lib import Scenario

OURS = ("X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-For", "Via",
        "Cache-Control", "X-Forwarded-Port", "Host", "Cookie",
        "Accept-Encoding")

with Scenario() as s:
    origin = s.origin()
    livery = s.livery(origin)
    for number, name in enumerate(OURS):
        path = "/v%d" % number
        target = "%s?max-age=60&vary=%s" % (path, name)
        for _ in range(3):
            livery.get(target, fields={
                "X-Forwarded-Port": "1", "Cache-Control": "max-age=100",
                "Cookie": "_ga=1"}).must(200)
        s.equal(origin.count(path), 1, "asked for Vary: " + name)
    listed = {"Connection": "accept-language", "Accept-Language": "de"}
    for _ in range(2):
        livery.get("/l?max-age=60&vary=Accept-Language", fields=listed)
    s.equal(origin.count("/l"), 1, "a field that Connection lists")
    for language in ("de", "fr", "de", "fr"):
        livery.get("/own?max-age=60&vary=Accept-Language",
                   fields={"Accept-Language": language}).must(200)
    s.equal(origin.count("/own"), 2, "one for each language")
