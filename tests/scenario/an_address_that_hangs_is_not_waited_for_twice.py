"""One address hangs or fails while all others of its upstream are well: who
comes second is served its stale copy at once, and so are those who ask for
other pages never; one request a back-off tries behind, and a good answer ends
it."""
from lib import Scenario

with Scenario() as s:
    origin = s.origin()
    livery = s.livery(origin, site={"stale_wait": "600ms"}, upstream_options={
        "back_off_min": "1s", "back_off_max": "4s"})
    pages = ["/p%d?max-age=10&sie=100000" % n for n in range(4)]
    for page in pages + ["/slow?max-age=10&sie=100000",
                         "/bad?max-age=10&sie=100000"]:
        livery.get(page).must(200)
    s.clock.forward(20)
    origin.set("/slow", "mode=hang")
    origin.set("/bad", "mode=fail")

    # ---- it hangs: the first waits, while others are answered
    waits = livery.connect()
    waits.ask("/slow?max-age=10&sie=100000")
    livery.get(pages[0]).must(200, cache="fwd=stale")
    first = waits.read().must(200, cache="stale")
    s.check(0.5 < first.seconds, "it waited %.3f s" % first.seconds)
    for _ in range(5):
        answer = livery.get("/slow?max-age=10&sie=100000").must(
            200, cache="detail=url-failing")
        s.bound("seconds for who comes second", answer.seconds, 0.3)
    # and the upstream is not said to be failing
    for page in pages[1:]:
        livery.get(page).must(200, cache="fwd=stale")
    asked = origin.count("/slow")
    s.check(asked <= 2, "asked %d times" % asked)

    # ---- it fails: once a back-off, not once a request
    livery.get("/bad?max-age=10&sie=100000").must(200)
    livery.get(pages[0]).must(200)
    for _ in range(20):
        livery.get("/bad?max-age=10&sie=100000").must(
            200, cache="detail=url-failing")
    s.equal(origin.count("/bad"), 2, "asked while it fails")
    s.clock.forward(2)
    livery.get("/bad?max-age=10&sie=100000").must(200)
    s.until(lambda: origin.count("/bad") == 3, "one try")
    for _ in range(5):
        livery.get("/bad?max-age=10&sie=100000").must(200)
    s.equal(origin.count("/bad"), 3, "asked within the longer back-off")

    # ---- a good answer ends it
    origin.set("/bad")
    s.clock.forward(10)
    livery.get("/bad?max-age=10&sie=100000").must(200)
    s.until(lambda: "hit; ttl=-" not in
            livery.get("/bad?max-age=10&sie=100000").cache, "a fresh answer")
