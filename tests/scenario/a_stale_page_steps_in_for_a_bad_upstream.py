"""The upstream is slow, refuses, resets (in the body too), answers 503 or has
no address: the stored page comes, stale, marked so, and from the second time on
without any wait."""
import concurrent.futures
from lib import Scenario

# Those first that take long.
TROUBLES = ("mode=hang", "toxic hang=1", "mode=fail", "mode=reset",
            "toxic refuse=1", "toxic reset=400", "toxic cut=400")

with Scenario() as s:
    def page_of(turn):
        """A page that is dressed and stored: its origin, the way there, the
        livery, and the answer."""
        origin, theme = s.origin(), s.origin()
        way = s.toxic(origin)
        livery = s.livery(
            way, theme, cache={"file": s.path("cache", "%d.db" % turn)},
            upstream_options={"first_byte_timeout": "5s",
                              "back_off_min": "20s"},
            site={"stale_wait": "300ms"})
        livery.theme_is_live()
        good = livery.get("/p?max-age=60&size=5000").must(200, themed=True)
        return origin, way, livery, good

    def play(trouble, origin, way, livery, good):
        if trouble.startswith("toxic"):
            way.be(trouble[6:] + " break=1")
        else:
            origin.set("*", trouble)
        first = livery.get("/p?max-age=60&size=5000").must(
            200, themed=True, has="Page /p", within=1)
        s.equal(first.body, good.body, trouble)
        s.check(int(first.get("Age")) >= 100, first.head)
        s.check("detail=" in first.cache or "hit" in first.cache,
                first.cache)
        # Whatever the first one waited for, the others do not.
        s.until(lambda: "ttl=-" in livery.get(
            "/p?max-age=60&size=5000").must(200, themed=True).cache,
                "a hit while it fails: " + trouble, within=8)
        for _ in range(3):
            again = livery.get("/p?max-age=60&size=5000").must(
                200, cache="hit; ttl=-", themed=True, within=0.1)
            s.equal(again.body, good.body, trouble)
        # And it is told, an error of the upstream's own too.
        s.until(lambda: livery.value(
            "SELECT count(*) FROM problems WHERE url LIKE '%/p?%' "
            "AND instead = 'the stored copy' AND (reason LIKE 'status 5__') "
            "= " + str(int(trouble == "mode=fail"))),
                "a problem: " + trouble)
        # What was never seen gets an error page, themed.
        error = livery.get("/never").must((502, 503, 504), themed=True,
                                          within=6)
        if trouble != "mode=fail":  # that one is the upstream's own
            s.equal(error.get("Cache-Control"), "no-store")
        livery.term()

    pages = [page_of(turn) for turn in range(len(TROUBLES))]
    s.clock.forward(100)
    # Two that hang do so beside the others.
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        for told in [pool.submit(play, trouble, *page)
                     for trouble, page in zip(TROUBLES, pages)]:
            told.result()
