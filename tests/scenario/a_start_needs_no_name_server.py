"""Names that nobody can resolve, at the start and later: livery starts, serves
what it has stored (stale where it must), and other sites, and the pages of the
dead one are errors soon."""
from lib import Scenario

DEAD = "http://cms.invalid"

with Scenario() as s:
    origin = s.origin()
    more = """
upstream other { url = "%s" }
site other { hosts = { "other.example" } upstream = other }
""" % origin.url
    options = dict(more=more, fetch={"resolve_timeout": "500ms"},
                   upstream_options={"back_off_min": "1ms"})
    livery = s.livery(origin, **options)
    livery.get("/p?max-age=10").must(200)
    livery.get("/long?max-age=90000").must(200)
    livery.stored("/long")
    livery.stored("/p?")
    livery.term()

    # The name is gone, and was never known to this file.
    livery = s.livery(DEAD, **options)
    livery.get("/w", host="other.example").must(200, within=0.3)
    livery.get("/long?max-age=90000").must(200, cache="hit", within=0.3)
    s.clock.forward(20)
    livery.get("/p?max-age=10").must(200, has="Page /p", within=2)
    for n in range(3):
        livery.get("/p?max-age=10").must(200, cache="hit; ttl=-",
                                         has="Page /p", within=0.2)
        livery.get("/never%d" % n).must((502, 504), within=2)
        livery.get("/w%d" % n, host="other.example").must(200, within=0.3)
    livery.problem("dns")
    # A configuration that names it is no mistake.
    status, out, err = s.run("check", "--offline", "-c", s.path(
        "livery.conf"))
    s.check(status == 0, out + err)
    livery.term()
