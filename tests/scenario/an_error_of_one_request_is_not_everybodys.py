"""An upstream that finds fault with how one client asked, and calls its answer
fresh: it is kept for those who ask so, and the others get their page."""
from lib import Scenario

with Scenario() as s:
    origin = s.origin()
    livery = s.livery(origin)
    odd = [("X-Strange", "1")]

    for status in (400, 403, 500, 501):
        path = "/page%d?max-age=60" % status
        origin.set("/page%d" % status, "status=%d&max-age=60" % status)
        livery.get(path, fields=odd).must(status)
        livery.get(path, fields=odd).must(status, cache="hit")
        livery.get(path, fields=[("X-Strange", "2")]).must(status, cache="hit")
        s.equal(origin.count("/page%d" % status), 1)
        origin.set("/page%d" % status)
        livery.get(path).must(200, cache="fwd=")
        livery.get(path).must(200, cache="hit")

    # What speaks of the address is for all.
    for status in (404, 410, 414):
        path = "/gone%d?max-age=60" % status
        origin.set("/gone%d" % status, "status=%d&max-age=60" % status)
        livery.get(path, fields=odd).must(status)
        livery.get(path).must(status, cache="hit")
        s.equal(origin.count("/gone%d" % status), 1)

    # Also after a restart, from the file.
    origin.set("/kept", "status=400&max-age=600")
    livery.get("/kept", fields=odd).must(400)
    livery.term()
    livery = livery.again()
    livery.get("/kept", fields=odd).must(400, cache="hit")
    s.equal(origin.count("/kept"), 1)
    origin.set("/kept")
    livery.get("/kept?").must(200)
    livery.get("/kept").must(200, cache="fwd=")
